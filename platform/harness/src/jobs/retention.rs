//! Deletes jobs that ended long ago, as a periodic job of every service.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ctx::{Ctx, Outcome};
use super::failure::JobError;
use super::kind::{Job, Priority, Rules};
use super::schedule::Schedule;
use super::sql;
use crate::db::Db;

/// How many rows one transaction deletes at most, so that others need not wait for it.
const BATCH: i64 = 10_000;

/// Deletes ended jobs.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct DeleteEnded {
    older_than_s: u64,
}

impl DeleteEnded {
    pub(super) fn after(keep: Duration) -> Self {
        Self { older_than_s: keep.as_secs() }
    }

    pub(super) fn schedule() -> Schedule {
        Schedule::every("harness.delete-ended", Duration::from_mins(10))
    }
}

impl Job for DeleteEnded {
    type State = Db;
    const KIND: &'static str = "harness.delete-ended";
    const RULES: Rules = Rules { priority: Priority::Low, is_told: false, ..Rules::DEFAULT };

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, ctx: Ctx, db: Db) -> Result<Outcome, JobError> {
        let older_us = Duration::from_secs(self.older_than_s).as_micros() as i64;
        loop {
            ctx.go_on()?;
            let mut tx = db.begin().await?;
            let deleted = sqlx::query(sql::DELETE_OLD).bind(older_us).bind(BATCH).execute(&mut *tx).await?;
            tx.commit().await?;
            if deleted.rows_affected() < BATCH as u64 {
                return ctx.done(&());
            }
        }
    }
}
