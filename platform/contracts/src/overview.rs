//! What the gateway makes of several services: the overview, the state of the services, guesses of both analyses.

mod rank;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalogue::DataSet;
use crate::formula::Formula;
use crate::jobs::JobState;

pub use rank::Rank;

/// A data set with its linear fit and its best formula.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OverviewItem {
    /// The data set.
    pub data_set: DataSet,
    /// Its newest linear fit.
    pub linear: Option<LinearCell>,
    /// Its newest search and the best formula known.
    pub formula: Option<FormulaCell>,
}

/// A linear fit in the overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinearCell {
    /// The fit.
    pub fit_id: Uuid,
    /// Where it stands.
    pub state: JobState,
    /// Its formula, once it is done.
    pub formula: Option<Formula>,
    /// Share of the target's variance that it explains.
    pub r2: Option<f64>,
}

/// A formula in the overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FormulaCell {
    /// The newest search.
    pub search_id: Uuid,
    /// Where it stands.
    pub state: JobState,
    /// The formula that it chose or has found so far; else that of the last search that found one.
    pub formula: Option<Formula>,
    /// The formula's mean squared error.
    pub mse: Option<f64>,
    /// Share of the target's variance that it explains.
    pub r2: Option<f64>,
    /// Its size in nodes.
    pub size: Option<u32>,
    /// Whether it fits every row to rounding.
    pub exact: Option<bool>,
}

/// A page of the overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OverviewPage {
    /// The data sets, the oldest first.
    pub items: Vec<OverviewItem>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}

/// Whether a service answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceState {
    /// The service's name.
    pub name: String,
    /// Whether it answers.
    pub state: Answering,
    /// Its version, while it is up.
    pub version: Option<String>,
}

/// Whether a service answers in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Answering {
    /// It does.
    Up,
    /// It does not.
    Down,
}

/// What both analysis services say of the function of a data set (`MathFunc.GuessFunction`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Guessed {
    /// The data set's number.
    pub number: i64,
    /// Linear regression.
    pub linear: GuessState,
    /// Symbolic regression.
    pub symbolic: GuessState,
}

/// How far a guess is: at most one of the three is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuessState {
    /// It was ordered by this call.
    pub scheduling: bool,
    /// It waits or runs.
    pub scheduled: bool,
    /// It is there.
    pub resultready: bool,
    /// Why there is none: the work failed or the service is away.
    pub error: Option<String>,
}
