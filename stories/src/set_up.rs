//! The ways Quorate is run, and what each needs: a database and a broker's name that no other test has.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests take their servers from the environment and say when they skip"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

/// How the services are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUp {
    /// One process on SQLite: what a user gets without any setting.
    Sqlite,
    /// One process on PostgreSQL.
    Postgres,
    /// Four processes on PostgreSQL and RabbitMQ.
    Split,
}

/// Where one test's server keeps its data and tells its events.
pub struct Places {
    /// The setting `database.url`.
    pub database: String,
    /// The setting `bus.url`.
    pub bus: String,
    /// The setting `bus.name`.
    pub name: String,
    /// An address of the loopback network that is this test's alone, so that ports stay free while a process is down.
    pub host: String,
}

impl SetUp {
    /// Makes the places; nothing, said aloud, where a server is missing.
    pub async fn places(self, folder: &Path) -> Option<Places> {
        let name = unique_name();
        let bus = match self {
            Self::Split => server("QUORATE_TEST_AMQP")?,
            Self::Sqlite | Self::Postgres => "memory:".to_owned(),
        };
        let database = match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("data").display()),
            Self::Postgres | Self::Split => new_database(&server("QUORATE_TEST_POSTGRES")?, &name).await,
        };
        Some(Places { database, bus, name, host: own_host() })
    }
}

fn server(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        eprintln!("skipped: {variable} is not set; `cargo xtask check` starts the servers");
    }
    found
}

async fn new_database(server: &str, name: &str) -> String {
    install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL takes connections");
    let create = AssertSqlSafe(format!("create database {name}"));
    connection.execute(create).await.expect("a database can be made");
    let _ = connection.close().await;
    let (start, _) = server.rsplit_once('/').expect("the server's address names a database");
    format!("{start}/{name}")
}

/// Different in every test of every process.
fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("story_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// 127.x.y.z of the process and a count.
fn own_host() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = std::process::id();
    format!("127.{}.{}.{}", 1 + (id >> 8) % 250, id % 256, 1 + count % 250)
}
