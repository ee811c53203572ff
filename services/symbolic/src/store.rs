//! All SQL of the service.

use contracts::jobs::JobState;
use contracts::symbolic::{Search, SearchOptions};
use harness::clock::from_us;
use harness::data_set::Question;
use harness::db::{Db, DbError, Tx, decode};
use harness::problem::{Problem, Result};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};
use uuid::Uuid;

use crate::engine::Standing;

/// A search counts as running while its job does.
const SEARCH: &str = "select s.search_id, s.data_set_id, s.data_set_version, s.target, s.inputs, s.options, s.job_id, \
    s.created_at, s.finished_at, s.error, s.stage, s.evaluations, s.elapsed_s, s.front, s.chosen, s.reasons, \
    s.findings, s.is_failure_told, \
    case when s.state = 'waiting' and j.state = 1 then 'running' else s.state end as state \
    from search s left join job j on j.id = s.job_id";

/// A search as it is stored.
pub(crate) struct Stored {
    pub(crate) search: Search,
    pub(crate) is_failure_told: bool,
}

impl FromRow<'_, AnyRow> for Stored {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let options: SearchOptions = decode::json(row, "options")?;
        let elapsed_s: f64 = row.try_get("elapsed_s")?;
        let state = decode::word(row, "state")?;
        let share = (elapsed_s / options.time_s).clamp(0.0, 1.0);
        let search = Search {
            id: decode::id(row, "search_id")?,
            data_set_id: decode::id(row, "data_set_id")?,
            data_set_version: row.try_get("data_set_version")?,
            target: row.try_get("target")?,
            inputs: decode::json(row, "inputs")?,
            options,
            state,
            job_id: row.try_get("job_id")?,
            created_at: from_us(row.try_get("created_at")?),
            finished_at: row.try_get::<Option<i64>, _>("finished_at")?.map(from_us),
            error: row.try_get("error")?,
            stage: row.try_get("stage")?,
            evaluations: row.try_get::<i64, _>("evaluations")?.max(0) as u64,
            elapsed_s,
            progress: if state == JobState::Done { 1.0 } else { share },
            front: decode::json(row, "front")?,
            chosen: row.try_get::<Option<i64>, _>("chosen")?.map(|at| at as u32),
            reasons: decode::json(row, "reasons")?,
            findings: decode::json(row, "findings")?,
        };
        Ok(Self { search, is_failure_told: row.try_get::<i64, _>("is_failure_told")? != 0 })
    }
}

fn as_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Problem::internal(&e))
}

/// A search to be ordered.
pub(crate) struct Order<'a> {
    pub(crate) id: Uuid,
    pub(crate) data_set_id: Uuid,
    pub(crate) data_set_version: i64,
    pub(crate) question: &'a Question,
    pub(crate) options: &'a SearchOptions,
    pub(crate) is_guess: bool,
    pub(crate) job_id: &'a str,
    pub(crate) now_us: i64,
}

pub(crate) async fn insert(tx: &mut Tx, order: &Order<'_>) -> Result<()> {
    sqlx::query(
        "insert into search (search_id, data_set_id, data_set_version, target, inputs, options, is_guess, state, job_id, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9)",
    )
    .bind(order.id.to_string())
    .bind(order.data_set_id.to_string())
    .bind(order.data_set_version)
    .bind(&order.question.target)
    .bind(as_json(&order.question.inputs)?)
    .bind(as_json(order.options)?)
    .bind(i64::from(order.is_guess))
    .bind(order.job_id)
    .bind(order.now_us)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes how far a search is, and its front when it has improved.
pub(crate) async fn improve(tx: &mut Tx, search_id: Uuid, standing: &Standing) -> Result<()> {
    let front = standing.front.as_ref().map(as_json).transpose()?;
    sqlx::query(
        "update search set stage = $2, evaluations = $3, elapsed_s = $4, front = coalesce($5, front) \
         where search_id = $1",
    )
    .bind(search_id.to_string())
    .bind(&standing.stage)
    .bind(standing.evaluations as i64)
    .bind(standing.elapsed_s)
    .bind(front)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a search ends with.
pub(crate) struct End<'a> {
    pub(crate) standing: &'a Standing,
    pub(crate) chosen: Option<u32>,
    pub(crate) reasons: &'a [contracts::symbolic::Reason],
    pub(crate) findings: &'a [contracts::finding::Finding],
}

/// Writes a search's last front with the choice.
pub(crate) async fn end(tx: &mut Tx, search_id: Uuid, end: &End<'_>) -> Result<()> {
    improve(tx, search_id, end.standing).await?;
    sqlx::query("update search set chosen = $2, reasons = $3, findings = $4 where search_id = $1")
        .bind(search_id.to_string())
        .bind(end.chosen.map(i64::from))
        .bind(as_json(&end.reasons)?)
        .bind(as_json(&end.findings)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Sets where a search stands.
pub(crate) async fn set_state(
    tx: &mut Tx,
    id: Uuid,
    state: JobState,
    error: Option<&str>,
    now: i64,
) -> Result<()> {
    sqlx::query("update search set state = $2, error = $3, finished_at = $4, is_failure_told = 0 where search_id = $1")
        .bind(id.to_string())
        .bind(state.as_str())
        .bind(error)
        .bind(state.is_final().then_some(now))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn search(db: &Db, search_id: Uuid) -> Result<Option<Search>> {
    let sql = AssertSqlSafe(format!("{SEARCH} where s.search_id = $1"));
    let stored: Option<Stored> =
        sqlx::query_as(sql).bind(search_id.to_string()).fetch_optional(db.read()).await?;
    Ok(stored.map(|s| s.search))
}

pub(crate) async fn search_of_job(tx: &mut Tx, job_id: &str) -> Result<Option<Search>> {
    let sql = AssertSqlSafe(format!("{SEARCH} where s.job_id = $1"));
    let stored: Option<Stored> = sqlx::query_as(sql).bind(job_id).fetch_optional(&mut **tx).await?;
    Ok(stored.map(|s| s.search))
}

/// Which searches a list shows.
pub(crate) struct Filter<'a> {
    pub(crate) data_set_id: Option<Uuid>,
    /// Only those that ended with a formula.
    pub(crate) has_formula: bool,
    /// Only those after this one.
    pub(crate) after: Option<&'a str>,
}

/// Up to `limit` searches, the newest first.
pub(crate) async fn searches(db: &Db, filter: Filter<'_>, limit: u32) -> Result<Vec<Search>> {
    let sql = format!(
        "{SEARCH} where (cast($1 as text) is null or s.data_set_id = $1) \
         and (cast($2 as text) is null or s.search_id < $2) and ($3 = 0 or s.chosen is not null) \
         order by s.search_id desc limit $4"
    );
    let stored: Vec<Stored> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(filter.data_set_id.map(|id| id.to_string()))
        .bind(filter.after)
        .bind(i64::from(filter.has_formula))
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?;
    Ok(stored.into_iter().map(|s| s.search).collect())
}

/// The newest search of one variable of a data set's version.
pub(crate) async fn guess(tx: &mut Tx, data_set_id: Uuid, version: i64) -> Result<Option<Stored>> {
    let sql = AssertSqlSafe(format!(
        "{SEARCH} where s.data_set_id = $1 and s.data_set_version = $2 and s.is_guess = 1 \
         order by s.search_id desc limit 1"
    ));
    Ok(sqlx::query_as(sql).bind(data_set_id.to_string()).bind(version).fetch_optional(&mut **tx).await?)
}

pub(crate) async fn set_failure_told(tx: &mut Tx, search_id: Uuid) -> Result<()> {
    let sql = "update search set is_failure_told = 1 where search_id = $1";
    sqlx::query(sql).bind(search_id.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// Which searches to delete.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    Search(Uuid),
    DataSet(Uuid),
    All,
}

/// A search that is gone.
pub(crate) struct Deleted {
    pub(crate) search: String,
    pub(crate) data_set: String,
    pub(crate) job: String,
}

/// Deletes one search, those of a data set, or all.
pub(crate) async fn delete(tx: &mut Tx, which: Which) -> Result<Vec<Deleted>, DbError> {
    let (condition, value) = match which {
        Which::Search(id) => ("search_id = $1", id.to_string()),
        Which::DataSet(id) => ("data_set_id = $1", id.to_string()),
        Which::All => ("$1 = ''", String::new()),
    };
    let sql = format!("delete from search where {condition} returning search_id, data_set_id, job_id");
    let rows: Vec<(String, String, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(value).fetch_all(&mut **tx).await?;
    let gone = rows.into_iter().map(|(search, data_set, job)| Deleted { search, data_set, job });
    Ok(gone.collect())
}
