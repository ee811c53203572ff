//! Processes killed at moments drawn from a seed, during uploads, fits and searches: what was accepted ends exactly once,
//! what is shown is whole, and who repeats an unanswered request gets one effect.
//!
//! `QUORATE_STORY_KILLS` sets the number of kills, `QUORATE_STORY_SEED` the seed.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a long run is asked for by the environment"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use stories::actions::{all, noisy_line, text};
use stories::client::{Answer, Client};
use stories::random::Random;
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until_within;

/// Rows of a table: enough that an upload can be hit in its middle.
const ROWS: usize = 3_000;

#[tokio::test]
async fn loses_nothing_and_does_nothing_twice_on_sqlite() {
    loses_nothing_and_does_nothing_twice(SetUp::Sqlite).await;
}

#[tokio::test]
async fn loses_nothing_and_does_nothing_twice_on_postgresql() {
    loses_nothing_and_does_nothing_twice(SetUp::Postgres).await;
}

#[tokio::test]
async fn loses_nothing_and_does_nothing_twice_when_split() {
    loses_nothing_and_does_nothing_twice(SetUp::Split).await;
}

/// What was accepted, by the answers alone.
#[derive(Default)]
struct Accepted {
    /// Name and id of data sets.
    sets: BTreeMap<String, String>,
    /// Path of the thing and id of its job.
    work: BTreeMap<String, String>,
}

async fn loses_nothing_and_does_nothing_twice(set_up: SetUp) {
    let settings = [
        "catalogue.load_samples=false",
        "regression.automatic=false",
        "symbolic.automatic_s=0",
        "jobs.lease_ms=1000",
        "jobs.poll_ms=200",
    ];
    let Some(mut server) = Server::start_with(set_up, &settings).await else { return };
    let (kills, seed) =
        (from_environment("QUORATE_STORY_KILLS", 6), from_environment("QUORATE_STORY_SEED", 1));
    let client = server.client();
    let has_ended = AtomicBool::new(false);
    let workers = async {
        let (first, second) = tokio::join!(work(&client, 1, &has_ended), work(&client, 2, &has_ended));
        [first, second]
    };
    let killer = async {
        let mut random = Random::new(seed);
        let processes = server.processes();
        for at in 0..kills {
            let moment = Duration::from_millis(random.below(900));
            tokio::time::sleep(moment).await;
            let victim = *random.pick(&processes);
            eprintln!("kill {at} of {victim} after {moment:?} (seed {seed})");
            server.kill(victim).await;
            server.start_again().await;
        }
        has_ended.store(true, Ordering::Relaxed);
    };
    let (accepted, ()) = tokio::join!(workers, killer);
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    check(&client, accepted).await;
}

/// Uploads, fits and searches, one after the other, each repeated with its key until it is answered.
async fn work(client: &Client, worker: u64, has_ended: &AtomicBool) -> Accepted {
    let mut accepted = Accepted::default();
    let mut at = 0;
    while !has_ended.load(Ordering::Relaxed) {
        let name = format!("set-{worker}-{at}");
        let path = format!("/api/v1/datasets?name={name}");
        let set = insist(client, &path, &name, "text/csv", noisy_line(ROWS)).await.expect_status(201).json();
        accepted.sets.insert(name.clone(), text(&set, "id").to_owned());
        for list in ["fits", "searches"] {
            let order = match list {
                "fits" => json!({"data_set_id": set["id"]}),
                _ => json!({"data_set_id": set["id"], "time_s": 0.3}),
            };
            let key = format!("{list}-{name}");
            let answer =
                insist(client, &format!("/api/v1/{list}"), &key, "application/json", order.to_string()).await;
            let ordered = answer.expect_status(202).json();
            let path = format!("/api/v1/{list}/{}", text(&ordered, "id"));
            accepted.work.insert(path, text(&ordered, "job_id").to_owned());
        }
        at += 1;
    }
    accepted
}

/// Posts until there is an answer that is neither "later" (409 in flight, 503) nor none at all.
async fn insist(client: &Client, path: &str, key: &str, media_type: &str, body: String) -> Answer {
    until_within(Duration::from_secs(90), path, async || {
        let request = client.ask("POST", path).header("idempotency-key", &format!("\"{key}\""));
        let answer = request.body(media_type, body.clone()).try_send().await?;
        if [409, 502, 503].contains(&answer.status) { Err(answer.text()) } else { Ok(answer) }
    })
    .await
}

async fn check(client: &Client, accepted: [Accepted; 2]) {
    let sets: BTreeMap<_, _> = accepted.iter().flat_map(|a| a.sets.clone()).collect();
    let work: BTreeMap<_, _> = accepted.iter().flat_map(|a| a.work.clone()).collect();
    eprintln!("{} data sets and {} analyses were accepted", sets.len(), work.len());
    assert!(sets.len() > 2 && work.len() > 4, "too little happened");
    let listed = all(client, "/api/v1/datasets").await;
    check_sets(client, &listed, &sets).await;
    for (path, job) in &work {
        check_work(client, path, job).await;
    }
    for list in ["fits", "searches"] {
        let things = all(client, &format!("/api/v1/{list}")).await;
        let accepted = work.keys().filter(|path| path.contains(list)).count();
        let per_set: BTreeSet<&str> = things.iter().map(|thing| text(thing, "data_set_id")).collect();
        assert_eq!(things.len(), per_set.len(), "{list}: a set has two");
        assert_eq!(things.len(), accepted, "{list}: what nobody accepted, or less");
    }
    check_views(client, listed.len(), work.len()).await;
}

/// Every accepted set is there once, under its id; every set is whole.
async fn check_sets(client: &Client, listed: &[Value], accepted: &BTreeMap<String, String>) {
    let names: BTreeSet<&str> = listed.iter().map(|set| text(set, "name")).collect();
    assert_eq!(names.len(), listed.len(), "a repeated upload made two sets: {names:?}");
    for (name, id) in accepted {
        let found = listed.iter().find(|set| text(set, "name") == name);
        assert_eq!(found.map(|set| text(set, "id")), Some(id.as_str()), "{name} was accepted");
    }
    for set in listed {
        assert_eq!(set["rows"], ROWS, "half-written: {set}");
        let path = format!("/api/v1/datasets/{}/rows", text(set, "id"));
        let rows = client.ask("GET", &path).accept("text/csv").send().await.expect_status(200);
        assert_eq!(rows.text().lines().count(), ROWS + 1, "half-written: {set}");
    }
}

/// It ends; a job is only lost when three crashes hit it.
async fn check_work(client: &Client, path: &str, job: &str) {
    let job = until_within(Duration::from_secs(90), &format!("the end of {path}"), async || {
        let answer = client.try_get(&format!("/api/v1/jobs/{job}")).await?;
        let job = answer.json();
        let is_over = ["done", "failed", "cancelled"].iter().any(|end| job["state"] == **end);
        if is_over { Ok(job) } else { Err(job.to_string()) }
    })
    .await;
    let is_poisoned = job["state"] == "failed" && job["crash_count"].as_i64() >= Some(3);
    assert!(job["state"] == "done" || is_poisoned, "{job}");
    let thing = client.get(path).await;
    assert_eq!(thing["state"], job["state"], "{thing}");
    let result =
        if path.contains("fits") { &thing["result"]["formula"] } else { &thing["front"][0]["formula"] };
    assert!(is_poisoned || result["text"].is_string(), "{thing}");
}

/// The gateway's views say what the services say.
async fn check_views(client: &Client, sets: usize, work: usize) {
    until_within(Duration::from_mins(1), "the views agree with the services", async || {
        let rows = all(client, "/api/v1/overview").await;
        let jobs = all(client, "/api/v1/jobs").await;
        let is_over =
            |thing: &Value| thing.is_null() || ["done", "failed"].iter().any(|end| thing["state"] == **end);
        let open = rows.iter().find(|row| !is_over(&row["linear"]) || !is_over(&row["formula"]));
        let busy = jobs.iter().find(|job| !is_over(job));
        match (open, busy) {
            (Some(row), _) => Err(row.to_string()),
            (_, Some(job)) => Err(job.to_string()),
            _ if rows.len() == sets && jobs.len() == work => Ok(()),
            _ => Err(format!("{} of {sets} rows, {} of {work} jobs", rows.len(), jobs.len())),
        }
    })
    .await;
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |value| value.parse().expect("a number"))
}
