//! Keeps the leases of all running jobs of a process, from a thread and a runtime of its own: however busy the others
//! are, a job that runs is not taken for dead.
//!
//! One statement renews all, carries the progress, and brings back which jobs are to stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::AnyConnection;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::live::{Live, Progress, Stop, lease_end};
use super::sql;
use super::worker::Worker;
use crate::db::{DbError, Dialect, Signal};

/// A server is not taken for dead sooner than this.
const SHORTEST: Duration = Duration::from_secs(1);

/// Starts the thread; it ends soon after `stop`.
pub(super) fn keep_leases(
    worker: Arc<Worker>,
    stop: CancellationToken,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name(format!("leases-{}", worker.service)).spawn(move || {
        runtime.block_on(Keeper { worker, connection: None, renewed_at: Instant::now() }.keep_until(stop));
    })
}

struct Keeper {
    worker: Arc<Worker>,
    /// PostgreSQL: apart from the pool, whose connections may all be taken.
    connection: Option<AnyConnection>,
    renewed_at: Instant,
}

/// A lease to be renewed, with what is new about its job.
struct Lease {
    live: Arc<Live>,
    news: Option<Progress>,
}

impl Keeper {
    async fn keep_until(mut self, stop: CancellationToken) {
        let mut cancellations = self.worker.db.listen(Signal::Cancellation);
        let mut called = self.worker.called.listen(Signal::Cancellation);
        let tick = self.worker.pace.tick();
        loop {
            let is_called = tokio::select! {
                () = stop.cancelled() => return,
                changed = cancellations.changed() => changed.is_ok(),
                changed = called.changed() => changed.is_ok(),
                () = tokio::time::sleep(tick) => false,
            };
            let leases = self.choose(is_called);
            if !leases.is_empty()
                && let Err(e) = self.renew_in_time(&leases).await
            {
                warn!(error = %e, "cannot renew leases");
                self.connection = None;
                // Not yet told news must not be forgotten.
                leases.iter().filter(|l| l.news.is_some()).for_each(|l| l.live.tell_again());
            }
            self.give_up_lapsed();
        }
    }

    /// All when it is time or somebody is to stop, otherwise only those with news.
    fn choose(&mut self, is_called: bool) -> Vec<Lease> {
        let is_due = is_called || self.renewed_at.elapsed() >= self.worker.pace.renewal();
        if is_due {
            self.renewed_at = Instant::now();
        }
        let all = self.worker.running.all().into_iter().filter(|live| !live.is_ending());
        let leases = all.map(|live| Lease { news: live.take_news(), live });
        leases.filter(|lease| is_due || lease.news.is_some()).collect()
    }

    /// A server that does not answer must not keep the next renewal from another connection.
    async fn renew_in_time(&mut self, leases: &[Lease]) -> Result<(), DbError> {
        let patience = self.worker.pace.renewal().max(SHORTEST);
        match tokio::time::timeout(patience, self.renew(leases)).await {
            Ok(renewed) => renewed,
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    async fn renew(&mut self, leases: &[Lease]) -> Result<(), DbError> {
        for lease in leases {
            if let Some(news) = &lease.news {
                self.worker.hint(&lease.live, news);
            }
        }
        let ends = lease_end(self.worker.pace.lease);
        let kept: HashMap<String, bool> = self.write(leases).await?;
        for lease in leases {
            match kept.get(&lease.live.id) {
                Some(is_to_stop) => {
                    lease.live.extend(ends);
                    if *is_to_stop {
                        lease.live.stop(Stop::Cancelled);
                    }
                }
                None if !lease.live.is_ending() && !self.is_held(&lease.live).await? => {
                    lease.live.stop(Stop::Lost);
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The renewed jobs, each with whether it is to stop.
    async fn write(&mut self, leases: &[Lease]) -> Result<HashMap<String, bool>, DbError> {
        let mine: Vec<_> = leases
            .iter()
            .map(|Lease { live, news }| {
                let (part, note) = news.as_ref().map_or((None, None), |n| (n.part, n.note.as_deref()));
                json!({"id": live.id, "attempt": live.attempt, "progress": part, "note": note})
            })
            .collect();
        let dialect = self.worker.db.dialect();
        let renew = sqlx::query_as(sql::renew(dialect))
            .bind(serde_json::Value::from(mine).to_string())
            .bind(self.worker.pace.lease_us());
        let rows: Vec<(String, i64)> = if dialect == Dialect::Sqlite {
            let mut tx = self.worker.db.begin().await?;
            let rows = renew.fetch_all(&mut *tx).await?;
            tx.commit().await?;
            rows
        } else {
            renew.fetch_all(self.connected().await?).await?
        };
        Ok(rows.into_iter().map(|(id, is_to_stop)| (id, is_to_stop != 0)).collect())
    }

    /// A row that a transaction holds just now can't be renewed but is not lost either.
    async fn is_held(&mut self, live: &Live) -> Result<bool, DbError> {
        let held = sqlx::query(sql::HELD_STILL).bind(live.id.as_str()).bind(live.attempt);
        let held = match self.worker.db.dialect() {
            Dialect::Sqlite => held.fetch_optional(self.worker.db.read()).await?,
            Dialect::Postgres => held.fetch_optional(self.connected().await?).await?,
        };
        Ok(held.is_some())
    }

    async fn connected(&mut self) -> Result<&mut AnyConnection, DbError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.worker.db.connect().await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Without the database a lease can't be renewed; when it has lapsed another worker may have the job.
    fn give_up_lapsed(&self) {
        let now = Instant::now();
        let all = self.worker.running.all();
        all.iter().filter(|l| !l.is_ending() && l.has_lapsed(now)).for_each(|l| l.stop(Stop::Lost));
    }
}
