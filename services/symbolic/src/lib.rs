#![doc = include_str!("../README.md")]

mod api;
mod engine;
mod error;
mod searches;
mod store;
mod watch;

use harness::jobs::Jobs;
use harness::service::{Context, Part, Service, StartError, check_section, defaults_of};
use serde::{Deserialize, Serialize};

pub use engine::{classes_of, forms, nothing_computed, options};
use searches::{FormulaSearch, Searches};

/// The service as the topology knows it.
pub fn part() -> Part {
    Part {
        name: "symbolic",
        migrations: &[
            ("0001_search", include_str!("../migrations/0001_search.sql")),
            ("0002_options", include_str!("../migrations/0002_options.sql")),
        ],
        defaults: defaults_of::<Config>,
        check: check_section::<Config>,
        start: |context| Box::pin(std::future::ready(start(&context))),
    }
}

/// The section `[symbolic]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Config {
    /// How many processor seconds every new data set's search gets unasked; 0 for none.
    automatic_s: f64,
    /// The most processor seconds that a search may ask for.
    max_time_s: f64,
    /// The most inputs that a search may have.
    max_inputs: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { automatic_s: 3.0, max_time_s: 86_400.0, max_inputs: 200 }
    }
}

fn start(context: &Context) -> Result<Service, StartError> {
    let jobs = Jobs::of(context);
    let method = FormulaSearch::new(context.settings.section(context.name)?);
    let searches = Searches::start(context, &jobs, method);
    jobs.start(context);
    let api = api::routes(searches.clone()).merge(jobs.routes());
    Ok(Service::new(context.name, api).with_grpc(searches.math_func()))
}
