//! How often the choice would be the same with other rows of the same kind: the rows are drawn anew with replacement
//! (Efron 1979), every formula of the front is fitted to them again, and the choice is made again.

use crate::choose::choose;
use crate::error::Error;
use crate::front::{Judge, Member};
use crate::options::Options;
use crate::polish::Polisher;
use crate::report::Outcome;
use crate::rng::Rng;
use crate::table::Table;

/// For every member of the front the share of resamples in which it would have been chosen. `go_on` is asked before each;
/// after a no the shares are those of the resamples drawn so far.
///
/// ```
/// use symreg::{Control, Options, Table, choice_shares, search};
/// let x: Vec<f64> = (0..30).map(|i| 0.1 * f64::from(i)).collect();
/// let y = x.iter().map(|x| 2.0 * x + 1.0 + 0.01 * (40.0 * x).sin()).collect();
/// let table = Table::new(vec!["x".into()], vec![x], "y".into(), y)?;
/// let options = Options { max_evaluations: 2_000, ..Options::default() };
/// let outcome = search(&table, &options, None, &mut |_| Control::Continue)?.value;
/// let shares = choice_shares(&table, &options, &outcome, 50, &mut || true)?;
/// assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn choice_shares(
    table: &Table,
    options: &Options,
    outcome: &Outcome,
    resamples: usize,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<f64>, Error> {
    let mut wins = vec![0_usize; outcome.front.len()];
    let mut chosen = 0;
    for turn in 0..resamples {
        if !go_on() {
            break;
        }
        let mut rng = Rng::stream(options.seed, turn as u64, u64::MAX);
        let mut weights = vec![0.0; table.rows()];
        for _ in 0..table.rows() {
            let row = rng.below(table.rows());
            weights[row] += table.weights().map_or(1.0, |weights| weights[row]);
        }
        let Ok(drawn) = table.clone().with_weights(weights) else { continue };
        let judge = Judge::new(&drawn, options)?;
        let polisher = Polisher::new(&drawn);
        let again = |(index, member): (usize, &Member)| {
            let fitted = polisher.fitted(&member.expr.root, &mut || true)?;
            Some((index, judge.measured(&fitted)?))
        };
        let (indices, members): (Vec<usize>, Vec<Member>) =
            outcome.front.iter().enumerate().filter_map(again).unzip();
        if let Some(at) = choose(&members) {
            wins[indices[at]] += 1;
            chosen += 1;
        }
    }
    Ok(wins.into_iter().map(|wins| wins as f64 / f64::from(chosen.max(1))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Control;

    #[test]
    fn a_clear_law_wins_nearly_always() {
        let mut rng = Rng::stream(5, 0, 0);
        let x: Vec<f64> = (0..60).map(|i| 0.1 * f64::from(i)).collect();
        let y = x.iter().map(|x| 3.0 * x * x + 1.0 + 0.1 * rng.normal()).collect();
        let table = Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap();
        let options = Options { max_evaluations: 3_000, ..Options::default() };
        let outcome = crate::search(&table, &options, None, &mut |_| Control::Continue).unwrap().value;
        let shares = choice_shares(&table, &options, &outcome, 40, &mut || true).unwrap();
        assert!(shares[outcome.chosen.unwrap()] > 0.6, "{shares:?} {outcome:?}");
    }
}
