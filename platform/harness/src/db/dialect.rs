//! What SQLite and PostgreSQL do differently.

use super::DbError;

/// Settings of SQLite's writing connection: every commit is on disk before it is acknowledged.
pub(super) const SQLITE_WRITER: &str = "pragma journal_mode = wal; pragma synchronous = full; \
    pragma foreign_keys = on; pragma busy_timeout = 5000; pragma temp_store = memory";

/// Settings of SQLite's reading connections.
pub(super) const SQLITE_READER: &str = "pragma query_only = on; pragma busy_timeout = 5000; pragma temp_store = memory; pragma mmap_size = 268435456";

/// One of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A file of this process.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    /// The one of two statements that this database understands; only for what can't be said in one.
    pub fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }

    pub(super) fn select_now(self) -> &'static str {
        self.pick(
            "select cast(unixepoch('subsec') * 1000000 as bigint)",
            "select (extract(epoch from clock_timestamp()) * 1000000)::bigint",
        )
    }
}

/// A schema's name as an identifier, refused when it is not a plain word.
fn identifier(name: &str) -> Result<&str, DbError> {
    let plain =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { Ok(name) } else { Err(DbError::Name(name.into())) }
}

pub(super) fn create_schema(name: &str) -> Result<String, DbError> {
    // Two processes may start at once: `create schema if not exists` alone can then fail on a unique index.
    Ok(format!(
        "select pg_advisory_lock(7331); create schema if not exists {}; select pg_advisory_unlock(7331)",
        identifier(name)?
    ))
}

pub(super) fn search_path(name: &str) -> Result<String, DbError> {
    Ok(format!("set search_path to {}", identifier(name)?))
}

/// A database address that may be shown.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.split(':').next().unwrap_or("").into();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}"),
        None => url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_password() {
        assert_eq!(without_password("postgres://me:secret@host:5432/q"), "postgres://…@host:5432/q");
    }

    #[test]
    fn refuses_a_schema_name_that_is_more_than_a_word() {
        assert!(create_schema("a; drop table x").is_err());
    }
}
