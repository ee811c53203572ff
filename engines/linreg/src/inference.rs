//! From a solved model to standard errors, tests, intervals and information criteria.

use crate::distribution::{
    fisher_upper, normal_two_sided, normal_two_sided_quantile, student_two_sided, student_two_sided_quantile,
};
use crate::model::Model;
use crate::options::Covariance;
use crate::real::Real;

/// The reference distribution of the coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reference {
    /// The scatter is estimated with so many degrees of freedom.
    Student(f64),
    /// The scatter is known.
    Normal,
}

impl Reference {
    pub(crate) fn of(model: &Model) -> Self {
        if model.has_error_bars { Self::Normal } else { Self::Student(model.dof() as f64) }
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

/// The covariance of the coefficients; `None` where no row is left to estimate the scatter.
pub(crate) fn covariance(model: &Model, kind: Covariance) -> Option<Vec<Vec<f64>>> {
    let root = &model.solution.root;
    if model.has_error_bars && kind == Covariance::Classical {
        return Some(outer(root, root, 1.0));
    }
    if model.dof() == 0 {
        return None;
    }
    if kind == Covariance::Classical {
        return Some(outer(root, root, model.variance()));
    }
    let width = model.width();
    let mut middle = vec![vec![0.0; width]; width];
    for row in 0..model.rows() {
        let projected = model.projected(row);
        let free = (1.0 - f64::dot(&projected, &projected)).max(f64::EPSILON);
        let error = model.residuals[row] * model.design.root(row).hi();
        let share = match kind {
            Covariance::Hc2 => 1.0 / free,
            Covariance::Hc3 => 1.0 / (free * free),
            Covariance::Hc1 => model.rows() as f64 / model.dof() as f64,
            Covariance::Hc0 | Covariance::Classical => 1.0,
        };
        for (line, &part) in middle.iter_mut().zip(&projected) {
            f64::subtract_multiple(line, -error * error * share * part, &projected);
        }
    }
    let half: Vec<Vec<f64>> =
        root.iter().map(|row| middle.iter().map(|line| f64::dot(row, line)).collect()).collect();
    Some(outer(&half, root, 1.0))
}

/// factor · A · Bᵀ.
fn outer(a: &[Vec<f64>], b: &[Vec<f64>], factor: f64) -> Vec<Vec<f64>> {
    a.iter().map(|left| b.iter().map(|right| factor * f64::dot(left, right)).collect()).collect()
}

/// The F statistic of all coefficients but the constant, and its probability.
pub(crate) fn overall_f(model: &Model, covariance: &[Vec<f64>], kind: Covariance) -> Option<(f64, f64)> {
    let explaining = model.explaining();
    if explaining == 0 || model.dof() == 0 || model.total == 0.0 {
        return None;
    }
    let (degrees, dof) = (explaining as f64, model.dof() as f64);
    let f = if kind == Covariance::Classical {
        (model.total - model.squares).max(0.0) / degrees / (model.squares / dof)
    } else {
        wald(model, covariance)? / degrees
    };
    f.is_finite().then(|| (f, fisher_upper(f, degrees, dof)))
}

/// βᵀ·V⁻¹·β over the coefficients that are not the intercept.
fn wald(model: &Model, covariance: &[Vec<f64>]) -> Option<f64> {
    let chosen: Vec<usize> = (0..model.width()).filter(|&at| !model.term(at).is_intercept()).collect();
    let values: Vec<f64> = chosen.iter().map(|&at| model.solution.coefficients[at].hi()).collect();
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
pub(crate) fn criteria(model: &Model) -> Option<Criteria> {
    let n = model.rows() as f64;
    let scale = model.design.scale(model.design.width());
    let tau = std::f64::consts::TAU;
    let log_roots: f64 = if model.design.is_weighted() {
        (0..model.rows()).map(|row| model.design.root(row).hi().ln()).sum()
    } else {
        0.0
    };
    let log_likelihood = if model.has_error_bars {
        -0.5 * model.residual_squares() - 0.5 * n * tau.ln() + log_roots
    } else if model.squares > 0.0 {
        -0.5 * n * (tau.ln() + (model.squares / n).ln() - 2.0 * scale.ln() + 1.0) + log_roots
    } else {
        return None;
    };
    Some(priced(log_likelihood, n, model.width() as f64, !model.has_error_bars))
}

/// The criteria for a likelihood and a number of coefficients.
pub(crate) fn priced(log_likelihood: f64, n: f64, coefficients: f64, has_variance: bool) -> Criteria {
    let aic = 2.0 * (coefficients - log_likelihood);
    let charged = coefficients + f64::from(u8::from(has_variance));
    let rest = n - charged - 1.0;
    let aicc = (rest > 0.0).then(|| aic + 2.0 * charged * (charged + 1.0) / rest);
    Criteria { log_likelihood, aic, aicc, bic: coefficients * n.ln() - 2.0 * log_likelihood }
}
