//! Why a try did not end well, which decides what comes next.

use std::error::Error;
use std::time::Duration;

use crate::db::DbError;
use crate::problem::Problem;

/// Why a try did not end well. Any error becomes [`JobError::Retry`] by `?`, an unreachable database
/// [`JobError::Unavailable`].
#[derive(Debug)]
pub enum JobError {
    /// Try again as the kind's rules say, or after the given time.
    Retry {
        /// What happened.
        error: String,
        /// Instead of the delay of the rules.
        after: Option<Duration>,
    },
    /// Trying again will not help.
    Discard(String),
    /// Something it needs is away; the try does not count.
    Unavailable(String),
    /// The work panicked, with this message; tried again like an error.
    Panicked(String),
    /// It was asked to stop and did.
    Stopped,
    /// Another worker has taken the job over; nothing may be written any more.
    Lost,
}

impl JobError {
    /// Try again as the rules say.
    pub fn retry(error: impl Into<String>) -> Self {
        Self::Retry { error: error.into(), after: None }
    }

    /// Trying again will not help.
    pub fn discard(error: impl Into<String>) -> Self {
        Self::Discard(error.into())
    }

    /// The error of a service that was to follow a change of its job.
    pub(super) fn of_hook(self) -> DbError {
        DbError::Hook { is_temporary: matches!(self, Self::Unavailable(_)), cause: self.to_string() }
    }
}

impl std::fmt::Display for JobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Retry { error, .. } | Self::Discard(error) | Self::Unavailable(error) => f.write_str(error),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::Stopped => f.write_str("stopped"),
            Self::Lost => f.write_str("taken over by another worker"),
        }
    }
}

// `JobError` is no `Error` itself, which keeps this conversion free of overlaps (as in anyhow).
impl<E: Error + Send + Sync + 'static> From<E> for JobError {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text = format!("{text}: {inner_text}");
            }
            cause = inner.source();
        }
        let seen: &(dyn Error + 'static) = &error;
        let is_away = seen.downcast_ref::<DbError>().is_some_and(DbError::is_temporary)
            || seen.downcast_ref::<sqlx::Error>().is_some_and(DbError::is_temporary_sql);
        if is_away { Self::Unavailable(text) } else { Self::Retry { error: text, after: None } }
    }
}

impl From<Problem> for JobError {
    fn from(problem: Problem) -> Self {
        match problem.status {
            503 => Self::Unavailable(problem.detail),
            400..=499 => Self::Discard(problem.detail),
            _ => Self::Retry { error: problem.detail, after: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_database_does_not_count_as_a_failed_try() {
        assert!(matches!(JobError::from(sqlx::Error::PoolTimedOut), JobError::Unavailable(_)));
        assert!(matches!(JobError::from(DbError::Sql(sqlx::Error::PoolTimedOut)), JobError::Unavailable(_)));
        assert!(matches!(JobError::from(sqlx::Error::RowNotFound), JobError::Retry { after: None, .. }));
    }
}
