//! Takes ready jobs, in batches of as many as there are free slots, one claimer per process.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::attempt::Attempt;
use super::kind::dice;
use super::live::{Live, lease_end};
use super::row::Claimed;
use super::worker::Worker;
use super::{sql, told};
use crate::db::{DbError, Signal};

/// How often a claim is repeated whole when another process took a job with the same lock key at the same moment; after
/// that one by one.
const WHOLE_CLAIMS: usize = 3;

/// How long a claim waits for more slots when all were taken.
const GATHER: Duration = Duration::from_millis(1);

/// Claims and starts jobs until `stop`.
pub(super) async fn claim_until(worker: Arc<Worker>, stop: CancellationToken, attempts: TaskTracker) {
    let mut heard = worker.db.listen(Signal::Jobs);
    let mut called = worker.called.listen(Signal::Jobs);
    let mut troubles = 0;
    while !stop.is_cancelled() {
        heard.borrow_and_update();
        called.borrow_and_update();
        if worker.slots.free() == 0 {
            tokio::select! {
                () = stop.cancelled() => break,
                () = worker.slots.until_one_is_free() => {}
            }
            // Short jobs that began together free their slots together: one claim for all of them.
            tokio::time::sleep(GATHER).await;
        }
        // Slots that become free during the claim are for the next one.
        let free = worker.slots.free();
        let is_quiet = match claim(&worker, free).await {
            Ok(claimed) => {
                troubles = 0;
                worker.pulse.beat();
                // Of several jobs with one lock key only one is taken at a time: there may be more to take.
                let is_quiet = claimed.len() < free && claimed.iter().all(|c| c.lock_key.is_none());
                start_all(&worker, claimed, &attempts);
                is_quiet
            }
            Err(e) => {
                troubles += 1;
                warn!(error = %e, service = worker.service, "cannot claim jobs");
                true
            }
        };
        if is_quiet {
            tokio::select! {
                () = stop.cancelled() => break,
                changed = heard.changed(), if troubles == 0 => if changed.is_err() { break },
                _ = called.changed() => {}
                () = tokio::time::sleep(pause(&worker, troubles)) => {}
            }
        }
    }
}

/// The poll interval with jitter, so that processes do not ask all at once; longer in trouble.
fn pause(worker: &Worker, troubles: u32) -> Duration {
    let jitter = dice(&worker.id, worker.pulse.count()) as f64 / u64::MAX as f64;
    let factor = f64::from(1u32 << troubles.min(3));
    worker.pace.poll.mul_f64((0.75 + 0.5 * jitter) * factor)
}

fn start_all(worker: &Arc<Worker>, claimed: Vec<Claimed>, attempts: &TaskTracker) {
    for claimed in claimed {
        let Some(kind) = worker.kind(&claimed.row.kind) else { continue };
        let Some(slot) = worker.slots.take() else { continue };
        let row = &claimed.row;
        let live = Arc::new(Live::new(
            row.id.clone(),
            row.attempt,
            row.kind.clone(),
            row.subject_id.clone(),
            lease_end(worker.pace.lease),
        ));
        worker.running.add(live.clone());
        let attempt = Attempt { worker: worker.clone(), kind, claimed, live };
        attempts.spawn(attempt.run(slot));
    }
}

/// Takes up to `free` jobs.
pub(super) async fn claim(worker: &Worker, free: usize) -> Result<Vec<Claimed>, DbError> {
    let mut limit = free;
    for round in 1.. {
        match claim_once(worker, limit).await {
            Err(e) if e.is_unique_violation() && limit > 1 => {
                if round >= WHOLE_CLAIMS {
                    limit = 1;
                }
            }
            // The other process has it.
            Err(e) if e.is_unique_violation() => return Ok(Vec::new()),
            done => return done,
        }
    }
    Ok(Vec::new())
}

async fn claim_once(worker: &Worker, limit: usize) -> Result<Vec<Claimed>, DbError> {
    let mut tx = worker.db.begin_taking().await?;
    let mut claimed: Vec<Claimed> = sqlx::query_as(sql::claim(tx.dialect()))
        .bind(worker.known())
        .bind(limit as i64)
        .bind(worker.pace.lease_us())
        .bind(&worker.id)
        .fetch_all(&mut *tx)
        .await?;
    claimed.sort_by(|a, b| a.row.order().cmp(&b.row.order()));
    let is_told = |claimed: &&Claimed| {
        let rules = worker.kind(&claimed.row.kind).map(|kind| kind.rules());
        rules.is_some_and(|rules| rules.is_told && !claimed.is_at_its_end(rules))
    };
    told::tell_all(&mut tx, claimed.iter().filter(is_told).map(|claimed| claimed.row.clone())).await?;
    tx.commit().await?;
    Ok(claimed)
}
