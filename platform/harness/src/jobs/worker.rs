//! What the tasks of a service's workers have in common.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use contracts::event::{Hint, Progress};
use contracts::jobs::JobState;
use tokio::sync::mpsc;

use super::acknowledge::Ack;
use super::compute::Compute;
use super::live::{self, Live, Running};
use super::pace::Pace;
use super::registry::{Kind, Registry};
use super::slots::Slots;
use super::wake::Called;
use crate::bus::Bus;
use crate::db::Db;

/// One process's workers of one service.
pub(super) struct Worker {
    pub(super) service: String,
    /// New with every start: a restarted process is another worker.
    pub(super) id: String,
    pub(super) db: Db,
    pub(super) bus: Bus,
    pub(super) pace: Pace,
    pub(super) registry: RwLock<Registry>,
    pub(super) running: Running,
    pub(super) slots: Slots,
    pub(super) compute: Compute,
    pub(super) pulse: Pulse,
    pub(super) called: Called,
    pub(super) acks: mpsc::Sender<Ack>,
}

impl Worker {
    pub(super) fn kind(&self, name: &str) -> Option<Arc<dyn Kind>> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner).get(name)
    }

    pub(super) fn known(&self) -> String {
        self.registry.read().unwrap_or_else(PoisonError::into_inner).known()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.registry.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Shows how far a job is to whoever looks on.
    pub(super) fn hint(&self, live: &Live, news: &live::Progress) {
        self.bus.hint(Hint::Progress(Progress {
            job_id: live.id.clone(),
            service: self.service.clone(),
            kind: live.kind.clone(),
            subject_id: live.subject_id.clone().unwrap_or_default(),
            state: JobState::Running.as_str().into(),
            progress: news.part,
            note: news.note.clone(),
        }));
    }
}

/// Shows that the claimer is at work.
#[derive(Debug)]
pub(super) struct Pulse {
    last: Mutex<Option<Instant>>,
    beats: AtomicI64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { last: Mutex::new(None), beats: AtomicI64::new(0) }
    }

    pub(super) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(super) fn count(&self) -> i64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Whether the claimer has asked the database within this time.
    pub(super) fn is_alive(&self, within: Duration) -> bool {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|last| last.elapsed() < within)
    }
}
