//! The ways that a job can go.

use contracts::jobs::JobState;

use super::super::*;
use super::stage::{Act, Crew, Task, jobs_with, on_both, pace, until, until_state};
use crate::trace::Trace;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_completes_with_its_effect_and_a_job_without_one_is_acknowledged() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let (one, two) = (Task::new("one", Act::Complete), Task::new("two", Act::Acknowledge));
        let (one, two) = (stage.enqueue(&one).await, stage.enqueue(&two).await);
        let job = until_state(&jobs, &one, JobState::Done).await;
        assert_eq!((job.attempt, job.progress, job.error), (1, Some(1.0), None));
        until_state(&jobs, &two, JobState::Done).await;
        assert_eq!(stage.effects().await, [("one".into(), 1)]);
        assert_eq!(jobs.result(&two).await.unwrap().as_deref(), Some("\"two\""));
        assert_eq!(jobs.result(&one).await.unwrap(), None);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_transaction_that_is_rolled_back_never_was() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let mut tx = stage.db.begin().await.unwrap();
        let id = Task::new("ghost", Act::Complete).enqueue(&mut tx).await.unwrap().id;
        drop(tx);
        let real = stage.enqueue(&Task::new("real", Act::Complete)).await;
        let crew = Crew::start(&jobs);
        until_state(&jobs, &real, JobState::Done).await;
        assert_eq!(jobs.show(&id).await.unwrap(), None);
        assert_eq!(stage.effects().await, [("real".into(), 1)]);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_is_tried_again_and_ends_as_failed() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let id = stage.enqueue(&Task::new("f", Act::Fail)).await;
        let job = until_state(&jobs, &id, JobState::Failed).await;
        assert_eq!((job.attempt, job.max_attempts, job.error.as_deref()), (3, 3, Some("no luck")));
        assert_eq!(stage.endings().await, [("f".into(), "Failed(\"no luck\")".into())]);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_ends_though_its_service_panics_when_it_hears_of_it() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let id = stage.enqueue(&Task::new("d", Act::DiscardUnheard)).await;
        assert_eq!(until_state(&jobs, &id, JobState::Failed).await.error.as_deref(), Some("never"));
        assert_eq!(stage.endings().await, []);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_belongs_to_the_trace_that_ordered_it() {
    on_both(async |stage| {
        let (jobs, mut remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let trace = Trace::of_parent("00-0123456789abcdef0123456789abcdef-1-01").unwrap();
        let id = trace.clone().lead(stage.enqueue(&Task::new("t", Act::Complete))).await;
        assert_eq!(remote.began().await.trace_id(), trace.id());
        until_state(&jobs, &id, JobState::Done).await;
        let told = "select distinct traceparent from outbox where subject = $1 order by 1";
        let told: Vec<Option<String>> =
            sqlx::query_scalar(told).bind(&id).fetch_all(stage.db.read()).await.unwrap();
        assert!(told.contains(&Some(trace.as_parent())), "{told:?}");
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_job_fails_at_once_and_a_panic_is_a_failed_try_with_its_trace() {
    on_both(async |stage| {
        // A lease that outlasts a busy machine, which prints each panic's trace: it is not what is tried here.
        let pace = Pace { lease: Some(Duration::from_mins(1)), ..pace() };
        let (jobs, mut remote) = jobs_with(stage.db.clone(), pace);
        let crew = Crew::start(&jobs);
        let id = stage.enqueue(&Task::new("d", Act::Discard)).await;
        assert_eq!(until_state(&jobs, &id, JobState::Failed).await.attempt, 1);
        remote.began().await;
        let id = stage.enqueue(&Task::new("p", Act::Panic)).await;
        let job = until_state(&jobs, &id, JobState::Failed).await;
        let mut trace = String::new();
        for _ in 0..3 {
            trace = remote.began().await.trace_id().to_owned();
        }
        assert_eq!(job.error, Some(format!("panicked: oh dear (trace {trace})")));
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_within_the_completion_leaves_nothing() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        let id = stage.enqueue(&Task::new("w", Act::FailWithin)).await;
        until_state(&jobs, &id, JobState::Failed).await;
        assert!(stage.effects().await.is_empty());
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_hands_running_jobs_back_with_their_checkpoint_and_no_try_is_lost() {
    on_both(async |stage| {
        // A lease that outlasts a busy machine: it is not what is tried here.
        let pace = Pace { lease: Some(Duration::from_mins(1)), ..pace() };
        let (jobs, mut remote) = jobs_with(stage.db.clone(), pace);
        let crew = Crew::start(&jobs);
        let id = stage.enqueue(&Task::new("s", Act::Save)).await;
        let hung = stage.enqueue(&Task::new("h", Act::Hang)).await;
        until(&jobs, &id, |job| job.progress == Some(0.5)).await;
        remote.began().await;
        remote.began().await;
        crew.stop().await;
        let job = jobs.show(&id).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt, job.crash_count), (JobState::Waiting, 0, 0));
        assert_eq!(jobs.show(&hung).await.unwrap().unwrap().state, JobState::Waiting);

        let (jobs, _remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        until_state(&jobs, &id, JobState::Done).await;
        assert_eq!(jobs.result(&id).await.unwrap().as_deref(), Some("\"halfway\""));
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_unique_key_gives_the_same_job_while_it_lives() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let task = Task { unique: Some("only".into()), ..Task::new("u", Act::Complete) };
        let first = stage.enqueue(&task).await;
        assert_eq!(stage.enqueue(&task).await, first);
        let crew = Crew::start(&jobs);
        until_state(&jobs, &first, JobState::Done).await;
        let second = stage.enqueue(&task).await;
        assert_ne!(second, first);
        until_state(&jobs, &second, JobState::Done).await;
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_more_urgent_and_then_the_earlier_comes_first() {
    on_both(async |stage| {
        let (jobs, mut remote) = jobs_with(stage.db.clone(), Pace { slots: 1, ..pace() });
        let mut ids = Vec::new();
        for (name, priority) in
            [("low", Priority::Low), ("first", Priority::Normal), ("second", Priority::Normal)]
        {
            let task = Task::new(name, Act::Complete);
            let mut tx = stage.db.begin().await.unwrap();
            ids.push(Order { priority, ..Order::of(&task) }.enqueue(&mut tx).await.unwrap().id);
            tx.commit().await.unwrap();
        }
        let crew = Crew::start(&jobs);
        for i in [1, 2, 0] {
            assert_eq!(remote.began().await.id(), ids[i]);
        }
        crew.stop().await;
    })
    .await;
}
