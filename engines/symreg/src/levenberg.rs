//! The fit of one structure: coefficients and offset in closed form, the constants inside the terms by
//! Levenberg-Marquardt on what the closed form leaves (variable projection; Kaufman 1975). No allocation per fit.

#![expect(clippy::needless_range_loop, reason = "small matrices read best by index")]
#![expect(
    clippy::inline_always,
    reason = "these loops are compiled for the vector width of their dispatcher"
)]

use crate::dispatch::{Work, dispatch};
use crate::forest::{MAX_CONSTANTS, MAX_TERMS};
use crate::gradient::{Block, needed};
use crate::kernel;
use crate::sample::Sample;
use crate::tape::{Code, Tape};

/// Relative errors below this are rounding; nothing is left to fit.
const DONE: f64 = 1e-26;
/// A pivot below this fraction of its diagonal marks a dependent term.
const PIVOT: f64 = 1e-13;

/// A square matrix on the stack.
type Square<const N: usize> = [[f64; N]; N];

/// How far a fit should go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) steps: usize,
    /// The relative error worth reaching: a fit that will not come near it is given up.
    pub(crate) goal: f64,
}

/// The result of a fit; the constants are left in the tape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    /// The residuals' sum of squares over the target's.
    pub(crate) error: f64,
    pub(crate) offset: f64,
    pub(crate) coefficients: Vec<f64>,
    /// Forward evaluations it took.
    pub(crate) passes: usize,
}

/// The working space of fits.
#[derive(Debug, Default)]
pub(crate) struct Fitter {
    registers: Vec<f64>,
    adjoints: Vec<f64>,
    terms: Vec<f64>,
    jacobian: Vec<f64>,
    residual: Vec<f64>,
}

/// The closed form's result.
struct Solved {
    coefficients: [f64; MAX_TERMS],
    means: [f64; MAX_TERMS],
    factor: Square<MAX_TERMS>,
    sse: f64,
}

/// What a fit works on.
struct Task<'a> {
    roots: &'a [usize],
    /// The constants inside the terms.
    free: &'a [usize],
    /// The nodes that depend on them.
    needed: &'a [bool],
    sample: &'a Sample,
    columns: &'a [&'a [f64]],
}

/// The Gauss-Newton matrix of the inner constants with the terms projected out, and the slope.
struct Equations {
    hessian: Square<MAX_CONSTANTS>,
    slope: [f64; MAX_CONSTANTS],
}

impl Fitter {
    /// Fits a forest with the given term ends. `None` where it is not finite on the sample.
    pub(crate) fn fit(
        &mut self,
        tape: &mut Tape,
        roots: &[usize],
        sample: &Sample,
        effort: Effort,
    ) -> Option<Fit> {
        self.make_room(tape.syms.len(), sample.padded());
        let columns: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
        let free: Vec<usize> = (0..tape.syms.len()).filter(|&i| tape.syms[i].code == Code::Const).collect();
        let needed = needed(tape, &free);
        let task = Task { roots, free: &free, needed: &needed, sample, columns: &columns };
        let mut passes = 1;
        let mut solved = dispatch(Solve { fitter: self, tape, task: &task })?;
        let mut damping = 1e-2;
        let steps = if free.is_empty() { 0 } else { effort.steps };
        for step in 0..steps {
            if solved.sse <= DONE * sample.total {
                break;
            }
            let linearise = Linearise { fitter: self, tape, task: &task, solved: &solved };
            let Some(equations) = dispatch(linearise) else { break };
            let before = solved.sse;
            let (next, tried) = self.step(tape, &task, &equations, (before, &mut damping));
            passes += tried;
            let Some(next) = next else { break };
            solved = next;
            let ratio = solved.sse / before;
            let left = (steps - step - 1) as i32;
            if ratio > 0.999_99 || hopeless(solved.sse / sample.total, ratio, left, effort.goal) {
                break;
            }
        }
        let error = solved.sse / sample.total;
        let shift: f64 = solved.coefficients.iter().zip(&solved.means).map(|(c, m)| c * m).sum();
        error.is_finite().then(|| Fit {
            error,
            offset: sample.mean - shift,
            coefficients: solved.coefficients[..roots.len()].to_vec(),
            passes,
        })
    }

    fn make_room(&mut self, nodes: usize, length: usize) {
        for buffer in [&mut self.registers, &mut self.adjoints] {
            if buffer.len() < nodes * length {
                buffer.resize(nodes * length, 0.0);
            }
        }
        self.terms.resize(MAX_TERMS * length, 0.0);
        self.jacobian.resize(MAX_CONSTANTS * length, 0.0);
        self.residual.resize(length, 0.0);
    }

    /// Evaluates the terms, centres them and solves for their coefficients; the residuals are left in place.
    #[inline(always)]
    fn solve(&mut self, tape: &Tape, task: &Task<'_>) -> Option<Solved> {
        let sample = task.sample;
        let length = sample.padded();
        tape.forward_here(task.columns, length, &mut self.registers);
        let k = task.roots.len();
        let mut means = [0.0; MAX_TERMS];
        for (j, &root) in task.roots.iter().enumerate() {
            let values = match tape.syms[root].code {
                Code::Var(v) => &task.columns[usize::from(v)][..length],
                _ => &self.registers[root * length..(root + 1) * length],
            };
            let mean = kernel::dot(values, &sample.share);
            if !mean.is_finite() {
                return None;
            }
            means[j] = mean;
            let term = &mut self.terms[j * length..(j + 1) * length];
            kernel::zip(term, values, &sample.mask, |v, m| (v - mean) * m);
        }
        let term = |j: usize| &self.terms[j * length..(j + 1) * length];
        let mut gram = [[0.0; MAX_TERMS]; MAX_TERMS];
        let mut right = [0.0; MAX_TERMS];
        for i in 0..k {
            for j in 0..=i {
                gram[i][j] = kernel::dot(term(i), term(j));
            }
            right[i] = kernel::dot(term(i), &sample.target);
        }
        factorise(&mut gram, k);
        let mut coefficients = substitute(&gram, &right, k);
        self.residual.copy_from_slice(&sample.target);
        // The second turn corrects the rounding of the normal equations.
        let mut change = coefficients;
        for turn in 0..2 {
            for j in 0..k {
                let c = change[j];
                let term = &self.terms[j * length..(j + 1) * length];
                kernel::zip_into(&mut self.residual, term, |r, t| r - c * t);
            }
            if turn == 0 {
                for j in 0..k {
                    right[j] = kernel::dot(&self.terms[j * length..(j + 1) * length], &self.residual);
                }
                change = substitute(&gram, &right, k);
                for j in 0..k {
                    coefficients[j] += change[j];
                }
            }
        }
        let sse = kernel::dot(&self.residual, &self.residual);
        sse.is_finite().then_some(Solved { coefficients, means, factor: gram, sse })
    }

    /// The equations of the next step; `None` where a derivative is not finite.
    #[inline(always)]
    fn linearise(&mut self, tape: &Tape, task: &Task<'_>, solved: &Solved) -> Option<Equations> {
        let sample = task.sample;
        let length = sample.padded();
        for (&root, c) in task.roots.iter().zip(&solved.coefficients) {
            if task.needed[root] {
                self.adjoints[root * length..(root + 1) * length].fill(*c);
                let block = Block { columns: task.columns, length, registers: &self.registers };
                tape.backward_here(root, task.needed, &block, &mut self.adjoints);
            }
        }
        let (k, q) = (task.roots.len(), task.free.len());
        let mut slope = [0.0; MAX_CONSTANTS];
        let mut cross = [[0.0; MAX_TERMS]; MAX_CONSTANTS];
        for (j, &constant) in task.free.iter().enumerate() {
            let adjoint = &self.adjoints[constant * length..(constant + 1) * length];
            let mean = kernel::dot(adjoint, &sample.share);
            if !mean.is_finite() {
                return None;
            }
            let column = &mut self.jacobian[j * length..(j + 1) * length];
            kernel::zip(column, adjoint, &sample.mask, |a, m| (a - mean) * m);
            slope[j] = kernel::dot(column, &self.residual);
            for (i, cross) in cross[j][..k].iter_mut().enumerate() {
                *cross = kernel::dot(column, &self.terms[i * length..(i + 1) * length]);
            }
        }
        let column = |j: usize| &self.jacobian[j * length..(j + 1) * length];
        let mut hessian = [[0.0; MAX_CONSTANTS]; MAX_CONSTANTS];
        for i in 0..q {
            let through = substitute(&solved.factor, &cross[i], k);
            for j in 0..=i {
                let projected: f64 = (0..k).map(|t| through[t] * cross[j][t]).sum();
                hessian[i][j] = kernel::dot(column(i), column(j)) - projected;
            }
        }
        Some(Equations { hessian, slope })
    }

    /// One accepted step, with rising damping; `None` when none of the tries is better.
    fn step(
        &mut self,
        tape: &mut Tape,
        task: &Task<'_>,
        equations: &Equations,
        (sse, damping): (f64, &mut f64),
    ) -> (Option<Solved>, usize) {
        let q = task.free.len();
        let mut old = [0.0; MAX_CONSTANTS];
        for (old, &i) in old.iter_mut().zip(task.free) {
            *old = tape.syms[i].value;
        }
        for tried in 1..=4 {
            let mut damped = equations.hessian;
            for (i, row) in damped.iter_mut().enumerate().take(q) {
                row[i] += *damping * row[i] + f64::MIN_POSITIVE;
            }
            factorise(&mut damped, q);
            let delta = substitute(&damped, &equations.slope, q);
            for ((&i, old), delta) in task.free.iter().zip(&old).zip(&delta) {
                tape.syms[i].value = old + delta;
            }
            let solve = Solve { fitter: self, tape, task };
            if let Some(next) = dispatch(solve)
                && next.sse < sse
            {
                *damping = (*damping * 0.1).max(1e-12);
                return (Some(next), tried);
            }
            *damping = (*damping * 10.0).max(1e-4);
        }
        for (&i, old) in task.free.iter().zip(&old) {
            tape.syms[i].value = *old;
        }
        (None, 4)
    }
}

struct Solve<'a, 't> {
    fitter: &'a mut Fitter,
    tape: &'a Tape,
    task: &'a Task<'t>,
}

impl Work for Solve<'_, '_> {
    type Output = Option<Solved>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        self.fitter.solve(self.tape, self.task)
    }
}

struct Linearise<'a, 't> {
    fitter: &'a mut Fitter,
    tape: &'a Tape,
    task: &'a Task<'t>,
    solved: &'a Solved,
}

impl Work for Linearise<'_, '_> {
    type Output = Option<Equations>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        self.fitter.linearise(self.tape, self.task, self.solved)
    }
}

/// Whether the error will stay above the goal if it goes on falling as it did.
fn hopeless(error: f64, ratio: f64, steps: i32, goal: f64) -> bool {
    error > goal && error * crate::maths::powi(ratio * ratio, steps) > goal
}

/// Cholesky's factor in the lower half; a dependent row is marked by a zero on the diagonal.
#[inline(always)]
fn factorise<const N: usize>(m: &mut Square<N>, n: usize) {
    for j in 0..n {
        let whole = m[j][j];
        let mut pivot = whole;
        for k in 0..j {
            pivot -= m[j][k] * m[j][k];
        }
        let kept = pivot > PIVOT * whole && pivot.is_finite();
        m[j][j] = if kept { pivot.sqrt() } else { 0.0 };
        for i in j + 1..n {
            let mut value = m[i][j];
            for k in 0..j {
                value -= m[i][k] * m[j][k];
            }
            m[i][j] = if kept { value / m[j][j] } else { 0.0 };
        }
    }
}

/// Solves with the factor; dependent rows get zero.
#[inline(always)]
fn substitute<const N: usize>(factor: &Square<N>, right: &[f64; N], n: usize) -> [f64; N] {
    let mut x = [0.0; N];
    for i in 0..n {
        let mut value = right[i];
        for k in 0..i {
            value -= factor[i][k] * x[k];
        }
        x[i] = if factor[i][i] > 0.0 { value / factor[i][i] } else { 0.0 };
    }
    for i in (0..n).rev() {
        let mut value = x[i];
        for k in i + 1..n {
            value -= factor[k][i] * x[k];
        }
        x[i] = if factor[i][i] > 0.0 { value / factor[i][i] } else { 0.0 };
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest;
    use crate::parse::parse;
    use crate::tape::subtree_sizes;
    use crate::transform::Transform;

    fn fitted(start: &str, truth: &str) -> (f64, Vec<f64>) {
        let names = ["x".to_owned(), "z".to_owned()];
        let x: Vec<f64> = (0..50).map(|i| 0.2 + f64::from(i) * 0.07).collect();
        let z: Vec<f64> = (0..50).map(|i| 1.0 + f64::from(i * 17 % 50) * 0.05).collect();
        let y = Tape::compile(&parse(truth, &names).unwrap()).eval(&[&x, &z]);
        let sample = Sample::new(&[&x, &z], (&y, None), Transform::Identity, 128);
        let syms = forest::normalised(&Tape::compile(&parse(start, &names).unwrap()).syms).unwrap();
        let roots = forest::roots(&subtree_sizes(&syms));
        let mut tape = Tape::new(syms);
        let effort = Effort { steps: 40, goal: 1.0 };
        let fit = Fitter::default().fit(&mut tape, &roots, &sample, effort).unwrap();
        let constants = tape.syms.iter().filter(|s| s.code == Code::Const).map(|s| s.value);
        (fit.error, fit.coefficients.iter().copied().chain(constants).collect())
    }

    #[test]
    fn solves_coefficients_and_inner_constants_together() {
        let (error, constants) = fitted("exp(0.5*x) + sin(z*1.1)", "3*exp(-1.25*x) - 2*sin(1.5*z) + 7");
        assert!(error < 1e-24, "{error}");
        for (found, expected) in constants.iter().zip([3.0, -2.0, -1.25, 1.5]) {
            assert!((found - expected).abs() < 1e-9, "{constants:?}");
        }
    }

    #[test]
    fn fits_rational_functions() {
        let (error, constants) = fitted("x/(1 + x)", "8*x/(2.5 + x)");
        assert!(error < 1e-24 && (constants[1] - 2.5).abs() < 1e-9, "{error} {constants:?}");
    }

    #[test]
    fn terms_that_depend_on_each_other_do_no_harm() {
        let (error, _) = fitted("x + (x + z) + z", "2*x - z");
        assert!(error < 1e-24);
    }
}
