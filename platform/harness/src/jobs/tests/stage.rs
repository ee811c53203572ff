//! What the tests stand on: a database of each kind, workers, a kind of job whose work a test steers.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use contracts::jobs::{Job as Shown, JobState};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::*;
use crate::db::{Migration, Tx};

/// One row per effect; a second effect of the same name would be a second row.
const TABLES: &[Migration] = &[(
    "0001_effect",
    "create table effect (name text not null, attempt bigint not null);
     create table ending (name text not null, change text not null);",
)];

pub(super) const LEASE: Duration = Duration::from_millis(400);

/// Runs a test on a fresh database of each kind.
pub(super) async fn on_both<F: AsyncFn(Stage)>(test: F) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().display());
    test(Stage { db: Db::open(&url, "queue", TABLES).await.unwrap(), url, name: "queue".into() }).await;
    if let Some(url) = crate::testing::postgres() {
        let name = crate::testing::schema("queue");
        test(Stage { db: Db::open(&url, &name, TABLES).await.unwrap(), url, name }).await;
    }
}

/// A database with the tables of a small service.
pub(super) struct Stage {
    pub(super) db: Db,
    url: String,
    name: String,
}

impl Stage {
    /// The database as another process sees it. SQLite has only one process.
    pub(super) async fn db_of_another_process(&self) -> Db {
        match self.db.dialect() {
            Dialect::Sqlite => self.db.clone(),
            Dialect::Postgres => Db::open(&self.url, &self.name, TABLES).await.unwrap(),
        }
    }

    /// The database of another service at the same address.
    pub(super) async fn neighbour(&self) -> Self {
        let name = match self.db.dialect() {
            Dialect::Sqlite => "neighbour".into(),
            Dialect::Postgres => crate::testing::schema("neighbour"),
        };
        let db = Db::open(&self.url, &name, TABLES).await.unwrap();
        Self { db, url: self.url.clone(), name }
    }

    /// SQLite: the files as they are now, opened as another database.
    pub(super) async fn copy_files_to(&self, folder: &std::path::Path) -> Db {
        let from = std::path::Path::new(self.url.strip_prefix("sqlite:").unwrap());
        for ending in ["db", "db-wal"] {
            let file = format!("queue.{ending}");
            std::fs::copy(from.join(&file), folder.join(&file)).unwrap();
        }
        Db::open(&format!("sqlite:{}", folder.display()), "queue", TABLES).await.unwrap()
    }

    pub(super) fn jobs(&self) -> (Jobs, Remote) {
        jobs_with(self.db.clone(), pace())
    }

    pub(super) async fn enqueue(&self, task: &Task) -> String {
        let mut tx = self.db.begin().await.unwrap();
        let id = task.enqueue(&mut tx).await.unwrap().id;
        tx.commit().await.unwrap();
        id
    }

    /// The effects so far: name and the attempt that made it.
    pub(super) async fn effects(&self) -> Vec<(String, i64)> {
        sqlx::query_as("select name, attempt from effect order by name")
            .fetch_all(self.db.read())
            .await
            .unwrap()
    }

    pub(super) async fn endings(&self) -> Vec<(String, String)> {
        sqlx::query_as("select name, change from ending order by name")
            .fetch_all(self.db.read())
            .await
            .unwrap()
    }

    pub(super) async fn first_waiting(&self) -> Option<String> {
        let first = sqlx::query_scalar("select id from job where state = 0 order by id limit 1");
        first.fetch_optional(self.db.read()).await.unwrap()
    }

    /// Waits until the workers of `jobs` hear calls, where they come from the server.
    pub(super) async fn listening(&self, jobs: &Jobs) {
        let mut heard = jobs.worker().called.listen(crate::db::Signal::Jobs);
        while self.db.dialect() == Dialect::Postgres && !heard.has_changed().unwrap() {
            let call = sqlx::query("select pg_notify($1, 'somebody')").bind(format!("jobs_{}", self.name));
            call.execute(self.db.read()).await.unwrap();
            tokio::select! {
                _ = heard.changed() => return,
                () = tokio::task::yield_now() => {}
            }
        }
    }

    pub(super) async fn execute(&self, sql: &'static str, id: &str) -> u64 {
        let mut tx = self.db.begin().await.unwrap();
        let done = sqlx::query(sql).bind(id).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        done.rows_affected()
    }

    /// Makes waiting jobs due now and lapses all leases: the clock of the database can't be turned.
    pub(super) async fn let_time_pass(&self, id: &str) {
        self.execute("update job set run_at = 0 where id = $1 and state = 0", id).await;
        self.execute("update job set lease_until = 0 where id = $1 and state = 1", id).await;
        self.db.raise(crate::db::Signal::Jobs);
    }
}

pub(super) fn jobs_with(db: Db, pace: Pace) -> (Jobs, Remote) {
    let jobs = Jobs::new(db, Bus::memory(), pace);
    let (began, heard) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    jobs.register::<Task>(Hands { began, gate: gate.clone() });
    (jobs, Remote { heard, gate })
}

pub(super) fn pace() -> Pace {
    Pace {
        slots: 4,
        threads: 1,
        lease: Some(LEASE),
        poll: Duration::from_millis(50),
        grace: Duration::from_millis(300),
        keep: Duration::from_hours(24),
    }
}

/// Running workers.
pub(super) struct Crew {
    stop: CancellationToken,
    run: JoinHandle<()>,
}

impl Crew {
    pub(super) fn start(jobs: &Jobs) -> Self {
        let stop = CancellationToken::new();
        let run = tokio::spawn(jobs.clone().run(stop.clone()));
        Self { stop, run }
    }

    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.run.await.unwrap();
    }
}

/// Waits until the job satisfies the condition; the test's own time limit is the only other end.
pub(super) async fn until(jobs: &Jobs, id: &str, what: impl Fn(&Shown) -> bool) -> Shown {
    let wait = async {
        loop {
            let job = jobs.show(id).await.unwrap().unwrap();
            if what(&job) {
                return job;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("the job comes to where the test waits for it")
}

pub(super) async fn until_state(jobs: &Jobs, id: &str, state: JobState) -> Shown {
    until(jobs, id, |job| job.state == state).await
}

/// What a task does when it has begun.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) enum Act {
    #[default]
    Complete,
    Acknowledge,
    /// Waits at the gate, then completes, without looking whether it is to stop.
    CompleteLate,
    /// Waits until it is to stop, and stops.
    Obey,
    /// Never ends and never listens.
    Hang,
    Fail,
    FailUnlessFirst,
    Discard,
    /// The same, and the service panics when it hears of it.
    DiscardUnheard,
    Panic,
    /// Saves where it is, then waits until it is to stop.
    Save,
    /// Fails inside of its completion.
    FailWithin,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) act: Act,
    pub(super) unique: Option<String>,
    pub(super) lock: Option<String>,
}

impl Task {
    pub(super) fn new(name: &str, act: Act) -> Self {
        Self { name: name.into(), act, ..Self::default() }
    }
}

/// What the work reports to the test, and where it waits for it.
#[derive(Clone)]
pub(super) struct Hands {
    began: mpsc::UnboundedSender<Ctx>,
    gate: Arc<Semaphore>,
}

pub(super) struct Remote {
    heard: mpsc::UnboundedReceiver<Ctx>,
    pub(super) gate: Arc<Semaphore>,
}

impl Remote {
    /// The next try that begins.
    pub(super) async fn began(&mut self) -> Ctx {
        let next = tokio::time::timeout(Duration::from_secs(20), self.heard.recv());
        next.await.expect("a try begins").unwrap()
    }
}

impl Job for Task {
    type State = Hands;
    const KIND: &'static str = "task";
    const RULES: Rules = Rules {
        retry: Retry::After(Duration::ZERO),
        timeout: Some(Duration::from_hours(1)),
        ..Rules::DEFAULT
    };

    fn unique_key(&self) -> Option<String> {
        self.unique.clone()
    }

    fn lock_key(&self) -> Option<String> {
        self.lock.clone()
    }

    async fn run(self, ctx: Ctx, hands: Hands) -> Result<Outcome, JobError> {
        let _ = hands.began.send(ctx.clone());
        match self.act {
            Act::Complete => {}
            Act::Acknowledge => return ctx.done(&self.name),
            Act::CompleteLate => hands.gate.acquire().await?.forget(),
            Act::Obey => {
                ctx.stopped().await;
                return Err(JobError::Stopped);
            }
            Act::Hang => pending().await,
            Act::FailUnlessFirst if ctx.attempt() == 1 => {}
            Act::Fail | Act::FailUnlessFirst => return Err(JobError::retry("no luck")),
            Act::Discard | Act::DiscardUnheard => return Err(JobError::discard("never")),
            Act::Panic => panic!("oh dear"),
            Act::Save => {
                if let Some(saved) = ctx.last_checkpoint() {
                    return ctx.done(&String::from_utf8_lossy(saved));
                }
                ctx.checkpoint(b"halfway").await?;
                ctx.progress(0.5, "halfway");
                ctx.stopped().await;
                return Err(JobError::Stopped);
            }
            Act::FailWithin => {
                return ctx
                    .complete(async |tx| {
                        affect(tx, &self.name, ctx.attempt()).await?;
                        Err::<(), _>(JobError::retry("within"))
                    })
                    .await;
            }
        }
        ctx.complete(async |tx| affect(tx, &self.name, ctx.attempt()).await).await
    }

    async fn changed(self, change: &Change, tx: &mut Tx, _: Hands) -> Result<(), JobError> {
        assert_ne!(self.act, Act::DiscardUnheard, "hears nothing");
        sqlx::query("insert into ending (name, change) values ($1, $2)")
            .bind(self.name)
            .bind(format!("{change:?}"))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

async fn affect(tx: &mut Tx, name: &str, attempt: i64) -> Result<(), sqlx::Error> {
    sqlx::query("insert into effect (name, attempt) values ($1, $2)")
        .bind(name)
        .bind(attempt)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
