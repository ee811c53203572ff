//! The SQL of versions, their columns and the chunks of their values.

use contracts::catalogue::{ColumnProfile, DataSetVersion};
use contracts::finding::Finding;
use harness::clock;
use harness::db::{Db, DbError};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::{broken, json};

/// A version as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) block_rows: u64,
    pub(crate) told: DataSetVersion,
}

/// A column as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub(crate) position: i64,
    pub(crate) profile: ColumnProfile,
}

const INSERT_DRAFT: &str = "insert into data_set_version (version_id, data_set_id, version, row_count, \
    block_rows, columns, findings, size_bytes, created_at, touched_at) \
    values ($1, $2, null, $3, $4, $5, $6, $7, $8, $8)";
const TOUCH: &str = "update data_set_version set touched_at = $2 where version_id = $1 and version is null returning version_id";
const PUBLISH: &str = "update data_set_version set version = $2, created_at = $3 \
    where version_id = $1 and version is null returning version_id";
const INSERT_COLUMN: &str = "insert into data_set_column (version_id, position, name, profile, dictionary) \
    values ($1, $2, $3, $4, $5)";
const INSERT_CHUNK: &str =
    "insert into column_chunk (version_id, chunk, position, body) values ($1, $2, $3, $4)";
const VERSION: &str = "select * from data_set_version where data_set_id = $1 and version = $2";
const VERSIONS: &str = "select * from data_set_version where data_set_id = $1 and version < $2 \
    order by version desc limit $3";
const COLUMNS: &str = "select position, profile from data_set_column where version_id = $1 order by position";
const DICTIONARY: &str = "select dictionary from data_set_column where version_id = $1 and position = $2";
const CHUNK: &str = "select body from column_chunk where version_id = $1 and chunk = $2 and position = $3";
const CHUNKS: &str = "select body from column_chunk where version_id = $1 and chunk = $2 order by position";
// Columns and chunks go with their version.
const DELETE_VERSIONS: &str = "delete from data_set_version where data_set_id = $1";
const DELETE_DRAFT: &str = "delete from data_set_version where version_id = $1 and version is null";
const DELETE_DRAFTS: &str = "delete from data_set_version where version is null and touched_at < $1";

/// Begins a version that nobody sees yet.
pub(crate) async fn insert_draft(
    connection: &mut AnyConnection,
    data_set_id: Uuid,
    draft: &Version,
) -> Result<(), DbError> {
    sqlx::query(INSERT_DRAFT)
        .bind(&draft.id)
        .bind(data_set_id.to_string())
        .bind(draft.told.rows as i64)
        .bind(draft.block_rows as i64)
        .bind(json(&draft.told.columns))
        .bind(json(&draft.told.findings))
        .bind(draft.told.size_bytes as i64)
        .bind(draft.told.created_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Says that a draft is still being written; says whether it is still there.
pub(crate) async fn touch(
    connection: &mut AnyConnection,
    version_id: &str,
    now_us: i64,
) -> Result<bool, DbError> {
    Ok(sqlx::query(TOUCH).bind(version_id).bind(now_us).fetch_optional(connection).await?.is_some())
}

/// Makes a draft a version; says whether the draft was still there.
pub(crate) async fn publish(
    connection: &mut AnyConnection,
    version_id: &str,
    version: i64,
    now_us: i64,
) -> Result<bool, DbError> {
    let published = sqlx::query(PUBLISH).bind(version_id).bind(version).bind(now_us);
    Ok(published.fetch_optional(connection).await?.is_some())
}

/// Adds a column to a draft.
pub(crate) async fn insert_column(
    connection: &mut AnyConnection,
    version_id: &str,
    column: &Column,
    dictionary: Option<Vec<u8>>,
) -> Result<(), DbError> {
    sqlx::query(INSERT_COLUMN)
        .bind(version_id)
        .bind(column.position)
        .bind(&column.profile.name)
        .bind(json(&column.profile))
        .bind(dictionary)
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds a chunk to a column of a draft.
pub(crate) async fn insert_chunk(
    connection: &mut AnyConnection,
    version_id: &str,
    place: (i64, i64),
    body: Vec<u8>,
) -> Result<(), DbError> {
    let (chunk, position) = place;
    sqlx::query(INSERT_CHUNK)
        .bind(version_id)
        .bind(chunk)
        .bind(position)
        .bind(body)
        .execute(connection)
        .await?;
    Ok(())
}

/// A published version.
pub(crate) async fn version(
    connection: &mut AnyConnection,
    data_set_id: Uuid,
    version: i64,
) -> Result<Option<Version>, DbError> {
    let row =
        sqlx::query(VERSION).bind(data_set_id.to_string()).bind(version).fetch_optional(connection).await?;
    row.as_ref().map(read_version).transpose()
}

/// The published versions before a version, newest first.
pub(crate) async fn version_list(
    db: &Db,
    data_set_id: Uuid,
    before: i64,
    limit: i64,
) -> Result<Vec<Version>, DbError> {
    let query = sqlx::query(VERSIONS).bind(data_set_id.to_string()).bind(before).bind(limit);
    query.fetch_all(db.read()).await?.iter().map(read_version).collect()
}

/// The columns of a version.
pub(crate) async fn columns(
    connection: &mut AnyConnection,
    version_id: &str,
) -> Result<Vec<Column>, DbError> {
    let rows = sqlx::query(COLUMNS).bind(version_id).fetch_all(connection).await?;
    let column = |row: &AnyRow| {
        let profile: String = row.try_get("profile")?;
        let profile = serde_json::from_str(&profile).map_err(|e| broken("profile", &e))?;
        Ok(Column { position: row.try_get("position")?, profile })
    };
    rows.iter().map(column).collect()
}

/// The head of a column of texts, in the binary form of the table contract; nothing for numbers.
pub(crate) async fn dictionary(db: &Db, version_id: &str, position: i64) -> Result<Option<Vec<u8>>, DbError> {
    let row = sqlx::query(DICTIONARY).bind(version_id).bind(position).fetch_optional(db.read()).await?;
    Ok(row.map(|row| row.try_get("dictionary")).transpose()?.flatten())
}

/// One chunk of one column.
pub(crate) async fn chunk(
    db: &Db,
    version_id: &str,
    chunk: i64,
    position: i64,
) -> Result<Option<Vec<u8>>, DbError> {
    let query = sqlx::query(CHUNK).bind(version_id).bind(chunk).bind(position);
    Ok(query.fetch_optional(db.read()).await?.map(|row| row.try_get("body")).transpose()?)
}

/// One chunk of every column.
pub(crate) async fn chunks(db: &Db, version_id: &str, chunk: i64) -> Result<Vec<Vec<u8>>, DbError> {
    let rows = sqlx::query(CHUNKS).bind(version_id).bind(chunk).fetch_all(db.read()).await?;
    Ok(rows.iter().map(|row| row.try_get("body")).collect::<Result<_, _>>()?)
}

/// Deletes all versions of a data set, drafts too.
pub(crate) async fn delete_versions(
    connection: &mut AnyConnection,
    data_set_id: Uuid,
) -> Result<(), DbError> {
    sqlx::query(DELETE_VERSIONS).bind(data_set_id.to_string()).execute(connection).await?;
    Ok(())
}

/// Deletes drafts that nobody has written to since a time; says how many.
pub(crate) async fn delete_drafts(connection: &mut AnyConnection, before_us: i64) -> Result<u64, DbError> {
    Ok(sqlx::query(DELETE_DRAFTS).bind(before_us).execute(connection).await?.rows_affected())
}

/// Deletes a draft that nobody will publish.
pub(crate) async fn delete_draft(connection: &mut AnyConnection, version_id: &str) -> Result<(), DbError> {
    sqlx::query(DELETE_DRAFT).bind(version_id).execute(connection).await?;
    Ok(())
}

fn read_version(row: &AnyRow) -> Result<Version, DbError> {
    let columns: String = row.try_get("columns")?;
    let findings: String = row.try_get("findings")?;
    let findings: Vec<Finding> = serde_json::from_str(&findings).map_err(|e| broken("findings", &e))?;
    Ok(Version {
        id: row.try_get("version_id")?,
        block_rows: row.try_get::<i64, _>("block_rows")? as u64,
        told: DataSetVersion {
            version: row.try_get("version")?,
            rows: row.try_get::<i64, _>("row_count")? as u64,
            columns: serde_json::from_str(&columns).map_err(|e| broken("columns", &e))?,
            size_bytes: row.try_get::<i64, _>("size_bytes")? as u64,
            findings,
            created_at: clock::from_us(row.try_get("created_at")?),
        },
    })
}
