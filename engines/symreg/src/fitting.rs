//! A formula whose numbers are parameters, and the fit of these: Levenberg-Marquardt from a start, then undamped steps.

use crate::expr::Expr;
use crate::gradient::{Block, needed};
use crate::kernel;
use crate::linear;
use crate::refit::{Pace, Refit, Rows, refit};
use crate::starts::linear_parameters;
use crate::table::Table;
use crate::tape::{Code, Tape};

/// Undamped steps at the end at most: where residuals are large and the formula bends, each adds but part of a digit.
const SHARPENINGS: usize = 60;
/// Rows derived at a time.
const BLOCK: usize = 4096;

/// How far a fit goes: steps, and how cautious the first one may be, each in turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    steps: usize,
    dampings: &'static [f64],
}

impl Way {
    /// Hard curves creep along narrow valleys; a bold first step may leap over the best fit, a cautious one may creep
    /// into a near one: all are tried.
    pub(crate) const PATIENT: Self = Self { steps: 2000, dampings: &[1e-3, 1.0, 1e3] };
    /// Close to the best fit the bold way is the right one.
    pub(crate) const NEAR: Self = Self { steps: 2000, dampings: &[1e-3] };
    /// A look whether a start is worth more.
    pub(crate) const BRIEF: Self = Self { steps: 60, dampings: &[1e-2] };
}

/// Values of the parameters, and the sum of squares they leave.
#[derive(Debug, Clone)]
pub(crate) struct Best {
    pub(crate) values: Vec<f64>,
    pub(crate) rest: f64,
}

/// A formula whose parameters are constants of a tape.
pub(crate) struct Problem<'a> {
    pub(crate) tape: Tape,
    /// For every parameter the places it stands at.
    pub(crate) places: Vec<Vec<usize>>,
    pub(crate) columns: Vec<&'a [f64]>,
    pub(crate) target: &'a [f64],
    /// The roots of the rows' weights, where they count differently.
    pub(crate) roots: Option<Vec<f64>>,
    /// Whether the formula is linear in a parameter, beside the others that it is linear in.
    pub(crate) linear: Vec<bool>,
}

impl<'a> Problem<'a> {
    /// The formula's names are the table's columns, then the parameters.
    pub(crate) fn new(table: &'a Table, form: &Expr) -> Self {
        let columns = table.names().len();
        let (tape, places) = opened(form, columns);
        Self {
            linear: linear_parameters(&form.root, columns, places.len()),
            tape,
            places,
            columns: table.columns().iter().map(Vec::as_slice).collect(),
            target: table.target(),
            roots: table.weights().map(|weights| weights.iter().map(|w| w.sqrt()).collect()),
        }
    }

    /// The best values from a start; `held` keeps one parameter at its start.
    pub(crate) fn fit(
        &self,
        start: &[f64],
        held: Option<usize>,
        way: Way,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<Best> {
        let tape = self.with(start);
        let free = self.places.iter().enumerate().filter(|(k, _)| held != Some(*k));
        let free: Vec<Vec<usize>> = free.map(|(_, places)| places.clone()).collect();
        let rows = Rows { columns: &self.columns, target: self.target, roots: self.roots.as_deref() };
        let fits = way.dampings.iter().filter_map(|&damping| {
            refit(tape.clone(), &free, rows, Pace { steps: way.steps, damping }, go_on)
        });
        let Refit { tape, sse, .. } = fits.min_by(|a, b| a.sse.total_cmp(&b.sse))?;
        let values = self.places.iter().map(|places| tape.syms[places[0]].value).collect();
        Some(Best { values, rest: sse })
    }

    /// Undamped steps: sums of squares hardly see the last digits of the parameters, slopes do.
    pub(crate) fn sharpened(&self, mut best: Best) -> Best {
        for _ in 0..SHARPENINGS {
            let (step, _) = linear::solve(&self.slopes(&best.values), &self.residuals(&best.values));
            let next: Vec<f64> = best.values.iter().zip(&step).map(|(value, step)| value + step).collect();
            let residual = self.residuals(&next);
            let sum = kernel::dot(&residual, &residual);
            if sum.is_nan() || sum > best.rest * (1.0 + 1e-12) {
                break;
            }
            let still = next.iter().zip(&step).all(|(value, step)| step.abs() <= 1e-14 * value.abs());
            best = Best { values: next, rest: sum };
            if still {
                break;
            }
        }
        best
    }

    /// The fit whose linear parameters are solved in closed form, the others being as they are. `None` where that is
    /// not finite.
    pub(crate) fn solved(&self, values: &[f64]) -> Option<Best> {
        let mut values: Vec<f64> = values
            .iter()
            .zip(&self.linear)
            .map(|(value, linear)| if *linear { 0.0 } else { *value })
            .collect();
        let mut slopes = self.slopes(&values);
        let residual = self.residuals(&values);
        let open: Vec<usize> = (0..values.len()).filter(|&k| self.linear[k]).collect();
        let columns: Vec<Vec<f64>> = open.iter().map(|&k| std::mem::take(&mut slopes[k])).collect();
        let (found, rest) = linear::solve(&columns, &residual);
        for (&k, value) in open.iter().zip(&found) {
            values[k] = *value;
        }
        (rest.is_finite() && values.iter().all(|value| value.is_finite())).then_some(Best { values, rest })
    }

    /// The weighted residuals.
    pub(crate) fn residuals(&self, values: &[f64]) -> Vec<f64> {
        let mut residual = self.with(values).eval(&self.columns);
        kernel::zip_into(&mut residual, self.target, |value, y| y - value);
        if let Some(roots) = &self.roots {
            kernel::scale(&mut residual, roots);
        }
        residual
    }

    /// The derivatives by every parameter, weighted, one column each.
    pub(crate) fn slopes(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let mut slopes = gradients(&self.tape, &self.places, values, &self.columns);
        if let Some(roots) = &self.roots {
            for column in &mut slopes {
                kernel::scale(column, roots);
            }
        }
        slopes
    }

    /// Columns of the same lengths and angles as [`Problem::slopes`], but of few rows where there are many.
    pub(crate) fn short_slopes(&self, values: &[f64]) -> Vec<Vec<f64>> {
        if self.target.len() <= BLOCK {
            return self.slopes(values);
        }
        let mut short: Vec<Vec<f64>> = vec![vec![]; values.len()];
        for start in (0..self.target.len()).step_by(BLOCK) {
            let rows = start..self.target.len().min(start + BLOCK);
            let part: Vec<&[f64]> = self.columns.iter().map(|column| &column[rows.clone()]).collect();
            let slopes = gradients(&self.tape, &self.places, values, &part);
            for (known, mut more) in short.iter_mut().zip(slopes) {
                if let Some(roots) = &self.roots {
                    kernel::scale(&mut more, &roots[rows.clone()]);
                }
                known.extend(more);
            }
            short = linear::triangle(&short);
        }
        short
    }

    fn with(&self, values: &[f64]) -> Tape {
        with_values(&self.tape, &self.places, values)
    }
}

/// The tape of a formula whose names from `first` on are parameters, and the places of each.
pub(crate) fn opened(form: &Expr, first: usize) -> (Tape, Vec<Vec<usize>>) {
    let mut tape = Tape::compile(&form.root);
    let mut places = vec![vec![]; form.names().len() - first];
    for (at, sym) in tape.syms.iter_mut().enumerate() {
        if let Code::Var(v) = sym.code
            && usize::from(v) >= first
        {
            places[usize::from(v) - first].push(at);
            sym.code = Code::Const;
        }
    }
    (tape, places)
}

fn with_values(tape: &Tape, places: &[Vec<usize>], values: &[f64]) -> Tape {
    let mut tape = tape.clone();
    for (places, value) in places.iter().zip(values) {
        for &at in places {
            tape.syms[at].value = *value;
        }
    }
    tape
}

/// The derivatives by every parameter, one column each.
pub(crate) fn gradients(
    tape: &Tape,
    places: &[Vec<usize>],
    values: &[f64],
    columns: &[&[f64]],
) -> Vec<Vec<f64>> {
    let tape = with_values(tape, places, values);
    let n = columns.first().map_or(1, |column| column.len());
    let mut registers = vec![0.0; tape.syms.len() * n];
    let mut adjoints = registers.clone();
    let root = tape.syms.len() - 1;
    tape.forward(columns, n, &mut registers);
    adjoints[root * n..].fill(1.0);
    let needed = needed(&tape, &places.concat());
    tape.backward(root, &needed, &Block { columns, length: n, registers: &registers }, &mut adjoints);
    let sum = |places: &Vec<usize>| {
        let mut column = vec![0.0; n];
        for &at in places {
            kernel::zip_into(&mut column, &adjoints[at * n..(at + 1) * n], |a, b| a + b);
        }
        column
    };
    places.iter().map(sum).collect()
}
