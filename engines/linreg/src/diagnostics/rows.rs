//! What each row does to the fit.

use serde::{Deserialize, Serialize};

use crate::model::Model;

/// A row whose leverage is closer to 1 than this determines its own prediction.
const OWN: f64 = 1e-12;

/// The influence of one row; the scaled figures are `None` where the row has no freedom of its own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RowDiagnostics {
    /// Target minus prediction.
    pub residual: f64,
    /// How strongly the row pulls its own prediction, 0 to 1.
    pub leverage: f64,
    /// The residual over its standard error.
    pub standardized: Option<f64>,
    /// The same with the scatter of the other rows: Student-distributed.
    pub studentized: Option<f64>,
    /// Cook's distance: how far all predictions move without the row.
    pub cook: Option<f64>,
    /// How far the row's own prediction moves without it, in standard errors.
    pub dffits: Option<f64>,
}

pub(super) fn examine(model: &Model) -> Vec<RowDiagnostics> {
    let dof = model.summary.dof() as f64;
    let variance = if model.summary.has_error_bars { 1.0 } else { model.summary.variance() };
    let leverages = model.leverages();
    let examine = |(row, leverage): (usize, f64)| {
        let residual = model.residuals[row];
        let free = 1.0 - leverage;
        let scaled = residual * model.design.root(row).hi() / (variance * free).sqrt();
        let standardized = (free > OWN && scaled.is_finite()).then_some(scaled);
        let studentized = standardized
            .map(|value| value * ((dof - 1.0) / (dof - value * value)).sqrt())
            .filter(|value| value.is_finite() && dof > 1.0);
        RowDiagnostics {
            residual,
            leverage,
            standardized,
            studentized,
            cook: standardized.map(|value| value * value * leverage / free / model.summary.width() as f64),
            dffits: studentized.map(|value| value * (leverage / free).sqrt()),
        }
    };
    leverages.into_iter().enumerate().map(examine).collect()
}
