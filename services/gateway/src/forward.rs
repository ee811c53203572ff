//! Passes a request on to the service that owns its path, and the answer back; both bodies are streamed.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;
use harness::link::Links;
use harness::problem::{Problem, Result};
use harness::trace::Trace;

/// How long a service may think of a body that it has taken; a request without one has the link's usual patience.
const UPLOAD: Duration = Duration::from_mins(5);
/// What belongs to one connection only (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Passes `request` on to `service`.
pub(crate) async fn to(links: &Links, service: &str, request: Request) -> Result<Response> {
    let link = links.to(service)?;
    let takes_long = !request.body().is_end_stream();
    let request = anew(request)?;
    let mut response =
        if takes_long { link.send_within(UPLOAD, request).await } else { link.send(request).await }?;
    strip(response.headers_mut());
    Ok(response)
}

/// The same request without what the way to this door has left on it.
fn anew(request: Request) -> Result<Request<Body>> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri: Uri = path.parse().map_err(|_| Problem::bad_request("the address can't be understood"))?;
    let mut passed = Request::new(body);
    *passed.method_mut() = parts.method;
    *passed.uri_mut() = uri;
    *passed.headers_mut() = parts.headers;
    strip(passed.headers_mut());
    if let Some(trace) = Trace::present()
        && let Ok(parent) = HeaderValue::from_str(&trace.as_parent())
    {
        passed.headers_mut().insert("traceparent", parent);
    }
    Ok(passed)
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn leaves_behind_what_belongs_to_the_connection() {
        let mut request =
            Request::get("http://door:5000/api/v1/datasets?limit=2").body(Body::empty()).unwrap();
        let headers = request.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close, x-mine"));
        headers.insert("x-mine", HeaderValue::from_static("1"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/csv"));
        let trace = Trace::of_parent("00-0123456789abcdef0123456789abcdef-1-01").unwrap();
        let passed = trace.lead(async { anew(request) }).await.unwrap();
        assert_eq!(passed.uri(), "/api/v1/datasets?limit=2");
        let names: Vec<_> = passed.headers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["accept", "traceparent"]);
        let parent = &passed.headers()["traceparent"];
        assert_eq!(parent, "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01");
    }
}
