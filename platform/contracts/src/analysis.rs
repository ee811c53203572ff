//! What a linear fit and a formula search have in common: about which data, where it stands, how it is plotted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::jobs::JobState;

/// An analysis: one column of a data set explained by others, ordered, running, or ended.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Analysis {
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
}

/// Which analyses.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnalysisQuery {
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
