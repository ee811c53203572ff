//! What a try works with: its token, its way to report, to save, to compute and to end.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;

use super::compute::Compute;
use super::failure::JobError;
use super::live::{Live, Stop};
use super::row::Row;
use super::{sql, told};
use crate::db::{Db, DbError, Tx};

/// One try of a job; cheap to clone.
///
/// The fencing token (id, attempt) guards everything it writes: when another worker has taken the job over, every write
/// is refused with [`JobError::Lost`]; when somebody has asked the job to stop, with [`JobError::Stopped`].
#[derive(Clone)]
pub struct Ctx {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) db: Db,
    pub(super) live: Arc<Live>,
    pub(super) compute: Compute,
    pub(super) is_told: bool,
    pub(super) checkpoint: Option<Vec<u8>>,
    pub(super) trace_id: String,
}

/// How a try ended well; made by [`Ctx::complete`], [`Ctx::done`] and [`Ctx::snooze`].
#[derive(Debug)]
#[must_use = "the work returns it"]
pub struct Outcome(pub(super) Ending);

#[derive(Debug)]
pub(super) enum Ending {
    /// The job's own transaction has made it done.
    Committed,
    /// To be made done, together with others; the result as JSON.
    Acknowledge(Option<String>),
    /// Not done, to be looked at again later.
    Snooze(Duration),
}

impl Ctx {
    /// The job's id.
    pub fn id(&self) -> &str {
        &self.inner.live.id
    }

    /// The second half of the fencing token; grows with every try that was not forgotten in a power failure.
    pub fn attempt(&self) -> i64 {
        self.inner.live.attempt
    }

    /// The same for every try: for effects outside of the database that must not happen twice.
    pub fn idempotency_key(&self) -> &str {
        self.id()
    }

    /// The trace that the try's log lines carry.
    pub fn trace_id(&self) -> &str {
        &self.inner.trace_id
    }

    /// Why the try is to stop, if it is.
    pub fn stop_reason(&self) -> Option<Stop> {
        self.inner.live.stop_reason()
    }

    /// Waits until the try is to stop.
    pub async fn stopped(&self) -> Stop {
        self.inner.live.stopping().cancelled().await;
        self.stop_reason().unwrap_or(Stop::Shutdown)
    }

    /// [`JobError::Stopped`] once the try is to stop: `ctx.go_on()?`.
    pub fn go_on(&self) -> Result<(), JobError> {
        if self.inner.live.stopping().is_cancelled() { Err(JobError::Stopped) } else { Ok(()) }
    }

    /// Says how far the work is; as often as one likes, it is told twice a second.
    pub fn progress(&self, part: f64, note: &str) {
        self.inner.live.report(part, Some(note));
    }

    /// The watcher for work on other threads.
    pub fn observer(&self) -> Observer {
        Observer { ctx: self.clone(), runtime: Handle::current() }
    }

    /// Computes on threads of its own, off the async ones; a panic there is an error here.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Observer) -> T + Send + 'static,
    ) -> Result<T, JobError> {
        let observer = self.observer();
        self.inner.compute.run(move || work(&observer)).await.map_err(JobError::Panicked)
    }

    /// What the last try saved.
    pub fn last_checkpoint(&self) -> Option<&[u8]> {
        self.inner.checkpoint.as_deref()
    }

    /// Saves where the work is, for the next try.
    pub async fn checkpoint(&self, state: &[u8]) -> Result<(), JobError> {
        let mut tx = self.inner.db.begin().await?;
        let saved = sqlx::query(sql::CHECKPOINT)
            .bind(self.id())
            .bind(self.attempt())
            .bind(state)
            .execute(&mut *tx)
            .await?;
        if saved.rows_affected() == 0 {
            return Err(self.refused(&mut tx).await?);
        }
        Ok(tx.commit().await?)
    }

    /// A transaction in the middle of the work, possible only while this try holds the job; to be kept short.
    pub async fn begin(&self) -> Result<Tx, JobError> {
        let mut tx = self.inner.db.begin().await?;
        let held = sqlx::query(sql::HOLD).bind(self.id()).bind(self.attempt()).execute(&mut *tx).await?;
        if held.rows_affected() == 0 {
            return Err(self.refused(&mut tx).await?);
        }
        Ok(tx)
    }

    /// Ends the job: what `work` writes, its result, the job's state and the event are committed together, once.
    pub async fn complete<R, E, F>(&self, work: F) -> Result<Outcome, JobError>
    where
        R: Serialize,
        E: Into<JobError>,
        F: AsyncFnOnce(&mut Tx) -> Result<R, E>,
    {
        self.end(sql::COMPLETE, work).await
    }

    /// The same for a job that somebody asked to stop and that keeps what it has: it ends as cancelled, and its kind
    /// hears of no change.
    pub async fn complete_cancelled<R, E, F>(&self, work: F) -> Result<Outcome, JobError>
    where
        R: Serialize,
        E: Into<JobError>,
        F: AsyncFnOnce(&mut Tx) -> Result<R, E>,
    {
        self.end(sql::COMPLETE_CANCELLED, work).await
    }

    async fn end<R, E, F>(&self, statement: &'static str, work: F) -> Result<Outcome, JobError>
    where
        R: Serialize,
        E: Into<JobError>,
        F: AsyncFnOnce(&mut Tx) -> Result<R, E>,
    {
        let ended = self.commit_end(statement, work).await;
        self.inner.live.set_ending(false);
        ended
    }

    async fn commit_end<R, E, F>(&self, statement: &'static str, work: F) -> Result<Outcome, JobError>
    where
        R: Serialize,
        E: Into<JobError>,
        F: AsyncFnOnce(&mut Tx) -> Result<R, E>,
    {
        let mut tx = self.inner.db.begin().await?;
        let complete = sqlx::query_as(statement).bind(self.id()).bind(self.attempt());
        let Some(row): Option<Row> = complete.fetch_optional(&mut *tx).await? else {
            return Err(self.refused(&mut tx).await?);
        };
        self.inner.live.set_ending(true);
        let result = work(&mut tx).await.map_err(Into::into)?;
        if let Some(result) = as_json(&result)? {
            sqlx::query(sql::KEEP_RESULT).bind(self.id()).bind(result).execute(&mut *tx).await?;
        }
        if self.inner.is_told {
            told::tell(&mut tx, row).await?;
        }
        tx.commit().await?;
        Ok(Outcome(Ending::Committed))
    }

    /// Ends the job without a transaction of its own; the result is stored together with those of other jobs.
    pub fn done(&self, result: &impl Serialize) -> Result<Outcome, JobError> {
        Ok(Outcome(Ending::Acknowledge(as_json(result)?)))
    }

    /// Lets the job wait and looks at it again; this is no failed try.
    pub fn snooze(&self, delay: Duration) -> Outcome {
        Outcome(Ending::Snooze(delay))
    }

    /// Why a guarded write found no row.
    async fn refused(&self, tx: &mut Tx) -> Result<JobError, DbError> {
        let asked = sqlx::query(sql::IS_TO_STOP).bind(self.id()).bind(self.attempt());
        if asked.fetch_optional(&mut **tx).await?.is_some() {
            self.inner.live.stop(Stop::Cancelled);
            return Ok(JobError::Stopped);
        }
        self.inner.live.stop(Stop::Lost);
        Ok(JobError::Lost)
    }
}

fn as_json(result: &impl Serialize) -> Result<Option<String>, JobError> {
    let text = serde_json::to_string(result)?;
    Ok((text != "null").then_some(text))
}

/// Watches a computation from its own thread: whether to go on, how far it is, what to save.
#[derive(Clone)]
pub struct Observer {
    ctx: Ctx,
    runtime: Handle,
}

impl Observer {
    /// Whether the computation is to stop soon.
    pub fn is_stopped(&self) -> bool {
        self.ctx.inner.live.stopping().is_cancelled()
    }

    /// Says how far the work is; as often as one likes.
    pub fn progress(&self, part: f64) {
        self.ctx.inner.live.report(part, None);
    }

    /// The same in words.
    pub fn note(&self, part: f64, note: &str) {
        self.ctx.inner.live.report(part, Some(note));
    }

    /// Saves where the work is, see [`Ctx::checkpoint`]; waits for the database.
    pub fn checkpoint(&self, state: &[u8]) -> Result<(), JobError> {
        self.runtime.block_on(self.ctx.checkpoint(state))
    }

    /// A transaction in the middle of the work, see [`Ctx::begin`].
    pub async fn begin(&self) -> Result<Tx, JobError> {
        self.ctx.begin().await
    }

    /// Runs something asynchronous, a transaction for instance, and waits for it.
    pub fn wait_for<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}
