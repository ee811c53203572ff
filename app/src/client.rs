//! A running server as the commands use it: the public REST, nothing else.

use std::fmt::Write as _;

use anyhow::Context as _;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
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

/// One request.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) accept: &'static str,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
    pub(crate) body: Body,
}

impl Ask {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            accept: "application/json",
            headers: Vec::new(),
            body: Body::empty(),
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
        let base = self.url.parse().with_context(|| format!("--url {}: this is no address", self.url))?;
        let mut request =
            Request::builder().method(ask.method).uri(&ask.path).header(header::ACCEPT, ask.accept);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        let response =
            Link::there("server", base).send(request.body(ask.body)?).await.map_err(|_| self.away())?;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(|_| self.away())?;
        let text = String::from_utf8_lossy(&body).into_owned();
        if status.is_success() { Ok(text) } else { Err(refused(status, &text)) }
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
    for error in problem["errors"].as_array().into_iter().flatten() {
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
