//! Fits that outlying rows cannot drag along: Huber, bisquare, least trimmed squares, Theil-Sen.

mod reweighted;
mod theil_sen;
mod trimmed;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::{Finding, Report, Severity};
use crate::fit::predict;
use crate::formula::Formula;
use crate::options::{Options, Weighting};
use crate::rounding::to_digits;
use crate::table::Table;
use crate::term::Term;

/// A row whose residual exceeds so many scales is flagged; 1 in 80 normal rows does.
const OUTLYING: f64 = 2.5;
/// Digits of a coefficient without a standard error.
const DIGITS: usize = 6;

/// How a fit resists outliers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RobustMethod {
    /// Large residuals count by their size, not their square (Huber 1964, tuned to 95 % efficiency).
    Huber,
    /// Very large residuals do not count at all (Beaton and Tukey 1974).
    Bisquare,
    /// The half of the rows that agrees best decides, then all rows that agree with it (Rousseeuw 1984).
    LeastTrimmedSquares {
        /// Which starting subsets are drawn.
        seed: u64,
    },
    /// The median of the slopes between pairs of rows; one input only (Theil 1950, Sen 1968).
    TheilSen,
}

/// A coefficient of a robust fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RobustCoefficient {
    /// The term as written.
    pub term: String,
    /// The estimate.
    pub value: f64,
    /// The asymptotic standard error, where the method has one.
    pub std_error: Option<f64>,
    /// The lower end of the confidence interval.
    pub low: Option<f64>,
    /// The upper end of the confidence interval.
    pub high: Option<f64>,
}

/// A robust fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RobustFit {
    /// The method.
    pub method: RobustMethod,
    /// The name of the target.
    pub target: String,
    /// The names of the inputs.
    pub inputs: Vec<String>,
    /// The terms.
    pub terms: Vec<Term>,
    /// One coefficient per term.
    pub coefficients: Vec<RobustCoefficient>,
    /// The scatter of the rows that agree, as a standard deviation.
    pub scale: f64,
    /// How much each row counted, 0 to 1.
    pub weights: Vec<f64>,
    /// Target minus prediction.
    pub residuals: Vec<f64>,
    /// Rows beyond 2.5 scales, counted from 1.
    pub outlying_rows: Vec<usize>,
}

/// What a method finds out.
struct Estimate {
    inputs: Vec<String>,
    terms: Vec<Term>,
    values: Vec<f64>,
    std_errors: Option<Vec<f64>>,
    intervals: Option<Vec<(f64, f64)>>,
    scale: f64,
    weights: Vec<f64>,
    residuals: Vec<f64>,
}

/// Fits by a robust method; the options' weighting and covariance do not apply.
///
/// # Errors
///
/// As for the plain fit; Theil-Sen refuses anything but one input and an intercept.
pub fn fit_robust(
    table: &Table,
    options: &Options,
    method: RobustMethod,
) -> Result<Report<RobustFit>, Error> {
    let options = Options { weighting: Weighting::Equal, ..options.clone() };
    let estimate = match method {
        RobustMethod::Huber => reweighted::estimate(table, &options, reweighted::Loss::Huber)?,
        RobustMethod::Bisquare => reweighted::estimate(table, &options, reweighted::Loss::Bisquare)?,
        RobustMethod::LeastTrimmedSquares { seed } => trimmed::estimate(table, &options, seed)?,
        RobustMethod::TheilSen => theil_sen::estimate(table, &options)?,
    };
    Ok(report(table, method, estimate))
}

fn report(table: &Table, method: RobustMethod, estimate: Estimate) -> Report<RobustFit> {
    let coefficients = estimate
        .values
        .iter()
        .enumerate()
        .map(|(at, &value)| RobustCoefficient {
            term: estimate.terms[at].text(&estimate.inputs),
            value,
            std_error: estimate.std_errors.as_ref().map(|errors| errors[at]),
            low: estimate.intervals.as_ref().map(|intervals| intervals[at].0).filter(|end| end.is_finite()),
            high: estimate.intervals.as_ref().map(|intervals| intervals[at].1).filter(|end| end.is_finite()),
        })
        .collect();
    let largest = table.target().iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let limit = (OUTLYING * estimate.scale).max(8.0 * f64::EPSILON * largest);
    let outlying_rows: Vec<usize> =
        (0..table.rows()).filter(|&row| estimate.residuals[row].abs() > limit).map(|row| row + 1).collect();
    let findings = outlying_rows
        .iter()
        .map(|&row| {
            let finding = Finding::new("outlying_row", Severity::Warning).row(row);
            finding.with("residual", estimate.residuals[row - 1]).with("scale", estimate.scale)
        })
        .collect();
    let value = RobustFit {
        method,
        target: table.target_name().to_owned(),
        inputs: estimate.inputs,
        terms: estimate.terms,
        coefficients,
        scale: estimate.scale,
        weights: estimate.weights,
        residuals: estimate.residuals,
        outlying_rows,
    };
    Report { value, findings }
}

impl RobustFit {
    /// The model's value for rows given as one slice per input.
    ///
    /// # Panics
    ///
    /// If there are fewer slices than inputs.
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        let values: Vec<f64> = self.coefficients.iter().map(|one| one.value).collect();
        predict(&self.terms, &values, self.inputs.len(), columns)
    }

    /// The formula with six digits.
    pub fn formula(&self) -> Formula {
        let rounded = self.coefficients.iter().map(|one| to_digits(one.value, DIGITS));
        let parts: Vec<(&Term, f64)> = self.terms.iter().zip(rounded).collect();
        Formula::linear(&self.target, &self.inputs, &parts)
    }
}
