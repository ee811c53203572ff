//! How a database stands: a version that is another one after every commit that a reader could see, for those who keep
//! what they have read.
//!
//! SQLite's file belongs to this process: the writer counts its commits. PostgreSQL may be written by others: there the
//! version is the server's own description of what a statement sees (`pg_current_snapshot`). One look serves all who
//! asked before it began.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::AnyConnection;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{Db, DbError};

/// A server that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(5);
const SNAPSHOT: &str = "select cast(pg_current_snapshot() as text)";

/// A state of one database: while it is the same, the contents are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Commits of this process.
    Commits(u64),
    /// What a transaction of this connection sees; a restarted server may use its numbers again.
    Snapshot { connection: u64, seen: Arc<str> },
}

impl Version {
    pub(super) fn of_commits(count: u64) -> Self {
        Self(Kind::Commits(count))
    }
}

/// The looks at a PostgreSQL, one after the other.
#[derive(Default)]
pub(super) struct Looks {
    begun: AtomicU64,
    last: Mutex<Look>,
}

#[derive(Default)]
struct Look {
    number: u64,
    version: Option<Version>,
    connection: Option<AnyConnection>,
    connections: u64,
}

impl Looks {
    /// The version at a moment after this call.
    pub(super) async fn version(&self, db: &Db) -> Result<Version, DbError> {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if last.number > begun_before
            && let Some(version) = &last.version
        {
            return Ok(version.clone());
        }
        last.number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        last.version = None;
        let version = match timeout(PATIENCE, last.look(db)).await {
            Ok(looked) => looked?,
            Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
        };
        last.version = Some(version.clone());
        Ok(version)
    }
}

impl Look {
    async fn look(&mut self, db: &Db) -> Result<Version, DbError> {
        // Out of its place meanwhile: whoever gives up halfway leaves no half-used connection behind.
        if let Some(mut old) = self.connection.take()
            && let Ok(version) = ask(&mut old, self.connections).await
        {
            self.connection = Some(old);
            return Ok(version);
        }
        let mut new = db.connect().await?;
        self.connections += 1;
        let version = ask(&mut new, self.connections).await?;
        self.connection = Some(new);
        Ok(version)
    }
}

async fn ask(connection: &mut AnyConnection, number: u64) -> Result<Version, DbError> {
    let seen: String = sqlx::query_scalar(SNAPSHOT).fetch_one(connection).await?;
    Ok(Version(Kind::Snapshot { connection: number, seen: seen.into() }))
}
