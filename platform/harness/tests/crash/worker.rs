//! A worker process: takes orders from its standard input and says which ones are safe.

use std::io::Write as _;
use std::time::Duration;

use contracts::event::Event;
use harness::bus::Bus;
use harness::clock::Clock;
use harness::db::{Db, DbError, Dialect, Migration, Tx};
use harness::inbox::{Inbox, Subscription};
use harness::jobs::{Answer, Ctx, Job, JobError, Jobs, Outcome, Pace, Retry, Rules};
use harness::outbox::Relay;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, query_scalar};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::number;

pub(super) const SERVICE: &str = "fuzz";

/// An effect has two halves; both count how often they happened, the first keeps whose it was.
/// Every event of a job is heard, in the order of the numbers.
pub(super) const TABLES: &[Migration] = &[(
    "0001_effect",
    "create table first_half (client_id text primary key, times bigint not null, attempt bigint not null);
     create table second_half (client_id text primary key, times bigint not null);
     create table heard (nr bigint numbered primary key, event_id text not null, subject text not null);",
)];

const COUNT_FIRST: &str = "insert into first_half (client_id, times, attempt) values ($1, 1, $2) \
    on conflict (client_id) do update set times = first_half.times + 1, attempt = excluded.attempt";
const COUNT_SECOND: &str = "insert into second_half (client_id, times) values ($1, 1) \
    on conflict (client_id) do update set times = second_half.times + 1";

const HEAR: &str = "insert into heard (event_id, subject) values ($1, $2)";
const UNHEARD: &str = "select count(*) from outbox where event_id not in (select event_id from heard)";

const ID: &str = "select id from job where unique_key = $1";

/// How a worker process works.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    pub(super) lease: Duration,
    pub(super) poll: Duration,
    pub(super) slots: usize,
}

impl Manner {
    /// In haste, so that much goes wrong in a short time.
    pub(super) fn hasty() -> Self {
        let (lease, poll) = (Duration::from_millis(250), Duration::from_millis(50));
        Self { lease, poll, slots: 6 }
    }

    /// As its process is told.
    fn told() -> Self {
        let time = |variable| Duration::from_millis(number(variable, 0));
        Self {
            lease: time("QUORATE_FUZZ_LEASE_MS"),
            poll: time("QUORATE_FUZZ_POLL_MS"),
            slots: number("QUORATE_FUZZ_SLOTS", 0),
        }
    }

    /// The variables that tell it to a process.
    pub(super) fn variables(&self) -> [(&'static str, String); 3] {
        [
            ("QUORATE_FUZZ_LEASE_MS", self.lease.as_millis().to_string()),
            ("QUORATE_FUZZ_POLL_MS", self.poll.as_millis().to_string()),
            ("QUORATE_FUZZ_SLOTS", self.slots.to_string()),
        ]
    }

    fn pace(&self, dialect: Dialect) -> Pace {
        Pace {
            slots: self.slots,
            threads: 1,
            lease: (dialect == Dialect::Postgres).then_some(self.lease),
            poll: self.poll,
            grace: Duration::from_millis(100),
            keep: Duration::from_hours(24),
        }
    }
}

/// Works a little, then has its effect in the transaction of its completion.
#[derive(Debug, Deserialize, Serialize)]
struct Effect {
    client_id: String,
    takes_ms: u64,
}

impl Job for Effect {
    type State = ();
    const KIND: &'static str = "effect";
    /// Crashes are what is tested: they must not use up the job's tries.
    const RULES: Rules = Rules {
        max_attempts: 1_000_000,
        max_crashes: 1_000_000,
        retry: Retry::After(Duration::from_millis(10)),
        ..Rules::DEFAULT
    };

    fn unique_key(&self) -> Option<String> {
        Some(self.client_id.clone())
    }

    async fn run(self, ctx: Ctx, (): ()) -> Result<Outcome, JobError> {
        say("began", &self.client_id);
        tokio::time::sleep(Duration::from_millis(self.takes_ms)).await;
        ctx.checkpoint(ctx.attempt().to_string().as_bytes()).await?;
        ctx.complete(async |tx| {
            let first = sqlx::query(COUNT_FIRST).bind(&self.client_id).bind(ctx.attempt());
            first.execute(&mut **tx).await?;
            tokio::time::sleep(Duration::from_millis(self.takes_ms / 4)).await;
            sqlx::query(COUNT_SECOND).bind(&self.client_id).execute(&mut **tx).await.map(|_| ())
        })
        .await
    }
}

/// Runs until its standard input ends.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(super) async fn work(url: &str) {
    let db = open(url).await;
    let (manner, stop) = (Manner::told(), CancellationToken::new());
    let bus = Bus::memory();
    let subscription = Subscription::new(&["fuzz.job."], |tx, event| Box::pin(hear(tx, event)));
    bus.subscribe(Inbox::new(SERVICE, db.clone(), Clock::system(), vec![subscription]));
    let relay = Relay::new(SERVICE, db.clone(), bus.clone(), Clock::system());
    let relaying = tokio::spawn(relay.run(stop.clone()));
    let jobs = Jobs::new(db.clone(), bus, manner.pace(db.dialect()));
    jobs.register::<Effect>(());
    let run = tokio::spawn(jobs.clone().run(stop.clone()));
    say("ready", "");
    let (tell, mut orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
    });
    let mut accepting = JoinSet::new();
    while let Some(line) = orders.recv().await {
        match line.split_once(' ') {
            Some(("order", rest)) => drop(accepting.spawn(order(db.clone(), rest.to_owned()))),
            Some(("cancel", client_id)) => {
                drop(accepting.spawn(cancel(jobs.clone(), db.clone(), client_id.to_owned())));
            }
            Some(("disk", state)) => resize(&db, state == "full").await,
            Some(("live", question)) => {
                while accepting.join_next().await.is_some() {}
                say("live", &format!("{question} {}", count_live(&db, &jobs).await.unwrap_or(-1)));
            }
            _ => {}
        }
    }
    stop.cancel();
    let _ = run.await;
    let _ = relaying.await;
}

/// Jobs that have not ended, and events that nobody has heard.
async fn count_live(db: &Db, jobs: &Jobs) -> Result<i64, DbError> {
    let counts = jobs.counts().await?;
    let live: i64 = counts.iter().filter(|(state, _)| !state.is_final()).map(|(_, jobs)| jobs).sum();
    let unheard: i64 = query_scalar(UNHEARD).fetch_one(db.read()).await?;
    Ok(live + unheard)
}

async fn hear(tx: &mut Tx, event: &Event) -> anyhow::Result<()> {
    sqlx::query(HEAR).bind(&event.id).bind(&event.subject).execute(&mut **tx).await?;
    Ok(())
}

/// Lets SQLite's file grow no further, or again: it then says the same as with a full disk (`SQLITE_FULL`), at any
/// statement of any transaction.
async fn resize(db: &Db, is_full: bool) {
    loop {
        let resized: Result<(), DbError> = async {
            let mut tx = db.begin().await?;
            let pages: i64 = query_scalar("pragma page_count").fetch_one(&mut *tx).await?;
            let limit = if is_full { pages } else { i64::from(i32::MAX) };
            sqlx::query(AssertSqlSafe(format!("pragma max_page_count = {limit}"))).execute(&mut *tx).await?;
            tx.commit().await
        }
        .await;
        // In a group that another member's full disk has undone it is tried again.
        if resized.is_ok() {
            return;
        }
    }
}

/// A database that is just being restarted, or whose last owner is just dying, is waited for.
pub(super) async fn open(url: &str) -> Db {
    loop {
        match Db::open(url, SERVICE, TABLES).await {
            Ok(db) => return db,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn order(db: Db, order: String) {
    let Some((client_id, takes_ms)) = order.split_once(' ') else { return };
    let job = Effect { client_id: client_id.into(), takes_ms: takes_ms.parse().unwrap_or(1) };
    let accept = async {
        let mut tx = db.begin().await?;
        job.enqueue(&mut tx).await?;
        tx.commit().await
    };
    if accept.await.is_ok() {
        say("safe", client_id);
    }
}

/// Cancels an order that may be about to be taken just now.
async fn cancel(jobs: Jobs, db: Db, client_id: String) {
    for _ in 0..20 {
        let id: Option<String> = match query_scalar(ID).bind(&client_id).fetch_optional(db.read()).await {
            Ok(found) => found,
            Err(_) => return,
        };
        if let Some(id) = id {
            if let Ok(Answer::Accepted(_)) = jobs.cancel(&id).await {
                say("stopped", &client_id);
            }
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// One line at once: a crash must not leave half a word.
fn say(word: &str, what: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("\n@{word} {what}\n").as_bytes());
    let _ = out.flush();
}
