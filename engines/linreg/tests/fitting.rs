//! How a fit behaves: the exercise's straight lines, poor tables, and laws that hold for every table.
#![expect(clippy::unwrap_used, reason = "a broken table must fail its test")]

use linreg::{Argument, Basis, Error, Fit, Options, Precision, Table, Weighting, fit};
use proptest::prelude::*;

fn single(x: Vec<f64>, law: impl Fn(f64) -> f64) -> Table {
    let y = x.iter().map(|&x| law(x)).collect();
    Table::new(vec!["x".to_owned()], vec![x], "y", y).unwrap()
}

fn steps(from: f64, to: f64, count: u32) -> Vec<f64> {
    (0..count).map(|step| from + (to - from) * f64::from(step) / f64::from(count - 1)).collect()
}

fn default_fit(table: &Table) -> Fit {
    fit(table, &Options::default()).unwrap().value
}

fn codes(table: &Table, options: &Options) -> Vec<String> {
    fit(table, options).unwrap().findings.into_iter().map(|finding| finding.code).collect()
}

#[test]
fn draws_the_straight_lines_of_the_exercise() {
    let check = |table: &Table, slope: f64, intercept: f64| {
        let found = default_fit(table).coefficients;
        assert!(
            (found[1].value - slope).abs() < 1e-5 && (found[0].value - intercept).abs() < 1e-4,
            "{found:?}"
        );
    };
    let line = single(steps(-5.0, 10.0, 1000), |x| 3.0 * x + 4.0);
    check(&line, 3.0, 4.0);
    assert_eq!(default_fit(&line).formula().text(), "y = 3*x + 4");
    check(&single(steps(-7.0, 6.0, 200), |x| 3.0 * x * x + 1.0), -3.0, 42.9246);
    let cubic = single(steps(-7.0, 6.0, 200), |x| 2.0 * (x + 1.0).powi(3) + 3.0);
    check(&cubic, 52.707_84, 72.278_54);
    assert!((default_fit(&cubic).coefficients[1].value - 52.707_840_711).abs() < 1e-9);
}

#[test]
fn finds_the_exercise_polynomials_exactly() {
    let check = |law: fn(f64) -> f64, degree: u32, expected: &str| {
        let options = Options { basis: Basis::Powers { degree }, ..Options::default() };
        let report = fit(&single(steps(-7.0, 6.0, 200), law), &options).unwrap();
        assert_eq!(report.value.formula().text(), expected);
        assert!(report.value.is_exact);
        assert_eq!(report.findings[0].code, "exact");
    };
    check(|x| 3.0 * x * x + 1.0, 2, "y = 3*x^2 + 1");
    check(|x| 3.0 * x * x + 1.0, 3, "y = 3*x^2 + 1");
    check(|x| 2.0 * (x + 1.0).powi(3) + 3.0, 3, "y = 2*x^3 + 6*x^2 + 6*x + 5");
}

#[test]
fn names_the_columns_that_depend_on_others() {
    let a = vec![1.0, 2.0, 3.0, 4.0, 5.5, 6.0];
    let b = vec![2.0, 1.0, 4.0, 3.0, 6.0, 5.1];
    let sum: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 0.1 * a + 0.7 * b - 3.0).collect();
    let columns = vec![a, vec![7.0; 6], b, vec![0.0; 6], sum];
    let names = ["a", "seven", "b", "zero", "mix"].map(str::to_owned).to_vec();
    let table = Table::new(names, columns, "y", vec![1.0, 4.0, 2.0, 8.0, 5.0, 7.0]).unwrap();
    for precision in [Precision::Automatic, Precision::Double] {
        let report = fit(&table, &Options { precision, ..Options::default() }).unwrap();
        let terms: Vec<&str> = report.value.coefficients.iter().map(|one| one.term.as_str()).collect();
        assert_eq!(terms, ["intercept", "a", "b"]);
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|finding| (finding.code.as_str(), finding.subject.element.as_deref().unwrap()))
            .collect();
        assert_eq!(found, [("constant_term", "seven"), ("zero_term", "zero"), ("dependent_term", "mix")]);
        let on = ["intercept", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(report.findings[2].args["on"], Argument::Texts(on));
    }
}

#[test]
fn says_when_there_is_nothing_to_explain() {
    let table = single(vec![1.0, 2.0, 3.0, 4.0], |_| 5.0);
    assert_eq!(codes(&table, &Options::default()), ["constant_target"]);
    let fit = default_fit(&table);
    assert_eq!((fit.r2, fit.f_statistic), (None, None));
    assert_eq!(fit.formula().text(), "y = 5");
}

#[test]
fn claims_no_errors_where_the_line_goes_through_all_points() {
    let table = single(vec![1.0, 2.0], |x| x * x);
    assert_eq!(codes(&table, &Options::default()), ["saturated"]);
    let fit = default_fit(&table);
    assert_eq!(fit.coefficients[1].std_error, None);
    assert!(!fit.is_exact);
    assert_eq!(fit.formula().text(), "y = 3*x - 2");
}

#[test]
fn refuses_what_it_cannot_fit() {
    let table = single(vec![1.0, 2.0, 0.0], |x| x);
    let check = |options: Options, expected: &str| {
        assert_eq!(fit(&table, &options).unwrap_err().to_string(), expected);
    };
    let powers = Options { basis: Basis::Powers { degree: 3 }, ..Options::default() };
    check(powers, "3 rows cannot determine 4 coefficients: add rows or drop terms");
    check(
        Options { inputs: Some(vec!["z".to_owned()]), ..Options::default() },
        "the table has no input \"z\"",
    );
    let weights = Options { weighting: Weighting::Weights(vec![1.0, 0.0, 1.0]), ..Options::default() };
    check(weights, "row 2: the weight or error bar 0 must be a finite number above 0");
    let logarithm = linreg::Term::of(0, linreg::Transform::Log);
    let undefined = Options { basis: Basis::Terms(vec![logarithm]), ..Options::default() };
    check(undefined, "log(x) is not defined in row 3");
    let nothing = Options { inputs: Some(Vec::new()), intercept: false, ..Options::default() };
    assert_eq!(fit(&table, &nothing).unwrap_err(), Error::NoTerms);
}

#[test]
fn refuses_tables_that_are_none() {
    let check = |columns: Vec<Vec<f64>>, target: Vec<f64>, expected: &str| {
        let names = (1..=columns.len()).map(|at| format!("x{at}")).collect();
        assert_eq!(Table::new(names, columns, "y", target).unwrap_err().to_string(), expected);
    };
    check(vec![], vec![], "the table has no rows");
    check(vec![vec![1.0]], vec![1.0, 2.0], "column \"x1\" has 1 rows, the target has 2");
    check(vec![vec![1.0, f64::NAN]], vec![1.0, 2.0], "column \"x1\", row 2: NaN is not a finite number");
    let too_large = "column \"y\", row 1: 1e200 is too large to fit, scale the column below 1e100";
    check(vec![], vec![1e200], too_large);
    let too_small =
        "no value of column \"x1\" exceeds 1e-200: too small to fit, scale the column above 1e-100";
    check(vec![vec![0.0, -1e-200]], vec![1.0, 2.0], too_small);
}

#[test]
fn error_bars_fix_the_errors_of_the_coefficients() {
    let table = single(vec![0.0, 1.0, 2.0, 3.0], |x| 1.0 + x + if x > 1.5 { 0.3 } else { 0.0 });
    let bars = Options { weighting: Weighting::ErrorBars(vec![0.5; 4]), ..Options::default() };
    let fit = fit(&table, &bars).unwrap().value;
    // σ / √Σ(x − x̄)² with Σ(x − x̄)² = 5.
    assert!((fit.coefficients[1].std_error.unwrap() - 0.5 / 5.0_f64.sqrt()).abs() < 1e-15);
    let reach = fit.coefficients[1].high.unwrap() - fit.coefficients[1].value;
    assert!((reach / fit.coefficients[1].std_error.unwrap() - 1.959_963_984_540_054).abs() < 1e-12);
}

#[test]
fn both_arithmetics_agree_on_a_long_table() {
    let x = steps(0.0, 1.0, 5000);
    let table = single(x, |x| 1.0 + 2.0 * x + (1000.0 * x).sin());
    let with = |precision| {
        let options = Options { precision, basis: Basis::Powers { degree: 4 }, ..Options::default() };
        fit(&table, &options).unwrap().value
    };
    let (plain, wide) = (with(Precision::Double), with(Precision::DoubleDouble));
    assert!(!plain.used_double_double && wide.used_double_double);
    for (a, b) in plain.coefficients.iter().zip(&wide.coefficients) {
        assert!(((a.value - b.value) / b.value).abs() < 1e-14, "{a:?} {b:?}");
        assert!((a.std_error.unwrap() / b.std_error.unwrap() - 1.0).abs() < 1e-10);
    }
}

#[test]
fn an_ill_conditioned_long_table_gets_the_wide_arithmetic_by_itself() {
    let x = steps(1000.0, 1001.0, 60_000);
    let options = Options { basis: Basis::Powers { degree: 5 }, ..Options::default() };
    let found = fit(&single(x, |x| (x - 1000.5).powi(5)), &options).unwrap().value;
    assert!(found.used_double_double);
    assert!((found.coefficients[5].value - 1.0).abs() < 1e-8, "{:?}", found.coefficients[5]);
}

/// Two inputs and a target without any dependence between them.
fn tables() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Vec<f64>)> {
    (4_usize..30).prop_flat_map(|rows| {
        let column = || prop::collection::vec(-10.0..10.0_f64, rows);
        (column(), column(), column())
    })
}

fn pair(a: &[f64], b: &[f64], y: &[f64]) -> Table {
    Table::new(vec!["a".to_owned(), "b".to_owned()], vec![a.to_vec(), b.to_vec()], "y", y.to_vec()).unwrap()
}

proptest! {
    #[test]
    fn residuals_are_orthogonal_to_all_terms((a, b, y) in tables()) {
        let fit = default_fit(&pair(&a, &b, &y));
        let predicted = fit.predict(&[&a, &b]);
        let residuals: Vec<f64> = y.iter().zip(&predicted).map(|(y, p)| y - p).collect();
        for column in [&a, &b, &vec![1.0; a.len()]] {
            let along: f64 = residuals.iter().zip(column.iter()).map(|(r, x)| r * x).sum();
            prop_assert!(along.abs() < 1e-9, "{along}");
        }
    }

    #[test]
    fn scaling_a_column_scales_its_coefficient((a, b, y) in tables(), power in -30_i32..30) {
        let factor = 2.0_f64.powi(power);
        let scaled: Vec<f64> = a.iter().map(|a| a * factor).collect();
        let (plain, other) = (default_fit(&pair(&a, &b, &y)), default_fit(&pair(&scaled, &b, &y)));
        let (one, two) = (&plain.coefficients[1], &other.coefficients[1]);
        prop_assert!((one.value - two.value * factor).abs() <= 1e-12 * one.value.abs());
        prop_assert!((plain.r2.unwrap() - other.r2.unwrap()).abs() < 1e-13);
    }

    #[test]
    fn the_order_of_rows_and_columns_does_not_matter((a, b, y) in tables()) {
        let turned = |values: &[f64]| values.iter().rev().copied().collect::<Vec<f64>>();
        let plain = default_fit(&pair(&a, &b, &y));
        let other = default_fit(&pair(&turned(&b), &turned(&a), &turned(&y)));
        for (one, two) in [(0, 0), (1, 2), (2, 1)] {
            let (one, two) = (&plain.coefficients[one], &other.coefficients[two]);
            prop_assert!((one.value - two.value).abs() <= 1e-11 * one.value.abs().max(1e-3));
        }
    }

    #[test]
    fn the_printed_formula_loses_at_most_a_thousandth((a, b, y) in tables()) {
        let fit = default_fit(&pair(&a, &b, &y));
        let squares = |value: fn(&linreg::Coefficient) -> f64| -> f64 {
            let c: Vec<f64> = fit.coefficients.iter().map(value).collect();
            (0..y.len()).map(|row| (y[row] - c[0] - c[1] * a[row] - c[2] * b[row]).powi(2)).sum()
        };
        let (full, rounded) = (squares(|one| one.value), squares(|one| one.rounded));
        prop_assert!(rounded <= full * 1.001 + 1e-20, "{full} {rounded}");
    }

    #[test]
    fn a_law_with_short_numbers_is_printed_as_it_is(slope in -99_i32..99, intercept in -999_i32..999) {
        let (slope, intercept) = (f64::from(slope) / 10.0, f64::from(intercept) / 10.0);
        let table = single(steps(-3.0, 8.0, 57), |x| slope * x + intercept);
        let found = default_fit(&table);
        prop_assert_eq!(found.coefficients[0].rounded, intercept);
        if slope != 0.0 {
            prop_assert_eq!(found.coefficients[1].rounded, slope);
        }
    }
}
