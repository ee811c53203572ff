//! One try of a job: runs the work, watches its time, and writes how it ended.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contracts::jobs::JobState;
use futures::FutureExt as _;
use tokio::sync::oneshot;
use tracing::{Instrument as _, info_span, warn};

use super::acknowledge::Ack;
use super::ctx::{Ctx, Ending, Inner, Outcome};
use super::failure::JobError;
use super::kind::{Change, dice};
use super::live::{Live, Stop};
use super::registry::Kind;
use super::row::{Claimed, Row};
use super::worker::Worker;
use super::{sql, told};
use crate::db::{DbError, Signal};
use crate::manners::describe_panic;

/// How long a try waits that could not reach what it needs; half of it is jitter.
const AWAY: Duration = Duration::from_secs(2);

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

    /// Runs the try to its end, whatever that is.
    pub(super) async fn run(self) {
        let trace_id = self.trace_id();
        let begun = Instant::now();
        let row = &self.claimed.row;
        let span = info_span!("job", id = row.id, kind = row.kind, attempt = row.attempt, trace_id);
        async {
            let verdict = if self.claimed.is_at_its_end(self.kind.rules()) {
                Some(self.last_verdict())
            } else {
                let result = self.work(&trace_id).await;
                self.judge(result, &trace_id).await
            };
            self.count(verdict.as_ref(), begun);
            if let Some(verdict) = verdict {
                self.write(verdict).await;
            }
        }
        .instrument(span)
        .await;
        self.worker.running.remove(&self.live);
        if self.claimed.lock_key.is_some() {
            self.worker.db.raise(Signal::Jobs);
        }
    }

    fn trace_id(&self) -> String {
        let ordered = self.claimed.traceparent.as_deref().and_then(|t| t.split('-').nth(1));
        ordered.map_or_else(|| uuid::Uuid::now_v7().simple().to_string(), Into::into)
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
            (None, JobError::Unavailable(error)) => {
                let jitter = dice(&self.live.id, self.live.attempt) as f64 / u64::MAX as f64;
                Some(Verdict::Again {
                    after: AWAY.mul_f64(0.5 + 0.5 * jitter),
                    is_failure: false,
                    error: Some(error),
                })
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
        let is_taken = self.worker.acks.send(ack).await.is_ok() && told.await.unwrap_or(false);
        // Refused: somebody asked it to stop just before its end, or it is lost; the guard of the verdict tells.
        (!is_taken).then_some(Verdict::End(Change::Cancelled))
    }

    /// Writes the verdict, however long the database is away; when the lease has lapsed meanwhile, the guard refuses.
    async fn write(&self, verdict: Verdict) {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.try_write(&verdict).await {
                Ok(()) => return,
                Err(e) if self.live.stop_reason() == Some(Stop::Lost) => {
                    warn!(error = %e, "lost before its end was written");
                    return;
                }
                Err(e) => warn!(error = %e, "cannot write how the job ended; trying again"),
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
            .bind(error)
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
            .bind(error)
            .fetch_optional(&mut *tx)
            .await
            .map_err(DbError::from)?;
        let Some(row) = row else { return Ok(()) };
        if with_hook {
            let followed = match self.kind.changed(&self.claimed.args, change, &mut tx) {
                Ok(hook) => hook.await,
                Err(e) => Err(e),
            };
            match followed {
                Ok(()) => {}
                Err(JobError::Unavailable(cause)) => return Err(DbError::Commit(cause).into()),
                Err(e) => return Err(Refusal::Hook(e.to_string())),
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
    Hook(String),
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
            Self::Hook(cause) => DbError::Commit(cause),
        }
    }
}
