//! The REST of searches and formulas.

mod rows;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use contracts::formula::Predictions;
use contracts::symbolic::{FormulaPage, MemberPlotQuery, NewSearch, Search, SearchPage, SearchQuery};
use harness::etag::ETag;
use harness::extract::{Json, Path, Query};
use harness::page::{Page, PageQuery};
use harness::plot::Plot;
use harness::problem::{Problem, Result};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::searches::Searches;
use crate::store::{self, Filter, Which};
use rows::{ListedFormula, ListedSearch};

pub(crate) fn routes(searches: Arc<Searches>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, order))
        .routes(routes!(show, delete))
        .routes(routes!(predictions))
        .routes(routes!(formulas))
        .with_state(searches)
}

/// Lists searches, the newest first.
#[utoipa::path(get, path = "/api/v1/searches", tag = "searches", params(SearchQuery, PageQuery),
    responses((status = 200, body = SearchPage), (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(searches): State<Arc<Searches>>,
    Query(which): Query<SearchQuery>,
    Query(page): Query<PageQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let (limit, after) = (page.limit()?, page.after()?);
    let filter = Filter { data_set_id: which.data_set_id, has_formula: false, after: after.as_deref() };
    let found = store::searches(&searches.db, filter, limit + 1).await?;
    Page::cut(found.into_iter().map(ListedSearch).collect(), limit, |s| s.0.id.to_string())
        .answer(&uri, &headers)
}

/// Orders a search.
#[utoipa::path(post, path = "/api/v1/searches", tag = "searches", request_body = NewSearch,
    params(("idempotency-key" = Option<String>, Header, description = "The same key orders only once")),
    responses((status = 202, body = Search, headers(("location" = String, description = "The job"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn order(
    State(searches): State<Arc<Searches>>,
    headers: HeaderMap,
    Json(new): Json<NewSearch>,
) -> Result<Response> {
    searches.order(&headers, &new).await
}

/// Shows a search with what it has found so far.
#[utoipa::path(get, path = "/api/v1/searches/{id}", tag = "searches", params(("id" = Uuid, Path)),
    responses((status = 200, body = Search), (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn show(
    State(searches): State<Arc<Searches>>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    let search = searches.get(id).await?;
    let finished = format!("{:?}", search.finished_at);
    Ok(ETag::of(&[&id, &search.state, &search.evaluations, &finished]).answer(&headers, Json(search)))
}

/// Deletes a search; if it still runs, it is cancelled.
#[utoipa::path(delete, path = "/api/v1/searches/{id}", tag = "searches", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn delete(State(searches): State<Arc<Searches>>, Path(id): Path<Uuid>) -> Result<StatusCode> {
    match searches.delete(Which::Search(id)).await? {
        0 => Err(Problem::not_found("search", id)),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// Shows a formula of the search beside the data.
#[utoipa::path(get, path = "/api/v1/searches/{id}/predictions", tag = "searches",
    params(("id" = Uuid, Path), MemberPlotQuery),
    responses((status = 200, body = Predictions),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json")))]
async fn predictions(
    State(searches): State<Arc<Searches>>,
    Path(id): Path<Uuid>,
    Query(plot): Query<MemberPlotQuery>,
) -> Result<Json<Predictions>> {
    searches.predictions(id, plot.member, Plot { x: plot.x, max: plot.max }).await.map(Json)
}

/// Lists the formulas that finished searches have chosen, the newest first.
#[utoipa::path(get, path = "/api/v1/formulas", tag = "formulas", params(SearchQuery, PageQuery),
    responses((status = 200, body = FormulaPage), (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn formulas(
    State(searches): State<Arc<Searches>>,
    Query(which): Query<SearchQuery>,
    Query(page): Query<PageQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let (limit, after) = (page.limit()?, page.after()?);
    let filter = Filter { data_set_id: which.data_set_id, has_formula: true, after: after.as_deref() };
    let found = store::searches(&searches.db, filter, limit + 1).await?;
    let formulas = found.iter().filter_map(ListedFormula::of).collect();
    Page::cut(formulas, limit, |f: &ListedFormula| f.0.id.to_string()).answer(&uri, &headers)
}
