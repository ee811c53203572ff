//! The jobs that run in this process now: who holds which lease, how far they are, which are to stop.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// Why a running job is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked for it.
    Cancelled,
    /// Its time is over.
    TimedOut,
    /// The process stops; another try will follow at once.
    Shutdown,
    /// Another worker has the job, or may have it.
    Lost,
}

const REASONS: [Stop; 4] = [Stop::Cancelled, Stop::TimedOut, Stop::Shutdown, Stop::Lost];

/// One running job.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) id: String,
    pub(super) attempt: i64,
    pub(super) kind: String,
    pub(super) subject_id: Option<String>,
    stop: CancellationToken,
    reason: AtomicU8,
    /// Set while a transaction of the job itself holds its row: renewing would wait for it, and need not be done.
    is_ending: AtomicBool,
    progress: Mutex<Progress>,
    /// By this process's monotonic clock; the truth is the row's, by the database's clock.
    lease_ends: Mutex<Instant>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) part: Option<f64>,
    pub(super) note: Option<String>,
    is_new: bool,
}

impl Live {
    pub(super) fn new(
        id: String,
        attempt: i64,
        kind: String,
        subject_id: Option<String>,
        lease_ends: Instant,
    ) -> Self {
        Self {
            id,
            attempt,
            kind,
            subject_id,
            stop: CancellationToken::new(),
            reason: AtomicU8::new(0),
            is_ending: AtomicBool::new(false),
            progress: Mutex::default(),
            lease_ends: Mutex::new(lease_ends),
        }
    }

    /// Asks the job to stop; the first reason counts, but a lost job is lost whatever came before.
    pub(super) fn stop(&self, reason: Stop) {
        let number = REASONS.iter().position(|r| *r == reason).unwrap_or_default() as u8 + 1;
        if reason == Stop::Lost {
            self.reason.store(number, Ordering::Release);
        } else {
            let _ = self.reason.compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire);
        }
        self.stop.cancel();
    }

    pub(super) fn stop_reason(&self) -> Option<Stop> {
        REASONS.get(usize::from(self.reason.load(Ordering::Acquire)).checked_sub(1)?).copied()
    }

    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    pub(super) fn set_ending(&self, is_ending: bool) {
        self.is_ending.store(is_ending, Ordering::Release);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    pub(super) fn report(&self, part: f64, note: Option<&str>) {
        let mut progress = locked(&self.progress);
        let part = if part.is_finite() { Some(part.clamp(0.0, 1.0)) } else { None };
        if progress.part != part || note.is_some() && progress.note.as_deref() != note {
            progress.part = part.or(progress.part);
            if let Some(note) = note {
                progress.note = Some(note.into());
            }
            progress.is_new = true;
        }
    }

    /// What has been reported since the last call.
    pub(super) fn take_news(&self) -> Option<Progress> {
        let mut progress = locked(&self.progress);
        std::mem::take(&mut progress.is_new).then(|| progress.clone())
    }

    /// The news could not be told.
    pub(super) fn tell_again(&self) {
        locked(&self.progress).is_new = true;
    }

    pub(super) fn extend(&self, lease_ends: Instant) {
        *locked(&self.lease_ends) = lease_ends;
    }

    pub(super) fn has_lapsed(&self, now: Instant) -> bool {
        *locked(&self.lease_ends) < now
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All running jobs of a service in this process.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<HashMap<String, Arc<Live>>>>);

impl Running {
    pub(super) fn add(&self, live: Arc<Live>) {
        if let Some(older) = locked(&self.0).insert(live.id.clone(), live) {
            // This process has taken over from itself, after it stood still for longer than the lease.
            older.stop(Stop::Lost);
        }
    }

    pub(super) fn remove(&self, live: &Live) {
        let mut all = locked(&self.0);
        if all.get(&live.id).is_some_and(|now| now.attempt == live.attempt) {
            all.remove(&live.id);
        }
    }

    pub(super) fn all(&self) -> Vec<Arc<Live>> {
        locked(&self.0).values().cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        locked(&self.0).len()
    }
}

/// When a lease that is asked for now will have ended, by this process's clock.
pub(super) fn lease_end(lease: Option<Duration>) -> Instant {
    let now = Instant::now();
    let long = Duration::from_hours(100 * 365 * 24);
    now.checked_add(lease.unwrap_or(long)).unwrap_or(now)
}
