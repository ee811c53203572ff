//! The jobs of all services: listed from the view, shown and changed by the service that owns them.
#![expect(unused_qualifications, reason = "made by the description of the parameters")]

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use contracts::jobs::{Job, JobCounts, JobState};
use harness::extract::{Json, Query};
use harness::negotiate::Tabular;
use harness::page::{Page, PageQuery};
use harness::problem::{Problem, Result};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::store::JobFilter;
use crate::{Gateway, forward, store};

pub(crate) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(count))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only in this state.
    state: Option<JobState>,
    /// Only of this kind.
    kind: Option<String>,
    /// Only of this service.
    service: Option<String>,
}

/// Which jobs to count.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Counted {
    /// Only of this kind.
    kind: Option<String>,
    /// Only of this service.
    service: Option<String>,
}

/// A job as it is listed.
#[derive(Serialize)]
#[serde(transparent)]
struct Listed(Job);

/// Lists the jobs of all services, the newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(Which, PageQuery),
    responses((status = 200, body = Page<Job>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(gateway): State<Arc<Gateway>>,
    Query(which): Query<Which>,
    Query(page): Query<PageQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let limit = page.limit()?;
    let state = which.state.map(|state| state.as_str().to_owned());
    let filter = JobFilter { state, kind: which.kind, service: which.service, before: page.after()? };
    let bodies = store::jobs(&gateway.db, &filter, limit + 1).await?;
    let jobs = bodies.iter().map(|body| read(&gateway, body)).collect::<Result<Vec<_>>>()?;
    Page::cut(jobs, limit, |job| job.0.id.clone()).answer(&uri, &headers)
}

/// Counts the jobs of all services by their state.
#[utoipa::path(get, path = "/api/v1/jobs/counts", tag = "jobs", params(Counted),
    responses((status = 200, body = JobCounts)))]
async fn count(State(gateway): State<Arc<Gateway>>, Query(which): Query<Counted>) -> Result<Json<JobCounts>> {
    let filter = JobFilter { kind: which.kind, service: which.service, ..JobFilter::default() };
    let found = store::job_counts(&gateway.db, &filter).await?;
    let mut counts = JobCounts::default();
    for state in JobState::ALL {
        let of_state = found.iter().find(|(word, _)| word == state.as_str());
        counts.set(state, of_state.map_or(0, |(_, jobs)| jobs.unsigned_abs()));
    }
    Ok(Json(counts))
}

fn read(gateway: &Gateway, body: &str) -> Result<Listed> {
    let mut job: Job =
        serde_json::from_str(body).map_err(|e| Problem::internal(&format!("a job's row: {e}")))?;
    if job.state == JobState::Running
        && let Some(progress) = gateway.live.progress_of(&job.id)
    {
        job.progress = progress.progress.or(job.progress);
        job.progress_note = progress.note.or(job.progress_note);
    }
    Ok(Listed(job))
}

/// Shows a job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = Uuid, Path)),
    responses((status = 200, body = Job),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn show(State(gateway): State<Arc<Gateway>>, request: Request) -> Result<Response> {
    to_owner(&gateway, request).await
}

/// Asks a job to stop.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancellation", tag = "jobs", params(("id" = Uuid, Path)),
    responses((status = 202, body = Job),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json")))]
async fn cancel(State(gateway): State<Arc<Gateway>>, request: Request) -> Result<Response> {
    to_owner(&gateway, request).await
}

/// Has a failed or cancelled job run again.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "jobs", params(("id" = Uuid, Path)),
    responses((status = 202, body = Job),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json")))]
async fn retry(State(gateway): State<Arc<Gateway>>, request: Request) -> Result<Response> {
    to_owner(&gateway, request).await
}

/// Passes a request of `/api/v1/jobs/{id}…` to the job's service.
async fn to_owner(gateway: &Gateway, request: Request) -> Result<Response> {
    let path = request.uri().path().to_owned();
    let id = path.trim_start_matches("/api/v1/jobs/").split('/').next().unwrap_or_default();
    let owner = match store::service_of_job(&gateway.db, id).await? {
        Some(service) => Some(service),
        None => ask_all(gateway, id).await?,
    };
    match owner {
        Some(service) => forward::to(&gateway.links, &service, request).await,
        None => Err(Problem::not_found("job", id)),
    }
}

/// The service that knows a job which the view does not have yet.
async fn ask_all(gateway: &Gateway, id: &str) -> Result<Option<String>> {
    let Ok(id) = id.parse::<Uuid>() else { return Ok(None) };
    let mut problem = None;
    for link in gateway.links.all().filter(|link| link.name() != "gateway") {
        match link.get::<serde_json::Value>(&format!("/api/v1/jobs/{id}")).await {
            Ok(Some(_)) => return Ok(Some(link.name().to_owned())),
            Ok(None) => {}
            Err(away) if away.status == StatusCode::SERVICE_UNAVAILABLE.as_u16() => problem = Some(away),
            Err(other) => return Err(other),
        }
    }
    problem.map_or(Ok(None), Err)
}

impl Tabular for Listed {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "service",
        "kind",
        "title",
        "state",
        "progress",
        "attempt",
        "created_at",
        "started_at",
        "finished_at",
        "error",
    ];

    fn cells(&self) -> Vec<String> {
        fn text<T: ToString>(value: Option<&T>) -> String {
            value.map(ToString::to_string).unwrap_or_default()
        }
        let job = &self.0;
        vec![
            job.id.clone(),
            job.service.clone(),
            job.kind.clone(),
            job.title.clone(),
            job.state.as_str().into(),
            text(job.progress.as_ref()),
            job.attempt.to_string(),
            job.created_at.to_string(),
            text(job.started_at.as_ref()),
            text(job.finished_at.as_ref()),
            text(job.error.as_ref()),
        ]
    }
}
