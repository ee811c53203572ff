#![doc = include_str!("../README.md")]

mod api;
mod description;
mod events;
mod forward;
mod guess;
mod job_view;
mod live;
mod overview;
mod pages;
mod refresh;
mod services;
mod store;

use std::sync::Arc;

use harness::db::Db;
use harness::kept::Kept;
use harness::link::Links;
use harness::service::{Context, Part, Service, StartError, check_section, defaults_of};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use live::Live;
use refresh::Refresher;

/// The service as the topology knows it.
pub fn part() -> Part {
    Part {
        name: "gateway",
        migrations: &[("0001_views", include_str!("../migrations/0001_views.sql"))],
        defaults: defaults_of::<Config>,
        check: check_section::<Config>,
        start: |context| Box::pin(std::future::ready(start(context))),
    }
}

/// The section `[gateway]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Config {
    /// How many live events are kept for clients that come back.
    live_kept: usize,
    /// How often the views are compared with the services, in minutes.
    compare_min: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { live_kept: 4096, compare_min: 60 }
    }
}

/// What the handlers share.
struct Gateway {
    db: Db,
    overviews: Kept,
    links: Links,
    live: Live,
    refresher: Arc<Refresher>,
    stop: CancellationToken,
}

fn start(context: Context) -> Result<Service, StartError> {
    let config: Config = context.settings.section(context.name)?;
    let live = Live::new(&context.clock, config.live_kept);
    let refresher = Arc::new(Refresher::new(&context));
    context.listen(events::subscriptions(&context, &refresher));
    context.spawn(live.clone().follow(context.bus.hints(), context.stop.clone()));
    let compare_every = std::time::Duration::from_secs(config.compare_min.max(1) * 60);
    context.spawn(refresher.clone().run(compare_every, context.stop.clone()));
    let gateway = Arc::new(Gateway {
        db: context.db,
        overviews: Kept::default(),
        links: context.links,
        live,
        refresher,
        stop: context.stop,
    });
    Ok(Service::new(context.name, api::routes(gateway)))
}

#[cfg(test)]
mod tests;
