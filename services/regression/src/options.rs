//! The published options in the engine's words; refused when they can't be met or contradict each other.

use contracts::regression::{Criterion, Errors, FitMethod, FitOptions, Shape};
use harness::data_set::{Beside, Numbers, Question};
use harness::problem::{Problem, Result};

/// The columns that the options need beside target and inputs: weights or error bars, then groups.
pub fn beside(options: &FitOptions) -> Vec<Beside> {
    let numbers =
        [&options.weights, &options.error_bars].into_iter().flatten().map(|name| Beside::numbers(name));
    numbers.chain(options.groups.as_deref().map(Beside::groups)).collect()
}

/// Refuses what can't be met, before any work is done.
pub(crate) fn check(question: &Question, options: &FitOptions) -> Result<()> {
    let refuse = |field: &str, message: String| Err(Problem::invalid(&format!("options.{field}"), message));
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        let message = format!("{} is not above 0 and below 1, for example 0.95", options.confidence);
        return refuse("confidence", message);
    }
    if options.degree.is_some_and(|degree| !(1..=10).contains(&degree)) {
        return refuse("degree", "a degree is from 1 to 10".into());
    }
    if options.shape == Shape::Spline && options.degree.is_some_and(|degree| degree > 5) {
        return refuse("degree", "the pieces of a spline have a degree from 1 to 5".into());
    }
    if options.knots.is_some_and(|knots| knots > 50) {
        return refuse("knots", "an input has at most 50 knots".into());
    }
    if options.resamples.is_some_and(|resamples| !(100..=100_000).contains(&resamples)) {
        return refuse("resamples", "resample 100 to 100000 times".into());
    }
    if options.penalty.is_some_and(|penalty| !(penalty >= 0.0 && penalty.is_finite())) {
        return refuse("penalty", "a penalty is a number from 0 up".into());
    }
    if options.mix.is_some_and(|mix| !(0.0..=1.0).contains(&mix)) {
        return refuse("mix", "a mix is from 0 (ridge) to 1 (lasso)".into());
    }
    contradiction(question, options).map_or(Ok(()), |(field, message)| refuse(field, message.into()))
}

/// Options that do not go together; nothing that was asked for is silently left out.
fn contradiction(question: &Question, options: &FitOptions) -> Option<(&'static str, &'static str)> {
    let FitOptions { method, shape, errors, .. } = options;
    let is_plain = *method == FitMethod::LeastSquares;
    let rules = [
        (options.degree.is_some() && *shape == Shape::Linear, "degree", "a linear shape has no degree"),
        (options.knots.is_some() && *shape != Shape::Spline, "knots", "only splines have knots"),
        (
            options.weights.is_some() && options.error_bars.is_some(),
            "error_bars",
            "give weights or error bars, not both",
        ),
        (options.weights.is_some() && !is_plain, "weights", "only least squares takes weights"),
        (options.error_bars.is_some() && !is_plain, "error_bars", "only least squares takes error bars"),
        (
            *errors != Errors::Classical && !is_plain,
            "errors",
            "only least squares offers other standard errors",
        ),
        (
            (*errors == Errors::Clustered) != options.groups.is_some(),
            "groups",
            "errors 'clustered' and the column of groups go together",
        ),
        (
            options.resamples.is_some() && *errors != Errors::Bootstrap,
            "resamples",
            "only errors 'bootstrap' resample",
        ),
        (
            options.subset.is_some() && !is_plain,
            "subset",
            "terms are chosen for least squares only; a lasso chooses by itself",
        ),
        (
            options.subset.is_some() && *shape == Shape::Spline,
            "subset",
            "a spline chooses its knots by itself",
        ),
        (
            options.penalty.is_some() && !method.is_penalised(),
            "penalty",
            "only ridge, lasso and elastic net have a penalty",
        ),
        (options.mix.is_some() && *method != FitMethod::ElasticNet, "mix", "only the elastic net has a mix"),
        (
            !options.intercept && method.is_penalised(),
            "intercept",
            "a penalised fit always has a constant term",
        ),
        (*shape == Shape::Spline && !is_plain, "shape", "splines are fitted by least squares"),
        (
            *method == FitMethod::TheilSen
                && (question.inputs.len() != 1 || *shape != Shape::Linear || !options.intercept),
            "method",
            "Theil-Sen fits a line of one input",
        ),
        (
            !options.compare_without.is_empty()
                && (!is_plain || options.subset.is_some() || *shape == Shape::Spline),
            "compare_without",
            "only a least-squares fit with all its terms can be compared",
        ),
    ];
    let broken = rules.into_iter().find(|(is_broken, ..)| *is_broken);
    let foreign = options.compare_without.iter().any(|name| !question.inputs.contains(name));
    broken
        .map(|(_, field, message)| (field, message))
        .or(foreign.then_some(("compare_without", "it names a column that is no input")))
}

/// The options of the engine's plain fit.
pub(crate) fn plain(options: &FitOptions, numbers: &mut Numbers) -> linreg::Options {
    let mut beside = std::mem::take(&mut numbers.beside).into_iter();
    let weighting = match (&options.weights, &options.error_bars) {
        (Some(_), _) => linreg::Weighting::Weights(beside.next().unwrap_or_default()),
        (None, Some(_)) => linreg::Weighting::ErrorBars(beside.next().unwrap_or_default()),
        (None, None) => linreg::Weighting::Equal,
    };
    let covariance = match options.errors {
        Errors::Classical | Errors::Bootstrap => linreg::Covariance::Classical,
        Errors::Hc0 => linreg::Covariance::Hc0,
        Errors::Hc1 => linreg::Covariance::Hc1,
        Errors::Hc2 => linreg::Covariance::Hc2,
        Errors::Hc3 => linreg::Covariance::Hc3,
        Errors::Clustered => linreg::Covariance::Clustered(places(&beside.next().unwrap_or_default())),
    };
    let degree = options.degree.unwrap_or(2);
    let basis = match options.shape {
        Shape::Linear | Shape::Spline => linreg::Basis::Linear,
        Shape::Powers => linreg::Basis::Powers { degree },
        Shape::Polynomial => linreg::Basis::Polynomial { degree },
    };
    linreg::Options {
        basis,
        weighting,
        covariance,
        intercept: options.intercept,
        confidence: options.confidence,
        ..linreg::Options::default()
    }
}

/// Numbers of groups, counted in the order of their first row.
fn places(groups: &[f64]) -> Vec<u32> {
    let mut seen = std::collections::HashMap::new();
    let mut place = |group: &f64| {
        let next = seen.len() as u32;
        *seen.entry(group.to_bits()).or_insert(next)
    };
    groups.iter().map(&mut place).collect()
}

pub(crate) fn criterion(criterion: Criterion) -> linreg::Criterion {
    match criterion {
        Criterion::Aic => linreg::Criterion::Aic,
        Criterion::Aicc => linreg::Criterion::Aicc,
        Criterion::Bic => linreg::Criterion::Bic,
        Criterion::LeaveOneOut => linreg::Criterion::LeaveOneOut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(inputs: &[&str]) -> Question {
        Question { target: "y".into(), inputs: inputs.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn the_default_contradicts_nothing() {
        assert!(check(&question(&["a", "b"]), &FitOptions::default()).is_ok());
    }

    #[test]
    fn refuses_what_would_be_left_out_silently() {
        let default = FitOptions::default;
        let refused = |options: FitOptions, field: &str| {
            let problem = check(&question(&["a", "b"]), &options).unwrap_err();
            assert_eq!(
                problem.errors[0].field.as_deref(),
                Some(format!("options.{field}").as_str()),
                "{problem:?}"
            );
        };
        refused(FitOptions { degree: Some(2), ..default() }, "degree");
        refused(FitOptions { knots: Some(2), ..default() }, "knots");
        refused(FitOptions { method: FitMethod::Huber, weights: Some("w".into()), ..default() }, "weights");
        refused(FitOptions { errors: Errors::Clustered, ..default() }, "groups");
        refused(FitOptions { groups: Some("g".into()), ..default() }, "groups");
        refused(FitOptions { method: FitMethod::TheilSen, ..default() }, "method");
        refused(FitOptions { method: FitMethod::Lasso, subset: Some(Criterion::Bic), ..default() }, "subset");
        refused(FitOptions { penalty: Some(1.0), ..default() }, "penalty");
        refused(FitOptions { compare_without: vec!["c".into()], ..default() }, "compare_without");
        refused(FitOptions { confidence: 1.0, ..default() }, "confidence");
    }

    #[test]
    fn groups_are_counted_by_their_first_row() {
        assert_eq!(places(&[7.0, 3.0, 7.0, 9.0]), [0, 1, 0, 2]);
    }
}
