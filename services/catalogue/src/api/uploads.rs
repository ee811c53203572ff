//! Uploads: the body is the file itself, read while it arrives.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use contracts::catalogue::{DataSetDetail, Upload};
use harness::extract::{Path, Query};
use harness::problem::{Problem, Result};
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::data_set;
use crate::error::Error;
use crate::import::{Delimiter, Options};
use crate::upload::{self, Received};

/// Makes a data set of a table: CSV or TSV as the whole body.
#[utoipa::path(post, path = "/api/v1/datasets", tag = "data sets",
    params(Upload, ("Idempotency-Key" = Option<String>, Header, description = "a repetition gets the first answer")),
    request_body(content = String, content_type = "text/csv", description = "the file; UTF-8, UTF-16 or Latin-1"),
    responses(
    (status = 201, description = "the new data set", body = DataSetDetail,
        headers(("Location" = String, description = "where it is"))),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 408, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "a limit is passed; it is named", body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "no table can be made of it", body = Problem, content_type = "application/problem+json"),
    (status = 503, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn create(
    State(catalogue): State<Catalogue>,
    Query(mut upload): Query<Upload>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let received = receive(&catalogue, &mut upload, &headers, body, None).await?;
    Ok(data_set::create(&catalogue, upload, received, &headers).await?)
}

/// Makes a table the newest version of a data set. Its target stays if the new table has that column.
#[utoipa::path(post, path = "/api/v1/datasets/{id}/versions", tag = "data sets",
    params(("id" = Uuid, Path), Upload,
        ("Idempotency-Key" = Option<String>, Header, description = "a repetition gets the first answer")),
    request_body(content = String, content_type = "text/csv", description = "the file; UTF-8, UTF-16 or Latin-1"),
    responses(
    (status = 201, description = "the data set with its new version", body = DataSetDetail,
        headers(("Location" = String, description = "where it is"))),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 408, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "a limit is passed; it is named", body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "no table can be made of it", body = Problem, content_type = "application/problem+json"),
    (status = 503, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn renew(
    State(catalogue): State<Catalogue>,
    Path(id): Path<Uuid>,
    Query(mut upload): Query<Upload>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let stored = data_set::find(&catalogue, id).await?;
    let received = receive(&catalogue, &mut upload, &headers, body, stored.data_set.target).await?;
    Ok(data_set::renew(&catalogue, id, upload, received, &headers).await?)
}

async fn receive(
    catalogue: &Catalogue,
    upload: &mut Upload,
    headers: &HeaderMap,
    body: Body,
    target_to_keep: Option<String>,
) -> Result<Received, Error> {
    let mut options = Options { target_to_keep, ..Options::read(upload)? };
    if is_tab_separated(headers)? {
        options.delimiter = options.delimiter.or(Some(Delimiter::Tab));
    }
    data_set::check_texts(upload)?;
    let limit = catalogue.config.max_upload_bytes;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Error::BodyTooLarge { limit });
    }
    upload::receive(catalogue, body.into_data_stream(), options).await
}

/// Whether the type of the body says so; refuses what can't be a table.
fn is_tab_separated(headers: &HeaderMap) -> Result<bool, Error> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(false) };
    let value = value.to_str().unwrap_or_default();
    match value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "text/tab-separated-values" => Ok(true),
        // The last is what browsers on Windows call a CSV file.
        "text/csv"
        | "text/plain"
        | "application/csv"
        | "application/octet-stream"
        | "application/vnd.ms-excel" => Ok(false),
        _ => Err(Error::MediaType(value.to_owned())),
    }
}
