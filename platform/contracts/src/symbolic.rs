//! Searches for formulas, and the formulas they found.

mod options;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub use options::{Constraint, NewSearch, SearchOptions, Units};

use crate::analysis::Analysis;
use crate::finding::Finding;
use crate::formula::Formula;

/// A search: ordered, running with what it has so far, or ended.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Search {
    /// What it is about and where it stands.
    #[serde(flatten)]
    pub analysis: Analysis,
    /// How.
    pub options: SearchOptions,
    /// What the engine does just now.
    pub stage: Option<String>,
    /// Formulas tried.
    pub evaluations: u64,
    /// Processor seconds spent.
    pub elapsed_s: f64,
    /// Share of the budget spent.
    pub progress: f64,
    /// The best formula of each size.
    pub front: Vec<Member>,
    /// Further good formulas of each size, where they were asked for.
    #[serde(default)]
    pub alternatives: Vec<Member>,
    /// The engine's choice, an index into the front.
    pub chosen: Option<u32>,
    /// Why it is the choice.
    pub reasons: Vec<Reason>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl AsRef<Analysis> for Search {
    fn as_ref(&self) -> &Analysis {
        &self.analysis
    }
}

/// One formula of a front.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Member {
    /// Its size in nodes.
    pub size: u32,
    /// Its mean squared error.
    pub mse: f64,
    /// Share of the target's variance that it explains.
    pub r2: f64,
    /// Its description length in nats; the least is the best bargain.
    pub description_length: f64,
    /// The formula.
    pub formula: Formula,
    /// Whether it fits every row to rounding.
    pub exact: bool,
    /// The formula of every class of rows, where the numbers may differ; in `formula` letters stand for those that do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassFormula>,
    /// In which share of the resamples it would have been chosen, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The fitted numbers of a given formula, and of the chosen one unless it is exact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<FittedNumber>,
    /// What bands around it are made of, where its numbers are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertainty>,
    /// What a given formula and the chosen one do outside the data, a statement each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<Reason>,
}

/// How well a formula's numbers are known together.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Uncertainty {
    /// The formula with the names of its numbers in their places.
    pub form: String,
    /// The residuals' standard deviation by the degrees of freedom; relative to the value where they scatter in
    /// proportion.
    pub residual_deviation: f64,
    /// How the measurements scatter around the formula.
    pub scatter: Scatter,
    /// Rows less numbers.
    pub degrees_of_freedom: u64,
    /// The covariance matrix of the numbers in their order; empty where the rows do not determine all of them.
    pub covariance: Vec<Vec<f64>>,
}

/// How measurements scatter around a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scatter {
    /// By the same everywhere.
    Constant,
    /// In proportion to the value.
    InProportion,
}

/// A fitted number of a formula, with what is known of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FittedNumber {
    /// Its name in the formula.
    pub name: String,
    /// The value that fits best.
    pub value: f64,
    /// Its standard error; none where the rows do not determine it.
    pub standard_error: Option<f64>,
    /// Where its 95 % interval from the curvature at the best fit begins; none where it has no end.
    pub low: Option<f64>,
    /// Where it ends.
    pub high: Option<f64>,
    /// Where its 95 % interval from the profile of the likelihood begins; none too where that was not followed.
    pub profile_low: Option<f64>,
    /// Where it ends.
    pub profile_high: Option<f64>,
}

/// The formula of a class of rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ClassFormula {
    /// The class, as the column tells it.
    pub class: String,
    /// The formula with its numbers.
    pub formula: Formula,
}

/// One statement about a formula, such as a reason for its choice: a code with typed arguments, never prose.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Reason {
    /// What it is, in kebab case.
    pub code: String,
    /// Figures that belong to it.
    #[schema(value_type = Object)]
    pub args: BTreeMap<String, Value>,
}

/// The chosen formula of a finished search.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FoundFormula {
    /// Its id, that of its search.
    pub id: Uuid,
    /// The search that found it.
    pub search_id: Uuid,
    /// In which data set.
    pub data_set_id: Uuid,
    /// In which version of it.
    pub data_set_version: i64,
    /// The column that it explains.
    pub target: String,
    /// The formula.
    pub formula: Formula,
    /// Its size in nodes.
    pub size: u32,
    /// Its mean squared error.
    pub mse: f64,
    /// Share of the target's variance that it explains.
    pub r2: f64,
    /// Whether it fits every row to rounding.
    pub exact: bool,
    /// When the search ended.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Which formula of a search is meant.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemberQuery {
    /// Which member of the front; the chosen one if not given.
    pub member: Option<u32>,
}

/// A page of searches.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SearchPage {
    /// The searches, the newest first.
    pub items: Vec<Search>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}

/// A page of formulas.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FormulaPage {
    /// The formulas, the newest first.
    pub items: Vec<FoundFormula>,
    /// The cursor of the next page, none on the last.
    pub next: Option<String>,
}
