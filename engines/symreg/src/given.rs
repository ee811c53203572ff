//! Fits the parameters of a formula somebody wrote: nonlinear least squares with standard errors, intervals and bands.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::expr::Expr;
use crate::fitted::{Fitted, Scatter};
use crate::fitting::{Best, Problem, Way};
use crate::parse;
use crate::report::{Finding, Report, Severity};
use crate::starts::{Drawn, ROWS};
use crate::table::Table;

/// A sum of squares that is lower by this fraction is that of another minimum.
const LOWER: f64 = 1e-6;

/// Fits a formula: what it names and the table has no column for is a parameter. Numbers stay as they are.
///
/// Without a start for a parameter, starts in the scales of the columns are drawn and the best fit is taken; the finding
/// `starts-drawn` says so. From given starts the parameters the formula is not linear in are tried in other scales too;
/// where that leads to a lower sum of squares, the finding `better-start` says so. `go_on` is asked often; after a no the fit is the best so far and the finding
/// `stopped-early` says so.
///
/// ```
/// use std::collections::BTreeMap;
/// use symreg::{Table, fit_given};
/// let t: Vec<f64> = (0..20).map(f64::from).collect();
/// let y = t.iter().map(|t| 20.0 + 75.0 * (-0.2 * t).exp() + 0.1 * (7.0 * t).sin()).collect();
/// let table = Table::new(vec!["t".into()], vec![t], "temperature".into(), y)?;
/// let starts = BTreeMap::from([("room".into(), 10.0), ("hot".into(), 50.0), ("k".into(), 0.1)]);
/// let fitted = fit_given(&table, "room + hot*exp(-k*t)", &starts, &mut || true)?.value;
/// let k = &fitted.parameters[2];
/// assert!((k.value - 0.2).abs() < 3.0 * k.standard_error && k.standard_error < 0.001);
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn fit_given(
    table: &Table,
    formula: &str,
    starts: &BTreeMap<String, f64>,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Report<Fitted>, Error> {
    let form = form(table, formula, starts)?;
    let parameters = &form.names()[table.names().len()..];
    let mut is_stopped = false;
    let mut go_on = || {
        is_stopped = is_stopped || !go_on();
        !is_stopped
    };
    let mut findings = Vec::new();
    let best = best_fit(table, &form, starts, &mut findings, &mut go_on);
    let taken: Vec<&str> =
        parameters.iter().filter(|name| !starts.contains_key(*name)).map(String::as_str).collect();
    if !taken.is_empty() {
        findings.push(Finding::new("taken-as-numbers", Severity::Info).with("names", taken.join(", ")));
    }
    let best = best.ok_or(Error::NoFiniteStart)?;
    let problem = Problem::new(table, &form);
    let fitted = problem.described(form, &best, Scatter::Constant, &mut go_on).measured(table)?;
    for parameter in fitted.parameters.iter().filter(|p| !p.standard_error.is_finite()) {
        findings.push(
            Finding::new("undetermined-parameter", Severity::Warning).with("name", parameter.name.as_str()),
        );
    }
    if is_stopped {
        findings.push(Finding::new("stopped-early", Severity::Warning));
    } else if fitted.parameters.iter().any(|parameter| parameter.profile.is_none()) {
        findings.push(Finding::new("profile-not-followed", Severity::Info));
    }
    Ok(Report { value: fitted, findings })
}

/// The formula over the columns and, after them, its parameters.
fn form(table: &Table, formula: &str, starts: &BTreeMap<String, f64>) -> Result<Expr, Error> {
    let columns = table.names().len();
    let mut names = table.names().to_vec();
    names.extend(parse::unknown_names(formula, table.names()));
    let form = Expr::parse(formula, &names)?;
    let parameters = &names[columns..];
    if parameters.iter().any(|name| name == table.target_name()) {
        return Err(Error::TargetInFormula { column: table.target_name().to_owned() });
    }
    if let Some(name) = starts.keys().find(|name| !parameters.contains(name)) {
        return Err(Error::UnknownParameter { name: name.clone() });
    }
    if table.rows() <= parameters.len() {
        return Err(Error::TooFewRows { rows: table.rows(), parameters: parameters.len() });
    }
    Ok(form)
}

/// The best fit from the given starts, or from drawn ones where some are missing.
fn best_fit(
    table: &Table,
    form: &Expr,
    starts: &BTreeMap<String, f64>,
    findings: &mut Vec<Finding>,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Best> {
    let problem = Problem::new(table, form);
    let parameters = &form.names()[table.names().len()..];
    let given: Vec<Option<f64>> = parameters.iter().map(|name| starts.get(name).copied()).collect();
    let all: Option<Vec<f64>> = given.iter().copied().collect();
    let best = if let Some(start) = all {
        let own = problem.fit(&start, None, Way::PATIENT, go_on);
        let other = problem.fit_in_other_scales(&start, go_on);
        let is_lower = |other: &Best| own.as_ref().is_none_or(|own| other.rest < (1.0 - LOWER) * own.rest);
        if other.as_ref().is_some_and(is_lower) {
            findings.push(Finding::new("better-start", Severity::Info));
            other
        } else {
            own
        }
    } else {
        let stride = table.rows().div_ceil(ROWS);
        let few = table.of_rows(&(0..table.rows()).step_by(stride).collect::<Vec<usize>>());
        let Drawn { best, starts } = problem.fit_from_draws(&Problem::new(&few, form), &given, go_on);
        findings.push(Finding::new("starts-drawn", Severity::Info).with("starts", starts));
        best
    };
    best.map(|best| problem.sharpened(best))
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
        let fitted = fit_given(&line(), "a + b*x", &BTreeMap::new(), &mut || true).unwrap();
        assert_eq!(fitted.findings[0].code, "starts-drawn");
        let fitted = fitted.value;
        // By hand: b = 9.9/10, a = 0.05, s² = 0.107/3.
        let s = (0.107_f64 / 3.0).sqrt();
        let [a, b] = fitted.parameters.as_slice() else { unreachable!() };
        assert!((b.value - 0.99).abs() < 1e-12 && (a.value - 0.05).abs() < 1e-12);
        assert!((b.standard_error - s / 10.0_f64.sqrt()).abs() < 1e-12);
        assert!((a.standard_error - s * 1.1_f64.sqrt()).abs() < 1e-12);
        let profile = b.profile.unwrap();
        // A line does not bend: both intervals are the same.
        assert!((profile.0 - b.interval.0).abs() < 1e-8 && (profile.1 - b.interval.1).abs() < 1e-8);
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
        let fitted = fit_given(&table, "a*x^b + c", &BTreeMap::new(), &mut || true).unwrap().value;
        let found: Vec<f64> = fitted.parameters.iter().map(|parameter| parameter.value).collect();
        for (value, wanted) in found.iter().zip([3.0, 1.5, 4.0]) {
            assert!((value - wanted).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn a_parameter_the_rows_do_not_determine_is_named() {
        let report = fit_given(&line(), "a*b*x", &BTreeMap::new(), &mut || true).unwrap();
        assert!(report.findings.iter().any(|finding| finding.code == "undetermined-parameter"));
    }

    #[test]
    fn names_that_are_no_columns_are_told_and_the_target_is_none() {
        let taken = |starts: &BTreeMap<String, f64>| {
            let findings = fit_given(&line(), "a + b*x", starts, &mut || true).unwrap().findings;
            let note = findings.into_iter().find(|finding| finding.code == "taken-as-numbers");
            note.and_then(|note| note.args["names"].as_str().map(str::to_owned))
        };
        assert_eq!(taken(&BTreeMap::new()).as_deref(), Some("a, b"));
        assert_eq!(taken(&[("a".to_owned(), 1.0)].into()).as_deref(), Some("b"));
        assert_eq!(taken(&[("a".to_owned(), 1.0), ("b".to_owned(), 1.0)].into()), None);
        let refused = fit_given(&line(), "a*y", &BTreeMap::new(), &mut || true).unwrap_err();
        assert_eq!(refused, Error::TargetInFormula { column: "y".into() });
    }

    #[test]
    fn misuse_is_refused() {
        let start = BTreeMap::from([("q".to_owned(), 1.0)]);
        assert_eq!(
            fit_given(&line(), "a*x", &start, &mut || true).unwrap_err(),
            Error::UnknownParameter { name: "q".into() }
        );
        let many = "a + b*x + c*x^2 + d*x^3 + e*x^4";
        let refused = fit_given(&line(), many, &BTreeMap::new(), &mut || true).unwrap_err();
        assert_eq!(refused, Error::TooFewRows { rows: 5, parameters: 5 });
        assert!(fit_given(&line(), "a*(x", &BTreeMap::new(), &mut || true).is_err());
    }
}
