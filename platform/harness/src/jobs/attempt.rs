//! One try of a job: runs the work, watches its time, and writes how it ended.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contracts::jobs::JobState;
use futures::FutureExt as _;
use tokio::sync::oneshot;
use tracing::{Instrument as _, error, info_span, warn};

use super::acknowledge::{Ack, Answer};
use super::ctx::{Ctx, Ending, Inner, Outcome};
use super::failure::JobError;
use super::kind::{Change, dice};
use super::live::{Live, Stop};
use super::registry::Kind;
use super::row::{Claimed, Row};
use super::slots::Slot;
use super::worker::Worker;
use super::{sql, told};
use crate::db::{DbError, Signal};
use crate::manners::describe_panic;
use crate::trace::Trace;

/// How long a try waits that could not reach what it needs; half of it is jitter. It grows with every try.
const AWAY: Duration = Duration::from_secs(2);
/// How long it waits at most.
const AWAY_LONGEST: Duration = Duration::from_mins(1);
/// An older job's tries count even when what it needs is away: every job ends in bounded time.
const AWAY_PATIENCE: Duration = Duration::from_hours(24);
/// How often an end is written that the database refuses for good.
const REFUSALS: u32 = 4;

/// A claimed job and all that it takes to run it.
pub(super) struct Attempt {
    pub(super) worker: Arc<Worker>,
    pub(super) kind: Arc<dyn Kind>,
    pub(super) claimed: Claimed,
    pub(super) live: Arc<Live>,
}

/// What is written at the end of a try that did not make the job done.
enum Verdict {
    Again { after: Duration, is_failure: bool, error: Option<String> },
    End(Change),
}

impl Verdict {
    /// The word for metrics.
    fn word(&self) -> &'static str {
        match self {
            Self::Again { is_failure: true, .. } => "failed",
            Self::Again { is_failure: false, .. } => "handed-back",
            Self::End(Change::Cancelled) => "cancelled",
            Self::End(_) => "given-up",
        }
    }
}

impl Attempt {
    /// Counts a try for `/metrics`.
    fn count(&self, verdict: Option<&Verdict>, begun: Instant) {
        let labels = [
            ("service", self.worker.service.clone()),
            ("kind", self.claimed.row.kind.clone()),
            ("outcome", verdict.map_or("done", Verdict::word).to_owned()),
        ];
        metrics::counter!("quorate_job_tries_total", &labels).increment(1);
        metrics::histogram!("quorate_job_try_seconds", &labels[..2]).record(begun.elapsed().as_secs_f64());
    }

    /// Runs the try to its end, whatever that is; while the end is written, the work of another may begin in its slot.
    pub(super) async fn run(self, mut slot: Slot) {
        let trace =
            self.claimed.traceparent.as_deref().and_then(Trace::of_parent).unwrap_or_else(Trace::begin);
        let trace_id = trace.id().to_owned();
        let begun = Instant::now();
        let row = &self.claimed.row;
        let span = info_span!("job", id = row.id, kind = row.kind, attempt = row.attempt, trace_id);
        let whole = async {
            let verdict = if self.claimed.is_at_its_end(self.kind.rules()) {
                Some(self.last_verdict())
            } else {
                let result = self.work(&trace_id).await;
                slot.end_work();
                self.judge(result, &trace_id).await
            };
            self.count(verdict.as_ref(), begun);
            if let Some(verdict) = verdict {
                self.write(verdict).await;
            }
        };
        trace.lead(whole).instrument(span).await;
        self.worker.running.remove(&self.live);
        if self.claimed.lock_key.is_some() {
            self.worker.db.raise(Signal::Jobs);
        }
        drop(slot);
    }

    /// For a job that nobody is to run any more: asked to stop, or its workers died too often.
    fn last_verdict(&self) -> Verdict {
        let row = &self.claimed.row;
        if row.cancel_requested != 0 {
            return Verdict::End(Change::Cancelled);
        }
        let times = if row.crash_count == 1 { "once" } else { &format!("{} times", row.crash_count) };
        Verdict::End(Change::Failed(format!("lost: its worker died {times} while it ran")))
    }

    async fn work(&self, trace_id: &str) -> Result<Outcome, JobError> {
        let rules = self.kind.rules();
        let ctx = Ctx {
            inner: Arc::new(Inner {
                db: self.worker.db.clone(),
                live: self.live.clone(),
                compute: self.worker.compute.clone(),
                is_told: rules.is_told,
                checkpoint: self.claimed.checkpoint.clone(),
                trace_id: trace_id.into(),
            }),
        };
        let work = AssertUnwindSafe(async { self.kind.run(&self.claimed.args, ctx)?.await }).catch_unwind();
        tokio::pin!(work);
        let timeout = async {
            match rules.timeout {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        let panicked = |panic: Box<dyn std::any::Any + Send>| JobError::Panicked(describe_panic(&*panic));
        tokio::select! {
            result = &mut work => return result.map_err(panicked)?,
            () = timeout => self.live.stop(Stop::TimedOut),
            () = self.live.stopping().cancelled() => {}
        }
        match tokio::time::timeout(self.worker.pace.grace, &mut work).await {
            Ok(result) => result.map_err(panicked)?,
            Err(_) => Err(JobError::Stopped),
        }
    }

    /// What a try's result means for the job; nothing when all is written already or nothing may be written.
    async fn judge(&self, result: Result<Outcome, JobError>, trace_id: &str) -> Option<Verdict> {
        let error = match result {
            Ok(Outcome(Ending::Committed)) => return None,
            Ok(Outcome(Ending::Acknowledge(result))) => return self.acknowledge(result).await,
            Ok(Outcome(Ending::Snooze(after))) => {
                return Some(Verdict::Again { after, is_failure: false, error: None });
            }
            Err(error) => error,
        };
        match (self.live.stop_reason(), error) {
            (Some(Stop::Lost), _) | (_, JobError::Lost) => {
                warn!("taken over by another worker; nothing of this try is kept");
                None
            }
            (Some(Stop::Cancelled), _) => Some(Verdict::End(Change::Cancelled)),
            (Some(Stop::Shutdown), _) => {
                Some(Verdict::Again { after: Duration::ZERO, is_failure: false, error: None })
            }
            (Some(Stop::TimedOut), _) => {
                let limit = self.kind.rules().timeout.unwrap_or_default();
                Some(self.failure(format!("took longer than {limit:?}"), None))
            }
            (None, JobError::Unavailable(error)) if row_age(&self.claimed.row) > AWAY_PATIENCE => {
                Some(self.failure(error, None))
            }
            (None, JobError::Unavailable(error)) => {
                let after = away(&self.live.id, self.live.attempt);
                Some(Verdict::Again { after, is_failure: false, error: Some(error) })
            }
            (None, JobError::Discard(error)) => Some(Verdict::End(Change::Failed(error))),
            (None, JobError::Retry { error, after }) => Some(self.failure(error, after)),
            (None, JobError::Panicked(message)) => {
                warn!(message, "panicked");
                Some(self.failure(format!("panicked: {message} (trace {trace_id})"), None))
            }
            (None, JobError::Stopped) => Some(self.failure("stopped though nobody asked it to".into(), None)),
        }
    }

    fn failure(&self, error: String, after: Option<Duration>) -> Verdict {
        let row = &self.claimed.row;
        if row.tries_used() + 1 >= row.max_attempts {
            return Verdict::End(Change::Failed(error));
        }
        let delay = self.kind.rules().retry.delay(row.failures as u32 + 1, dice(&row.id, row.attempt));
        Verdict::Again { after: after.unwrap_or(delay), is_failure: true, error: Some(error) }
    }

    async fn acknowledge(&self, result: Option<String>) -> Option<Verdict> {
        let (tell, told) = oneshot::channel();
        let ack = Ack {
            id: self.live.id.clone(),
            attempt: self.live.attempt,
            result,
            is_told: self.kind.rules().is_told,
            live: self.live.clone(),
            tell,
        };
        let answer = match self.worker.acks.send(ack).await {
            Ok(()) => told.await.unwrap_or(Answer::Unheard),
            Err(_) => Answer::Unheard,
        };
        match answer {
            Answer::Done => None,
            // Somebody asked it to stop just before its end, or it is lost; the guard of the verdict tells.
            Answer::Refused => Some(Verdict::End(Change::Cancelled)),
            Answer::Unheard => Some(Verdict::Again { after: Duration::ZERO, is_failure: false, error: None }),
            Answer::Unfit(cause) => {
                Some(Verdict::End(Change::Failed(format!("its result can't be stored: {cause}"))))
            }
        }
    }

    /// Writes the verdict, however long the database is away; when the lease has lapsed meanwhile, the guard refuses. What
    /// the database refuses for good ends as failed, so that the job ends at all.
    async fn write(&self, mut verdict: Verdict) {
        let (mut pause, mut refusals) = (Duration::from_millis(50), 0);
        loop {
            let error = match self.try_write(&verdict).await {
                Ok(()) => return,
                Err(error) => error,
            };
            if self.live.stop_reason() == Some(Stop::Lost) {
                warn!(%error, "lost before its end was written");
                return;
            }
            warn!(%error, "cannot write how the job ended; trying again");
            if !error.is_temporary() {
                refusals += 1;
                if refusals == REFUSALS {
                    verdict = Verdict::End(Change::Failed(format!("its end can't be stored: {error}")));
                } else if refusals == 2 * REFUSALS {
                    // Its lease lapses; who takes it over counts a crash.
                    error!(%error, "gives the job up: its end can't be stored");
                    return;
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    async fn try_write(&self, verdict: &Verdict) -> Result<(), DbError> {
        match verdict {
            Verdict::Again { after, is_failure, error } => {
                self.again(*after, *is_failure, error.as_deref()).await
            }
            Verdict::End(change) => match self.end(change, true).await {
                Err(Refusal::Hook(cause)) => {
                    warn!(%cause, "the service could not follow the end of its job");
                    self.end(change, false).await.map_err(Refusal::into_db)
                }
                ended => ended.map_err(Refusal::into_db),
            },
        }
    }

    async fn again(&self, after: Duration, is_failure: bool, error: Option<&str>) -> Result<(), DbError> {
        let mut tx = self.worker.db.begin().await?;
        let row: Option<Row> = sqlx::query_as(sql::TRY_AGAIN)
            .bind(&self.live.id)
            .bind(self.live.attempt)
            .bind(after.as_micros() as i64)
            .bind(i64::from(is_failure))
            .bind(error.map(storable))
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(()) };
        if self.kind.rules().is_told {
            told::tell(&mut tx, row).await?;
        }
        tx.raise(Signal::Jobs);
        tx.commit().await
    }

    async fn end(&self, change: &Change, with_hook: bool) -> Result<(), Refusal> {
        let (state, error) = match change {
            Change::Failed(error) => (JobState::Failed, Some(error.as_str())),
            _ => (JobState::Cancelled, None),
        };
        // A crash is counted when the job is taken over, not here.
        let failures = i64::from(state == JobState::Failed && !self.claimed.is_at_its_end(self.kind.rules()));
        let mut tx = self.worker.db.begin().await?;
        let row: Option<Row> = sqlx::query_as(sql::END)
            .bind(&self.live.id)
            .bind(self.live.attempt)
            .bind(state as i64)
            .bind(failures)
            .bind(error.map(storable))
            .fetch_optional(&mut *tx)
            .await
            .map_err(DbError::from)?;
        let Some(row) = row else { return Ok(()) };
        if with_hook {
            let hook = async { self.kind.changed(&self.claimed.args, change, &mut tx)?.await };
            let followed = AssertUnwindSafe(hook).catch_unwind().await;
            match followed.unwrap_or_else(|panic| Err(JobError::Panicked(describe_panic(&*panic)))) {
                Ok(()) => {}
                Err(e @ JobError::Unavailable(_)) => return Err(e.of_hook().into()),
                Err(e) => return Err(Refusal::Hook(e)),
            }
        }
        if self.kind.rules().is_told {
            told::tell(&mut tx, row).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Why an end was not written.
enum Refusal {
    Db(DbError),
    Hook(JobError),
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Refusal {
    fn into_db(self) -> DbError {
        match self {
            Self::Db(error) => error,
            Self::Hook(error) => error.of_hook(),
        }
    }
}

/// How old the job was when this try began, by the database's clock.
fn row_age(row: &Row) -> Duration {
    Duration::from_micros(row.started_at().saturating_sub(row.created_at()).max(0) as u64)
}

fn away(id: &str, attempt: i64) -> Duration {
    let jitter = dice(id, attempt) as f64 / u64::MAX as f64;
    let grown = AWAY.mul_f64(1.0 + attempt.clamp(0, 10_000) as f64 / 8.0).min(AWAY_LONGEST);
    grown.mul_f64(0.5 + 0.5 * jitter)
}

/// PostgreSQL stores no NUL in a text.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_something_is_away_the_less_often_it_is_asked_for() {
        let waits: Vec<f64> = [1, 40, 100_000].map(|attempt| away("a job", attempt).as_secs_f64()).into();
        assert!((1.0..=2.25).contains(&waits[0]), "{waits:?}");
        assert!((5.0..=12.0).contains(&waits[1]), "{waits:?}");
        assert!((30.0..=60.0).contains(&waits[2]), "{waits:?}");
    }
}
