//! Robust and penalised fits where the right answer is known.
#![expect(clippy::unwrap_used, reason = "a broken table must fail its test")]

use linreg::{Error, Options, Penalty, RobustMethod, Table, fit_penalised, fit_robust};

/// 2x + 1 with a little wobble, and every fifth row far off.
fn spoiled() -> Table {
    let x: Vec<f64> = (0..40).map(f64::from).collect();
    let law = |x: f64| 2.0 * x + 1.0 + 0.1 * (7.0 * x).sin() + if x % 5.0 == 4.0 { 200.0 } else { 0.0 };
    let y = x.iter().map(|&x| law(x)).collect();
    Table::new(vec!["x".to_owned()], vec![x], "y", y).unwrap()
}

#[test]
fn every_robust_method_sees_through_a_fifth_of_spoiled_rows() {
    let methods = [
        (RobustMethod::Huber, 0.1),
        (RobustMethod::Bisquare, 0.01),
        (RobustMethod::LeastTrimmedSquares { seed: 1 }, 0.01),
        (RobustMethod::TheilSen, 0.1),
    ];
    for (method, tolerance) in methods {
        let found = fit_robust(&spoiled(), &Options::default(), method).unwrap().value;
        assert!((found.coefficients[1].value - 2.0).abs() < tolerance, "{method:?} {:?}", found.coefficients);
        let spoiled_rows: Vec<usize> = (5..=40).step_by(5).collect();
        assert_eq!(found.outlying_rows, spoiled_rows, "{method:?}");
    }
}

#[test]
fn a_law_without_scatter_flags_exactly_the_spoiled_row() {
    let x: Vec<f64> = (0..12).map(f64::from).collect();
    let y = x.iter().map(|&x| if x == 3.0 { 50.0 } else { 3.0 * x + 4.0 }).collect();
    let table = Table::new(vec!["x".to_owned()], vec![x], "y", y).unwrap();
    for method in
        [RobustMethod::Bisquare, RobustMethod::LeastTrimmedSquares { seed: 7 }, RobustMethod::TheilSen]
    {
        let found = fit_robust(&table, &Options::default(), method).unwrap().value;
        assert_eq!(found.formula().text(), "y = 3*x + 4", "{method:?}");
        assert_eq!(found.outlying_rows, [4], "{method:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let method = RobustMethod::LeastTrimmedSquares { seed: 42 };
    let once = || fit_robust(&spoiled(), &Options::default(), method).unwrap();
    assert_eq!(once(), once());
}

#[test]
fn theil_sen_refuses_two_inputs() {
    let columns = vec![vec![1.0, 2.0, 3.0], vec![3.0, 1.0, 2.0]];
    let table = Table::new(vec!["a".to_owned(), "b".to_owned()], columns, "y", vec![1.0, 2.0, 3.0]).unwrap();
    let error = fit_robust(&table, &Options::default(), RobustMethod::TheilSen).unwrap_err();
    assert!(matches!(error, Error::BadOption { option: "inputs", .. }), "{error}");
}

/// Ten inputs of pseudo-random digits; the target follows two of them.
fn crowd() -> Table {
    let digit =
        |row: u32, input: u32| f64::from((row * row * 7 + row * (input * 13 + 5) * 11 + input * 31) % 101);
    let columns: Vec<Vec<f64>> =
        (0..10).map(|input| (0..120).map(|row| digit(row, input)).collect()).collect();
    let y = (0..120)
        .map(|row| 3.0 * columns[2][row] - 2.0 * columns[7][row] + f64::from(row as u32 * 37 % 11))
        .collect();
    let names = (0..10).map(|input| format!("x{input}")).collect();
    Table::new(names, columns, "y", y).unwrap()
}

#[test]
fn the_lasso_keeps_the_inputs_that_matter() {
    let found = fit_penalised(&crowd(), &Options::default(), &Penalty::default()).unwrap().value;
    let kept: Vec<usize> = (0..11).filter(|&at| found.coefficients[at].abs() > 0.05).collect();
    assert_eq!(kept, [0, 3, 8], "{:?}", found.coefficients);
    assert!(found.r2.unwrap() > 0.99);
    assert!(found.path.windows(2).all(|pair| pair[0].strength > pair[1].strength));
}

#[test]
fn a_penalised_fit_takes_more_inputs_than_rows() {
    let columns: Vec<Vec<f64>> =
        (0..6).map(|input| vec![f64::from(input), 1.0, f64::from(input * input % 5)]).collect();
    let names = (0..6).map(|input| format!("x{input}")).collect();
    let table = Table::new(names, columns, "y", vec![1.0, 2.0, 4.0]).unwrap();
    let ridge = Penalty { mix: 0.0, strength: Some(0.1), ..Penalty::default() };
    let found = fit_penalised(&table, &Options::default(), &ridge).unwrap().value;
    assert!(found.coefficients.iter().all(|value| value.is_finite()));
    assert!(found.r2.unwrap() > 0.5);
}

#[test]
fn a_penalty_beyond_everything_leaves_the_mean() {
    let strong = Penalty { strength: Some(1e6), ..Penalty::default() };
    let report = fit_penalised(&spoiled(), &Options::default(), &strong).unwrap();
    assert_eq!(report.findings[0].code, "nothing_kept");
    assert_eq!(report.value.coefficients[1], 0.0);
    let refused = Penalty { strength: Some(-1.0), ..Penalty::default() };
    let error = fit_penalised(&spoiled(), &Options::default(), &refused).unwrap_err();
    assert_eq!(error.to_string(), "option strength: -1 is outside 0 and above");
}
