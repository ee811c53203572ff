//! Tells the steps of a job's life as `<service>.job.changed`.

use super::row::Row;
use crate::clock::{Clock, from_us};
use crate::db::{DbError, Tx};
use crate::outbox::{self, NewEvent};

/// Tells what the row says now; the event is the whole job as it is shown.
pub(super) async fn tell(tx: &mut Tx, row: Row) -> Result<(), DbError> {
    let service = tx.schema().to_owned();
    let told_at = Clock::fixed(from_us(row.changed_at()));
    let job = row.shown(&service);
    let subject = job.id.clone();
    let data =
        serde_json::to_value(job).map_err(|e| DbError::Arguments { kind: "job", cause: e.to_string() })?;
    outbox::tell(tx, &told_at, NewEvent::new(format!("{service}.job.changed"), subject, data)).await
}
