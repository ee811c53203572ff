//! The live stream: what happens is told at once, and after a break from where one was.

use std::time::Duration;

use stories::actions::{hard_table, noisy_line, order_fit, order_search, text, upload};
use stories::live::{Live, Told};
use stories::server::Server;
use stories::set_up::SetUp;

#[tokio::test]
async fn tells_what_happens_and_resumes_on_sqlite() {
    tells_what_happens_and_resumes(SetUp::Sqlite).await;
}

#[tokio::test]
async fn tells_what_happens_and_resumes_on_postgresql() {
    tells_what_happens_and_resumes(SetUp::Postgres).await;
}

#[tokio::test]
async fn tells_what_happens_and_resumes_when_split() {
    tells_what_happens_and_resumes(SetUp::Split).await;
}

async fn tells_what_happens_and_resumes(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    let mut live = Live::open(&client, "", None).await;
    let mut only_fits = Live::open(&client, "?topics=regression.fit.", None).await;
    let set = upload(&client, "hard", &hard_table(300)).await;
    let id = text(&set, "id");
    let created = live.next("the new set", |told| is(told, "catalogue.data-set.created", id)).await;
    assert_eq!((created.event.as_str(), &created.data["service"]), ("changed", &"catalogue".into()));

    let search = order_search(&client, id, 60.0).await;
    let job = text(&search, "job_id");
    let progress = live.next("progress", |told| told.event == "progress" && told.data["job_id"] == job).await;
    assert_eq!(
        (&progress.data["service"], &progress.data["subject_id"]),
        (&"symbolic".into(), &search["id"])
    );

    let line = upload(&client, "line", &noisy_line(50)).await;
    let fit = order_fit(&client, text(&line, "id")).await;
    let fit_id = text(&fit, "id");
    live.next("the end of the fit", |told| is(told, "regression.fit.finished", fit_id)).await;
    let first = only_fits.next("a fit", |told| told.event == "changed").await;
    assert_eq!(first.data["type"], "regression.fit.scheduled", "only what was asked for is told");

    drop(live);
    let mut resumed = Live::open(&client, "", Some(&created.id)).await;
    let line_id = text(&line, "id");
    resumed.next("the set made since", |told| is(told, "catalogue.data-set.created", line_id)).await;
    resumed.next("the fit ended since", |told| is(told, "regression.fit.finished", fit_id)).await;
    let mut fresh = Live::open(&client, "", None).await;
    let is_old = |told: &Told| is(told, "regression.fit.finished", fit_id);
    assert!(
        !fresh.tells_within(Duration::from_millis(300), is_old).await,
        "who comes new hears only what is new"
    );
}

fn is(told: &Told, kind: &str, subject: &str) -> bool {
    told.data["type"] == kind && told.data["subject"] == subject
}
