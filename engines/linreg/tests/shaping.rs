//! Splines, orthogonal polynomials and comparisons on tables whose answer is known.
#![expect(clippy::unwrap_used, reason = "a broken table must fail its test")]

use linreg::{Basis, Error, Options, Table, compare, compare_without, fit_orthogonal, fit_spline};

fn table(x: &[f64], f: impl Fn(f64) -> f64) -> Table {
    let y = x.iter().map(|&x| f(x)).collect();
    Table::new(vec!["x".to_owned()], vec![x.to_vec()], "y", y).unwrap()
}

fn grid(count: u32) -> Vec<f64> {
    (0..count).map(f64::from).collect()
}

/// A scatter that is the same every time.
fn scatter(x: f64) -> f64 {
    (x * 12.9898).sin() * 43758.5453 % 1.0 - 0.5
}

#[test]
fn a_straight_line_gets_no_knots() {
    let found = fit_spline(&table(&grid(40), |x| 3.0 * x + 4.0), &Options::default(), 3, None).unwrap();
    assert!(found.value.knots[0].is_empty());
    assert_eq!(found.value.fit.formula().text(), "y = 3*x + 4");
}

#[test]
fn a_wave_gets_knots_and_is_followed() {
    let wave = |x: f64| (x / 6.0).sin() + 0.02 * scatter(x);
    let x = grid(80);
    let table = table(&x, wave);
    let found = fit_spline(&table, &Options::default(), 3, None).unwrap().value;
    assert!((3..=12).contains(&found.knots[0].len()), "{:?}", found.knots);
    assert!(found.fit.r2.unwrap() > 0.999, "{:?}", found.fit.r2);
    let given = fit_spline(&table, &Options::default(), 1, Some(4)).unwrap().value;
    assert_eq!(given.knots[0].len(), 4);
    assert!(given.fit.formula().text().contains("max(x - "), "{}", given.fit.formula().text());
}

#[test]
fn refuses_splines_out_of_range() {
    let line = table(&grid(9), |x| x);
    let of = |degree, knots| fit_spline(&line, &Options::default(), degree, knots);
    assert!(matches!(of(0, None), Err(Error::BadOption { option: "degree", .. })));
    assert!(matches!(of(3, Some(51)), Err(Error::BadOption { option: "knots", .. })));
    assert!(matches!(of(3, Some(12)), Err(Error::TooFewRows { .. })));
}

#[test]
fn orthogonal_polynomials_are_those_of_the_books() {
    // On evenly spaced rows they are Gram's (Chebyshev's discrete) polynomials: P2 = x² − (n² − 1)/12 around the middle.
    let x: Vec<f64> = (-5..=5).map(f64::from).collect();
    let found = fit_orthogonal(&table(&x, |x| 2.0 * x * x + x), "x", 3, 0.95).unwrap();
    assert_eq!(found.polynomials(), ["P1 = x", "P2 = (x)*P1 - 10", "P3 = (x)*P2 - 7.8*P1"]);
    let values: Vec<f64> = found.coefficients.iter().map(|one| one.value).collect();
    let wanted = [20.0, 1.0, 2.0, 0.0];
    assert!(values.iter().zip(wanted).all(|(value, wanted)| (value - wanted).abs() < 1e-13), "{values:?}");
}

#[test]
fn an_orthogonal_coefficient_stays_when_higher_ones_come() {
    let table = table(&grid(30), |x| x.sqrt() + scatter(x));
    let low = fit_orthogonal(&table, "x", 2, 0.95).unwrap();
    let high = fit_orthogonal(&table, "x", 9, 0.95).unwrap();
    for (one, other) in low.coefficients.iter().zip(&high.coefficients) {
        assert!((one.value - other.value).abs() <= 1e-14 * one.value.abs(), "{one:?} {other:?}");
    }
    assert!(matches!(fit_orthogonal(&table, "x", 30, 0.95), Err(Error::TooFewRows { .. })));
    assert!(matches!(fit_orthogonal(&table, "z", 2, 0.95), Err(Error::UnknownInput { .. })));
}

#[test]
fn a_needed_square_is_seen_and_an_idle_one_is_not() {
    let quadratic = Options { basis: Basis::Powers { degree: 2 }, ..Options::default() };
    let curved =
        compare(&table(&grid(30), |x| x + 0.1 * x * x + scatter(x)), &quadratic, &Basis::Linear).unwrap();
    assert_eq!(curved.added, ["x^2"]);
    assert!(curved.f_p.unwrap() < 1e-10 && curved.aic_gain.unwrap() > 0.0, "{curved:?}");
    let straight = compare(&table(&grid(30), |x| x + scatter(x)), &quadratic, &Basis::Linear).unwrap();
    assert!(straight.f_p.unwrap() > 0.01, "{straight:?}");
}

#[test]
fn refuses_models_that_are_not_nested() {
    let line = table(&grid(9), |x| x);
    let refused = compare(&line, &Options::default(), &Basis::Powers { degree: 2 }).unwrap_err();
    assert_eq!(refused, Error::NotNested { term: "x^2".to_owned() });
    let unknown = compare_without(&line, &Options::default(), &["z".to_owned()]).unwrap_err();
    assert_eq!(unknown, Error::UnknownInput { name: "z".to_owned() });
}

#[test]
fn an_exact_model_has_no_test_against_a_smaller_one() {
    let found =
        compare_without(&table(&grid(9), |x| 2.0 * x), &Options::default(), &["x".to_owned()]).unwrap();
    assert_eq!((found.f_statistic, found.degrees), (None, 1));
}
