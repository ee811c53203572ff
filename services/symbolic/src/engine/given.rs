//! A given formula instead of a search: its numbers with their errors and intervals.

use std::collections::BTreeMap;

use contracts::symbolic::Member;
use harness::analysis::finding;
use harness::data_set::{Numbers, Question};
use harness::problem::{Problem, Result};
use symreg::{Expr, Report, Stage, Table, fit_given};

use super::{Standing, member, stage};
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

/// Fits the formula's numbers, within the time.
pub(super) fn fit(table: &Table, formula: &str, numbers: &Numbers, watcher: &mut Watcher) -> Result<End> {
    let mut standing = Standing { stage: stage(Stage::Search), ..Standing::default() };
    let report = fit_given(table, formula, &BTreeMap::new(), &mut || {
        standing.elapsed_s = watcher.elapsed_s();
        watcher.look(&standing, None)
    });
    let Report { value, findings: noticed } = report.map_err(|e| not_searched(&e))?;
    let size = value.expr.size() as u32;
    let mut member = Member {
        mse: value.residual_sum_of_squares / table.rows() as f64,
        r2: value.r2,
        ..member::plain(&value.expr, size, value.description_length)
    };
    member::add_numbers(&mut member, &value);
    member::add_beyond(&mut member, &value.expr, table);
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
