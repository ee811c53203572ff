//! What every answer of every service has in common: a trace id, problems in one form, `Allow` on OPTIONS, no panic.

use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::linger;
use crate::problem::Problem;
use crate::trace::Trace;

/// The header that carries the trace id back.
pub const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Gives a router its manners.
pub fn teach(router: Router) -> Router {
    linger::teach(teach_inside(router).layer(from_fn(answer)))
}

/// The manners of a router that is only called inside this process: what concerns a connection, its caller does.
pub fn teach_inside(router: Router) -> Router {
    router.fallback(async |request: Request| Problem::not_found("page", request.uri().path())).layer(
        CatchPanicLayer::custom(|panic: Box<dyn std::any::Any + Send>| {
            Problem::internal(&describe_panic(&*panic)).into_response()
        }),
    )
}

/// The message of a panic.
pub fn describe_panic(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".into())
}

/// Counts what a public router answers, for `/metrics`.
pub fn count(router: Router) -> Router {
    router.layer(from_fn(async |request: Request, next: Next| {
        let (method, begun) = (known_method(request.method()), Instant::now());
        let response = next.run(request).await;
        let labels = [("method", method.to_owned()), ("status", response.status().as_u16().to_string())];
        metrics::counter!("quorate_http_requests_total", &labels).increment(1);
        metrics::histogram!("quorate_http_request_seconds", &labels[..1])
            .record(begun.elapsed().as_secs_f64());
        response
    }))
}

/// A client may invent methods; each would be a figure of its own for ever.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

async fn answer(request: Request, next: Next) -> Response {
    let parent = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok());
    let trace = parent.and_then(Trace::of_parent).unwrap_or_else(Trace::begin);
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", %method, %path, trace_id = trace.id());
    let mut response = trace.clone().lead(next.run(request)).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return allow_only(&response);
    }
    if response.status().is_client_error() || response.status().is_server_error() {
        response = tell(response, &path, trace.id()).await;
    }
    if let Ok(value) = HeaderValue::from_str(trace.id()) {
        response.headers_mut().insert(TRACE_ID, value);
    }
    response
}

fn allow_only(response: &Response) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Completes a problem, or makes one of a bare error answer; a problem from behind (a forwarded answer) stays as it is.
async fn tell(response: Response, path: &str, trace_id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let problem = match parts.extensions.remove::<Problem>() {
        Some(problem) => problem,
        None if is_told(&parts.headers) => return Response::from_parts(parts, body),
        None => bare(parts.status, body).await,
    };
    let mut told = problem.at(path, trace_id).into_response();
    for name in [header::ALLOW, header::VARY] {
        if let Some(value) = parts.headers.remove(&name) {
            told.headers_mut().insert(name, value);
        }
    }
    told
}

/// A body that was made on purpose: another process's problem, a JSON report.
fn is_told(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/problem+json") || kind.starts_with("application/json")
}

async fn bare(status: StatusCode, body: Body) -> Problem {
    let text = axum::body::to_bytes(body, 4096).await.unwrap_or_default();
    let detail = String::from_utf8_lossy(&text).into_owned();
    let (slug, title) = match status {
        StatusCode::NOT_FOUND => ("not-found", "Not found"),
        StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", "This method is not allowed here"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "Too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported-media-type", "This type of body is not supported")
        }
        StatusCode::REQUEST_TIMEOUT => ("timeout", "It took too long"),
        _ => ("refused", status.canonical_reason().unwrap_or("Refused")),
    };
    Problem::new(status, slug, title, detail)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn ask(method: Method, path: &str) -> (StatusCode, HeaderMap, serde_json::Value) {
        let router = Router::new()
            .route("/thing", get(async || "thing"))
            .route("/panic", get(async || -> String { panic!("oh") }));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = teach(router).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_wrong_method_is_a_problem_with_allow() {
        let (status, headers, body) = ask(Method::DELETE, "/thing").await;
        assert_eq!(status, 405);
        assert_eq!(headers["allow"], "GET,HEAD");
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(body["instance"], "/thing");
        assert_eq!(body["trace_id"], headers["x-trace-id"].to_str().unwrap());
    }

    #[tokio::test]
    async fn options_tells_what_is_allowed() {
        let (status, headers, _) = ask(Method::OPTIONS, "/thing").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (StatusCode::NO_CONTENT, "GET,HEAD"));
    }

    #[tokio::test]
    async fn an_unknown_page_and_a_panic_are_problems() {
        assert_eq!(ask(Method::GET, "/nowhere").await.2["status"], 404);
        let (status, _, body) = ask(Method::GET, "/panic").await;
        assert_eq!((status.as_u16(), body["type"].as_str().unwrap()), (500, "urn:quorate:problem:internal"));
    }
}
