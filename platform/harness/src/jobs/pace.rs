//! How many jobs run at once and how fast the queue beats.

use std::time::Duration;

use crate::config;
use crate::db::Dialect;

/// The measures of a service's workers.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How many jobs run at once in this process.
    pub slots: usize,
    /// How many threads the computing jobs of the process share.
    pub threads: usize,
    /// How long a silent worker keeps its jobs. None: for ever, as the process owns the database (SQLite); what a dead
    /// process left behind is taken over when the next one starts.
    pub lease: Option<Duration>,
    /// How often the database is asked for work when nobody called.
    pub poll: Duration,
    /// How long a job that is to stop may take to do so before it is cut off.
    pub grace: Duration,
    /// How long ended jobs are kept.
    pub keep: Duration,
}

impl Pace {
    /// The measures that the settings ask for.
    pub fn of(settings: &config::Jobs, dialect: Dialect) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let free = (processors - 1).max(1);
        let lease = Duration::from_millis(settings.lease_ms.max(100));
        Self {
            slots: if settings.cpu_workers == 0 { free } else { settings.cpu_workers as usize },
            threads: free,
            lease: (dialect == Dialect::Postgres).then_some(lease),
            poll: Duration::from_millis(settings.poll_ms.max(10)),
            grace: Duration::from_secs(5),
            keep: Duration::from_secs(u64::from(settings.keep_finished_days.max(1)) * 86_400),
        }
    }

    /// The lease in microseconds.
    pub(super) fn lease_us(&self) -> i64 {
        const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
        self.lease.unwrap_or(CENTURY).as_micros() as i64
    }

    /// How often leases are renewed: three times in the time of one.
    pub(super) fn renewal(&self) -> Duration {
        self.lease.map_or(Duration::from_secs(5), |lease| lease / 3)
    }

    /// How often news of progress are written.
    pub(super) fn tick(&self) -> Duration {
        (self.renewal() / 3).min(Duration::from_millis(500))
    }
}
