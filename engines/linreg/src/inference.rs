//! From a solved model to standard errors, tests, intervals and information criteria.

use crate::distribution::{
    fisher_upper, normal_two_sided, normal_two_sided_quantile, student_two_sided, student_two_sided_quantile,
};
use crate::options::Covariance;
use crate::real::Real;
use crate::summary::Summary;

/// The reference distribution of the coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reference {
    /// The scatter is estimated with so many degrees of freedom.
    Student(f64),
    /// The scatter is known.
    Normal,
}

impl Reference {
    /// With groups only these are independent of each other, so that they count instead of the rows.
    pub(crate) fn of(summary: &Summary, kind: &Covariance) -> Self {
        match kind.groups() {
            Some(groups) => Self::Student(groups.saturating_sub(1) as f64),
            None if summary.has_error_bars => Self::Normal,
            None => Self::Student(summary.dof() as f64),
        }
    }

    pub(crate) fn two_sided(self, value: f64) -> f64 {
        match self {
            Self::Student(dof) => student_two_sided(value, dof),
            Self::Normal => normal_two_sided(value),
        }
    }

    pub(crate) fn quantile(self, confidence: f64) -> f64 {
        match self {
            Self::Student(dof) => student_two_sided_quantile(1.0 - confidence, dof),
            Self::Normal => normal_two_sided_quantile(1.0 - confidence),
        }
    }
}

/// The F statistic of all coefficients but the constant, and its probability.
pub(crate) fn overall_f(summary: &Summary, covariance: &[Vec<f64>], kind: &Covariance) -> Option<(f64, f64)> {
    let explaining = summary.explaining();
    if explaining == 0 || summary.dof() == 0 || summary.total == 0.0 {
        return None;
    }
    let (degrees, dof) = (explaining as f64, summary.dof() as f64);
    let f = if *kind == Covariance::Classical {
        (summary.total - summary.squares).max(0.0) / degrees / (summary.squares / dof)
    } else {
        wald(summary, covariance)? / degrees
    };
    // So many groups only span so many directions.
    if kind.groups().is_some_and(|groups| groups <= explaining) {
        return None;
    }
    let free = kind.groups().map_or(dof, |groups| groups.saturating_sub(1) as f64);
    (f.is_finite() && free > 0.0).then(|| (f, fisher_upper(f, degrees, free)))
}

/// βᵀ·V⁻¹·β over the coefficients that are not the intercept.
fn wald(summary: &Summary, covariance: &[Vec<f64>]) -> Option<f64> {
    let chosen: Vec<usize> = (0..summary.width()).filter(|&at| !summary.term(at).is_intercept()).collect();
    let values: Vec<f64> = chosen.iter().map(|&at| summary.solution.coefficients[at].hi()).collect();
    // Unit diagonal, so that columns of very different size do no harm.
    let units: Vec<f64> = chosen.iter().map(|&at| covariance[at][at].sqrt()).collect();
    let mut lower = vec![vec![0.0; chosen.len()]; chosen.len()];
    let mut square = 0.0;
    let mut solved: Vec<f64> = Vec::with_capacity(chosen.len());
    for row in 0..chosen.len() {
        for column in 0..=row {
            let entry = covariance[chosen[row]][chosen[column]] / units[row] / units[column];
            let rest = entry - f64::dot(&lower[row][..column], &lower[column][..column]);
            lower[row][column] = if row == column { rest.sqrt() } else { rest / lower[column][column] };
        }
        let part = (values[row] / units[row] - f64::dot(&lower[row][..row], &solved)) / lower[row][row];
        square += part * part;
        solved.push(part);
    }
    square.is_finite().then_some(square)
}

/// How well the model describes the table, with the price of its coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Criteria {
    pub(crate) log_likelihood: f64,
    pub(crate) aic: f64,
    pub(crate) aicc: Option<f64>,
    pub(crate) bic: f64,
}

/// Gaussian likelihood at its maximum; `None` for a fit without any residual.
///
/// As statsmodels counts, AIC and BIC charge the coefficients; the small-sample correction of `AICc` charges the
/// variance too (Hurvich and Tsai 1989).
pub(crate) fn criteria(summary: &Summary) -> Option<Criteria> {
    let n = summary.rows() as f64;
    let tau = std::f64::consts::TAU;
    let log_likelihood = if summary.has_error_bars {
        -0.5 * summary.residual_squares() - 0.5 * n * tau.ln() + summary.log_roots
    } else if summary.squares > 0.0 {
        -0.5 * n * (tau.ln() + (summary.squares / n).ln() - 2.0 * summary.target_scale.ln() + 1.0)
            + summary.log_roots
    } else {
        return None;
    };
    Some(priced(log_likelihood, n, summary.width() as f64, !summary.has_error_bars))
}

/// The criteria for a likelihood and a number of coefficients.
pub(crate) fn priced(log_likelihood: f64, n: f64, coefficients: f64, has_variance: bool) -> Criteria {
    let aic = 2.0 * (coefficients - log_likelihood);
    let charged = coefficients + f64::from(u8::from(has_variance));
    let rest = n - charged - 1.0;
    let aicc = (rest > 0.0).then(|| aic + 2.0 * charged * (charged + 1.0) / rest);
    Criteria { log_likelihood, aic, aicc, bic: coefficients * n.ln() - 2.0 * log_likelihood }
}
