//! Standard errors and intervals without any assumption about the scatter: the fit is repeated on resampled rows.
//!
//! Rows are drawn with replacement (the bootstrap by pairs; Efron 1979); the intervals are corrected for bias and for
//! an error that changes with the coefficient (`BCa`; Efron 1987), with the jackknife in closed form.

use serde::{Deserialize, Serialize};

use crate::distribution::{normal_two_sided, normal_two_sided_quantile};
use crate::error::Error;
use crate::finding::{Finding, Report, Severity};
use crate::model::Model;
use crate::options::Options;
use crate::random::SplitMix;
use crate::real::Real;
use crate::table::Table;

/// Fewer resamples give no useful interval.
const FEWEST: usize = 100;
const MOST: usize = 1_000_000;

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resampling {
    /// How often the fit is repeated.
    pub resamples: usize,
    /// The seed of all chance.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { resamples: 2000, seed: 1 }
    }
}

/// A coefficient as resampling sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResampledCoefficient {
    /// The term as written.
    pub term: String,
    /// The estimate from the table itself.
    pub value: f64,
    /// The standard deviation over the resamples.
    pub std_error: f64,
    /// The lower end of the interval; `None` where all resamples lie on one side of the estimate.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// Repeats the fit on resampled rows.
///
/// Resamples in which the rows cannot tell the terms apart are left out and counted in a finding.
///
/// # Errors
///
/// As for the fit; resamples outside 100 to a million; no row beyond the coefficients.
pub fn bootstrap(
    table: &Table,
    options: &Options,
    resampling: Resampling,
) -> Result<Report<Vec<ResampledCoefficient>>, Error> {
    let Resampling { resamples, seed } = resampling;
    if !(FEWEST..=MOST).contains(&resamples) {
        let value = resamples as f64;
        return Err(Error::BadOption { option: "resamples", value, range: "100 to 1000000" });
    }
    let model = Model::new(table, options)?;
    let (rows, width) = (model.summary.rows(), model.summary.width());
    if model.summary.dof() == 0 {
        return Err(Error::TooFewRows { rows, coefficients: width + 1 });
    }
    let unit = Unit::of(&model);
    let mut random = SplitMix(seed);
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(resamples); width];
    let mut counts = vec![0.0; rows];
    for _ in 0..resamples {
        counts.fill(0.0);
        (0..rows).for_each(|_| counts[random.below(rows)] += 1.0);
        if let Some(shift) = unit.shift(&counts) {
            drawn.iter_mut().zip(unit.in_terms(&shift)).for_each(|(all, one)| all.push(one));
        }
    }
    let left_out = resamples - drawn[0].len();
    let mut findings = Vec::new();
    if left_out > 0 {
        let finding = Finding::new("resamples_left_out", Severity::Info).with("count", left_out);
        findings.push(finding.with("resamples", resamples));
    }
    let jackknife = unit.jackknife();
    let value = (0..width)
        .map(|at| {
            let value = model.summary.solution.coefficients[at].hi();
            let (std_error, interval) = describe(&mut drawn[at], &jackknife[at], options.confidence);
            ResampledCoefficient {
                term: model.summary.term(at).text(&model.summary.inputs),
                value,
                std_error,
                low: interval.map(|(low, _)| value + low),
                high: interval.map(|(_, high)| value + high),
            }
        })
        .collect();
    Ok(Report { value, findings })
}

/// The problem in coordinates in which `XᵀX` is the unit matrix, so that resamples are well-conditioned too.
struct Unit<'a> {
    model: &'a Model<'a>,
    places: Vec<Vec<f64>>,
    errors: Vec<f64>,
}

impl<'a> Unit<'a> {
    fn of(model: &'a Model<'a>) -> Self {
        let rows = 0..model.summary.rows();
        let error = |row: usize| model.residuals[row] * model.design.root(row).hi();
        Self {
            model,
            places: rows.clone().map(|row| model.projected(row)).collect(),
            errors: rows.map(error).collect(),
        }
    }

    /// By how much the solution moves when row r counts `counts[r]` times; `None` if that has no one solution.
    fn shift(&self, counts: &[f64]) -> Option<Vec<f64>> {
        let width = self.places[0].len();
        let mut lower = vec![vec![0.0; width]; width];
        let mut right = vec![0.0; width];
        for ((place, error), &count) in self.places.iter().zip(&self.errors).zip(counts) {
            if count > 0.0 {
                for (line, &part) in lower.iter_mut().zip(place) {
                    f64::subtract_multiple(line, -count * part, place);
                }
                f64::subtract_multiple(&mut right, -count * error, place);
            }
        }
        solve_symmetric(&mut lower, right)
    }

    /// A shift in the coefficients of the terms.
    fn in_terms(&self, shift: &[f64]) -> impl Iterator<Item = f64> {
        self.model.summary.solution.root.iter().map(move |row| f64::dot(row, shift))
    }

    /// By how much each coefficient moves without each row: −W·Wᵀx·e/(1 − h).
    fn jackknife(&self) -> Vec<Vec<f64>> {
        let mut moves = vec![Vec::with_capacity(self.errors.len()); self.places[0].len()];
        for (place, error) in self.places.iter().zip(&self.errors) {
            let free = (1.0 - f64::dot(place, place)).max(f64::EPSILON);
            let shift: Vec<f64> = place.iter().map(|part| -part * error / free).collect();
            moves.iter_mut().zip(self.in_terms(&shift)).for_each(|(all, one)| all.push(one));
        }
        moves
    }
}

/// Solves A·x = b by Cholesky; `None` where A is not safely positive.
fn solve_symmetric(a: &mut [Vec<f64>], mut b: Vec<f64>) -> Option<Vec<f64>> {
    const SINGULAR: f64 = 1e-10;
    for row in 0..b.len() {
        let (above, rest) = a.split_at_mut(row);
        let line = &mut rest[0];
        for (column, other) in above.iter().enumerate() {
            line[column] = (line[column] - f64::dot(&line[..column], &other[..column])) / other[column];
        }
        let square = line[row] - f64::dot(&line[..row], &line[..row]);
        if square.is_nan() || square < SINGULAR {
            return None;
        }
        line[row] = square.sqrt();
        b[row] = (b[row] - f64::dot(&line[..row], &b[..row])) / line[row];
    }
    for row in (0..b.len()).rev() {
        let known: f64 = (row + 1..b.len()).map(|below| a[below][row] * b[below]).sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    Some(b)
}

/// Standard deviation and corrected interval of shifts around 0.
fn describe(shifts: &mut [f64], jackknife: &[f64], confidence: f64) -> (f64, Option<(f64, f64)>) {
    let count = shifts.len() as f64;
    let mean = shifts.iter().sum::<f64>() / count;
    let deviation = (shifts.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    shifts.sort_unstable_by(f64::total_cmp);
    let below = shifts.partition_point(|one| *one < 0.0) as f64;
    let ties = shifts.iter().filter(|one| **one == 0.0).count() as f64;
    let share = (below + 0.5 * ties) / count;
    if share <= 0.0 || share >= 1.0 {
        return (deviation, None);
    }
    let bias = normal_quantile(share);
    let acceleration = acceleration(jackknife);
    let end = |share: f64| {
        let z = bias + normal_quantile(share);
        quantile(shifts, normal_lower(bias + z / (1.0 - acceleration * z)))
    };
    let tail = 0.5 * (1.0 - confidence);
    (deviation, Some((end(tail), end(1.0 - tail))))
}

/// Efron's acceleration from what each row does.
fn acceleration(jackknife: &[f64]) -> f64 {
    let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
    let moment = |power: i32| jackknife.iter().map(|one| (mean - one).powi(power)).sum::<f64>();
    let squares = moment(2);
    if squares > 0.0 { moment(3) / (6.0 * squares.powf(1.5)) } else { 0.0 }
}

/// The value below which this share of sorted values lies, between the nearest two.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (at, part) = (place.floor() as usize, place.fract());
    let next = sorted[(at + 1).min(sorted.len() - 1)];
    sorted[at] + part * (next - sorted[at])
}

fn normal_lower(z: f64) -> f64 {
    let tail = 0.5 * normal_two_sided(z);
    if z > 0.0 { 1.0 - tail } else { tail }
}

fn normal_quantile(share: f64) -> f64 {
    if share == 0.5 {
        return 0.0;
    }
    let reach = normal_two_sided_quantile(2.0 * share.min(1.0 - share));
    if share > 0.5 { reach } else { -reach }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> Table {
        let x: Vec<f64> = (0..rows).map(|row| row as f64 + (row % 3) as f64 / 7.0).collect();
        let y = x.iter().enumerate().map(|(row, x)| 2.0 * x + ((row * 7919) % 13) as f64).collect();
        Table::new(vec!["x".to_owned()], vec![x], "y", y).unwrap()
    }

    #[test]
    fn the_jackknife_is_the_fit_without_each_row() {
        let whole = table(9);
        let model = Model::new(&whole, &Options::default()).unwrap();
        let moves = Unit::of(&model).jackknife();
        for left in 0..9 {
            let without = |values: &[f64]| {
                let kept = values.iter().enumerate().filter(|(row, _)| *row != left);
                kept.map(|(_, value)| *value).collect::<Vec<f64>>()
            };
            let rest = Table::new(
                vec!["x".to_owned()],
                vec![without(&whole.columns()[0])],
                "y",
                without(whole.target()),
            );
            let rest = crate::fit(&rest.unwrap(), &Options::default()).unwrap().value;
            for (at, (coefficient, moves)) in rest.coefficients.iter().zip(&moves).enumerate() {
                let moved = model.summary.solution.coefficients[at].hi() + moves[left];
                assert!((moved - coefficient.value).abs() < 1e-12 * coefficient.value.abs().max(1.0));
            }
        }
    }

    #[test]
    fn many_resamples_come_near_all_there_are() {
        // All 4^4 resamples of four rows, each as likely.
        let four = table(4);
        let model = Model::new(&four, &Options::default()).unwrap();
        let unit = Unit::of(&model);
        let mut slopes = Vec::new();
        for code in 0..256_usize {
            let mut counts = [0.0; 4];
            (0..4).for_each(|draw| counts[(code >> (2 * draw)) & 3] += 1.0);
            slopes.extend(unit.shift(&counts).map(|shift| unit.in_terms(&shift).nth(1).unwrap()));
        }
        assert_eq!(slopes.len(), 252, "only four equal rows tell nothing");
        let mean = slopes.iter().sum::<f64>() / 252.0;
        let exact = (slopes.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / 252.0).sqrt();
        let drawn =
            bootstrap(&four, &Options::default(), Resampling { resamples: 100_000, seed: 3 }).unwrap();
        assert!(
            (drawn.value[1].std_error / exact - 1.0).abs() < 0.02,
            "{} {exact}",
            drawn.value[1].std_error
        );
        assert_eq!(drawn.findings[0].code, "resamples_left_out");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let of =
            |seed| bootstrap(&table(30), &Options::default(), Resampling { resamples: 500, seed }).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn refuses_too_few_resamples_and_rows() {
        let few = Resampling { resamples: 10, seed: 1 };
        assert!(matches!(bootstrap(&table(9), &Options::default(), few), Err(Error::BadOption { .. })));
        let tiny = bootstrap(&table(2), &Options::default(), Resampling::default());
        assert!(matches!(tiny, Err(Error::TooFewRows { .. })));
    }
}
