//! A running server as the commands use it: the public REST, nothing else.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, Uri, header};
use clap::Args;
use harness::link::Link;
use serde_json::Value;

use crate::commands::Coded;

/// Which server.
#[derive(Args)]
pub(crate) struct Server {
    /// The server's address.
    #[arg(
        long,
        value_name = "URL",
        env = "QUORATE_URL",
        default_value = "http://127.0.0.1:5000",
        global = true
    )]
    url: String,
}

/// How long an ordinary answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) accept: &'static str,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
    pub(crate) body: Bytes,
    /// How long the answer may take to begin.
    pub(crate) patience: Duration,
}

impl Ask {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            accept: "application/json",
            headers: Vec::new(),
            body: Bytes::new(),
            patience: PATIENCE,
        }
    }
}

impl Server {
    /// Sends a request and gives the answer's text; a problem becomes an error, 4 is the exit code when nobody answers.
    pub(crate) fn ask(&self, ask: Ask) -> anyhow::Result<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.send(ask))
    }

    /// The same, as JSON.
    pub(crate) fn ask_json(&self, ask: Ask) -> anyhow::Result<Value> {
        let text = self.ask(ask)?;
        if text.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_str(&text).context("the server sent no JSON")
        }
    }

    async fn send(&self, ask: Ask) -> anyhow::Result<String> {
        let base = self.base()?;
        let mut request =
            Request::builder().method(ask.method).uri(&ask.path).header(header::ACCEPT, ask.accept);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        let response =
            Link::there("server", base).send_within(ask.patience, request.body(Body::from(ask.body))?).await;
        let response = response.map_err(|_| self.away())?;
        let status = response.status();
        let is_as_asked = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with(ask.accept)));
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(|_| self.away())?;
        let text = String::from_utf8_lossy(&body).into_owned();
        match status {
            StatusCode::NO_CONTENT => Ok(text),
            _ if status.is_success() && is_as_asked => Ok(text),
            _ if status.is_success() => Err(self.stranger()),
            _ => Err(refused(status, &text)),
        }
    }

    /// The address, which must say how to speak to the server.
    fn base(&self) -> anyhow::Result<Uri> {
        let wrong = |what: &str| Coded::unusable(format!("--url {}: {what}", self.url));
        let base: Uri = self.url.parse().map_err(|_| wrong("this is no address; give http://host:port"))?;
        match base.scheme_str() {
            Some("http") => Ok(base),
            Some(scheme) => Err(wrong(&format!("{scheme} is not spoken here; give http://host:port")).into()),
            None => Err(wrong(&format!("write it as http://{}", self.url)).into()),
        }
    }

    fn stranger(&self) -> anyhow::Error {
        let text = format!(
            "what answers on {} is not Quorate's REST; its port is 5000 if not set otherwise, 5001 and 5002 are gRPC",
            self.url
        );
        Coded { code: 4, text }.into()
    }

    fn away(&self) -> Coded {
        let text = format!(
            "no server answers on {}; start one with `quorate serve` or name it with --url",
            self.url
        );
        Coded { code: 4, text }
    }
}

/// A problem in one line, its places in further ones.
fn refused(status: StatusCode, body: &str) -> anyhow::Error {
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    let mut text = problem["detail"].as_str().filter(|d| !d.is_empty()).map_or_else(
        || problem["title"].as_str().map_or_else(|| status.to_string(), str::to_owned),
        str::to_owned,
    );
    // What the detail says already is not said twice.
    let told = text.clone();
    let errors = problem["errors"].as_array().into_iter().flatten();
    for error in errors.filter(|error| !told.contains(&plain(&error["message"]))) {
        let place: Vec<String> = [("row", "row"), ("column", "column"), ("field", "field")]
            .iter()
            .filter(|(key, _)| !error[*key].is_null())
            .map(|(key, word)| format!("{word} {}", plain(&error[*key])))
            .collect();
        text = format!("{text}\n  {}: {}", place.join(", "), plain(&error["message"]));
    }
    Coded { code: if status.is_client_error() { 2 } else { 1 }, text }.into()
}

/// A value without quotes.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Part of a path or query, escaped.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(problem: &Value) -> String {
        refused(StatusCode::UNPROCESSABLE_ENTITY, &problem.to_string()).to_string()
    }

    #[test]
    fn says_every_thing_once() {
        let message = "the quotation mark in row 3 is never closed";
        let once = serde_json::json!({"detail": message, "errors": [{"row": 3, "message": message}]});
        assert_eq!(told(&once), message);
        let twice = serde_json::json!({"detail": "two are wrong", "errors": [
            {"field": "a", "message": "too small"}, {"field": "b", "row": 2, "message": "too large"}]});
        assert_eq!(told(&twice), "two are wrong\n  field a: too small\n  row 2, field b: too large");
    }

    #[test]
    fn an_address_says_how_to_speak() {
        let hint = |url: &str| Server { url: url.into() }.base().map_err(|e| e.to_string());
        assert!(hint("http://localhost:5000").is_ok());
        assert_eq!(
            hint("localhost:5000").unwrap_err(),
            "--url localhost:5000: write it as http://localhost:5000"
        );
        assert!(hint("https://a").unwrap_err().contains("https is not spoken here"));
        assert!(hint("http://").unwrap_err().contains("no address"));
    }
}
