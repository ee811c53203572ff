//! Linear fits of data sets.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::analysis::Analysis;
use crate::finding::Finding;
use crate::formula::Formula;

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

/// How to fit; the default needs no thought.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// The probability of the intervals.
    pub confidence: f64,
    /// Whether a constant term belongs to the model.
    pub intercept: bool,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { confidence: 0.95, intercept: true }
    }
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

/// What least squares found.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FitResult {
    /// The function, in a person's digits.
    pub formula: Formula,
    /// Each term.
    pub coefficients: Vec<Coefficient>,
    /// Share of the target's variance that is explained.
    pub r2: Option<f64>,
    /// The same, corrected for the number of terms.
    pub adjusted_r2: Option<f64>,
    /// Root of the mean squared residual.
    pub rmse: f64,
    /// Root of the squared residuals over the degrees of freedom.
    pub residual_std_error: Option<f64>,
    /// Rows.
    pub n: u64,
    /// Rows minus terms.
    pub dof: u64,
    /// F statistic against the mean.
    pub f_statistic: Option<f64>,
    /// Its p-value.
    pub f_p: Option<f64>,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// The Bayesian criterion.
    pub bic: Option<f64>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// One term of a fit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Coefficient {
    /// `1` for the intercept, else the column.
    pub term: String,
    /// Its factor.
    pub value: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
    /// Value over standard error.
    pub t: Option<f64>,
    /// Two-sided p-value of t.
    pub p: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// A page of fits.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FitPage {
    /// The fits, the newest first.
    pub items: Vec<Fit>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}
