//! Searches by classes: one law whose numbers may differ from class to class.

use contracts::symbolic::{ClassFormula, Member, SearchOptions};
use harness::analysis::finding;
use harness::data_set::Numbers;
use harness::problem::{Problem, Result};
use symreg::{ClassLaw, ClassOutcome, Classes, Control, Report, Table, search_by_class};

use super::member::{plain, publish_formula};
use super::{Standing, stage};
use crate::error::not_searched;
use crate::store::End;
use crate::watch::Watcher;

/// The classes of rows that the column of a group tells: by its words, or by its numbers where it has none.
///
/// # Errors
///
/// One class alone, or too many.
pub fn told(numbers: &Numbers) -> Result<Classes> {
    let missing = || Problem::internal(&"the column of the group was not read");
    let (values, words) = numbers.beside.last().zip(numbers.words.last()).ok_or_else(missing)?;
    let mut distinct = values.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let name = |value: &f64| words.get(*value as usize).cloned().unwrap_or_else(|| value.to_string());
    let place = |value: &f64| distinct.partition_point(|other| other < value);
    let classes = Classes::new(distinct.iter().map(name).collect(), values.iter().map(place).collect());
    classes.map_err(|e| Problem::invalid("group", e.to_string()))
}

/// Searches until the watcher says so; the laws come at the end.
pub(super) fn search(
    table: &Table,
    published: &SearchOptions,
    numbers: &Numbers,
    watcher: &mut Watcher,
) -> Result<End> {
    let classes = told(numbers)?;
    let options = super::options(published)?;
    let report = search_by_class(table, &classes, &options, &mut |event| {
        let standing = Standing {
            stage: stage(event.stage),
            evaluations: event.evaluations,
            elapsed_s: watcher.elapsed_s(),
            front: None,
        };
        if watcher.look(&standing, None) { Control::Continue } else { Control::Stop }
    });
    let Report { value, findings: noticed } = report.map_err(|e| not_searched(&e))?;
    let mut findings = numbers.findings.clone();
    findings.extend(finding::publish_all(&noticed)?);
    let standing = Standing {
        stage: stage(value.stage),
        evaluations: value.evaluations,
        elapsed_s: watcher.elapsed_s(),
        front: Some(value.laws.iter().map(|law| publish(law, &value)).collect()),
    };
    let chosen = value.chosen.map(|at| at as u32);
    Ok(End { standing, alternatives: vec![], chosen, reasons: vec![], findings })
}

fn publish(law: &ClassLaw, outcome: &ClassOutcome) -> Member {
    let of_class = |(class, expr): (&String, &symreg::Expr)| ClassFormula {
        class: class.clone(),
        formula: publish_formula(expr),
    };
    let differ = !law.numbers.is_empty();
    Member {
        mse: law.mse,
        r2: law.r2,
        exact: law.exact,
        classes: outcome.classes.iter().zip(&law.formulas).filter(|_| differ).map(of_class).collect(),
        ..plain(&law.form, law.size as u32, law.description_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(group: Vec<f64>, words: Vec<String>) -> Numbers {
        let rows = group.len();
        let column = vec![1.0; rows];
        let (inputs, beside, words) =
            (vec![column.clone()], vec![column.clone(), group], vec![vec![], words]);
        Numbers { inputs, target: column, beside, words, rows: None, findings: vec![] }
    }

    #[test]
    fn classes_are_named_by_words_or_numbers() {
        let words = ["north", "south"].map(str::to_owned).to_vec();
        let named = told(&numbers(vec![1.0, 0.0, 1.0], words)).unwrap();
        assert_eq!(named.names(), ["north", "south"]);
        assert_eq!(told(&numbers(vec![4.0, 6.0, 8.0, 4.0], vec![])).unwrap().names(), ["4", "6", "8"]);
        let alone = told(&numbers(vec![4.0, 4.0], vec![])).unwrap_err();
        assert_eq!(alone.errors[0].field.as_deref(), Some("group"));
        assert!(alone.errors[0].message.contains("need 2 to"), "{alone:?}");
    }
}
