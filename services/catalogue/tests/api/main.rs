//! The catalogue's REST, each test on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "this is test code outside of test functions, too")]

mod contents;
mod door;
mod drafts;
mod lifecycle;
mod refusals;
