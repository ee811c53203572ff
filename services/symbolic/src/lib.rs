#![doc = include_str!("../README.md")]

mod api;
mod engine;
mod error;
mod events;
mod jobs;
mod math_func;
mod searches;
mod store;

use std::sync::Arc;

use harness::jobs::Jobs;
use harness::service::{Context, Part, Service, StartError, defaults_of};
use serde::{Deserialize, Serialize};

use searches::Searches;

/// The service as the topology knows it.
pub fn part() -> Part {
    Part {
        name: "symbolic",
        migrations: &[("0001_search", include_str!("../migrations/0001_search.sql"))],
        defaults: defaults_of::<Config>,
        start: |context| Box::pin(std::future::ready(start(context))),
    }
}

/// The section `[symbolic]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Config {
    /// How many processor seconds every new data set's search gets unasked; 0 for none.
    automatic_s: f64,
    /// The most processor seconds that a search may ask for.
    max_time_s: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { automatic_s: 3.0, max_time_s: 86_400.0 }
    }
}

fn start(context: Context) -> Result<Service, StartError> {
    let config: Config = context.settings.section(context.name)?;
    let queue = Jobs::of(&context);
    let searches = Arc::new(Searches::new(&context, queue.clone(), config.max_time_s));
    queue.register::<jobs::SearchFormula>(searches.clone());
    queue.register::<jobs::AutomaticSearch>(searches.clone());
    context.listen(events::subscriptions(config.automatic_s, &searches));
    queue.start(&context);
    let api = api::routes(searches.clone()).merge(queue.routes());
    Ok(Service::new(context.name, api).with_grpc(harness::guess::routes(searches, context.links)))
}
