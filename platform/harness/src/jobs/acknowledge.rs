//! Makes jobs done that need no transaction of their own: many in one.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{FromRow as _, Row as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::live::{Live, Running, Stop};
use super::row::Row;
use super::{sql, told};
use crate::db::{Db, DbError};

/// How many jobs one transaction makes done at most.
const BATCH: usize = 256;
/// How long it waits for others.
const GATHER: Duration = Duration::from_millis(1);

/// A job whose work is done.
pub(super) struct Ack {
    pub(super) id: String,
    pub(super) attempt: i64,
    pub(super) result: Option<String>,
    pub(super) is_told: bool,
    pub(super) live: Arc<Live>,
    /// Hears whether the job is done now.
    pub(super) tell: oneshot::Sender<Answer>,
}

/// What became of an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The job is done.
    Done,
    /// The guard refused it.
    Refused,
    /// Nobody writes acknowledgements any more.
    Unheard,
    /// The database can't store it, and never will.
    Unfit(String),
}

/// Takes acknowledgements until all who could send one are gone. Jobs that were claimed together and are short end
/// together: what still runs is waited for a moment, so that one transaction serves all.
pub(super) async fn acknowledge_all(db: Db, running: Running, mut acks: mpsc::Receiver<Ack>) {
    let mut batch = Vec::with_capacity(BATCH);
    while acks.recv_many(&mut batch, BATCH).await > 0 {
        let until = Instant::now() + GATHER;
        while batch.len() < running.len().min(BATCH) {
            let room = BATCH - batch.len();
            match timeout_at(until, acks.recv_many(&mut batch, room)).await {
                Ok(1..) => {}
                _ => break,
            }
        }
        match acknowledge_surely(&db, &batch).await {
            Ok(done) => batch.drain(..).for_each(|ack| ack.hear(&done)),
            // One of them spoils it for all: one by one.
            Err(_) => {
                for ack in batch.drain(..) {
                    match acknowledge_surely(&db, std::slice::from_ref(&ack)).await {
                        Ok(done) => ack.hear(&done),
                        Err(e) => drop(ack.tell.send(Answer::Unfit(e.to_string()))),
                    }
                }
            }
        }
    }
}

impl Ack {
    fn hear(self, done: &HashSet<String>) {
        let answer = if done.contains(&self.id) { Answer::Done } else { Answer::Refused };
        let _ = self.tell.send(answer);
    }
}

/// Tries until the database answers; an error is its last word.
async fn acknowledge_surely(db: &Db, batch: &[Ack]) -> Result<HashSet<String>, DbError> {
    let mut pause = Duration::from_millis(50);
    loop {
        match acknowledge(db, batch).await {
            Ok(done) => return Ok(done),
            Err(e) if !e.is_temporary() => return Err(e),
            Err(e) => warn!(error = %e, jobs = batch.len(), "cannot make jobs done; trying again"),
        }
        if batch.iter().all(|ack| ack.live.stop_reason() == Some(Stop::Lost)) {
            return Ok(HashSet::new());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

async fn acknowledge(db: &Db, batch: &[Ack]) -> Result<HashSet<String>, DbError> {
    let mine: Vec<_> =
        batch.iter().map(|a| json!({"id": a.id, "attempt": a.attempt, "result": a.result})).collect();
    let told: HashSet<&str> = batch.iter().filter(|a| a.is_told).map(|a| a.id.as_str()).collect();
    let mut tx = db.begin_by_index().await?;
    let rows = sqlx::query(sql::acknowledge(tx.dialect(), !told.is_empty()))
        .bind(serde_json::Value::from(mine).to_string())
        .fetch_all(&mut *tx)
        .await?;
    let done: HashSet<String> = rows.iter().map(|row| row.try_get("id")).collect::<Result<_, _>>()?;
    let is_told = |row: &&AnyRow| row.try_get("id").is_ok_and(|id: &str| told.contains(id));
    let steps: Vec<Row> = rows.iter().filter(is_told).map(Row::from_row).collect::<Result<_, _>>()?;
    told::tell_all(&mut tx, steps).await?;
    tx.commit().await?;
    Ok(done)
}
