//! The SQL of what only fits have.

use contracts::regression::FitResult;
use harness::db::{Db, Tx};
use harness::problem::{Problem, Result};
use uuid::Uuid;

/// Writes what was found, and the model to predict with.
pub(crate) async fn keep(tx: &mut Tx, id: Uuid, result: &FitResult, model: &str) -> Result<()> {
    sqlx::query("update fit set result = $2, model = $3 where fit_id = $1")
        .bind(id.to_string())
        .bind(serde_json::to_string(result).map_err(|e| Problem::internal(&e))?)
        .bind(model)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The model to predict with, when the fit is done.
pub(crate) async fn model(db: &Db, id: Uuid) -> Result<Option<String>> {
    let sql = "select model from fit where fit_id = $1 and model is not null";
    Ok(sqlx::query_scalar(sql).bind(id.to_string()).fetch_optional(db.read()).await?)
}
