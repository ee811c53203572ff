//! What is told, what is listened to.

use std::fmt::Display;
use std::sync::Arc;

use contracts::catalogue::DataSetFact;
use harness::clock::Clock;
use harness::db::{DbError, Tx};
use harness::inbox::Subscription;
use harness::jobs::Job;
use harness::outbox::{self, NewEvent};
use serde_json::json;
use uuid::Uuid;

use crate::fits::Fits;
use crate::jobs::AutomaticFit;
use crate::store::Which;

/// Tells that a fit was scheduled, finished or deleted.
pub(crate) async fn tell<I: Display>(
    tx: &mut Tx,
    clock: &Clock,
    what: &str,
    fit: I,
    data_set: I,
) -> Result<(), DbError> {
    let data = json!({ "data_set_id": data_set.to_string() });
    outbox::tell(tx, clock, NewEvent::new(format!("regression.fit.{what}"), fit.to_string(), data)).await
}

/// New data sets get their fit unasked; deleted ones lose theirs.
pub(crate) fn subscriptions(is_automatic: bool, fits: &Arc<Fits>) -> Vec<Subscription> {
    let fits = fits.clone();
    let deleted = Subscription::new(&["catalogue.data-set.deleted"], move |tx, event| {
        let fits = fits.clone();
        Box::pin(async move {
            let id: Uuid = event.subject.parse()?;
            fits.delete_in(tx, Which::DataSet(id)).await?;
            Ok(())
        })
    });
    let changed =
        Subscription::new(&["catalogue.data-set.created", "catalogue.data-set.changed"], |tx, event| {
            Box::pin(async move {
                let DataSetFact { data_set_id, version, .. } = serde_json::from_value(event.data.clone())?;
                AutomaticFit { data_set_id, version }.enqueue(tx).await?;
                Ok(())
            })
        });
    if is_automatic { vec![deleted, changed] } else { vec![deleted] }
}
