//! Events enter a service through its inbox: the handler's changes and the event's id are written in one transaction,
//! so that an event delivered twice has its effects once.

mod retry;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use contracts::event::Event;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

pub use retry::Retry;

use crate::clock::Clock;
use crate::db::{Db, DbError, Tx};

/// What a handler returns; a [`DbError`] that is temporary is tried again for ever.
pub type Handled<'a> = BoxFuture<'a, anyhow::Result<()>>;

type Handler = Arc<dyn for<'a> Fn(&'a mut Tx, &'a Event) -> Handled<'a> + Send + Sync>;
type After = Arc<dyn Fn(&Event) + Send + Sync>;

/// How many events one service handles at the same time.
const SLOTS: usize = 8;
/// In the place of an event's id: that the service has caught up.
const CAUGHT_UP: &str = "caught-up";

/// What a service wants to hear, and what it does then.
#[derive(Clone)]
pub struct Subscription {
    types: Vec<String>,
    handler: Handler,
    after: Option<After>,
}

impl Subscription {
    /// Calls `handler` for events of `types`; a type that ends with a dot names all that begin so.
    ///
    /// The handler writes through its transaction and does nothing else: it may be rolled back and called again.
    pub fn new(
        types: &[&str],
        handler: impl for<'a> Fn(&'a mut Tx, &'a Event) -> Handled<'a> + Send + Sync + 'static,
    ) -> Self {
        let types = types.iter().map(|&t| t.to_owned()).collect();
        Self { types, handler: Arc::new(handler), after: None }
    }

    /// Calls `after` when the handler's changes are committed, at least once; a crash in between loses the call.
    #[must_use]
    pub fn and_after(mut self, after: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.after = Some(Arc::new(after));
        self
    }
}

/// The subscriptions of one service and the database that their effects go to.
pub struct Inbox {
    consumer: String,
    db: Db,
    clock: Clock,
    subscriptions: Vec<Subscription>,
    retry: Retry,
    slots: Semaphore,
}

impl Inbox {
    /// The inbox of the service `consumer`.
    pub fn new(consumer: impl Into<String>, db: Db, clock: Clock, subscriptions: Vec<Subscription>) -> Self {
        let slots = Semaphore::new(SLOTS);
        Self { consumer: consumer.into(), db, clock, subscriptions, retry: Retry::default(), slots }
    }

    /// With other patience than the usual.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Whose inbox it is.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// All types that are listened to.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.subscriptions.iter().flat_map(|s| s.types.iter().map(String::as_str))
    }

    /// Whether the service wants to hear of `event`.
    pub fn wants(&self, event: &Event) -> bool {
        self.subscriptions.iter().any(|s| event.is_of(&s.types))
    }

    /// Whether what was told before the service listened has been asked for in all its ways; one that died before that asks
    /// anew.
    pub(crate) async fn has_caught_up(&self) -> Result<bool, DbError> {
        let noted = sqlx::query("select heard_at from inbox where consumer = $1 and event_id = $2");
        let noted = noted.bind(&self.consumer).bind(CAUGHT_UP).fetch_optional(self.db.read()).await?;
        Ok(noted.is_some())
    }

    pub(crate) async fn note_caught_up(&self) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        self.note(&mut tx, CAUGHT_UP).await?;
        tx.commit().await
    }

    /// Handles `event`; returns when its effects are committed, were so before, or the event is put away as dead.
    pub async fn take(&self, event: &Event) {
        let mut refusals = 0;
        for attempt in 1.. {
            let Err(cause) = self.attempt(event).await else {
                metrics::counter!("quorate_events_heard_total", "service" => self.consumer.clone())
                    .increment(1);
                return;
            };
            if !is_temporary(&cause) {
                refusals += 1;
            }
            tracing::warn!(
                consumer = self.consumer,
                event = event.kind,
                event.id,
                attempt,
                cause = format!("{cause:#}"),
                "an event is not handled"
            );
            if refusals >= self.retry.attempts {
                match self.bury(event, &cause, refusals).await {
                    Ok(()) => return,
                    Err(cause) => {
                        tracing::warn!(consumer = self.consumer, %cause, "a dead event can't be put away");
                    }
                }
            }
            tokio::time::sleep(self.retry.pause_after(attempt)).await;
        }
    }

    async fn attempt(&self, event: &Event) -> anyhow::Result<()> {
        let wanted: Vec<_> = self.subscriptions.iter().filter(|s| event.is_of(&s.types)).collect();
        let slot = self.slots.acquire().await?;
        let mut tx = self.db.begin().await.map_err(anyhow::Error::from)?;
        if !self.is_first(&mut tx, event).await? {
            return Ok(());
        }
        for subscription in &wanted {
            let handling = AssertUnwindSafe((subscription.handler)(&mut tx, event)).catch_unwind();
            handling.await.unwrap_or_else(|panic| Err(anyhow::anyhow!("panic: {}", text_of(&*panic))))?;
        }
        tx.commit().await?;
        drop(slot);
        wanted.iter().filter_map(|s| s.after.as_ref()).for_each(|after| after(event));
        Ok(())
    }

    async fn is_first(&self, tx: &mut Tx, event: &Event) -> Result<bool, DbError> {
        self.note(tx, &event.id).await
    }

    /// Whether it was not noted before.
    async fn note(&self, tx: &mut Tx, event_id: &str) -> Result<bool, DbError> {
        let noted = sqlx::query(
            "insert into inbox (consumer, event_id, heard_at) values ($1, $2, $3) on conflict do nothing",
        )
        .bind(&self.consumer)
        .bind(event_id)
        .bind(self.clock.now_us())
        .execute(&mut **tx)
        .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Keeps a poison event for a person to look at, so that those behind it get their turn.
    async fn bury(&self, event: &Event, cause: &anyhow::Error, attempts: u32) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        if !self.is_first(&mut tx, event).await? {
            return Ok(());
        }
        sqlx::query(
            "insert into dead_letter (consumer, event_id, event, error, attempts, dead_at) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&self.consumer)
        .bind(&event.id)
        .bind(serde_json::json!(event).to_string())
        .bind(format!("{cause:#}"))
        .bind(i64::from(attempts))
        .bind(self.clock.now_us())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        tracing::error!(
            consumer = self.consumer,
            event = event.kind,
            event.id,
            cause = format!("{cause:#}"),
            "an event is put away as dead"
        );
        Ok(())
    }
}

fn is_temporary(cause: &anyhow::Error) -> bool {
    cause.chain().any(|e| match e.downcast_ref::<DbError>() {
        Some(e) => e.is_temporary(),
        None => e.downcast_ref::<sqlx::Error>().is_some_and(DbError::is_temporary_sql),
    })
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text")
}
