//! SQLite's only writing connection, shared by transactions that are committed in groups.
//!
//! A transaction is a savepoint inside an open `begin immediate`. Who commits while others already wait for the
//! connection leaves the group open and waits for the group's commit, which the last of them does: one sync
//! to disk for all. Nothing is acknowledged before that sync.
//!
//! Every statement is a journey to the connection's thread and back, so whoever ends a transaction makes the savepoint of
//! the next one on the same way.
//!
//! What may be lost with the machine ([`Durable::Later`]) is a group of its own unless one is open: it waits for nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sqlx::AnyConnection;
use sqlx::{Connection, Executor};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::DbError;

/// How many transactions one sync may carry at most.
const GROUP_LIMIT: usize = 256;

/// When a commit is on the disk. A crash of the process loses neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durable {
    /// Before it is acknowledged.
    AtOnce,
    /// With the next one that is: a power failure may take it away.
    Later,
}

impl Durable {
    /// Begins a group with the savepoint of its first member.
    fn begin(self) -> &'static str {
        match self {
            Self::AtOnce => "pragma synchronous = full; begin immediate; savepoint member",
            Self::Later => "pragma synchronous = normal; begin immediate; savepoint member",
        }
    }
}

pub(super) struct Writer {
    state: Arc<Mutex<State>>,
    waiting: Arc<AtomicUsize>,
    commits: Arc<AtomicU64>,
}

struct State {
    connection: Option<AnyConnection>,
    /// The open group; its members' changes are made but not yet committed. While nobody holds the connection, the
    /// savepoint of the next member is made already.
    group: Option<Group>,
    /// Grows with every commit, before it is acknowledged.
    commits: Arc<AtomicU64>,
}

struct Group {
    members: usize,
    durable: Durable,
    outcome: watch::Sender<Option<Result<(), String>>>,
}

impl Writer {
    pub(super) fn new(connection: AnyConnection) -> Self {
        let commits = Arc::<AtomicU64>::default();
        let state = State { connection: Some(connection), group: None, commits: commits.clone() };
        Self { state: Arc::new(Mutex::new(state)), waiting: Arc::default(), commits }
    }

    /// How often something was committed.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    pub(super) async fn begin(&self, durable: Durable) -> Result<WriterTx, DbError> {
        let mut place = Place::take(self);
        let state = self.state.clone().lock_owned().await;
        place.is_served = true;
        drop(place);
        if state.connection.is_none() {
            return Err(sqlx::Error::PoolClosed.into());
        }
        // From here on a caller that gives up leaves the clearing up to the transaction's end.
        let mut tx = WriterTx { state: Some(state), waiting: self.waiting.clone() };
        tx.open(durable).await?;
        Ok(tx)
    }

    #[cfg(test)]
    pub(super) fn waiting_now(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    pub(super) async fn close(&self) {
        let mut state = self.state.lock().await;
        state.commit().await;
        if let Some(connection) = state.connection.take() {
            let _ = connection.close().await;
        }
    }
}

/// A place in the queue for the connection. A caller that gives up may be the one a group relies on: then the group is
/// committed in its stead.
struct Place {
    state: Arc<Mutex<State>>,
    waiting: Arc<AtomicUsize>,
    is_served: bool,
}

impl Place {
    fn take(writer: &Writer) -> Self {
        writer.waiting.fetch_add(1, Ordering::AcqRel);
        Self { state: writer.state.clone(), waiting: writer.waiting.clone(), is_served: false }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        if !self.is_served {
            let (state, waiting) = (self.state.clone(), self.waiting.clone());
            tokio::spawn(async move {
                let mut state = state.lock().await;
                if waiting.load(Ordering::Acquire) == 0 {
                    state.commit().await;
                }
            });
        }
    }
}

impl State {
    fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("begin() has checked that the writer is open")
    }

    async fn open(&mut self, durable: Durable) -> Result<(), DbError> {
        self.group = Some(Group { members: 0, durable, outcome: watch::Sender::new(None) });
        let begun = self.connection().execute(durable.begin()).await;
        if let Err(cause) = begun {
            self.fail(&cause.to_string()).await;
            return Err(cause.into());
        }
        Ok(())
    }

    /// Ends a member that is to be kept, and its group with it unless others wait.
    async fn end_member(&mut self, waiting: &AtomicUsize) {
        if self.is_group_at_its_end(waiting) {
            return self.commit_by("release member; commit").await;
        }
        if let Err(cause) = self.connection().execute("release member; savepoint member").await {
            // There is no savepoint: SQLite has rolled the whole group back (disk full, I/O error).
            self.fail(&cause.to_string()).await;
        }
    }

    /// Commits what is open, with it the savepoint that nobody took.
    async fn commit(&mut self) {
        self.commit_by("commit").await;
    }

    async fn commit_by(&mut self, statement: &'static str) {
        let Some(group) = self.group.take() else { return };
        let outcome = match self.connection().execute(statement).await {
            Ok(_) => Ok(()),
            Err(cause) => {
                // A failed commit may leave the transaction open; SQLite may also have rolled it back already.
                let _ = self.connection().execute("rollback").await;
                Err(cause.to_string())
            }
        };
        // A failed commit counts too: what it has left is seen anew.
        self.commits.fetch_add(1, Ordering::SeqCst);
        group.outcome.send_replace(Some(outcome));
    }

    async fn fail(&mut self, cause: &str) {
        // Without a group too: its `begin` may have been given up halfway.
        let _ = self.connection().execute("rollback").await;
        if let Some(group) = self.group.take() {
            group.outcome.send_replace(Some(Err(cause.to_owned())));
        }
    }

    fn is_group_at_its_end(&self, waiting: &AtomicUsize) -> bool {
        let Some(group) = &self.group else { return true };
        waiting.load(Ordering::Acquire) == 0
            || group.members >= GROUP_LIMIT
            || group.durable == Durable::Later
    }
}

/// A transaction on SQLite's writer.
pub(super) struct WriterTx {
    /// Taken when the transaction has ended.
    state: Option<OwnedMutexGuard<State>>,
    waiting: Arc<AtomicUsize>,
}

impl WriterTx {
    pub(super) fn connection(&self) -> &AnyConnection {
        self.state.as_ref().and_then(|s| s.connection.as_ref()).expect("the transaction has not ended")
    }

    pub(super) fn connection_mut(&mut self) -> &mut AnyConnection {
        self.state.as_mut().and_then(|s| s.connection.as_mut()).expect("the transaction has not ended")
    }

    async fn open(&mut self, durable: Durable) -> Result<(), DbError> {
        let state = self.state.as_mut().expect("the transaction has not ended");
        if state.group.is_none() {
            state.open(durable).await?;
        }
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(), DbError> {
        let mut state = self.state.take().expect("the transaction has not ended");
        let group = state.group.as_mut().expect("a transaction is a member of a group");
        group.members += 1;
        let mut outcome = group.outcome.subscribe();
        let waiting = self.waiting.clone();
        // In a task of its own: a caller that gives up here must not leave the group without an end.
        tokio::spawn(async move { state.end_member(&waiting).await });
        let end = outcome
            .wait_for(Option::is_some)
            .await
            .map_err(|_| DbError::Commit("the program stops".into()))?;
        end.clone().unwrap_or(Ok(())).map_err(DbError::Commit)
    }
}

impl Drop for WriterTx {
    fn drop(&mut self) {
        let Some(mut state) = self.state.take() else { return };
        let waiting = self.waiting.clone();
        tokio::spawn(async move {
            // The savepoint stays, for the next member.
            let undone = state.connection().execute("rollback to member").await;
            match undone {
                Ok(_) if state.is_group_at_its_end(&waiting) => state.commit().await,
                Ok(_) => {}
                // There is no savepoint: SQLite has rolled the whole group back (disk full, I/O error), or the caller
                // gave up while it was made or released.
                Err(cause) => state.fail(&cause.to_string()).await,
            }
        });
    }
}
