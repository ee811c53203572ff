//! Puts jobs into the queue, in the transaction of the row they belong to.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::{FromRow as _, query_scalar};
use uuid::Uuid;

use super::kind::{Job, Priority};
use super::row::Row;
use super::{sql, told};
use crate::db::{DbError, Signal, Tx};
use crate::trace::Trace;

/// A job to be put into the queue, with what differs from the rules of its kind.
#[derive(Debug)]
pub struct Order<'a, J> {
    /// The job.
    pub job: &'a J,
    /// Who comes first.
    pub priority: Priority,
    /// Not before this time.
    pub run_at: Option<Timestamp>,
    /// Not before this long from now, by the database's clock.
    pub delay: Duration,
    /// Instead of [`Job::unique_key`].
    pub unique_key: Option<String>,
    /// The trace that ordered it, as W3C Trace Context writes it.
    pub traceparent: Option<String>,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// The job's id.
    pub id: String,
    /// False when a job with the same unique key already waits or runs.
    pub is_new: bool,
}

impl<'a, J: Job> Order<'a, J> {
    /// An order by the rules of the kind.
    pub fn of(job: &'a J) -> Self {
        Self {
            job,
            priority: J::RULES.priority,
            run_at: None,
            delay: Duration::ZERO,
            unique_key: job.unique_key(),
            traceparent: Trace::present().map(|trace| trace.as_parent()),
        }
    }

    /// Puts the job into the queue; it exists when the transaction is committed.
    pub async fn enqueue(self, tx: &mut Tx) -> Result<Enqueued, DbError> {
        let args = serde_json::to_string(self.job)
            .map_err(|e| DbError::Arguments { kind: J::KIND, cause: e.to_string() })?;
        // The job with the same key may end between the two statements; then its place is free.
        for _ in 0..8 {
            if let Some(id) = self.insert(&args, tx).await? {
                tx.raise(Signal::Jobs);
                return Ok(Enqueued { id, is_new: true });
            }
            let live = query_scalar(sql::LIVE_WITH_KEY).bind(J::KIND).bind(&self.unique_key);
            if let Some(id) = live.fetch_optional(&mut **tx).await? {
                return Ok(Enqueued { id, is_new: false });
            }
        }
        Err(DbError::Arguments {
            kind: J::KIND,
            cause: "its unique key is taken and freed all the time".into(),
        })
    }

    /// The new job's id; nothing when its unique key is taken.
    async fn insert(&self, args: &str, tx: &mut Tx) -> Result<Option<String>, DbError> {
        let (id, subject) = (Uuid::now_v7().to_string(), self.job.subject());
        let insert = sqlx::query(if J::RULES.is_told { sql::INSERT_TOLD } else { sql::INSERT })
            .bind(id.clone())
            .bind(J::RULES.queue)
            .bind(J::KIND)
            .bind(args)
            .bind(J::RULES.args_version)
            .bind(self.job.title())
            .bind(subject.as_ref().map(|s| s.kind.clone()))
            .bind(subject.as_ref().map(|s| s.id.clone()))
            .bind(subject.and_then(|s| s.data_set_id))
            .bind(self.priority as i64)
            .bind(self.run_at.map(Timestamp::as_microsecond))
            .bind(self.delay.as_micros() as i64)
            .bind(i64::from(J::RULES.max_attempts.max(1)))
            .bind(self.unique_key.as_deref())
            .bind(self.job.lock_key())
            .bind(self.traceparent.as_deref());
        if !J::RULES.is_told {
            let inserted = insert.execute(&mut **tx).await?.rows_affected() == 1;
            return Ok(inserted.then_some(id));
        }
        let Some(inserted) = insert.fetch_optional(&mut **tx).await? else { return Ok(None) };
        told::tell(tx, Row::from_row(&inserted)?).await?;
        Ok(Some(id))
    }
}
