//! The REST of data sets: here lists and single data sets, in `api/` uploads and contents.

mod contents;
mod uploads;

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use contracts::catalogue::{DataSet, DataSetChange, DataSetDetail, DataSetPage, DataSetVersionPage};
use harness::etag::ETag;
use harness::extract::{Json, Path, Query};
use harness::negotiate::{self, Kind, Tabular};
use harness::page::{Page, PageQuery};
use harness::problem::{Problem, Result};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::{data_set, store};

/// All routes of the catalogue.
pub(crate) fn routes(catalogue: Catalogue) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, uploads::create))
        .routes(routes!(find, change, delete))
        .routes(routes!(find_number))
        .routes(routes!(versions, uploads::renew))
        .routes(routes!(contents::rows))
        .routes(routes!(contents::points))
        .routes(routes!(contents::table))
        .with_state(catalogue)
}

/// A data set as a row of a list.
#[derive(Serialize)]
#[serde(transparent)]
struct Listed(DataSet);

impl Tabular for Listed {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "number",
        "name",
        "description",
        "source",
        "version",
        "rows",
        "columns",
        "target",
        "created_at",
        "updated_at",
    ];

    fn cells(&self) -> Vec<String> {
        let set = &self.0;
        vec![
            set.id.to_string(),
            set.number.map(|n| n.to_string()).unwrap_or_default(),
            set.name.clone(),
            set.description.clone(),
            set.source.clone(),
            set.version.to_string(),
            set.rows.to_string(),
            set.columns.join(";"),
            set.target.clone().unwrap_or_default(),
            set.created_at.to_string(),
            set.updated_at.to_string(),
        ]
    }
}

/// The data sets available, in the order of their numbers.
#[utoipa::path(get, path = "/api/v1/datasets", tag = "data sets", params(PageQuery), responses(
    (status = 200, description = "a page of data sets", body = DataSetPage, content_type = "application/json"),
    (status = 304, description = "the client has this page already"),
    (status = 406, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn list(
    State(catalogue): State<Catalogue>,
    Query(query): Query<PageQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let make = async || {
        let limit = query.limit()?;
        let after = after(&query)?.unwrap_or(i64::MIN);
        let kind = negotiate::choose(&headers, &[Kind::Json, Kind::Csv])?;
        let found = store::list(&catalogue.db, after, i64::from(limit) + 1).await?;
        let mut hasher = DefaultHasher::new();
        (kind.media_type(), limit).hash(&mut hasher);
        for stored in &found {
            (stored.data_set.id, stored.revision).hash(&mut hasher);
        }
        let items = found.into_iter().map(|stored| Listed(stored.data_set)).collect();
        let page = Page::cut(items, limit, |listed| listed.0.number.unwrap_or_default().to_string());
        let tag = ETag::of(&[&format!("{:016x}", hasher.finish())]);
        Ok(tag.answer(&HeaderMap::new(), page.answer(&uri, &headers)?))
    };
    catalogue.lists.answer(&catalogue.db, &uri, &headers, make).await
}

/// One data set with its profile and findings.
#[utoipa::path(get, path = "/api/v1/datasets/{id}", tag = "data sets", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "the data set", body = DataSetDetail),
    (status = 304, description = "the client has it already"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn find(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    let stored = data_set::find(&catalogue, id).await?;
    let tag = data_set::tag(&stored);
    Ok(tag.answer(&headers, Json(data_set::detail(&catalogue, stored).await?)))
}

/// The data set with a number.
#[utoipa::path(get, path = "/api/v1/datasets/by-number/{number}", tag = "data sets",
    params(("number" = i64, Path)), responses(
    (status = 200, description = "the data set", body = DataSet),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn find_number(State(catalogue): State<Catalogue>, Path(number): Path<i64>) -> Result<Json<DataSet>> {
    Ok(Json(data_set::find_number(&catalogue, number).await?))
}

/// Changes name, description or target.
#[utoipa::path(patch, path = "/api/v1/datasets/{id}", tag = "data sets",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "the ETag that was read, or *")),
    request_body = DataSetChange, responses(
    (status = 200, description = "the data set as it is now", body = DataSetDetail),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 412, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
    (status = 428, body = Problem, content_type = "application/problem+json"),
))]
async fn change(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(change): Json<DataSetChange>,
) -> Result<Response> {
    let stored = data_set::change(&catalogue, id, change, &headers).await?;
    let tag = data_set::tag(&stored);
    Ok(tag.answer(&HeaderMap::new(), Json(data_set::detail(&catalogue, stored).await?)))
}

/// Deletes a data set with all its versions.
#[utoipa::path(delete, path = "/api/v1/datasets/{id}", tag = "data sets",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "the ETag that was read, or *")),
    responses(
    (status = 204, description = "it is gone"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 412, body = Problem, content_type = "application/problem+json"),
    (status = 428, body = Problem, content_type = "application/problem+json"),
))]
async fn delete(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    data_set::delete(&catalogue, id, &headers).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions of a data set, newest first.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/versions", tag = "data sets",
    params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, description = "a page of versions", body = DataSetVersionPage),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn versions(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<DataSetVersionPage>> {
    let limit = query.limit()?;
    let before = after(&query)?.unwrap_or(i64::MAX);
    let found = data_set::versions(&catalogue, id, before, i64::from(limit) + 1).await?;
    let page = Page::cut(found, limit, |version| version.version.to_string());
    Ok(Json(DataSetVersionPage { items: page.items, next: page.next }))
}

/// The number that the last page ended with.
fn after(query: &PageQuery) -> Result<Option<i64>> {
    let Some(key) = query.after()? else { return Ok(None) };
    key.parse().map(Some).map_err(|_| Problem::invalid("cursor", "it is not of this list"))
}
