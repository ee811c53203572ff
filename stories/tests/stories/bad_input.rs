//! What people and programs send by mistake: each gets a clear answer, and nothing of it stays.

use serde_json::{Value, json};
use stories::actions::{all, number, text, try_upload, upload, wait_for_state};
use stories::client::Client;
use stories::server::Server;
use stories::set_up::SetUp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A table that can't be used: query, media type, bytes; then the status, the slug of the problem, and a word in its text.
type Refused = (&'static str, &'static str, &'static [u8], u16, &'static str, &'static str);

const REFUSED: &[Refused] = &[
    ("", "text/csv", b"", 422, "empty-file", "empty"),
    ("", "text/csv", b"  \n \n", 422, "empty-file", "empty"),
    ("", "text/csv", b"x,y\n", 422, "no-rows", "row"),
    ("", "text/csv", b"x\n1\n2\n3\n", 422, "one-column", "column"),
    ("", "text/csv", b"x,y\n1,\"2\n3,4\n", 422, "unclosed-quote", "quot"),
    ("", "text/csv", b"\x00\x01\x02\xff\x00\x00\x10", 422, "not-text", "text"),
    ("", "image/png", b"x,y\n1,2\n", 415, "unsupported-media-type", "text/csv"),
    ("target=z", "text/csv", b"x,y\n1,2\n3,4\n", 422, "invalid-field", "z"),
    ("delimiter=~~", "text/csv", b"x,y\n1,2\n3,4\n", 422, "invalid-field", "delimiter"),
    ("decimal=%3B", "text/csv", b"x,y\n1,2\n3,4\n", 422, "invalid-field", "decimal"),
    ("colour=red", "text/csv", b"x,y\n1,2\n3,4\n", 400, "invalid-query", "colour"),
];

/// A table that is used although it is poor: bytes, then the finding that says what was noticed, and its column.
const NOTICED: &[(&[u8], &str, Option<&str>)] = &[
    (b"x,y\n1,2\n2,a lot\n3,4\n4,5\n", "text-in-number-column", Some("y")),
    (b"x,y\n1,2\n2,NaN\n3,inf\n4,5\n5,6\n", "value-not-finite", Some("y")),
    (b"x,y\n1,5\n2,5\n3,5\n", "target-constant", Some("y")),
    (b"x,x,y\n1,2,3\n4,5,6\n7,8,9\n", "name-duplicate", Some("x_2")),
    (b"x,y\n1,2\n2,4,6,8\n3,6\n4,8\n5,10\n6,12\n7,14\n8,16\n9,18\n10,20\n", "row-too-long", None),
    (b"x,y\n1,2\n2\n3,6\n4,8\n5,10\n6,12\n7,14\n8,16\n9,18\n10,20\n", "row-too-short", None),
    (b"gr\xf6\xdfe,y\n1,2\n2,4\n3,6\n", "encoding-not-utf8", None),
    (b"x;y\n1,5;2\n2,5;4\n3,5;6\n", "decimal-comma", None),
    (b"x,y\n1,2\n,4\n3,6\n", "missing-values", Some("x")),
];

#[tokio::test]
async fn gets_a_clear_answer_on_sqlite() {
    gets_a_clear_answer(SetUp::Sqlite).await;
}

#[tokio::test]
async fn gets_a_clear_answer_on_postgresql() {
    gets_a_clear_answer(SetUp::Postgres).await;
}

#[tokio::test]
async fn gets_a_clear_answer_when_split() {
    gets_a_clear_answer(SetUp::Split).await;
}

async fn gets_a_clear_answer(set_up: SetUp) {
    let limits =
        ["catalogue.load_samples=false", "catalogue.max_cells=1000", "catalogue.max_upload_bytes=100000"];
    let quiet = ["regression.automatic=false", "symbolic.automatic_s=0"];
    let Some(server) = Server::start_with(set_up, &[limits.as_slice(), &quiet].concat()).await else {
        return;
    };
    let client = server.client();
    for (query, media_type, table, status, slug, word) in REFUSED {
        let problem = try_upload(&client, query, media_type, table.to_vec()).await.expect_problem(*status);
        let shown = String::from_utf8_lossy(table);
        assert_eq!(problem["type"], format!("urn:quorate:problem:{slug}"), "{query} {shown}: {problem}");
        assert!(problem.to_string().contains(word), "{query} {shown}: {problem}");
    }
    assert!(all(&client, "/api/v1/datasets").await.is_empty(), "what is refused does not stay");
    for (table, code, column) in NOTICED {
        let set = try_upload(&client, "", "text/csv", table.to_vec()).await.expect_status(201).json();
        let findings = set["findings"].as_array().unwrap();
        let is_it = |f: &&Value| f["code"] == *code && column.is_none_or(|c| f.to_string().contains(c));
        assert!(findings.iter().any(|f| is_it(&f)), "{code}: {findings:?}");
    }
    assert_eq!(all(&client, "/api/v1/datasets").await.len(), NOTICED.len());
    names_the_limits(&client).await;
    wrong_requests(&client).await;
    a_constant_target_is_no_crash(&client).await;
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

async fn names_the_limits(client: &Client) {
    let many = format!("x,y\n{}", "1,2\n".repeat(600));
    let problem = try_upload(client, "", "text/csv", many.into_bytes()).await.expect_problem(413);
    assert!(text(&problem, "detail").contains("catalogue.max_cells = 1000"), "{problem}");
    let long = format!("x,y\n{}", "1.00000000000,2\n".repeat(10_000));
    let problem = try_upload(client, "", "text/csv", long.into_bytes()).await.expect_problem(413);
    assert!(text(&problem, "detail").contains("catalogue.max_upload_bytes = 100000"), "{problem}");
    let huge = json!({"data_set_id": "x".repeat(9 << 20)});
    let problem = client.post("/api/v1/fits", &huge).await.expect_problem(413);
    assert!(problem.to_string().contains("server.body_limit_mb"), "{problem}");
    refuses_a_declared_giant(client, "/api/v1/datasets", "text/csv", "catalogue.max_upload_bytes").await;
    refuses_a_declared_giant(client, "/api/v1/fits", "application/json", "server.body_limit_mb").await;
}

/// The answer comes after the head: not one byte of the body is sent.
async fn refuses_a_declared_giant(client: &Client, path: &str, media_type: &str, limit: &str) {
    let host = client.base().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let kind = format!("Content-Type: {media_type}\r\nContent-Length: 2147483648\r\nConnection: close");
    let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let reading = tokio::time::timeout(stories::wait::PATIENCE, stream.read_to_string(&mut answer)).await;
    reading.unwrap_or_else(|_| panic!("{path}: no answer to a head")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains(limit), "{answer}");
}

async fn wrong_requests(client: &Client) {
    let nobody = "01935f2e-0000-7000-8000-000000000001";
    for list in ["datasets", "fits", "searches", "jobs"] {
        client.ask("GET", &format!("/api/v1/{list}/{nobody}")).send().await.expect_problem(404);
        client.ask("GET", &format!("/api/v1/{list}/not-an-id")).send().await.expect_problem(404);
        let wrong = client.ask("PUT", &format!("/api/v1/{list}/{nobody}")).send().await;
        assert!(wrong.header("allow").contains("GET"), "{list}: Allow is {:?}", wrong.header("allow"));
        wrong.expect_problem(405);
        let wrong = client.ask("DELETE", &format!("/api/v1/{list}")).send().await;
        assert!(wrong.header("allow").contains("GET"), "{list}: Allow is {:?}", wrong.header("allow"));
        wrong.expect_problem(405);
        let told = client.ask("OPTIONS", &format!("/api/v1/{list}")).send().await.expect_status(204);
        assert!(told.header("allow").contains("GET"), "{list}");
    }
    client.ask("GET", "/api/v1/nothing").send().await.expect_problem(404);
    for list in ["fits", "searches"] {
        let path = format!("/api/v1/{list}");
        let post =
            |media_type: &'static str, body: String| client.ask("POST", &path).body(media_type, body).send();
        post("application/json", "{\"data_set_id\": ".into()).await.expect_problem(400);
        post("application/json", "{\"data_set_id\": 5}".into()).await.expect_problem(422);
        post("application/json", json!({"data_set_id": nobody}).to_string()).await.expect_problem(404);
        post("text/plain", json!({"data_set_id": nobody}).to_string()).await.expect_problem(415);
        post("application/json", "{}".into()).await.expect_problem(422);
    }
    let set = upload(client, "fine", "x,y\n1,2\n2,4\n3,7\n").await;
    for (list, order) in [
        ("fits", json!({"data_set_id": set["id"], "target": "z"})),
        ("fits", json!({"data_set_id": set["id"], "inputs": ["y"], "target": "y"})),
        ("searches", json!({"data_set_id": set["id"], "time_s": -1.0})),
        ("searches", json!({"data_set_id": set["id"], "operators": ["teleport"]})),
    ] {
        let problem = client.post(&format!("/api/v1/{list}"), &order).await.expect_problem(422);
        assert!(problem["errors"][0]["field"].is_string(), "{order}: {problem}");
    }
}

async fn a_constant_target_is_no_crash(client: &Client) {
    let set = upload(client, "constant", "x,y\n1,5\n2,5\n3,5\n4,5\n").await;
    for (list, order) in [
        ("fits", json!({"data_set_id": set["id"]})),
        ("searches", json!({"data_set_id": set["id"], "time_s": 0.5})),
    ] {
        let ordered = client.post(&format!("/api/v1/{list}"), &order).await.expect_status(202).json();
        let path = format!("/api/v1/{list}/{}", text(&ordered, "id"));
        let ended = wait_for_state(client, &path, "done").await;
        let (findings, formula) = if list == "fits" {
            (&ended["result"]["findings"], &ended["result"]["formula"]["text"])
        } else {
            let chosen = number(&ended, "chosen") as usize;
            (&ended["findings"], &ended["front"][chosen]["formula"]["text"])
        };
        assert!(formula.as_str().is_some_and(|text| text.ends_with('5')), "{ended}");
        assert!(findings.to_string().contains("constant"), "{list}: {findings}");
    }
}
