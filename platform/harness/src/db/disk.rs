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

use tokio::sync::Mutex;

use super::DbError;

pub(super) struct Disk {
    log: Arc<File>,
    /// Grows with every commit.
    commits: AtomicU64,
    /// The commits up to this one are safe.
    safe: AtomicU64,
    /// Held by who syncs.
    turn: Mutex<()>,
    /// After a failed sync nobody knows what the log holds: there is no second one.
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

    fn of(log: File) -> Self {
        Self {
            log: Arc::new(log),
            commits: AtomicU64::new(0),
            safe: AtomicU64::new(0),
            turn: Mutex::new(()),
            broken: OnceLock::new(),
        }
    }

    /// Counts a commit, before anybody is told of it; gives its number.
    pub(super) fn count(&self) -> u64 {
        self.commits.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The number of the last commit.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// Whether the log can still be made safe.
    pub(super) fn check(&self) -> Result<(), DbError> {
        self.broken.get().map_or(Ok(()), |cause| Err(DbError::Commit(cause.clone())))
    }

    /// Waits until the commit is safe.
    pub(super) async fn keep(&self, commit: u64) -> Result<(), DbError> {
        if self.is_safe(commit) {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        if self.is_safe(commit) {
            return Ok(());
        }
        self.check()?;
        let (reached, log) = (self.commits(), self.log.clone());
        let synced = tokio::task::spawn_blocking(move || log.sync_data()).await;
        match synced.map_err(|_| DbError::Commit("the program stops".into()))? {
            Ok(()) => {
                self.safe.fetch_max(reached, Ordering::SeqCst);
                Ok(())
            }
            Err(cause) => {
                let _ = self.broken.set(format!("the disk has not taken it ({cause}); restart the program"));
                self.check()
            }
        }
    }

    pub(super) fn is_safe(&self, commit: u64) -> bool {
        self.safe.load(Ordering::SeqCst) >= commit
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
}
