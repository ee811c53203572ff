//! What is kept of a fit to predict with.

use harness::plot::Place;
use harness::problem::{Problem, Result};
use serde::{Deserialize, Serialize};

/// A fitted model of any method.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Model {
    Plain(Box<linreg::Fit>),
    Robust(Box<linreg::RobustFit>),
    Penalised(Box<linreg::PenalisedFit>),
}

impl Model {
    /// The text that is stored; what only the rows had is left out.
    pub(crate) fn write(mut self) -> Result<String> {
        if let Self::Robust(fit) = &mut self {
            fit.weights.clear();
            fit.residuals.clear();
        }
        serde_json::to_string(&self).map_err(|e| Problem::internal(&e))
    }

    /// Reads a stored model; what was stored before there were methods is a plain fit.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let model = serde_json::from_str(text);
        model.or_else(|_| serde_json::from_str(text).map(Self::Plain)).map_err(|e| Problem::internal(&e))
    }

    /// The model's values, with bands where the method has them.
    pub(crate) fn places(&self, columns: &[&[f64]]) -> Vec<Place> {
        let plainly = |values: Vec<f64>| values.into_iter().map(Place::from).collect();
        match self {
            Self::Robust(fit) => plainly(fit.predict(columns)),
            Self::Penalised(fit) => plainly(fit.predict(columns)),
            Self::Plain(fit) => match fit.bands(columns) {
                None => plainly(fit.predict(columns)),
                Some(bands) => bands.iter().map(place).collect(),
            },
        }
    }
}

fn place(band: &linreg::Band) -> Place {
    Place {
        value: band.value,
        mean: Some((band.mean_low, band.mean_high)),
        single: band.single_low.zip(band.single_high),
    }
}
