//! Rows, points and the binary table of a version.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use contracts::catalogue::{PointQuery, Points, RowPage, RowQuery, TableQuery};
use contracts::table;
use harness::etag::ETag;
use harness::extract::{Json, Path, Query};
use harness::negotiate::{self, Kind};
use harness::page::{self, PageQuery};
use harness::problem::{Problem, Result};
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::contents;
use crate::points::{self, Axes};

/// The rows of a version: a page as JSON, or all of them as CSV.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/rows", tag = "data sets",
    params(("id" = Uuid, Path), RowQuery), responses(
    (status = 200, description = "a page of rows; as text/csv all rows", content(
        (RowPage = "application/json"), (String = "text/csv"))),
    (status = 304, description = "the client has it already"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 406, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn rows(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    Query(query): Query<RowQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let kind = negotiate::choose(&headers, &[Kind::Json, Kind::Csv])?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, after) = (u64::from(page.limit()?), page.after()?);
    let first = match after {
        None => 0,
        Some(key) => key.parse().map_err(|_| Problem::invalid("cursor", "it is not of this list"))?,
    };
    let contents = contents::open(&catalogue, id, query.version).await?;
    let tag = ETag::of(&[&contents.version_id, &kind.media_type(), &first, &limit]);
    let mut response = if kind == Kind::Csv {
        let media_type = HeaderValue::from_static("text/csv; charset=utf-8");
        tag.answer(&headers, ([(header::CONTENT_TYPE, media_type)], contents.csv().await?))
    } else {
        let mut rows = contents.page(first, limit).await?;
        let end = first + rows.items.len() as u64;
        rows.next = (end < contents.rows).then(|| page::encode(&end.to_string()));
        let link = rows.next.as_deref().and_then(|cursor| page::next_link(&uri, cursor));
        let mut response = tag.answer(&headers, Json(rows));
        response.headers_mut().extend(link.map(|link| (header::LINK, link)));
        response
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Two columns against each other, thinned for a picture.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/points", tag = "data sets",
    params(("id" = Uuid, Path), PointQuery), responses(
    (status = 200, description = "the points in the order of x", body = Points),
    (status = 304, description = "the client has them already"),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn points(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    Query(query): Query<PointQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let max = query.max.unwrap_or(2000);
    if !(10..=100_000).contains(&max) {
        return Err(Problem::invalid("max", format!("{max} is not within 10 and 100000")));
    }
    let contents = contents::open(&catalogue, id, query.version).await?;
    let axes = Axes::of(&contents, query.x.as_deref(), query.y.as_deref())?;
    let tag = ETag::of(&[&contents.version_id, &axes, &max]);
    if tag.is_known(&headers) {
        return Ok(tag.answer(&headers, ()));
    }
    let points = points::of(&contents, axes, max).await?;
    Ok(tag.answer(&headers, Json(points)))
}

/// The whole table in binary form, for the analysis services.
#[utoipa::path(get, path = "/api/v1/datasets/{id}/table", tag = "data sets",
    params(("id" = Uuid, Path), TableQuery), responses(
    (status = 200, description = "columns as blocks of doubles or of places in a dictionary, with checksums",
        body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 406, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn table(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    Query(query): Query<TableQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    negotiate::choose(&headers, &[Kind::Binary])?;
    let contents = contents::open(&catalogue, id, query.version).await?;
    let tag = ETag::of(&[&contents.version_id]);
    let media_type = HeaderValue::from_static(table::MEDIA_TYPE);
    Ok(tag.answer(&headers, ([(header::CONTENT_TYPE, media_type)], contents.binary()).into_response()))
}
