//! Long work as its owner sees it: listed, watched, cancelled within a second, tried again.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use stories::actions::{all, hard_table, order_fit, order_search, text, upload, wait_for_state};
use stories::client::Client;
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

#[tokio::test]
async fn are_cancelled_and_tried_again_on_sqlite() {
    are_cancelled_and_tried_again(SetUp::Sqlite).await;
}

#[tokio::test]
async fn are_cancelled_and_tried_again_on_postgresql() {
    are_cancelled_and_tried_again(SetUp::Postgres).await;
}

#[tokio::test]
async fn are_cancelled_and_tried_again_when_split() {
    are_cancelled_and_tried_again(SetUp::Split).await;
}

async fn are_cancelled_and_tried_again(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    let set = upload(&client, "hard", &hard_table(500)).await;
    let id = text(&set, "id");
    let search = order_search(&client, id, 300.0).await;
    let job = format!("/api/v1/jobs/{}", text(&search, "job_id"));
    wait_until_it_has_a_front(&client, &search).await;

    let asked_at = now();
    let cancelled = client.ask("POST", &format!("{job}/cancellation")).send().await.expect_status(202);
    assert!(cancelled.json()["cancel_requested"] == true || cancelled.json()["state"] == "cancelled");
    let first = time_until_cancelled(&client, &job, asked_at).await;
    let kept =
        wait_for_state(&client, &format!("/api/v1/searches/{}", text(&search, "id")), "cancelled").await;
    assert!(!kept["front"].as_array().unwrap().is_empty(), "a stopped search keeps what it has: {kept}");
    let twice = client.ask("POST", &format!("{job}/cancellation")).send().await.expect_status(202).json();
    assert_eq!(twice["state"], "cancelled", "who repeats a cancel gets the same answer");

    let again = client.ask("POST", &format!("{job}/retry")).send().await.expect_status(202).json();
    assert!(["waiting", "running"].contains(&text(&again, "state")), "{again}");
    until("the job runs again", async || state_is(&client.get(&job).await, "running")).await;
    client.ask("POST", &format!("{job}/retry")).send().await.expect_problem(409);
    let asked_at = now();
    client.ask("POST", &format!("{job}/cancellation")).send().await.expect_status(202);
    let second = time_until_cancelled(&client, &job, asked_at).await;
    // Once is enough: a machine that does many other things too may hold one of them up.
    let most = SignedDuration::from_secs(1);
    assert!(first.min(second) <= most, "the cancels took {first:?} and {second:?}");

    let fit = order_fit(&client, id).await;
    let done = format!("/api/v1/jobs/{}", text(&fit, "job_id"));
    wait_for_state(&client, &done, "done").await;
    client.ask("POST", &format!("{done}/cancellation")).send().await.expect_problem(409);
    client.ask("POST", &format!("{done}/retry")).send().await.expect_problem(409);
    for way in ["cancellation", "retry"] {
        let path = format!("/api/v1/jobs/0193-nobody/{way}");
        client.ask("POST", &path).send().await.expect_problem(404);
    }
    lists_by_state_kind_and_service(&client).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "is compared with a time that the program under test has written"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// By the clock of the machine that both run on: how often we look does not count.
async fn time_until_cancelled(client: &Client, job: &str, asked_at: Timestamp) -> SignedDuration {
    let ended = wait_for_state(client, job, "cancelled").await;
    let ended_at: Timestamp = text(&ended, "finished_at").parse().unwrap();
    ended_at.duration_since(asked_at)
}

async fn lists_by_state_kind_and_service(client: &Client) {
    let names = async |query: &str| -> Vec<String> {
        let jobs = all(client, &format!("/api/v1/jobs?{query}")).await;
        jobs.iter().map(|job| format!("{} {}", text(job, "service"), text(job, "state"))).collect()
    };
    until("the list of all services' jobs shows how they ended", async || {
        let shown = (names("state=cancelled").await, names("service=regression").await);
        let wanted = (vec!["symbolic cancelled".to_owned()], vec!["regression done".to_owned()]);
        if shown == wanted { Ok(()) } else { Err(format!("{shown:?}")) }
    })
    .await;
    assert_eq!(names("state=running").await, Vec::<String>::new());
    client.ask("GET", "/api/v1/jobs?state=asleep").send().await.expect_problem(400);
}

async fn wait_until_it_has_a_front(client: &Client, search: &Value) {
    let path = format!("/api/v1/searches/{}", text(search, "id"));
    until("the search shows a front while it runs", async || {
        let search = client.get(&path).await;
        assert_ne!(search["state"], "done", "it was to be hard: {search}");
        let has_front = search["front"].as_array().is_some_and(|front| !front.is_empty());
        if search["state"] == "running" && has_front { Ok(()) } else { Err(search.to_string()) }
    })
    .await;
}

fn state_is(thing: &Value, state: &str) -> Result<(), String> {
    if thing["state"] == state { Ok(()) } else { Err(thing.to_string()) }
}

#[tokio::test]
async fn the_same_question_is_not_asked_twice_at_a_time() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let set = upload(&client, "hard", &hard_table(300)).await;
    let first = order_search(&client, text(&set, "id"), 60.0).await;
    let order = json!({"data_set_id": set["id"], "time_s": 60.0, "seed": 1});
    let second = client.post("/api/v1/searches", &order).await.expect_status(202).json();
    assert_eq!(first["id"], second["id"]);
    let lively = all(&client, "/api/v1/searches").await;
    assert_eq!(lively.len(), 1, "{lively:?}");
}

#[tokio::test]
async fn go_on_after_a_polite_stop() {
    let Some(mut server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let set = upload(&client, "hard", &hard_table(300)).await;
    let search = order_search(&client, text(&set, "id"), 3.0).await;
    wait_until_it_has_a_front(&client, &search).await;
    assert!(server.terminate_all().await, "it stops in good order: {}", server.log());
    server.start_again().await;
    let client = server.client();
    wait_for_state(&client, &format!("/api/v1/searches/{}", text(&search, "id")), "done").await;
    let job = client.get(&format!("/api/v1/jobs/{}", text(&search, "job_id"))).await;
    assert_eq!(job["crash_count"], 0, "a stop is no crash: {job}");
}
