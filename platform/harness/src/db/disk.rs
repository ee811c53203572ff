//! The disk under SQLite's log: what has been committed becomes safe from a power failure here.
//!
//! SQLite itself commits without waiting (`synchronous = normal`: it syncs its log only before it moves it into the file).
//! So the connection is free while the disk works, and who was called by a commit begins in that time. Whoever gives an
//! answer waits here before; one sync serves all that was committed when it began.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::DbError;

#[derive(Clone)]
pub(super) struct Disk {
    log: Arc<Log>,
    /// Held while the log is synced.
    turn: Arc<Mutex<()>>,
}

struct Log {
    file: File,
    /// Grows with every commit.
    commits: AtomicU64,
    /// The commits up to this one are safe.
    safe: AtomicU64,
    /// After a failed sync nobody knows what the file holds: there is no second one.
    broken: OnceLock<String>,
}

impl Disk {
    /// The disk under the log of `database`, which a connection keeps open.
    pub(super) fn under(database: &Path) -> io::Result<Self> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let log = File::options().write(true).open(log)?;
        // The log's name is to survive as well.
        database.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?;
        Ok(Self::of(log))
    }

    fn of(file: File) -> Self {
        let (commits, safe) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { log: Arc::new(Log { file, commits, safe, broken: OnceLock::new() }), turn: Arc::default() }
    }

    /// Counts a commit, before its caller is told of it; gives its number. Readers may see it a moment earlier.
    pub(super) fn count(&self) -> u64 {
        self.log.commits.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The number of the last commit.
    pub(super) fn commits(&self) -> u64 {
        self.log.commits.load(Ordering::SeqCst)
    }

    /// Whether the log can still be made safe.
    pub(super) fn check(&self) -> Result<(), DbError> {
        self.log.broken.get().map_or(Ok(()), |cause| Err(DbError::Disk(cause.clone())))
    }

    /// Waits until the commit is safe.
    pub(super) async fn keep(&self, commit: u64) -> Result<(), DbError> {
        if self.is_safe(commit) {
            return Ok(());
        }
        let turn = self.turn.clone().lock_owned().await;
        if self.is_safe(commit) { Ok(()) } else { self.sync(turn).await }
    }

    /// Waits until all that readers see now is safe, be it counted or not.
    pub(super) async fn keep_all(&self) -> Result<(), DbError> {
        let turn = self.turn.clone().lock_owned().await;
        self.sync(turn).await
    }

    async fn sync(&self, turn: OwnedMutexGuard<()>) -> Result<(), DbError> {
        self.check()?;
        let log = self.log.clone();
        // The caller may give up; the system tells of a failure only once.
        let synced = tokio::task::spawn_blocking(move || {
            log.sync();
            drop(turn);
        });
        synced.await.map_err(|_| DbError::Commit("the program stops".into()))?;
        self.check()
    }

    pub(super) fn is_safe(&self, commit: u64) -> bool {
        self.log.safe.load(Ordering::SeqCst) >= commit
    }

    #[cfg(test)]
    pub(super) fn break_down(&self) {
        let _ = self.log.broken.set("it is a test".into());
    }
}

impl Log {
    fn sync(&self) {
        let reached = self.commits.load(Ordering::SeqCst);
        match self.file.sync_data() {
            Ok(()) => drop(self.safe.fetch_max(reached, Ordering::SeqCst)),
            Err(cause) => drop(self.broken.set(cause.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_sync_serves_all_commits_before_it() {
        let disk = Disk::of(tempfile::tempfile().unwrap());
        let (first, second) = (disk.count(), disk.count());
        disk.keep(first).await.unwrap();
        assert!(disk.is_safe(second));
        assert!(!disk.is_safe(disk.count()));
    }

    #[tokio::test]
    async fn a_disk_that_failed_once_is_not_believed_again() {
        // A pipe can't be synced.
        let (_reader, writer) = io::pipe().unwrap();
        let disk = Disk::of(File::from(std::os::fd::OwnedFd::from(writer)));
        let commit = disk.count();
        assert!(disk.keep(commit).await.is_err());
        assert!(disk.check().unwrap_err().to_string().contains("restart"));
        assert!(disk.keep(commit).await.is_err());
    }

    #[tokio::test]
    async fn a_failure_is_known_though_nobody_waited_for_it() {
        let (_reader, writer) = io::pipe().unwrap();
        let disk = Disk::of(File::from(std::os::fd::OwnedFd::from(writer)));
        let commit = disk.count();
        let _ = tokio::time::timeout(std::time::Duration::ZERO, disk.keep(commit)).await;
        // Who comes next waits for the turn, and is told.
        assert!(disk.keep_all().await.is_err());
        assert!(disk.check().is_err());
    }
}
