//! Confidence bands of the model and prediction bands of single new rows.

use serde::{Deserialize, Serialize};

use crate::fit::Fit;
use crate::inference::Reference;

/// The model's value in one place, with the band of its mean and of a single new row there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The model's value.
    pub value: f64,
    /// The lower end of the confidence interval of the mean.
    pub mean_low: f64,
    /// The upper end of the confidence interval of the mean.
    pub mean_high: f64,
    /// The lower end of the prediction interval of a row of weight 1; `None` where the scatter differs by row.
    pub single_low: Option<f64>,
    /// The upper end of the prediction interval of a row of weight 1.
    pub single_high: Option<f64>,
}

impl Fit {
    /// The bands in places given as one slice per input; `None` where no row is left to estimate the scatter.
    ///
    /// # Panics
    ///
    /// If there are fewer slices than inputs.
    pub fn bands(&self, columns: &[&[f64]]) -> Option<Vec<Band>> {
        let covariance = self.covariance.as_ref()?;
        let reference = match self.groups {
            Some(groups) => Reference::Student(groups.saturating_sub(1) as f64),
            None if self.has_error_bars => Reference::Normal,
            None => Reference::Student(self.dof as f64),
        };
        let quantile = reference.quantile(self.confidence);
        let scatter = self.residual_std_error.filter(|_| !self.has_error_bars);
        let values = self.predict(columns);
        let band = |(row, value): (usize, f64)| {
            let place: Vec<f64> =
                self.terms.iter().map(|term| term.evaluate(|input| columns[input][row]).hi()).collect();
            let variance = quadratic(covariance, &place).max(0.0);
            let mean = quantile * variance.sqrt();
            let single = scatter.map(|scatter| quantile * (variance + scatter * scatter).sqrt());
            Band {
                value,
                mean_low: value - mean,
                mean_high: value + mean,
                single_low: single.map(|reach| value - reach),
                single_high: single.map(|reach| value + reach),
            }
        };
        Some(values.into_iter().enumerate().map(band).collect())
    }
}

/// xᵀ·M·x.
fn quadratic(matrix: &[Vec<f64>], x: &[f64]) -> f64 {
    let along = |line: &Vec<f64>| line.iter().zip(x).map(|(entry, value)| entry * value).sum::<f64>();
    matrix.iter().zip(x).map(|(line, value)| value * along(line)).sum()
}
