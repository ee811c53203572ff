//! The measurements of the own queue.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;
use harness::bus::Bus;
use harness::db::{Db, Dialect, Migration};
use harness::jobs::{Ctx, Job, JobError, Jobs, Outcome, Pace, Rules};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::processes::Meter;
use super::{Cpu, Line};

pub(crate) const TABLES: &[Migration] =
    &[("0001_note", "create table note (id text primary key, told_at bigint not null);")];

const CALLERS: usize = 16;
const LOOKS: usize = 300;
const TOGETHER: usize = 500;

/// What the work shows to the measurement.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    done: Arc<AtomicUsize>,
    wanted: Arc<AtomicUsize>,
    all_done: Arc<Notify>,
    began: Arc<Mutex<Option<Instant>>>,
}

impl Seen {
    fn see(&self) {
        *self.began.lock().unwrap() = Some(Instant::now());
        if self.done.fetch_add(1, Ordering::AcqRel) + 1 == self.wanted.load(Ordering::Acquire) {
            self.all_done.notify_one();
        }
    }

    async fn wait_for(&self, jobs: usize) {
        self.wanted.store(jobs, Ordering::Release);
        if self.done.load(Ordering::Acquire) < jobs {
            self.all_done.notified().await;
        }
    }
}

pub(crate) trait Noop: Job<State = Seen> {
    fn new(number: usize) -> Self;
}

/// Does nothing and tells nothing.
#[derive(Deserialize, Serialize)]
pub(crate) struct Silent(usize);

/// Does nothing and tells that it waits, runs and is done.
#[derive(Deserialize, Serialize)]
pub(crate) struct Told(usize);

/// Runs until it is asked to stop.
#[derive(Deserialize, Serialize)]
struct Endless;

impl Job for Silent {
    type State = Seen;
    const KIND: &'static str = "silent";
    const RULES: Rules = Rules { is_told: false, ..Rules::DEFAULT };

    async fn run(self, ctx: Ctx, seen: Seen) -> Result<Outcome, JobError> {
        seen.see();
        ctx.done(&self.0)
    }
}

impl Job for Told {
    type State = Seen;
    const KIND: &'static str = "told";

    async fn run(self, ctx: Ctx, seen: Seen) -> Result<Outcome, JobError> {
        seen.see();
        ctx.done(&self.0)
    }
}

impl Job for Endless {
    type State = Arc<Notify>;
    const KIND: &'static str = "endless";

    async fn run(self, ctx: Ctx, began: Arc<Notify>) -> Result<Outcome, JobError> {
        began.notify_one();
        ctx.stopped().await;
        Err(JobError::Stopped)
    }
}

impl Noop for Silent {
    fn new(number: usize) -> Self {
        Self(number)
    }
}

impl Noop for Told {
    fn new(number: usize) -> Self {
        Self(number)
    }
}

/// The database alone: how many small transactions it commits.
pub(crate) async fn commits(db: &Db, what: &str) -> Line {
    let rate_of = |times, callers| {
        rate(db, times, callers, async move |db, n| {
            let mut tx = db.begin().await.unwrap();
            let id = format!("{callers} {n}");
            let insert = sqlx::query("insert into note (id, told_at) values ($1, 1)").bind(id);
            insert.execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        })
    };
    let (one, many) = (rate_of(2_000, 1).await, rate_of(8_000, CALLERS).await);
    Line {
        enqueue_one: Some(one),
        enqueue_many: Some(many),
        ..Line::of(format!("commits of one insert, {what}"))
    }
}

/// How often per second `callers` do it side by side.
async fn rate<F>(db: &Db, times: usize, callers: usize, act: F) -> f64
where
    F: AsyncFn(Db, usize),
{
    let start = Instant::now();
    let each = times / callers;
    join_all((0..callers).map(|caller| {
        let act = &act;
        async move {
            for n in 0..each {
                act(db.clone(), caller * each + n).await;
            }
        }
    }))
    .await;
    (each * callers) as f64 / start.elapsed().as_secs_f64()
}

async fn order<J: Job>(db: &Db, job: J) -> String {
    let mut tx = db.begin().await.unwrap();
    let id = job.enqueue(&mut tx).await.unwrap().id;
    tx.commit().await.unwrap();
    id
}

/// How many jobs per second are ordered [`TOGETHER`] in a transaction.
async fn order_together<J: Noop>(db: &Db, jobs: usize) -> f64 {
    let start = Instant::now();
    for first in (0..jobs).step_by(TOGETHER) {
        let mut tx = db.begin().await.unwrap();
        for n in first..jobs.min(first + TOGETHER) {
            J::new(n).enqueue(&mut tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    jobs as f64 / start.elapsed().as_secs_f64()
}

pub(crate) async fn throughput<J: Noop>(db: &Db, what: &str, jobs: usize) -> Line {
    let ordering = Meter::start(db);
    let few = jobs / 10;
    let one = rate(db, few, 1, async |db, n| drop(order(&db, J::new(n)).await)).await;
    let many = rate(db, jobs - few, CALLERS, async |db, n| drop(order(&db, J::new(n)).await)).await;
    let all = few + (jobs - few) / CALLERS * CALLERS;
    let order_ms = ordering.cpu_ms() / all as f64;
    let (drain, run_ms) = drain::<J>(db, all).await;
    Line {
        enqueue_one: Some(one),
        enqueue_many: Some(many),
        drain: Some(drain),
        cpu_ms: Some(Cpu::Halves { order: order_ms, run: run_ms }),
        ..Line::of(what)
    }
}

/// The same where many are ordered in one transaction.
pub(crate) async fn throughput_together<J: Noop>(db: &Db, what: &str, jobs: usize) -> Line {
    let ordering = Meter::start(db);
    let together = order_together::<J>(db, jobs).await;
    let order = ordering.cpu_ms() / jobs as f64;
    let (drain, run) = drain::<J>(db, jobs).await;
    let cpu_ms = Some(Cpu::Halves { order, run });
    Line { enqueue_one: Some(together), drain: Some(drain), cpu_ms, ..Line::of(what) }
}

/// How many waiting jobs per second are done, and the processor time of each in milliseconds.
async fn drain<J: Noop>(db: &Db, jobs: usize) -> (f64, f64) {
    let meter = Meter::start(db);
    let seen = Seen::default();
    let start = Instant::now();
    let crew = Crew::start(db.clone(), |queue| queue.register::<J>(seen.clone()));
    seen.wait_for(jobs).await;
    crew.until_none_runs().await;
    let rate = jobs as f64 / start.elapsed().as_secs_f64();
    let cpu_ms = meter.cpu_ms() / jobs as f64;
    crew.stop().await;
    (rate, cpu_ms)
}

pub(crate) async fn latency(db: &Db, workers: Db, what: &str) -> Line {
    // Idle is the disk too: it has written what was measured before.
    rustix::fs::sync();
    let (seen, began) = (Seen::default(), Arc::new(Notify::new()));
    let crew = Crew::start(workers, |queue| {
        queue.register::<Silent>(seen.clone());
        queue.register::<Endless>(began.clone());
    });
    // The process that orders knows no such work; its own workers only call the others.
    let callers = (db.dialect() == Dialect::Postgres).then(|| Crew::start(db.clone(), |_| {}));
    let mut waits = Vec::with_capacity(LOOKS);
    for n in 1..=LOOKS {
        let start = Instant::now();
        let id = order(db, Silent(n)).await;
        seen.wait_for(n).await;
        waits.push(seen.began.lock().unwrap().unwrap().duration_since(start).as_secs_f64() * 1e3);
        // Idle again: the acknowledgement is written and the claimer waits.
        crew.until_ended(&id).await;
        tokio::time::sleep(Duration::from_millis(8)).await;
    }
    let mut stops = Vec::new();
    for _ in 0..30 {
        let id = order(db, Endless).await;
        began.notified().await;
        let start = Instant::now();
        crew.queue.cancel(&id).await.unwrap();
        crew.until_ended(&id).await;
        stops.push(start.elapsed().as_secs_f64() * 1e3);
    }
    crew.stop().await;
    if let Some(callers) = callers {
        callers.stop().await;
    }
    let pick_up_ms = Some((percentile(&mut waits, 50), percentile(&mut waits, 99)));
    Line { pick_up_ms, cancel_ms: Some(percentile(&mut stops, 99)), ..Line::of(what) }
}

pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}

/// Workers of one process.
struct Crew {
    queue: Jobs,
    db: Db,
    stop: CancellationToken,
    run: JoinHandle<()>,
}

impl Crew {
    fn start(db: Db, register: impl FnOnce(&Jobs)) -> Self {
        let lease = (db.dialect() == Dialect::Postgres).then_some(Duration::from_secs(15));
        let pace = Pace {
            slots: 64,
            threads: 1,
            lease,
            poll: Duration::from_secs(1),
            grace: Duration::from_secs(1),
            keep: Duration::from_hours(24),
        };
        let queue = Jobs::new(db.clone(), Bus::memory(), pace);
        register(&queue);
        let stop = CancellationToken::new();
        let run = tokio::spawn(queue.clone().run(stop.clone()));
        Self { queue, db, stop, run }
    }

    async fn until_ended(&self, id: &str) {
        while !self.queue.show(id).await.unwrap().unwrap().state.is_final() {
            tokio::task::yield_now().await;
        }
    }

    async fn until_none_runs(&self) {
        let live = "select count(*) from job where state = 1";
        while sqlx::query_scalar::<_, i64>(live).fetch_one(self.db.read()).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.run.await.unwrap();
    }
}
