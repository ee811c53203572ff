//! Levenberg-Marquardt on all rows until nothing moves: the last fit of a formula's constants, with their standard
//! errors. The search itself uses the faster [`crate::levenberg`].

use crate::gradient::{Block, needed};
use crate::kernel;
use crate::linear;
use crate::tape::Tape;

/// Node-rows, and rows times pairs of constants, between two looks at whether to go on: about a millisecond.
const LOOK: usize = 1_000_000;

/// How a fit proceeds: steps at most, and how cautious the first one is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) steps: usize,
    pub(crate) damping: f64,
}

impl Pace {
    /// Enough for a formula that fits nearly.
    pub(crate) const USUAL: Self = Self { steps: 40, damping: 1e-3 };
}

/// A fitted tape.
pub(crate) struct Refit {
    pub(crate) tape: Tape,
    /// Standard errors of the constants fitted; infinite where the rows do not determine one.
    pub(crate) errors: Vec<f64>,
    /// The weighted sum of squared residuals.
    pub(crate) sse: f64,
}

/// Rows to fit on: columns, target and the roots of the weights, where rows count differently.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) columns: &'a [&'a [f64]],
    pub(crate) target: &'a [f64],
    pub(crate) roots: Option<&'a [f64]>,
}

/// Fits constants, each given by the places it stands at, starting from their values. `None` where the start is not
/// finite. Where `go_on` says no, the values are those reached so far.
pub(crate) fn refit(
    mut tape: Tape,
    free: &[Vec<usize>],
    rows: Rows<'_>,
    pace: Pace,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Refit> {
    let Rows { columns, target, roots } = rows;
    let n = target.len();
    let root = tape.syms.len() - 1;
    let needed = needed(&tape, &free.concat());
    let mut registers = vec![0.0; tape.syms.len() * n];
    let mut adjoints = vec![0.0; tape.syms.len() * n];
    let mut residual = residuals(&tape, rows, &mut registers);
    let mut sse = kernel::dot(&residual, &residual);
    if !sse.is_finite() {
        return None;
    }
    let mut damping = pace.damping;
    let mut jacobian = Vec::new();
    let cost = n * (3 * tape.syms.len() + 4 * free.len() * free.len());
    let (mut work, mut stopped) = (0, false);
    for step in 0..=pace.steps {
        if free.is_empty() {
            break;
        }
        match roots {
            Some(roots) => adjoints[root * n..].copy_from_slice(roots),
            None => adjoints[root * n..].fill(1.0),
        }
        tape.backward(root, &needed, &Block { columns, length: n, registers: &registers }, &mut adjoints);
        jacobian = free.iter().map(|places| added(places, &adjoints, n)).collect::<Vec<_>>();
        if step == pace.steps || jacobian.iter().flatten().any(|v| !v.is_finite()) {
            break;
        }
        let before: Vec<f64> = free.iter().map(|places| tape.syms[places[0]].value).collect();
        let mut improved = false;
        for _ in 0..8 {
            work += cost;
            if work > LOOK {
                work = 0;
                stopped |= !go_on();
            }
            if stopped {
                break;
            }
            let delta = damped_step(&jacobian, &residual, damping);
            for ((places, old), delta) in free.iter().zip(&before).zip(&delta) {
                set(&mut tape, places, old + delta);
            }
            let trial = residuals(&tape, rows, &mut registers);
            let trial_sse = kernel::dot(&trial, &trial);
            if trial_sse < sse {
                let gain = sse - trial_sse;
                (residual, improved) = (trial, gain > 1e-12 * sse);
                sse = trial_sse;
                damping = (damping * 0.1).max(1e-15);
                break;
            }
            damping = (damping * 8.0).max(1e-8);
            for (places, old) in free.iter().zip(&before) {
                set(&mut tape, places, *old);
            }
        }
        if !improved {
            break;
        }
    }
    let errors = standard_errors(&jacobian, sse, n);
    Some(Refit { tape, errors, sse })
}

/// The derivative by a constant: that at all its places together.
fn added(places: &[usize], adjoints: &[f64], n: usize) -> Vec<f64> {
    let mut column = vec![0.0; n];
    for &at in places {
        kernel::zip_into(&mut column, &adjoints[at * n..(at + 1) * n], |a, b| a + b);
    }
    column
}

fn set(tape: &mut Tape, places: &[usize], value: f64) {
    for &at in places {
        tape.syms[at].value = value;
    }
}

fn residuals(tape: &Tape, Rows { columns, target, roots }: Rows<'_>, registers: &mut [f64]) -> Vec<f64> {
    let n = target.len();
    let root = tape.syms.len() - 1;
    tape.forward(columns, n, registers);
    let values = match tape.syms[root].code {
        crate::tape::Code::Var(v) => columns[usize::from(v)],
        _ => &registers[root * n..(root + 1) * n],
    };
    let mut residual = vec![0.0; n];
    kernel::zip(&mut residual, target, values, |y, v| y - v);
    if let Some(roots) = roots {
        kernel::zip_into(&mut residual, roots, |r, w| r * w);
    }
    residual
}

/// The Gauss-Newton step, damped by rows that hold every constant near its value in its own scale.
fn damped_step(jacobian: &[Vec<f64>], residual: &[f64], damping: f64) -> Vec<f64> {
    let k = jacobian.len();
    let extended: Vec<Vec<f64>> = jacobian
        .iter()
        .enumerate()
        .map(|(j, column)| {
            let norm = kernel::dot(column, column).sqrt();
            let mut column = column.clone();
            column.extend((0..k).map(|i| if i == j { norm * damping.sqrt() } else { 0.0 }));
            column
        })
        .collect();
    let mut right = residual.to_vec();
    right.resize(residual.len() + k, 0.0);
    linear::solve(&extended, &right).0
}

/// The residuals' spread times the errors at a spread of one.
fn standard_errors(jacobian: &[Vec<f64>], sse: f64, n: usize) -> Vec<f64> {
    let k = jacobian.len();
    if n <= k {
        return vec![f64::INFINITY; k];
    }
    let spread = (sse / (n - k) as f64).sqrt();
    let solution = linear::solution(jacobian, &vec![0.0; n]);
    (0..k).map(|j| spread * solution.unit_error(j)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::tape::Code;

    #[test]
    fn reaches_the_constants_of_a_curve_to_the_last_digits() {
        let names = ["x".to_owned()];
        let x: Vec<f64> = (0..40).map(|i| f64::from(i) * 0.1).collect();
        let truth = Tape::compile(&parse("2.5*exp(-1.3*x) + 0.7", &names).unwrap());
        let y = truth.eval(&[&x]);
        let start = Tape::compile(&parse("1.1*exp(-0.9*x) + 0.1", &names).unwrap());
        let constant = |&i: &usize| start.syms[i].code == Code::Const;
        let free: Vec<Vec<usize>> = (0..start.syms.len()).filter(constant).map(|i| vec![i]).collect();
        let fit =
            refit(start, &free, Rows { columns: &[&x], target: &y, roots: None }, Pace::USUAL, &mut || true)
                .unwrap();
        for (places, expected) in free.iter().zip([2.5, -1.3, 0.7]) {
            assert!((fit.tape.syms[places[0]].value - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn standard_errors_are_those_of_linear_regression() {
        let names = ["x".to_owned()];
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let y = [1.1, 1.9, 3.2, 3.8, 5.1];
        let start = Tape::compile(&parse("0.9*x + 0.1", &names).unwrap());
        let rows = Rows { columns: &[&x], target: &y, roots: None };
        let fit = refit(start, &[vec![0], vec![3]], rows, Pace::USUAL, &mut || true).unwrap();
        // By hand: s² = 0.107/3, slope error s/sqrt(10), intercept error s*sqrt(1/5 + 9/10).
        let s = (0.107_f64 / 3.0).sqrt();
        assert!((fit.errors[0] - s / 10.0_f64.sqrt()).abs() < 1e-12);
        assert!((fit.errors[1] - s * 1.1_f64.sqrt()).abs() < 1e-12);
    }
}
