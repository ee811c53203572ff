//! Fits and searches as their owner sees them: stopped with the best kept, known to programs, deleted with care.

use contracts::math_func::FunctionDescription;
use serde_json::json;
use stories::actions::{all, hard_table, number, order_search, text, upload, wait_for_state};
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

#[tokio::test]
async fn a_stopped_search_chooses_the_best_it_has_on_sqlite() {
    a_stopped_search_chooses_the_best_it_has(SetUp::Sqlite).await;
}

#[tokio::test]
async fn a_stopped_search_chooses_the_best_it_has_when_split() {
    a_stopped_search_chooses_the_best_it_has(SetUp::Split).await;
}

async fn a_stopped_search_chooses_the_best_it_has(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    let set = upload(&client, "hard", &hard_table(300)).await;
    let search = order_search(&client, text(&set, "id"), 300.0).await;
    let path = format!("/api/v1/searches/{}", text(&search, "id"));
    until("the search shows a front", async || {
        let search = client.get(&path).await;
        let has_front = search["front"].as_array().is_some_and(|front| front.len() > 2);
        if has_front { Ok(()) } else { Err(search.to_string()) }
    })
    .await;
    let cancel = format!("/api/v1/jobs/{}/cancellation", text(&search, "job_id"));
    client.ask("POST", &cancel).send().await.expect_status(202);
    let stopped = wait_for_state(&client, &path, "cancelled").await;
    let chosen = stopped["chosen"].as_u64().unwrap_or_else(|| panic!("nothing is chosen: {stopped}"));
    assert!(stopped["front"].get(chosen as usize).is_some(), "{stopped}");
    assert!(!stopped["reasons"].as_array().unwrap().is_empty(), "{stopped}");
    assert_eq!(all(&client, "/api/v1/formulas").await.len(), 1, "its formula counts as found");
}

#[tokio::test]
async fn a_program_finds_the_result_that_is_there() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let set = upload(&client, "three", "a,b,y\n1,2,9\n2,1,9\n3,5,22\n4,0,13\n5,7,37\n").await;
    let order = json!({"data_set_id": set["id"]});
    let fit = client.post("/api/v1/fits", &order).await.expect_status(202).json();
    assert_eq!(fit["inputs"], json!(["a", "b"]));
    wait_for_state(&client, &format!("/api/v1/fits/{}", text(&fit, "id")), "done").await;
    let mut math_func = server.math_func("regression").await;
    let id = number(&set, "number") as i32;
    let state = math_func.guess_function(FunctionDescription { id }).await.unwrap().into_inner();
    assert!(state.resultready && !state.scheduling, "{state:?}");
    assert_eq!(all(&client, "/api/v1/fits").await.len(), 1, "nothing worse takes its place");
}

#[tokio::test]
async fn a_fit_takes_every_option_and_refuses_what_contradicts() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let rows = (0..40_u32).map(|row| {
        let (a, b, site) =
            (f64::from(row), f64::from(row * 7 % 11), ["north", "south", "west"][row as usize % 3]);
        let far = if row == 20 { 500.0 } else { 0.0 };
        format!("{a},{b},{},{site},{}\n", 1 + row % 4, 3.0 * a + 4.0 + (a * 2.1).sin() + far)
    });
    let table = format!("a,b,w,site,y\n{}", rows.collect::<String>());
    let set = upload(&client, "options", &table).await;
    let fit = async |options: serde_json::Value| {
        let order =
            json!({"data_set_id": set["id"], "target": "y", "inputs": ["a", "b"], "options": options});
        let ordered = client.post("/api/v1/fits", &order).await.expect_status(202).json();
        wait_for_state(&client, &format!("/api/v1/fits/{}", text(&ordered, "id")), "done").await
    };
    let slope = |fit: &serde_json::Value| number(&fit["result"]["coefficients"][1], "value");
    let robust = fit(json!({"method": "bisquare"})).await;
    assert!((slope(&robust) - 3.0).abs() < 0.1, "{}", robust["result"]["formula"]["text"]);
    assert_eq!(robust["options"]["method"], "bisquare");
    let grouped = fit(json!({"errors": "clustered", "groups": "site"})).await;
    assert_eq!(grouped["inputs"], json!(["a", "b"]));
    assert!(grouped["result"]["findings"].to_string().contains("few-groups"), "{grouped}");
    let weighted = fit(json!({"weights": "w", "compare_without": ["b"]})).await;
    assert_eq!(weighted["result"]["comparison"]["added"], json!(["b"]));
    let subset = fit(json!({"shape": "polynomial", "subset": "bic"})).await;
    assert!(subset["result"]["subsets"].as_array().unwrap().iter().any(|one| one["chosen"] == true));
    let lasso = fit(json!({"method": "lasso"})).await;
    assert!(!lasso["result"]["path"].as_array().unwrap().is_empty());
    let plain = fit(json!({})).await;
    assert_eq!(plain["result"]["influential"][0]["row"], 21);
    let shown = format!("/api/v1/fits/{}/predictions?max=5", text(&robust, "id"));
    assert_eq!(client.get(&shown).await["points"].as_array().unwrap().len(), 5);
    for (options, field) in [
        (json!({"method": "huber", "weights": "w"}), "options.weights"),
        (json!({"errors": "clustered"}), "options.groups"),
        (json!({"confidence": 2}), "options.confidence"),
        (json!({"weights": "nowhere"}), "options"),
    ] {
        let order = json!({"data_set_id": set["id"], "inputs": ["a", "b"], "options": options});
        let problem = client.post("/api/v1/fits", &order).await.expect_problem(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let unknown = json!({"data_set_id": set["id"], "options": {"metod": "huber"}});
    client.post("/api/v1/fits", &unknown).await.expect_problem(422);
}

#[tokio::test]
async fn a_search_keeps_the_rules_it_is_given() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let rows = (1..30).map(|row| format!("{row},{},{},{}\n", row * 5 % 7, 1 + row % 2, 3 * row + 4));
    let set = upload(&client, "ruled", &format!("x,b,w,y\n{}", rows.collect::<String>())).await;
    let order = json!({"data_set_id": set["id"], "time_s": 0.5, "weights": "w", "must_use": ["x"], "per_size": 3,
        "max_nesting": 1, "units": {"columns": {"x": "m", "y": "m"}, "constants_have_units": true},
        "constraints": [{"kind": "rising", "column": "x"}, {"kind": "at_least", "value": 0.0}]});
    let ordered = client.post("/api/v1/searches", &order).await.expect_status(202).json();
    assert_eq!(ordered["inputs"], json!(["x", "b"]), "weights do not explain");
    let done = wait_for_state(&client, &format!("/api/v1/searches/{}", text(&ordered, "id")), "done").await;
    assert_eq!(done["options"]["constraints"][0]["kind"], "rising");
    let chosen = &done["front"][done["chosen"].as_u64().unwrap() as usize];
    assert_eq!(chosen["formula"]["text"], "3*x + 4", "{done}");
    for member in done["front"].as_array().unwrap().iter().skip(1) {
        assert!(member["formula"]["text"].as_str().unwrap().contains('x'), "{member}");
    }
    for (rule, part) in [
        (json!({"must_use": ["z"]}), "'z'"),
        (json!({"units": {"columns": {"x": "furlong"}}}), "furlong"),
        (json!({"constraints": [{"kind": "falling", "column": "q"}]}), "'q'"),
        (json!({"per_size": 21}), "20"),
        (json!({"weights": "nowhere"}), "nowhere"),
    ] {
        let mut order = json!({"data_set_id": set["id"], "time_s": 0.5});
        order.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        let problem = client.post("/api/v1/searches", &order).await.expect_problem(422);
        assert!(problem.to_string().contains(part), "{problem}");
    }
}

#[tokio::test]
async fn a_search_finds_one_law_for_several_classes() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let row = |x: u32| format!("{x},north,{}\n{x},south,{}\n", 3 * x * x + 4, 5 * x * x + 4);
    let set = upload(&client, "sites", &format!("x,site,y\n{}", (0..12).map(row).collect::<String>())).await;
    let order = json!({"data_set_id": set["id"], "time_s": 2.0, "group": "site"});
    let ordered = client.post("/api/v1/searches", &order).await.expect_status(202).json();
    let path = format!("/api/v1/searches/{}", text(&ordered, "id"));
    let done = wait_for_state(&client, &path, "done").await;
    let law = &done["front"][done["chosen"].as_u64().unwrap() as usize];
    assert_eq!(law["formula"]["text"], "a*x^2 + 4", "{done}");
    assert_eq!(law["classes"][0]["class"], "north");
    assert_eq!(law["classes"][1]["formula"]["text"], "5*x^2 + 4");
    client.ask("GET", &format!("{path}/predictions")).send().await.expect_problem(409);
    let order = json!({"data_set_id": set["id"], "given": "a*x^b + c"});
    let ordered = client.post("/api/v1/searches", &order).await.expect_status(202).json();
    let done = wait_for_state(&client, &format!("/api/v1/searches/{}", text(&ordered, "id")), "done").await;
    assert_eq!(done["front"][0]["numbers"][1]["name"], "b", "{done}");
    assert!(done["front"][0]["numbers"][1]["standard_error"].as_f64().unwrap() > 0.0, "{done}");
    let order = json!({"data_set_id": set["id"], "time_s": 0.5, "choices": 20});
    let ordered = client.post("/api/v1/searches", &order).await.expect_status(202).json();
    let done = wait_for_state(&client, &format!("/api/v1/searches/{}", text(&ordered, "id")), "done").await;
    let shares = done["front"].as_array().unwrap().iter().filter_map(|member| member["share"].as_f64());
    assert!((shares.sum::<f64>() - 1.0).abs() < 1e-9, "{done}");
    let unreadable = json!({"data_set_id": set["id"], "given": "a*(x"});
    client.post("/api/v1/searches", &unreadable).await.expect_problem(422);
    let nowhere = json!({"data_set_id": set["id"], "group": "town"});
    client.post("/api/v1/searches", &nowhere).await.expect_problem(422);
}

#[tokio::test]
async fn are_deleted_only_as_they_were_read() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let set = upload(&client, "line", "x,y\n1,7\n2,10\n3,13\n4,16\n").await;
    for (noun, order) in [
        ("fits", json!({"data_set_id": set["id"]})),
        ("searches", json!({"data_set_id": set["id"], "time_s": 0.5})),
    ] {
        let ordered = client.post(&format!("/api/v1/{noun}"), &order).await.expect_status(202).json();
        let path = format!("/api/v1/{noun}/{}", text(&ordered, "id"));
        wait_for_state(&client, &path, "done").await;
        let read = client.ask("GET", &path).send().await.expect_status(200);
        client.ask("DELETE", &path).send().await.expect_problem(428);
        client.ask("DELETE", &path).header("if-match", "\"old\"").send().await.expect_problem(412);
        client.ask("DELETE", &path).header("if-match", read.header("etag")).send().await.expect_status(204);
        client.ask("GET", &path).send().await.expect_problem(404);
    }
}
