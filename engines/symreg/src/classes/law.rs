//! A form fitted to all classes at once: every number first for each class, then made one for all, then plain, as long
//! as the whole is told in a shorter way.

use super::{ClassLaw, ClassNumber, Classes};
use crate::choose;
use crate::error::Error;
use crate::expr::{Bin, Expr, Node};
use crate::front::Judge;
use crate::number;
use crate::options::Options;
use crate::person;
use crate::refit::{Pace, Refit, Rows, refit};
use crate::table::Table;
use crate::tape::{Code, Sym, Tape};

/// Rows a form is fitted on at most.
const MAX_ROWS: usize = 8192;
/// Forms whose numbers, all of them for each class, are told in so much more than the best law are not looked at closer.
const MARGIN: f64 = 60.0;
/// Standard errors within which a plain value is tried.
const REACH: f64 = 3.0;
/// More numbers than this in a form are not looked into.
const MAX_NUMBERS: usize = 16;

/// Fits forms to a table with classes.
pub(super) struct Fitter<'a> {
    table: &'a Table,
    judge: Judge<'a>,
    /// The columns, then for every class one that is 1 on its rows and 0 elsewhere.
    columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    roots: Option<Vec<f64>>,
    of_rows: Vec<usize>,
    classes: usize,
    positive: Vec<bool>,
    max_size: usize,
}

/// A number of a form.
#[derive(Debug, Clone, PartialEq)]
enum Number {
    /// One for each class.
    Each(Vec<f64>),
    /// One for all.
    One(f64),
    /// One for all, as it is written.
    Plain(f64),
}

/// A form with its numbers as they are fitted now.
#[derive(Debug, Clone)]
struct State {
    /// In the order of the form's tape.
    numbers: Vec<Number>,
    /// The standard errors of those that are one for all.
    errors: Vec<f64>,
    mse: f64,
    length: f64,
}

impl<'a> Fitter<'a> {
    pub(super) fn new(table: &'a Table, classes: &Classes, options: &Options) -> Result<Self, Error> {
        let stride = table.rows().div_ceil(MAX_ROWS);
        let thin = |column: &[f64]| column.iter().copied().step_by(stride).collect::<Vec<f64>>();
        let of_rows = classes.of_rows.clone();
        let mut columns: Vec<Vec<f64>> = table.columns().iter().map(|column| thin(column)).collect();
        for class in 0..classes.names.len() {
            let own: Vec<f64> = of_rows.iter().map(|of| f64::from(u8::from(*of == class))).collect();
            columns.push(thin(&own));
        }
        Ok(Self {
            table,
            judge: Judge::new(table, options)?,
            columns,
            target: thin(table.target()),
            roots: table.weights().map(|w| thin(w).into_iter().map(f64::sqrt).collect()),
            of_rows,
            classes: classes.names.len(),
            positive: table.columns().iter().map(|column| column.iter().all(|x| *x > 0.0)).collect(),
            max_size: options.max_size,
        })
    }

    /// The law of a form; `None` where it is not finite or told in much more than the `shortest`.
    pub(super) fn law(
        &self,
        form: &Node,
        shortest: f64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<ClassLaw> {
        let tape = Tape::compile(form);
        let start: Vec<f64> =
            tape.syms.iter().filter(|sym| sym.code == Code::Const).map(|sym| sym.value).collect();
        if start.len() > MAX_NUMBERS {
            return None;
        }
        let each = start.iter().map(|value| Number::Each(vec![*value; self.classes])).collect();
        let mut state = self.fitted(&tape, each, go_on)?;
        if state.length > shortest + MARGIN + 8.0 * (start.len() * self.classes) as f64 {
            return None;
        }
        for merged in [Self::merged, Self::made_plain] {
            while let Some(shorter) = merged(self, &tape, &state, go_on) {
                state = shorter;
            }
        }
        self.described(&tape, &state)
    }

    /// The best way to make one number the same for all classes, where the description gets shorter.
    fn merged(&self, tape: &Tape, state: &State, go_on: &mut dyn FnMut() -> bool) -> Option<State> {
        let mut best: Option<State> = None;
        for k in 0..state.numbers.len() {
            let Number::Each(values) = &state.numbers[k] else { continue };
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let mut numbers = state.numbers.clone();
            numbers[k] = Number::One(sorted[sorted.len() / 2]);
            let Some(found) = self.fitted(tape, numbers, go_on) else { continue };
            if found.length < best.as_ref().unwrap_or(state).length {
                best = Some(found);
            }
            if !go_on() {
                break;
            }
        }
        best
    }

    /// The first number that may be written plainly, with a shorter description.
    fn made_plain(&self, tape: &Tape, state: &State, go_on: &mut dyn FnMut() -> bool) -> Option<State> {
        for k in 0..state.numbers.len() {
            let Number::One(value) = state.numbers[k] else { continue };
            let reach = (REACH * state.errors[k]).min(0.3 * value.abs()).max(1e-9 * value.abs());
            let mut plain = number::plain_near(value, reach);
            plain.truncate(4);
            if REACH * state.errors[k] >= value.abs() {
                plain.push(0.0);
            }
            for candidate in plain {
                let mut numbers = state.numbers.clone();
                numbers[k] = Number::Plain(candidate);
                let found = self.fitted(tape, numbers, go_on).filter(|found| found.length < state.length);
                if found.is_some() || !go_on() {
                    return found;
                }
            }
        }
        None
    }

    /// The form with its open numbers fitted to all classes at once.
    fn fitted(&self, tape: &Tape, numbers: Vec<Number>, go_on: &mut dyn FnMut() -> bool) -> Option<State> {
        let (spread, places) = self.spread(tape, &numbers);
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let rows = Rows { columns: &columns, target: &self.target, roots: self.roots.as_deref() };
        let Refit { tape: fitted, errors, .. } =
            refit(spread, &places, rows, Pace { steps: 60, ..Pace::USUAL }, go_on)?;
        let mut values = places.iter().map(|at| fitted.syms[at[0]].value).zip(errors);
        let mut own_errors = Vec::with_capacity(numbers.len());
        let mut next = Vec::with_capacity(numbers.len());
        for number in numbers {
            let (number, error) = match number {
                Number::Each(each) => {
                    (Number::Each(values.by_ref().take(each.len()).map(|(value, _)| value).collect()), 0.0)
                }
                Number::One(one) => {
                    values.next().map_or((Number::One(one), 0.0), |(v, e)| (Number::One(v), e))
                }
                Number::Plain(plain) => (Number::Plain(plain), 0.0),
            };
            next.push(number);
            own_errors.push(error);
        }
        let (mse, length) = self.measured(tape, &next)?;
        Some(State { numbers: next, errors: own_errors, mse, length })
    }

    /// The code with a number for each class written as a sum over the classes' columns, and the places of all that is
    /// fitted, in the order of the numbers.
    fn spread(&self, tape: &Tape, numbers: &[Number]) -> (Tape, Vec<Vec<usize>>) {
        let first = self.columns.len() - self.classes;
        let (mut syms, mut places) = (Vec::new(), Vec::new());
        let mut numbers = numbers.iter();
        for sym in &tape.syms {
            match (sym.code, (sym.code == Code::Const).then(|| numbers.next()).flatten()) {
                (_, Some(Number::Each(values))) => {
                    for (class, value) in values.iter().enumerate() {
                        places.push(vec![syms.len()]);
                        syms.push(Sym::constant(*value));
                        syms.push(Sym::of(Code::Var((first + class) as u16)));
                        syms.push(Sym::of(Code::Bin(Bin::Mul)));
                        if class > 0 {
                            syms.push(Sym::of(Code::Bin(Bin::Add)));
                        }
                    }
                }
                (_, Some(Number::One(value))) => {
                    places.push(vec![syms.len()]);
                    syms.push(Sym::constant(*value));
                }
                (_, Some(Number::Plain(value))) => syms.push(Sym::constant(*value)),
                _ => syms.push(*sym),
            }
        }
        (Tape::new(syms), places)
    }

    /// The mean squared error over all rows and the length of the description.
    fn measured(&self, tape: &Tape, numbers: &[Number]) -> Option<(f64, f64)> {
        let mut values = vec![0.0; self.table.rows()];
        let views: Vec<&[f64]> = self.table.columns().iter().map(Vec::as_slice).collect();
        for class in 0..self.classes {
            let found = of_class(tape, numbers, class).eval(&views);
            for (row, value) in values.iter_mut().enumerate().filter(|(row, _)| self.of_rows[*row] == class) {
                *value = found[row];
            }
        }
        let (mse, log_spread) = self.judge.error_and_spread(&values)?;
        let node = of_class(tape, numbers, 0).node(tape.syms.len() - 1);
        let own = numbers.iter().filter(|number| matches!(number, Number::Each(_))).count();
        let further = own * (self.classes - 1);
        let n = self.table.rows() as f64;
        let precision = 0.5 * n.ln() - log_spread.min(0.0);
        let length = self.judge.length(&node, log_spread) + further as f64 * precision;
        let open = own * self.classes + numbers.iter().filter(|n| matches!(n, Number::One(_))).count();
        Some((mse, if open + 1 < self.table.rows() { length } else { length + choose::UNDETERMINED }))
    }

    fn described(&self, tape: &Tape, state: &State) -> Option<ClassLaw> {
        let names = self.table.names();
        let mut free = ('a'..='z').map(String::from).filter(|letter| !names.contains(letter));
        let own = state.numbers.iter().filter(|number| matches!(number, Number::Each(_))).count();
        // Letters stand before the columns, as a person writes them.
        let mut all: Vec<String> = free.by_ref().take(own).collect();
        if all.len() < own {
            return None;
        }
        let mut numbers: Vec<ClassNumber> = Vec::new();
        let mut syms = tape.syms.clone();
        let mut left = state.numbers.iter();
        for sym in &mut syms {
            match sym.code {
                Code::Var(column) => *sym = Sym::of(Code::Var(column + own as u16)),
                Code::Const => match left.next()? {
                    Number::Each(values) => {
                        *sym = Sym::of(Code::Var(numbers.len() as u16));
                        numbers
                            .push(ClassNumber { name: all[numbers.len()].clone(), values: values.clone() });
                    }
                    Number::One(value) | Number::Plain(value) => sym.value = *value,
                },
                _ => {}
            }
        }
        all.extend_from_slice(names);
        let positive: Vec<bool> =
            std::iter::repeat_n(false, own).chain(self.positive.iter().copied()).collect();
        let root = syms.len() - 1;
        let form = Expr::new(person::tidy_where(&Tape::new(syms).node(root), &positive), all.into());
        let size = form.size() + numbers.len();
        let formula = |class| {
            let node = of_class(tape, &state.numbers, class).node(root);
            Expr::new(person::tidy_where(&node, &self.positive), self.table.shared_names())
        };
        let exact = state.mse <= self.judge.floor;
        (size <= self.max_size).then(|| ClassLaw {
            form,
            numbers,
            formulas: (0..self.classes).map(formula).collect(),
            size,
            mse: if exact { 0.0 } else { state.mse },
            r2: if exact { 1.0 } else { 1.0 - state.mse / self.judge.variance },
            description_length: state.length,
            exact,
        })
    }
}

/// The code with the numbers of a class.
fn of_class(tape: &Tape, numbers: &[Number], class: usize) -> Tape {
    let mut own = tape.clone();
    for (sym, number) in own.syms.iter_mut().filter(|sym| sym.code == Code::Const).zip(numbers) {
        sym.value = match number {
            Number::Each(values) => values[class],
            Number::One(value) | Number::Plain(value) => *value,
        };
    }
    own
}
