//! Linear fits of data sets.

mod options;
mod result;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use options::{Criterion, Errors, FitMethod, FitOptions, Shape};
pub use result::{
    Check, Coefficient, Comparison, FitResult, OrthogonalBasis, PathPoint, RankedForm, RowInfluence, Subset,
};

use crate::analysis::Analysis;

/// What to fit.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFit {
    /// Of which data set, in its present version.
    pub data_set_id: Uuid,
    /// The column to explain; the data set's target if not given.
    #[serde(default)]
    pub target: Option<String>,
    /// The columns to explain it by; all other numeric ones if not given.
    #[serde(default)]
    pub inputs: Option<Vec<String>>,
    /// How; the default needs no thought.
    #[serde(default)]
    pub options: FitOptions,
}

/// A linear fit: ordered, running, or with its result.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Fit {
    /// What it is about and where it stands.
    #[serde(flatten)]
    pub analysis: Analysis,
    /// How.
    #[serde(default)]
    pub options: FitOptions,
    /// What was found.
    pub result: Option<FitResult>,
}

impl AsRef<Analysis> for Fit {
    fn as_ref(&self) -> &Analysis {
        &self.analysis
    }
}

/// A page of fits.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FitPage {
    /// The fits, the newest first.
    pub items: Vec<Fit>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}
