//! Whether a fit can be trusted: what each row does to it, how entangled the terms are, which assumptions fail.

mod checks;
mod rows;

use serde::{Deserialize, Serialize};

pub use checks::{Check, CheckKind};
pub use rows::RowDiagnostics;

use crate::error::Error;
use crate::finding::{Finding, Report, Severity};
use crate::model::Model;
use crate::options::Options;
use crate::table::Table;

/// An assumption whose probability falls below this is reported.
const DOUBTFUL: f64 = 0.01;
/// The rule of thumb for a harmful variance inflation.
const INFLATED: f64 = 10.0;
/// Cook's distance from which a row moves the fit by about the size of its confidence region.
const INFLUENTIAL: f64 = 1.0;

/// By how much a term's variance grows because other terms say nearly the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inflation {
    /// The term.
    pub term: String,
    /// 1 for an independent term.
    pub factor: f64,
}

/// All diagnostics of a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// One entry per row.
    pub rows: Vec<RowDiagnostics>,
    /// One entry per term but the intercept.
    pub inflation: Vec<Inflation>,
    /// The tests that could be made.
    pub checks: Vec<Check>,
}

/// Fits as [`fit`](crate::fit()) does and examines the result.
///
/// # Errors
///
/// As for the fit.
pub fn examine(table: &Table, options: &Options) -> Result<Report<Diagnostics>, Error> {
    let model = Model::new(table, options)?;
    let value = Diagnostics {
        rows: rows::examine(&model),
        inflation: inflation(&model),
        checks: checks::run(&model),
    };
    let findings = notice(&value, model.summary.dof());
    Ok(Report { value, findings })
}

/// Variance inflation: the variance of a coefficient over that in a model of this term alone.
fn inflation(model: &Model) -> Vec<Inflation> {
    (0..model.summary.width())
        .filter(|&at| !model.summary.term(at).is_intercept())
        .map(|at| {
            let column = model.summary.solution.kept[at];
            let entries: Vec<(f64, f64)> = (0..model.summary.rows())
                .map(|row| (model.design.value(column, row).hi(), model.design.root(row).hi().powi(2)))
                .collect();
            let weights: f64 = entries.iter().map(|(_, weight)| weight).sum();
            let mean = entries.iter().map(|(value, weight)| value * weight).sum::<f64>() / weights;
            let centre = if model.summary.is_centred { mean } else { 0.0 };
            let squares: f64 = entries.iter().map(|(value, weight)| weight * (value - centre).powi(2)).sum();
            let unscaled: f64 = model.summary.solution.root[at].iter().map(|part| part * part).sum();
            Inflation { term: model.summary.term(at).text(&model.summary.inputs), factor: unscaled * squares }
        })
        .collect()
}

fn notice(diagnostics: &Diagnostics, dof: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in &diagnostics.checks {
        if check.p.is_some_and(|p| p < DOUBTFUL) {
            let finding =
                Finding::new(check.kind.code(), Severity::Warning).with("statistic", check.statistic);
            findings.push(finding.with("p", check.p.unwrap_or_default()));
        } else if check.kind == CheckKind::DurbinWatson && !(1.0..=3.0).contains(&check.statistic) {
            findings.push(Finding::new(check.kind.code(), Severity::Info).with("statistic", check.statistic));
        }
    }
    for inflation in diagnostics.inflation.iter().filter(|inflation| inflation.factor > INFLATED) {
        let finding = Finding::new("collinear_term", Severity::Warning).element(&inflation.term);
        findings.push(finding.with("factor", inflation.factor));
    }
    for (index, row) in diagnostics.rows.iter().enumerate() {
        if let Some(cook) = row.cook.filter(|&cook| cook > INFLUENTIAL) {
            findings
                .push(Finding::new("influential_row", Severity::Warning).row(index + 1).with("cook", cook));
        }
        // Bonferroni: the largest of n studentized residuals is judged against n chances.
        let reference = crate::inference::Reference::Student(dof.saturating_sub(1) as f64);
        let chance = |value: f64| reference.two_sided(value) * diagnostics.rows.len() as f64;
        if let Some(value) = row.studentized.filter(|&value| chance(value) < DOUBTFUL) {
            let finding = Finding::new("outlying_row", Severity::Warning).row(index + 1);
            findings.push(finding.with("studentized", value));
        }
    }
    findings
}
