//! A person's way: upload a table, fit a line, search a formula, look at predictions, change and delete the set.

use serde_json::{Value, json};
use stories::actions::{noisy_line, number, order_fit, order_search, text, upload, wait_for_state};
use stories::client::Client;
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

#[tokio::test]
async fn from_a_table_to_its_formula_on_sqlite() {
    from_a_table_to_its_formula(SetUp::Sqlite).await;
}

#[tokio::test]
async fn from_a_table_to_its_formula_on_postgresql() {
    from_a_table_to_its_formula(SetUp::Postgres).await;
}

#[tokio::test]
async fn from_a_table_to_its_formula_when_split() {
    from_a_table_to_its_formula(SetUp::Split).await;
}

async fn from_a_table_to_its_formula(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    let set = upload(&client, "line", &noisy_line(200)).await;
    let id = text(&set, "id");
    assert_eq!(
        (&set["rows"], &set["columns"], &set["target"]),
        (&json!(200), &json!(["x", "y"]), &json!("y"))
    );
    assert_eq!(set["profile"][0]["kind"], "number");

    fits_a_line(&client, id).await;
    finds_a_formula(&client, id).await;
    keeps_versions(&client, id).await;
    changes_and_deletes(&client, id).await;
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

async fn fits_a_line(client: &Client, id: &str) {
    let answer = client.post("/api/v1/fits", &json!({"data_set_id": id})).await.expect_status(202);
    let ordered = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/jobs/{}", text(&ordered, "job_id")));
    let path = format!("/api/v1/fits/{}", text(&ordered, "id"));
    let fit = wait_for_state(client, &path, "done").await;
    assert!(number(&fit["result"], "r2") > 0.99, "{fit}");
    assert_eq!(fit["result"]["n"], 200);
    let plot = client.get(&format!("{path}/predictions?x=x")).await;
    let points = plot["points"].as_array().unwrap();
    assert_eq!(points.len(), 200);
    for point in points {
        let left = number(point, "y") - number(point, "predicted");
        assert!((left - number(point, "residual")).abs() < 1e-9, "{point}");
    }
    let job = client.get(answer.header("location")).await;
    assert_eq!((&job["state"], &job["subject"]["id"]), (&json!("done"), &fit["id"]));
}

async fn finds_a_formula(client: &Client, id: &str) {
    let ordered = order_search(client, id, 1.0).await;
    let path = format!("/api/v1/searches/{}", text(&ordered, "id"));
    let search = wait_for_state(client, &path, "done").await;
    let front = search["front"].as_array().unwrap();
    let chosen = &front[search["chosen"].as_u64().unwrap() as usize];
    assert!(number(chosen, "r2") > 0.99, "{chosen}");
    for field in ["text", "latex", "mathml"] {
        assert!(!text(&chosen["formula"], field).is_empty());
    }
    let is_better = |pair: &[Value]| number(&pair[0], "mse") >= number(&pair[1], "mse");
    assert!(front.windows(2).all(is_better), "the front is no front: {front:?}");
    let plot = client.get(&format!("{path}/predictions")).await;
    assert_eq!(plot["points"].as_array().unwrap().len(), 200);
    let formulas = client.get(&format!("/api/v1/formulas?data_set_id={id}")).await;
    assert_eq!(formulas["items"][0]["formula"], chosen["formula"]);
}

async fn keeps_versions(client: &Client, id: &str) {
    let path = format!("/api/v1/datasets/{id}/versions");
    client.ask("POST", &path).body("text/csv", "x,y\n1,2\n2,4\n3,6\n").send().await.expect_status(201);
    let versions = client.get(&path).await;
    let numbers: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|v| v["version"].clone()).collect();
    assert_eq!(numbers, [2, 1]);
    let rows = |version| format!("/api/v1/datasets/{id}/rows?version={version}");
    assert_eq!(client.get(&rows(2)).await["items"][2][1], 6.0);
    let old = client.ask("GET", &rows(1)).accept("text/csv").send().await.expect_status(200);
    assert_eq!(old.header("content-type").split(';').next(), Some("text/csv"));
    assert_eq!(old.text().lines().count(), 201);
}

async fn changes_and_deletes(client: &Client, id: &str) {
    let path = format!("/api/v1/datasets/{id}");
    let before = client.ask("GET", &path).send().await.expect_status(200);
    let tag = before.header("etag");
    let again = client.ask("GET", &path).header("if-none-match", tag).send().await.expect_status(304);
    assert!(again.body.is_empty());
    let change = json!({"name": "a better name"});
    client.ask("PATCH", &path).json(&change).send().await.expect_problem(428);
    let changed =
        client.ask("PATCH", &path).header("if-match", tag).json(&change).send().await.expect_status(200);
    assert_eq!(changed.json()["name"], "a better name");
    client.ask("PATCH", &path).header("if-match", tag).json(&change).send().await.expect_problem(412);
    client.ask("DELETE", &path).send().await.expect_problem(428);
    client.ask("DELETE", &path).header("if-match", tag).send().await.expect_problem(412);
    let tag = changed.header("etag");
    client.ask("DELETE", &path).header("if-match", tag).send().await.expect_status(204);
    client.ask("GET", &path).send().await.expect_problem(404);
    until("the fits and the row of the overview are gone", async || {
        let fits = client.try_get(&format!("/api/v1/fits?data_set_id={id}")).await?.json();
        let overview = client.try_get("/api/v1/overview").await?.json();
        let is_gone =
            [&fits, &overview].iter().all(|list| list["items"].as_array().is_some_and(Vec::is_empty));
        if is_gone { Ok(()) } else { Err(format!("{fits} {overview}")) }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_set_takes_its_running_work_along() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let set = upload(&client, "line", &noisy_line(50)).await;
    let id = text(&set, "id");
    let fit = order_fit(&client, id).await;
    client
        .ask("DELETE", &format!("/api/v1/datasets/{id}"))
        .header("if-match", "*")
        .send()
        .await
        .expect_status(204);
    let path = format!("/api/v1/fits/{}", text(&fit, "id"));
    until("the fit is gone", async || {
        let answer = client.try_get(&path).await?;
        if answer.status == 404 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}
