//! PostgreSQL: calls the other processes of the service after a commit, and hears their calls.
//!
//! A notification takes a lock of the whole database at its commit, so calls say no more than who calls and are sent at
//! most every few milliseconds. A call that gets lost costs a poll interval.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::sql;
use super::worker::Worker;
use crate::db::Signal;

const GAP: Duration = Duration::from_millis(5);
/// How long is waited for a new connection, at first and at most.
const PAUSE: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(10)];
/// A connection that held so long was a good one.
const GOOD: Duration = Duration::from_mins(1);
const CALLS: [(Signal, &str); 2] = [(Signal::Jobs, "jobs"), (Signal::Cancellation, "stop")];

/// What other processes called; apart from the signals of this one, which would be sent back and forth for ever.
#[derive(Debug, Default)]
pub(super) struct Called {
    jobs: watch::Sender<u64>,
    cancellation: watch::Sender<u64>,
}

impl Called {
    fn of(&self, signal: Signal) -> &watch::Sender<u64> {
        if signal == Signal::Cancellation { &self.cancellation } else { &self.jobs }
    }

    fn raise(&self, signal: Signal) {
        self.of(signal).send_modify(|count| *count += 1);
    }

    pub(super) fn listen(&self, signal: Signal) -> watch::Receiver<u64> {
        self.of(signal).subscribe()
    }
}

/// Calls and hears until `stop`.
pub(super) async fn call_and_hear(worker: Arc<Worker>, stop: CancellationToken) {
    let calls = CALLS.map(|(signal, name)| call(worker.clone(), signal, channel(&worker, name)));
    tokio::select! {
        () = stop.cancelled() => {}
        _ = futures::future::join_all(calls) => {}
        () = hear(&worker) => {}
    }
}

/// A channel belongs to the whole database, hence the schema in its name.
fn channel(worker: &Worker, name: &str) -> String {
    format!("{name}_{}", worker.db.schema())
}

async fn call(worker: Arc<Worker>, signal: Signal, channel: String) {
    let mut raised = worker.db.listen(signal);
    while raised.changed().await.is_ok() {
        let notify = sqlx::query(sql::NOTIFY).bind(&channel).bind(&worker.id);
        if let Err(e) = notify.execute(worker.db.read()).await {
            debug!(error = %e, channel, "cannot call the other processes");
        }
        tokio::time::sleep(GAP).await;
    }
}

async fn hear(worker: &Worker) {
    let mut pause = PAUSE[0];
    loop {
        let begun = Instant::now();
        if let Err(e) = listen(worker).await {
            warn!(error = %e, "cannot hear the calls of other processes; polling");
        }
        if begun.elapsed() > GOOD {
            pause = PAUSE[0];
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE[1]);
    }
}

async fn listen(worker: &Worker) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(worker.db.url()).await?;
    let channels = CALLS.map(|(_, name)| channel(worker, name));
    listener.listen_all(channels.iter().map(String::as_str)).await?;
    loop {
        // None: the connection was lost and made anew; whatever was called meanwhile is not known.
        let heard = listener.try_recv().await?;
        // The tasks of this process have heard it already.
        if heard.as_ref().is_some_and(|call| call.payload() == worker.id) {
            continue;
        }
        for ((signal, _), channel) in CALLS.iter().zip(&channels) {
            if heard.as_ref().is_none_or(|call| call.channel() == channel) {
                worker.called.raise(*signal);
            }
        }
    }
}
