//! The routes to the jobs of a service, mounted by every service that has some.
#![expect(unused_qualifications, reason = "made by the description of the parameters")]

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use contracts::jobs::{Job, JobState};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Jobs;
use super::control::{Answer, Filter};
use crate::extract::{Json, Path, Query};
use crate::negotiate::Tabular;
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, Result};

/// Which jobs, and which page of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    /// Only jobs in this state.
    state: Option<JobState>,
    /// Only jobs of this kind; without it all but the upkeep of the queue itself (`harness.…`).
    kind: Option<String>,
    /// How many items, 50 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Where the page begins, as the last page said in `next`.
    cursor: Option<String>,
}

impl Jobs {
    /// `/api/v1/jobs` of this service.
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(list))
            .routes(routes!(show))
            .routes(routes!(cancel))
            .routes(routes!(retry))
            .with_state(self.clone())
    }
}

/// Jobs, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(JobQuery), responses(
    (status = 200, description = "a page of jobs", body = Page<Job>)))]
async fn list(
    State(jobs): State<Jobs>,
    Query(query): Query<JobQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit()?;
    let filter = Filter { state: query.state, kind: query.kind, after: page.after()?, limit: limit + 1 };
    let found = jobs.list(&filter).await?;
    Page::cut(found, limit, |job| job.id.clone()).answer(&uri, &headers)
}

/// One job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = String, Path, description = "the job")),
    responses((status = 200, description = "the job", body = Job), (status = 404, description = "no such job")))]
async fn show(State(jobs): State<Jobs>, Path(id): Path<String>) -> Result<Json<Job>> {
    jobs.show(&id).await?.map(Json).ok_or_else(|| Problem::not_found("job", id))
}

/// Asks a job to stop. Nothing of it takes effect after the answer.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancellation", tag = "jobs",
    params(("id" = String, Path, description = "the job")), responses(
    (status = 202, description = "it is or will be cancelled", body = Job),
    (status = 404, description = "no such job"), (status = 409, description = "it has ended already")))]
async fn cancel(State(jobs): State<Jobs>, Path(id): Path<String>) -> Result<(StatusCode, Json<Job>)> {
    answered(jobs.cancel(&id).await?, &id, |job| format!("it is {} already", job.state))
}

/// Tries a job again that failed or was cancelled.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "jobs",
    params(("id" = String, Path, description = "the job")), responses(
    (status = 202, description = "it waits for its next try", body = Job),
    (status = 404, description = "no such job"),
    (status = 409, description = "it is neither failed nor cancelled, or the same work waits or runs already")))]
async fn retry(State(jobs): State<Jobs>, Path(id): Path<String>) -> Result<(StatusCode, Json<Job>)> {
    answered(jobs.retry(&id).await?, &id, |job| match job.state {
        JobState::Failed | JobState::Cancelled => "the same work waits or runs already".into(),
        state => format!("it is {state}; only failed and cancelled jobs can be tried again"),
    })
}

fn answered(
    answer: Answer,
    id: &str,
    reason: impl FnOnce(&Job) -> String,
) -> Result<(StatusCode, Json<Job>)> {
    match answer {
        Answer::Accepted(job) => Ok((StatusCode::ACCEPTED, Json(job))),
        Answer::Refused(job) => Err(Problem::new(
            StatusCode::CONFLICT,
            "conflict",
            "The job's state does not allow it",
            reason(&job),
        )),
        Answer::Unknown => Err(Problem::not_found("job", id)),
    }
}

impl Tabular for Job {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "service",
        "kind",
        "title",
        "state",
        "progress",
        "attempt",
        "max_attempts",
        "created_at",
        "started_at",
        "finished_at",
        "error",
    ];

    fn cells(&self) -> Vec<String> {
        let time = |t: Option<jiff::Timestamp>| t.map(|t| t.to_string()).unwrap_or_default();
        vec![
            self.id.clone(),
            self.service.clone(),
            self.kind.clone(),
            self.title.clone(),
            self.state.to_string(),
            self.progress.map(|p| p.to_string()).unwrap_or_default(),
            self.attempt.to_string(),
            self.max_attempts.to_string(),
            self.created_at.to_string(),
            time(self.started_at),
            time(self.finished_at),
            self.error.clone().unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use utoipa::Path as _;

    use crate::address::query_names;

    /// The gateway reads this list page by page; what is not described is refused.
    #[test]
    fn the_list_describes_its_parameters() {
        let operation = super::__path_list::operation();
        assert_eq!(query_names(&operation), ["state", "kind", "limit", "cursor"]);
    }
}
