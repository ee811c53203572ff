//! SQLite's log is moved into its file here, beside the writer.
//!
//! Left alone SQLite does this inside the commit that finds the log long, and every writer waits for the disk meanwhile.
//! Here a reading connection does it earlier: when nobody has written for a moment, or much has been written since. Where
//! writing never pauses long enough for the log to begin anew, SQLite's own way remains.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::{AnyPool, Row};

use super::writer::Writer;

/// How often is looked; nobody has written for a moment if two looks see the same.
const LOOK: Duration = Duration::from_millis(250);
/// This many commits make a log long: some thousands of pages of 4 KiB, which nobody counts for us.
const LONG: u64 = 1_000;

pub(super) struct Checkpoints {
    readers: AnyPool,
    writer: Weak<Writer>,
    /// The commits at the last look, at the last try, and those that are no longer in the log.
    seen: u64,
    tried: u64,
    moved: u64,
}

impl Checkpoints {
    pub(super) fn new(readers: AnyPool, writer: &Arc<Writer>) -> Self {
        // What the process before has left is moved at once: the next that opens the file has to read it first.
        Self { readers, writer: Arc::downgrade(writer), seen: 0, tried: 0, moved: u64::MAX }
    }

    /// Looks until the database is closed.
    pub(super) async fn run(mut self) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let Some(writer) = self.writer.upgrade() else { return };
            if self.readers.is_closed() {
                return;
            }
            self.look(&writer).await;
        }
    }

    pub(super) async fn look(&mut self, writer: &Writer) {
        // What may never have reached the disk is not to reach the file.
        if writer.disk().check().is_err() {
            return;
        }
        let commits = writer.disk().commits();
        let is_quiet = commits == std::mem::replace(&mut self.seen, commits);
        if commits == self.moved || (!is_quiet && commits - self.tried < LONG) {
            return;
        }
        self.tried = commits;
        match self.checkpoint().await {
            Ok(true) if writer.begin_anew().await => self.moved = commits,
            Ok(_) => {}
            // The log keeps everything; another look tries again.
            Err(cause) => tracing::debug!(%cause, "the log was not moved into the file"),
        }
    }

    /// Whether all of the log is in the file now.
    async fn checkpoint(&self) -> sqlx::Result<bool> {
        let row = sqlx::query("pragma wal_checkpoint(passive)").fetch_one(&self.readers).await?;
        Ok(row.try_get::<i64, _>("log")? == row.try_get::<i64, _>("checkpointed")?)
    }
}
