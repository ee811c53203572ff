//! Every method through the published language.

use contracts::regression::{Criterion, FitOptions};

use super::*;

fn question(inputs: &[&str]) -> Question {
    Question { target: "y".into(), inputs: inputs.iter().map(|name| (*name).to_owned()).collect() }
}

fn numbers(inputs: Vec<Vec<f64>>, target: Vec<f64>) -> Numbers {
    Numbers { inputs, target, beside: vec![], words: vec![], rows: None, findings: vec![] }
}

/// A line with a scatter that is the same every time, and one outlier in row 6.
fn line(rows: u32) -> Numbers {
    let x: Vec<f64> = (0..rows).map(f64::from).collect();
    let scatter = |x: f64| ((x * 7.3).sin() * 1000.0).fract() - 0.5;
    let mut y: Vec<f64> = x.iter().map(|&x| 3.0 * x + 4.0 + scatter(x)).collect();
    y[5] += 40.0;
    numbers(vec![x], y)
}

fn of(options: &FitOptions) -> FitResult {
    fit_table(&question(&["x"]), options, line(30)).unwrap()
}

fn slope(result: &FitResult) -> f64 {
    result.coefficients[1].value
}

#[test]
fn publishes_a_line_and_predicts_with_the_stored_model() {
    let exact = numbers(vec![vec![0.0, 1.0, 2.0]], vec![4.0, 7.0, 10.0]);
    let fitted = fit(&question(&["x"]), &FitOptions::default(), exact).unwrap();
    assert_eq!(fitted.result.formula.text, "y = 3*x + 4");
    let kept = Model::read(&fitted.model.write().unwrap()).unwrap();
    assert_eq!(kept.places(&[&[10.0]])[0].value, 34.0);
}

#[test]
fn reads_models_from_before_there_were_methods() {
    let table = linreg::Table::new(vec!["x".into()], vec![vec![0.0, 1.0, 2.0]], "y", vec![4.0, 7.0, 10.0]);
    let plain = linreg::fit(&table.unwrap(), &linreg::Options::default()).unwrap().value;
    let kept = Model::read(&serde_json::to_string(&plain).unwrap()).unwrap();
    assert_eq!(kept.places(&[&[1.0]])[0].value, 7.0);
    assert!(Model::read("{}").is_err());
}

#[test]
fn says_why_there_is_no_fit() {
    let lone = numbers(vec![vec![1.0]], vec![1.0]);
    let problem = fit(&question(&["x"]), &FitOptions::default(), lone).err().unwrap();
    assert_eq!((problem.status, problem.kind.as_str()), (422, "urn:quorate:problem:not-fitted"));
}

#[test]
fn the_default_examines_the_fit_and_ranks_simple_forms() {
    let result = of(&FitOptions::default());
    assert!(
        result.checks.iter().any(|check| check.code == "jarque-bera" && !check.holds),
        "{:?}",
        result.checks
    );
    assert_eq!((result.influential.len(), result.influential[0].row), (10, 6));
    let forms: Vec<&str> = result.forms.iter().map(|form| form.code.as_str()).collect();
    assert!(forms.contains(&"line") && !forms.contains(&"power"), "a power is not defined at 0: {forms:?}");
    assert!((result.coefficients[1].inflation.unwrap() - 1.0).abs() < 1e-12);
    assert!(result.findings.iter().any(|f| f.code == "outlying-row" && f.subject.row == Some(6)));
    assert!(result.findings.iter().all(|f| f.code != "residuals-not-normal"), "the check says it already");
}

#[test]
fn rows_are_those_of_the_data_set() {
    let mut with_gap = line(30);
    with_gap.rows = Some((0..30).map(|row| row + 3).collect());
    let result = fit_table(&question(&["x"]), &FitOptions::default(), with_gap).unwrap();
    assert_eq!(result.influential[0].row, 8);
    assert!(result.findings.iter().any(|f| f.code == "outlying-row" && f.subject.row == Some(8)));
}

#[test]
fn robust_methods_are_not_dragged_along() {
    for method in [FitMethod::Bisquare, FitMethod::TrimmedSquares, FitMethod::TheilSen, FitMethod::Huber] {
        let result = of(&FitOptions { method, ..FitOptions::default() });
        assert!((slope(&result) - 3.0).abs() < 0.05, "{method:?}: {}", result.formula.text);
        assert!(result.findings.iter().any(|f| f.code == "outlying-row"), "{method:?}");
        assert!(result.scale.is_some() && result.r2.is_some() && result.coefficients[1].t.is_none());
    }
}

#[test]
fn penalised_methods_tell_their_path() {
    for method in [FitMethod::Ridge, FitMethod::Lasso, FitMethod::ElasticNet] {
        let result = of(&FitOptions { method, ..FitOptions::default() });
        assert!(!result.path.is_empty() && result.penalty.is_some(), "{method:?}");
        let given = of(&FitOptions { method, penalty: Some(1e9), ..FitOptions::default() });
        assert!(slope(&given).abs() < 1e-3 && given.path.is_empty(), "{method:?}: {}", given.formula.text);
    }
}

#[test]
fn a_subset_is_chosen_among_the_best_of_each_size() {
    let b: Vec<f64> = (0..30).map(|row| f64::from(row * 7 % 11)).collect();
    let mut two = line(30);
    two.inputs.push(b);
    let options = FitOptions { subset: Some(Criterion::Bic), ..FitOptions::default() };
    let result = fit_table(&question(&["x", "b"]), &options, two).unwrap();
    assert_eq!(result.subsets.len(), 3);
    let chosen: Vec<_> = result.subsets.iter().filter(|subset| subset.chosen).collect();
    assert_eq!(chosen[0].terms, ["x"]);
    assert_eq!(result.coefficients.len(), 2);
}

#[test]
fn errors_come_as_they_are_asked_for() {
    let classical = of(&FitOptions::default());
    for errors in [Errors::Hc0, Errors::Hc1, Errors::Hc2, Errors::Hc3, Errors::Bootstrap] {
        let result = of(&FitOptions { errors, ..FitOptions::default() });
        assert_eq!(slope(&result), slope(&classical));
        assert_ne!(result.coefficients[1].std_error, classical.coefficients[1].std_error, "{errors:?}");
        assert!(result.coefficients[1].low < result.coefficients[1].high);
    }
    let mut grouped = line(30);
    grouped.beside = vec![(0..30).map(|row| f64::from(row / 5)).collect()];
    let options = FitOptions { errors: Errors::Clustered, groups: Some("g".into()), ..FitOptions::default() };
    let result = fit_table(&question(&["x"]), &options, grouped).unwrap();
    assert!(result.findings.iter().any(|f| f.code == "few-groups"));
}

#[test]
fn weights_and_error_bars_come_from_their_columns() {
    let weighted = |options: FitOptions| {
        let mut data = line(30);
        data.beside = vec![(0..30).map(|row| if row == 5 { 1e-9 } else { 1.0 }).collect()];
        fit_table(&question(&["x"]), &options, data).unwrap()
    };
    let result = weighted(FitOptions { weights: Some("w".into()), ..FitOptions::default() });
    assert!((slope(&result) - 3.0).abs() < 0.03, "the outlier does not count: {}", result.formula.text);
    assert!(result.forms.is_empty(), "simple forms know no weights");
    let bars = weighted(FitOptions { error_bars: Some("w".into()), ..FitOptions::default() });
    assert!(slope(&bars) != slope(&result));
}

#[test]
fn shapes_have_their_terms() {
    use contracts::regression::Shape;
    let powers = of(&FitOptions { shape: Shape::Powers, degree: Some(3), ..FitOptions::default() });
    let terms: Vec<&str> = powers.coefficients.iter().map(|c| c.term.as_str()).collect();
    assert_eq!(terms, ["intercept", "x", "x^2", "x^3"]);
    let orthogonal = powers.orthogonal.unwrap();
    assert_eq!((orthogonal.polynomials.len(), orthogonal.coefficients.len()), (3, 4));
    let spline = of(&FitOptions { shape: Shape::Spline, knots: Some(2), ..FitOptions::default() });
    assert!(spline.coefficients.iter().filter(|c| c.term.starts_with("max(")).count() == 2);
    assert!(!spline.checks.is_empty());
}

#[test]
fn a_comparison_says_whether_an_input_matters() {
    let b: Vec<f64> = (0..30).map(|row| f64::from(row * 7 % 11)).collect();
    let mut two = line(30);
    two.inputs.push(b);
    let options = FitOptions { compare_without: vec!["b".into()], ..FitOptions::default() };
    let comparison = fit_table(&question(&["x", "b"]), &options, two).unwrap().comparison.unwrap();
    assert_eq!(comparison.added, ["b"]);
    assert!(comparison.f_p.unwrap() > 0.01, "{comparison:?}");
}

#[test]
fn every_check_and_form_has_its_words() {
    let result = of(&FitOptions::default());
    let words = include_str!("../../../../platform/contracts/messages/regression.en.ftl");
    for check in &result.checks {
        for end in ["holds", "fails"] {
            assert!(words.contains(&format!("check-{}-{end} =", check.code)), "{}", check.code);
        }
    }
    for form in &result.forms {
        assert!(words.contains(&format!("form-{} =", form.code)), "{}", form.code);
    }
}
