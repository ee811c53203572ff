//! A service's own database: one SQLite file or one PostgreSQL schema, the same SQL for both.
//!
//! Reads go through [`Db::read`]; writes through [`Db::begin`], a transaction that must be committed. SQLite has one
//! writer, whose transactions are committed in groups (see `writer`). What the two databases do differently is
//! in `dialect` and nowhere else.

mod checkpoint;
pub mod decode;
mod dialect;
mod disk;
mod error;
mod migrate;
mod signal;
mod version;
mod writer;

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};
use tokio::sync::watch;

pub use dialect::Dialect;
pub(crate) use dialect::without_password;
pub use error::DbError;
pub use migrate::Migration;
pub use signal::Signal;
pub use version::Version;

use checkpoint::Checkpoints;
use disk::Disk;
use signal::{Raised, Signals};
use version::Looks;
use writer::{Durable, Writer, WriterTx};

/// How long a connection may have been idle to be used without asking whether it still lives; the queue is polled more
/// often.
const IDLE: Duration = Duration::from_secs(3);
/// PostgreSQL: connections for statements, and for those on a queue.
const CONNECTIONS: u32 = 16;
const QUEUE_CONNECTIONS: u32 = 2;

/// The database of one service; cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: AnyPool,
    writes: Writes,
    address: Arc<Address>,
}

/// How it is written.
#[derive(Clone)]
enum Writes {
    /// SQLite's only writer.
    Sqlite(Arc<Writer>),
    /// PostgreSQL: as it is read; the queue has few connections of its own, which have all its statements ready.
    Postgres { queue: AnyPool },
}

struct Address {
    /// Holds the lock on the SQLite file as long as the database is open.
    _lock: Option<std::fs::File>,
    url: String,
    schema: String,
    signals: Signals,
    looks: Looks,
}

impl Address {
    fn new(lock: Option<std::fs::File>, url: String, name: &str) -> Self {
        Self { _lock: lock, url, schema: name.into(), signals: Signals::default(), looks: Looks::default() }
    }
}

impl Db {
    /// Opens the database of the service `name`, and brings its tables to the newest version.
    ///
    /// `url` is `sqlite:DIRECTORY` (the file is `DIRECTORY/NAME.db`) or `postgres://…` (the schema is `NAME`).
    pub async fn open(url: &str, name: &str, migrations: &[Migration]) -> Result<Self, DbError> {
        sqlx::any::install_default_drivers();
        let db = match url.strip_prefix("sqlite:") {
            Some(directory) => Self::open_sqlite(Path::new(directory), name).await?,
            None if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                Self::open_postgres(url, name).await?
            }
            None => return Err(DbError::Url(without_password(url))),
        };
        migrate::run(&db, "harness", migrate::HARNESS).await?;
        migrate::run(&db, name, migrations).await?;
        Ok(db)
    }

    async fn open_sqlite(directory: &Path, name: &str) -> Result<Self, DbError> {
        std::fs::create_dir_all(directory).map_err(|e| DbError::file(directory, &e))?;
        let lock = lock_file(&directory.join(format!("{name}.lock")))?;
        let file = directory.join(format!("{name}.db"));
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let mut connection = AnyConnection::connect(&url).await.map_err(|e| DbError::open(&file, e))?;
        connection.execute(dialect::SQLITE_WRITER).await.map_err(|e| DbError::open(&file, e))?;
        let readers = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(10))
            // A file does not break off.
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(dialect::SQLITE_READER).await.map(|_| ()) })
            })
            .connect(&url)
            .await
            .map_err(|e| DbError::open(&file, e))?;
        let address = Address::new(Some(lock), url, name);
        let disk = Disk::under(&file).map_err(|e| DbError::file(&file, &e))?;
        let writer = Arc::new(Writer::new(connection, disk));
        tokio::spawn(Checkpoints::new(readers.clone(), &writer).run());
        let writes = Writes::Sqlite(writer);
        Ok(Self { readers, writes, address: Arc::new(address) })
    }

    async fn open_postgres(url: &str, name: &str) -> Result<Self, DbError> {
        let mut first = AnyConnection::connect(url).await?;
        first.execute(AssertSqlSafe(dialect::create_schema(name)?)).await?;
        let _ = first.close().await;
        let session = dialect::session(name)?;
        let queue_session = format!("{session}; {}", dialect::BY_INDEX);
        let readers = postgres_pool(CONNECTIONS, session).connect(url).await?;
        let queue = postgres_pool(QUEUE_CONNECTIONS, queue_session).connect_lazy(url)?;
        let address = Address::new(None, url.into(), name);
        Ok(Self { readers, writes: Writes::Postgres { queue }, address: Arc::new(address) })
    }

    /// The pool for single statements that read.
    pub fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Begins a transaction that may write; dropped without [`Tx::commit`] it is rolled back.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        self.begin_on(&self.readers, Durable::AtOnce).await
    }

    /// The same for statements on a queue: each finds its few rows by an index, however long the queue is.
    pub(crate) async fn begin_by_index(&self) -> Result<Tx, DbError> {
        self.begin_on(self.queue(), Durable::AtOnce).await
    }

    /// The same for taking from a queue. Who takes from SQLite falls with the file when the power fails, so nobody waits
    /// for the disk; a PostgreSQL server may fall alone, and must then know who has taken what.
    pub(crate) async fn begin_taking(&self) -> Result<Tx, DbError> {
        self.begin_on(self.queue(), Durable::Later).await
    }

    fn queue(&self) -> &AnyPool {
        match &self.writes {
            Writes::Sqlite(_) => &self.readers,
            Writes::Postgres { queue } => queue,
        }
    }

    async fn begin_on(&self, pool: &AnyPool, durable: Durable) -> Result<Tx, DbError> {
        let work = match &self.writes {
            Writes::Sqlite(writer) => Work::Sqlite(writer.begin(durable).await?),
            Writes::Postgres { .. } => Work::Postgres(pool.begin().await?),
        };
        Ok(Tx { work, raised: Raised::default(), address: self.address.clone() })
    }

    /// A PostgreSQL connection outside the pool, for a thread that must not wait for others; its statements find their rows
    /// by an index.
    pub async fn connect(&self) -> Result<AnyConnection, DbError> {
        let mut connection = AnyConnection::connect(self.url()).await?;
        connection.execute(AssertSqlSafe(dialect::session(self.schema())?)).await?;
        connection.execute(dialect::BY_INDEX).await?;
        Ok(connection)
    }

    /// Changes whenever a transaction of this process that raised the signal has been committed.
    pub fn listen(&self, signal: Signal) -> watch::Receiver<u64> {
        self.address.signals.listen(signal)
    }

    /// Raises a signal that another process sent.
    pub fn raise(&self, signal: Signal) {
        self.address.signals.raise(signal);
    }

    /// Which of the two databases this is.
    pub fn dialect(&self) -> Dialect {
        match self.writes {
            Writes::Sqlite(_) => Dialect::Sqlite,
            Writes::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// The address for a connection of one's own (a listener); it may hold a password.
    pub fn url(&self) -> &str {
        &self.address.url
    }

    /// The name of the schema or file: the service's name.
    pub fn schema(&self) -> &str {
        &self.address.schema
    }

    /// The database's clock in microseconds since 1970.
    pub async fn now_us(&self) -> Result<i64, DbError> {
        Ok(sqlx::query_scalar(self.dialect().select_now()).fetch_one(&self.readers).await?)
    }

    /// How the database stands now: what is read from here on is at least as new.
    pub async fn version(&self) -> Result<Version, DbError> {
        match &self.writes {
            Writes::Sqlite(writer) => Ok(Version::of_commits(writer.disk().commits())),
            Writes::Postgres { .. } => self.address.looks.version(self).await,
        }
    }

    /// Waits until all that readers see now is safe from a power failure, for who carries it out of the database.
    pub(crate) async fn settle(&self) -> Result<(), DbError> {
        match &self.writes {
            Writes::Sqlite(writer) => writer.disk().keep_all().await,
            Writes::Postgres { .. } => Ok(()),
        }
    }

    /// Whether the database answers, and can keep what it is told.
    pub async fn is_reachable(&self) -> bool {
        if let Writes::Sqlite(writer) = &self.writes
            && writer.disk().check().is_err()
        {
            return false;
        }
        let ping = sqlx::query_scalar::<Any, i64>("select cast(1 as bigint)").fetch_one(&self.readers);
        matches!(tokio::time::timeout(Duration::from_secs(2), ping).await, Ok(Ok(1)))
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.readers.close().await;
        match &self.writes {
            Writes::Sqlite(writer) => writer.close().await,
            Writes::Postgres { queue } => queue.close().await,
        }
    }
}

/// A pool whose connections are told `session` first.
fn postgres_pool(connections: u32, session: String) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        // A round trip before each statement would double the time of most.
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move {
                if used.idle_for > IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let session = session.clone();
            Box::pin(async move { connection.execute(AssertSqlSafe(session)).await.map(|_| ()) })
        })
}

fn lock_file(path: &PathBuf) -> Result<std::fs::File, DbError> {
    let file = std::fs::File::options().create(true).append(true).open(path);
    let file = file.map_err(|e| DbError::file(path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(DbError::Locked(path.display().to_string())),
        Err(std::fs::TryLockError::Error(e)) => Err(DbError::file(path, &e)),
    }
}

/// A transaction; statements run on it by `&mut *tx`.
pub struct Tx {
    work: Work,
    raised: Raised,
    address: Arc<Address>,
}

enum Work {
    /// On SQLite's only writer, committed together with its neighbours.
    Sqlite(WriterTx),
    /// On a PostgreSQL connection of its own.
    Postgres(sqlx::Transaction<'static, Any>),
}

impl Tx {
    /// Makes the changes durable; when this returns they survive a crash, those of a claim that of the process only.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.work {
            Work::Sqlite(tx) => {
                let committed = tx.commit().await?;
                // The work begins while the disk still writes the order: both are lost with the power, or none. What is
                // to leave the database waits for the disk itself (see `settle`).
                self.raised.raise(&self.address.signals);
                committed.keep().await
            }
            Work::Postgres(tx) => {
                tx.commit().await?;
                self.raised.raise(&self.address.signals);
                Ok(())
            }
        }
    }

    /// Raises a signal once the transaction is committed.
    pub fn raise(&mut self, signal: Signal) {
        self.raised.add(signal);
    }

    /// Which of the two databases this is.
    pub fn dialect(&self) -> Dialect {
        match self.work {
            Work::Sqlite(_) => Dialect::Sqlite,
            Work::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The name of the schema or file: the service's name.
    pub fn schema(&self) -> &str {
        &self.address.schema
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.work {
            Work::Sqlite(tx) => tx.connection(),
            Work::Postgres(tx) => tx,
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.work {
            Work::Sqlite(tx) => tx.connection_mut(),
            Work::Postgres(tx) => tx,
        }
    }
}

#[cfg(test)]
mod tests;
