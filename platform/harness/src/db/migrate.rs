//! Brings a database's tables to the newest version: numbered steps, forward only, unchanged once they ran.

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor, Row};

use super::{Db, DbError, Dialect};

/// One step: its file's name (`0001_data_set`) and its SQL.
pub type Migration = (&'static str, &'static str);

/// The tables that every service has.
pub(super) const HARNESS: &[Migration] = &[
    ("0001_outbox", include_str!("../../migrations/0001_outbox.sql")),
    ("0002_job", include_str!("../../migrations/0002_job.sql")),
    ("0003_idempotency", include_str!("../../migrations/0003_idempotency.sql")),
];

const TABLE: &str = "create table if not exists migration (context text not null, name text not null, hash text not null, \
    applied_at bigint not null, primary key (context, name))";

/// Applies the steps of `context` that this database does not have yet.
pub(super) async fn run(db: &Db, context: &str, steps: &[Migration]) -> Result<(), DbError> {
    let now = db.now_us().await?;
    let mut tx = db.begin().await?;
    if tx.dialect() == Dialect::Postgres {
        // Several processes may start at once; the lock ends with the transaction. Large tables take their time.
        tx.execute("set local statement_timeout = 0; set local lock_timeout = 0").await?;
        tx.execute("select pg_advisory_xact_lock(7332)").await?;
    }
    tx.execute(TABLE).await?;
    let applied = sqlx::query("select name, hash from migration where context = $1 order by name")
        .bind(context)
        .fetch_all(&mut *tx)
        .await?;
    let mut known = Vec::new();
    for row in &applied {
        let (name, hash): (String, String) = (row.try_get("name")?, row.try_get("hash")?);
        match steps.iter().find(|(known, _)| *known == name) {
            None => return Err(newer(context, &name)),
            Some((_, sql)) if hash_of(sql) != hash => return Err(changed(context, &name)),
            Some((step, _)) => known.push(*step),
        }
    }
    for (name, sql) in steps.iter().filter(|(name, _)| !known.contains(name)) {
        tx.execute(sqlx::raw_sql(AssertSqlSafe(db.dialect().translate(sql)))).await?;
        sqlx::query("insert into migration (context, name, hash, applied_at) values ($1, $2, $3, $4)")
            .bind(context)
            .bind(*name)
            .bind(hash_of(sql))
            .bind(now)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

fn newer(context: &str, name: &str) -> DbError {
    DbError::Migration(format!(
        "{context}/{name} was made by a newer version of this program; start that version or restore a backup"
    ))
}

fn changed(context: &str, name: &str) -> DbError {
    DbError::Migration(format!("{context}/{name} is not the one that this database was made with"))
}

fn hash_of(sql: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(sql.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
