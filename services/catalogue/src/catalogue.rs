//! The running catalogue: what its use cases need.

use std::sync::Arc;

use harness::clock::{self, Clock};
use harness::db::Db;
use harness::kept::Kept;
use harness::service::Context;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::config::Config;

/// The running catalogue; cheap to clone.
#[derive(Clone)]
pub(crate) struct Catalogue {
    pub(crate) db: Db,
    /// The pages of the list of data sets.
    pub(crate) lists: Arc<Kept>,
    pub(crate) clock: Clock,
    pub(crate) config: Arc<Config>,
    /// Turns of uploads: their memory is bounded together, too.
    pub(crate) turns: Arc<Semaphore>,
}

impl Catalogue {
    pub(crate) fn new(context: &Context, config: Config) -> Self {
        let turns = Arc::new(Semaphore::new(config.parallel_uploads.max(1)));
        Self {
            db: context.db.clone(),
            lists: Arc::default(),
            clock: context.clock.clone(),
            config: Arc::new(config),
            turns,
        }
    }

    /// The time as it is stored: in microseconds.
    pub(crate) fn now(&self) -> Timestamp {
        clock::from_us(self.clock.now_us())
    }
}
