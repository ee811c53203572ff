//! Long work that survives crashes: jobs are rows in the database of the service that owns them.
//!
//! A kind of job is declared in one place ([`Job`]), enqueued in the transaction of the row it belongs to
//! ([`Job::enqueue`]), run at least once, and its effects are committed exactly once ([`Ctx::complete`]).
//!
//! ```text
//!             claim                        complete | acknowledge
//!  waiting ───────────▶ running ─────────────────────────────────▶ done
//!     ▲  │                │  ▲ └── lapsed lease: taken over by the next claim (attempt + 1, crash_count + 1)
//!     │  │ cancel         │  │
//!     │  ▼                │  ├── tries used up, discarded, workers died three times ──▶ failed
//!     │ cancelled ◀───────┼──┘ asked to stop
//!     └───────────────────┘ failed try (run_at later), snoozed, handed back at a stop
//! ```
//!
//! Every write of a worker is guarded by the fencing token (id, attempt) and an unlapsed lease, by the database's clock.

mod acknowledge;
mod api;
mod attempt;
mod claim;
mod compute;
mod control;
mod ctx;
mod enqueue;
mod failure;
mod kind;
mod lease;
mod live;
mod pace;
mod registry;
mod retention;
mod row;
mod schedule;
mod slots;
mod sql;
mod told;
mod wake;
mod worker;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

use crate::bus::Bus;
use crate::db::{Db, DbError, Dialect};
use crate::service::Context;
use acknowledge::Ack;
use compute::Compute;
use live::Running;
use registry::Registry;
use retention::DeleteEnded;
use schedule::Planned;
use slots::Slots;
use wake::Called;
use worker::{Pulse, Worker};

pub use api::JobQuery;
pub use control::{Answer, Filter};
pub use ctx::{Ctx, Observer, Outcome};
pub use enqueue::{Enqueued, Order};
pub use failure::JobError;
pub use kind::{Change, Job, Priority, Retry, Rules};
pub use live::Stop;
pub use pace::Pace;
pub use schedule::{Misfire, Schedule, ScheduleError};

/// How long ready jobs may wait beside free slots before the process counts as a ghost.
const GHOST: Duration = Duration::from_secs(30);

/// The jobs of one service; cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Arc<Worker>,
    planned: Mutex<Vec<Planned>>,
    acks: Mutex<Option<mpsc::Receiver<Ack>>>,
}

impl Jobs {
    /// The queue in the service's database; kinds are to be registered, then [`Jobs::start`] lets it work.
    pub fn new(db: Db, bus: Bus, pace: Pace) -> Self {
        let (acks, taken) = mpsc::channel(1024);
        let worker = Worker {
            service: db.schema().to_owned(),
            id: uuid::Uuid::now_v7().to_string(),
            running: Running::default(),
            slots: Slots::new(pace.slots),
            compute: Compute::new(pace.threads),
            registry: RwLock::new(Registry::default()),
            pulse: Pulse::new(),
            called: Called::default(),
            db,
            bus,
            pace,
            acks,
        };
        let planned = Mutex::default();
        let jobs = Self {
            inner: Arc::new(Inner { worker: Arc::new(worker), planned, acks: Mutex::new(Some(taken)) }),
        };
        jobs.register::<DeleteEnded>(jobs.db().clone());
        let keep = jobs.worker().pace.keep;
        jobs.schedule(DeleteEnded::schedule(), move |_| DeleteEnded::after(keep));
        jobs
    }

    /// The queue of a service with the measures of its settings.
    pub fn of(context: &Context) -> Self {
        let pace = Pace::of(&context.settings.core.jobs, context.db.dialect());
        Self::new(context.db.clone(), context.bus.clone(), pace)
    }

    /// Makes a kind of job known, with what its work needs.
    pub fn register<J: Job>(&self, state: J::State) {
        self.worker().registry.write().unwrap_or_else(PoisonError::into_inner).add::<J>(state);
    }

    /// Lets a job come again by schedule; `job` gets the time of its slot. Its kind is to be registered too.
    pub fn schedule<J: Job>(&self, schedule: Schedule, job: impl Fn(Timestamp) -> J + Send + Sync + 'static) {
        let planned = Planned::new(schedule, job);
        self.inner.planned.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
    }

    /// Works in the background until the process stops, and shows its health.
    pub fn start(&self, context: &Context) {
        let jobs = self.clone();
        context.health.add(&format!("{}.jobs", context.name), move || {
            let jobs = jobs.clone();
            async move { jobs.check().await }
        });
        context.spawn(self.clone().run(context.stop.clone()));
    }

    /// Works until `stop`, then lets the running jobs stop and hands back what they leave.
    pub async fn run(self, stop: CancellationToken) {
        let Some(acks) = self.inner.acks.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            error!(service = self.service(), "the workers of the service run already");
            return;
        };
        let worker = self.worker().clone();
        let planned = self.inner.planned.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (attempts, ended) = (TaskTracker::new(), CancellationToken::new());
        let leases = match lease::keep_leases(worker.clone(), ended.clone()) {
            Ok(thread) => thread,
            Err(e) => {
                error!(error = %e, "cannot start the thread that keeps the leases; no job will run");
                return;
            }
        };
        let acknowledging =
            tokio::spawn(acknowledge::acknowledge_all(worker.db.clone(), worker.running.clone(), acks));
        let calling = (worker.db.dialect() == Dialect::Postgres)
            .then(|| tokio::spawn(wake::call_and_hear(worker.clone(), ended.clone())));
        self.prepare(&planned, &stop).await;
        let planning = tokio::spawn(schedule::plan_until(worker.clone(), planned, stop.clone()));
        claim::claim_until(worker.clone(), stop, attempts.clone()).await;
        worker.running.all().iter().for_each(|live| live.stop(Stop::Shutdown));
        attempts.close();
        attempts.wait().await;
        ended.cancel();
        let _ = planning.await;
        if let Some(calling) = calling {
            let _ = calling.await;
        }
        acknowledging.abort();
        let _ = tokio::task::spawn_blocking(move || leases.join()).await;
    }

    /// What is to be done once, however long the database is away.
    async fn prepare(&self, planned: &[Planned], stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.try_prepare(planned).await {
                Ok(()) => return,
                Err(e) => {
                    warn!(error = %e, service = self.service(), "cannot prepare the queue; trying again");
                }
            }
            tokio::time::sleep(self.worker().pace.poll).await;
        }
    }

    async fn try_prepare(&self, planned: &[Planned]) -> Result<(), DbError> {
        if self.worker().pace.lease.is_none() {
            let mut tx = self.db().begin().await?;
            sqlx::query(sql::ADOPT).execute(&mut *tx).await?;
            tx.commit().await?;
        }
        schedule::declare(self.db(), planned).await
    }

    /// Whether the workers work: a ghost has free slots and lets ready jobs wait.
    pub async fn check(&self) -> Result<(), String> {
        let worker = self.worker();
        if worker.is_idle() || worker.pulse.is_alive(GHOST) || worker.slots.free() == 0 {
            return Ok(());
        }
        let waiting = sqlx::query(sql::is_ready(self.db().dialect()))
            .bind(worker.known())
            .bind(GHOST.as_micros() as i64)
            .fetch_optional(self.db().read())
            .await;
        match waiting {
            Ok(None) => Ok(()),
            Ok(Some(_)) => {
                Err("jobs are ready and workers are free, but nothing has been claimed for 30 s".into())
            }
            Err(e) => Err(format!("cannot look for ready jobs: {e}")),
        }
    }

    fn worker(&self) -> &Arc<Worker> {
        &self.inner.worker
    }

    fn db(&self) -> &Db {
        &self.inner.worker.db
    }

    fn service(&self) -> &str {
        &self.inner.worker.service
    }
}

#[cfg(test)]
mod tests;
