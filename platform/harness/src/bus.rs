//! How services tell each other facts and hints: in this process, or through RabbitMQ. The database is the truth; the
//! bus carries what the outbox holds to the inboxes.

mod lanes;
mod memory;
mod rabbit;
#[cfg(test)]
mod tests;
mod topology;

use std::sync::Arc;

use contracts::event::{Event, Hint};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use memory::Memory;
use rabbit::Rabbit;

use crate::inbox::Inbox;

/// How many hints a slow reader may fall behind before it loses some.
const HINTS: usize = 1024;

/// One of the two ways; cheap to clone.
#[derive(Clone)]
pub enum Bus {
    /// All services are in this process.
    Memory(Memory),
    /// Through a broker.
    Rabbit(Rabbit),
}

/// Why the bus did not take an event or an address.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Neither of the two kinds of address.
    #[error("'{0}' is no address of a bus; use memory: or amqp://USER:PASSWORD@HOST:PORT/VHOST")]
    Address(String),
    /// The broker is not reached or broke off.
    #[error("the broker is away: {0}")]
    Away(#[from] lapin::Error),
    /// The broker did not answer in time.
    #[error("the broker does not answer")]
    Slow,
    /// The broker did not store the event.
    #[error("the broker refused an event")]
    Refused,
}

impl Bus {
    /// The bus inside this process.
    pub fn memory() -> Self {
        Self::Memory(Memory::new())
    }

    /// The bus at `address` (`memory:` or `amqp://…`), of the installation `name`. A broker that is away is no error: it is
    /// looked for until `stop`.
    pub fn open(address: &str, name: &str, stop: CancellationToken) -> Result<Self, BusError> {
        match address.split(':').next() {
            Some("memory") => Ok(Self::memory()),
            Some("amqp") => Ok(Self::Rabbit(Rabbit::open(address, name, stop)?)),
            // What follows the scheme may hold a password.
            scheme => Err(BusError::Address(format!("{}:…", scheme.unwrap_or_default()))),
        }
    }

    /// Delivers events to `inbox` from now on; its events told before wait in the broker's queue, if it had one then.
    pub fn subscribe(&self, inbox: Inbox) {
        match self {
            Self::Memory(memory) => memory.subscribe(inbox),
            Self::Rabbit(rabbit) => rabbit.subscribe(Arc::new(inbox)),
        }
    }

    /// Returns when `event` is safe: with all who listen, or with the broker. Called by the relay of the outbox only.
    pub(crate) async fn deliver(&self, event: &Event) -> Result<(), BusError> {
        match self {
            Self::Memory(memory) => {
                memory.deliver(event).await;
                Ok(())
            }
            Self::Rabbit(rabbit) => rabbit.deliver(event).await,
        }
    }

    /// Gives a hint to all processes, if that is possible just now.
    pub fn hint(&self, hint: Hint) {
        match self {
            Self::Memory(memory) => memory.hint(hint),
            Self::Rabbit(rabbit) => rabbit.hint(hint),
        }
    }

    /// All hints from now on.
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        match self {
            Self::Memory(memory) => memory.hints(),
            Self::Rabbit(rabbit) => rabbit.hints(),
        }
    }

    /// Whether facts can be told just now.
    pub fn is_connected(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Rabbit(rabbit) => rabbit.is_connected(),
        }
    }
}
