//! The engine's language and the published one, and the engine's run with a clock.

use contracts::finding::{Finding, Severity, Subject};
use contracts::formula::Formula;
use contracts::symbolic::{Member, Reason, SearchOptions};
use harness::data_set::{Numbers, Question};
use harness::problem::{Problem, Result};
use symreg::{Checkpoint, Control, Expr, OperatorSet, Options, Outcome, Report, Table};

use crate::error::not_searched;

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
    })
}

/// The table of a question.
pub(crate) fn table(question: &Question, numbers: Numbers) -> Result<Table> {
    let table = Table::new(question.inputs.clone(), numbers.inputs, question.target.clone(), numbers.target);
    table.map_err(|e| not_searched(&e))
}

/// What a search has at one moment, as published.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub(crate) stage: String,
    pub(crate) evaluations: u64,
    pub(crate) elapsed_s: f64,
    pub(crate) front: Option<Vec<Member>>,
}

/// What the caller of [`run`] does when there is something new.
pub(crate) trait Watch {
    /// Processor seconds spent by earlier tries and this one.
    fn elapsed_s(&self) -> f64;
    /// Told often; false ends the search.
    fn look(&mut self, standing: &Standing, checkpoint: Option<&Checkpoint>) -> bool;
}

/// Searches until the engine has come to its end or the watcher says so.
pub(crate) fn run(
    table: &Table,
    options: &Options,
    resume: Option<&Checkpoint>,
    watch: &mut dyn Watch,
) -> Result<Report<Outcome>> {
    let report = symreg::search(table, options, resume, &mut |event| {
        let standing = Standing {
            stage: stage(event.stage),
            evaluations: event.evaluations,
            elapsed_s: watch.elapsed_s(),
            front: event.front.map(|front| front.members().iter().map(publish_member).collect()),
        };
        if watch.look(&standing, event.checkpoint) { Control::Continue } else { Control::Stop }
    });
    report.map_err(|e| not_searched(&e))
}

/// The stage's word.
pub(crate) fn stage(stage: symreg::Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A member of the front as published.
pub(crate) fn publish_member(member: &symreg::Member) -> Member {
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
pub(crate) fn publish_reason(reason: &symreg::Reason) -> Reason {
    Reason { code: reason.code.clone(), args: reason.args.clone() }
}

/// A finding as published.
pub(crate) fn publish_finding(finding: &symreg::Finding) -> Finding {
    let severity = match finding.severity {
        symreg::Severity::Info => Severity::Info,
        symreg::Severity::Warning => Severity::Warning,
        symreg::Severity::Error => Severity::Error,
    };
    let subject = Subject {
        row: finding.subject.row.map(|row| row as u64),
        column: finding.subject.column.clone(),
        element: finding.subject.element.map(|at| at.to_string()),
    };
    Finding { code: finding.code.clone(), severity, subject, args: finding.args.clone() }
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
