//! Uploads ten million cells to a catalogue on SQLite and states time and peak memory: `cargo bench -p catalogue`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement prints, stops at the first failure, and takes its database from the environment"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::{StreamExt, stream};
use harness::bus::Bus;
use harness::clock::Clock;
use harness::config::Settings;
use harness::db::Db;
use harness::health::Health;
use harness::link::Links;
use harness::service::Context;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

const ROWS: u64 = 1_000_000;
const COLUMNS: u64 = 10;
const ROWS_PER_PIECE: u64 = 500;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = std::env::var("QUORATE_TEST_POSTGRES").ok();
    let (url, name) = match url {
        Some(url) => (url, harness::testing::schema("bench")),
        None => (format!("sqlite:{}", folder.path().display()), "catalogue".to_owned()),
    };
    let part = catalogue::part();
    let db = Db::open(&url, &name, part.migrations).await.unwrap();
    let flags = [("catalogue.load_samples".to_owned(), "false".to_owned())];
    let context = Context {
        name: part.name,
        settings: Arc::new(Settings::load(None, &flags, &[(part.name, (part.defaults)())]).unwrap()),
        db,
        bus: Bus::memory(),
        clock: Clock::system(),
        links: Links::default(),
        health: Health::default(),
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    let (router, _, _) = (part.start)(context).await.map_err(|e| e.to_string()).unwrap().into_parts();
    println!("idle: {}", memory());

    let begin = Instant::now();
    let (id, bytes) = upload(&router).await;
    report("upload", begin.elapsed(), bytes);
    for (what, path, accept) in [
        ("binary table", "table", "application/octet-stream"),
        ("csv", "rows", "text/csv"),
        ("2000 points", "points?x=c0&y=c1", "application/json"),
        ("page of 1000 rows", "rows?limit=1000", "application/json"),
    ] {
        let begin = Instant::now();
        let request = Request::get(format!("/api/v1/datasets/{id}/{path}")).header("accept", accept);
        let bytes =
            drained(router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await;
        report(what, begin.elapsed(), bytes);
    }
}

async fn upload(router: &axum::Router) -> (String, u64) {
    let bytes = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = bytes.clone();
    let pieces = stream::iter(0..ROWS / ROWS_PER_PIECE).map(move |piece| {
        let text = rows(piece * ROWS_PER_PIECE);
        counted.fetch_add(text.len() as u64, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    let request = Request::post("/api/v1/datasets").header("content-type", "text/csv");
    let response = router.clone().oneshot(request.body(Body::from_stream(pieces)).unwrap()).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
    let detail: serde_json::Value = serde_json::from_slice(&body).unwrap();
    (detail["id"].as_str().unwrap().to_owned(), bytes.load(std::sync::atomic::Ordering::Relaxed))
}

/// Rows as a measuring device writes them: up to 12 digits.
fn rows(first: u64) -> String {
    let mut text = String::new();
    if first == 0 {
        text.push_str(&(0..COLUMNS).map(|c| format!("c{c}")).collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    for row in first..first + ROWS_PER_PIECE {
        for column in 0..COLUMNS {
            let value = ((row * 31 + column * 17) as f64 * 0.618_033_988).sin() * 1000.0;
            let end = if column + 1 == COLUMNS { '\n' } else { ',' };
            let _ = write!(text, "{value:.9}{end}");
        }
    }
    text
}

async fn drained(response: axum::response::Response) -> u64 {
    assert!(response.status().is_success());
    let mut pieces = response.into_body().into_data_stream();
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        bytes += piece.unwrap().len() as u64;
    }
    bytes
}

fn report(what: &str, took: Duration, bytes: u64) {
    println!("{what}: {:.2} s, {:.1} MB, {}", took.as_secs_f64(), bytes as f64 / 1e6, memory());
}

/// The memory of this process now and at its peak, as Linux counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1024.0
    };
    format!("resident {:.0} MiB, peak {:.0} MiB", of("VmRSS"), of("VmHWM"))
}
