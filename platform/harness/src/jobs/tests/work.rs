//! What a kind of job may ask for: time limits, computing, versions of its arguments; and how workers are called, watched
//! and relieved of old rows.

use std::time::Duration;

use contracts::jobs::JobState;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::super::*;
use super::stage::{Act, Crew, Task, jobs_with, on_both, pace, until, until_state};
use crate::db::Signal;

/// Counts on a computing thread until somebody asks it to stop.
#[derive(Debug, Deserialize, Serialize)]
struct Count {
    to: u64,
}

impl Job for Count {
    type State = mpsc::UnboundedSender<u64>;
    const KIND: &'static str = "count";
    const RULES: Rules = Rules {
        args_version: 2,
        max_attempts: 1,
        timeout: Some(Duration::from_millis(100)),
        ..Rules::DEFAULT
    };

    /// Version 1 called it `limit`.
    fn upcast(_version: i64, args: Value) -> Result<Value, String> {
        Ok(json!({"to": args.get("limit").ok_or("no limit")?}))
    }

    async fn run(self, ctx: Ctx, told: mpsc::UnboundedSender<u64>) -> Result<Outcome, JobError> {
        let to = self.to;
        let counted = ctx
            .compute(move |observer| {
                let counted = (0..to).take_while(|_| !observer.is_stopped()).count() as u64;
                observer.note(1.0, "counted");
                counted
            })
            .await?;
        let _ = told.send(counted);
        ctx.go_on()?;
        ctx.done(&counted)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computation_that_takes_too_long_is_stopped_and_fails() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let (tell, mut told) = mpsc::unbounded_channel();
        jobs.register::<Count>(tell);
        let crew = Crew::start(&jobs);
        let mut tx = stage.db.begin().await.unwrap();
        let short = Count { to: 10 }.enqueue(&mut tx).await.unwrap().id;
        tx.commit().await.unwrap();
        until_state(&jobs, &short, JobState::Done).await;
        assert_eq!(
            (told.recv().await, jobs.result(&short).await.unwrap().as_deref()),
            (Some(10), Some("10"))
        );
        let mut tx = stage.db.begin().await.unwrap();
        let long = Count { to: u64::MAX }.enqueue(&mut tx).await.unwrap().id;
        tx.commit().await.unwrap();
        let job = until_state(&jobs, &long, JobState::Failed).await;
        assert_eq!(job.error.as_deref(), Some("took longer than 100ms"));
        assert!(told.recv().await.unwrap() < u64::MAX);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_arguments_are_brought_up_and_newer_ones_and_unknown_kinds_are_left() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let (tell, mut told) = mpsc::unbounded_channel();
        jobs.register::<Count>(tell);
        let mut ids = Vec::new();
        for sql in [
            "update job set args = '{\"limit\": 3}', args_version = 1 where id = $1",
            "update job set args_version = 3 where id = $1",
            "update job set kind = 'of the future' where id = $1",
        ] {
            let mut tx = stage.db.begin().await.unwrap();
            ids.push(Count { to: 9 }.enqueue(&mut tx).await.unwrap().id);
            tx.commit().await.unwrap();
            stage.execute(sql, &ids[ids.len() - 1]).await;
        }
        let crew = Crew::start(&jobs);
        until_state(&jobs, &ids[0], JobState::Done).await;
        assert_eq!(told.recv().await, Some(3));
        assert!(claim::claim(jobs.worker(), 8).await.unwrap().is_empty());
        for left in &ids[1..] {
            assert_eq!(jobs.show(left).await.unwrap().unwrap().state, JobState::Waiting);
        }
        // Nobody here can end it, so it waits for a worker that knows it, and is not run then.
        let answer = jobs.cancel(&ids[2]).await.unwrap();
        assert!(
            matches!(answer, Answer::Accepted(job) if job.state == JobState::Waiting && job.cancel_requested)
        );
        stage.execute("update job set kind = 'count' where id = $1", &ids[2]).await;
        stage.db.raise(Signal::Jobs);
        until_state(&jobs, &ids[2], JobState::Cancelled).await;
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_behind_many_with_one_lock_is_claimed_at_once_and_not_after_a_poll() {
    on_both(async |stage| {
        let hour = Duration::from_hours(1);
        let (jobs, mut remote) =
            jobs_with(stage.db.clone(), Pace { poll: hour, lease: Some(hour), ..pace() });
        let locked = |name: &str, act, lock: &str| Task { lock: Some(lock.into()), ..Task::new(name, act) };
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(stage.enqueue(&locked(&format!("a{n}"), Act::CompleteLate, "a")).await);
        }
        let other = stage.enqueue(&locked("b", Act::Complete, "b")).await;
        let crew = Crew::start(&jobs);
        assert_eq!(remote.began().await.id(), ids[0]);
        assert_eq!(remote.began().await.id(), other);
        remote.gate.add_permits(ids.len());
        for id in &ids {
            until_state(&jobs, id, JobState::Done).await;
        }
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_the_database_refuses_fails_its_own_job_only() {
    on_both(async |stage| {
        let refuse = stage.db.dialect().pick(
            "create trigger refuse before update on job when new.result = '\"bad\"' \
             begin select raise(abort, 'no such result'); end",
            "alter table job add constraint refuse check (result is distinct from '\"bad\"')",
        );
        let mut tx = stage.db.begin().await.unwrap();
        sqlx::query(refuse).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let mut ids = Vec::new();
        for name in ["one", "bad", "two"] {
            ids.push(stage.enqueue(&Task::new(name, Act::Acknowledge)).await);
        }
        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        until_state(&jobs, &ids[0], JobState::Done).await;
        until_state(&jobs, &ids[2], JobState::Done).await;
        let failed = until_state(&jobs, &ids[1], JobState::Failed).await;
        assert!(failed.error.unwrap().contains("can't be stored"));
        crew.stop().await;
    })
    .await;
}

/// Can't be written down.
#[derive(Debug, Deserialize)]
struct Unspeakable;

impl Serialize for Unspeakable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no words"))
    }
}

impl Job for Unspeakable {
    type State = ();
    const KIND: &'static str = "unspeakable";

    async fn run(self, ctx: Ctx, (): ()) -> Result<Outcome, JobError> {
        ctx.done(&())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_fails_does_not_keep_the_others_from_their_time() {
    on_both(async |stage| {
        let often = Duration::from_millis(1);
        let planned = [
            Planned::new(Schedule::every("a.unspeakable", often), |_| Unspeakable),
            Planned::new(Schedule::every("b.good", often), |_| Task::new("good", Act::Complete)),
        ];
        schedule::declare(&stage.db, &planned).await.unwrap();
        let (jobs, _remote) = stage.jobs();
        while jobs.counts().await.unwrap()[&JobState::Waiting] == 0 {
            schedule::enqueue_due(&stage.db, &planned).await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_of_another_process_are_called_without_waiting_for_the_poll() {
    on_both(async |stage| {
        let hour = Duration::from_hours(1);
        let slow = Pace { poll: hour, lease: Some(hour), ..pace() };
        let (jobs, mut remote) = jobs_with(stage.db_of_another_process().await, slow.clone());
        let crew = Crew::start(&jobs);
        // The process that orders knows no such work; it only calls.
        let here = Jobs::new(stage.db.clone(), Bus::memory(), slow);
        let callers = Crew::start(&here);
        stage.listening(&here).await;
        // The first may come before the other process listens; its own first look finds it.
        for name in ["first", "second", "third"] {
            let id = stage.enqueue(&Task::new(name, Act::Complete)).await;
            if name == "first" {
                stage.listening(&jobs).await;
            }
            assert_eq!(remote.began().await.id(), id);
            until_state(&jobs, &id, JobState::Done).await;
        }
        // The request to stop comes by the same way.
        let id = stage.enqueue(&Task::new("stop", Act::Obey)).await;
        remote.began().await;
        here.cancel(&id).await.unwrap();
        until_state(&jobs, &id, JobState::Cancelled).await;
        callers.stop().await;
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_are_renewed_while_the_work_lasts() {
    on_both(async |stage| {
        let (jobs, mut remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let id = stage.enqueue(&Task::new("long", Act::Obey)).await;
        remote.began().await;
        let lease = async || -> i64 {
            let lease = sqlx::query_scalar("select lease_until from job where id = $1").bind(&id);
            lease.fetch_one(stage.db.read()).await.unwrap()
        };
        let first = lease().await;
        // Renewed often enough to outlast the first lease twice.
        until(&jobs, &id, |job| job.state == JobState::Running).await;
        while stage.db.now_us().await.unwrap() < first + 400_000 {
            tokio::task::yield_now().await;
        }
        assert!(lease().await > first);
        let job = jobs.show(&id).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt), (JobState::Running, 1));
        jobs.cancel(&id).await.unwrap();
        until_state(&jobs, &id, JobState::Cancelled).await;
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_claims_nothing_though_jobs_are_ready_is_a_ghost() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        assert_eq!(jobs.check().await, Ok(()));
        let id = stage.enqueue(&Task::new("g", Act::Complete)).await;
        assert_eq!(jobs.check().await, Ok(()), "it has not waited for long");
        stage.let_time_pass(&id).await;
        assert!(jobs.check().await.unwrap_err().contains("nothing has been claimed"));
        let crew = Crew::start(&jobs);
        until_state(&jobs, &id, JobState::Done).await;
        assert_eq!(jobs.check().await, Ok(()));
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_ended_jobs_are_deleted_and_no_others() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let mut ids = Vec::new();
        for name in ["old", "new", "waiting"] {
            ids.push(stage.enqueue(&Task::new(name, Act::Complete)).await);
        }
        for id in &ids[..2] {
            jobs.cancel(id).await.unwrap();
        }
        stage.execute("update job set finished_at = 1 where id = $1", &ids[0]).await;
        stage.execute("update job set run_at = run_at + 3600000000 where id = $1", &ids[2]).await;
        let mut tx = stage.db.begin().await.unwrap();
        let cleaning = DeleteEnded::after(Duration::from_hours(1)).enqueue(&mut tx).await.unwrap().id;
        tx.commit().await.unwrap();
        let crew = Crew::start(&jobs);
        until_state(&jobs, &cleaning, JobState::Done).await;
        assert_eq!(jobs.show(&ids[0]).await.unwrap(), None);
        assert!(jobs.show(&ids[1]).await.unwrap().is_some() && jobs.show(&ids[2]).await.unwrap().is_some());
        crew.stop().await;
    })
    .await;
}
