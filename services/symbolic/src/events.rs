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

use crate::jobs::AutomaticSearch;
use crate::searches::Searches;
use crate::store::Which;

/// Tells that a search was scheduled, improved, finished or deleted.
pub(crate) async fn tell<I: Display>(
    tx: &mut Tx,
    clock: &Clock,
    what: &str,
    search: I,
    data_set: I,
) -> Result<(), DbError> {
    let data = json!({ "data_set_id": data_set.to_string() });
    outbox::tell(tx, clock, NewEvent::new(format!("symbolic.search.{what}"), search.to_string(), data)).await
}

/// New data sets get a short search unasked; deleted ones lose theirs.
pub(crate) fn subscriptions(automatic_s: f64, searches: &Arc<Searches>) -> Vec<Subscription> {
    let searches = searches.clone();
    let deleted = Subscription::new(&["catalogue.data-set.deleted"], move |tx, event| {
        let searches = searches.clone();
        Box::pin(async move {
            let id: Uuid = event.subject.parse()?;
            searches.delete_in(tx, Which::DataSet(id)).await?;
            Ok(())
        })
    });
    let types = ["catalogue.data-set.created", "catalogue.data-set.changed"];
    let changed = Subscription::new(&types, move |tx, event| {
        Box::pin(async move {
            let DataSetFact { data_set_id, version, .. } = serde_json::from_value(event.data.clone())?;
            AutomaticSearch { data_set_id, version, time_s: automatic_s }.enqueue(tx).await?;
            Ok(())
        })
    });
    if automatic_s > 0.0 { vec![deleted, changed] } else { vec![deleted] }
}
