//! The REST of fits.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::analysis::{Analysis, AnalysisQuery, PlotQuery};
use contracts::formula::Predictions;
use contracts::regression::{Fit, FitPage, NewFit};
use harness::analysis::{Listing, Order};
use harness::extract::{Json, Path, Query};
use harness::negotiate::Tabular;
use harness::page::PageQuery;
use harness::problem::{Problem, Result};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::fits::{self, Fits};

pub(crate) fn routes(fits: Arc<Fits>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, order))
        .routes(routes!(show, delete))
        .routes(routes!(predictions))
        .with_state(fits)
}

/// Lists fits, the newest first.
#[utoipa::path(get, path = "/api/v1/fits", tag = "fits", params(AnalysisQuery, PageQuery),
    responses((status = 200, body = FitPage), (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(fits): State<Arc<Fits>>,
    Query(which): Query<AnalysisQuery>,
    listing: Listing,
) -> Result<Response> {
    fits.list(which.into(), listing, |fit| Some(Listed(fit))).await
}

/// Orders a fit.
#[utoipa::path(post, path = "/api/v1/fits", tag = "fits", request_body = NewFit,
    params(("idempotency-key" = Option<String>, Header, description = "The same key orders only once")),
    responses((status = 202, body = Fit, headers(("location" = String, description = "The job"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
async fn order(
    State(fits): State<Arc<Fits>>,
    headers: HeaderMap,
    Json(new): Json<NewFit>,
) -> Result<Response> {
    let NewFit { data_set_id, target, inputs, options } = new.clone();
    let order = Order { data_set_id, target: target.as_deref(), inputs: inputs.as_deref(), options };
    fits.order(&headers, &new, order).await
}

/// Shows a fit.
#[utoipa::path(get, path = "/api/v1/fits/{id}", tag = "fits", params(("id" = Uuid, Path)),
    responses((status = 200, body = Fit), (status = 404, body = Problem, content_type = "application/problem+json")))]
async fn show(State(fits): State<Arc<Fits>>, Path(id): Path<Uuid>, headers: HeaderMap) -> Result<Response> {
    fits.show(id, &headers).await
}

/// Deletes a fit; if it still runs, it is cancelled.
#[utoipa::path(delete, path = "/api/v1/fits/{id}", tag = "fits",
    params(("id" = Uuid, Path), ("if-match" = String, Header, description = "The ETag that was read, or *")),
    responses((status = 204), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 428, body = Problem, content_type = "application/problem+json")))]
async fn delete(
    State(fits): State<Arc<Fits>>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    fits.delete(id, &headers).await
}

/// Shows the fit beside the data.
#[utoipa::path(get, path = "/api/v1/fits/{id}/predictions", tag = "fits", params(("id" = Uuid, Path), PlotQuery),
    responses((status = 200, body = Predictions),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json")))]
async fn predictions(
    State(fits): State<Arc<Fits>>,
    Path(id): Path<Uuid>,
    Query(plot): Query<PlotQuery>,
) -> Result<Json<Predictions>> {
    fits::predictions(&fits, id, plot).await.map(Json)
}

/// A fit as a row of a list.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct Listed(Fit);

impl Tabular for Listed {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "data_set_id",
        "data_set_version",
        "target",
        "inputs",
        "state",
        "formula",
        "r2",
        "rmse",
        "created_at",
    ];

    fn cells(&self) -> Vec<String> {
        let Fit { analysis, result, .. } = &self.0;
        let Analysis { id, data_set_id, data_set_version, target, inputs, state, created_at, .. } = analysis;
        let result = result.as_ref();
        vec![
            id.to_string(),
            data_set_id.to_string(),
            data_set_version.to_string(),
            target.clone(),
            inputs.join(" "),
            state.to_string(),
            result.map(|r| r.formula.text.clone()).unwrap_or_default(),
            result.and_then(|r| r.r2).map(|r2| r2.to_string()).unwrap_or_default(),
            result.map(|r| r.rmse.to_string()).unwrap_or_default(),
            created_at.to_string(),
        ]
    }
}
