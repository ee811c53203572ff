//! Fits the parameters of a formula somebody wrote: nonlinear least squares with standard errors, intervals from the
//! curvature and from the profile of the likelihood (Bates, Watts 1988, chapters 2 and 6), and bands for predictions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::expr::{Expr, Node};
use crate::front::Judge;
use crate::gradient::{Block, needed};
use crate::kernel;
use crate::linear;
use crate::options::Options;
use crate::parse;
use crate::refit::{Pace, Refit, Rows, refit};
use crate::report::{Finding, Report, Severity};
use crate::rng::Rng;
use crate::starts::{SCALES, linear_parameters};
use crate::student;
use crate::table::Table;
use crate::tape::{Code, Tape};

/// Steps of one fit: hard curves creep along narrow valleys.
const STEPS: usize = 2000;
/// Undamped steps at the end at most: where residuals are large and the formula bends, each adds but part of a digit.
const SHARPENINGS: usize = 60;
/// A bold first step may leap over the best fit, a cautious one may creep into a near one: both are tried.
const DAMPINGS: [f64; 3] = [1e-3, 1.0, 1e3];
/// Starts drawn where the caller gives none.
const STARTS: u64 = 40;
/// A sum of squares that is lower by this fraction is that of another minimum.
const LOWER: f64 = 1e-6;

/// A parameter of a fitted formula.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in the formula.
    pub name: String,
    /// The value that fits best.
    pub value: f64,
    /// Its standard error; infinite where the rows do not determine it.
    pub standard_error: f64,
    /// The ends of its 95 % interval from the curvature at the best fit, by Student's t.
    pub interval: (f64, f64),
    /// The ends of its 95 % interval from the profile of the likelihood: not symmetric where the formula bends.
    /// Infinite on a side where no value can be ruled out.
    pub profile: (f64, f64),
}

/// A formula with fitted parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The formula with the values in place of the parameters.
    pub expr: Expr,
    /// The parameters in the order they occur.
    pub parameters: Vec<Parameter>,
    /// The weighted sum of squared residuals.
    pub residual_sum_of_squares: f64,
    /// The residuals' standard deviation, by the degrees of freedom.
    pub residual_deviation: f64,
    /// Rows less parameters.
    pub degrees_of_freedom: usize,
    /// The share of the target's variance explained.
    pub r2: f64,
    /// The length of the description of formula, numbers and residuals, in nats, as searches tell it.
    pub description_length: f64,
    /// The parameters' covariance matrix.
    pub covariance: Vec<Vec<f64>>,
    /// The formula over columns and parameters.
    form: Expr,
}

/// What a fitted formula says of one row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The value.
    pub value: f64,
    /// Its standard error, from those of the parameters.
    pub standard_error: f64,
    /// The 95 % band of the formula's value.
    pub confidence: (f64, f64),
    /// The 95 % band of a new measurement.
    pub measurement: (f64, f64),
}

/// Fits a formula: what it names and the table has no column for is a parameter. Numbers stay as they are.
///
/// Without a start for a parameter, starts of several magnitudes are tried and the best fit is taken; the finding
/// `starts-drawn` says so. From given starts the parameters the formula is not linear in are tried in other scales too;
/// where that leads to a lower sum of squares, the finding `better-start` says so.
///
/// ```
/// use std::collections::BTreeMap;
/// use symreg::{Table, fit_given};
/// let t: Vec<f64> = (0..20).map(f64::from).collect();
/// let y = t.iter().map(|t| 20.0 + 75.0 * (-0.2 * t).exp() + 0.1 * (7.0 * t).sin()).collect();
/// let table = Table::new(vec!["t".into()], vec![t], "temperature".into(), y)?;
/// let starts = BTreeMap::from([("room".into(), 10.0), ("hot".into(), 50.0), ("k".into(), 0.1)]);
/// let fitted = fit_given(&table, "room + hot*exp(-k*t)", &starts)?.value;
/// let k = &fitted.parameters[2];
/// assert!((k.value - 0.2).abs() < 3.0 * k.standard_error && k.standard_error < 0.001);
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn fit_given(
    table: &Table,
    formula: &str,
    starts: &BTreeMap<String, f64>,
) -> Result<Report<Fitted>, Error> {
    let columns = table.names().len();
    let mut names = table.names().to_vec();
    names.extend(parse::unknown_names(formula, table.names()));
    let form = Expr::parse(formula, &names)?;
    let parameters = names[columns..].to_vec();
    if parameters.iter().any(|name| name == table.target_name()) {
        return Err(Error::TargetInFormula { column: table.target_name().to_owned() });
    }
    if let Some(name) = starts.keys().find(|name| !parameters.contains(name)) {
        return Err(Error::UnknownParameter { name: name.clone() });
    }
    if table.rows() <= parameters.len() {
        return Err(Error::TooFewRows { rows: table.rows(), parameters: parameters.len() });
    }
    let problem = Problem::new(table, &form);
    let mut findings = Vec::new();
    let given: Option<Vec<f64>> = parameters.iter().map(|name| starts.get(name).copied()).collect();
    let best = if let Some(start) = given {
        let own = problem.fit(&start, None);
        let other = problem.fit_in_other_scales(&start);
        let left = |least: f64| own.as_ref().is_none_or(|(_, own)| least < (1.0 - LOWER) * own);
        if let Some((_, least)) = &other
            && left(*least)
        {
            findings.push(Finding::new("better-start", Severity::Info));
            other
        } else {
            own
        }
    } else {
        findings.push(Finding::new("starts-drawn", Severity::Info).with("starts", STARTS));
        problem.with_drawn_starts(&parameters, starts)
    };
    let taken: Vec<&str> =
        parameters.iter().filter(|name| !starts.contains_key(*name)).map(String::as_str).collect();
    if !taken.is_empty() {
        findings.push(Finding::new("taken-as-numbers", Severity::Info).with("names", taken.join(", ")));
    }
    let best = best.map(|best| problem.sharpened(best));
    let Some(best) = best else { return Err(Error::NoFiniteStart) };
    let mut fitted = problem.described(form, &parameters, &best);
    fitted.description_length = description_length(table, &fitted)?;
    for parameter in fitted.parameters.iter().filter(|p| !p.standard_error.is_finite()) {
        findings.push(
            Finding::new("undetermined-parameter", Severity::Warning).with("name", parameter.name.as_str()),
        );
    }
    Ok(Report { value: fitted, findings })
}

/// The length of the description by the measure that searches choose by.
fn description_length(table: &Table, fitted: &Fitted) -> Result<f64, Error> {
    let judge = Judge::new(table, &Options::default())?;
    let columns: Vec<&[f64]> = table.columns().iter().map(Vec::as_slice).collect();
    let (_, spread) = judge.error_and_spread(&fitted.expr.eval(&columns)).ok_or(Error::NoFiniteStart)?;
    Ok(judge.length(&fitted.expr.root, spread))
}

/// A formula whose parameters are constants of a tape.
struct Problem<'a> {
    tape: Tape,
    /// For every parameter the places it stands at.
    places: Vec<Vec<usize>>,
    columns: Vec<&'a [f64]>,
    target: &'a [f64],
    weights: Option<&'a [f64]>,
    roots: Option<Vec<f64>>,
    /// Whether the formula is linear in a parameter, beside the others that it is linear in.
    linear: Vec<bool>,
}

impl<'a> Problem<'a> {
    fn new(table: &'a Table, form: &Expr) -> Self {
        let columns = table.names().len();
        let mut tape = Tape::compile(&form.root);
        let mut places = vec![vec![]; form.names().len() - columns];
        for (at, sym) in tape.syms.iter_mut().enumerate() {
            if let Code::Var(v) = sym.code
                && usize::from(v) >= columns
            {
                places[usize::from(v) - columns].push(at);
                sym.code = Code::Const;
            }
        }
        let roots = table.weights().map(|weights| weights.iter().map(|w| w.sqrt()).collect());
        Self {
            tape,
            places,
            columns: table.columns().iter().map(Vec::as_slice).collect(),
            target: table.target(),
            weights: table.weights(),
            roots,
            linear: linear_parameters(&form.root, columns, form.names().len() - columns),
        }
    }

    /// The best fit from the start in other scales, its linear parameters solved in closed form.
    fn fit_in_other_scales(&self, start: &[f64]) -> Option<(Vec<f64>, f64)> {
        let some = self.linear.iter().any(|linear| *linear);
        if !some || self.linear.iter().all(|linear| *linear) {
            return None;
        }
        let from = |scale: &f64| {
            let scaled = |(value, linear): (&f64, &bool)| if *linear { 0.0 } else { scale * value };
            let mut values: Vec<f64> = start.iter().zip(&self.linear).map(scaled).collect();
            let mut slopes = gradients(&self.tape, &self.places, &values, &self.columns);
            let mut rest = self.residuals(&values);
            if let Some(roots) = &self.roots {
                for column in slopes.iter_mut().chain([&mut rest]) {
                    kernel::scale(column, roots);
                }
            }
            let open: Vec<usize> = (0..values.len()).filter(|&k| self.linear[k]).collect();
            let columns: Vec<Vec<f64>> = open.iter().map(|&k| slopes[k].clone()).collect();
            let (solved, _) = linear::solve(&columns, &rest);
            for (&k, value) in open.iter().zip(&solved) {
                values[k] = *value;
            }
            values.iter().all(|value| value.is_finite()).then(|| self.fit(&values, None)).flatten()
        };
        SCALES.iter().filter_map(from).min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The best values from a start; `held` keeps one parameter at its start.
    fn fit(&self, start: &[f64], held: Option<usize>) -> Option<(Vec<f64>, f64)> {
        let mut tape = self.tape.clone();
        for (places, value) in self.places.iter().zip(start) {
            for &at in places {
                tape.syms[at].value = *value;
            }
        }
        let free: Vec<Vec<usize>> = self
            .places
            .iter()
            .enumerate()
            .filter(|(k, _)| held != Some(*k))
            .map(|(_, p)| p.clone())
            .collect();
        let rows = Rows { columns: &self.columns, target: self.target, roots: self.roots.as_deref() };
        // Close to the best fit, where profiles are followed, the bold way is the right one.
        let dampings = if held.is_some() { &DAMPINGS[..1] } else { &DAMPINGS };
        let fits = dampings.iter().filter_map(|&damping| {
            refit(tape.clone(), &free, rows, Pace { steps: STEPS, damping }, &mut || true)
        });
        let Refit { tape, sse, .. } = fits.min_by(|a, b| a.sse.total_cmp(&b.sse))?;
        Some((self.places.iter().map(|places| tape.syms[places[0]].value).collect(), sse))
    }

    /// Undamped steps: sums of squares hardly see the last digits of the parameters, slopes do.
    fn sharpened(&self, (mut values, mut rest): (Vec<f64>, f64)) -> (Vec<f64>, f64) {
        for _ in 0..SHARPENINGS {
            let mut jacobian = gradients(&self.tape, &self.places, &values, &self.columns);
            let mut residual = self.residuals(&values);
            if let Some(roots) = &self.roots {
                for column in jacobian.iter_mut().chain([&mut residual]) {
                    kernel::scale(column, roots);
                }
            }
            let (step, _) = linear::solve(&jacobian, &residual);
            let next: Vec<f64> = values.iter().zip(&step).map(|(value, step)| value + step).collect();
            let mut residual = self.residuals(&next);
            if let Some(roots) = &self.roots {
                kernel::scale(&mut residual, roots);
            }
            let sum = kernel::dot(&residual, &residual);
            if sum.is_nan() || sum > rest * (1.0 + 1e-12) {
                break;
            }
            let still = next.iter().zip(&step).all(|(value, step)| step.abs() <= 1e-14 * value.abs());
            (values, rest) = (next, sum);
            if still {
                break;
            }
        }
        (values, rest)
    }

    fn residuals(&self, values: &[f64]) -> Vec<f64> {
        let mut tape = self.tape.clone();
        for (places, value) in self.places.iter().zip(values) {
            for &at in places {
                tape.syms[at].value = *value;
            }
        }
        let found = tape.eval(&self.columns);
        self.target.iter().zip(&found).map(|(y, v)| y - v).collect()
    }

    /// The best of several starts of different magnitudes.
    fn with_drawn_starts(
        &self,
        parameters: &[String],
        starts: &BTreeMap<String, f64>,
    ) -> Option<(Vec<f64>, f64)> {
        let mut rng = Rng::stream(1, 0, 0);
        let mut best: Option<(Vec<f64>, f64)> = None;
        for turn in 0..STARTS {
            let mut draw =
                || if turn == 0 { 1.0 } else { rng.normal() * crate::maths::exp(3.0 * rng.normal()) };
            let start: Vec<f64> =
                parameters.iter().map(|name| starts.get(name).copied().unwrap_or_else(&mut draw)).collect();
            if let Some(found) = self.fit(&start, None)
                && best.as_ref().is_none_or(|(_, least)| found.1 < *least)
            {
                best = Some(found);
            }
        }
        best
    }

    fn described(&self, form: Expr, names: &[String], (values, rest): &(Vec<f64>, f64)) -> Fitted {
        let (n, k) = (self.target.len(), values.len());
        let freedom = n - k;
        let deviation = (rest / freedom as f64).sqrt();
        let covariance = self.covariance(values, deviation);
        let t = student::two_sided_quantile(0.05, freedom as f64);
        let parameters = names.iter().enumerate().map(|(j, name)| {
            let (value, error) = (values[j], covariance[j][j].sqrt());
            let side = |sign: f64| self.profile_end((values, *rest), j, sign * error, t);
            Parameter {
                name: name.clone(),
                value,
                standard_error: error,
                interval: (value - t * error, value + t * error),
                profile: (side(-1.0), side(1.0)),
            }
        });
        let mean = crate::front::weighted_mean(self.target, self.weights);
        let squares: Vec<f64> = self.target.iter().map(|y| (y - mean) * (y - mean)).collect();
        let total = crate::front::weighted_mean(&squares, self.weights) * n as f64;
        let columns = form.names().len() - k;
        let features: Vec<Node> =
            (0..columns).map(|v| Node::Var(v as u16)).chain(values.iter().map(|v| Node::Num(*v))).collect();
        Fitted {
            expr: Expr::new(form.root.with(&features), form.names()[..columns].into()),
            parameters: parameters.collect(),
            residual_sum_of_squares: *rest,
            residual_deviation: deviation,
            degrees_of_freedom: freedom,
            r2: 1.0 - rest / total,
            description_length: f64::NAN,
            covariance,
            form,
        }
    }

    /// s² (JᵀJ)⁻¹, its columns by least squares on unit vectors; infinite variances where it is singular.
    fn covariance(&self, values: &[f64], deviation: f64) -> Vec<Vec<f64>> {
        let mut jacobian = gradients(&self.tape, &self.places, values, &self.columns);
        if let Some(roots) = &self.roots {
            for column in &mut jacobian {
                kernel::scale(column, roots);
            }
        }
        let k = values.len();
        // Row j of the inverse: one and minus the coefficients of column j by the others, over the rest it leaves.
        let mut covariance = vec![vec![0.0; k]; k];
        for j in 0..k {
            let others: Vec<Vec<f64>> = (0..k).filter(|i| *i != j).map(|i| jacobian[i].clone()).collect();
            let (along, rest) = linear::solve(&others, &jacobian[j]);
            if rest <= 1e-22 * kernel::dot(&jacobian[j], &jacobian[j]) || !rest.is_finite() {
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

    /// Where the sum of squares, all other parameters fitted anew, has risen by t² s².
    fn profile_end(&self, (values, rest): (&[f64], f64), j: usize, step: f64, t: f64) -> f64 {
        let unbounded = if step > 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
        if !step.is_finite() || step == 0.0 {
            return if step == 0.0 { values[j] } else { unbounded };
        }
        let limit = rest * (1.0 + t * t / (self.target.len() - values.len()) as f64);
        let mut start = values.to_vec();
        let mut over = |at: f64| {
            start[j] = at;
            match self.fit(&start, Some(j)) {
                Some((best, rest)) => {
                    start = best;
                    rest > limit
                }
                None => true,
            }
        };
        let (mut inside, mut outside) = (values[j], values[j] + t * step);
        let mut tries = 0;
        while !over(outside) {
            (inside, outside) = (outside, values[j] + 2.0 * (outside - values[j]));
            tries += 1;
            if tries > 12 {
                return unbounded;
            }
        }
        for _ in 0..40 {
            let middle = 0.5 * (inside + outside);
            if over(middle) {
                outside = middle;
            } else {
                inside = middle;
            }
        }
        0.5 * (inside + outside)
    }
}

impl Fitted {
    /// The values and their bands for new rows, given as columns in the table's order.
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<Prediction> {
        let first = self.form.names().len() - self.parameters.len();
        let mut tape = Tape::compile(&self.form.root);
        let mut places = vec![vec![]; self.parameters.len()];
        for (at, sym) in tape.syms.iter_mut().enumerate() {
            if let Code::Var(v) = sym.code
                && usize::from(v) >= first
            {
                places[usize::from(v) - first].push(at);
                sym.code = Code::Const;
            }
        }
        let values: Vec<f64> = self.parameters.iter().map(|parameter| parameter.value).collect();
        let gradients = gradients(&tape, &places, &values, columns);
        let t = student::two_sided_quantile(0.05, self.degrees_of_freedom as f64);
        let at = |row: usize, value: f64| {
            let mut variance = 0.0;
            for (i, g) in gradients.iter().enumerate() {
                for (j, h) in gradients.iter().enumerate() {
                    let (g, h) = (g[row], h[row]);
                    // What a parameter does not touch stays certain even where that parameter is not.
                    variance += if g == 0.0 || h == 0.0 { 0.0 } else { g * self.covariance[i][j] * h };
                }
            }
            let error = variance.max(0.0).sqrt();
            let scatter = (variance.max(0.0) + self.residual_deviation * self.residual_deviation).sqrt();
            Prediction {
                value,
                standard_error: error,
                confidence: (value - t * error, value + t * error),
                measurement: (value - t * scatter, value + t * scatter),
            }
        };
        self.expr.eval(columns).into_iter().enumerate().map(|(row, value)| at(row, value)).collect()
    }
}

/// The derivatives by every parameter, one column each.
fn gradients(tape: &Tape, places: &[Vec<usize>], values: &[f64], columns: &[&[f64]]) -> Vec<Vec<f64>> {
    let mut tape = tape.clone();
    for (places, value) in places.iter().zip(values) {
        for &at in places {
            tape.syms[at].value = *value;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Table {
        let x = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        let y = vec![1.1, 1.9, 3.2, 3.8, 5.1];
        Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap()
    }

    #[test]
    fn a_line_gets_the_errors_and_bands_of_linear_regression() {
        let fitted = fit_given(&line(), "a + b*x", &BTreeMap::new()).unwrap();
        assert_eq!(fitted.findings[0].code, "starts-drawn");
        let fitted = fitted.value;
        // By hand: b = 9.9/10, a = 0.05, s² = 0.107/3.
        let s = (0.107_f64 / 3.0).sqrt();
        let [a, b] = fitted.parameters.as_slice() else { unreachable!() };
        assert!((b.value - 0.99).abs() < 1e-12 && (a.value - 0.05).abs() < 1e-12);
        assert!((b.standard_error - s / 10.0_f64.sqrt()).abs() < 1e-12);
        assert!((a.standard_error - s * 1.1_f64.sqrt()).abs() < 1e-12);
        // A line does not bend: both intervals are the same.
        assert!((b.profile.0 - b.interval.0).abs() < 1e-8 && (b.profile.1 - b.interval.1).abs() < 1e-8);
        let at = fitted.predict(&[&[3.0, 7.0]]);
        assert!((at[0].standard_error - s / 5.0_f64.sqrt()).abs() < 1e-12);
        assert!((at[1].standard_error - s * (0.2 + 1.6_f64).sqrt()).abs() < 1e-12);
        let t = 3.182_446_305_284_263;
        let half = 0.5 * (at[1].measurement.1 - at[1].measurement.0);
        assert!((half - t * s * (1.0 + 0.2 + 1.6_f64).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_power_of_a_column_that_begins_at_zero_is_fitted() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let y = x.iter().map(|x| 3.0 * x.powf(1.5) + 4.0).collect();
        let table = Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap();
        let fitted = fit_given(&table, "a*x^b + c", &BTreeMap::new()).unwrap().value;
        let found: Vec<f64> = fitted.parameters.iter().map(|parameter| parameter.value).collect();
        for (value, wanted) in found.iter().zip([3.0, 1.5, 4.0]) {
            assert!((value - wanted).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn a_parameter_the_rows_do_not_determine_is_named() {
        let report = fit_given(&line(), "a*b*x", &BTreeMap::new()).unwrap();
        assert!(report.findings.iter().any(|finding| finding.code == "undetermined-parameter"));
    }

    #[test]
    fn names_that_are_no_columns_are_told_and_the_target_is_none() {
        let taken = |starts: &BTreeMap<String, f64>| {
            let findings = fit_given(&line(), "a + b*x", starts).unwrap().findings;
            let note = findings.into_iter().find(|finding| finding.code == "taken-as-numbers");
            note.and_then(|note| note.args["names"].as_str().map(str::to_owned))
        };
        assert_eq!(taken(&BTreeMap::new()).as_deref(), Some("a, b"));
        assert_eq!(taken(&[("a".to_owned(), 1.0)].into()).as_deref(), Some("b"));
        assert_eq!(taken(&[("a".to_owned(), 1.0), ("b".to_owned(), 1.0)].into()), None);
        let refused = fit_given(&line(), "a*y", &BTreeMap::new()).unwrap_err();
        assert_eq!(refused, Error::TargetInFormula { column: "y".into() });
    }

    #[test]
    fn misuse_is_refused() {
        let start = BTreeMap::from([("q".to_owned(), 1.0)]);
        assert_eq!(
            fit_given(&line(), "a*x", &start).unwrap_err(),
            Error::UnknownParameter { name: "q".into() }
        );
        let many = "a + b*x + c*x^2 + d*x^3 + e*x^4";
        let refused = fit_given(&line(), many, &BTreeMap::new()).unwrap_err();
        assert_eq!(refused, Error::TooFewRows { rows: 5, parameters: 5 });
        assert!(fit_given(&line(), "a*(x", &BTreeMap::new()).is_err());
    }
}
