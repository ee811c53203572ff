#![doc = include_str!("../README.md")]

mod api;
mod catalogue;
mod config;
mod contents;
mod data_set;
mod draft;
mod error;
mod events;
mod import;
mod points;
mod profile;
mod read_table;
mod samples;
mod store;
mod sweep;
mod upload;

use harness::db::Migration;
use harness::service::{Context, Part, Service, StartError, check_section, defaults_of};

pub use crate::read_table::read_table;

use crate::catalogue::Catalogue;
use crate::config::Config;

const MIGRATIONS: &[Migration] = &[("0001_data_set", include_str!("../migrations/0001_data_set.sql"))];

/// The catalogue as a part of the topology.
pub fn part() -> Part {
    Part {
        name: "catalogue",
        migrations: MIGRATIONS,
        defaults: defaults_of::<Config>,
        check: check_section::<Config>,
        start: |context| Box::pin(start(context)),
    }
}

async fn start(context: Context) -> Result<Service, StartError> {
    let config: Config = context.settings.section("catalogue")?;
    let catalogue = Catalogue::new(&context, config);
    if catalogue.config.load_samples {
        samples::load(&catalogue).await?;
    }
    sweep::begin(&context, &catalogue).await?;
    Ok(Service::new("catalogue", api::routes(catalogue)))
}
