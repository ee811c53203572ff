//! No table, however strange, makes an analysis panic or answer with a number that is none.

use linreg::{
    Basis, Criterion, Options, Penalty, RobustMethod, Table, Weighting, examine, fit, fit_penalised,
    fit_robust, rank_forms, select,
};
use proptest::prelude::*;

/// Numbers that make trouble, among tame ones.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0_f64,
        4 => (-3_i32..4).prop_map(f64::from),
        1 => Just(0.0),
        1 => Just(1e99),
        1 => Just(-1e99),
        1 => Just(1e-300),
        1 => Just(5e-324),
        1 => Just(1.0 + f64::EPSILON),
    ]
}

fn table() -> impl Strategy<Value = Table> {
    (1_usize..12, 1_usize..4).prop_flat_map(|(rows, inputs)| {
        let column = || prop::collection::vec(number(), rows);
        (prop::collection::vec(column(), inputs), column()).prop_filter_map("a table", |(columns, target)| {
            let names = (0..columns.len()).map(|at| format!("x{at}")).collect();
            Table::new(names, columns, "y", target).ok()
        })
    })
}

proptest! {
    #[test]
    fn least_squares_answers_with_numbers(table in table(), intercept: bool, degree in 1_u32..4) {
        let weights = (0..table.rows()).map(|row| 1.0 + row as f64).collect();
        for weighting in [Weighting::Equal, Weighting::Weights(weights)] {
            let options = Options { intercept, basis: Basis::Powers { degree }, weighting, ..Options::default() };
            let Ok(report) = fit(&table, &options) else { continue };
            let fit = report.value;
            for one in &fit.coefficients {
                prop_assert!(one.value.is_finite() && one.rounded.is_finite(), "{one:?}");
                let figures = [one.std_error, one.t, one.p, one.low, one.high];
                prop_assert!(figures.into_iter().flatten().all(|figure| !figure.is_nan()), "{one:?}");
            }
            let figures = [fit.r2, fit.adjusted_r2, fit.f_statistic, fit.f_p, fit.log_likelihood, fit.aic, fit.aicc, fit.bic];
            prop_assert!(figures.into_iter().flatten().all(f64::is_finite), "{fit:?}");
            prop_assert!(fit.rmse.is_finite() && !fit.condition_number.is_nan(), "{fit:?}");
            prop_assert!(!fit.formula().text().contains("NaN") && fit.formula().mathml().starts_with("<math"));
        }
    }

    #[test]
    fn the_other_analyses_answer_without_panic(table in table(), seed: u64) {
        let options = Options::default();
        if let Ok(report) = examine(&table, &options) {
            prop_assert!(report.value.rows.iter().all(|row| !row.leverage.is_nan()));
            prop_assert!(report.value.checks.iter().all(|check| check.p.is_none_or(|p| (0.0..=1.0).contains(&p))), "{:?}", report.value.checks);
        }
        for method in [
            RobustMethod::Huber,
            RobustMethod::Bisquare,
            RobustMethod::LeastTrimmedSquares { seed },
            RobustMethod::TheilSen,
        ] {
            if let Ok(report) = fit_robust(&table, &options, method) {
                prop_assert!(report.value.coefficients.iter().all(|one| one.value.is_finite()), "{method:?}");
            }
        }
        if let Ok(report) = select(&table, &options, Criterion::Aicc) {
            prop_assert!(report.value.chosen < report.value.candidates.len());
        }
        let penalty = Penalty { folds: 3, ..Penalty::default() };
        if let Ok(report) = fit_penalised(&table, &options, &penalty) {
            prop_assert!(report.value.coefficients.iter().all(|value| value.is_finite()), "{:?}", report.value);
        }
        if let Ok(report) = rank_forms(&table, "x0") {
            for form in &report.value {
                prop_assert!(form.parameters.iter().chain(&form.rounded).all(|value| value.is_finite()), "{form:?}");
            }
        }
    }
}
