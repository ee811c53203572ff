//! Tells the steps of a job's life as `<service>.job.changed`.

use super::row::Row;
use crate::db::{DbError, Tx};
use crate::outbox::{self, NewEvent};

/// Tells what the row says now; the event is the whole job as it is shown.
pub(super) async fn tell(tx: &mut Tx, row: Row) -> Result<(), DbError> {
    tell_all(tx, [row]).await
}

/// The same of many rows at once.
pub(super) async fn tell_all(tx: &mut Tx, rows: impl IntoIterator<Item = Row>) -> Result<(), DbError> {
    let service = tx.schema().to_owned();
    let events: Result<Vec<_>, _> = rows.into_iter().map(|row| event(&service, row)).collect();
    outbox::tell_all(tx, events?).await
}

fn event(service: &str, row: Row) -> Result<(i64, NewEvent), DbError> {
    let told_at = row.changed_at();
    let job = row.shown(service);
    let subject = job.id.clone();
    let data =
        serde_json::to_value(job).map_err(|e| DbError::Arguments { kind: "job", cause: e.to_string() })?;
    Ok((told_at, NewEvent::new(format!("{service}.job.changed"), subject, data)))
}
