//! Lists as programs use them: pages by cursor and Link, JSON or CSV by Accept, entity tags; posts that can be repeated.

use std::collections::BTreeSet;

use stories::actions::{text, try_upload, upload};
use stories::server::Server;
use stories::set_up::SetUp;

#[tokio::test]
async fn are_paged_and_negotiated_on_sqlite() {
    are_paged_and_negotiated(SetUp::Sqlite).await;
}

#[tokio::test]
async fn are_paged_and_negotiated_on_postgresql() {
    are_paged_and_negotiated(SetUp::Postgres).await;
}

#[tokio::test]
async fn are_paged_and_negotiated_when_split() {
    are_paged_and_negotiated(SetUp::Split).await;
}

async fn are_paged_and_negotiated(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    for at in 0..5 {
        upload(&client, &format!("set-{at}"), "x,y\n1,2\n2,4\n3,7\n").await;
    }
    let mut names = BTreeSet::new();
    let mut next = "/api/v1/datasets?limit=2".to_owned();
    loop {
        let page = client.ask("GET", &next).send().await.expect_status(200);
        let json = page.json();
        names.extend(json["items"].as_array().unwrap().iter().map(|set| text(set, "name").to_owned()));
        let link = page.header("link");
        let Some(cursor) = json["next"].as_str() else {
            assert_eq!(link, "");
            break;
        };
        assert!(link.contains("rel=\"next\"") && link.contains(cursor), "{link}");
        let (path, _) = link.trim_start_matches('<').split_once('>').unwrap();
        path.clone_into(&mut next);
    }
    assert_eq!(names.len(), 5);

    for list in ["datasets", "fits", "searches", "formulas", "jobs", "overview"] {
        let path = format!("/api/v1/{list}");
        let csv = client.ask("GET", &path).accept("text/csv").send().await.expect_status(200);
        assert_eq!(csv.header("content-type").split(';').next(), Some("text/csv"), "{list}");
        assert!(csv.text().lines().next().is_some_and(|head| head.contains("id")), "{list}: {}", csv.text());
        client.ask("GET", &path).accept("image/png").send().await.expect_problem(406);
        let mistyped = client.ask("GET", &format!("{path}?limti=1")).send().await.expect_problem(400);
        assert!(mistyped["detail"].as_str().unwrap().contains("did you mean limit?"), "{list}: {mistyped}");
        client.ask("GET", &format!("{path}/a%00b")).send().await.expect_problem(400);
        client.ask("GET", &format!("{path}?cursor=%00")).send().await.expect_problem(422);
        client.ask("GET", &format!("{path}?limit=0")).send().await.expect_problem(422);
        client.ask("GET", &format!("{path}?limit=1001")).send().await.expect_problem(422);
        client.ask("GET", &format!("{path}?cursor=%C3%A4-no-cursor")).send().await.expect_problem(422);
    }
    let id = client.get("/api/v1/datasets").await["items"][0]["id"].clone();
    let one = format!("/api/v1/datasets/{}", id.as_str().unwrap());
    client.ask("GET", &one).accept("text/csv").send().await.expect_problem(406);
    let list = client.ask("GET", "/api/v1/datasets").send().await;
    let again = client.ask("GET", "/api/v1/datasets").header("if-none-match", list.header("etag"));
    again.send().await.expect_status(304);
}

#[tokio::test]
async fn a_repeated_post_gets_the_first_answer_on_sqlite() {
    a_repeated_post_gets_the_first_answer(SetUp::Sqlite).await;
}

#[tokio::test]
async fn a_repeated_post_gets_the_first_answer_when_split() {
    a_repeated_post_gets_the_first_answer(SetUp::Split).await;
}

async fn a_repeated_post_gets_the_first_answer(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    let post = |key: &str, path: &str, media_type: &str, body: String| {
        client.ask("POST", path).header("idempotency-key", key).body(media_type, body).send()
    };
    let table = || "x,y\n1,2\n2,4\n3,7\n".to_owned();
    let first = post("\"a\"", "/api/v1/datasets?name=once", "text/csv", table()).await.expect_status(201);
    let again = post("\"a\"", "/api/v1/datasets?name=once", "text/csv", table()).await.expect_status(201);
    assert_eq!(
        (first.body.clone(), first.header("location")),
        (again.body.clone(), again.header("location"))
    );
    post("\"a\"", "/api/v1/datasets?name=once", "text/csv", "x,y\n1,1\n2,2\n3,4\n".into())
        .await
        .expect_problem(422);
    assert_eq!(client.get("/api/v1/datasets").await["items"].as_array().unwrap().len(), 1);

    let set = again.json();
    for list in ["fits", "searches"] {
        let order = serde_json::json!({"data_set_id": set["id"]}).to_string();
        let path = format!("/api/v1/{list}");
        let first = post("\"b\"", &path, "application/json", order.clone()).await.expect_status(202);
        let again = post("\"b\"", &path, "application/json", order).await.expect_status(202);
        assert_eq!(first.json()["id"], again.json()["id"], "{list}");
        assert_eq!(client.get(&path).await["items"].as_array().unwrap().len(), 1, "{list}");
        let other = serde_json::json!({"data_set_id": set["id"], "target": "x"}).to_string();
        post("\"b\"", &path, "application/json", other).await.expect_problem(422);
    }
    assert_eq!(try_upload(&client, "name=once", "text/csv", table().into()).await.status, 201);

    let one = format!("/api/v1/datasets/{}", text(&set, "id"));
    client.ask("DELETE", &one).header("if-match", "*").send().await.expect_status(204);
    for list in ["fits", "searches"] {
        let order = serde_json::json!({"data_set_id": set["id"]}).to_string();
        post("\"b\"", &format!("/api/v1/{list}"), "application/json", order).await.expect_status(202);
    }
}
