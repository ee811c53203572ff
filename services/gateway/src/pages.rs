//! The user interface, embedded in the program: what the build named by its content is kept for ever, the page itself is
//! asked for each time, and every address that is no file is a place inside the page.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use harness::etag::ETag;
use harness::problem::Problem;
use rust_embed::{EmbeddedFile, RustEmbed};

/// Only the page's own scripts and styles; MathML and charts set styles of single elements.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
     img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Built;

/// A file of the interface, or its page.
pub(crate) async fn show(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Built::get(path).filter(|_| path != "index.html") {
        return answer(path, file, &headers);
    }
    let is_asset =
        path.starts_with("assets/") || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match Built::get("index.html") {
        Some(page) if !is_asset || path == "index.html" => answer("index.html", page, &headers),
        _ => Problem::not_found("page", uri.path()).into_response(),
    }
}

/// Nothing of the REST interface.
pub(crate) async fn unknown(uri: Uri) -> Problem {
    Problem::not_found("resource", uri.path())
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_hashed = path.starts_with("assets/");
    let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let hash = file.metadata.sha256_hash().iter().take(16).fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    });
    let kind =
        HeaderValue::from_str(kind.as_ref()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let answer = (
        StatusCode::OK,
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
            (header::CONTENT_SECURITY_POLICY, CSP),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (HeaderName::from_static("referrer-policy"), HeaderValue::from_static("same-origin")),
        ],
        file.data,
    );
    ETag::of(&[&hash]).answer(headers, answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(path: &str) -> Response {
        show(path.parse().unwrap(), HeaderMap::new()).await
    }

    #[tokio::test]
    async fn every_place_inside_the_page_is_the_page() {
        for path in ["/", "/index.html", "/jobs/1", "/data/0193-ab/fit"] {
            let response = ask(path).await;
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(response.headers()["cache-control"], "no-cache", "{path}");
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
            assert!(response.headers().contains_key("content-security-policy"), "{path}");
        }
    }

    #[tokio::test]
    async fn a_missing_file_is_not_the_page() {
        for path in ["/assets/old-1234.js", "/favicon.ico", "/../Cargo.toml"] {
            assert_eq!(ask(path).await.status(), 404, "{path}");
        }
    }

    #[tokio::test]
    async fn the_page_known_already_is_not_sent_again() {
        let tag = ask("/").await.headers()["etag"].clone();
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
        assert_eq!(show("/".parse().unwrap(), headers).await.status(), 304);
    }
}
