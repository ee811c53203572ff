//! What a committed transaction tells the tasks of its process: there is work. A hint only, the tables are the truth.

use tokio::sync::watch;

/// What there may be work for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A job may be ready.
    Jobs,
    /// A running job is to stop.
    Cancellation,
    /// An event waits to be delivered.
    Outbox,
}

const ALL: [Signal; 3] = [Signal::Jobs, Signal::Cancellation, Signal::Outbox];

/// One counter per signal; who listens sees it change.
#[derive(Default)]
pub(super) struct Signals([watch::Sender<u64>; ALL.len()]);

impl Signals {
    pub(super) fn raise(&self, signal: Signal) {
        self.0[signal as usize].send_modify(|count| *count += 1);
    }

    pub(super) fn listen(&self, signal: Signal) -> watch::Receiver<u64> {
        self.0[signal as usize].subscribe()
    }
}

/// The signals that a transaction will raise when it is committed.
#[derive(Default)]
pub(super) struct Raised([bool; ALL.len()]);

impl Raised {
    pub(super) fn add(&mut self, signal: Signal) {
        self.0[signal as usize] = true;
    }

    pub(super) fn raise(self, signals: &Signals) {
        ALL.into_iter().filter(|s| self.0[*s as usize]).for_each(|s| signals.raise(s));
    }
}
