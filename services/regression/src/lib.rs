#![doc = include_str!("../README.md")]

mod api;
mod error;
mod events;
mod fits;
mod jobs;
mod least_squares;
mod math_func;
mod store;

use std::sync::Arc;

use harness::jobs::Jobs;
use harness::service::{Context, Part, Service, StartError, defaults_of};
use serde::{Deserialize, Serialize};

use fits::Fits;

/// The service as the topology knows it.
pub fn part() -> Part {
    Part {
        name: "regression",
        migrations: &[("0001_fit", include_str!("../migrations/0001_fit.sql"))],
        defaults: defaults_of::<Config>,
        start: |context| Box::pin(std::future::ready(start(context))),
    }
}

/// The section `[regression]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Config {
    /// Whether every new data set gets its linear fit unasked.
    automatic: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { automatic: true }
    }
}

fn start(context: Context) -> Result<Service, StartError> {
    let config: Config = context.settings.section(context.name)?;
    let queue = Jobs::of(&context);
    let fits = Arc::new(Fits::new(&context, queue.clone()));
    queue.register::<jobs::FitDataSet>(fits.clone());
    queue.register::<jobs::AutomaticFit>(fits.clone());
    context.listen(events::subscriptions(config.automatic, &fits));
    queue.start(&context);
    let api = api::routes(fits.clone()).merge(queue.routes());
    Ok(Service::new(context.name, api).with_grpc(harness::guess::routes(fits, context.links)))
}
