//! Jobs that come again: by cron rule or interval, each slot once however many processes watch.
//!
//! Whoever moves `next_at` on owns the slot, in the transaction that enqueues the job. Times are the database's.

use std::pin::Pin;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::kind::Job;
use super::sql;
use super::worker::Worker;
use crate::clock::from_us;
use crate::db::{Db, DbError, Tx};

/// How late a slot may be before it counts as missed.
const PUNCTUAL: Duration = Duration::from_mins(1);

/// When a job comes again.
#[derive(Clone, Debug)]
pub struct Schedule {
    name: &'static str,
    times: Times,
    misfire: Misfire,
}

#[derive(Clone, Debug)]
enum Times {
    Cron { rule: String, cron: Box<Cron>, zone: TimeZone, zone_name: String },
    Every(Duration),
}

/// What becomes of a slot that passed while no process watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfire {
    /// Nothing.
    Skip,
    /// One job for all that were missed.
    RunOnce,
}

/// The rule of a schedule can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the schedule {name}: {cause}")]
pub struct ScheduleError {
    name: &'static str,
    cause: String,
}

impl Schedule {
    /// By a cron rule (`0 3 * * *`) on the clocks of `zone` (`Europe/Berlin`). A time that the change to summer time leaves
    /// out comes right after it; one that exists twice comes once.
    pub fn cron(name: &'static str, rule: &str, zone: &str) -> Result<Self, ScheduleError> {
        let wrong = |cause: String| ScheduleError { name, cause };
        let cron = Cron::from_str(rule).map_err(|e| wrong(format!("'{rule}' is no cron rule: {e}")))?;
        let zone_of = TimeZone::get(zone).map_err(|e| wrong(e.to_string()))?;
        let times =
            Times::Cron { rule: rule.into(), cron: Box::new(cron), zone: zone_of, zone_name: zone.into() };
        Ok(Self { name, times, misfire: Misfire::RunOnce })
    }

    /// Every so often, from the first start on.
    pub fn every(name: &'static str, interval: Duration) -> Self {
        Self { name, times: Times::Every(interval.max(Duration::from_millis(1))), misfire: Misfire::RunOnce }
    }

    /// Chooses what becomes of missed slots.
    #[must_use]
    pub fn on_misfire(mut self, misfire: Misfire) -> Self {
        self.misfire = misfire;
        self
    }

    fn rule(&self) -> String {
        match &self.times {
            Times::Cron { rule, zone_name, .. } => format!("{rule} {zone_name}"),
            Times::Every(interval) => format!("every {interval:?}"),
        }
    }

    /// The first slot after `time`; an interval keeps the rhythm that `slot` began.
    fn next(&self, slot: Timestamp, time: Timestamp) -> Result<Timestamp, ScheduleError> {
        let wrong = |cause: String| ScheduleError { name: self.name, cause };
        match &self.times {
            Times::Cron { cron, zone, .. } => {
                let local = time.to_zoned(zone.clone());
                let next = cron.find_next_occurrence(&local, false);
                next.map(|next| next.timestamp()).map_err(|e| wrong(e.to_string()))
            }
            Times::Every(interval) => {
                let interval = interval.as_micros() as i64;
                let passed = (time.as_microsecond() - slot.as_microsecond()).max(0);
                Ok(from_us(slot.as_microsecond() + (passed / interval + 1) * interval))
            }
        }
    }

    fn is_missed(&self, slot: Timestamp, now: Timestamp) -> bool {
        self.misfire == Misfire::Skip
            && now.as_microsecond() - slot.as_microsecond() > PUNCTUAL.as_micros() as i64
    }
}

type Enqueue = dyn for<'a> Fn(&'a mut Tx, Timestamp) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>
    + Send
    + Sync;

/// A schedule with the job that it enqueues.
#[derive(Clone)]
pub(super) struct Planned {
    schedule: Schedule,
    enqueue: Arc<Enqueue>,
}

impl Planned {
    pub(super) fn new<J: Job>(
        schedule: Schedule,
        job: impl Fn(Timestamp) -> J + Send + Sync + 'static,
    ) -> Self {
        let job = Arc::new(job);
        let enqueue: Arc<Enqueue> = Arc::new(move |tx, slot| {
            let job = job.clone();
            Box::pin(async move {
                let job = job(slot);
                job.enqueue(tx).await.map(|_| ())
            })
        });
        Self { schedule, enqueue }
    }

    /// Enqueues the job of a slot, unless another process has done so.
    async fn enqueue_slot(&self, db: &Db, slot: Timestamp, now: Timestamp) -> anyhow::Result<()> {
        let next = self.schedule.next(slot, now)?;
        let mut tx = db.begin().await?;
        let taken = sqlx::query(sql::TAKE_SLOT)
            .bind(self.schedule.name)
            .bind(slot.as_microsecond())
            .bind(next.as_microsecond())
            .execute(&mut *tx)
            .await?;
        if taken.rows_affected() == 1 {
            if !self.schedule.is_missed(slot, now) {
                (self.enqueue)(&mut tx, slot).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Writes the schedules down; a changed rule begins anew.
pub(super) async fn declare(db: &Db, planned: &[Planned]) -> Result<(), DbError> {
    let now = from_us(db.now_us().await?);
    for Planned { schedule, .. } in planned {
        let next = match schedule.next(now, now) {
            Ok(next) => next,
            Err(e) => {
                warn!(error = %e, "a schedule has no next time");
                continue;
            }
        };
        let mut tx = db.begin().await?;
        sqlx::query(sql::DECLARE_SCHEDULE)
            .bind(schedule.name)
            .bind(schedule.rule())
            .bind(next.as_microsecond())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Enqueues what is due until `stop`.
pub(super) async fn plan_until(worker: Arc<Worker>, planned: Vec<Planned>, stop: CancellationToken) {
    if planned.is_empty() {
        return;
    }
    loop {
        if let Err(e) = enqueue_due(&worker.db, &planned).await {
            warn!(error = %e, service = worker.service, "cannot look at the schedules");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(worker.pace.poll) => {}
        }
    }
}

/// Enqueues the jobs whose slots have come.
pub(super) async fn enqueue_due(db: &Db, planned: &[Planned]) -> Result<(), DbError> {
    let due: Vec<(String, i64, i64)> = sqlx::query_as(sql::DUE_SCHEDULES).fetch_all(db.read()).await?;
    for (name, slot_us, now_us) in due {
        // A schedule unknown here belongs to another version.
        let Some(known) = planned.iter().find(|p| p.schedule.name == name) else { continue };
        // One that can't be followed must not keep the others from their time.
        if let Err(e) = known.enqueue_slot(db, from_us(slot_us), from_us(now_us)).await {
            warn!(error = %e, schedule = name, "a slot of a schedule can't be enqueued; it stays due");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(schedule: &Schedule, from: &str, count: usize) -> Vec<String> {
        let mut time: Timestamp = from.parse().unwrap();
        (0..count)
            .map(|_| {
                time = schedule.next(time, time).unwrap();
                time.to_string()
            })
            .collect()
    }

    #[test]
    fn a_time_that_summer_time_leaves_out_comes_once_right_after() {
        let nightly = Schedule::cron("nightly", "30 2 * * *", "Europe/Berlin").unwrap();
        let around = slots(&nightly, "2026-03-28T00:00:00Z", 3);
        assert_eq!(around, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    }

    #[test]
    fn a_time_that_exists_twice_comes_once() {
        let nightly = Schedule::cron("nightly", "30 2 * * *", "Europe/Berlin").unwrap();
        let around = slots(&nightly, "2026-10-24T12:00:00Z", 2);
        assert_eq!(around, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn an_interval_keeps_its_rhythm_after_a_pause() {
        let every = Schedule::every("sweep", Duration::from_mins(10));
        let (slot, late) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2026-01-01T01:05:00Z".parse().unwrap());
        assert_eq!(every.next(slot, late).unwrap().to_string(), "2026-01-01T01:10:00Z");
    }

    #[test]
    fn a_missed_slot_is_skipped_only_on_request_and_only_when_late() {
        let (slot, late): (Timestamp, Timestamp) =
            ("2026-01-01T00:00:00Z".parse().unwrap(), "2026-01-01T01:05:00Z".parse().unwrap());
        let every = Schedule::every("sweep", Duration::from_mins(10));
        assert!(!every.is_missed(slot, late));
        let skipping = every.on_misfire(Misfire::Skip);
        assert!(skipping.is_missed(slot, late));
        assert!(!skipping.is_missed(slot, slot));
    }

    #[test]
    fn refuses_rules_and_zones_that_do_not_exist() {
        assert!(Schedule::cron("x", "61 * * * *", "UTC").unwrap_err().to_string().contains("61"));
        assert!(Schedule::cron("x", "* * * * *", "Mars/Olympus").is_err());
    }
}
