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
/// This many commits make a log long: some thousands of pages of 4 KiB.
const LONG: u64 = 1_000;

pub(super) struct Checkpoints {
    readers: AnyPool,
    writer: Weak<Writer>,
    /// The commits at the last look, and those that have been moved.
    seen: u64,
    moved: u64,
}

impl Checkpoints {
    pub(super) fn new(readers: AnyPool, writer: &Arc<Writer>) -> Self {
        Self { readers, writer: Arc::downgrade(writer), seen: 0, moved: 0 }
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
        let commits = writer.disk().commits();
        let is_quiet = commits == std::mem::replace(&mut self.seen, commits);
        if commits == self.moved || (!is_quiet && commits - self.moved < LONG) {
            return;
        }
        match self.checkpoint().await {
            Ok(is_whole) => {
                self.moved = commits;
                if is_whole {
                    writer.begin_anew().await;
                }
            }
            // The log keeps everything; the next look tries again.
            Err(cause) => tracing::debug!(%cause, "the log was not moved into the file"),
        }
    }

    /// Whether all of the log is in the file now.
    async fn checkpoint(&self) -> sqlx::Result<bool> {
        let row = sqlx::query("pragma wal_checkpoint(passive)").fetch_one(&self.readers).await?;
        Ok(row.try_get::<i64, _>("log")? == row.try_get::<i64, _>("checkpointed")?)
    }
}
