//! What analyses tell, and what they hear of the catalogue.

use std::sync::Arc;

use contracts::catalogue::DataSetFact;
use serde_json::json;
use uuid::Uuid;

use super::show::Which;
use super::unasked::Unasked;
use super::{Analyses, Method};
use crate::clock::Clock;
use crate::db::{DbError, Tx};
use crate::inbox::Subscription;
use crate::jobs::Job as _;
use crate::outbox::{self, NewEvent};

pub(super) async fn tell<M: Method>(
    tx: &mut Tx,
    clock: &Clock,
    what: &str,
    id: Uuid,
    data_set_id: Uuid,
) -> Result<(), DbError> {
    let kind = format!("{}.{}.{what}", M::CONTEXT, M::NOUN);
    let event = NewEvent::new(kind, id.to_string(), json!({ "data_set_id": data_set_id.to_string() }));
    outbox::tell(tx, clock, event).await
}

/// New data are analysed unasked, where the method does so; the analyses of deleted data sets go with them.
pub(super) fn subscriptions<M: Method>(analyses: &Arc<Analyses<M>>) -> Vec<Subscription> {
    let here = analyses.clone();
    let deleted = Subscription::new(&["catalogue.data-set.deleted"], move |tx, event| {
        let here = here.clone();
        Box::pin(async move {
            let id: Uuid = event.subject.parse()?;
            here.delete_in(tx, Which::OfDataSet(id)).await?;
            Ok(())
        })
    });
    if analyses.method.unasked().is_none() {
        return vec![deleted];
    }
    let types = ["catalogue.data-set.created", "catalogue.data-set.changed"];
    let changed = Subscription::new(&types, |tx, event| {
        Box::pin(async move {
            let DataSetFact { data_set_id, version, .. } = serde_json::from_value(event.data.clone())?;
            Unasked::<M>::new(data_set_id, version).enqueue(tx).await?;
            Ok(())
        })
    });
    vec![deleted, changed]
}
