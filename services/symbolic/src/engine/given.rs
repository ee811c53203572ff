//! A given formula instead of a search: its numbers with their errors and intervals.

use std::collections::BTreeMap;

use contracts::symbolic::{FittedNumber, Member};
use harness::analysis::finding;
use harness::data_set::{Numbers, Question};
use harness::problem::{Problem, Result};
use symreg::{Expr, Report, Stage, Table, fit_given};

use super::{Standing, publish_formula, stage};
use crate::error::not_searched;
use crate::store::End;
use crate::watch::Watcher;

/// Refuses a formula that cannot be read, or has the target in it.
pub(super) fn check(formula: &str, question: &Question) -> Result<()> {
    match Expr::unknown_names(formula, &question.inputs) {
        Ok(names) if names.contains(&question.target) => {
            Err(Problem::invalid("given", format!("'{}' is what is to be explained", question.target)))
        }
        Ok(_) => Ok(()),
        Err(e) => Err(Problem::invalid("given", e.to_string())),
    }
}

/// Fits the formula's numbers.
pub(super) fn fit(table: &Table, formula: &str, numbers: &Numbers, watcher: &mut Watcher) -> Result<End> {
    let report = fit_given(table, formula, &BTreeMap::new()).map_err(|e| not_searched(&e))?;
    let Report { value, findings: noticed } = report;
    let finite = |value: f64| value.is_finite().then_some(value);
    let numbers_of = |parameter: &symreg::Parameter| FittedNumber {
        name: parameter.name.clone(),
        value: parameter.value,
        standard_error: finite(parameter.standard_error),
        low: finite(parameter.interval.0),
        high: finite(parameter.interval.1),
        profile_low: finite(parameter.profile.0),
        profile_high: finite(parameter.profile.1),
    };
    let member = Member {
        size: value.expr.size() as u32,
        mse: value.residual_sum_of_squares / table.rows() as f64,
        r2: value.r2,
        description_length: value.description_length,
        formula: publish_formula(&value.expr),
        exact: false,
        classes: vec![],
        share: None,
        numbers: value.parameters.iter().map(numbers_of).collect(),
    };
    let mut findings = numbers.findings.clone();
    findings.extend(finding::publish_all(&noticed)?);
    let standing = Standing {
        stage: stage(Stage::Done),
        evaluations: 1,
        elapsed_s: watcher.elapsed_s(),
        front: Some(vec![member]),
    };
    Ok(End { standing, alternatives: vec![], chosen: Some(0), reasons: vec![], findings })
}
