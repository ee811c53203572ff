//! The REST of searches and formulas.

mod rows;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::analysis::{AnalysisQuery, PlotQuery};
use contracts::formula::{FormulaForms, Predictions};
use contracts::symbolic::{FormulaPage, MemberQuery, NewSearch, Search, SearchPage};
use harness::analysis::{Filter, Listing, Order};
use harness::extract::{Json, Path, Query};
use harness::page::PageQuery;
use harness::problem::{Problem, Result};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::searches::{self, Searches};
use rows::{ListedFormula, ListedSearch};

pub(crate) fn routes(searches: Arc<Searches>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, order))
        .routes(routes!(show, delete))
        .routes(routes!(predictions))
        .routes(routes!(forms))
        .routes(routes!(formulas))
        .with_state(searches)
}

/// Lists searches, the newest first.
#[utoipa::path(get, path = "/api/v1/searches", tag = "searches", params(AnalysisQuery, PageQuery),
    responses((status = 200, body = SearchPage), (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(searches): State<Arc<Searches>>,
    Query(which): Query<AnalysisQuery>,
    listing: Listing,
) -> Result<Response> {
    searches.list(which.into(), listing, |search| Some(ListedSearch(search))).await
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
    let order = Order {
        data_set_id: new.data_set_id,
        target: new.target.as_deref(),
        inputs: new.inputs.as_deref(),
        options: new.options(),
    };
    searches.order(&headers, &new, order).await
}

/// Shows a search with what it has found so far.
#[utoipa::path(get, path = "/api/v1/searches/{id}", tag = "searches", params(("id" = Uuid, Path)),
    responses((status = 200, body = Search), (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn show(
    State(searches): State<Arc<Searches>>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    searches.show(id, &headers).await
}

/// Deletes a search; if it still runs, it is cancelled.
#[utoipa::path(delete, path = "/api/v1/searches/{id}", tag = "searches",
    params(("id" = Uuid, Path), ("if-match" = String, Header, description = "The ETag that was read, or *")),
    responses((status = 204), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 428, body = Problem, content_type = "application/problem+json")))]
async fn delete(
    State(searches): State<Arc<Searches>>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    searches.delete(id, &headers).await
}

/// Shows a formula of the search in all the forms it can be taken elsewhere in: typeset, as code, in a spreadsheet.
#[utoipa::path(get, path = "/api/v1/searches/{id}/forms", tag = "searches",
    params(("id" = Uuid, Path), MemberQuery),
    responses((status = 200, body = FormulaForms),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json")))]
async fn forms(
    State(searches): State<Arc<Searches>>,
    Path(id): Path<Uuid>,
    Query(MemberQuery { member }): Query<MemberQuery>,
) -> Result<Json<FormulaForms>> {
    searches::forms(&searches, id, member).await.map(Json)
}

/// Shows a formula of the search beside the data, with 95 % bands where its numbers are known.
#[utoipa::path(get, path = "/api/v1/searches/{id}/predictions", tag = "searches",
    params(("id" = Uuid, Path), MemberQuery, PlotQuery),
    responses((status = 200, body = Predictions),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json")))]
async fn predictions(
    State(searches): State<Arc<Searches>>,
    Path(id): Path<Uuid>,
    Query(MemberQuery { member }): Query<MemberQuery>,
    Query(plot): Query<PlotQuery>,
) -> Result<Json<Predictions>> {
    searches::predictions(&searches, id, member, plot).await.map(Json)
}

/// Lists the formulas that finished searches have chosen, the newest first.
#[utoipa::path(get, path = "/api/v1/formulas", tag = "formulas", params(AnalysisQuery, PageQuery),
    responses((status = 200, body = FormulaPage), (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn formulas(
    State(searches): State<Arc<Searches>>,
    Query(which): Query<AnalysisQuery>,
    listing: Listing,
) -> Result<Response> {
    let condition = Some("a.chosen is not null and a.finished_at is not null");
    let filter = Filter { condition, ..which.into() };
    searches.list(filter, listing, |search| ListedFormula::of(&search)).await
}
