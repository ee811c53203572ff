//! The bus of a process that holds all services: an event is safe when every inbox that wants it has it.

use std::sync::{Arc, PoisonError, RwLock};

use contracts::event::{Event, Hint};
use futures::future::join_all;
use tokio::sync::broadcast;

use super::HINTS;
use crate::inbox::Inbox;

/// The inboxes of this process.
#[derive(Clone)]
pub struct Memory {
    inboxes: Arc<RwLock<Vec<Arc<Inbox>>>>,
    hints: broadcast::Sender<Hint>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { inboxes: Arc::default(), hints: broadcast::Sender::new(HINTS) }
    }

    pub(super) fn subscribe(&self, inbox: Inbox) {
        self.inboxes.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(inbox));
    }

    pub(super) async fn deliver(&self, event: &Event) {
        let inboxes = self.inboxes.read().unwrap_or_else(PoisonError::into_inner).clone();
        join_all(inboxes.iter().filter(|inbox| inbox.wants(event)).map(|inbox| inbox.take(event))).await;
    }

    pub(super) fn hint(&self, hint: Hint) {
        // Nobody looking on is no failure.
        let _ = self.hints.send(hint);
    }

    pub(super) fn hints(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }
}
