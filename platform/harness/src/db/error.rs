//! What can go wrong with a database, in words for an administrator.

use std::path::Path;

/// A failure of the database or of what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address is neither of the two kinds.
    #[error(
        "'{0}' is no database address; use sqlite:DIRECTORY or postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    )]
    Url(String),
    /// A service's name that can't be a schema's name.
    #[error("'{0}' can't be the name of a schema; use lower-case letters, digits and _")]
    Name(String),
    /// Another process has the database open.
    #[error("another process uses this database (it holds {0}); stop it or choose another directory")]
    Locked(String),
    /// The file or its folder can't be used.
    #[error("cannot open {path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// Why.
        cause: String,
    },
    /// The tables were made by a newer program, or a migration was changed after it ran.
    #[error("migration {0}")]
    Migration(String),
    /// The group that a transaction was committed in failed.
    #[error("commit failed: {0}")]
    Commit(String),
    /// The disk has failed to keep what was committed; what its file holds is not known, and nothing is accepted any more.
    #[error("the disk has not taken what was written ({0}); mend it and restart the program")]
    Disk(String),
    /// A service could not follow a change of its job.
    #[error("the service could not follow a change of its job: {cause}")]
    Hook {
        /// Why.
        cause: String,
        /// Whether something it needs is only away.
        is_temporary: bool,
    },
    /// A job's arguments that can't be stored.
    #[error("cannot store a job of the kind '{kind}': {cause}")]
    Arguments {
        /// The job's kind.
        kind: &'static str,
        /// Why.
        cause: String,
    },
    /// Anything else the database said.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

impl DbError {
    pub(super) fn file(path: &Path, cause: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), cause: cause.to_string() }
    }

    pub(super) fn open(path: &Path, cause: sqlx::Error) -> Self {
        match cause {
            sqlx::Error::Database(cause) => {
                Self::File { path: path.display().to_string(), cause: cause.to_string() }
            }
            other => Self::Sql(other),
        }
    }

    /// Whether a unique index refused a row.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(e)) if e.is_unique_violation())
    }

    /// Whether trying again later may help: the database is away, busy, full or out of connections.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Commit(_) | Self::Hook { is_temporary: true, .. } => true,
            Self::Sql(cause) => Self::is_temporary_sql(cause),
            _ => false,
        }
    }

    /// The same of an error that sqlx gave.
    pub fn is_temporary_sql(cause: &sqlx::Error) -> bool {
        match cause {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(e) => {
                // SQLite: 5 busy, 6 locked, 10 I/O, 13 full. PostgreSQL: classes 08, 53, 57, 25P03 (idle too long in a
                // transaction), 40 (serialization) and 55P03 (waited too long for a lock).
                let code = e.code().unwrap_or_default();
                let class = code.get(..2).unwrap_or_default();
                let primary = code.parse::<i64>().map(|c| c & 0xff).unwrap_or_default();
                matches!(primary, 5 | 6 | 10 | 13) && code.len() < 5
                    || (matches!(class, "08" | "53" | "57" | "40") || matches!(&*code, "55P03" | "25P03"))
                        && code.len() == 5
            }
            _ => false,
        }
    }
}
