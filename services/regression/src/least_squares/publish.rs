//! The engine's results in published words.

use contracts::formula::Formula;
use contracts::regression::{
    Check, Coefficient, Comparison, FitResult, OrthogonalBasis, PathPoint, RankedForm, RowInfluence, Subset,
};
use serde::Serialize;

/// An assumption with a smaller probability is doubted.
const DOUBTFUL: f64 = 0.01;
/// Durbin's and Watson's statistic without a table: neighbours that are independent give about 2.
const INDEPENDENT: std::ops::RangeInclusive<f64> = 1.0..=3.0;

pub(super) fn result(fit: &linreg::Fit) -> FitResult {
    let formula = fit.formula();
    FitResult {
        // The text with all digits, for machines and for comparison; what is typeset with a person's.
        formula: Formula {
            text: fit.full_formula().text(),
            latex: formula.latex(),
            mathml: formula.mathml(),
        },
        coefficients: fit.coefficients.iter().map(coefficient).collect(),
        adjusted_r2: fit.adjusted_r2,
        residual_std_error: fit.residual_std_error,
        dof: fit.dof as u64,
        f_statistic: fit.f_statistic.filter(|f| f.is_finite()),
        f_p: fit.f_p,
        aic: fit.aic,
        aicc: fit.aicc,
        bic: fit.bic,
        log_likelihood: fit.log_likelihood,
        condition_number: Some(fit.condition_number).filter(|number| number.is_finite()),
        ..bare(fit.r2, fit.rmse, fit.n)
    }
}

/// A result with nothing but its quality.
fn bare(r2: Option<f64>, rmse: f64, rows: usize) -> FitResult {
    FitResult {
        formula: Formula { text: String::new(), latex: String::new(), mathml: String::new() },
        coefficients: vec![],
        r2,
        adjusted_r2: None,
        rmse,
        residual_std_error: None,
        n: rows as u64,
        dof: 0,
        f_statistic: None,
        f_p: None,
        aic: None,
        aicc: None,
        bic: None,
        log_likelihood: None,
        condition_number: None,
        scale: None,
        penalty: None,
        checks: vec![],
        influential: vec![],
        forms: vec![],
        subsets: vec![],
        path: vec![],
        comparison: None,
        orthogonal: None,
        findings: vec![],
    }
}

fn formula(formula: &linreg::Formula) -> Formula {
    Formula { text: formula.text(), latex: formula.latex(), mathml: formula.mathml() }
}

fn coefficient(c: &linreg::Coefficient) -> Coefficient {
    Coefficient {
        term: c.term.clone(),
        value: c.value,
        std_error: c.std_error,
        t: c.t.filter(|t| t.is_finite()),
        p: c.p,
        low: c.low,
        high: c.high,
        inflation: None,
    }
}

/// A coefficient without any test.
fn plain_coefficient(term: String, value: f64) -> Coefficient {
    Coefficient { term, value, std_error: None, t: None, p: None, low: None, high: None, inflation: None }
}

/// Puts the errors of resampling in the place of the others.
pub(super) fn resample(coefficients: &mut [Coefficient], resampled: &[linreg::ResampledCoefficient]) {
    for (coefficient, again) in coefficients.iter_mut().zip(resampled) {
        coefficient.std_error = Some(again.std_error).filter(|error| error.is_finite());
        (coefficient.t, coefficient.p) = (None, None);
        (coefficient.low, coefficient.high) = (again.low, again.high);
    }
}

/// Checks, inflations and the rows that matter most; `row` names the row of the data set at a place.
pub(super) fn diagnostics(
    result: &mut FitResult,
    diagnostics: &linreg::Diagnostics,
    most: usize,
    row: impl Fn(usize) -> u64,
) {
    for one in &diagnostics.inflation {
        let mut named = result.coefficients.iter_mut().filter(|c| c.term == one.term);
        if let Some(coefficient) = named.next() {
            coefficient.inflation = Some(one.factor).filter(|factor| factor.is_finite());
        }
    }
    result.checks = diagnostics.checks.iter().map(check).collect();
    let mut order: Vec<usize> = (0..diagnostics.rows.len()).collect();
    let weight = |at: usize| diagnostics.rows[at].cook.unwrap_or(f64::INFINITY);
    order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)));
    order.truncate(most);
    let influence = |at: usize| {
        let one = &diagnostics.rows[at];
        RowInfluence {
            row: row(at),
            residual: one.residual,
            leverage: one.leverage,
            studentized: one.studentized,
            cook: one.cook.filter(|cook| cook.is_finite()),
        }
    };
    result.influential = order.into_iter().map(influence).collect();
}

fn check(check: &linreg::Check) -> Check {
    let holds = match check.p {
        Some(p) => p >= DOUBTFUL,
        None => INDEPENDENT.contains(&check.statistic),
    };
    Check { code: word(&check.kind), statistic: check.statistic, p: check.p, holds }
}

/// An engine's word in kebab case.
fn word(value: &impl Serialize) -> String {
    let told = serde_json::to_value(value).ok();
    told.and_then(|told| told.as_str().map(|word| word.replace('_', "-"))).unwrap_or_default()
}

pub(super) fn subsets(selection: &linreg::Selection) -> Vec<Subset> {
    let subset = |(at, one): (usize, &linreg::Candidate)| Subset {
        terms: one.terms.clone(),
        r2: one.r2,
        aic: one.aic,
        aicc: one.aicc,
        bic: one.bic,
        left_out_error: one.left_out_error,
        chosen: at == selection.chosen,
    };
    selection.candidates.iter().enumerate().map(subset).collect()
}

pub(super) fn comparison(comparison: linreg::Comparison) -> Comparison {
    Comparison {
        added: comparison.added,
        f_statistic: comparison.f_statistic,
        f_p: comparison.f_p,
        likelihood_ratio: comparison.likelihood_ratio,
        likelihood_ratio_p: comparison.likelihood_ratio_p,
        aic_gain: comparison.aic_gain,
        bic_gain: comparison.bic_gain,
    }
}

pub(super) fn form(form: &linreg::SimpleForm) -> RankedForm {
    RankedForm {
        code: word(&form.kind),
        formula: formula(&form.formula()),
        r2: form.r2,
        rmse: form.rmse,
        aicc: form.aicc,
        weight: form.weight,
    }
}

pub(super) fn orthogonal(basis: &linreg::OrthogonalFit) -> OrthogonalBasis {
    OrthogonalBasis {
        polynomials: basis.polynomials(),
        coefficients: basis.coefficients.iter().map(coefficient).collect(),
    }
}

pub(super) fn robust(fit: &linreg::RobustFit, target: &[f64]) -> FitResult {
    let n = target.len() as f64;
    let squares: f64 = fit.residuals.iter().map(|residual| residual * residual).sum();
    let mean = target.iter().sum::<f64>() / n;
    let total: f64 = target.iter().map(|y| (y - mean).powi(2)).sum();
    let coefficients = fit.coefficients.iter().map(|c| Coefficient {
        std_error: c.std_error,
        low: c.low,
        high: c.high,
        ..plain_coefficient(c.term.clone(), c.value)
    });
    FitResult {
        formula: formula(&fit.formula()),
        coefficients: coefficients.collect(),
        dof: (target.len() - fit.coefficients.len().min(target.len())) as u64,
        scale: Some(fit.scale),
        ..bare((total > 0.0).then(|| 1.0 - squares / total), (squares / n).sqrt(), target.len())
    }
}

pub(super) fn penalised(fit: &linreg::PenalisedFit, rows: usize) -> FitResult {
    let terms = fit.terms.iter().zip(&fit.coefficients);
    let kept = fit.coefficients.iter().filter(|value| **value != 0.0).count();
    FitResult {
        formula: formula(&fit.formula()),
        coefficients: terms.map(|(term, &value)| plain_coefficient(term.text(&fit.inputs), value)).collect(),
        dof: rows.saturating_sub(kept) as u64,
        penalty: Some(fit.strength),
        path: fit.path.iter().map(path_point).collect(),
        ..bare(fit.r2, fit.rmse, rows)
    }
}

fn path_point(point: &linreg::PathPoint) -> PathPoint {
    PathPoint {
        strength: point.strength,
        error: point.error,
        error_deviation: point.error_deviation,
        terms: point.terms as u64,
    }
}
