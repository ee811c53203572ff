//! The engine's language and the published one, and the engine's run with a clock.

mod classes;
mod given;
mod member;

use contracts::finding::Finding;
use contracts::symbolic::{Constraint, Member, SearchOptions};
use harness::analysis::finding;
use harness::data_set::{Numbers, Question};
use harness::problem::{Problem, Result};
use symreg::{Control, OperatorSet, Options, Report, Table};

use crate::error::not_searched;
use crate::store::End;
use crate::watch::Watcher;

pub use classes::told as classes_of;
pub use member::forms;
pub(crate) use member::{bands, parse};

/// Characters of a template at most.
const MAX_TEMPLATE: usize = 1000;
/// Resamples at most.
const MAX_CHOICES: u32 = 1000;

/// The published options in the engine's words.
///
/// # Errors
///
/// Operators that there are not, numbers outside their range.
pub fn options(options: &SearchOptions) -> Result<Options> {
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
    if !(1..=20).contains(&options.per_size) {
        return Err(Problem::invalid("per_size", format!("{} is not within 1 and 20", options.per_size)));
    }
    for (field, text) in [("template", &options.template), ("given", &options.given)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEMPLATE) {
            return Err(Problem::invalid(field, format!("a form has at most {MAX_TEMPLATE} characters")));
        }
    }
    if options.choices.is_some_and(|choices| !(1..=MAX_CHOICES).contains(&choices)) {
        return Err(Problem::invalid("choices", format!("give a number within 1 and {MAX_CHOICES}")));
    }
    let asked = [("group", options.group.is_some()), ("choices", options.choices.is_some())];
    let also = asked.into_iter().filter(|(_, asked)| *asked).map(|(field, _)| field).collect::<Vec<_>>();
    let alone = options.given.is_some() && (!also.is_empty() || options.template.is_some());
    if alone || also.len() > 1 {
        let detail = "a given formula, a group and choices are asked one at a time, a given formula without a template";
        return Err(Problem::invalid(if alone { "given" } else { "choices" }, detail));
    }
    if let Some((field, detail)) = contradiction(options) {
        return Err(Problem::invalid(field, detail));
    }
    Ok(Options {
        seed: options.seed,
        max_size,
        operators,
        noise_free: options.noise_free,
        // The budget is time; this one only ends what would run for ever.
        max_evaluations: u64::MAX / 4,
        threads: 1,
        must_use: options.must_use.clone(),
        max_nesting: options.max_nesting.map(|depth| depth as usize),
        per_size: options.per_size as usize,
        units: options.units.as_ref().map(|units| symreg::Units {
            columns: units.columns.clone(),
            constants_have_units: units.constants_have_units,
        }),
        template: options.template.clone(),
        constraints: options.constraints.iter().map(constraint).collect(),
        ..default
    })
}

/// Options that do not go together; nothing that was asked for is silently left out.
fn contradiction(options: &SearchOptions) -> Option<(&'static str, String)> {
    let SearchOptions { operators, max_size, max_nesting, must_use, per_size, units, constraints, .. } =
        options;
    let of_a_search = [
        ("operators", operators.is_some()),
        ("max_size", max_size.is_some()),
        ("max_nesting", max_nesting.is_some()),
        ("must_use", !must_use.is_empty()),
        ("per_size", *per_size != 1),
        ("units", units.is_some()),
        ("constraints", !constraints.is_empty()),
        ("noise_free", options.noise_free),
    ];
    let asked = of_a_search.into_iter().find(|(_, asked)| *asked).map(|(field, _)| field);
    if let (Some(field), Some(_)) = (asked, &options.given) {
        return Some((field, "asks something of a search, a given formula makes none: leave it out".into()));
    }
    if operators.as_ref().is_some_and(Vec::is_empty) {
        return Some(("operators", "name one operator at least, or leave the list out for all".into()));
    }
    if options.group.is_some() && *per_size != 1 {
        return Some(("per_size", "a search by classes keeps one law of each size".into()));
    }
    let least = constraints
        .iter()
        .filter_map(|c| if let Constraint::AtLeast { value } = c { Some(*value) } else { None });
    let most = constraints
        .iter()
        .filter_map(|c| if let Constraint::AtMost { value } = c { Some(*value) } else { None });
    let (least, most) = (least.fold(f64::NEG_INFINITY, f64::max), most.fold(f64::INFINITY, f64::min));
    if least > most {
        return Some(("constraints", format!("nothing is at least {least} and at most {most}")));
    }
    constraints.iter().find_map(|constraint| {
        let Constraint::Rising { column } = constraint else { return None };
        let falls = constraints.contains(&Constraint::Falling { column: column.clone() });
        falls.then(|| ("constraints", format!("give '{column}' one direction: it is to rise and to fall")))
    })
}

fn constraint(constraint: &Constraint) -> symreg::Constraint {
    match constraint.clone() {
        Constraint::AtLeast { value } => symreg::Constraint::AtLeast { value },
        Constraint::AtMost { value } => symreg::Constraint::AtMost { value },
        Constraint::Rising { column } => symreg::Constraint::Rising { column },
        Constraint::Falling { column } => symreg::Constraint::Falling { column },
        Constraint::Defined => symreg::Constraint::Defined,
    }
}

/// Refuses options that the engine would refuse for these columns: it is asked with a table that takes no time.
pub(crate) fn check(question: &Question, published: &SearchOptions) -> Result<()> {
    let options = options(published)?;
    let rows: Vec<f64> = vec![1.0, 2.0, 4.0];
    let inputs = vec![rows.clone(); question.inputs.len()];
    let table = Table::new(question.inputs.clone(), inputs, question.target.clone(), rows);
    let table = table.map_err(|e| not_searched(&e))?;
    let asked = symreg::search(&table, &options, None, &mut |_| Control::Stop);
    asked.map(drop).map_err(|e| Problem::invalid("options", e.to_string()))?;
    match &published.given {
        Some(formula) => given::check(formula, question),
        None => Ok(()),
    }
}

/// The table of a question, weighted where weights are given.
fn table(question: &Question, options: &SearchOptions, numbers: &mut Numbers) -> Result<Table> {
    let (inputs, target) = (std::mem::take(&mut numbers.inputs), std::mem::take(&mut numbers.target));
    let table = Table::new(question.inputs.clone(), inputs, question.target.clone(), target);
    let table = table.map_err(|e| not_searched(&e))?;
    // Weights come before a group.
    match options.weights.as_ref().and_then(|_| numbers.beside.first().cloned()) {
        Some(weights) => table.with_weights(weights).map_err(|e| not_searched(&e)),
        None => Ok(table),
    }
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
    mut numbers: Numbers,
    watcher: &mut Watcher,
) -> Result<End> {
    let table = table(question, published, &mut numbers)?;
    if published.group.is_some() {
        return classes::search(&table, published, &numbers, watcher);
    }
    if let Some(formula) = &published.given {
        return given::fit(&table, formula, &numbers, watcher);
    }
    let mut findings = std::mem::take(&mut numbers.findings);
    let resume = watcher.resume();
    let report = symreg::search(&table, &options(published)?, resume.as_ref(), &mut |event| {
        let standing = Standing {
            stage: stage(event.stage),
            evaluations: event.evaluations,
            elapsed_s: watcher.elapsed_s(),
            front: event.front.map(|front| front.members().iter().map(member::publish).collect()),
        };
        if watcher.look(&standing, event.checkpoint) { Control::Continue } else { Control::Stop }
    });
    let Report { value, findings: noticed } = report.map_err(|e| not_searched(&e))?;
    findings.extend(finding::publish_all(&noticed)?);
    let mut front: Vec<Member> = value.front.iter().map(member::publish).collect();
    findings.extend(nothing_computed(&value));
    if let Some(choices) = published.choices {
        let own = options(published)?;
        let mut go_on = || !watcher.is_stopped();
        let shares = symreg::choice_shares(&table, &own, &value, choices as usize, &mut go_on);
        let shares = shares.map_err(|e| not_searched(&e))?;
        // Those of a part of the resamples would look like those of all.
        if !watcher.is_stopped() {
            front.iter_mut().zip(shares).for_each(|(member, share)| member.share = Some(share));
        }
    }
    if let Some((chosen, found)) = value.chosen.and_then(|at| Some((front.get_mut(at)?, &value.front[at]))) {
        if let Some(fitted) = value.fitted(&table, &mut || !watcher.is_stopped()) {
            member::add_numbers(chosen, &fitted);
        }
        member::add_beyond(chosen, &found.expr, &table);
    }
    let standing = Standing {
        stage: stage(value.stage),
        evaluations: value.evaluations,
        elapsed_s: watcher.elapsed_s(),
        front: Some(front),
    };
    Ok(End {
        standing,
        alternatives: value.alternatives.iter().map(member::publish).collect(),
        chosen: value.chosen.map(|at| at as u32),
        reasons: value.reasons.iter().map(member::publish_reason).collect(),
        findings,
    })
}

/// Said where no formula, not even the mean, has a finite error.
pub fn nothing_computed(outcome: &symreg::Outcome) -> Option<Finding> {
    outcome.front.is_empty().then(|| Finding::warning("nothing-computed"))
}

/// The stage's word.
fn stage(stage: symreg::Stage) -> String {
    serde_json::to_value(stage).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_refuses_what_does_not_fit_the_columns() {
        let question = Question { target: "y".into(), inputs: vec!["a".into(), "b".into()] };
        let refused = |options: &SearchOptions| check(&question, options).unwrap_err().detail;
        assert!(check(&question, &SearchOptions::default()).is_ok());
        let must = SearchOptions { must_use: vec!["c".into()], ..SearchOptions::default() };
        assert!(refused(&must).contains("'c'"), "{}", refused(&must));
        let units = contracts::symbolic::Units {
            columns: [("a".to_owned(), "furlong".to_owned())].into(),
            ..Default::default()
        };
        let strange = SearchOptions { units: Some(units), ..SearchOptions::default() };
        assert!(refused(&strange).contains("furlong"), "{}", refused(&strange));
        let rising = Constraint::Rising { column: "z".into() };
        let unknown = SearchOptions { constraints: vec![rising], ..SearchOptions::default() };
        assert!(refused(&unknown).contains("'z'"), "{}", refused(&unknown));
        let form = SearchOptions { template: Some("a*sin(_".into()), ..SearchOptions::default() };
        assert!(refused(&form).contains("character"), "{}", refused(&form));
        assert!(refused(&SearchOptions { per_size: 0, ..SearchOptions::default() }).contains("20"));
    }

    #[test]
    fn nothing_that_was_asked_is_silently_left_out() {
        let question = Question { target: "y".into(), inputs: vec!["a".into(), "b".into()] };
        let usual = SearchOptions::default;
        let constraints = |all: &[Constraint]| SearchOptions { constraints: all.to_vec(), ..usual() };
        let given = |formula: &str| SearchOptions { given: Some(formula.into()), ..usual() };
        let both = [Constraint::Rising { column: "a".into() }, Constraint::Falling { column: "a".into() }];
        let empty = [Constraint::AtLeast { value: 5.0 }, Constraint::AtMost { value: 1.0 }];
        for (options, wanted) in [
            (SearchOptions { must_use: vec!["a".into()], ..given("k*a") }, "must_use: asks"),
            (SearchOptions { operators: Some(vec![]), ..usual() }, "one operator"),
            (SearchOptions { group: Some("g".into()), per_size: 2, ..usual() }, "one law of each size"),
            (constraints(&both), "'a' one direction"),
            (constraints(&empty), "at least 5 and at most 1"),
            (given("k*y"), "'y' is what is to be explained"),
        ] {
            let refused = check(&question, &options).unwrap_err().detail;
            assert!(refused.contains(wanted), "{refused}");
        }
        assert!(check(&question, &constraints(&[both[0].clone(), empty[0].clone()])).is_ok());
        assert!(check(&question, &given("k*a")).is_ok());
    }

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
