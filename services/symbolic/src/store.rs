//! The SQL of what only searches have.

use contracts::finding::Finding;
use contracts::symbolic::{Member, Reason};
use harness::db::Tx;
use harness::problem::{Problem, Result};
use serde::Serialize;
use uuid::Uuid;

use crate::engine::Standing;

fn as_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Problem::internal(&e))
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
pub(crate) struct End {
    pub(crate) standing: Standing,
    pub(crate) alternatives: Vec<Member>,
    pub(crate) chosen: Option<u32>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) findings: Vec<Finding>,
}

/// Writes a search's last front with the choice.
pub(crate) async fn end(tx: &mut Tx, search_id: Uuid, end: &End) -> Result<()> {
    improve(tx, search_id, &end.standing).await?;
    sqlx::query(
        "update search set chosen = $2, reasons = $3, findings = $4, alternatives = $5 \
         where search_id = $1",
    )
    .bind(search_id.to_string())
    .bind(end.chosen.map(i64::from))
    .bind(as_json(&end.reasons)?)
    .bind(as_json(&end.findings)?)
    .bind(as_json(&end.alternatives)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
