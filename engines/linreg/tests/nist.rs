//! NIST's linear reference sets: at least 13 correct digits in coefficients, 12 in standard deviations. What is printed the
//! bench gathers.

#![expect(clippy::unwrap_used, reason = "a broken case file must fail its test")]
#![expect(clippy::print_stdout, reason = "the bench gathers the figures")]

use std::fs;
use std::path::Path;

use linreg::{Basis, Options, Precision, Table, fit};

/// A reference set: data and certified values.
struct Case {
    name: String,
    table: Table,
    options: Options,
    coefficients: Vec<(f64, f64)>,
    residual_deviation: f64,
    r2: f64,
    f: f64,
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn read(name: &str) -> Case {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name).join("data.dat");
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let after = |mark: &str| lines.iter().find_map(|line| line.trim().strip_prefix(mark)).unwrap();
    let coefficients: Vec<(f64, f64)> = lines
        .iter()
        .filter(|line| {
            let word = line.split_whitespace().next().unwrap_or("");
            word.len() > 1 && word.starts_with('B') && word[1..].parse::<u32>().is_ok()
        })
        .filter_map(|line| match numbers(line).as_slice() {
            [value, error] => Some((*value, *error)),
            _ => None,
        })
        .collect();
    let range =
        lines.iter().find_map(|line| line.trim().strip_prefix("Data  ")?.split_once("(lines")).unwrap().1;
    let first: usize = numbers(range)[0] as usize;
    let rows: Vec<Vec<f64>> =
        lines[first - 1..].iter().map(|line| numbers(line)).filter(|row| !row.is_empty()).collect();
    let width = rows[0].len();
    let columns: Vec<Vec<f64>> = (1..width).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let names = (1..width).map(|at| format!("x{at}")).collect();
    let target = rows.iter().map(|row| row[0]).collect();
    let intercept = !name.contains("noint");
    let degree = if width == 2 { coefficients.len() - usize::from(intercept) } else { 1 };
    let after_residual = lines.iter().position(|line| line.trim() == "Residual").unwrap();
    let regression =
        *numbers(lines.iter().find(|line| line.starts_with("Regression")).unwrap()).last().unwrap();
    Case {
        name: name.to_owned(),
        table: Table::new(names, columns, "y", target).unwrap(),
        options: Options { intercept, basis: Basis::Powers { degree: degree as u32 }, ..Options::default() },
        coefficients,
        residual_deviation: *numbers(lines[after_residual + 1]).last().unwrap(),
        r2: *numbers(after("R-Squared")).last().unwrap(),
        f: regression,
    }
}

/// Correct decimal digits, at most the 15 that are certified.
fn digits(value: f64, certified: f64) -> f64 {
    let error = if certified == 0.0 { value.abs() } else { ((value - certified) / certified).abs() };
    (-error.log10()).min(15.0)
}

fn check(name: &str) {
    let case = read(name);
    let fit = fit(&case.table, &case.options).unwrap().value;
    assert_eq!(fit.coefficients.len(), case.coefficients.len(), "{name}");
    for (coefficient, (value, error)) in fit.coefficients.iter().zip(&case.coefficients) {
        let found = digits(coefficient.value, *value);
        println!(r#"{{"figure":"digits of coefficients","least":{found:.3}}}"#);
        assert!(found >= 13.0, "{}: {} has {found:.1} digits", case.name, coefficient.term);
        let found = digits(coefficient.std_error.unwrap(), *error);
        println!(r#"{{"figure":"of errors","least":{found:.3}}}"#);
        assert!(found >= 12.0, "{}: the error of {} has {found:.1} digits", case.name, coefficient.term);
    }
    assert!(digits(fit.residual_std_error.unwrap(), case.residual_deviation) >= 12.0, "{name}: residuals");
    assert!(digits(fit.r2.unwrap(), case.r2) >= 13.0, "{name}: R²");
    if case.residual_deviation > 0.0 {
        assert!(digits(fit.f_statistic.unwrap(), case.f) >= 12.0, "{name}: F");
    }
}

#[test]
fn reproduces_norris() {
    check("nist-norris");
}

#[test]
fn reproduces_pontius() {
    check("nist-pontius");
}

#[test]
fn reproduces_both_lines_without_intercept() {
    check("nist-noint1");
    check("nist-noint2");
}

#[test]
fn reproduces_filip() {
    check("nist-filip");
}

#[test]
fn reproduces_longley() {
    check("nist-longley");
}

#[test]
fn reproduces_all_five_wampler_sets() {
    for number in 1..=5 {
        check(&format!("nist-wampler{number}"));
    }
}

#[test]
fn plain_doubles_with_refinement_suffice_for_a_well_conditioned_set() {
    let case = read("nist-norris");
    let options = Options { precision: Precision::Double, ..case.options };
    let fit = fit(&case.table, &options).unwrap().value;
    assert!(!fit.used_double_double);
    for (coefficient, (value, _)) in fit.coefficients.iter().zip(&case.coefficients) {
        assert!(digits(coefficient.value, *value) >= 13.0);
    }
}
