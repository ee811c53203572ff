//! Splines: pieces of polynomials that join smoothly at knots, whose number the table decides.
//!
//! The pieces are truncated powers, max(x − knot, 0)^d, so that the formula can be read; the wide arithmetic of the
//! solver carries their bad conditioning (the space is that of B-splines; de Boor 1978).

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::Report;
use crate::fit::{Fit, fit};
use crate::inference::criteria;
use crate::model::Model;
use crate::options::{Basis, Options};
use crate::table::Table;
use crate::term::{Term, Transform};

/// At most so many knots are tried per input.
const MOST: usize = 12;
/// Different values that each knot needs.
const PER_KNOT: usize = 4;

/// A spline and where its knots are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplineFit {
    /// The knots of each input, growing.
    pub knots: Vec<Vec<f64>>,
    /// The fit. Where the number of knots was chosen, its p-values do not know of the choice.
    pub fit: Fit,
}

/// Fits a sum of splines, one per input, with knots at quantiles of the input's different values.
///
/// `knots` is how many each input gets; `None` chooses the number, the same for all, by Schwarz's criterion.
///
/// # Errors
///
/// As for the fit; a degree outside 1 to 5; more than 50 knots.
pub fn fit_spline(
    table: &Table,
    options: &Options,
    degree: u32,
    knots: Option<usize>,
) -> Result<Report<SplineFit>, Error> {
    if !(1..=5).contains(&degree) {
        return Err(Error::BadOption { option: "degree", value: f64::from(degree), range: "1 to 5" });
    }
    if let Some(count) = knots.filter(|&count| count > 50) {
        return Err(Error::BadOption { option: "knots", value: count as f64, range: "0 to 50" });
    }
    let positions = options.positions(table.names())?;
    let values: Vec<Vec<f64>> = positions.iter().map(|&at| different(&table.columns()[at])).collect();
    let of = |count: usize| -> Vec<Vec<f64>> { values.iter().map(|values| places(values, count)).collect() };
    let with = |knots: &[Vec<f64>]| Options { basis: basis(degree, knots), ..options.clone() };
    let chosen = match knots {
        Some(count) => of(count),
        None => choose(table, &of, &with, &values)?,
    };
    let report = fit(table, &with(&chosen))?;
    Ok(Report { value: SplineFit { knots: chosen, fit: report.value }, findings: report.findings })
}

/// The number of knots with the least criterion; the fewest on a tie.
fn choose(
    table: &Table,
    of: &impl Fn(usize) -> Vec<Vec<f64>>,
    with: &impl Fn(&[Vec<f64>]) -> Options,
    values: &[Vec<f64>],
) -> Result<Vec<Vec<f64>>, Error> {
    let most = values.iter().map(|values| values.len() / PER_KNOT).max().unwrap_or(0).min(MOST);
    let mut best = (f64::INFINITY, of(0));
    for count in 0..=most {
        let knots = of(count);
        let model = match Model::new(table, &with(&knots)) {
            Ok(model) => model,
            Err(Error::TooFewRows { .. }) if count > 0 => break,
            Err(error) => return Err(error),
        };
        if model.summary.dof() < 2 && count > 0 {
            break;
        }
        let bic = criteria(&model.summary).map_or(f64::NEG_INFINITY, |criteria| criteria.bic);
        if bic < best.0 {
            best = (bic, knots);
        }
        // No more knots can better a fit without residuals.
        if model.summary.residual_squares() <= model.summary.noise {
            break;
        }
    }
    Ok(best.1)
}

/// The different values, growing.
fn different(column: &[f64]) -> Vec<f64> {
    let mut values = column.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    values
}

/// Knots that part the values into pieces of equal numbers.
fn places(values: &[f64], count: usize) -> Vec<f64> {
    let last = values.len().saturating_sub(1);
    let place = |knot: usize| {
        let at = (knot + 1) as f64 * last as f64 / (count + 1) as f64;
        let (low, part) = (at.floor() as usize, at.fract());
        values[low] + part * (values[(low + 1).min(last)] - values[low])
    };
    let mut knots: Vec<f64> = (0..count).map(place).collect();
    knots.dedup();
    knots.retain(|knot| Some(knot) > values.first() && Some(knot) < values.last());
    knots
}

fn basis(degree: u32, knots: &[Vec<f64>]) -> Basis {
    let terms = knots.iter().enumerate().flat_map(|(input, knots)| {
        let powers = (1..=degree as i32).map(move |exponent| Term::power(input, exponent));
        let pieces = knots.iter().map(move |&knot| Term::of(input, Transform::Hinge { knot, degree }));
        powers.chain(pieces)
    });
    Basis::Terms(terms.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knots_part_the_different_values_evenly() {
        assert_eq!(places(&different(&[4.0, 0.0, 1.0, 2.0, 3.0, 2.0]), 3), [1.0, 2.0, 3.0]);
        assert_eq!(places(&[1.0, 1.5], 1), [1.25]);
        assert!(places(&[1.0], 3).is_empty());
    }
}
