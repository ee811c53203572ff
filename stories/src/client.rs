//! An HTTP client with nothing between a story and the wire: no retry, no redirect, no cookie.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// The body of a request.
pub type Body = BoxBody<Bytes, Infallible>;
/// The body of an answer that is read while it arrives.
pub type Stream = hyper::body::Incoming;

/// A client of one address; cheap to clone.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: legacy::Client<HttpConnector, Body>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// What was asked, for complaints.
    asked: String,
}

/// A request on its way.
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Client {
    /// A client of `http://HOST:PORT`.
    pub fn new(base: &str) -> Self {
        Self { base: base.to_owned(), http: legacy::Client::builder(TokioExecutor::new()).build_http() }
    }

    /// `http://HOST:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request; `method` as on the wire.
    pub fn ask(&self, method: &str, path: &str) -> Request {
        let method = method.parse().expect("a method");
        Request {
            client: self.clone(),
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// The JSON at a path, which must be there.
    pub async fn get(&self, path: &str) -> Value {
        self.ask("GET", path).send().await.expect_status(200).json()
    }

    /// The answer of a path, or why there is none.
    pub async fn try_get(&self, path: &str) -> Result<Answer, String> {
        self.ask("GET", path).try_send().await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).json(body).send().await
    }
}

impl Request {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// Asks for one media type.
    #[must_use]
    pub fn accept(self, media_type: &str) -> Self {
        self.header(ACCEPT.as_str(), media_type)
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sends bytes of a media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), media_type)
    }

    /// Sends it and reads the answer; no answer is a failed story.
    pub async fn send(self) -> Answer {
        let asked = self.asked();
        self.try_send().await.unwrap_or_else(|e| panic!("{asked}: {e}"))
    }

    /// Sends it and reads the answer, or says why there is none.
    pub async fn try_send(self) -> Result<Answer, String> {
        let asked = self.asked();
        let (parts, body) = self.stream().await?.into_parts();
        let body = body.collect().await.map_err(|e| e.to_string())?.to_bytes();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, asked })
    }

    /// Sends it; the body is read while it arrives.
    pub async fn stream(self) -> Result<Response<Stream>, String> {
        let body = Full::new(self.body).boxed();
        let mut request = http::Request::new(body);
        *request.method_mut() = self.method;
        *request.uri_mut() = format!("{}{}", self.client.base, self.path).parse().expect("a path");
        *request.headers_mut() = self.headers;
        self.client.http.request(request).await.map_err(|e| format!("{e:?}"))
    }

    fn asked(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Answer {
    /// The same answer, if its status is this one.
    #[expect(clippy::return_self_not_must_use, reason = "the check is the use")]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{}: {e}: {}", self.asked, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header; empty when it isn't there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Checks that this is a problem as RFC 9457 wants it, of this status, and returns it.
    pub fn expect_problem(self, status: u16) -> Value {
        let told = self.expect_status(status);
        assert_eq!(
            told.header("content-type"),
            "application/problem+json",
            "{}: {}",
            told.asked,
            told.text()
        );
        let problem = told.json();
        assert_eq!(problem["status"], status, "{}: {problem}", told.asked);
        for field in ["type", "title", "trace_id", "instance"] {
            assert!(problem[field].is_string(), "{}: no {field} in {problem}", told.asked);
        }
        assert!(
            problem["type"].as_str().unwrap_or_default().starts_with("urn:quorate:problem:"),
            "{problem}"
        );
        problem
    }
}
