//! All SQL of the catalogue: here the data sets, in `store/versions.rs` their versions and columns.

mod versions;

use contracts::catalogue::DataSet;
use harness::clock;
use harness::db::{Db, DbError};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

pub(crate) use versions::{
    Column, Version, chunk, chunks, columns, delete_draft, delete_drafts, delete_versions, dictionary,
    insert_chunk, insert_column, insert_draft, publish, touch, version, version_list,
};

/// A data set as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) data_set: DataSet,
    pub(crate) version_id: String,
    /// Grows with every change; the entity tag is made of it.
    pub(crate) revision: i64,
}

const LIST: &str = "select * from data_set where number > $1 order by number limit $2";
const FIND: &str = "select * from data_set where data_set_id = $1";
const FIND_NUMBER: &str = "select * from data_set where number = $1";
const INSERT: &str = "insert into data_set (data_set_id, number, name, description, source, target, version, \
    version_id, revision, row_count, columns, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, 1, $7, 1, $8, $9, $10, $10)";
const NEXT_NUMBER: &str = "update data_set_number set next = next + 1 where only_row = 1 returning next - 1";
const PASS_NUMBER: &str = "update data_set_number set next = case when next > $1 then next else $1 + 1 end \
    where only_row = 1 returning next";
const CHANGE: &str = "update data_set set name = $3, description = $4, target = $5, updated_at = $6, \
    revision = revision + 1 where data_set_id = $1 and revision = $2";
const RENEW: &str = "update data_set set version = version + 1, version_id = $2, row_count = $3, columns = $4, \
    target = $5, updated_at = $6, revision = revision + 1 where data_set_id = $1 returning version";
const DELETE: &str = "delete from data_set where data_set_id = $1 and revision = $2";
const IS_LOADED: &str = "select count(*) from sample where file = $1";
const MARK_LOADED: &str = "insert into sample (file, data_set_id, loaded_at) values ($1, $2, $3)";

/// The data sets after a number, in the order of their numbers.
pub(crate) async fn list(db: &Db, after: i64, limit: i64) -> Result<Vec<Stored>, DbError> {
    let rows = sqlx::query(LIST).bind(after).bind(limit).fetch_all(db.read()).await?;
    rows.iter().map(stored).collect()
}

/// One data set, as a transaction sees it.
pub(crate) async fn find_in(connection: &mut AnyConnection, id: Uuid) -> Result<Option<Stored>, DbError> {
    let row = sqlx::query(FIND).bind(id.to_string()).fetch_optional(connection).await?;
    row.as_ref().map(stored).transpose()
}

/// One data set.
pub(crate) async fn find(db: &Db, id: Uuid) -> Result<Option<Stored>, DbError> {
    let row = sqlx::query(FIND).bind(id.to_string()).fetch_optional(db.read()).await?;
    row.as_ref().map(stored).transpose()
}

/// The data set with a number.
pub(crate) async fn find_number(db: &Db, number: i64) -> Result<Option<Stored>, DbError> {
    let row = sqlx::query(FIND_NUMBER).bind(number).fetch_optional(db.read()).await?;
    row.as_ref().map(stored).transpose()
}

/// Inserts the first version's data set.
pub(crate) async fn insert(connection: &mut AnyConnection, stored: &Stored) -> Result<(), DbError> {
    let data_set = &stored.data_set;
    sqlx::query(INSERT)
        .bind(data_set.id.to_string())
        .bind(data_set.number)
        .bind(&data_set.name)
        .bind(&data_set.description)
        .bind(&data_set.source)
        .bind(data_set.target.as_deref())
        .bind(&stored.version_id)
        .bind(data_set.rows as i64)
        .bind(json(&data_set.columns))
        .bind(data_set.created_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// A number that no data set had before. `wished` is taken when it is free.
pub(crate) async fn next_number(connection: &mut AnyConnection, wished: Option<i64>) -> Result<i64, DbError> {
    if let Some(number) = wished
        && sqlx::query(FIND_NUMBER).bind(number).fetch_optional(&mut *connection).await?.is_none()
    {
        sqlx::query(PASS_NUMBER).bind(number).fetch_one(connection).await?;
        return Ok(number);
    }
    Ok(sqlx::query_scalar(NEXT_NUMBER).fetch_one(connection).await?)
}

/// Changes what a user may change; says whether `revision` was still the newest.
pub(crate) async fn change(
    connection: &mut AnyConnection,
    data_set: &DataSet,
    revision: i64,
) -> Result<bool, DbError> {
    let done = sqlx::query(CHANGE)
        .bind(data_set.id.to_string())
        .bind(revision)
        .bind(&data_set.name)
        .bind(&data_set.description)
        .bind(data_set.target.as_deref())
        .bind(data_set.updated_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes a version the newest one; gives its number, or nothing when the data set is gone.
pub(crate) async fn renew(connection: &mut AnyConnection, stored: &Stored) -> Result<Option<i64>, DbError> {
    let data_set = &stored.data_set;
    let version = sqlx::query_scalar(RENEW)
        .bind(data_set.id.to_string())
        .bind(&stored.version_id)
        .bind(data_set.rows as i64)
        .bind(json(&data_set.columns))
        .bind(data_set.target.as_deref())
        .bind(data_set.updated_at.as_microsecond())
        .fetch_optional(connection)
        .await?;
    Ok(version)
}

/// Deletes a data set but not its versions; says whether `revision` was still the newest.
pub(crate) async fn delete(connection: &mut AnyConnection, id: Uuid, revision: i64) -> Result<bool, DbError> {
    let done = sqlx::query(DELETE).bind(id.to_string()).bind(revision).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a sample was loaded before.
pub(crate) async fn is_sample_loaded(db: &Db, file: &str) -> Result<bool, DbError> {
    let count: i64 = sqlx::query_scalar(IS_LOADED).bind(file).fetch_one(db.read()).await?;
    Ok(count > 0)
}

/// Remembers that a sample was loaded; a unique violation says that another process was first.
pub(crate) async fn mark_sample_loaded(
    connection: &mut AnyConnection,
    file: &str,
    id: Uuid,
    now_us: i64,
) -> Result<(), DbError> {
    sqlx::query(MARK_LOADED).bind(file).bind(id.to_string()).bind(now_us).execute(connection).await?;
    Ok(())
}

fn stored(row: &AnyRow) -> Result<Stored, DbError> {
    let id: String = row.try_get("data_set_id")?;
    let columns: String = row.try_get("columns")?;
    let data_set = DataSet {
        id: id.parse().map_err(|e| broken("data_set_id", &e))?,
        number: row.try_get("number")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        source: row.try_get("source")?,
        version: row.try_get("version")?,
        rows: row.try_get::<i64, _>("row_count")? as u64,
        columns: serde_json::from_str(&columns).map_err(|e| broken("columns", &e))?,
        target: row.try_get("target")?,
        created_at: clock::from_us(row.try_get("created_at")?),
        updated_at: clock::from_us(row.try_get("updated_at")?),
    };
    Ok(Stored { data_set, version_id: row.try_get("version_id")?, revision: row.try_get("revision")? })
}

fn broken(column: &str, cause: &dyn std::fmt::Display) -> DbError {
    DbError::Sql(sqlx::Error::Decode(format!("{column}: {cause}").into()))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("names, profiles and findings have a JSON form")
}
