//! A job as its row says.

use contracts::jobs::{Job, JobState, Subject};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};

use super::kind::Rules;
use crate::clock::from_us;

/// The columns of a job but its arguments, checkpoint and result.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) queue: String,
    pub(super) kind: String,
    title: String,
    subject_kind: Option<String>,
    pub(super) subject_id: Option<String>,
    data_set_id: Option<String>,
    pub(super) state: i64,
    priority: i64,
    run_at: i64,
    pub(super) attempt: i64,
    pub(super) failures: i64,
    pub(super) crash_count: i64,
    pub(super) max_attempts: i64,
    pub(super) cancel_requested: i64,
    progress: Option<f64>,
    progress_note: Option<String>,
    pub(super) error: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

/// A job that a worker has claimed.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) row: Row,
    pub(super) args: Stored,
    pub(super) checkpoint: Option<Vec<u8>>,
    pub(super) traceparent: Option<String>,
    pub(super) lock_key: Option<String>,
}

impl Claimed {
    /// Whether the job is not to be run but ended: asked to stop, or a danger to its workers.
    pub(super) fn is_at_its_end(&self, rules: Rules) -> bool {
        let row = &self.row;
        row.cancel_requested != 0
            || row.crash_count > 0
                && (row.crash_count >= i64::from(rules.max_crashes) || row.tries_used() >= row.max_attempts)
    }
}

/// Arguments as they are stored.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) args: String,
    pub(super) args_version: i64,
}

impl<'r> FromRow<'r, AnyRow> for Claimed {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            row: Row::from_row(row)?,
            args: Stored::from_row(row)?,
            checkpoint: row.try_get("checkpoint")?,
            traceparent: row.try_get("traceparent")?,
            lock_key: row.try_get("lock_key")?,
        })
    }
}

impl<'r> FromRow<'r, AnyRow> for Stored {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self { args: row.try_get("args")?, args_version: row.try_get("args_version")? })
    }
}

impl<'r> FromRow<'r, AnyRow> for Row {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            queue: row.try_get("queue")?,
            kind: row.try_get("kind")?,
            title: row.try_get("title")?,
            subject_kind: row.try_get("subject_kind")?,
            subject_id: row.try_get("subject_id")?,
            data_set_id: row.try_get("data_set_id")?,
            state: row.try_get("state")?,
            priority: row.try_get("priority")?,
            run_at: row.try_get("run_at")?,
            attempt: row.try_get("attempt")?,
            failures: row.try_get("failures")?,
            crash_count: row.try_get("crash_count")?,
            max_attempts: row.try_get("max_attempts")?,
            cancel_requested: row.try_get("cancel_requested")?,
            progress: row.try_get("progress")?,
            progress_note: row.try_get("progress_note")?,
            error: row.try_get("error")?,
            created_at: row.try_get("created_at")?,
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
        })
    }
}

impl Row {
    pub(super) fn created_at(&self) -> i64 {
        self.created_at
    }

    /// When this try began; when the job was made, if none has.
    pub(super) fn started_at(&self) -> i64 {
        self.started_at.unwrap_or(self.created_at)
    }

    pub(super) fn state(&self) -> JobState {
        JobState::ALL[self.state.clamp(0, 4) as usize]
    }

    /// Who comes first.
    pub(super) fn order(&self) -> (i64, i64, &str) {
        (self.priority, self.run_at, &self.id)
    }

    /// When it came to where it stands.
    pub(super) fn changed_at(&self) -> i64 {
        self.finished_at.or(self.started_at).unwrap_or(self.created_at)
    }

    /// Tries that ended badly, whoever was to blame.
    pub(super) fn tries_used(&self) -> i64 {
        self.failures + self.crash_count
    }

    /// The job as it is shown.
    pub(super) fn shown(self, service: &str) -> Job {
        let state = self.state();
        let is_in_try = matches!(state, JobState::Running | JobState::Done);
        let attempt = self.tries_used() + i64::from(is_in_try);
        let subject = self.subject_kind.zip(self.subject_id);
        Job {
            id: self.id,
            service: service.into(),
            kind: self.kind,
            title: self.title,
            subject: subject.map(|(kind, id)| Subject { kind, id, data_set_id: self.data_set_id }),
            state,
            queue: self.queue,
            priority: self.priority,
            progress: self.progress,
            progress_note: self.progress_note,
            attempt,
            max_attempts: self.max_attempts,
            crash_count: self.crash_count,
            cancel_requested: self.cancel_requested != 0,
            created_at: from_us(self.created_at),
            run_at: from_us(self.run_at),
            started_at: self.started_at.map(from_us),
            finished_at: self.finished_at.map(from_us),
            error: self.error,
        }
    }
}
