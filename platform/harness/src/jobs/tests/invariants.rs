//! The numbered invariants of the queue, one test each; the seeded crashes of `cargo xtask fuzz-jobs` try to break them
//! with real processes.

use std::time::Duration;

use contracts::jobs::JobState;
use futures::future::join_all;

use super::super::*;
use super::stage::{Act, Crew, Stage, Task, jobs_with, on_both, pace, until_state};

/// Workers that claim but never run anything, as if their process died at once.
async fn claim_and_die(stage: &Stage) -> usize {
    let (dead, _) = stage.jobs();
    claim::claim(dead.worker(), 8).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_an_acknowledged_job_survives_a_crash() {
    on_both(async |stage| {
        let id = stage.enqueue(&Task::new("a", Act::Complete)).await;
        // What is on disk at this moment is what a crash leaves; nothing is closed or flushed first.
        let copy = tempfile::tempdir().unwrap();
        let db = match stage.db.dialect() {
            Dialect::Sqlite => stage.copy_files_to(copy.path()).await,
            Dialect::Postgres => stage.db_of_another_process().await,
        };
        let (jobs, _remote) = jobs_with(db, pace());
        let crew = Crew::start(&jobs);
        until_state(&jobs, &id, JobState::Done).await;
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_effects_happen_exactly_once_though_leases_lapse_under_the_work() {
    on_both(async |stage| {
        let (one, _one) = stage.jobs();
        let (two, _two) = jobs_with(stage.db_of_another_process().await, pace());
        let crews = [Crew::start(&one), Crew::start(&two)];
        let mut ids = Vec::new();
        for n in 0..40 {
            ids.push(stage.enqueue(&Task::new(&format!("{n:02}"), Act::Complete)).await);
            if n % 5 == 0 {
                stage.execute("update job set lease_until = 0 where state = 1 and id <> $1", "").await;
            }
        }
        for id in &ids {
            until_state(&one, id, JobState::Done).await;
        }
        let names: Vec<String> = stage.effects().await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, (0..40).map(|n| format!("{n:02}")).collect::<Vec<_>>());
        join_all(crews.map(Crew::stop)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_a_stale_worker_can_never_write() {
    on_both(async |stage| {
        let (stale, mut of_stale) = jobs_with(stage.db.clone(), Pace { slots: 1, ..pace() });
        let stale_crew = Crew::start(&stale);
        let id = stage.enqueue(&Task::new("s", Act::CompleteLate)).await;
        let old = of_stale.began().await;

        // The lease is taken away in the moment in which another worker claims.
        stage.execute("update job set lease_until = 0, worker_id = 'gone' where id = $1", &id).await;
        let (fresh, _) = jobs_with(stage.db_of_another_process().await, pace());
        let mut taken = claim::claim(fresh.worker(), 1).await.unwrap();
        // The stale worker's own claimer may have been quicker; then it is the fresh one.
        let token = match taken.pop() {
            Some(claimed) => claimed.row.attempt,
            None => of_stale.began().await.attempt(),
        };
        assert_eq!(token, 2);

        assert!(matches!(old.checkpoint(b"late").await, Err(JobError::Lost)));
        assert!(matches!(old.begin().await, Err(JobError::Lost)));
        let late = old.complete(async |tx| {
            sqlx::query("insert into effect (name, attempt) values ('late', 0)")
                .execute(&mut **tx)
                .await
                .map(|_| ())
        });
        assert!(matches!(late.await, Err(JobError::Lost)));
        assert_eq!(old.stop_reason(), Some(Stop::Lost));
        of_stale.gate.add_permits(8);
        until_state(&stale, &id, JobState::Done).await;
        let effects = stage.effects().await;
        assert!(effects.len() == 1 && effects[0].0 == "s" && effects[0].1 > 1, "{effects:?}");
        stale_crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_of_jobs_with_one_lock_key_one_runs_at_a_time() {
    on_both(async |stage| {
        let mut ids = Vec::new();
        for n in 0..6 {
            let task = Task { lock: Some("item".into()), ..Task::new(&n.to_string(), Act::CompleteLate) };
            ids.push(stage.enqueue(&task).await);
        }
        let other = stage.db_of_another_process().await;
        for _ in 0..ids.len() {
            let workers = [stage.jobs().0, jobs_with(other.clone(), pace()).0];
            let claims = join_all(workers.iter().map(|jobs| claim::claim(jobs.worker(), 4))).await;
            let claimed: Vec<_> = claims.into_iter().flat_map(Result::unwrap).collect();
            assert_eq!(claimed.len(), 1);
            // And whatever a worker tries, the index refuses a second one.
            if let Some(next) = stage.first_waiting().await {
                let mut tx = stage.db.begin().await.unwrap();
                let forced =
                    sqlx::query("update job set state = 1 where id = $1").bind(next).execute(&mut *tx);
                assert!(forced.await.map_err(DbError::from).unwrap_err().is_unique_violation());
            }
            stage.execute("update job set state = 2 where id = $1", &claimed[0].row.id).await;
        }
        assert!(claim::claim(stage.jobs().0.worker(), 4).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_slot_of_a_schedule_enqueues_once_however_many_watch() {
    on_both(async |stage| {
        let mut watchers = Vec::new();
        for _ in 0..6 {
            let (jobs, _) = jobs_with(stage.db_of_another_process().await, pace());
            jobs.schedule(Schedule::every("tick", Duration::from_hours(1)), |slot| {
                Task::new(&slot.to_string(), Act::Complete)
            });
            let planned = jobs.inner.planned.lock().unwrap().clone();
            schedule::declare(jobs.db(), &planned).await.unwrap();
            watchers.push((jobs, planned));
        }
        for round in 1..=3 {
            stage
                .execute("update job_schedule set next_at = next_at - 7200000000 where name = $1", "tick")
                .await;
            for looked in join_all(watchers.iter().map(|(j, p)| schedule::enqueue_due(j.db(), p))).await {
                looked.unwrap();
            }
            let ticks = watchers[0]
                .0
                .list(&Filter { kind: Some("task".into()), limit: 99, ..Filter::default() })
                .await;
            assert_eq!(ticks.unwrap().len(), round);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_job_that_kills_its_workers_ends_as_failed() {
    on_both(async |stage| {
        let id = stage.enqueue(&Task::new("poison", Act::Complete)).await;
        for _ in 0..3 {
            assert_eq!(claim_and_die(&stage).await, 1);
            assert_eq!(claim_and_die(&stage).await, 0, "a held job is not taken over");
            stage.let_time_pass(&id).await;
        }
        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let job = until_state(&jobs, &id, JobState::Failed).await;
        assert_eq!((job.crash_count, job.attempt), (3, 3));
        assert_eq!(job.error.as_deref(), Some("lost: its worker died 3 times while it ran"));
        assert_eq!(stage.endings().await.len(), 1);
        assert!(stage.effects().await.is_empty());
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_the_events_of_a_job_are_told_in_the_order_of_its_life() {
    on_both(async |stage| {
        // No lease lapses, however slow the machine is: a takeover would be told too.
        let calm = Pace { lease: Some(Duration::from_hours(1)), ..pace() };
        let (jobs, _remote) = jobs_with(stage.db.clone(), calm.clone());
        let (other, _other) = jobs_with(stage.db_of_another_process().await, calm);
        let crews = [Crew::start(&jobs), Crew::start(&other)];
        let mut ids = Vec::new();
        for n in 0..20 {
            ids.push(stage.enqueue(&Task::new(&n.to_string(), Act::Fail)).await);
        }
        for id in &ids {
            until_state(&jobs, id, JobState::Failed).await;
            let told: Vec<String> =
                sqlx::query_scalar("select data from outbox where subject = $1 order by seq")
                    .bind(id)
                    .fetch_all(stage.db.read())
                    .await
                    .unwrap();
            let told: Vec<contracts::jobs::Job> =
                told.iter().map(|t| serde_json::from_str(t).unwrap()).collect();
            let states: Vec<_> = told.iter().map(|job| job.state.as_str()).collect();
            assert_eq!(states, ["waiting", "running", "waiting", "running", "waiting", "running", "failed"]);
        }
        join_all(crews.map(Crew::stop)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_nothing_is_committed_after_a_cancellation_is_acknowledged() {
    on_both(async |stage| {
        let (jobs, mut remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let (mut cancelled, mut done) = (Vec::new(), Vec::new());
        for n in 0..30 {
            let name = format!("{n:02}");
            let id = stage.enqueue(&Task::new(&name, Act::CompleteLate)).await;
            remote.began().await;
            // Both at once: the completion and the request to stop.
            remote.gate.add_permits(1);
            match jobs.cancel(&id).await.unwrap() {
                Answer::Accepted(_) => cancelled.push((id, name)),
                Answer::Refused(_) => done.push((id, name)),
                Answer::Unknown => panic!("{id} is gone"),
            }
        }
        for (id, _) in &cancelled {
            until_state(&jobs, id, JobState::Cancelled).await;
        }
        for (id, _) in &done {
            until_state(&jobs, id, JobState::Done).await;
        }
        let effects: Vec<String> = stage.effects().await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(effects, done.into_iter().map(|(_, name)| name).collect::<Vec<_>>());
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_service_sees_no_jobs_of_another() {
    on_both(async |stage| {
        let id = stage.enqueue(&Task::new("mine", Act::Complete)).await;
        let neighbour = stage.neighbour().await;
        let (jobs, _remote) = neighbour.jobs();
        assert_eq!(jobs.show(&id).await.unwrap(), None);
        assert!(claim::claim(jobs.worker(), 8).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_a_restart_takes_over_what_the_dead_process_ran() {
    on_both(async |stage| {
        // Embedded, the leases of a process last as long as it lives, and the next one knows that it is dead.
        let lease = (stage.db.dialect() == Dialect::Postgres).then_some(Duration::from_millis(300));
        let (dead, _) = jobs_with(stage.db.clone(), Pace { lease, ..pace() });
        let id = stage.enqueue(&Task::new("r", Act::Complete)).await;
        assert_eq!(claim::claim(dead.worker(), 1).await.unwrap().len(), 1);
        let (jobs, _remote) = jobs_with(stage.db_of_another_process().await, Pace { lease, ..pace() });
        let crew = Crew::start(&jobs);
        let job = until_state(&jobs, &id, JobState::Done).await;
        assert_eq!((job.attempt, job.crash_count), (2, 1));
        assert_eq!(stage.effects().await, [("r".into(), 2)]);
        crew.stop().await;
    })
    .await;
}
