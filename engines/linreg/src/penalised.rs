//! Ridge, lasso and elastic net: coefficients held small so that many or entangled inputs do no harm.
//!
//! Inputs are centred and brought to unit variance first; the objective is Σe²/2n + λ·(mix·Σ|b| + (1 − mix)/2·Σb²)
//! (Friedman, Hastie, Tibshirani 2010). The penalty is chosen by cross-validation where none is given.

use serde::{Deserialize, Serialize};

use crate::design::Design;
use crate::error::Error;
use crate::finding::{Finding, Report, Severity};
use crate::fit::predict;
use crate::formula::Formula;
use crate::options::Options;
use crate::real::Real;
use crate::rounding::to_digits;
use crate::table::Table;
use crate::term::Term;

/// Penalties on a path, from the one that silences all terms down by four decades.
const PATH: usize = 60;
/// How closely coefficients are found.
#[derive(Debug, Clone, Copy)]
struct Care {
    sweeps: usize,
    /// The last step over the target's deviation.
    step: f64,
}

/// For choosing among penalties.
const ROUGH: Care = Care { sweeps: 2000, step: 1e-7 };
/// For the coefficients that are reported.
const FINE: Care = Care { sweeps: 50_000, step: 1e-14 };
/// Digits of a penalised formula: its coefficients have no standard errors to say how many they deserve.
const DIGITS: usize = 6;

/// What is penalised, and how strongly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Penalty {
    /// 0 is ridge, 1 is the lasso, between them lies the elastic net.
    pub mix: f64,
    /// λ; `None` chooses it by cross-validation.
    pub strength: Option<f64>,
    /// Parts of the cross-validation; row r belongs to part r mod folds.
    pub folds: usize,
}

impl Default for Penalty {
    fn default() -> Self {
        Self { mix: 1.0, strength: None, folds: 10 }
    }
}

/// One point of the path of a cross-validated penalty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PathPoint {
    /// λ.
    pub strength: f64,
    /// The mean squared error on rows left out.
    pub error: f64,
    /// The standard error of that mean over the parts.
    pub error_deviation: f64,
    /// Terms with a coefficient that is not 0.
    pub terms: usize,
}

/// A penalised fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PenalisedFit {
    /// The name of the target.
    pub target: String,
    /// The names of the inputs.
    pub inputs: Vec<String>,
    /// The terms, the intercept first.
    pub terms: Vec<Term>,
    /// One coefficient per term; terms that were silenced have 0.
    pub coefficients: Vec<f64>,
    /// The penalty used.
    pub strength: f64,
    /// The share of the target's variation explained.
    pub r2: Option<f64>,
    /// √(Σe²/n).
    pub rmse: f64,
    /// The cross-validated path; empty where the penalty was given.
    pub path: Vec<PathPoint>,
}

/// Columns at mean 0 and variance 1, and the centred target.
struct Standardized {
    columns: Vec<Vec<f64>>,
    centres: Vec<f64>,
    spreads: Vec<f64>,
    target: Vec<f64>,
    mean: f64,
}

/// Fits with a penalty; weights and standard errors do not apply, the intercept is always there and never penalised.
///
/// # Errors
///
/// As for the plain fit, except that there may be more terms than rows.
pub fn fit_penalised(
    table: &Table,
    options: &Options,
    penalty: &Penalty,
) -> Result<Report<PenalisedFit>, Error> {
    check(penalty, table.rows())?;
    let positions = options.positions(table.names())?;
    let plain = Options { intercept: false, weighting: crate::Weighting::Equal, ..options.clone() };
    let design = Design::new(table, &positions, &plain)?;
    let rows: Vec<usize> = (0..table.rows()).collect();
    let whole = Standardized::new(&design, &rows);
    let (strength, path) = match penalty.strength {
        Some(strength) => (strength, Vec::new()),
        None => choose(&design, &whole, penalty),
    };
    let slopes = whole.descend(penalty.mix, strength, vec![0.0; design.width()], FINE);
    let (coefficients, residual_squares) = whole.unstandardize(&slopes);
    let total = f64::dot(&whole.target, &whole.target);
    let mut findings = Vec::new();
    if total == 0.0 {
        findings.push(Finding::new("constant_target", Severity::Warning).column(table.target_name()));
    }
    if slopes.iter().all(|&slope| slope == 0.0) {
        findings.push(Finding::new("nothing_kept", Severity::Info).with("strength", strength));
    }
    let value = PenalisedFit {
        target: table.target_name().to_owned(),
        inputs: positions.iter().map(|&position| table.names()[position].clone()).collect(),
        terms: std::iter::once(Term::intercept()).chain(design.terms.iter().cloned()).collect(),
        coefficients,
        strength,
        r2: (total > 0.0).then(|| 1.0 - residual_squares / total),
        rmse: (residual_squares / table.rows() as f64).sqrt(),
        path,
    };
    Ok(Report { value, findings })
}

fn check(penalty: &Penalty, rows: usize) -> Result<(), Error> {
    let refuse = |option, value, range| Err(Error::BadOption { option, value, range });
    if !(0.0..=1.0).contains(&penalty.mix) {
        return refuse("mix", penalty.mix, "0 (ridge) to 1 (lasso)");
    }
    match penalty.strength {
        Some(strength) if !(strength >= 0.0 && strength.is_finite()) => {
            refuse("strength", strength, "0 and above")
        }
        None if penalty.folds < 2 || penalty.folds > rows => {
            refuse("folds", penalty.folds as f64, "2 to the number of rows")
        }
        _ => Ok(()),
    }
}

/// The strongest penalty within one standard error of the best (Breiman et al. 1984); for ridge, the best.
fn choose(design: &Design, whole: &Standardized, penalty: &Penalty) -> (f64, Vec<PathPoint>) {
    let strengths = whole.strengths(penalty.mix);
    let all: Vec<usize> = (0..design.rows()).collect();
    let mut errors = vec![Vec::with_capacity(penalty.folds); strengths.len()];
    for fold in 0..penalty.folds {
        let (left_out, used): (Vec<usize>, Vec<usize>) =
            all.iter().partition(|&&row| row % penalty.folds == fold);
        let part = Standardized::new(design, &used);
        let mut slopes = vec![0.0; design.width()];
        for (at, &strength) in strengths.iter().enumerate() {
            slopes = part.descend(penalty.mix, strength, slopes, ROUGH);
            errors[at].push(part.error(design, &left_out, &slopes));
        }
    }
    let mut slopes = vec![0.0; design.width()];
    let mut path = Vec::with_capacity(strengths.len());
    for (&strength, errors) in strengths.iter().zip(&errors) {
        slopes = whole.descend(penalty.mix, strength, slopes, ROUGH);
        let parts = errors.len() as f64;
        let error = errors.iter().sum::<f64>() / parts;
        let variance = errors.iter().map(|one| (one - error).powi(2)).sum::<f64>() / (parts - 1.0);
        let terms = slopes.iter().filter(|&&slope| slope != 0.0).count();
        path.push(PathPoint { strength, error, error_deviation: (variance / parts).sqrt(), terms });
    }
    let best = path.iter().copied().min_by(|a, b| a.error.total_cmp(&b.error));
    let within =
        best.map_or(0.0, |best| best.error + if penalty.mix > 0.0 { best.error_deviation } else { 0.0 });
    let chosen = path.iter().find(|point| point.error <= within).map_or(0.0, |point| point.strength);
    (chosen, path)
}

impl Standardized {
    fn new(design: &Design, rows: &[usize]) -> Self {
        let n = rows.len() as f64;
        let mean_of = |values: &[f64]| values.iter().sum::<f64>() / n;
        let (mut columns, mut centres, mut spreads) = (Vec::new(), Vec::new(), Vec::new());
        for column in 0..design.width() {
            let mut values: Vec<f64> = rows.iter().map(|&row| design.value(column, row).hi()).collect();
            let centre = mean_of(&values);
            for value in &mut values {
                *value -= centre;
            }
            let spread = (f64::dot(&values, &values) / n).sqrt();
            let size = centre.abs().max(f64::MIN_POSITIVE);
            // A constant column has nothing but rounding left.
            let spread = if spread > 1e-14 * size { spread } else { f64::INFINITY };
            for value in &mut values {
                *value /= spread;
            }
            columns.push(values);
            centres.push(centre);
            spreads.push(spread);
        }
        let mut target: Vec<f64> = rows.iter().map(|&row| design.value(design.width(), row).hi()).collect();
        let mean = mean_of(&target);
        for value in &mut target {
            *value -= mean;
        }
        Self { columns, centres, spreads, target, mean }
    }

    /// Falling penalties; the first silences every term of a lasso.
    fn strengths(&self, mix: f64) -> Vec<f64> {
        let n = self.target.len() as f64;
        let along = self.columns.iter().map(|column| f64::dot(column, &self.target).abs() / n);
        let largest = along.fold(0.0, f64::max) / mix.max(1e-3);
        (0..PATH).map(|step| largest * 10.0_f64.powf(-4.0 * step as f64 / (PATH - 1) as f64)).collect()
    }

    /// Cyclic coordinate descent from a start.
    fn descend(&self, mix: f64, strength: f64, mut slopes: Vec<f64>, care: Care) -> Vec<f64> {
        let n = self.target.len() as f64;
        let mut residuals = self.target.clone();
        for (column, &slope) in self.columns.iter().zip(&slopes) {
            f64::subtract_multiple(&mut residuals, slope, column);
        }
        let enough = care.step * (f64::dot(&self.target, &self.target) / n).sqrt();
        for _ in 0..care.sweeps {
            let mut largest = 0.0_f64;
            for (column, slope) in self.columns.iter().zip(&mut slopes) {
                let size = f64::dot(column, column) / n;
                let pull = f64::dot(column, &residuals) / n + size * *slope;
                let kept = (pull.abs() - strength * mix).max(0.0).copysign(pull);
                let next = if size > 0.0 { kept / (size + strength * (1.0 - mix)) } else { 0.0 };
                let step = next - *slope;
                if step != 0.0 {
                    f64::subtract_multiple(&mut residuals, step, column);
                    largest = largest.max(step.abs());
                    *slope = next;
                }
            }
            if largest <= enough {
                break;
            }
        }
        slopes
    }

    /// The mean squared error on rows of the design.
    fn error(&self, design: &Design, rows: &[usize], slopes: &[f64]) -> f64 {
        let (coefficients, _) = self.unstandardize(slopes);
        let squares: f64 = rows
            .iter()
            .map(|&row| {
                let terms = coefficients[1..].iter().enumerate();
                let slope: f64 = terms.map(|(at, value)| value * design.value(at, row).hi()).sum();
                (design.value(design.width(), row).hi() - coefficients[0] - slope).powi(2)
            })
            .sum();
        squares / rows.len() as f64
    }

    /// Coefficients in the table's units, the intercept first, and Σe² on the rows of this part.
    fn unstandardize(&self, slopes: &[f64]) -> (Vec<f64>, f64) {
        let mut coefficients = vec![self.mean];
        let mut residuals = self.target.clone();
        for (at, &slope) in slopes.iter().enumerate() {
            f64::subtract_multiple(&mut residuals, slope, &self.columns[at]);
            let value = slope / self.spreads[at];
            coefficients[0] -= value * self.centres[at];
            coefficients.push(value);
        }
        (coefficients, f64::dot(&residuals, &residuals))
    }
}

impl PenalisedFit {
    /// The model's value for rows given as one slice per input.
    ///
    /// # Panics
    ///
    /// If there are fewer slices than inputs.
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        predict(&self.terms, &self.coefficients, self.inputs.len(), columns)
    }

    /// The formula with six digits, terms that were silenced left out.
    pub fn formula(&self) -> Formula {
        let rounded = self.coefficients.iter().map(|&value| to_digits(value, DIGITS));
        let parts: Vec<(&Term, f64)> = self.terms.iter().zip(rounded).collect();
        Formula::linear(&self.target, &self.inputs, &parts)
    }
}
