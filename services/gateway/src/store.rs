//! All SQL of the views.

use contracts::jobs::Job;
use harness::db::{Db, DbError, Tx};
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::overview::Made;

/// A row of the overview as it is kept.
#[derive(Debug)]
pub(crate) struct OverviewRow {
    pub(crate) data_set_id: String,
    pub(crate) data_set: String,
    pub(crate) linear: Option<String>,
    pub(crate) formula: Option<String>,
    pub(crate) refreshed_at: i64,
}

/// A row that must be made again, for the reasons up to `version`.
#[derive(Debug)]
pub(crate) struct Stale {
    pub(crate) data_set_id: String,
    pub(crate) version: i64,
}

/// Which jobs to list.
#[derive(Debug, Default)]
pub(crate) struct JobFilter {
    pub(crate) state: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) before: Option<String>,
}

/// The rows after the data set `after`, the oldest data sets first: their ids grow with time.
pub(crate) async fn overview(db: &Db, after: Option<&str>, limit: u32) -> Result<Vec<OverviewRow>, DbError> {
    let rows = sqlx::query(
        "select data_set_id, data_set, linear, formula, refreshed_at from overview \
         where data_set_id > $1 order by data_set_id limit $2",
    );
    let rows = rows.bind(after.unwrap_or_default()).bind(i64::from(limit)).fetch_all(db.read()).await?;
    let row = |row: &AnyRow| {
        Ok(OverviewRow {
            data_set_id: row.try_get("data_set_id")?,
            data_set: row.try_get("data_set")?,
            linear: row.try_get("linear")?,
            formula: row.try_get("formula")?,
            refreshed_at: row.try_get("refreshed_at")?,
        })
    };
    rows.iter().map(row).collect()
}

pub(crate) async fn overview_ids(db: &Db) -> Result<Vec<String>, DbError> {
    Ok(sqlx::query_scalar("select data_set_id from overview").fetch_all(db.read()).await?)
}

/// Writes what is known of a row; true when all of it is.
pub(crate) async fn put_overview(tx: &mut Tx, id: &str, row: &Made, now: i64) -> Result<bool, DbError> {
    let is_whole = row.data_set.is_ok() && row.linear.is_ok() && row.formula.is_ok();
    match &row.data_set {
        Ok(Some(data_set)) => {
            sqlx::query(
                "insert into overview (data_set_id, data_set, refreshed_at) values ($1, $2, $3) \
                 on conflict (data_set_id) do update set data_set = excluded.data_set, refreshed_at = excluded.refreshed_at",
            )
            .bind(id)
            .bind(json(data_set))
            .bind(now)
            .execute(&mut **tx)
            .await?;
        }
        Ok(None) => {
            sqlx::query("delete from overview where data_set_id = $1").bind(id).execute(&mut **tx).await?;
            return Ok(true);
        }
        Err(_) => {}
    }
    if let Ok(linear) = &row.linear {
        let statement = "update overview set linear = $2, refreshed_at = $3 where data_set_id = $1";
        sqlx::query(statement).bind(id).bind(linear.as_ref().map(json)).bind(now).execute(&mut **tx).await?;
    }
    if let Ok(formula) = &row.formula {
        let statement = "update overview set formula = $2, refreshed_at = $3 where data_set_id = $1";
        sqlx::query(statement).bind(id).bind(formula.as_ref().map(json)).bind(now).execute(&mut **tx).await?;
    }
    Ok(is_whole)
}

pub(crate) async fn mark_stale(tx: &mut Tx, data_set_id: &str, now: i64) -> Result<(), DbError> {
    sqlx::query(
        "insert into stale (data_set_id, version, due_at) values ($1, 1, $2) \
         on conflict (data_set_id) do update set version = stale.version + 1, due_at = excluded.due_at",
    )
    .bind(data_set_id)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn due(db: &Db, now: i64, limit: u32) -> Result<Vec<Stale>, DbError> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("select data_set_id, version from stale where due_at <= $1 order by due_at limit $2")
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(db.read())
            .await?;
    Ok(rows.into_iter().map(|(data_set_id, version)| Stale { data_set_id, version }).collect())
}

/// Removes the mark, unless there is a new reason since.
pub(crate) async fn clear_stale(tx: &mut Tx, stale: &Stale) -> Result<(), DbError> {
    sqlx::query("delete from stale where data_set_id = $1 and version = $2")
        .bind(&stale.data_set_id)
        .bind(stale.version)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn put_off(tx: &mut Tx, stale: &Stale, due_at: i64) -> Result<(), DbError> {
    sqlx::query("update stale set due_at = $3 where data_set_id = $1 and version = $2")
        .bind(&stale.data_set_id)
        .bind(stale.version)
        .bind(due_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Writes a job as an event told it.
pub(crate) async fn put_job(tx: &mut Tx, job: &Job, now: i64) -> Result<(), DbError> {
    insert_job(tx, job, now, i64::MAX).await
}

/// Writes a job as a list told it, unless an event has told more since `start`.
pub(crate) async fn put_job_unless_seen_since(tx: &mut Tx, job: &Job, start: i64) -> Result<(), DbError> {
    insert_job(tx, job, start, start).await
}

async fn insert_job(tx: &mut Tx, job: &Job, now: i64, seen_before: i64) -> Result<(), DbError> {
    sqlx::query(
        "insert into job_view (job_id, service, kind, state, body, seen_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict (job_id) do update set state = excluded.state, body = excluded.body, seen_at = excluded.seen_at \
         where job_view.seen_at < $7",
    )
    .bind(&job.id)
    .bind(&job.service)
    .bind(&job.kind)
    .bind(job.state.as_str())
    .bind(json(job))
    .bind(now)
    .bind(seen_before)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes the jobs that the service no longer lists.
pub(crate) async fn drop_jobs_unseen_since(tx: &mut Tx, service: &str, start: i64) -> Result<(), DbError> {
    sqlx::query("delete from job_view where service = $1 and seen_at < $2")
        .bind(service)
        .bind(start)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Jobs as JSON, the newest first: their ids grow with time.
pub(crate) async fn jobs(db: &Db, filter: &JobFilter, limit: u32) -> Result<Vec<String>, DbError> {
    let rows = sqlx::query_scalar(
        "select body from job_view where (state = $1 or $1 = '') and (kind = $2 or $2 = '') \
         and (service = $3 or $3 = '') and (job_id < $4 or $4 = '') order by job_id desc limit $5",
    );
    Ok(rows
        .bind(filter.state.as_deref().unwrap_or_default())
        .bind(filter.kind.as_deref().unwrap_or_default())
        .bind(filter.service.as_deref().unwrap_or_default())
        .bind(filter.before.as_deref().unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?)
}

/// How many jobs of the service and kind there are in each state.
pub(crate) async fn job_counts(db: &Db, filter: &JobFilter) -> Result<Vec<(String, i64)>, DbError> {
    let rows = sqlx::query_as(
        "select state, count(*) from job_view \
         where (kind = $1 or $1 = '') and (service = $2 or $2 = '') group by state",
    );
    Ok(rows
        .bind(filter.kind.as_deref().unwrap_or_default())
        .bind(filter.service.as_deref().unwrap_or_default())
        .fetch_all(db.read())
        .await?)
}

pub(crate) async fn service_of_job(db: &Db, job_id: &str) -> Result<Option<String>, DbError> {
    let row = sqlx::query_scalar("select service from job_view where job_id = $1").bind(job_id);
    Ok(row.fetch_optional(db.read()).await?)
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
