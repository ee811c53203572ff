//! All SQL of the service.

use contracts::jobs::JobState;
use contracts::regression::{Fit, FitResult};
use harness::clock::from_us;
use harness::data_set::Question;
use harness::db::{Db, DbError, Tx, decode};
use harness::problem::{Problem, Result};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

/// A fit counts as running while its job does.
const FIT: &str = "select f.fit_id, f.data_set_id, f.data_set_version, f.target, f.inputs, f.job_id, f.created_at, \
    f.finished_at, f.error, f.result, f.is_failure_told, \
    case when f.state = 'waiting' and j.state = 1 then 'running' else f.state end as state \
    from fit f left join job j on j.id = f.job_id";

/// A fit as it is stored.
pub(crate) struct Stored {
    pub(crate) fit: Fit,
    pub(crate) is_failure_told: bool,
}

impl FromRow<'_, AnyRow> for Stored {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let finished: Option<i64> = row.try_get("finished_at")?;
        let fit = Fit {
            id: decode::id(row, "fit_id")?,
            data_set_id: decode::id(row, "data_set_id")?,
            data_set_version: row.try_get("data_set_version")?,
            target: row.try_get("target")?,
            inputs: decode::json(row, "inputs")?,
            state: decode::word(row, "state")?,
            job_id: row.try_get("job_id")?,
            created_at: from_us(row.try_get("created_at")?),
            finished_at: finished.map(from_us),
            error: row.try_get("error")?,
            result: decode::optional_json(row, "result")?,
        };
        Ok(Self { fit, is_failure_told: row.try_get::<i64, _>("is_failure_told")? != 0 })
    }
}

/// A fit to be ordered.
pub(crate) struct Order<'a> {
    pub(crate) id: Uuid,
    pub(crate) data_set_id: Uuid,
    pub(crate) data_set_version: i64,
    pub(crate) question: &'a Question,
    pub(crate) is_guess: bool,
    pub(crate) job_id: &'a str,
    pub(crate) now_us: i64,
}

pub(crate) async fn insert(tx: &mut Tx, order: &Order<'_>) -> Result<()> {
    sqlx::query(
        "insert into fit (fit_id, data_set_id, data_set_version, target, inputs, is_guess, state, job_id, created_at) \
         values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8)",
    )
    .bind(order.id.to_string())
    .bind(order.data_set_id.to_string())
    .bind(order.data_set_version)
    .bind(&order.question.target)
    .bind(serde_json::to_string(&order.question.inputs).map_err(|e| Problem::internal(&e))?)
    .bind(i64::from(order.is_guess))
    .bind(order.job_id)
    .bind(order.now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends a fit with its result.
pub(crate) async fn finish(
    tx: &mut Tx,
    fit_id: Uuid,
    result: &FitResult,
    model: &str,
    now_us: i64,
) -> Result<()> {
    sqlx::query(
        "update fit set state = 'done', result = $2, model = $3, finished_at = $4, error = null where fit_id = $1",
    )
    .bind(fit_id.to_string())
    .bind(serde_json::to_string(result).map_err(|e| Problem::internal(&e))?)
    .bind(model)
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets where a fit stands when it is not done.
pub(crate) async fn set_state(
    tx: &mut Tx,
    fit_id: Uuid,
    state: JobState,
    error: Option<&str>,
    now: i64,
) -> Result<()> {
    sqlx::query(
        "update fit set state = $2, error = $3, finished_at = $4, is_failure_told = 0 where fit_id = $1",
    )
    .bind(fit_id.to_string())
    .bind(state.as_str())
    .bind(error)
    .bind(state.is_final().then_some(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn fit(db: &Db, fit_id: Uuid) -> Result<Option<Fit>> {
    let sql = sqlx::AssertSqlSafe(format!("{FIT} where f.fit_id = $1"));
    let stored: Option<Stored> =
        sqlx::query_as(sql).bind(fit_id.to_string()).fetch_optional(db.read()).await?;
    Ok(stored.map(|s| s.fit))
}

pub(crate) async fn fit_of_job(tx: &mut Tx, job_id: &str) -> Result<Option<Fit>> {
    let sql = sqlx::AssertSqlSafe(format!("{FIT} where f.job_id = $1"));
    let stored: Option<Stored> = sqlx::query_as(sql).bind(job_id).fetch_optional(&mut **tx).await?;
    Ok(stored.map(|s| s.fit))
}

/// Up to `limit` fits, the newest first, that come after the fit `after`.
pub(crate) async fn fits(
    db: &Db,
    data_set_id: Option<Uuid>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Fit>> {
    let sql = format!(
        "{FIT} where (cast($1 as text) is null or f.data_set_id = $1) and (cast($2 as text) is null or f.fit_id < $2) \
        order by f.fit_id desc limit $3"
    );
    let stored: Vec<Stored> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(data_set_id.map(|id| id.to_string()))
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?;
    Ok(stored.into_iter().map(|s| s.fit).collect())
}

/// The newest fit of one variable of a data set's version.
pub(crate) async fn guess(tx: &mut Tx, data_set_id: Uuid, version: i64) -> Result<Option<Stored>> {
    let sql = format!(
        "{FIT} where f.data_set_id = $1 and f.data_set_version = $2 and f.is_guess = 1 \
        order by f.fit_id desc limit 1"
    );
    let sql = sqlx::AssertSqlSafe(sql);
    Ok(sqlx::query_as(sql).bind(data_set_id.to_string()).bind(version).fetch_optional(&mut **tx).await?)
}

pub(crate) async fn set_failure_told(tx: &mut Tx, fit_id: Uuid) -> Result<()> {
    let sql = "update fit set is_failure_told = 1 where fit_id = $1";
    sqlx::query(sql).bind(fit_id.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// The model to predict with, when the fit is done.
pub(crate) async fn model(db: &Db, fit_id: Uuid) -> Result<Option<String>> {
    let sql = "select model from fit where fit_id = $1 and model is not null";
    Ok(sqlx::query_scalar(sql).bind(fit_id.to_string()).fetch_optional(db.read()).await?)
}

/// Deletes one fit, those of a data set, or all guesses; gives their ids, data sets and jobs.
pub(crate) async fn delete(tx: &mut Tx, which: Which) -> Result<Vec<Deleted>, DbError> {
    const GONE: &str = "returning fit_id, data_set_id, job_id";
    let (condition, value) = match which {
        Which::Fit(id) => ("fit_id = $1", id.to_string()),
        Which::DataSet(id) => ("data_set_id = $1", id.to_string()),
        Which::All => ("$1 = ''", String::new()),
    };
    let sql = sqlx::AssertSqlSafe(format!("delete from fit where {condition} {GONE}"));
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).bind(value).fetch_all(&mut **tx).await?;
    let deleted = rows.into_iter().map(|(fit, data_set, job)| Deleted { fit, data_set, job });
    Ok(deleted.collect())
}

/// Which fits to delete.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    Fit(Uuid),
    DataSet(Uuid),
    All,
}

/// A fit that is gone.
pub(crate) struct Deleted {
    pub(crate) fit: String,
    pub(crate) data_set: String,
    pub(crate) job: String,
}
