//! What the broker holds: a topic exchange for facts, a durable quorum queue per listening service, a place for dead
//! messages, and a fanout exchange for hints.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

use crate::inbox::Inbox;

/// What one installation calls its things at the broker, which it may share with others.
pub(super) struct Names {
    /// The exchange of facts.
    pub(super) events: String,
    /// The exchange of hints.
    pub(super) hints: String,
    dead: String,
    prefix: String,
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            events: format!("{prefix}.events"),
            hints: format!("{prefix}.hints"),
            dead: format!("{prefix}.dead"),
            prefix: prefix.into(),
        }
    }

    fn queue_of(&self, consumer: &str) -> String {
        format!("{}.{consumer}", self.prefix)
    }
}

/// How often a message may come back from a consumer that died with it. Failing handlers are counted by the inbox; this
/// ends those that kill their process. It is generous because every lost connection counts.
const DELIVERY_LIMIT: i64 = 50;

/// Declares the exchange of facts; without it nothing can be published.
pub(super) async fn declare_events(channel: &Channel, names: &Names) -> lapin::Result<()> {
    exchange(channel, &names.events, ExchangeKind::Topic, true).await
}

/// Whether the broker has the queue of a listening service already. Where it has not, `channel` is of no use any more.
pub(super) async fn has_queue(channel: &Channel, names: &Names, inbox: &Inbox) -> lapin::Result<bool> {
    let options = QueueDeclareOptions { passive: true, durable: true, ..Default::default() };
    let queue = names.queue_of(inbox.consumer());
    match channel.queue_declare(queue.as_str().into(), options, FieldTable::default()).await {
        Ok(_) => Ok(true),
        Err(cause) if is_not_found(&cause) => Ok(false),
        Err(cause) => Err(cause),
    }
}

fn is_not_found(cause: &lapin::Error) -> bool {
    matches!(cause.kind(), lapin::ErrorKind::ProtocolError(e)
        if *e.kind() == AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND))
}

/// Declares the queue of a listening service and what leads to it.
pub(super) async fn declare_queue(channel: &Channel, names: &Names, inbox: &Inbox) -> lapin::Result<String> {
    declare_events(channel, names).await?;
    let dead = names.dead.as_str();
    exchange(channel, dead, ExchangeKind::Fanout, true).await?;
    quorum_queue(channel, dead, FieldTable::default()).await?;
    bind(channel, dead, dead, "").await?;
    let queue = names.queue_of(inbox.consumer());
    let mut arguments = FieldTable::default();
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
    arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString(dead.into()));
    // Of several replicas one listens, the others stand by: events of one subject must not overtake each other.
    arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    quorum_queue(channel, &queue, arguments).await?;
    for pattern in inbox.types() {
        let key = if pattern.ends_with('.') { format!("{pattern}#") } else { pattern.to_owned() };
        bind(channel, &queue, &names.events, &key).await?;
    }
    Ok(queue)
}

/// Declares a queue of this process's own for hints; it ends with the connection.
pub(super) async fn declare_hints(channel: &Channel, names: &Names) -> lapin::Result<String> {
    exchange(channel, &names.hints, ExchangeKind::Fanout, false).await?;
    let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    let queue = channel.queue_declare("".into(), options, FieldTable::default()).await?;
    let name = queue.name().as_str().to_owned();
    bind(channel, &name, &names.hints, "").await?;
    Ok(name)
}

async fn exchange(channel: &Channel, name: &str, kind: ExchangeKind, durable: bool) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable, ..Default::default() };
    channel.exchange_declare(name.into(), kind, options, FieldTable::default()).await
}

async fn quorum_queue(channel: &Channel, name: &str, mut arguments: FieldTable) -> lapin::Result<()> {
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(name.into(), options, arguments).await.map(drop)
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    let options = QueueBindOptions::default();
    channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default()).await
}
