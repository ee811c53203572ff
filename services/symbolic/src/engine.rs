//! The engine's language and the published one, and the engine's run with a clock.

use contracts::formula::Formula;
use contracts::symbolic::{Member, Reason, SearchOptions};
use harness::analysis::finding;
use harness::data_set::{Numbers, Question};
use harness::problem::{Problem, Result};
use symreg::{Control, Expr, OperatorSet, Options, Report, Table};

use crate::error::not_searched;
use crate::store::End;
use crate::watch::Watcher;

/// The published options in the engine's words; refused when they can't be met.
pub(crate) fn options(options: &SearchOptions) -> Result<Options> {
    let default = Options::default();
    let operators = match &options.operators {
        None => default.operators.clone(),
        Some(names) => OperatorSet::from_names(names).map_err(|unknown| {
            let known = OperatorSet::known_names().join(", ");
            Problem::invalid("operators", format!("there is no operator '{unknown}'; there are {known}"))
        })?,
    };
    let max_size = match options.max_size {
        None => default.max_size,
        Some(size @ 1..=200) => size as usize,
        Some(size) => return Err(Problem::invalid("max_size", format!("{size} is not within 1 and 200"))),
    };
    // The budget is time; this one only ends what would run for ever.
    let max_evaluations = u64::MAX / 4;
    Ok(Options {
        seed: options.seed,
        max_size,
        operators,
        noise_free: options.noise_free,
        max_evaluations,
        threads: 1,
        ..default
    })
}

/// What a search has at one moment, as published.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub(crate) stage: String,
    pub(crate) evaluations: u64,
    pub(crate) elapsed_s: f64,
    pub(crate) front: Option<Vec<Member>>,
}

/// Searches until the engine has come to its end or the watcher says so.
pub(crate) fn search(
    question: &Question,
    published: &SearchOptions,
    numbers: Numbers,
    watcher: &mut Watcher,
) -> Result<End> {
    let Numbers { inputs, target, mut findings, .. } = numbers;
    let table = Table::new(question.inputs.clone(), inputs, question.target.clone(), target);
    let table = table.map_err(|e| not_searched(&e))?;
    let resume = watcher.resume();
    let report = symreg::search(&table, &options(published)?, resume.as_ref(), &mut |event| {
        let standing = Standing {
            stage: stage(event.stage),
            evaluations: event.evaluations,
            elapsed_s: watcher.elapsed_s(),
            front: event.front.map(|front| front.members().iter().map(publish_member).collect()),
        };
        if watcher.look(&standing, event.checkpoint) { Control::Continue } else { Control::Stop }
    });
    let Report { value, findings: noticed } = report.map_err(|e| not_searched(&e))?;
    findings.extend(finding::publish_all(&noticed)?);
    let standing = Standing {
        stage: stage(value.stage),
        evaluations: value.evaluations,
        elapsed_s: watcher.elapsed_s(),
        front: Some(value.front.iter().map(publish_member).collect()),
    };
    Ok(End {
        standing,
        chosen: value.chosen.map(|at| at as u32),
        reasons: value.reasons.iter().map(publish_reason).collect(),
        findings,
    })
}

/// The stage's word.
fn stage(stage: symreg::Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A member of the front as published.
fn publish_member(member: &symreg::Member) -> Member {
    Member {
        size: member.size as u32,
        mse: member.mse,
        r2: member.r2,
        description_length: member.description_length,
        formula: publish_formula(&member.expr),
        exact: member.exact,
    }
}

fn publish_formula(expr: &Expr) -> Formula {
    Formula { text: expr.text(), latex: expr.latex(), mathml: expr.mathml() }
}

/// A reason as published.
fn publish_reason(reason: &symreg::Reason) -> Reason {
    Reason { code: reason.code.clone(), args: reason.args.clone() }
}

/// A published formula, to be computed with.
pub(crate) fn parse(formula: &Formula, inputs: &[String]) -> Result<Expr> {
    Expr::parse(&formula.text, inputs).map_err(|e| Problem::internal(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_operators_and_sizes_that_there_are_not() {
        let of = |operators: &[&str], max_size| SearchOptions {
            operators: Some(operators.iter().map(|o| (*o).to_owned()).collect()),
            max_size,
            ..SearchOptions::default()
        };
        assert!(options(&of(&["add", "sin"], Some(20))).is_ok());
        assert!(options(&of(&["frobnicate"], None)).unwrap_err().detail.contains("frobnicate"));
        assert!(options(&of(&["add"], Some(0))).is_err());
    }
}
