//! The bus through RabbitMQ: facts with publisher confirms to durable queues, hints without any promise. The connection
//! is made when it is needed and made again when it breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contracts::event::{Event, Hint, Replay};
use futures::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, BasicRejectOptions,
    ConfirmSelectOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use tokio::sync::{Mutex, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::BusError;
use super::lanes::Lanes;
use super::topology::{self, Names};
use crate::inbox::Inbox;

/// How long the broker may take to accept a connection, to get ready or to confirm an event.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pauses between attempts to reach the broker.
const PAUSES_MS: [u64; 5] = [100, 300, 1000, 2000, 5000];
/// How many unacknowledged events a service holds; more would only wait in another place.
const PREFETCH: u16 = 64;
/// The pauses before a new service asks to be told what was told before it came.
const REPLAYS_MS: [u64; 4] = [200, 2_000, 8_000, 20_000];
const PERSISTENT: u8 = 2;
const TRANSIENT: u8 = 1;

/// A broker; cheap to clone.
#[derive(Clone)]
pub struct Rabbit {
    broker: Arc<Broker>,
    hints: broadcast::Sender<Hint>,
    outgoing: mpsc::Sender<Hint>,
}

struct Broker {
    address: String,
    names: Names,
    stop: CancellationToken,
    /// Apart from each other: a broker that is short of memory or disk stops reading what publishers send, and must not
    /// stop reading acknowledgements with it.
    listening: Mutex<Option<Arc<Connection>>>,
    telling: Mutex<Option<Arc<Connection>>>,
    publisher: Mutex<Option<Channel>>,
    is_connected: AtomicBool,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Listening,
    Telling,
}

impl Rabbit {
    pub(super) fn open(address: &str, name: &str, stop: CancellationToken) -> Result<Self, BusError> {
        if address.parse::<lapin::uri::AMQPUri>().is_err() {
            return Err(BusError::Address("amqp:…".into()));
        }
        let broker = Arc::new(Broker {
            address: address.into(),
            names: Names::new(name),
            stop,
            listening: Mutex::default(),
            telling: Mutex::default(),
            publisher: Mutex::default(),
            is_connected: AtomicBool::new(false),
        });
        let hints = broadcast::Sender::new(super::HINTS);
        let (outgoing, mut queue) = mpsc::channel(super::HINTS);
        let (keeper, sender) = (broker.clone(), hints.clone());
        tokio::spawn(async move {
            let mut failures = 0;
            while keeper.outlives("hints", &mut failures, exchange_hints(&keeper, &sender, &mut queue)).await
            {
            }
        });
        Ok(Self { broker, hints, outgoing })
    }

    pub(super) fn subscribe(&self, inbox: Arc<Inbox>) {
        let (broker, outgoing) = (self.broker.clone(), self.outgoing.clone());
        tokio::spawn(async move {
            let mut failures = 0;
            while broker.outlives("events", &mut failures, listen(&broker, &inbox, &outgoing)).await {}
        });
    }

    /// Makes sure that events told from now on wait for `inbox`.
    #[cfg(test)]
    pub(super) async fn declare(&self, inbox: &Inbox) -> Result<(), BusError> {
        let channel = self.broker.channel(Way::Listening).await?;
        topology::declare_queue(&channel, &self.broker.names, inbox).await?;
        Ok(())
    }

    pub(super) async fn deliver(&self, event: &Event) -> Result<(), BusError> {
        let channel = in_time(self.broker.publisher()).await?;
        let body = serde_json::json!(event).to_string();
        let confirmed = async {
            let options = BasicPublishOptions { mandatory: true, ..Default::default() };
            let key = event.kind.as_str().into();
            let properties = BasicProperties::default()
                .with_delivery_mode(PERSISTENT)
                .with_content_type("application/cloudevents+json".into())
                .with_message_id(event.id.as_str().into());
            channel
                .basic_publish(
                    self.broker.names.events.as_str().into(),
                    key,
                    options,
                    body.as_bytes(),
                    properties,
                )
                .await?
                .await
        };
        match tokio::time::timeout(PATIENCE, confirmed).await {
            Ok(Ok(Confirmation::Ack(returned))) => {
                if returned.is_some() {
                    tracing::debug!(event = event.kind, "nobody listens to an event");
                }
                Ok(())
            }
            Ok(Ok(_)) => Err(BusError::Refused),
            Ok(Err(cause)) => {
                self.broker.forget_publisher(&channel).await;
                Err(cause.into())
            }
            Err(_) => {
                self.broker.forget_publisher(&channel).await;
                Err(BusError::Slow)
            }
        }
    }

    pub(super) fn hint(&self, hint: Hint) {
        // A full queue means that the broker is away or slow: hints are worth nothing later.
        let _ = self.outgoing.try_send(hint);
    }

    pub(super) fn hints(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.broker.is_connected.load(Ordering::Relaxed)
    }
}

impl Broker {
    async fn channel(&self, way: Way) -> Result<Channel, BusError> {
        let (place, name) = match way {
            Way::Listening => (&self.listening, "quorate, listening"),
            Way::Telling => (&self.telling, "quorate, telling"),
        };
        let mut place = place.lock().await;
        if let Some(connection) = place.as_ref().filter(|c| c.status().connected())
            && let Ok(channel) = in_time(async { Ok(connection.create_channel().await?) }).await
        {
            return Ok(channel);
        }
        self.is_connected.store(false, Ordering::Relaxed);
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connecting = async {
            let connection = Connection::connect(&self.address, properties).await?;
            let channel = connection.create_channel().await?;
            Ok((connection, channel))
        };
        let (connection, channel) = in_time(connecting).await?;
        *place = Some(Arc::new(connection));
        self.is_connected.store(true, Ordering::Relaxed);
        Ok(channel)
    }

    async fn publisher(&self) -> Result<Channel, BusError> {
        let mut place = self.publisher.lock().await;
        if let Some(channel) = place.as_ref().filter(|c| c.status().connected()) {
            return Ok(channel.clone());
        }
        let channel = self.channel(Way::Telling).await?;
        topology::declare_events(&channel, &self.names).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        *place = Some(channel.clone());
        Ok(channel)
    }

    async fn forget_publisher(&self, broken: &Channel) {
        let mut place = self.publisher.lock().await;
        if place.as_ref().is_some_and(|current| current.id() == broken.id()) {
            *place = None;
        }
    }

    /// Runs `work`, which ends only when the broker breaks off, and pauses; false when the process stops.
    async fn outlives(
        &self,
        what: &str,
        failures: &mut usize,
        work: impl Future<Output = Result<(), BusError>>,
    ) -> bool {
        let begun = tokio::time::Instant::now();
        tokio::select! {
            () = self.stop.cancelled() => return false,
            end = work => if let Err(cause) = end {
                tracing::warn!(what, %cause, "lost the broker");
            },
        }
        *failures = if begun.elapsed() > Duration::from_mins(1) { 0 } else { *failures + 1 };
        let pause = PAUSES_MS[(*failures).min(PAUSES_MS.len() - 1)];
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(Duration::from_millis(pause)) => true,
        }
    }
}

/// Takes events from the queue of `inbox` until the broker breaks off.
async fn listen(broker: &Broker, inbox: &Arc<Inbox>, outgoing: &mpsc::Sender<Hint>) -> Result<(), BusError> {
    let (is_new, mut deliveries) = in_time(begin_to_listen(broker, inbox)).await?;
    let asking = ask_for_replays(inbox, is_new, outgoing);
    tokio::pin!(asking);
    let mut has_asked = false;
    let mut lanes = Lanes::new();
    let work = |(event, delivery)| take(inbox.clone(), event, delivery);
    loop {
        tokio::select! {
            delivery = deliveries.next() => {
                let Some(delivery) = delivery else { return Ok(()) };
                let delivery = delivery?;
                match serde_json::from_slice::<Event>(&delivery.data) {
                    Ok(event) => lanes.add(event.subject.clone(), (event, delivery), work),
                    Err(cause) => {
                        tracing::error!(consumer = inbox.consumer(), %cause, "a message is no event; it goes to the dead");
                        delivery.reject(BasicRejectOptions { requeue: false }).await?;
                    }
                }
            }
            () = lanes.advance(work) => {}
            () = &mut asking, if !has_asked => has_asked = true,
        }
    }
}

/// Whether the queue of `inbox` is new, and what comes from it.
async fn begin_to_listen(broker: &Broker, inbox: &Inbox) -> Result<(bool, Consumer), BusError> {
    let is_new = !topology::has_queue(&broker.channel(Way::Listening).await?, &broker.names, inbox).await?;
    let channel = broker.channel(Way::Listening).await?;
    let queue = topology::declare_queue(&channel, &broker.names, inbox).await?;
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let tag = format!("{}-{}", inbox.consumer(), uuid::Uuid::now_v7());
    let (queue, tag) = (queue.as_str().into(), tag.as_str().into());
    let options = BasicConsumeOptions::default();
    Ok((is_new, channel.basic_consume(queue, tag, options, FieldTable::default()).await?))
}

/// A broker that breaks off in the middle of an exchange may leave its answer open for ever.
async fn in_time<T>(exchange: impl Future<Output = Result<T, BusError>>) -> Result<T, BusError> {
    tokio::time::timeout(PATIENCE, exchange).await.unwrap_or(Err(BusError::Slow))
}

/// What was told before the queue was there went past it. A service with a new queue (the first one, or a broker that has
/// lost its own) asks for it, several times: those who tell may be starting just now too. One that died before the last
/// time begins again.
async fn ask_for_replays(inbox: &Inbox, is_new: bool, outgoing: &mpsc::Sender<Hint>) {
    if !is_new && inbox.has_caught_up().await.unwrap_or(true) {
        return;
    }
    let types: Vec<String> = inbox.types().map(str::to_owned).collect();
    for pause_ms in REPLAYS_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let _ = outgoing.try_send(Hint::Replay(Replay { types: types.clone() }));
    }
    if let Err(cause) = inbox.note_caught_up().await {
        tracing::debug!(consumer = inbox.consumer(), %cause, "asks again after the next start");
    }
}

async fn take(inbox: Arc<Inbox>, event: Event, delivery: Delivery) {
    inbox.take(&event).await;
    if let Err(cause) = delivery.ack(BasicAckOptions::default()).await {
        // It will come again and be known.
        tracing::debug!(consumer = inbox.consumer(), %cause, "an event can't be acknowledged");
    }
}

/// Gives this process's hints to the broker, and everybody's to this process, until the broker breaks off.
async fn exchange_hints(
    broker: &Broker,
    hints: &broadcast::Sender<Hint>,
    outgoing: &mut mpsc::Receiver<Hint>,
) -> Result<(), BusError> {
    let (telling, mut incoming) = in_time(begin_to_exchange(broker)).await?;
    loop {
        tokio::select! {
            delivery = incoming.next() => {
                let Some(delivery) = delivery else { return Ok(()) };
                if let Ok(hint) = serde_json::from_slice(&delivery?.data) {
                    // Nobody looking on is no failure.
                    let _ = hints.send(hint);
                }
            }
            Some(hint) = outgoing.recv() => publish_hint(&telling, &broker.names.hints, &hint).await?,
        }
    }
}

/// Where hints are told, and what comes in.
async fn begin_to_exchange(broker: &Broker) -> Result<(Channel, Consumer), BusError> {
    let telling = broker.channel(Way::Telling).await?;
    let channel = broker.channel(Way::Listening).await?;
    let queue = topology::declare_hints(&channel, &broker.names).await?;
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    let incoming = channel.basic_consume(queue.as_str().into(), "".into(), options, FieldTable::default());
    Ok((telling, incoming.await?))
}

async fn publish_hint(channel: &Channel, exchange: &str, hint: &Hint) -> Result<(), BusError> {
    let body = serde_json::json!(hint).to_string();
    let properties = BasicProperties::default().with_delivery_mode(TRANSIENT);
    let options = BasicPublishOptions::default();
    channel.basic_publish(exchange.into(), "".into(), options, body.as_bytes(), properties).await?;
    Ok(())
}
