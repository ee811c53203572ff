//! The engine's language and the published one.

use contracts::finding::Finding;
use contracts::formula::Formula;
use contracts::regression::{Coefficient, FitOptions, FitResult};
use harness::analysis::finding;
use harness::data_set::{Numbers, Question};
use harness::plot::Place;
use harness::problem::{Problem, Result};

use crate::error::not_fitted;

/// What a fit found, as published and as the engine needs it to predict.
pub(crate) struct Fitted {
    pub(crate) result: FitResult,
    pub(crate) model: String,
}

/// Refuses options that can't be met.
pub(crate) fn check(_question: &Question, options: &FitOptions) -> Result<()> {
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        let message = format!("{} is not above 0 and below 1, for example 0.95", options.confidence);
        return Err(Problem::invalid("options.confidence", message));
    }
    Ok(())
}

/// Fits a plane to the rows.
pub(crate) fn fit(question: &Question, options: &FitOptions, numbers: Numbers) -> Result<Fitted> {
    let Numbers { inputs, target, mut findings, .. } = numbers;
    let options = linreg::Options {
        confidence: options.confidence,
        intercept: options.intercept,
        ..linreg::Options::default()
    };
    let table = linreg::Table::new(question.inputs.clone(), inputs, &question.target, target);
    let report = linreg::fit(&table.map_err(|e| not_fitted(&e))?, &options);
    let report = report.map_err(|e| not_fitted(&e))?;
    findings.extend(finding::publish_all(&report.findings)?);
    let model = serde_json::to_string(&report.value).map_err(|e| Problem::internal(&e))?;
    Ok(Fitted { result: publish(&report.value, findings), model })
}

/// The stored model, to predict with.
pub(crate) fn model(text: &str) -> Result<linreg::Fit> {
    serde_json::from_str(text).map_err(|e| Problem::internal(&e))
}

/// The model's values with their bands.
pub(crate) fn places(model: &linreg::Fit, columns: &[&[f64]]) -> Vec<Place> {
    let Some(bands) = model.bands(columns) else {
        return model.predict(columns).into_iter().map(Place::from).collect();
    };
    let place = |band: &linreg::Band| Place {
        value: band.value,
        mean: Some((band.mean_low, band.mean_high)),
        single: band.single_low.zip(band.single_high),
    };
    bands.iter().map(place).collect()
}

fn publish(fit: &linreg::Fit, findings: Vec<Finding>) -> FitResult {
    let formula = fit.formula();
    let coefficients = fit.coefficients.iter().map(|c| Coefficient {
        term: c.term.clone(),
        value: c.value,
        std_error: c.std_error,
        t: c.t.filter(|t| t.is_finite()),
        p: c.p,
        low: c.low,
        high: c.high,
    });
    FitResult {
        // The text with all digits, for machines and for comparison; what is typeset with a person's.
        formula: Formula {
            text: fit.full_formula().text(),
            latex: formula.latex(),
            mathml: formula.mathml(),
        },
        coefficients: coefficients.collect(),
        r2: fit.r2,
        adjusted_r2: fit.adjusted_r2,
        rmse: fit.rmse,
        residual_std_error: fit.residual_std_error,
        n: fit.n as u64,
        dof: fit.dof as u64,
        f_statistic: fit.f_statistic.filter(|f| f.is_finite()),
        f_p: fit.f_p,
        aic: fit.aic,
        bic: fit.bic,
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(inputs: Vec<Vec<f64>>, target: Vec<f64>) -> Numbers {
        Numbers { inputs, target, beside: vec![], findings: vec![] }
    }

    #[test]
    fn publishes_a_line_and_predicts_with_the_stored_model() {
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        let fitted =
            fit(&question, &FitOptions::default(), numbers(vec![vec![0.0, 1.0, 2.0]], vec![4.0, 7.0, 10.0]))
                .unwrap();
        assert_eq!(fitted.result.formula.text, "y = 3*x + 4");
        assert_eq!(model(&fitted.model).unwrap().predict(&[&[10.0]]), [34.0]);
    }

    #[test]
    fn says_why_there_is_no_fit() {
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        let problem =
            fit(&question, &FitOptions::default(), numbers(vec![vec![1.0]], vec![1.0])).err().unwrap();
        assert_eq!((problem.status, problem.kind.as_str()), (422, "urn:quorate:problem:not-fitted"));
    }
}
