//! The figures of statsmodels and scikit-learn on real tables: `cases/*/expected.json`. What is printed the bench gathers.
#![expect(clippy::unwrap_used, reason = "a broken case file must fail its test")]
#![expect(clippy::print_stdout, reason = "the bench gathers the figures")]

use std::fs;
use std::path::PathBuf;

use linreg::{
    Basis, Covariance, Fit, Options, Penalty, RobustMethod, Table, Term, Transform, Weighting,
    compare_without, examine, fit, fit_orthogonal, fit_penalised, fit_robust,
};
use serde_json::Value;

const CASES: [&str; 4] = ["copper", "diabetes", "stackloss", "vineyard"];

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases").join(name)
}

fn table(name: &str) -> Table {
    let text = fs::read_to_string(folder(name).join("data.csv")).unwrap();
    let mut lines = text.lines();
    let mut names: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line.split(',')) {
            column.push(cell.parse().unwrap());
        }
    }
    let target = columns.pop().unwrap();
    let target_name = names.pop().unwrap();
    Table::new(names, columns, target_name, target).unwrap()
}

fn expected(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder(name).join("expected.json")).unwrap()).unwrap()
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|entry| entry.as_f64().unwrap_or(f64::NAN)).collect()
}

#[track_caller]
fn close(what: &str, found: f64, wanted: f64, tolerance: f64) {
    let error = (found - wanted).abs() / wanted.abs().max(1e-300);
    if tolerance <= 1e-10 && found != wanted {
        println!(r#"{{"figure":"relative difference","most":{error:e}}}"#);
    }
    assert!(found == wanted || error < tolerance, "{what}: {found:e} is not {wanted:e}, error {error:e}");
}

#[track_caller]
fn all_close(what: &str, found: impl IntoIterator<Item = f64>, wanted: &Value, tolerance: f64) {
    let (found, wanted): (Vec<f64>, Vec<f64>) = (found.into_iter().collect(), list(wanted));
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (at, (found, wanted)) in found.into_iter().zip(wanted).enumerate() {
        close(&format!("{what}[{at}]"), found, wanted, tolerance);
    }
}

fn check_coefficients(what: &str, fit: &Fit, wanted: &Value) {
    let all = &fit.coefficients;
    all_close(&format!("{what} value"), all.iter().map(|one| one.value), &wanted["value"], 1e-10);
    all_close(
        &format!("{what} error"),
        all.iter().map(|one| one.std_error.unwrap()),
        &wanted["std_error"],
        1e-10,
    );
    all_close(&format!("{what} t"), all.iter().map(|one| one.t.unwrap()), &wanted["t"], 1e-10);
    all_close(&format!("{what} p"), all.iter().map(|one| one.p.unwrap()), &wanted["p"], 1e-10);
    all_close(&format!("{what} low"), all.iter().map(|one| one.low.unwrap()), &wanted["low"], 1e-10);
    all_close(&format!("{what} high"), all.iter().map(|one| one.high.unwrap()), &wanted["high"], 1e-10);
}

fn check_quality(what: &str, fit: &Fit, wanted: &Value) {
    check_coefficients(what, fit, wanted);
    let figures = [
        ("r2", fit.r2),
        ("adjusted_r2", fit.adjusted_r2),
        ("residual_std_error", fit.residual_std_error),
        ("f_statistic", fit.f_statistic),
        ("f_p", fit.f_p),
        ("log_likelihood", fit.log_likelihood),
        ("aic", fit.aic),
        ("bic", fit.bic),
    ];
    for (name, found) in figures {
        close(&format!("{what} {name}"), found.unwrap(), wanted[name].as_f64().unwrap(), 1e-10);
    }
}

#[test]
fn least_squares_agrees_to_ten_digits() {
    for name in CASES {
        let (table, wanted) = (table(name), expected(name));
        let plain = fit(&table, &Options::default()).unwrap().value;
        check_quality(name, &plain, &wanted["ols"]);
        let origin = fit(&table, &Options { intercept: false, ..Options::default() }).unwrap().value;
        check_quality(&format!("{name} through the origin"), &origin, &wanted["through_origin"]);
    }
}

#[test]
fn weighted_least_squares_agrees_to_ten_digits() {
    for name in CASES {
        let table = table(name);
        let weights = (0..table.rows()).map(|row| 1.0 + (row % 3) as f64).collect();
        let options = Options { weighting: Weighting::Weights(weights), ..Options::default() };
        check_quality(name, &fit(&table, &options).unwrap().value, &expected(name)["weighted"]);
    }
}

#[test]
fn robust_standard_errors_agree_to_ten_digits() {
    let kinds = [
        ("hc0", Covariance::Hc0),
        ("hc1", Covariance::Hc1),
        ("hc2", Covariance::Hc2),
        ("hc3", Covariance::Hc3),
    ];
    for name in CASES {
        for (key, covariance) in kinds.clone() {
            let fit = fit(&table(name), &Options { covariance, ..Options::default() }).unwrap().value;
            let wanted = &expected(name)[key];
            check_coefficients(&format!("{name} {key}"), &fit, wanted);
            close(
                &format!("{name} {key} F"),
                fit.f_statistic.unwrap(),
                wanted["f_statistic"].as_f64().unwrap(),
                1e-10,
            );
            close(&format!("{name} {key} F's p"), fit.f_p.unwrap(), wanted["f_p"].as_f64().unwrap(), 1e-9);
        }
    }
}

#[test]
fn bands_agree_to_ten_digits() {
    for name in CASES {
        let table = table(name);
        let fit = fit(&table, &Options::default()).unwrap().value;
        let places: Vec<&[f64]> = table.columns().iter().map(|column| &column[..5]).collect();
        let (bands, wanted) = (fit.bands(&places).unwrap(), &expected(name)["bands"]);
        all_close("value", bands.iter().map(|band| band.value), &wanted["mean"], 1e-10);
        all_close("mean low", bands.iter().map(|band| band.mean_low), &wanted["mean_ci_lower"], 1e-10);
        all_close("mean high", bands.iter().map(|band| band.mean_high), &wanted["mean_ci_upper"], 1e-10);
        all_close(
            "single low",
            bands.iter().map(|band| band.single_low.unwrap()),
            &wanted["obs_ci_lower"],
            1e-10,
        );
        all_close(
            "single high",
            bands.iter().map(|band| band.single_high.unwrap()),
            &wanted["obs_ci_upper"],
            1e-10,
        );
    }
}

#[test]
fn diagnostics_agree() {
    for name in CASES {
        let found = examine(&table(name), &Options::default()).unwrap().value;
        let wanted = &expected(name)["diagnostics"];
        let rows = &found.rows;
        all_close("leverage", rows.iter().map(|row| row.leverage), &wanted["leverage"], 1e-9);
        all_close(
            "standardized",
            rows.iter().map(|row| row.standardized.unwrap()),
            &wanted["standardized"],
            1e-8,
        );
        all_close(
            "studentized",
            rows.iter().map(|row| row.studentized.unwrap()),
            &wanted["studentized"],
            1e-8,
        );
        all_close("cook", rows.iter().map(|row| row.cook.unwrap()), &wanted["cook"], 1e-8);
        all_close("dffits", rows.iter().map(|row| row.dffits.unwrap()), &wanted["dffits"], 1e-8);
        all_close("inflation", found.inflation.iter().map(|one| one.factor), &wanted["vif"], 1e-8);
        for check in &found.checks {
            let key = serde_json::to_value(check.kind).unwrap().as_str().unwrap().to_owned();
            match (&wanted[&key], check.p) {
                (Value::Null, _) => assert_eq!(key, "lack_of_fit", "{name}"),
                (Value::Array(pair), Some(p)) => {
                    close(&format!("{name} {key}"), check.statistic, pair[0].as_f64().unwrap(), 1e-8);
                    close(&format!("{name} {key} p"), p, pair[1].as_f64().unwrap(), 1e-8);
                }
                (single, _) => {
                    close(&format!("{name} {key}"), check.statistic, single.as_f64().unwrap(), 1e-10);
                }
            }
        }
        assert!(found.checks.len() >= 5, "{name}");
    }
}

#[test]
fn penalised_fits_agree_with_scikit_learn() {
    for name in CASES {
        for key in ["ridge", "lasso", "elastic_net"] {
            let wanted = &expected(name)["penalised"][key];
            let figure = |field: &str| wanted[field].as_f64().unwrap();
            let penalty =
                Penalty { mix: figure("mix"), strength: Some(figure("penalty")), ..Penalty::default() };
            let found = fit_penalised(&table(name), &Options::default(), &penalty).unwrap().value;
            all_close(&format!("{name} {key}"), found.coefficients, &wanted["value"], 1e-8);
        }
    }
}

#[test]
fn robust_fits_agree() {
    for name in CASES {
        for (key, method) in [("huber", RobustMethod::Huber), ("bisquare", RobustMethod::Bisquare)] {
            let wanted = &expected(name)["robust"][key];
            let found = fit_robust(&table(name), &Options::default(), method).unwrap().value;
            let what = format!("{name} {key}");
            all_close(&what, found.coefficients.iter().map(|one| one.value), &wanted["value"], 1e-7);
            all_close(
                &what,
                found.coefficients.iter().map(|one| one.std_error.unwrap()),
                &wanted["std_error"],
                1e-7,
            );
            close(&what, found.scale, wanted["scale"].as_f64().unwrap(), 1e-7);
        }
    }
}

#[test]
fn least_trimmed_squares_flags_the_known_outliers_of_stackloss() {
    let table = table("stackloss");
    for seed in 1..4 {
        let method = RobustMethod::LeastTrimmedSquares { seed };
        let report = fit_robust(&table, &Options::default(), method).unwrap();
        for row in [1, 3, 4, 21] {
            assert!(report.value.outlying_rows.contains(&row), "{:?}", report.value.outlying_rows);
        }
        assert!(report.value.outlying_rows.len() <= 6, "{:?}", report.value.outlying_rows);
    }
}

#[test]
fn theil_sen_agrees_with_scipy() {
    for name in CASES {
        let table = table(name);
        let options = Options { inputs: Some(vec![table.names()[0].clone()]), ..Options::default() };
        let found = fit_robust(&table, &options, RobustMethod::TheilSen).unwrap().value.coefficients;
        let figures = [found[0].value, found[1].value, found[1].low.unwrap(), found[1].high.unwrap()];
        all_close(name, figures, &expected(name)["theil_sen"], 1e-11);
    }
}

#[test]
fn clustered_standard_errors_agree_to_ten_digits() {
    for name in CASES {
        let table = table(name);
        let groups = (0..table.rows() as u32).map(|row| row % 7).collect();
        let options = Options { covariance: Covariance::Clustered(groups), ..Options::default() };
        let report = fit(&table, &options).unwrap();
        let wanted = &expected(name)["clustered"];
        check_coefficients(&format!("{name} clustered"), &report.value, wanted);
        assert!(report.findings.iter().any(|finding| finding.code == "few_groups"), "{name}");
        // Seven groups span six directions: beyond them statsmodels warns, and the engine has no F.
        assert_eq!(report.value.f_statistic.is_some(), table.names().len() < 7, "{name}");
        if let Some(f) = report.value.f_statistic {
            close(&format!("{name} clustered F"), f, wanted["f_statistic"].as_f64().unwrap(), 1e-9);
        }
    }
}

#[test]
fn nested_comparisons_agree_to_nine_digits() {
    for name in CASES {
        let table = table(name);
        let first = [table.names()[0].clone()];
        let found = compare_without(&table, &Options::default(), &first).unwrap();
        let wanted = &expected(name)["without_first"];
        assert_eq!((found.added.as_slice(), found.degrees), (first.as_slice(), 1), "{name}");
        all_close(name, [found.f_statistic.unwrap(), found.f_p.unwrap(), 1.0], &wanted["f"], 1e-9);
        let ratio = [found.likelihood_ratio.unwrap(), found.likelihood_ratio_p.unwrap(), 1.0];
        all_close(name, ratio, &wanted["likelihood_ratio"], 1e-9);
        let gain = |key: &str| wanted[key].as_f64().unwrap();
        close(name, found.aic_gain.unwrap(), gain("aic_gain"), 1e-9);
        close(name, found.bic_gain.unwrap(), gain("bic_gain"), 1e-9);
    }
}

#[test]
fn orthogonal_polynomials_have_the_tests_of_an_orthogonalised_basis() {
    for name in CASES {
        let table = table(name);
        let input = table.names()[0].clone();
        let found = fit_orthogonal(&table, &input, 3, 0.95).unwrap();
        let wanted = &expected(name)["orthogonal"];
        let all = &found.coefficients;
        all_close(name, all.iter().map(|one| one.t.unwrap().abs()), &wanted["size_of_t"], 1e-9);
        all_close(name, all.iter().map(|one| one.p.unwrap()), &wanted["p"], 1e-9);
        // The same function as by powers.
        let powers = Options {
            inputs: Some(vec![input.clone()]),
            basis: Basis::Powers { degree: 3 },
            ..Options::default()
        };
        let plain = fit(&table, &powers).unwrap().value;
        let x = &table.columns()[0];
        for (one, other) in found.predict(x).into_iter().zip(plain.predict(&[x])) {
            assert!((one - other).abs() <= 1e-11 * other.abs().max(1.0), "{name}: {one} {other}");
        }
    }
}

#[test]
fn a_spline_with_given_knots_is_that_of_scipy() {
    let (table, wanted) = (table("titanium"), expected("titanium"));
    let knots = list(&wanted["knots"]);
    let pieces = knots.iter().map(|&knot| Term::of(0, Transform::Hinge { knot, degree: 3 }));
    let terms = (1..=3).map(|exponent| Term::power(0, exponent)).chain(pieces).collect();
    let spline = fit(&table, &Options { basis: Basis::Terms(terms), ..Options::default() }).unwrap().value;
    let places = list(&wanted["places"]);
    all_close("value", spline.predict(&[&places]), &wanted["values"], 1e-9);
    let squares = spline.rmse * spline.rmse * spline.n as f64;
    close("squares", squares, wanted["squares"].as_f64().unwrap(), 1e-10);
}
