//! One law for several classes of rows, whose numbers may differ from class to class: many specimens of one alloy, many
//! pendulums, one decay of many isotopes.
//!
//! Every class and all rows together are searched for forms by turns; each form is fitted to all classes at once, each
//! number of it for every class, for all of them, or plain, whatever tells the table in the shortest way
//! (multi-view symbolic regression: Russeil et al. 2024, arXiv 2402.04298).

mod law;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::choose::TIE;
use crate::error::Error;
use crate::expr::{Expr, Node};
use crate::number;
use crate::options::Options;
use crate::report::{Control, Event, Finding, Report, Severity, Stage};
use crate::search::search;
use crate::table::Table;
use law::Fitter;

/// Classes whose forms are sought, the largest; all are fitted.
const SOUGHT: usize = 4;
/// Formulas tried for each in the first round; twice as many in each further one.
const FIRST: u64 = 20_000;
/// A law of the same error but for this share is the same law.
const MARGIN: f64 = 1e-6;
/// Classes at most: every one may have numbers of its own.
const MAX_CLASSES: usize = 256;

/// Which class each row of a table belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes {
    names: Vec<String>,
    of_rows: Vec<usize>,
}

/// A number of a law that differs from class to class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassNumber {
    /// Its letter in the form.
    pub name: String,
    /// Its value for every class.
    pub values: Vec<f64>,
}

/// A law with numbers of its own for every class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassLaw {
    /// The form, with a letter for every number that differs.
    pub form: Expr,
    /// The numbers that differ, in the order of their letters.
    pub numbers: Vec<ClassNumber>,
    /// The formula of every class.
    pub formulas: Vec<Expr>,
    /// The size of the form, see [`Expr::size`]; a letter counts as a number that is not plain.
    pub size: usize,
    /// The mean squared error over all rows.
    pub mse: f64,
    /// The share of the target's variance over all rows that it explains.
    pub r2: f64,
    /// The length of the description of form, all numbers and residuals, in nats; the least is the best.
    pub description_length: f64,
    /// Whether it fits every row to rounding.
    pub exact: bool,
}

/// What a search by classes found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassOutcome {
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The laws no other beats in both size and error, the smallest first.
    pub laws: Vec<ClassLaw>,
    /// The engine's choice, an index into the laws.
    pub chosen: Option<usize>,
    /// Where the search ended.
    pub stage: Stage,
    /// Formulas tried.
    pub evaluations: u64,
}

impl Classes {
    /// Takes the names of the classes and the class of every row, an index into them.
    pub fn new(names: Vec<String>, of_rows: Vec<usize>) -> Result<Self, Error> {
        let classes = names.len();
        if !(2..=MAX_CLASSES).contains(&classes) {
            return Err(Error::Classes { classes, limit: MAX_CLASSES });
        }
        if let Some(empty) = (0..classes).find(|class| !of_rows.contains(class)) {
            return Err(Error::EmptyClass { class: names[empty].clone() });
        }
        match of_rows.iter().position(|class| *class >= classes) {
            Some(row) => Err(Error::UnknownClass { row: row + 1 }),
            None => Ok(Self { names, of_rows }),
        }
    }

    /// The names of the classes.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn rows_of(&self, class: usize) -> Vec<usize> {
        (0..self.of_rows.len()).filter(|row| self.of_rows[*row] == class).collect()
    }
}

/// Seeks one law for all classes. The observer is asked as in [`search`], and shown no front: laws come at the end.
///
/// ```
/// use symreg::{Classes, Control, Options, Table, search_by_class};
/// let t: Vec<f64> = (0..24).map(|i| f64::from(i % 12)).collect();
/// let class: Vec<usize> = (0..24).map(|i| i / 12).collect();
/// let y = t.iter().zip(&class).map(|(t, c)| [3.0, 5.0][*c] * t * t + 2.0).collect();
/// let table = Table::new(vec!["t".into()], vec![t], "y".into(), y)?;
/// let classes = Classes::new(vec!["north".into(), "south".into()], class)?;
/// let options = Options { max_evaluations: 10_000, ..Options::default() };
/// let found = search_by_class(&table, &classes, &options, &mut |_| Control::Continue)?.value;
/// let law = &found.laws[found.chosen.expect("there is a law")];
/// assert_eq!(law.form.text(), "a*t^2 + 2");
/// assert_eq!(law.numbers[0].values, [3.0, 5.0]);
/// assert_eq!(law.formulas[1].text(), "5*t^2 + 2");
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn search_by_class(
    table: &Table,
    classes: &Classes,
    options: &Options,
    observe: &mut dyn FnMut(&Event<'_>) -> Control,
) -> Result<Report<ClassOutcome>, Error> {
    if classes.of_rows.len() != table.rows() {
        let (column, rows) = ("classes".to_owned(), classes.of_rows.len());
        return Err(Error::LengthsDiffer { column, rows, expected: table.rows() });
    }
    let parts: Vec<Table> =
        (0..classes.names.len()).map(|class| table.of_rows(&classes.rows_of(class))).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&class| (std::cmp::Reverse(parts[class].rows()), class));
    let sources: Vec<&Table> = order.iter().take(SOUGHT).map(|&class| &parts[class]).chain([table]).collect();
    let fitter = Fitter::new(table, classes, options)?;
    let mut found = Found { laws: vec![], known: BTreeSet::new(), evaluations: 0, stopped: false };
    let mut findings = Vec::new();
    let mut budget = FIRST;
    while !found.stopped && found.evaluations < options.max_evaluations && !found.is_exact() {
        for (index, source) in sources.iter().enumerate() {
            if found.stopped || found.evaluations >= options.max_evaluations {
                break;
            }
            let report = found.forms_of(source, (options, budget), observe)?;
            if index + 1 == sources.len() && findings.is_empty() {
                findings = report.findings;
            }
            let members = report.value.front.into_iter().map(|member| member.expr.root);
            found.take(members.collect(), &fitter, observe);
        }
        budget *= 2;
    }
    let Found { mut laws, evaluations, stopped, .. } = found;
    laws.sort_by(|a, b| a.size.cmp(&b.size).then(a.description_length.total_cmp(&b.description_length)));
    keep_better(&mut laws);
    let shortest = laws.iter().map(|law| law.description_length).fold(f64::INFINITY, f64::min);
    let chosen = laws.iter().position(|law| law.description_length <= shortest + TIE);
    if let Some(law) = chosen.map(|at| &laws[at])
        && law.numbers.is_empty()
    {
        findings.push(Finding::new("classes-alike", Severity::Info).with("classes", classes.names.len()));
    }
    findings.extend(chosen.and_then(|at| few_rows(classes, laws[at].numbers.len())));
    let stage = if stopped { Stage::Search } else { Stage::Done };
    let value = ClassOutcome { classes: classes.names.clone(), laws, chosen, stage, evaluations };
    Ok(Report { value, findings })
}

/// Leaves out what is no better than something shorter, or of its size and before it.
fn keep_better(laws: &mut Vec<ClassLaw>) {
    let mut least = f64::INFINITY;
    laws.retain(|law| {
        let better = law.mse < (1.0 - MARGIN) * least || least.is_infinite();
        least = least.min(law.mse);
        better
    });
}

/// Classes whose rows do not tell more than their own numbers.
fn few_rows(classes: &Classes, numbers: usize) -> Option<Finding> {
    let few = (0..classes.names.len()).filter(|class| classes.rows_of(*class).len() <= numbers);
    let names: Vec<&str> = few.map(|class| classes.names[class].as_str()).collect();
    let finding = Finding::new("classes-of-few-rows", Severity::Warning);
    (!names.is_empty()).then(|| finding.with("names", names.join(", ")).with("numbers", numbers))
}

/// What was found so far.
struct Found {
    laws: Vec<ClassLaw>,
    /// The forms that were fitted, numbers aside.
    known: BTreeSet<String>,
    evaluations: u64,
    stopped: bool,
}

impl Found {
    fn is_exact(&self) -> bool {
        self.laws.iter().any(|law| law.exact)
    }

    /// The forms of some rows.
    fn forms_of(
        &mut self,
        table: &Table,
        (options, budget): (&Options, u64),
        observe: &mut dyn FnMut(&Event<'_>) -> Control,
    ) -> Result<Report<crate::report::Outcome>, Error> {
        let before = self.evaluations;
        let max_evaluations = budget.min(options.max_evaluations - before);
        let own = Options { max_evaluations, seed: options.seed ^ (budget / FIRST - 1), ..options.clone() };
        let stopped = &mut self.stopped;
        let report = search(table, &own, None, &mut |event| {
            let evaluations = before + event.evaluations;
            let control = observe(&Event { stage: event.stage, evaluations, front: None, checkpoint: None });
            *stopped |= control == Control::Stop;
            control
        })?;
        self.evaluations += report.value.evaluations.max(1);
        Ok(report)
    }

    /// Fits the forms that are new to all classes.
    fn take(
        &mut self,
        forms: Vec<Node>,
        fitter: &Fitter<'_>,
        observe: &mut dyn FnMut(&Event<'_>) -> Control,
    ) {
        for form in forms {
            let abstracted = form.map_numbers(&|c| if number::is_plain(c) { c } else { 0.123 });
            if !self.known.insert(format!("{abstracted:?}")) {
                continue;
            }
            let evaluations = self.evaluations;
            let stopped = &mut self.stopped;
            let mut go_on = || {
                let event = Event { stage: Stage::Search, evaluations, front: None, checkpoint: None };
                *stopped |= observe(&event) == Control::Stop;
                !*stopped
            };
            let shortest = self.laws.iter().map(|law| law.description_length).fold(f64::INFINITY, f64::min);
            self.laws.extend(fitter.law(&form, shortest, &mut go_on));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(rows: &[usize]) -> Classes {
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        Classes::new(names, rows.to_vec()).unwrap()
    }

    fn found(law: impl Fn(f64, usize) -> f64, evaluations: u64) -> ClassOutcome {
        let class: Vec<usize> = (0..45).map(|i| i / 15).collect();
        let x: Vec<f64> = (0..45).map(|i| 0.3 + 0.4 * f64::from(i % 15)).collect();
        let y = x.iter().zip(&class).map(|(x, c)| law(*x, *c)).collect();
        let table = Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap();
        let options = Options { max_evaluations: evaluations, ..Options::default() };
        search_by_class(&table, &classes(&class), &options, &mut |_| Control::Continue).unwrap().value
    }

    #[test]
    fn rates_differ_and_the_room_is_one() {
        let found = found(|x, c| 20.0 + 75.0 * (-[0.2, 0.5, 1.1][c] * x).exp(), 60_000);
        let law = &found.laws[found.chosen.unwrap()];
        assert!(law.exact && law.numbers.len() == 1, "{law:?}");
        for (rate, wanted) in law.numbers[0].values.iter().zip([0.2, 0.5, 1.1_f64]) {
            let is_base = (rate - (-wanted).exp()).abs() < 1e-9;
            assert!((rate.abs() - wanted).abs() < 1e-9 || is_base, "{law:?}");
        }
    }

    #[test]
    fn noise_does_not_make_classes_differ() {
        let noise = |x: f64| 0.05 * (x * 1234.567).sin();
        let found = found(|x, _| 3.0 * x + 1.0 + noise(x + 0.1), 30_000);
        let law = &found.laws[found.chosen.unwrap()];
        assert!(law.numbers.is_empty(), "{law:?}");
    }

    #[test]
    fn the_same_law_is_told_once() {
        let law = found(|x, c| [1.3, 2.7, 4.1][c] * x, 5_000).laws.remove(0);
        let of = |mse: f64| ClassLaw { mse, ..law.clone() };
        let mut laws = vec![of(0.5), of(0.5 - 1e-8), of(0.4)];
        keep_better(&mut laws);
        assert_eq!(laws, [of(0.5), of(0.4)]);
    }

    #[test]
    fn classes_that_fit_themselves_are_named() {
        let few = few_rows(&classes(&[0, 0, 0, 1, 2, 2]), 2).unwrap();
        assert_eq!((few.args["names"].as_str(), few.args["numbers"].as_u64()), (Some("b, c"), Some(2)));
        assert!(few_rows(&classes(&[0, 1, 2]), 0).is_none());
    }

    #[test]
    fn the_same_classes_give_the_same_laws() {
        let one = found(|x, c| [1.3, 2.7, 4.1][c] * x * x + 0.3 * (7.0 * x).sin(), 20_000);
        let two = found(|x, c| [1.3, 2.7, 4.1][c] * x * x + 0.3 * (7.0 * x).sin(), 20_000);
        assert_eq!(one, two);
    }

    #[test]
    fn refuses_one_class_an_empty_one_and_a_wrong_number_of_rows() {
        assert_eq!(
            Classes::new(vec!["a".into()], vec![0]),
            Err(Error::Classes { classes: 1, limit: MAX_CLASSES })
        );
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let empty = Classes::new(named(&["a", "b"]), vec![0, 0]);
        assert_eq!(empty, Err(Error::EmptyClass { class: "b".into() }));
        assert_eq!(Classes::new(named(&["a", "b"]), vec![0, 1, 2]), Err(Error::UnknownClass { row: 3 }));
        let table = Table::new(vec!["x".into()], vec![vec![1.0, 2.0]], "y".into(), vec![1.0, 2.0]).unwrap();
        let three = classes(&[0, 1, 2]);
        let refused = search_by_class(&table, &three, &Options::default(), &mut |_| Control::Continue);
        assert!(matches!(refused, Err(Error::LengthsDiffer { rows: 3, expected: 2, .. })));
    }
}
