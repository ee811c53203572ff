#![doc = include_str!("../README.md")]

mod api;
mod error;
mod fits;
mod least_squares;
mod model;
mod options;
mod store;

use harness::jobs::Jobs;
use harness::service::{Context, Part, Service, StartError, check_section, defaults_of};
use serde::{Deserialize, Serialize};

pub use least_squares::fit_table;
pub use options::beside;

use fits::{Fits, LinearFit};

/// The service as the topology knows it.
pub fn part() -> Part {
    Part {
        name: "regression",
        migrations: &[
            ("0001_fit", include_str!("../migrations/0001_fit.sql")),
            ("0002_options", include_str!("../migrations/0002_options.sql")),
        ],
        defaults: defaults_of::<Config>,
        check: check_section::<Config>,
        start: |context| Box::pin(std::future::ready(start(&context))),
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

fn start(context: &Context) -> Result<Service, StartError> {
    let jobs = Jobs::of(context);
    let method = LinearFit::new(context.settings.section(context.name)?);
    let fits = Fits::start(context, &jobs, method);
    jobs.start(context);
    let api = api::routes(fits.clone()).merge(jobs.routes());
    Ok(Service::new(context.name, api).with_grpc(fits.math_func()))
}
