//! The job queue beside the commit rate of its database and beside Celery with RabbitMQ, in one run:
//! `cargo xtask bench jobs [--jobs N] [--without-celery]`.
//!
//! Everything is durable: SQLite with `synchronous = full`, PostgreSQL with `fsync`, Celery with persistent messages and
//! late acknowledgements. Rates depend on the machine and its neighbours; ratios within a run count.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints and stops at the first failure"
)]

mod celery;
mod disk;
mod processes;
mod queue;

use harness::db::Db;

/// A line of the report.
pub(crate) struct Line {
    what: String,
    /// One caller, each order safe before the next.
    enqueue_one: Option<f64>,
    /// Sixteen callers.
    enqueue_many: Option<f64>,
    drain: Option<f64>,
    cpu_ms: Option<Cpu>,
    /// Median and 99th percentile of the way from the order to the work, idle, in milliseconds.
    pick_up_ms: Option<(f64, f64)>,
    cancel_ms: Option<f64>,
}

/// Processor time of one job, that of the servers included, in milliseconds.
#[derive(Clone, Copy)]
pub(crate) enum Cpu {
    Whole(f64),
    /// To order it safely; to claim it, to run it and to keep its result.
    Halves {
        order: f64,
        run: f64,
    },
}

impl Cpu {
    fn shown(self) -> String {
        match self {
            Self::Whole(all) => format!("{all:.3}"),
            Self::Halves { order, run } => format!("{:.3} = {order:.3} + {run:.3}", order + run),
        }
    }
}

impl Line {
    fn of(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            enqueue_one: None,
            enqueue_many: None,
            drain: None,
            cpu_ms: None,
            pick_up_ms: None,
            cancel_ms: None,
        }
    }

    fn print(&self) {
        let rate = |r: Option<f64>| r.map_or("-".into(), |r| format!("{r:.0}"));
        let pick_up = self.pick_up_ms.map_or("-".into(), |(p50, p99)| format!("{p50:.2} / {p99:.2}"));
        println!(
            "| {:<44} | {:>9} | {:>9} | {:>9} | {:>21} | {:>15} | {:>9} |",
            self.what,
            rate(self.enqueue_one),
            rate(self.enqueue_many),
            rate(self.drain),
            self.cpu_ms.map_or("-".into(), Cpu::shown),
            pick_up,
            self.cancel_ms.map_or("-".into(), |ms| format!("{ms:.1}")),
        );
    }
}

#[tokio::main]
async fn main() {
    // On a thread of the workers, as requests are served.
    tokio::spawn(measure_all()).await.unwrap();
}

async fn measure_all() {
    let arguments: Vec<String> = std::env::args().collect();
    let jobs = arguments.iter().position(|a| a == "--jobs").and_then(|i| arguments.get(i + 1)?.parse().ok());
    let jobs: usize = jobs.unwrap_or(20_000);
    println!(
        "| {:<44} | enqueue/s | 16 caller | drain/s   | CPU ms: order + run   | pick-up p50/p99 | cancel ms |",
        "no-op jobs"
    );
    let folder = tempfile::tempdir().unwrap();
    disk::measure(folder.path()).print();
    let url = format!("sqlite:{}", folder.path().display());
    measure(&url, "SQLite, full sync", "bench", jobs).await;
    if let Some(url) = harness::testing::postgres() {
        let name = harness::testing::schema("bench");
        measure(&url, "PostgreSQL", &name, jobs).await;
    }
    if let Some(address) = harness::testing::amqp()
        && !arguments.iter().any(|a| a == "--without-celery")
    {
        for line in celery::measure(&address, (jobs / 4).max(1_000)) {
            line.print();
        }
    }
}

async fn measure(url: &str, what: &str, name: &str, jobs: usize) {
    let db = Db::open(url, name, queue::TABLES).await.unwrap();
    queue::commits(&db, what).await.print();
    queue::throughput::<queue::Silent>(&db, &format!("jobs, {what}"), jobs).await.print();
    queue::throughput_together::<queue::Silent>(&db, &format!("jobs, ordered 500 at once, {what}"), jobs)
        .await
        .print();
    queue::throughput::<queue::Told>(&db, &format!("jobs that tell every step, {what}"), jobs / 4)
        .await
        .print();
    // Another handle is another process to the queue: its claims are called by the database, not by memory.
    let other = if url.starts_with("sqlite") {
        db.clone()
    } else {
        Db::open(url, name, queue::TABLES).await.unwrap()
    };
    queue::latency(&db, other, &format!("one job at a time, {what}")).await.print();
}
