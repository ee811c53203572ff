//! Errors as they are told to a client: RFC 9457 problem details, never HTML, never an internal cause.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::DbError;

/// What went wrong, where, and what to do. The trace id and the instance are added on the way out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:quorate:problem:<slug>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for all problems of a type.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is special about this one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The path that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The identity of the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The places that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// One wrong place in what was sent.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct FieldError {
    /// The name of the field or parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The line of a table, counted from 1 with its header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The column of a table by name, or by its number where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem of the type `slug`.
    pub fn new(status: StatusCode, slug: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:quorate:problem:{slug}"),
            title: title.into(),
            status: status.as_u16(),
            detail: detail.into(),
            instance: None,
            trace_id: None,
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// 404 for a thing that is not there: `not_found("data set", id)`.
    pub fn not_found(noun: &str, id: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", format!("there is no {noun} {id}"))
    }

    /// 400 for what can't be understood at all.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request can't be understood", detail)
    }

    /// 422 for what is understood but not possible.
    pub fn unprocessable(slug: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, "The request can't be carried out", detail)
    }

    /// 422 for one wrong field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::unprocessable("invalid-field", format!("{field}: {message}")).with_error(FieldError {
            field: Some(field.into()),
            message,
            ..FieldError::default()
        })
    }

    /// 409 for what the present state does not allow.
    pub fn conflict(slug: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, slug, "The present state does not allow it", detail)
    }

    /// 413 naming the limit: `too_large("catalogue.max_cells", 10_000_000)`.
    pub fn too_large(limit: &str, value: impl std::fmt::Display) -> Self {
        let detail = format!("more than the limit {limit} = {value} allows; send less or raise the limit");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail)
    }

    /// 503 for a part that is away.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "unavailable", "Not available at the moment", detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// 500; the cause goes to the log, not to the client.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(
            status,
            "internal",
            "Something went wrong here",
            "the log has the cause under this trace id",
        )
    }

    /// Adds a wrong place.
    #[must_use]
    pub fn with_error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// Adds what was asked for and the identity of the request.
    #[must_use]
    pub fn at(mut self, instance: &str, trace_id: &str) -> Self {
        self.instance = Some(instance.into());
        self.trace_id = Some(trace_id.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Disk(_) => {
                tracing::error!(%error, "database not available");
                Self::unavailable(error.to_string())
            }
            _ if error.is_temporary() => {
                tracing::error!(%error, "database not available");
                Self::unavailable("the database does not answer or can't store more; try again later")
            }
            _ => Self::internal(&error),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let status = rejection.status();
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::new(
                status,
                "too-large",
                "Too large",
                "the body is larger than server.body_limit_mb allows",
            );
        }
        let (slug, title) = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported-media-type", "Send application/json"),
            StatusCode::UNPROCESSABLE_ENTITY => ("invalid-body", "The body does not fit"),
            _ => ("broken-json", "The body is no JSON"),
        };
        Self::new(status, slug, title, rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            rejection.status(),
            "invalid-query",
            "A query parameter does not fit",
            rejection.body_text(),
        )
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        tracing::debug!(cause = rejection.body_text(), "no such address");
        let detail = "there is nothing at this address: an id is a UUID, a number a whole number";
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = self.headers.clone();
        let mut response = (status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
        response.headers_mut().extend(headers);
        response.extensions_mut().insert(self);
        response
    }
}

/// The media type of problems.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What a handler returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_the_cause_of_an_internal_error() {
        let problem = Problem::internal(&"password=secret");
        assert!(!serde_json::to_string(&problem).unwrap().contains("secret"));
    }

    #[test]
    fn names_the_limit_that_was_passed() {
        assert!(Problem::too_large("catalogue.max_cells", 10).detail.contains("catalogue.max_cells = 10"));
    }
}
