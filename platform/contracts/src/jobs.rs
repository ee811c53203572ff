//! Long work as every service shows it: what it is, how far it is, how it ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A piece of long work that survives crashes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its id, a UUID; later jobs have greater ids.
    pub id: String,
    /// The service that owns it.
    pub service: String,
    /// What kind of work: `fit`, `search`.
    pub kind: String,
    /// For people.
    pub title: String,
    /// What it works on.
    pub subject: Option<Subject>,
    /// Where it stands.
    pub state: JobState,
    /// The queue it waits in.
    pub queue: String,
    /// 0 comes first.
    pub priority: i64,
    /// From 0 to 1, where the work knows.
    pub progress: Option<f64>,
    /// What it does just now.
    pub progress_note: Option<String>,
    /// Which try this is, from 1; 0 before the first.
    pub attempt: i64,
    /// After how many failed tries it ends as failed.
    pub max_attempts: i64,
    /// How often its worker died.
    pub crash_count: i64,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// When it was ordered.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Not before this time will it run.
    #[schema(value_type = String, format = DateTime)]
    pub run_at: Timestamp,
    /// When the last try began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it ended for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Why the last try failed.
    pub error: Option<String>,
}

/// What a job works on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = JobSubject)]
pub struct Subject {
    /// `fit`, `search`, …
    pub kind: String,
    /// The id of the fit, of the search, …
    pub id: String,
    /// The data set behind it.
    pub data_set_id: Option<String>,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Will run when its time has come and a worker is free.
    Waiting,
    /// A worker holds it.
    Running,
    /// Ended well.
    Done,
    /// Ended badly, and no further try is due.
    Failed,
    /// Stopped on request.
    Cancelled,
}

impl JobState {
    /// All, in the order of a job's life.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The word used in JSON and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will happen to the job any more by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

impl std::fmt::Display for JobState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many jobs there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobCounts {
    /// Those that will run when their time has come.
    pub waiting: u64,
    /// Those that a worker holds.
    pub running: u64,
    /// Those that ended well.
    pub done: u64,
    /// Those that ended badly.
    pub failed: u64,
    /// Those that were stopped on request.
    pub cancelled: u64,
}

impl JobCounts {
    /// Sets the number of a state.
    pub fn set(&mut self, state: JobState, jobs: u64) {
        *match state {
            JobState::Waiting => &mut self.waiting,
            JobState::Running => &mut self.running,
            JobState::Done => &mut self.done,
            JobState::Failed => &mut self.failed,
            JobState::Cancelled => &mut self.cancelled,
        } = jobs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_written_as_its_word() {
        for state in JobState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
