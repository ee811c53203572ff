//! Showing, listing, cancelling, trying again, pausing, through the functions and through the routes.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use contracts::jobs::JobState;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::super::*;
use super::stage::{Act, Crew, Task, on_both, until_state};
use crate::manners;

async fn ask(jobs: &Jobs, method: &str, path: &str) -> (StatusCode, Value) {
    let router = manners::teach(jobs.routes().split_for_parts().0);
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_jobs_in_pages_by_state_and_kind() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            ids.push(stage.enqueue(&Task::new(name, Act::Complete)).await);
        }
        jobs.cancel(&ids[1]).await.unwrap();
        let (_, page) = ask(&jobs, "GET", "/api/v1/jobs?limit=2").await;
        assert_eq!(
            (&page["items"][0]["id"], &page["items"][1]["id"]),
            (&ids[2].clone().into(), &ids[1].clone().into())
        );
        let next = page["next"].as_str().unwrap();
        let (_, page) = ask(&jobs, "GET", &format!("/api/v1/jobs?limit=2&cursor={next}")).await;
        assert_eq!((&page["items"][0]["id"], &page["next"]), (&ids[0].clone().into(), &Value::Null));
        let (_, page) = ask(&jobs, "GET", "/api/v1/jobs?state=cancelled&kind=task").await;
        assert_eq!(
            (page["items"].as_array().unwrap().len(), &page["items"][0]["id"]),
            (1, &ids[1].clone().into())
        );
        let counts = jobs.counts().await.unwrap();
        assert_eq!((counts[&JobState::Waiting], counts[&JobState::Cancelled]), (2, 1));
        assert_eq!(ask(&jobs, "GET", "/api/v1/jobs?state=asleep").await.0, StatusCode::BAD_REQUEST);
        assert_eq!(ask(&jobs, "GET", "/api/v1/jobs/nobody").await.0, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancels_a_waiting_job_at_once_and_tries_it_again_on_request() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let id = stage.enqueue(&Task::new("c", Act::Complete)).await;
        let (status, job) = ask(&jobs, "POST", &format!("/api/v1/jobs/{id}/cancellation")).await;
        assert_eq!((status, &job["state"]), (StatusCode::ACCEPTED, &"cancelled".into()));
        let again = ask(&jobs, "POST", &format!("/api/v1/jobs/{id}/cancellation")).await;
        assert_eq!(again.0, StatusCode::ACCEPTED);
        let (status, job) = ask(&jobs, "POST", &format!("/api/v1/jobs/{id}/retry")).await;
        assert_eq!((status, &job["state"]), (StatusCode::ACCEPTED, &"waiting".into()));
        assert_eq!(ask(&jobs, "POST", &format!("/api/v1/jobs/{id}/retry")).await.0, StatusCode::CONFLICT);
        let crew = Crew::start(&jobs);
        until_state(&jobs, &id, JobState::Done).await;
        assert_eq!(
            ask(&jobs, "POST", &format!("/api/v1/jobs/{id}/cancellation")).await.0,
            StatusCode::CONFLICT
        );
        assert_eq!(stage.endings().await, [("c".into(), "Cancelled".into()), ("c".into(), "Retried".into())]);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancels_running_jobs_whether_they_listen_or_not() {
    on_both(async |stage| {
        let (jobs, mut remote) = stage.jobs();
        let crew = Crew::start(&jobs);
        for act in [Act::Obey, Act::Hang] {
            let id = stage.enqueue(&Task::new("r", act)).await;
            remote.began().await;
            let answer = jobs.cancel(&id).await.unwrap();
            assert!(matches!(answer, Answer::Accepted(job) if job.state == JobState::Running && job.cancel_requested));
            until_state(&jobs, &id, JobState::Cancelled).await;
        }
        assert_eq!(stage.endings().await.len(), 2);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_begins_nothing_until_it_is_resumed() {
    on_both(async |stage| {
        let (jobs, mut remote) = stage.jobs();
        jobs.pause("default").await.unwrap();
        let id = stage.enqueue(&Task::new("p", Act::Complete)).await;
        assert!(claim::claim(jobs.worker(), 1).await.unwrap().is_empty());
        jobs.resume("default").await.unwrap();
        let crew = Crew::start(&jobs);
        assert_eq!(remote.began().await.id(), id);
        crew.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_the_steps_of_a_jobs_life() {
    on_both(async |stage| {
        let (jobs, _remote) = stage.jobs();
        let id = stage.enqueue(&Task::new("t", Act::Complete)).await;
        let crew = Crew::start(&jobs);
        until_state(&jobs, &id, JobState::Done).await;
        let told: Vec<(String, String)> =
            sqlx::query_as("select type, data from outbox where subject = $1 order by seq")
                .bind(&id)
                .fetch_all(stage.db.read())
                .await
                .unwrap();
        let states: Vec<_> = told
            .iter()
            .map(|(_, data)| serde_json::from_str::<contracts::jobs::Job>(data).unwrap().state)
            .collect();
        assert_eq!(states, [JobState::Waiting, JobState::Running, JobState::Done]);
        assert!(told.iter().all(|(kind, _)| kind.ends_with(".job.changed")), "{told:?}");
        crew.stop().await;
    })
    .await;
}
