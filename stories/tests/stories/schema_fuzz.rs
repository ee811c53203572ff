//! Every operation of the published description, called with what a fuzzer (schemathesis) makes up: never a 5xx.
//!
//! `QUORATE_STORY_EXAMPLES` sets how many examples each operation gets.

#![expect(clippy::disallowed_methods, reason = "a long run is asked for by the environment")]

use stories::actions::{noisy_line, order_fit, order_search, text, upload};
use stories::python::Python;
use stories::server::Server;
use stories::set_up::SetUp;

#[tokio::test]
async fn finds_no_server_error_on_sqlite() {
    finds_no_server_error(SetUp::Sqlite).await;
}

#[tokio::test]
async fn finds_no_server_error_when_split() {
    finds_no_server_error(SetUp::Split).await;
}

async fn finds_no_server_error(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let Some(python) = Python::with("schemathesis", &["schemathesis"]) else { return };
    let client = server.client();
    let set = upload(&client, "line", &noisy_line(40)).await;
    order_fit(&client, text(&set, "id")).await;
    order_search(&client, text(&set, "id"), 0.2).await;
    let examples = std::env::var("QUORATE_STORY_EXAMPLES").unwrap_or_else(|_| "5".to_owned());
    let description = format!("{}/api/v1/openapi.json", client.base());
    let output = python.run(
        "schemathesis",
        &[
            "run",
            &description,
            "--checks=not_a_server_error",
            "--phases=examples,coverage,fuzzing",
            &format!("--max-examples={examples}"),
            "--exclude-path=/api/v1/live",
            "--request-timeout=30",
            "--generation-database=none",
            "--seed=1",
            "--no-color",
        ],
        server.folder(),
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!server.log().contains("panicked"), "{}", server.log());
    server.client().get("/api/v1/datasets").await;
}
