//! What people and services ask of the queue: show, list, count, cancel, try again, pause.

use std::collections::BTreeMap;

use contracts::jobs::{Job, JobState};
use sqlx::FromRow as _;
use sqlx::any::AnyRow;

use super::failure::JobError;
use super::kind::Change;
use super::row::{Row, Stored};
use super::{Jobs, sql, told};
use crate::db::{DbError, Signal, Tx};

/// What became of a request to stop a job or to try it again.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is accepted; the job as it stands now.
    Accepted(Job),
    /// The job's state does not allow it.
    Refused(Job),
    /// There is no such job.
    Unknown,
}

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only those after this id, newest first.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl Jobs {
    /// A job as it stands.
    pub async fn show(&self, id: &str) -> Result<Option<Job>, DbError> {
        let row: Option<Row> = sqlx::query_as(sql::ONE).bind(id).fetch_optional(self.db().read()).await?;
        Ok(row.map(|row| row.shown(self.service())))
    }

    /// The result of a job that is done, as JSON.
    pub async fn result(&self, id: &str) -> Result<Option<String>, DbError> {
        let result: Option<Option<String>> =
            sqlx::query_scalar(sql::RESULT).bind(id).fetch_optional(self.db().read()).await?;
        Ok(result.flatten())
    }

    /// Jobs, newest first.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Job>, DbError> {
        let rows: Vec<Row> = sqlx::query_as(sql::LIST)
            // Greater than every id, which are hexadecimal.
            .bind(filter.after.as_deref().unwrap_or("g"))
            .bind(filter.state.map(|s| s as i64))
            .bind(filter.kind.as_deref())
            .bind(i64::from(filter.limit))
            .fetch_all(self.db().read())
            .await?;
        Ok(rows.into_iter().map(|row| row.shown(self.service())).collect())
    }

    /// How many jobs there are in each state.
    pub async fn counts(&self) -> Result<BTreeMap<JobState, i64>, DbError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql::COUNTS).fetch_all(self.db().read()).await?;
        let mut counts: BTreeMap<_, _> = JobState::ALL.map(|state| (state, 0)).into();
        for (state, jobs) in rows {
            counts.insert(JobState::ALL[state.clamp(0, 4) as usize], jobs);
        }
        Ok(counts)
    }

    /// Asks a job to stop. Once this has returned, nothing of the job is committed any more.
    pub async fn cancel(&self, id: &str) -> Result<Answer, DbError> {
        let mut tx = self.db().begin().await?;
        let answer = self.cancel_in(&mut tx, id).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The same in the caller's transaction, together with the rows that the job works for.
    pub async fn cancel_in(&self, tx: &mut Tx, id: &str) -> Result<Answer, DbError> {
        let Some(before) = one(tx, id).await? else { return Ok(Answer::Unknown) };
        let is_known = i64::from(self.worker().kind(&before.kind).is_some());
        let cancelled = sqlx::query(sql::CANCEL).bind(id).bind(is_known).fetch_optional(&mut **tx).await?;
        let Some(cancelled) = cancelled else {
            let Some(now) = one(tx, id).await? else { return Ok(Answer::Unknown) };
            let is_cancelled = now.state() == JobState::Cancelled;
            let job = now.shown(self.service());
            return Ok(if is_cancelled { Answer::Accepted(job) } else { Answer::Refused(job) });
        };
        let row = self.follow(tx, &cancelled, &Change::Cancelled).await?;
        // A running job hears of it with the next renewal, a waiting one of an unknown kind from a newer worker.
        tx.raise(Signal::Cancellation);
        tx.raise(Signal::Jobs);
        Ok(Answer::Accepted(row.shown(self.service())))
    }

    /// Gives a job that failed or was cancelled all its tries again.
    pub async fn retry(&self, id: &str) -> Result<Answer, DbError> {
        let mut tx = self.db().begin().await?;
        let retried =
            match sqlx::query(sql::RETRY).bind(id).fetch_optional(&mut *tx).await.map_err(DbError::from) {
                // A job with the same unique key waits or runs.
                Err(e) if e.is_unique_violation() => None,
                other => other?,
            };
        let Some(retried) = retried else {
            drop(tx);
            let job = self.show(id).await?;
            return Ok(job.map_or(Answer::Unknown, Answer::Refused));
        };
        let row = self.follow(&mut tx, &retried, &Change::Retried).await?;
        tx.raise(Signal::Jobs);
        tx.commit().await?;
        Ok(Answer::Accepted(row.shown(self.service())))
    }

    /// Lets no job of the queue begin until [`Jobs::resume`]; those that run go on.
    pub async fn pause(&self, queue: &str) -> Result<(), DbError> {
        self.set_paused(queue, true).await
    }

    /// Lets the jobs of a paused queue begin.
    pub async fn resume(&self, queue: &str) -> Result<(), DbError> {
        self.set_paused(queue, false).await
    }

    async fn set_paused(&self, queue: &str, is_paused: bool) -> Result<(), DbError> {
        let mut tx = self.db().begin().await?;
        sqlx::query(sql::PAUSE).bind(queue).bind(i64::from(is_paused)).execute(&mut *tx).await?;
        tx.raise(Signal::Jobs);
        tx.commit().await
    }

    /// Lets the service follow a change, and tells it.
    async fn follow(&self, tx: &mut Tx, changed: &AnyRow, change: &Change) -> Result<Row, DbError> {
        let (row, stored) = (Row::from_row(changed)?, Stored::from_row(changed)?);
        let Some(kind) = self.worker().kind(&row.kind) else { return Ok(row) };
        let is_for_service = *change == Change::Retried || row.state() == JobState::Cancelled;
        if is_for_service {
            let followed = match kind.changed(&stored, change, tx) {
                Ok(hook) => hook.await,
                Err(e) => Err(e),
            };
            match followed {
                // Arguments that can't be read any more must not keep a job from being cancelled.
                Ok(()) | Err(JobError::Discard(_)) => {}
                Err(e) => return Err(e.of_hook()),
            }
        }
        if kind.rules().is_told {
            told::tell(tx, row.clone()).await?;
        }
        Ok(row)
    }
}

async fn one(tx: &mut Tx, id: &str) -> Result<Option<Row>, DbError> {
    Ok(sqlx::query_as(sql::ONE).bind(id).fetch_optional(&mut **tx).await?)
}
