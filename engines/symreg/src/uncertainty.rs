//! What is known of the numbers of a formula: standard errors and intervals from the curvature of the sum of squares at the
//! best fit and from the profile of the likelihood (Bates, Watts 1988, chapters 2 and 6). One way for formulas that
//! somebody wrote and for those that a search found.

use crate::error::Error;
use crate::expr::{Expr, Node};
use crate::fitted::{Fitted, Parameter, Scatter, filled};
use crate::fitting::{Best, Problem, Way};
use crate::kernel;
use crate::linear;
use crate::number;
use crate::report::Outcome;
use crate::student;
use crate::table::Table;

/// Profiles are followed on tables of up to so many rows,
const MAX_PROFILE_ROWS: usize = 65_536;
/// and for at most so many steps that take a millisecond each: the same on every machine.
const PROFILE_STEPS: usize = 2000;
/// Rows times nodes and pairs of parameters in a millisecond.
const MILLISECOND: usize = 1_000_000;
/// Letters for numbers that a search found; e is no letter for a number.
const LETTERS: [&str; 14] = ["a", "b", "c", "d", "f", "g", "h", "k", "m", "p", "q", "r", "s", "u"];

impl Outcome {
    /// How the measurements scatter around the chosen formula.
    pub fn scatter(&self) -> Scatter {
        let in_proportion = self.reasons.iter().any(|reason| reason.code == "errors-in-proportion");
        if in_proportion { Scatter::InProportion } else { Scatter::Constant }
    }

    /// What is known of the numbers of the chosen formula. `None` where nothing was chosen, where the formula is exact,
    /// and where there are not more rows than numbers.
    ///
    /// ```
    /// use symreg::{Control, Options, Table, search};
    /// let x: Vec<f64> = (0..40).map(|i| 0.1 * f64::from(i)).collect();
    /// let y = x.iter().map(|x| 2.34 * x * x + 1.7 + 0.05 * (40.0 * x).sin()).collect();
    /// let table = Table::new(vec!["x".into()], vec![x], "y".into(), y)?;
    /// let options = Options { max_evaluations: 5_000, ..Options::default() };
    /// let outcome = search(&table, &options, None, &mut |_| Control::Continue)?.value;
    /// let found = outcome.fitted(&table, &mut || true).expect("it is not exact");
    /// assert!(found.parameters.iter().all(|number| number.standard_error < 0.1));
    /// # Ok::<(), symreg::Error>(())
    /// ```
    pub fn fitted(&self, table: &Table, go_on: &mut dyn FnMut() -> bool) -> Option<Fitted> {
        let member = &self.front[self.chosen?];
        (!member.exact).then(|| Fitted::as_found(table, &member.expr, self.scatter(), go_on).ok()).flatten()
    }
}

impl Fitted {
    /// What is known of the numbers of a formula that was fitted to the table: each that is not plain counts as fitted,
    /// the plain ones are taken as they are written. `go_on` is asked while profiles are followed.
    pub fn as_found(
        table: &Table,
        expr: &Expr,
        scatter: Scatter,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, Error> {
        let (form, values) = with_letters(expr, table);
        if table.rows() <= values.len() {
            return Err(Error::TooFewRows { rows: table.rows(), parameters: values.len() });
        }
        let mut problem = Problem::new(table, &form);
        if scatter == Scatter::InProportion {
            let ratios: Vec<f64> = table.target().iter().map(|y| 1.0 / y.abs()).collect();
            match &mut problem.roots {
                Some(roots) => kernel::scale(roots, &ratios),
                None => problem.roots = Some(ratios),
            }
        }
        let residual = problem.residuals(&values);
        let rest = kernel::dot(&residual, &residual);
        if !rest.is_finite() {
            return Err(Error::NoFiniteStart);
        }
        problem.described(form, &Best { values, rest }, scatter, go_on).measured(table)
    }
}

/// The formula with letters for its fitted numbers, and these. The same number at two places is one.
fn with_letters(expr: &Expr, table: &Table) -> (Expr, Vec<f64>) {
    let mut values: Vec<f64> = Vec::new();
    let first = expr.names().len();
    let root = opened(&expr.root, &mut |c| {
        let at = values.iter().position(|known| known.to_bits() == c.to_bits()).unwrap_or_else(|| {
            values.push(c);
            values.len() - 1
        });
        Node::Var((first + at) as u16)
    });
    let is_taken = |name: &String| expr.names().contains(name) || name == table.target_name();
    let numbered = (1..).map(|n| format!("c{n}"));
    let letters = LETTERS.map(str::to_owned).into_iter().chain(numbered).filter(|name| !is_taken(name));
    let names: Vec<String> = expr.names().iter().cloned().chain(letters.take(values.len())).collect();
    (Expr::new(root, names.into()), values)
}

fn opened(node: &Node, parameter: &mut dyn FnMut(f64) -> Node) -> Node {
    match node {
        Node::Num(c) if !number::is_plain(*c) => parameter(*c),
        Node::Num(_) | Node::Var(_) => node.clone(),
        Node::Neg(a) => Node::Neg(Box::new(opened(a, parameter))),
        Node::Fun(fun, a) => Node::fun(*fun, opened(a, parameter)),
        Node::Bin(op, a, b) => {
            let a = opened(a, parameter);
            Node::bin(*op, a, opened(b, parameter))
        }
    }
}

impl Problem<'_> {
    /// The formula with its parameters at their best, and what is known of them.
    pub(crate) fn described(
        &self,
        form: Expr,
        best: &Best,
        scatter: Scatter,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Fitted {
        let (n, k) = (self.target.len(), best.values.len());
        let freedom = n - k;
        let deviation = (best.rest / freedom as f64).sqrt();
        let covariance = self.covariance(&best.values, deviation);
        let t = student::two_sided_quantile(0.05, freedom as f64);
        let columns = form.names().len() - k;
        let cost = n * (3 * self.tape.syms.len() + 4 * k * k);
        let steps = PROFILE_STEPS / cost.div_ceil(MILLISECOND).max(1);
        let mut steps = if n <= MAX_PROFILE_ROWS { steps } else { 0 };
        let mut may = || {
            steps = if steps > 0 && go_on() { steps - 1 } else { 0 };
            steps > 0
        };
        let parameters = form.names()[columns..].iter().enumerate().map(|(j, name)| {
            let (value, error) = (best.values[j], covariance[j][j].sqrt());
            let mut side = |sign: f64| self.profile_end(best, (j, sign * error), t, &mut may);
            Parameter {
                name: name.clone(),
                value,
                standard_error: error,
                interval: (value - t * error, value + t * error),
                profile: side(-1.0).and_then(|low| Some((low, side(1.0)?))),
            }
        });
        Fitted {
            parameters: parameters.collect(),
            expr: filled(&form, columns, &best.values),
            residual_sum_of_squares: best.rest,
            residual_deviation: deviation,
            scatter,
            degrees_of_freedom: freedom,
            r2: f64::NAN,
            description_length: f64::NAN,
            covariance,
            form,
        }
    }

    /// s² (JᵀJ)⁻¹; infinite variances where it is singular.
    fn covariance(&self, values: &[f64], deviation: f64) -> Vec<Vec<f64>> {
        let slopes = self.short_slopes(values);
        let k = values.len();
        // Row j of the inverse: one and minus the coefficients of column j by the others, over the rest it leaves.
        let mut covariance = vec![vec![0.0; k]; k];
        for j in 0..k {
            let others: Vec<Vec<f64>> = (0..k).filter(|i| *i != j).map(|i| slopes[i].clone()).collect();
            let (along, rest) = linear::solve(&others, &slopes[j]);
            if rest <= 1e-22 * kernel::dot(&slopes[j], &slopes[j]) || !rest.is_finite() {
                covariance[j][j] = f64::INFINITY;
                continue;
            }
            let variance = deviation * deviation / rest;
            for (place, i) in (0..k).filter(|i| *i != j).enumerate() {
                covariance[j][i] = -along[place] * variance;
            }
            covariance[j][j] = variance;
        }
        covariance
    }

    /// Where the sum of squares, all other parameters fitted anew, has risen by t² s². `None` where `go_on` said no on
    /// the way.
    fn profile_end(
        &self,
        best: &Best,
        (j, step): (usize, f64),
        t: f64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<f64> {
        let value = best.values[j];
        let unbounded = if step > 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
        if !step.is_finite() || step == 0.0 {
            return Some(if step == 0.0 { value } else { unbounded });
        }
        // The root of the rise is nearly straight along a parameter: lines through two points soon meet the limit.
        let limit = t * (best.rest / (self.target.len() - best.values.len()) as f64).sqrt();
        let mut start = best.values.clone();
        let mut rise = |at: f64| {
            start[j] = at;
            let mut goes_on = go_on();
            let found = self.fit(&start, Some(j), Way::NEAR, &mut || {
                goes_on = goes_on && go_on();
                goes_on
            });
            let rise = found.map_or(f64::INFINITY, |found| {
                start = found.values;
                (found.rest - best.rest).max(0.0).sqrt()
            });
            goes_on.then_some(rise)
        };
        let (mut inside, mut outside) = ((value, 0.0), (value + t * step, 0.0));
        for tries in 0.. {
            outside.1 = rise(outside.0)?;
            if outside.1 > limit {
                break;
            }
            if tries == 12 {
                return Some(unbounded);
            }
            (inside, outside) = (outside, (value + 2.0 * (outside.0 - value), 0.0));
        }
        for turn in 0..60 {
            let share = (limit - inside.1) / (outside.1 - inside.1);
            // Where lines are no guide, halves are.
            let share = if turn % 4 == 3 || !(0.01..=0.99).contains(&share) { 0.5 } else { share };
            let at = inside.0 + share * (outside.0 - inside.0);
            let found = rise(at)?;
            if (found - limit).abs() <= 1e-9 * limit {
                return Some(at);
            }
            if found > limit {
                outside = (at, found);
            } else {
                inside = (at, found);
            }
        }
        Some(0.5 * (inside.0 + outside.0))
    }
}
