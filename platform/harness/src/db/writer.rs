//! SQLite's only writing connection, shared by transactions that are committed in groups.
//!
//! A transaction is a savepoint inside an open `begin immediate`. Who commits while others already wait for the
//! connection leaves the group open and waits for the group's commit, which the last of them does. Then all see what the
//! group has done; whoever is to know it safe waits for the disk as well (see `disk`), the connection does not.
//!
//! Every statement is a journey to the connection's thread and back, so whoever ends a transaction makes the savepoint of
//! the next one on the same way; who commits begins the next group when all have their answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::AnyConnection;
use sqlx::{Connection, Executor};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::DbError;
use super::disk::Disk;

/// How many transactions one commit may carry at most.
const GROUP_LIMIT: usize = 256;

/// Begins a group with the savepoint of its first member.
const BEGIN: &str = "begin immediate; savepoint member";

/// When a commit is on the disk. A crash of the process loses neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durable {
    /// Before it is acknowledged.
    AtOnce,
    /// With the next one that is: a power failure may take it away.
    Later,
}

pub(super) struct Writer {
    state: Arc<Mutex<State>>,
    waiting: Arc<AtomicUsize>,
    disk: Disk,
}

struct State {
    connection: Option<AnyConnection>,
    /// The open group; its members' changes are made but not yet committed. While nobody holds the connection, the
    /// savepoint of the next member is made already. The file has no other writer that a group without members hinders.
    group: Option<Group>,
    disk: Disk,
}

struct Group {
    members: usize,
    /// The number of the commit.
    outcome: watch::Sender<Option<Result<u64, String>>>,
}

impl Writer {
    pub(super) fn new(connection: AnyConnection, disk: Disk) -> Self {
        let state = State { connection: Some(connection), group: None, disk: disk.clone() };
        Self { state: Arc::new(Mutex::new(state)), waiting: Arc::default(), disk }
    }

    pub(super) fn disk(&self) -> &Disk {
        &self.disk
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
        let mut tx = WriterTx { state: Some(state), waiting: self.waiting.clone(), durable };
        self.disk.check()?;
        tx.open().await?;
        Ok(tx)
    }

    /// After all of the log is in the file: takes the transaction that was begun ahead back and begins it again, so that it
    /// sees so, and the next commit writes where the log begins. Says whether; who is at work goes on undisturbed.
    pub(super) async fn begin_anew(&self) -> bool {
        let Ok(mut state) = self.state.clone().try_lock_owned() else { return false };
        if state.connection.is_none() || state.group.is_none() {
            return true;
        }
        if state.group.as_ref().is_some_and(|group| group.members > 0) {
            return false;
        }
        let begun = state.connection().execute("commit; begin immediate; savepoint member").await;
        if let Err(cause) = begun {
            state.fail(&cause.to_string()).await;
        }
        true
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
                state.end_group(&waiting).await;
            });
        }
    }
}

impl State {
    fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("begin() has checked that the writer is open")
    }

    async fn open(&mut self) -> Result<(), DbError> {
        self.group = Some(Group { members: 0, outcome: watch::Sender::new(None) });
        let begun = self.connection().execute(BEGIN).await;
        if let Err(cause) = begun {
            self.fail(&cause.to_string()).await;
            return Err(cause.into());
        }
        Ok(())
    }

    /// Ends a member that is to be kept, and its group with it unless others wait.
    async fn end_member(&mut self, waiting: &AtomicUsize) {
        if self.is_group_at_its_end(waiting) {
            self.commit_by("release member; commit").await;
            return self.begin_ahead().await;
        }
        if let Err(cause) = self.connection().execute("release member; savepoint member").await {
            // There is no savepoint: SQLite has rolled the whole group back (disk full, I/O error).
            self.fail(&cause.to_string()).await;
        }
    }

    /// Ends a group whose last member has gone without a trace, unless others wait.
    async fn end_group(&mut self, waiting: &AtomicUsize) {
        let has_members = self.group.as_ref().is_some_and(|group| group.members > 0);
        if has_members && self.is_group_at_its_end(waiting) {
            self.commit().await;
            self.begin_ahead().await;
        }
    }

    /// Begins a group that nobody waits for; where that fails the next member tries and says why.
    async fn begin_ahead(&mut self) {
        let _ = self.open().await;
    }

    /// Commits what is open, with it the savepoint that nobody took.
    async fn commit(&mut self) {
        self.commit_by("commit").await;
    }

    async fn commit_by(&mut self, statement: &'static str) {
        let Some(group) = self.group.take() else { return };
        let outcome = match self.connection().execute(statement).await {
            Ok(_) => Ok(self.disk.count()),
            Err(cause) => {
                // A failed commit may leave the transaction open; SQLite may also have rolled it back already.
                let _ = self.connection().execute("rollback").await;
                // It counts too: what it has left is seen anew.
                self.disk.count();
                Err(cause.to_string())
            }
        };
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
        waiting.load(Ordering::Acquire) == 0 || group.members >= GROUP_LIMIT
    }
}

/// A transaction on SQLite's writer.
pub(super) struct WriterTx {
    /// Taken when the transaction has ended.
    state: Option<OwnedMutexGuard<State>>,
    waiting: Arc<AtomicUsize>,
    durable: Durable,
}

/// A transaction whose changes all see.
pub(super) struct Committed {
    number: u64,
    durable: Durable,
    disk: Disk,
}

impl Committed {
    /// Waits until it may be acknowledged.
    pub(super) async fn keep(self) -> Result<(), DbError> {
        match self.durable {
            Durable::AtOnce => self.disk.keep(self.number).await,
            Durable::Later => Ok(()),
        }
    }
}

impl WriterTx {
    pub(super) fn connection(&self) -> &AnyConnection {
        self.state.as_ref().and_then(|s| s.connection.as_ref()).expect("the transaction has not ended")
    }

    pub(super) fn connection_mut(&mut self) -> &mut AnyConnection {
        self.state.as_mut().and_then(|s| s.connection.as_mut()).expect("the transaction has not ended")
    }

    async fn open(&mut self) -> Result<(), DbError> {
        let state = self.state.as_mut().expect("the transaction has not ended");
        if state.group.is_none() {
            state.open().await?;
        }
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<Committed, DbError> {
        let mut state = self.state.take().expect("the transaction has not ended");
        let disk = state.disk.clone();
        let group = state.group.as_mut().expect("a transaction is a member of a group");
        group.members += 1;
        let mut outcome = group.outcome.subscribe();
        let waiting = self.waiting.clone();
        // In a task of its own: a caller that gives up here must not leave the group without an end.
        tokio::spawn(async move { state.end_member(&waiting).await });
        let stops = || DbError::Commit("the program stops".into());
        let end = outcome.wait_for(Option::is_some).await.map_err(|_| stops())?.clone();
        let number = end.ok_or_else(stops)?.map_err(DbError::Commit)?;
        Ok(Committed { number, durable: self.durable, disk })
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
                Ok(_) => state.end_group(&waiting).await,
                // There is no savepoint: SQLite has rolled the whole group back (disk full, I/O error), or the caller
                // gave up while it was made or released.
                Err(cause) => state.fail(&cause.to_string()).await,
            }
        });
    }
}
