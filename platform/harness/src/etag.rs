//! Strong entity tags made from row versions: 304 for what is known, 412 and 428 for what has changed meanwhile.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, Result};

/// The tag of one version of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// A tag made of the parts that change with the thing.
    pub fn of(parts: &[&dyn std::fmt::Display]) -> Self {
        let text = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
        Self(format!("\"{}\"", text.replace(|c: char| !c.is_ascii_graphic() || c == '"', "_")))
    }

    /// The answer with its tag, or 304 when the client has it already.
    pub fn answer(&self, headers: &HeaderMap, answer: impl IntoResponse) -> Response {
        let is_known = self.is_known(headers);
        let mut response =
            if is_known { StatusCode::NOT_MODIFIED.into_response() } else { answer.into_response() };
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, value);
        }
        response
    }

    /// Whether the client has this version already; asked before an answer that is dear to make.
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        self.is_in(headers, &header::IF_NONE_MATCH)
    }

    /// Refuses a change that is not based on this version (428 without If-Match, 412 with another).
    pub fn require(&self, headers: &HeaderMap) -> Result<()> {
        if !headers.contains_key(header::IF_MATCH) {
            let detail = format!("send If-Match with the ETag you read ({}), or * for any", self.0);
            let status = StatusCode::PRECONDITION_REQUIRED;
            return Err(Problem::new(status, "precondition-required", "Say what you change", detail));
        }
        if self.is_in(headers, &header::IF_MATCH) {
            return Ok(());
        }
        let detail = format!("it has changed meanwhile and is now {}; read it again", self.0);
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", "It has changed", detail))
    }

    fn is_in(&self, headers: &HeaderMap, name: &HeaderName) -> bool {
        is_listed(&self.0, headers, name)
    }
}

/// Whether a condition names the tag, or any.
pub(crate) fn is_listed(tag: &str, headers: &HeaderMap, name: &HeaderName) -> bool {
    let values = headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(',')).map(str::trim).any(|listed| listed == "*" || listed == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn tells_only_what_is_new() {
        let tag = ETag::of(&[&"a", &2]);
        assert_eq!(tag.answer(&with(header::IF_NONE_MATCH, "\"x\", \"a-2\""), "body").status(), 304);
        assert_eq!(tag.answer(&with(header::IF_NONE_MATCH, "\"a-1\""), "body").status(), 200);
    }

    #[test]
    fn a_change_needs_the_present_version() {
        let tag = ETag::of(&[&"a", &2]);
        assert_eq!(tag.require(&HeaderMap::new()).unwrap_err().status, 428);
        assert_eq!(tag.require(&with(header::IF_MATCH, "\"a-1\"")).unwrap_err().status, 412);
        assert!(tag.require(&with(header::IF_MATCH, "*")).is_ok());
        assert!(tag.require(&with(header::IF_MATCH, "\"a-2\"")).is_ok());
    }
}
