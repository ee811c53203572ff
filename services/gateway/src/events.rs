//! What the gateway listens to: jobs go into their view at once, data sets, fits and searches make a row of the overview
//! stale. Whoever looks on is told when the views show the change, not before.

use std::sync::Arc;

use contracts::event::{Change, Event, Hint};
use contracts::jobs::Job;
use harness::inbox::Subscription;
use harness::service::Context;

use crate::refresh::Refresher;
use crate::store;

/// What changes a row of the overview.
const OVERVIEW: [&str; 3] = ["catalogue.data-set.", "regression.fit.", "symbolic.search."];

pub(crate) fn subscriptions(context: &Context, refresher: &Arc<Refresher>) -> Vec<Subscription> {
    vec![jobs(context), overview(context, refresher)]
}

fn jobs(context: &Context) -> Subscription {
    let (clock, bus) = (context.clock.clone(), context.bus.clone());
    let types: Vec<String> = context.links.all().map(|link| format!("{}.job.changed", link.name())).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    Subscription::new(&types, move |tx, event| {
        let now = clock.now_us();
        Box::pin(async move {
            let job: Job = serde_json::from_value(event.data.clone())?;
            store::put_job(tx, &job, now).await?;
            Ok(())
        })
    })
    .and_after(move |event| bus.hint(Hint::Changed(Change::from(event))))
}

fn overview(context: &Context, refresher: &Arc<Refresher>) -> Subscription {
    let (clock, refresher) = (context.clock.clone(), refresher.clone());
    Subscription::new(&OVERVIEW, move |tx, event| {
        let now = clock.now_us();
        Box::pin(async move {
            if let Some(data_set_id) = data_set_of(event) {
                store::mark_stale(tx, data_set_id, now).await?;
            }
            Ok(())
        })
    })
    .and_after(move |event| refresher.refresh_soon(data_set_of(event), Change::from(event)))
}

fn data_set_of(event: &Event) -> Option<&str> {
    if event.kind.starts_with("catalogue.") {
        Some(&event.subject)
    } else {
        event.data["data_set_id"].as_str()
    }
}
