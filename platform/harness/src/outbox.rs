//! Events leave a service through its outbox: written in the transaction of the change they tell of, delivered to the
//! bus by the [`Relay`] at least once and, for one subject, in the order of the commits.

mod relay;

use serde_json::{Value, json};

pub use relay::Relay;

use crate::clock::Clock;
use crate::db::{DbError, Signal, Tx};
use crate::trace::Trace;

/// An event that is about to be told.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its type: `<context>.<noun>.<past participle>`.
    pub kind: String,
    /// The id of the thing it is about.
    pub subject: String,
    /// Ids, versions, states.
    pub data: Value,
    /// The trace that it belongs to, as W3C Trace Context writes it.
    pub traceparent: Option<String>,
}

impl NewEvent {
    /// An event of the type `kind` about `subject`.
    pub fn new(kind: impl Into<String>, subject: impl Into<String>, data: Value) -> Self {
        let traceparent = Trace::present().map(|trace| trace.as_parent());
        Self { kind: kind.into(), subject: subject.into(), data, traceparent }
    }
}

/// Tells an event when, and only if, `tx` is committed.
pub async fn tell(tx: &mut Tx, clock: &Clock, event: NewEvent) -> Result<(), DbError> {
    tell_all(tx, [(clock.now_us(), event)]).await
}

/// The same for many events, each with its time in microseconds since 1970.
pub(crate) async fn tell_all(
    tx: &mut Tx,
    events: impl IntoIterator<Item = (i64, NewEvent)>,
) -> Result<(), DbError> {
    let events: Vec<Value> = events.into_iter().map(|(told_at, event)| row(told_at, &event)).collect();
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query(tx.dialect().insert_events())
        .bind(Value::from(events).to_string())
        .execute(&mut **tx)
        .await?;
    tx.raise(Signal::Outbox);
    Ok(())
}

fn row(told_at: i64, event: &NewEvent) -> Value {
    json!({
        "event_id": uuid::Uuid::now_v7().to_string(),
        "type": event.kind,
        "subject": event.subject,
        "data": event.data.to_string(),
        "traceparent": event.traceparent,
        "told_at": told_at,
    })
}
