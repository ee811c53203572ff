//! The table of the front door: what is forwarded to whom, and the few things that the gateway itself answers.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{any, get};
use contracts::overview::{Guessed, OverviewPage, ServiceState};
use harness::etag::ETag;
use harness::extract::{Json, Path, Query};
use harness::page::{Page, PageQuery};
use harness::problem::{Problem, Result};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::{Gateway, description, forward, guess, job_view, live, overview, pages, services, store};

/// Whose a path is; a path covers what lies below it.
const FORWARDED: &[(&str, &str)] =
    &[("datasets", "catalogue"), ("fits", "regression"), ("searches", "symbolic"), ("formulas", "symbolic")];

pub(crate) fn routes(gateway: Arc<Gateway>) -> OpenApiRouter {
    let mut router = OpenApiRouter::new()
        .routes(routes!(list_overview))
        .routes(routes!(rebuild))
        .routes(routes!(guess_functions))
        .routes(routes!(show_services))
        .merge(job_view::routes())
        .merge(live::routes())
        .route("/api/v1/openapi.json", get(description::show))
        .route("/api", any(pages::unknown))
        .route("/api/{*path}", any(pages::unknown))
        .route("/", get(pages::show))
        .route("/{*path}", get(pages::show));
    for &(noun, service) in FORWARDED {
        let to = async move |State(gateway): State<Arc<Gateway>>, request: Request| {
            forward::to(&gateway.links, service, request).await
        };
        router = router
            .route(&format!("/api/v1/{noun}"), any(to))
            .route(&format!("/api/v1/{noun}/{{id}}"), any(to))
            .route(&format!("/api/v1/{noun}/{{id}}/{{*rest}}"), any(to));
    }
    router.merge(description::pages()).with_state(gateway)
}

/// Lists the data sets with their linear fits and formulas.
#[utoipa::path(get, path = "/api/v1/overview", tag = "overview", params(PageQuery),
    responses((status = 200, body = OverviewPage), (status = 304),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn list_overview(
    State(gateway): State<Arc<Gateway>>,
    Query(page): Query<PageQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let make = async || {
        let limit = page.limit()?;
        let rows = store::overview(&gateway.db, page.after()?.as_deref(), limit + 1).await?;
        let tag = tag(&rows, &uri, &headers);
        let items = rows.into_iter().map(overview::Line::try_from).collect::<Result<Vec<_>>>()?;
        let page = Page::cut(items, limit, |line| line.item.data_set.id.to_string());
        Ok(tag.answer(&HeaderMap::new(), page.answer(&uri, &headers)?))
    };
    gateway.overviews.answer(&gateway.db, &uri, &headers, make).await
}

/// Changes with every row, with one that comes and with one that goes.
fn tag(rows: &[store::OverviewRow], uri: &Uri, headers: &HeaderMap) -> ETag {
    let mut hasher = DefaultHasher::new();
    for row in rows {
        (&row.data_set_id, row.refreshed_at).hash(&mut hasher);
    }
    ETag::of(&[&format!("{:016x}", hasher.finish()), uri, &accept(headers)])
}

fn accept(headers: &HeaderMap) -> &str {
    headers.get("accept").and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// Makes the views again from what the services answer.
#[utoipa::path(post, path = "/api/v1/overview/rebuild", tag = "overview", responses((status = 202)))]
async fn rebuild(State(gateway): State<Arc<Gateway>>) -> StatusCode {
    gateway.refresher.compare_soon();
    StatusCode::ACCEPTED
}

/// Asks both analysis services for the function of a data set, and how far they are.
#[utoipa::path(post, path = "/api/v1/datasets/{id}/guess", tag = "data sets", params(("id" = Uuid, Path)),
    responses((status = 202, body = Guessed),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
async fn guess_functions(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<Guessed>)> {
    Ok((StatusCode::ACCEPTED, Json(guess::of_both(&gateway.links, id).await?)))
}

/// Says which services answer.
#[utoipa::path(get, path = "/api/v1/services", tag = "services",
    responses((status = 200, body = Vec<ServiceState>)))]
async fn show_services(State(gateway): State<Arc<Gateway>>) -> Json<Vec<ServiceState>> {
    Json(services::states(&gateway.links).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag_of(rows: &[(&str, i64)]) -> ETag {
        let row = |&(id, refreshed_at): &(&str, i64)| store::OverviewRow {
            data_set_id: id.into(),
            data_set: String::new(),
            linear: None,
            formula: None,
            refreshed_at,
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        tag(&rows, &Uri::from_static("/api/v1/overview?limit=2"), &HeaderMap::new())
    }

    #[test]
    fn a_page_is_another_when_a_row_went_and_one_moved_up() {
        let before = tag_of(&[("a", 5), ("b", 9), ("c", 5)]);
        assert_eq!(tag_of(&[("a", 5), ("b", 9), ("c", 5)]), before);
        assert_ne!(tag_of(&[("b", 9), ("c", 5), ("d", 5)]), before);
        assert_ne!(tag_of(&[("a", 6), ("b", 9), ("c", 5)]), before);
    }
}
