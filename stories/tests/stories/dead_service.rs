//! One of four processes dies: its own paths say so, everything else goes on, and it comes back by itself.

use serde_json::Value;
use stories::actions::{all, noisy_line, order_fit, text, upload, wait_for_state};
use stories::client::Client;
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

#[tokio::test]
async fn costs_its_own_paths_only() {
    let Some(mut server) = Server::start_bare(SetUp::Split).await else { return };
    let client = server.client();
    let set = upload(&client, "line", &noisy_line(50)).await;
    let id = text(&set, "id").to_owned();
    let fit = order_fit(&client, &id).await;
    wait_for_state(&client, &format!("/api/v1/fits/{}", text(&fit, "id")), "done").await;
    wait_for_the_overview(&client).await;

    for (service, list) in [("regression", "fits"), ("symbolic", "searches"), ("catalogue", "datasets")] {
        server.kill(service).await;
        let problem = client.ask("GET", &format!("/api/v1/{list}")).send().await;
        assert_ne!(problem.header("retry-after"), "", "{list}");
        let problem = problem.expect_problem(503);
        assert!(text(&problem, "detail").contains(service), "{problem}");
        for (other, list) in [("regression", "fits"), ("symbolic", "searches"), ("catalogue", "datasets")] {
            if other != service {
                client.get(&format!("/api/v1/{list}")).await;
            }
        }
        wait_for_the_overview(&client).await;
        client.get("/api/v1/jobs").await;
        client.get("/api/v1/openapi.json").await;
        assert_eq!(client.ask("GET", "/").send().await.status, 200);
        assert_eq!(state_of(&client, service).await, "down");
        server.start_again().await;
        until("the service is back", async || {
            let answer = client.try_get(&format!("/api/v1/{list}")).await?;
            let state = state_of(&client, service).await;
            if answer.status == 200 && state == "up" {
                Ok(())
            } else {
                Err(format!("{state}: {}", answer.text()))
            }
        })
        .await;
    }
    let second = upload(&client, "second", &noisy_line(60)).await;
    let fit = order_fit(&client, text(&second, "id")).await;
    wait_for_state(&client, &format!("/api/v1/fits/{}", text(&fit, "id")), "done").await;
    until("the overview has both", async || {
        let rows = all(&client, "/api/v1/overview").await;
        let done = rows.iter().filter(|row| row["linear"]["state"] == "done").count();
        if done == 2 { Ok(()) } else { Err(format!("{rows:?}")) }
    })
    .await;
}

/// The row of the data set with its line, which the gateway knows without asking anybody.
async fn wait_for_the_overview(client: &Client) {
    until("the overview shows the line", async || {
        let rows = all(client, "/api/v1/overview").await;
        if rows.len() == 1 && rows[0]["linear"]["state"] == "done" {
            Ok(())
        } else {
            Err(format!("{rows:?}"))
        }
    })
    .await;
}

async fn state_of(client: &Client, service: &str) -> String {
    let services = client.get("/api/v1/services").await;
    let list = services["items"].as_array().or(services.as_array()).unwrap();
    let found: Option<&Value> = list.iter().find(|one| one["name"] == service);
    text(found.unwrap_or_else(|| panic!("no {service} in {services}")), "state").to_owned()
}

#[tokio::test]
async fn a_fit_waits_for_the_catalogue_and_gets_its_data() {
    let settings = ["catalogue.load_samples=false", "regression.automatic=true", "symbolic.automatic_s=0"];
    let Some(mut server) = Server::start_with(SetUp::Split, &settings).await else { return };
    let client = server.client();
    server.kill("regression").await;
    let set = upload(&client, "line", &noisy_line(50)).await;
    server.start_again().await;
    until("the fit that the event ordered while nobody listened", async || {
        let answer = client.try_get(&format!("/api/v1/fits?data_set_id={}", text(&set, "id"))).await?;
        let fits = answer.json();
        if fits["items"][0]["state"] == "done" { Ok(()) } else { Err(fits.to_string()) }
    })
    .await;
}
