//! A kind of job, declared in one place: its arguments, its rules, its work.

use std::time::Duration;

use contracts::jobs::Subject;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ctx::{Ctx, Outcome};
use super::enqueue::{Enqueued, Order};
use super::failure::JobError;
use crate::db::{DbError, Tx};

/// A kind of job; the implementing type holds the arguments, as they are stored.
///
/// Work runs at least once; what it commits through [`Ctx::complete`] happens exactly once.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// What the work needs beside its arguments: clients, settings, caches.
    type State: Clone + Send + Sync + 'static;

    /// The kind's name, stored with every job; never reused for something else.
    const KIND: &'static str;

    /// The rules for jobs of this kind.
    const RULES: Rules = Rules::DEFAULT;

    /// The job in words, for people.
    fn title(&self) -> String {
        Self::KIND.into()
    }

    /// What the job works on.
    fn subject(&self) -> Option<Subject> {
        None
    }

    /// While a job of this kind with the same key waits or runs, enqueuing gives that one instead of a new one.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// Of all jobs of the service with the same key only one runs at a time.
    fn lock_key(&self) -> Option<String> {
        None
    }

    /// Brings arguments that an older version stored to the form of [`Rules::args_version`].
    fn upcast(_version: i64, args: Value) -> Result<Value, String> {
        Ok(args)
    }

    /// The work of one try.
    fn run(self, ctx: Ctx, state: Self::State) -> impl Future<Output = Result<Outcome, JobError>> + Send;

    /// Called in the transaction in which the job ends without being done, or is tried again by hand, so that the rows
    /// it works for tell the same.
    fn changed(
        self,
        _change: &Change,
        _tx: &mut Tx,
        _state: Self::State,
    ) -> impl Future<Output = Result<(), JobError>> + Send {
        async { Ok(()) }
    }

    /// Puts the job into the queue, in the caller's transaction.
    fn enqueue(&self, tx: &mut Tx) -> impl Future<Output = Result<Enqueued, DbError>> + Send {
        Order::of(self).enqueue(tx)
    }
}

/// How a job came to an end, or to a new beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// No try succeeded; the text says why the last one failed.
    Failed(String),
    /// Stopped on request.
    Cancelled,
    /// Somebody asked to try it again after it had ended.
    Retried,
}

/// How jobs of a kind are treated.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// After how many failed tries a job ends as failed.
    pub max_attempts: u32,
    /// After how many deaths of its worker a job ends as failed.
    pub max_crashes: u32,
    /// How long to wait after a failed try.
    pub retry: Retry,
    /// How long a try may take.
    pub timeout: Option<Duration>,
    /// Who comes first.
    pub priority: Priority,
    /// The queue, which can be paused.
    pub queue: &'static str,
    /// The version of the arguments' form.
    pub args_version: i64,
    /// Whether the steps of a job's life are told as `<service>.job.changed`; housekeeping keeps silent.
    pub is_told: bool,
}

impl Rules {
    /// Three tries, five minutes between them.
    pub const DEFAULT: Self = Self {
        max_attempts: 3,
        max_crashes: 3,
        retry: Retry::After(Duration::from_mins(5)),
        timeout: None,
        priority: Priority::Normal,
        queue: "default",
        args_version: 1,
        is_told: true,
    };
}

/// Who comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before all others: somebody waits for it.
    High,
    /// The usual.
    Normal,
    /// When there is nothing else to do.
    Low,
}

/// How long to wait after a failed try. The delay is stored with the job and survives a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Always the same.
    After(Duration),
    /// A random part ("full jitter") of a time that doubles from `first` up to `most`.
    Backoff {
        /// At most this long after the first failed try.
        first: Duration,
        /// Never longer than this.
        most: Duration,
    },
}

impl Retry {
    /// The delay after the `failures`-th failed try; `dice` spreads jobs that failed together.
    pub fn delay(self, failures: u32, dice: u64) -> Duration {
        match self {
            Self::After(delay) => delay,
            Self::Backoff { first, most } => {
                let doubled = first.saturating_mul(1u32 << failures.saturating_sub(1).min(20));
                doubled.min(most).mul_f64(dice as f64 / u64::MAX as f64)
            }
        }
    }
}

/// A number that looks random but is the same for the same job and try: needs no random source, and tests repeat it.
pub(super) fn dice(id: &str, attempt: i64) -> u64 {
    let seed = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ attempt as u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The finalizer of splitmix64 (Steele, Lea, Flood 2014).
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backoff_doubles_up_to_its_limit_and_jitters_down_to_nothing() {
        let retry = Retry::Backoff { first: Duration::from_secs(1), most: Duration::from_secs(10) };
        let longest: Vec<f64> = (1..=6).map(|n| retry.delay(n, u64::MAX).as_secs_f64()).collect();
        assert_eq!(longest, [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]);
        assert_eq!(retry.delay(5, 0), Duration::ZERO);
        assert_eq!(retry.delay(1_000_000, u64::MAX), Duration::from_secs(10));
    }

    #[test]
    fn the_dice_spread_evenly() {
        let mean =
            (0..10_000).map(|i| dice(&format!("job {i}"), 1) as f64 / u64::MAX as f64).sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert_ne!(dice("a", 1), dice("a", 2));
    }
}
