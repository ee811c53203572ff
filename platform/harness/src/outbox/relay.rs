//! Carries the outbox to the bus. Events of different subjects travel side by side, those of one subject one after the
//! other, each when the one before is safe.
//!
//! Several processes may relay one outbox. A lock keeps them from doing the work twice; order does not rest on it: whoever
//! sends an event has itself sent, or found delivered, all earlier ones of its subject.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use contracts::event::{Event, Hint, Replay, SpecVersion};
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bus::Bus;
use crate::clock::{Clock, from_us};
use crate::db::{Db, DbError, Dialect, Signal, Tx};

/// How many events are read at once, beside those that already travel.
const BATCH: usize = 256;
/// How many subjects travel at most; more would only wait in memory.
const SUBJECTS: usize = 1024;
/// How many questions for a replay may wait; they are asked again anyway.
const REPLAYS: usize = 16;
/// How often the right to relay is used, so that the database does not take it away as idle.
const USED_EVERY: Duration = Duration::from_secs(10);
/// How long delivered events are kept.
const KEPT_US: i64 = 3 * 24 * 3600 * 1_000_000;
/// How long the ids of heard events are kept: longer than any broker holds a message back.
const HEARD_US: i64 = 30 * 24 * 3600 * 1_000_000;

/// Delivers what one service tells.
pub struct Relay {
    service: String,
    db: Db,
    bus: Bus,
    clock: Clock,
    poll: Duration,
}

/// What travels, and what has arrived but is not marked yet.
#[derive(Default)]
struct Flight {
    travelling: HashSet<String>,
    arrived: HashSet<i64>,
    failures: u32,
    rest_until: Option<Instant>,
}

/// News from the task of one subject.
enum News {
    Arrived(i64),
    Ended { subject: String, failed: bool },
}

type Row = (i64, String, String, String, String, Option<String>, i64);

impl Relay {
    /// A relay for the outbox of `service` in `db`.
    pub fn new(service: impl Into<String>, db: Db, bus: Bus, clock: Clock) -> Self {
        Self { service: service.into(), db, bus, clock, poll: Duration::from_secs(1) }
    }

    /// Delivers until `stop`. All who listen on an in-process bus must have subscribed before.
    pub async fn run(self, stop: CancellationToken) {
        let mut told = self.db.listen(Signal::Outbox);
        let (asking, mut asked) = mpsc::channel(REPLAYS);
        let (news, mut arriving) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let mut flight = Flight::default();
        let mut turn = None;
        let mut tidy_at = Instant::now();
        let mut replays = VecDeque::new();
        let _hearing = AbortOnDrop(tokio::spawn(hear_replays(self.bus.hints(), asking)));
        loop {
            told.mark_unchanged();
            self.replay(&mut replays).await;
            let pause = match self.round(&mut flight, &mut turn, &news, &mut tasks).await {
                Ok(pause) => pause,
                Err(cause) => {
                    tracing::warn!(service = self.service, %cause, "the outbox can't be read");
                    turn = None;
                    self.poll
                }
            };
            if tidy_at <= Instant::now() {
                tidy_at = Instant::now() + Duration::from_mins(10);
                if let Err(cause) = self.tidy().await {
                    tracing::warn!(service = self.service, %cause, "old events can't be removed");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                Some(first) = arriving.recv() => {
                    flight.note(first);
                    while let Ok(next) = arriving.try_recv() {
                        flight.note(next);
                    }
                }
                _ = told.changed(), if flight.rest_until.is_none() => {}
                Some(replay) = asked.recv() => replays.push_back(replay),
                () = tokio::time::sleep(pause) => {}
            }
            while tasks.try_join_next().is_some() {}
        }
    }

    /// Marks what has arrived and sends what waits; says how long to pause when nothing happens.
    async fn round(
        &self,
        flight: &mut Flight,
        turn: &mut Option<Turn>,
        news: &mpsc::UnboundedSender<News>,
        tasks: &mut JoinSet<()>,
    ) -> Result<Duration, DbError> {
        self.mark(flight).await?;
        if let Some(rest) = flight.rest_until {
            if Instant::now() < rest {
                return Ok(rest - Instant::now());
            }
            flight.rest_until = None;
        }
        if flight.travelling.is_empty() {
            *turn = None;
        }
        if let Some(mut held) = turn.take() {
            // Without it another process may relay too, which costs only the double work.
            *turn = held.keep().await.then_some(held);
        }
        let rows = self.waiting(flight).await?;
        if rows.is_empty() {
            return Ok(self.poll);
        }
        if turn.is_none() {
            *turn = Turn::take(&self.db).await?;
            if turn.is_none() {
                return Ok(self.poll / 5);
            }
            // What another process delivered before this one's turn is not sent again.
            return Ok(self.send(self.waiting(flight).await?, flight, news, tasks));
        }
        Ok(self.send(rows, flight, news, tasks))
    }

    /// Starts one task for each subject that has none.
    fn send(
        &self,
        rows: Vec<Row>,
        flight: &mut Flight,
        news: &mpsc::UnboundedSender<News>,
        tasks: &mut JoinSet<()>,
    ) -> Duration {
        let mut subjects: HashMap<String, Vec<(i64, Event)>> = HashMap::new();
        for row in rows {
            subjects.entry(row.3.clone()).or_default().push((row.0, self.event(row)));
        }
        for (subject, events) in subjects {
            flight.travelling.insert(subject.clone());
            tasks.spawn(carry(self.bus.clone(), subject, events, news.clone()));
        }
        self.poll
    }

    /// The oldest events of subjects that do not travel; called when all that arrived is marked.
    async fn waiting(&self, flight: &Flight) -> Result<Vec<Row>, DbError> {
        if flight.travelling.len() >= SUBJECTS {
            return Ok(Vec::new());
        }
        let busy = serde_json::json!(flight.travelling).to_string();
        let rows = sqlx::query_as(self.db.dialect().waiting_events()).bind(busy).bind(BATCH as i64);
        let rows = rows.fetch_all(self.db.read()).await?;
        if !rows.is_empty() {
            // What others hear must not be lost here.
            self.db.settle().await?;
        }
        Ok(rows)
    }

    async fn mark(&self, flight: &mut Flight) -> Result<(), DbError> {
        if flight.arrived.is_empty() {
            return Ok(());
        }
        let list = flight.arrived.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let mut tx = self.db.begin().await?;
        sqlx::query(AssertSqlSafe(format!("update outbox set delivered_at = $1 where seq in ({list})")))
            .persistent(false)
            .bind(self.clock.now_us())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        flight.arrived.clear();
        Ok(())
    }

    /// Tells again what new services asked for; what the database does not allow now is tried in the next round.
    async fn replay(&self, replays: &mut VecDeque<Replay>) {
        while let Some(replay) = replays.front() {
            if let Err(cause) = self.unmark(replay).await {
                tracing::warn!(service = self.service, %cause, "events can't be told again now");
                return;
            }
            replays.pop_front();
        }
    }

    async fn unmark(&self, replay: &Replay) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        for wanted in &replay.types {
            let pattern = if wanted.ends_with('.') { format!("{wanted}%") } else { wanted.clone() };
            sqlx::query(
                "update outbox set delivered_at = null where delivered_at is not null and type like $1",
            )
            .bind(pattern)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }

    async fn tidy(&self) -> Result<(), DbError> {
        let now = self.clock.now_us();
        let mut tx = self.db.begin().await?;
        sqlx::query("delete from outbox where delivered_at < $1")
            .bind(now - KEPT_US)
            .execute(&mut *tx)
            .await?;
        sqlx::query("delete from inbox where heard_at < $1").bind(now - HEARD_US).execute(&mut *tx).await?;
        tx.commit().await
    }

    fn event(&self, (_, id, kind, subject, data, traceparent, told_at): Row) -> Event {
        Event {
            specversion: SpecVersion::V1,
            id,
            source: self.service.clone(),
            kind,
            subject,
            time: from_us(told_at),
            datacontenttype: "application/json".into(),
            dataschema: None,
            traceparent,
            data: serde_json::from_str(&data).unwrap_or_default(),
        }
    }
}

impl Flight {
    fn note(&mut self, news: News) {
        match news {
            News::Arrived(seq) => {
                self.arrived.insert(seq);
                self.failures = 0;
            }
            News::Ended { subject, failed } => {
                self.travelling.remove(&subject);
                if failed && self.rest_until.is_none_or(|rest| rest < Instant::now()) {
                    self.failures += 1;
                    let rest = Duration::from_millis(100 << self.failures.min(6));
                    self.rest_until = Some(Instant::now() + rest);
                }
            }
        }
    }
}

/// Sends the events of one subject, one after the other; stops at the first that the bus does not take.
async fn carry(bus: Bus, subject: String, events: Vec<(i64, Event)>, news: mpsc::UnboundedSender<News>) {
    let mut failed = false;
    for (seq, event) in events {
        if let Err(cause) = bus.deliver(&event).await {
            tracing::warn!(event = event.kind, subject, %cause, "an event can't be delivered now");
            failed = true;
            break;
        }
        let _ = news.send(News::Arrived(seq));
    }
    let _ = news.send(News::Ended { subject, failed });
}

/// Passes on when a new service asks for what was told before it came; those who know it already will pass over it.
async fn hear_replays(mut hints: broadcast::Receiver<Hint>, asking: mpsc::Sender<Replay>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Replay(replay)) => {
                if asking.send(replay).await.is_err() {
                    return;
                }
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// A task that ends with its owner.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The right to relay: on PostgreSQL a lock that lasts as long as its transaction; SQLite belongs to one process anyway.
struct Turn {
    lock: Option<Tx>,
    used_at: Instant,
}

impl Turn {
    async fn take(db: &Db) -> Result<Option<Self>, DbError> {
        if db.dialect() == Dialect::Sqlite {
            return Ok(Some(Self { lock: None, used_at: Instant::now() }));
        }
        let mut tx = db.begin().await?;
        let taken: i64 = sqlx::query_scalar(db.dialect().take_relay_turn()).fetch_one(&mut *tx).await?;
        Ok((taken == 1).then_some(Self { lock: Some(tx), used_at: Instant::now() }))
    }

    /// Whether the right is still held.
    async fn keep(&mut self) -> bool {
        let Some(lock) = self.lock.as_mut().filter(|_| self.used_at.elapsed() >= USED_EVERY) else {
            return true;
        };
        self.used_at = Instant::now();
        lock.ping().await.is_ok()
    }
}
