//! The form of an answer is chosen by the Accept header, never by the address.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, Result};

/// A form that an answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// `application/octet-stream`.
    Binary,
}

impl Kind {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Binary => "application/octet-stream",
        }
    }
}

/// What can be a row of a CSV file.
pub trait Tabular {
    /// The head line.
    const COLUMNS: &'static [&'static str];

    /// The cells, as many as columns.
    fn cells(&self) -> Vec<String>;
}

/// The best of the offered forms; without a wish the first one. 406 when none will do.
pub fn choose(headers: &HeaderMap, offered: &[Kind]) -> Result<Kind> {
    let Some(wishes) = wishes(headers) else {
        return offered.first().copied().ok_or_else(|| not_acceptable(offered));
    };
    let mut best: Option<(f32, Kind)> = None;
    for &kind in offered {
        let quality = quality_of(kind.media_type(), &wishes);
        if quality > best.map_or(0.0, |(q, _)| q) {
            best = Some((quality, kind));
        }
    }
    best.map(|(_, kind)| kind).ok_or_else(|| not_acceptable(offered))
}

/// Lets a router's REST answer 406 where what it gives has a form that the client has not asked for.
pub(crate) fn keep(router: Router) -> Router {
    router.layer(from_fn(async |request: Request, next: Next| {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_rest = is_read && request.uri().path().starts_with("/api/");
        let wishes = if is_rest { wishes(request.headers()) } else { None };
        let response = next.run(request).await;
        match (wishes, given(&response)) {
            (Some(wishes), Some(kind)) if quality_of(kind, &wishes) <= 0.0 => refused(kind).into_response(),
            _ => response,
        }
    }))
}

/// The media type of an answer that has a body.
fn given(response: &Response) -> Option<&str> {
    if !response.status().is_success() {
        return None;
    }
    let kind = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    kind.split(';').next().map(str::trim)
}

fn wishes(headers: &HeaderMap) -> Option<String> {
    let wishes: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
    (!wishes.is_empty()).then(|| wishes.join(","))
}

fn not_acceptable(offered: &[Kind]) -> Problem {
    let list: Vec<_> = offered.iter().map(|k| k.media_type()).collect();
    refused(&list.join(", "))
}

fn refused(offered: &str) -> Problem {
    let detail = format!("this can be had as {offered}");
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not available in the form asked for", detail)
        .with_header(header::VARY, HeaderValue::from_static("accept"))
}

/// The quality that the most specific matching range gives to a media type (RFC 9110, 12.5.1).
fn quality_of(media_type: &str, accept: &str) -> f32 {
    let (main, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let mut best = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let specificity = match name.as_str() {
            _ if name == media_type => 3,
            _ if name.strip_suffix("/*") == Some(main) => 2,
            "*/*" => 1,
            _ => continue,
        };
        let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if specificity > best.0 {
            best = (specificity, quality);
        }
    }
    best.1
}

/// Rows as CSV (RFC 4180).
pub fn csv<T: Tabular>(rows: &[T]) -> Result<Response> {
    let mut text = line(T::COLUMNS.iter().map(|c| (*c).to_owned()));
    for row in rows {
        text.push_str(&line(row.cells().into_iter()));
    }
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// One line of CSV.
pub fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<Kind> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())]);
        choose(&headers, &[Kind::Json, Kind::Csv]).ok()
    }

    #[test]
    fn the_wish_with_the_highest_quality_wins() {
        assert_eq!(chosen("*/*"), Some(Kind::Json));
        assert_eq!(chosen("text/csv"), Some(Kind::Csv));
        assert_eq!(chosen("application/json;q=0.5, text/*;q=0.9"), Some(Kind::Csv));
        assert_eq!(chosen("text/csv;q=0, */*;q=0.1"), Some(Kind::Json));
        assert_eq!(chosen("image/png"), None);
    }

    #[tokio::test]
    async fn what_has_one_form_only_is_refused_in_another() {
        use axum::routing::get;
        use tower::ServiceExt;
        let router = Router::new()
            .route("/api/thing", get(async || axum::Json(1)))
            .route("/page", get(async || axum::Json(1)));
        for (path, accept, status) in [
            ("/api/thing", "text/csv", 406),
            ("/api/thing", "text/html, application/*;q=0.1", 200),
            ("/api/thing", "application/json;q=0, */*", 406),
            ("/api/thing", "*/*", 200),
            ("/page", "text/csv", 200),
        ] {
            let request = Request::get(path).header(header::ACCEPT, accept).body(axum::body::Body::empty());
            let response = keep(router.clone()).oneshot(request.unwrap()).await.unwrap();
            assert_eq!(response.status(), status, "{path} as {accept}");
        }
    }

    #[test]
    fn quotes_what_would_break_a_line() {
        assert_eq!(
            line(["a,b", "say \"x\"", "c"].map(String::from).into_iter()),
            "\"a,b\",\"say \"\"x\"\"\",c\r\n"
        );
    }
}
