//! Linear fits of data sets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::finding::Finding;
use crate::formula::Formula;
use crate::jobs::JobState;

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
}

/// A linear fit: ordered, running, or with its result.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Fit {
    /// Its id.
    pub id: Uuid,
    /// Of which data set.
    pub data_set_id: Uuid,
    /// Of which version of it.
    pub data_set_version: i64,
    /// The column that is explained.
    pub target: String,
    /// The columns it is explained by.
    pub inputs: Vec<String>,
    /// Where it stands.
    pub state: JobState,
    /// The job that does the work.
    pub job_id: String,
    /// When it was ordered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
    /// What was found.
    pub result: Option<FitResult>,
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

/// Which fits.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FitQuery {
    /// Only those of this data set.
    pub data_set_id: Option<Uuid>,
}

/// What to plot.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlotQuery {
    /// The column along the horizontal axis; the first input if not given.
    pub x: Option<String>,
    /// At most so many points (1000 if not given, at most 10000).
    pub max: Option<u32>,
}

/// A page of fits.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FitPage {
    /// The fits, the newest first.
    pub items: Vec<Fit>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}
