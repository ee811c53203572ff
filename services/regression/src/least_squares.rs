//! Runs the engine as the options ask, and publishes what it found.

mod publish;

use contracts::finding::Finding;
use contracts::regression::{Errors, FitMethod, FitOptions, FitResult, Shape};
use harness::analysis::finding;
use harness::data_set::{Numbers, Question};
use harness::problem::{Problem, Result};

use crate::error::not_fitted;
use crate::model::Model;
use crate::options::{criterion, plain};

/// Diagnostics cost rows·terms⁴ (White's test): beyond this they are left out, and said to be.
const DIAGNOSTICS: f64 = 2e10;
/// Influential rows that are shown.
const INFLUENTIAL: usize = 10;

/// What the engine finds when an assumption fails: the checks say it, once.
const CHECKED: [&str; 5] =
    ["uneven-scatter", "dependent-residuals", "residuals-not-normal", "wrong-form", "lack-of-fit"];

/// What a fit found, as published and as it is kept to predict with.
pub(crate) struct Fitted {
    pub(crate) result: FitResult,
    pub(crate) model: Model,
}

/// Fits the rows.
pub(crate) fn fit(question: &Question, options: &FitOptions, mut numbers: Numbers) -> Result<Fitted> {
    let engine = plain(options, &mut numbers);
    let (inputs, target) = (std::mem::take(&mut numbers.inputs), std::mem::take(&mut numbers.target));
    let table = linreg::Table::new(question.inputs.clone(), inputs, &question.target, target);
    let table = table.map_err(|e| not_fitted(&e))?;
    let mut fitted = match options.method {
        FitMethod::LeastSquares => by_least_squares(&table, options, engine, &numbers)?,
        method if method.is_robust() => robustly(&table, options, &engine)?,
        _ => with_penalty(&table, options, &engine)?,
    };
    let noticed = std::mem::take(&mut fitted.result.findings);
    fitted.result.findings = std::mem::take(&mut numbers.findings);
    fitted.result.findings.extend(noticed.into_iter().map(|finding| in_data_set(finding, &numbers)));
    Ok(fitted)
}

/// The engine counts complete rows; people count the data set's.
fn in_data_set(mut finding: Finding, numbers: &Numbers) -> Finding {
    finding.subject.row = finding.subject.row.map(|row| numbers.row(row as usize - 1));
    finding
}

fn by_least_squares(
    table: &linreg::Table,
    options: &FitOptions,
    mut engine: linreg::Options,
    numbers: &Numbers,
) -> Result<Fitted> {
    let refuse = |e: linreg::Error| not_fitted(&e);
    let mut subsets = Vec::new();
    let (fit, mut findings) = if let Some(wanted) = options.subset {
        let report = linreg::select(table, &engine, criterion(wanted)).map_err(refuse)?;
        subsets = publish::subsets(&report.value);
        (report.value.fit, report.findings)
    } else if options.shape == Shape::Spline {
        let knots = options.knots.map(|knots| knots as usize);
        let report =
            linreg::fit_spline(table, &engine, options.degree.unwrap_or(3), knots).map_err(refuse)?;
        (report.value.fit, report.findings)
    } else {
        let report = linreg::fit(table, &engine).map_err(refuse)?;
        (report.value, report.findings)
    };
    if options.subset.is_some() || options.shape == Shape::Spline {
        // What follows is about the terms that were chosen.
        let kept = fit.terms.iter().filter(|term| !term.is_intercept()).cloned();
        engine.basis = linreg::Basis::Terms(kept.collect());
    }
    let mut result = publish::result(&fit);
    result.subsets = subsets;
    if options.errors == Errors::Bootstrap && fit.dof > 0 {
        let resamples = options.resamples.unwrap_or(2000) as usize;
        let resampling = linreg::Resampling { resamples, seed: options.seed };
        let report = linreg::bootstrap(table, &engine, resampling).map_err(refuse)?;
        publish::resample(&mut result.coefficients, &report.value);
        findings.extend(report.findings);
    }
    if !options.compare_without.is_empty() {
        let comparison = linreg::compare_without(table, &engine, &options.compare_without).map_err(refuse)?;
        result.comparison = Some(publish::comparison(comparison));
    }
    result.findings = finding::publish_all(&findings)?;
    examine(table, &engine, &fit, numbers, &mut result)?;
    if table.names().len() == 1 {
        of_one_input(table, options, &mut result)?;
    }
    Ok(Fitted { result, model: Model::Plain(Box::new(fit)) })
}

fn examine(
    table: &linreg::Table,
    engine: &linreg::Options,
    fit: &linreg::Fit,
    numbers: &Numbers,
    result: &mut FitResult,
) -> Result<()> {
    let work = table.rows() as f64 * (fit.terms.len() as f64).powi(4);
    if work > DIAGNOSTICS {
        let left_out = Finding::info("diagnostics-left-out").with("rows", table.rows());
        result.findings.push(left_out.with("terms", fit.terms.len()));
        return Ok(());
    }
    let report = linreg::examine(table, engine).map_err(|e| not_fitted(&e))?;
    publish::diagnostics(result, &report.value, INFLUENTIAL, |at| numbers.row(at));
    let noticed = finding::publish_all(&report.findings)?;
    result.findings.extend(noticed.into_iter().filter(|finding| !CHECKED.contains(&finding.code.as_str())));
    Ok(())
}

/// The ranked simple forms, and a polynomial's orthogonal terms.
fn of_one_input(table: &linreg::Table, options: &FitOptions, result: &mut FitResult) -> Result<()> {
    let input = &table.names()[0];
    let is_weighted = options.weights.is_some() || options.error_bars.is_some();
    if table.rows() >= 3 && !is_weighted {
        let forms = linreg::rank_forms(table, input).map_err(|e| not_fitted(&e))?;
        result.forms = forms.value.iter().map(publish::form).collect();
    }
    let is_polynomial = matches!(options.shape, Shape::Powers | Shape::Polynomial);
    if is_polynomial && options.subset.is_none() && options.intercept && !is_weighted {
        let degree = options.degree.unwrap_or(2) as usize;
        let basis = linreg::fit_orthogonal(table, input, degree, options.confidence);
        // Too few different values: the fit itself says what it left out.
        result.orthogonal = basis.ok().map(|basis| publish::orthogonal(&basis));
    }
    Ok(())
}

fn robustly(table: &linreg::Table, options: &FitOptions, engine: &linreg::Options) -> Result<Fitted> {
    let method = match options.method {
        FitMethod::Bisquare => linreg::RobustMethod::Bisquare,
        FitMethod::TrimmedSquares => linreg::RobustMethod::LeastTrimmedSquares { seed: options.seed },
        FitMethod::TheilSen => linreg::RobustMethod::TheilSen,
        _ => linreg::RobustMethod::Huber,
    };
    let report = linreg::fit_robust(table, engine, method).map_err(|e| not_fitted(&e))?;
    let mut result = publish::robust(&report.value, table.target());
    result.findings = finding::publish_all(&report.findings)?;
    Ok(Fitted { result, model: Model::Robust(Box::new(report.value)) })
}

fn with_penalty(table: &linreg::Table, options: &FitOptions, engine: &linreg::Options) -> Result<Fitted> {
    let mix = match options.method {
        FitMethod::Ridge => 0.0,
        FitMethod::Lasso => 1.0,
        _ => options.mix.unwrap_or(0.5),
    };
    let folds = linreg::Penalty::default().folds.min(table.rows());
    let penalty = linreg::Penalty { mix, strength: options.penalty, folds };
    let report = linreg::fit_penalised(table, engine, &penalty).map_err(|e| not_fitted(&e))?;
    let mut result = publish::penalised(&report.value, table.rows());
    result.findings = finding::publish_all(&report.findings)?;
    Ok(Fitted { result, model: Model::Penalised(Box::new(report.value)) })
}

/// Fits a table without any service: for the command line.
///
/// # Errors
///
/// Options that contradict each other or the table.
pub fn fit_table(question: &Question, options: &FitOptions, numbers: Numbers) -> Result<FitResult, Problem> {
    crate::options::check(question, options)?;
    Ok(fit(question, options, numbers)?.result)
}

#[cfg(test)]
mod tests;
