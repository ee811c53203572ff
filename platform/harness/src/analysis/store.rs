//! The SQL that all analyses share; a method's own columns are written by its service.

use contracts::analysis::Analysis;
use contracts::jobs::JobState;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};
use uuid::Uuid;

use super::show::{Filter, Which};
use super::{Method, Work};
use crate::clock::from_us;
use crate::db::{Db, DbError, Tx, decode};
use crate::problem::{Problem, Result};

/// An analysis as it is stored.
pub(super) struct Stored<M: Method> {
    pub(super) shown: M::Shown,
    pub(super) is_failure_told: bool,
}

impl<M: Method> FromRow<'_, AnyRow> for Stored<M> {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let analysis = Analysis {
            id: decode::id(row, "id")?,
            data_set_id: decode::id(row, "data_set_id")?,
            data_set_version: row.try_get("data_set_version")?,
            target: row.try_get("target")?,
            inputs: decode::json(row, "inputs")?,
            state: decode::word(row, "state")?,
            job_id: row.try_get("job_id")?,
            created_at: from_us(row.try_get("created_at")?),
            finished_at: row.try_get::<Option<i64>, _>("finished_at")?.map(from_us),
            error: row.try_get("error")?,
        };
        let shown = M::show(analysis, decode::json(row, "options")?, row)?;
        Ok(Self { shown, is_failure_told: row.try_get::<i64, _>("is_failure_told")? != 0 })
    }
}

/// The rows of the table as [`Stored`] reads them; an analysis counts as running while its job does.
fn select<M: Method>(rest: &str) -> AssertSqlSafe<String> {
    let own = M::COLUMNS.iter().fold(String::new(), |own, column| own + ", a." + column);
    AssertSqlSafe(format!(
        "select a.{noun}_id as id, a.data_set_id, a.data_set_version, a.target, a.inputs, a.options, a.job_id, \
         a.created_at, a.finished_at, a.error, a.is_failure_told{own}, \
         case when a.state = 'waiting' and j.state = 1 then 'running' else a.state end as state \
         from {noun} a left join job j on j.id = a.job_id {rest}",
        noun = M::NOUN
    ))
}

/// A statement on the method's table: `{}` stands for its name.
fn of<M: Method>(statement: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(statement.replace("{}", M::NOUN))
}

fn as_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Problem::internal(&e))
}

pub(super) async fn insert<M: Method>(tx: &mut Tx, work: &Work<M>, job_id: &str, now_us: i64) -> Result<()> {
    let insert = of::<M>(
        "insert into {} ({}_id, data_set_id, data_set_version, target, inputs, options, state, job_id, created_at) \
         values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8)",
    );
    sqlx::query(insert)
        .bind(work.id.to_string())
        .bind(work.data_set_id.to_string())
        .bind(work.version)
        .bind(&work.question.target)
        .bind(as_json(&work.question.inputs)?)
        .bind(as_json(&work.options)?)
        .bind(job_id)
        .bind(now_us)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Sets where an analysis stands; says whether it is still there.
pub(super) async fn set_state<M: Method>(
    tx: &mut Tx,
    id: Uuid,
    state: JobState,
    error: Option<&str>,
    now_us: i64,
) -> Result<bool> {
    let update = of::<M>(
        "update {} set state = $2, error = $3, finished_at = $4, is_failure_told = 0 where {}_id = $1",
    );
    let updated = sqlx::query(update)
        .bind(id.to_string())
        .bind(state.as_str())
        .bind(error)
        .bind(state.is_final().then_some(now_us))
        .execute(&mut **tx)
        .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn one<M: Method>(db: &Db, id: Uuid) -> Result<Option<M::Shown>> {
    let sql = select::<M>(&format!("where a.{}_id = $1", M::NOUN));
    let stored: Option<Stored<M>> =
        sqlx::query_as(sql).bind(id.to_string()).fetch_optional(db.read()).await?;
    Ok(stored.map(|stored| stored.shown))
}

pub(super) async fn of_job<M: Method>(tx: &mut Tx, job_id: &str) -> Result<Option<Stored<M>>> {
    let sql = select::<M>("where a.job_id = $1");
    Ok(sqlx::query_as(sql).bind(job_id).fetch_optional(&mut **tx).await?)
}

/// Up to `limit` analyses, the newest first, that come after the one of id `after`.
pub(super) async fn list<M: Method>(
    db: &Db,
    filter: &Filter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<M::Shown>> {
    let condition = filter.condition.unwrap_or("1 = 1");
    let sql = select::<M>(&format!(
        "where (cast($1 as text) is null or a.data_set_id = $1) and (cast($2 as text) is null or a.{noun}_id < $2) \
         and {condition} order by a.{noun}_id desc limit $3",
        noun = M::NOUN
    ));
    let stored: Vec<Stored<M>> = sqlx::query_as(sql)
        .bind(filter.data_set_id.map(|id| id.to_string()))
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(db.read())
        .await?;
    Ok(stored.into_iter().map(|stored| stored.shown).collect())
}

/// What is known of a target in a data set's version: a result if there is one, else what is on its way.
pub(super) async fn known<M: Method>(
    tx: &mut Tx,
    data_set_id: Uuid,
    version: i64,
    target: Option<&str>,
) -> Result<Option<Stored<M>>> {
    let sql = select::<M>(&format!(
        "where a.data_set_id = $1 and a.data_set_version = $2 and (cast($3 as text) is null or a.target = $3) \
         order by case a.state when 'done' then 0 when 'waiting' then 1 else 2 end, a.{}_id desc limit 1",
        M::NOUN
    ));
    let query = sqlx::query_as(sql).bind(data_set_id.to_string()).bind(version).bind(target);
    Ok(query.fetch_optional(&mut **tx).await?)
}

pub(super) async fn set_failure_told<M: Method>(tx: &mut Tx, id: Uuid) -> Result<()> {
    let update = of::<M>("update {} set is_failure_told = 1 where {}_id = $1");
    sqlx::query(update).bind(id.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// An analysis that is to be deleted.
pub(super) struct Doomed {
    pub(super) id: Uuid,
    pub(super) data_set_id: Uuid,
    pub(super) job_id: String,
}

impl FromRow<'_, AnyRow> for Doomed {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let (id, data_set_id) = (decode::id(row, "id")?, decode::id(row, "data_set_id")?);
        Ok(Self { id, data_set_id, job_id: row.try_get("job_id")? })
    }
}

pub(super) async fn doomed<M: Method>(tx: &mut Tx, which: Which) -> Result<Vec<Doomed>, DbError> {
    let (condition, value) = match which {
        Which::One(id) => ("{}_id = $1", id.to_string()),
        Which::OfDataSet(id) => ("data_set_id = $1", id.to_string()),
        Which::All => ("$1 = ''", String::new()),
    };
    let list =
        format!("select {{}}_id as id, data_set_id, job_id from {{}} where {condition} order by job_id");
    Ok(sqlx::query_as(of::<M>(&list)).bind(value).fetch_all(&mut **tx).await?)
}

pub(super) async fn delete<M: Method>(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    sqlx::query(of::<M>("delete from {} where {}_id = $1")).bind(id.to_string()).execute(&mut **tx).await?;
    Ok(())
}
