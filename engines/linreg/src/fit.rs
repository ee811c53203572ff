//! The fit: coefficients with their errors, measures of quality, predictions and the formula.

use serde::{Deserialize, Serialize};

use crate::covariance::covariance;
use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::finding::{Finding, Report, Severity};
use crate::formula::Formula;
use crate::inference::{Reference, criteria, overall_f};
use crate::model::Model;
use crate::options::Options;
use crate::rounding;
use crate::summary::Summary;
use crate::table::Table;
use crate::term::Term;

/// The share by which the digits of the formula may raise the sum of squares.
const ROUNDING_SHARE: f64 = 1e-3;
/// The same for a single coefficient, in squared standard errors: it decides for long tables.
const ROUNDING_ERRORS: f64 = 0.25;
/// With fewer groups their covariance is itself uncertain (Cameron and Miller 2015).
const FEW_GROUPS: usize = 10;
/// From this condition number on the last digits of the data decide the coefficients.
const ILL_CONDITIONED: f64 = 1e8;

/// A coefficient and what is known about it.
///
/// The standard error and all that follows from it are `None` where no row is left to estimate the scatter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// The term as written: `intercept`, `x`, `x^2`.
    pub term: String,
    /// The estimate.
    pub value: f64,
    /// The estimate with the digits it deserves, as printed in the formula.
    pub rounded: f64,
    /// The standard error.
    pub std_error: Option<f64>,
    /// The estimate over its standard error; `None` also where both are 0.
    pub t: Option<f64>,
    /// The probability of a |t| at least as large if the coefficient were 0.
    pub p: Option<f64>,
    /// The lower end of the confidence interval.
    pub low: Option<f64>,
    /// The upper end of the confidence interval.
    pub high: Option<f64>,
}

/// A linear model fitted to a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The name of the target.
    pub target: String,
    /// The names of the inputs, in the order predictions expect them.
    pub inputs: Vec<String>,
    /// The terms, one per coefficient.
    pub terms: Vec<Term>,
    /// The coefficients, the intercept first.
    pub coefficients: Vec<Coefficient>,
    /// The share of the target's variation explained; `None` for a constant target.
    pub r2: Option<f64>,
    /// The same, corrected for the number of coefficients.
    pub adjusted_r2: Option<f64>,
    /// √(Σ w·e² / n).
    pub rmse: f64,
    /// √(Σ w·e² / (n − p)); `None` where n = p. With known error bars it is 1 for a good model.
    pub residual_std_error: Option<f64>,
    /// Rows.
    pub n: usize,
    /// Rows beyond coefficients.
    pub dof: usize,
    /// Whether all terms but the constant together explain more than chance.
    pub f_statistic: Option<f64>,
    /// The probability of an F at least as large by chance.
    pub f_p: Option<f64>,
    /// The logarithm of the Gaussian likelihood; `None` where nothing is left over.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Akaike's criterion for small tables.
    pub aicc: Option<f64>,
    /// Schwarz's criterion.
    pub bic: Option<f64>,
    /// The ratio of the largest to the smallest singular value of the columns at unit length.
    pub condition_number: f64,
    /// Whether the residuals are no larger than the rounding of the target.
    pub is_exact: bool,
    /// Whether 32-digit arithmetic was used.
    pub used_double_double: bool,
    /// The covariance of the coefficients.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// The probability of the intervals.
    pub confidence: f64,
    /// Whether the scatter was known from error bars.
    pub has_error_bars: bool,
    /// The groups of rows that may depend on each other, where there are any.
    #[serde(default)]
    pub groups: Option<usize>,
}

/// Fits a linear model by least squares.
///
/// Columns that depend on earlier ones are left out and named in a finding.
///
/// # Errors
///
/// Unknown inputs, no term at all, fewer rows than coefficients, a term that is not defined for a row.
pub fn fit(table: &Table, options: &Options) -> Result<Report<Fit>, Error> {
    let model = Model::new(table, options)?;
    let covariance = covariance(&model, &options.covariance);
    Ok(report(&model.summary, covariance, table.target_name(), options))
}

/// All the figures of a solved problem, and what they show.
pub(crate) fn report(
    summary: &Summary,
    covariance: Option<Vec<Vec<f64>>>,
    target: &str,
    options: &Options,
) -> Report<Fit> {
    let is_finite = |matrix: &Vec<Vec<f64>>| matrix.iter().flatten().all(|entry| entry.is_finite());
    let overflows = covariance.as_ref().is_some_and(|matrix| !is_finite(matrix));
    let value = describe(summary, covariance.filter(is_finite), target, options);
    let mut findings = notice(summary, &value);
    if overflows {
        findings.push(Finding::new("errors_out_of_range", Severity::Warning));
    }
    Report { value, findings }
}

fn describe(summary: &Summary, covariance: Option<Vec<Vec<f64>>>, target: &str, options: &Options) -> Fit {
    let (n, dof) = (summary.rows(), summary.dof());
    let r2 = (summary.total > 0.0).then(|| 1.0 - summary.squares / summary.total);
    let corrected = |r2: f64| 1.0 - (1.0 - r2) * (n - usize::from(summary.is_centred)) as f64 / dof as f64;
    let f = covariance.as_ref().and_then(|matrix| overall_f(summary, matrix, &options.covariance));
    let criteria = criteria(summary);
    Fit {
        target: target.to_owned(),
        inputs: summary.inputs.clone(),
        terms: (0..summary.width()).map(|at| summary.term(at).clone()).collect(),
        coefficients: coefficients(summary, covariance.as_deref(), options),
        r2,
        adjusted_r2: r2.filter(|_| dof > 0).map(corrected),
        rmse: (summary.residual_squares() / n as f64).sqrt(),
        residual_std_error: (dof > 0).then(|| summary.variance().sqrt()),
        n,
        dof,
        f_statistic: f.map(|(f, _)| f),
        f_p: f.map(|(_, p)| p),
        log_likelihood: criteria.map(|all| all.log_likelihood),
        aic: criteria.map(|all| all.aic),
        aicc: criteria.and_then(|all| all.aicc),
        bic: criteria.map(|all| all.bic),
        condition_number: summary.solution.condition,
        is_exact: dof > 0 && summary.residual_squares() <= summary.noise,
        used_double_double: summary.solution.wide,
        covariance,
        confidence: options.confidence,
        has_error_bars: summary.has_error_bars,
        groups: options.covariance.groups(),
    }
}

fn coefficients(summary: &Summary, covariance: Option<&[Vec<f64>]>, options: &Options) -> Vec<Coefficient> {
    let values: Vec<f64> = summary.solution.coefficients.iter().map(|value| value.hi()).collect();
    let per_row = ROUNDING_ERRORS / summary.dof().max(1) as f64;
    let allowed = summary.residual_squares() * ROUNDING_SHARE.min(per_row) + summary.noise;
    let rounded = rounding::round(&values, &summary.solution.triangle, allowed);
    let reference = Reference::of(summary, &options.covariance);
    let quantile = covariance.map(|_| reference.quantile(options.confidence));
    values
        .iter()
        .zip(rounded)
        .enumerate()
        .map(|(at, (&value, rounded))| {
            let std_error = covariance.map(|matrix| matrix[at][at].max(0.0).sqrt());
            let t = std_error.map(|error| value / error).filter(|t| !t.is_nan());
            let reach = std_error.zip(quantile).map(|(error, quantile)| error * quantile);
            Coefficient {
                term: summary.term(at).text(&summary.inputs),
                value,
                rounded,
                std_error,
                t: t.filter(|t| t.is_finite()),
                p: t.map(|t| reference.two_sided(t)),
                low: reach.map(|reach| value - reach),
                high: reach.map(|reach| value + reach),
            }
        })
        .collect()
}

fn notice(summary: &Summary, fit: &Fit) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = |column: usize| summary.terms[column].text(&summary.inputs);
    for dependence in &summary.solution.dependences {
        let on: Vec<String> = dependence.on.iter().map(|&column| name(column)).collect();
        let code = match dependence.on.as_slice() {
            [] => "zero_term",
            [only] if summary.terms[*only].is_intercept() => "constant_term",
            _ => "dependent_term",
        };
        let finding = Finding::new(code, Severity::Warning).element(&name(dependence.column)).with("on", on);
        findings.push(finding);
    }
    if fit.r2.is_none() {
        findings.push(Finding::new("constant_target", Severity::Warning).column(&fit.target));
    }
    if fit.dof == 0 {
        let finding = Finding::new("saturated", Severity::Warning).with("rows", fit.n);
        findings.push(finding.with("coefficients", summary.width()));
    }
    if fit.condition_number > ILL_CONDITIONED {
        let finding = Finding::new("ill_conditioned", Severity::Info);
        findings.push(finding.with("condition_number", fit.condition_number));
    }
    if let Some(groups) = fit.groups.filter(|&groups| groups < FEW_GROUPS) {
        findings.push(Finding::new("few_groups", Severity::Warning).with("groups", groups));
    }
    if fit.is_exact && fit.r2.is_some() {
        findings.push(Finding::new("exact", Severity::Info).with("rmse", fit.rmse));
    }
    findings
}

impl Fit {
    /// The model's value for rows given as one slice per input, in the order of [`Fit::inputs`].
    ///
    /// # Panics
    ///
    /// If there are fewer slices than inputs.
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        let values: Vec<f64> = self.coefficients.iter().map(|coefficient| coefficient.value).collect();
        predict(&self.terms, &values, self.inputs.len(), columns)
    }

    /// The formula with the digits a person would write: as few as keep the sum of squares within 0.1 %.
    pub fn formula(&self) -> Formula {
        self.formula_of(|coefficient| coefficient.rounded)
    }

    /// The formula with all digits of the coefficients.
    pub fn full_formula(&self) -> Formula {
        self.formula_of(|coefficient| coefficient.value)
    }

    fn formula_of(&self, value: impl Fn(&Coefficient) -> f64) -> Formula {
        let parts: Vec<(&Term, f64)> = self.terms.iter().zip(self.coefficients.iter().map(value)).collect();
        Formula::linear(&self.target, &self.inputs, &parts)
    }
}

/// Σ value·term for rows given as one slice per input.
pub(crate) fn predict(terms: &[Term], values: &[f64], inputs: usize, columns: &[&[f64]]) -> Vec<f64> {
    assert!(columns.len() >= inputs, "one column per input of the fit");
    let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
    let value = |row: usize| {
        terms.iter().zip(values).fold(DoubleDouble::default(), |sum, (term, &value)| {
            sum + term.evaluate(|input| columns[input][row]) * DoubleDouble::from(value)
        })
    };
    (0..rows).map(|row| value(row).hi()).collect()
}
