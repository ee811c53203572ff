//! `MathFunc` over gRPC, as the exercise's clients use it, at each of the two analysis services.

use contracts::math_func::math_func_client::MathFuncClient;
use contracts::math_func::{DelMsg, FunctionDescription, State};
use stories::actions::{all, exact_line, hard_table, number, upload};
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;
use tonic::Code;
use tonic::transport::Channel;

#[tokio::test]
async fn schedules_reports_and_deletes_on_sqlite() {
    schedules_reports_and_deletes(SetUp::Sqlite).await;
}

#[tokio::test]
async fn schedules_reports_and_deletes_on_postgresql() {
    schedules_reports_and_deletes(SetUp::Postgres).await;
}

#[tokio::test]
async fn schedules_reports_and_deletes_when_split() {
    schedules_reports_and_deletes(SetUp::Split).await;
}

async fn schedules_reports_and_deletes(set_up: SetUp) {
    let Some(server) = Server::start_bare(set_up).await else { return };
    let client = server.client();
    let easy = upload(&client, "line", &exact_line(40)).await;
    let number_of_easy = number(&easy, "number") as i32;
    for (service, list) in [("regression", "fits"), ("symbolic", "searches")] {
        let mut math_func = server.math_func(service).await;
        assert_eq!(
            guess(&mut math_func, number_of_easy).await.unwrap(),
            flags(true, false, false),
            "{service}"
        );
        until("the result", async || {
            let state = guess(&mut math_func.clone(), number_of_easy).await.map_err(|e| e.to_string())?;
            if state == flags(false, false, true) {
                return Ok(());
            }
            assert_eq!(state, flags(false, true, false), "{service}");
            Err(format!("{state:?}"))
        })
        .await;
        let unknown = guess(&mut math_func, 4711).await.unwrap_err();
        assert_eq!(unknown.code(), Code::NotFound, "{unknown}");
        assert_eq!(all(&client, &format!("/api/v1/{list}")).await.len(), 1);
        math_func.delete(DelMsg {}).await.unwrap();
        assert_eq!(all(&client, &format!("/api/v1/{list}")).await.len(), 0, "{service}");
        assert_eq!(
            guess(&mut math_func, number_of_easy).await.unwrap(),
            flags(true, false, false),
            "{service}"
        );
    }
}

#[tokio::test]
async fn delete_ends_what_runs() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let hard = upload(&client, "hard", &hard_table(500)).await;
    let mut math_func = server.math_func("symbolic").await;
    guess(&mut math_func, number(&hard, "number") as i32).await.unwrap();
    until("the search runs", async || {
        let jobs = all(&client, "/api/v1/jobs?state=running").await;
        if jobs.is_empty() { Err("no running job".into()) } else { Ok(()) }
    })
    .await;
    math_func.delete(DelMsg {}).await.unwrap();
    until("no job runs or waits", async || {
        let jobs = all(&client, "/api/v1/jobs").await;
        let lively = jobs.iter().find(|job| job["state"] == "running" || job["state"] == "waiting");
        lively.map_or(Ok(()), |job| Err(job.to_string()))
    })
    .await;
    assert!(all(&client, "/api/v1/searches").await.is_empty());
}

async fn guess(math_func: &mut MathFuncClient<Channel>, id: i32) -> Result<State, tonic::Status> {
    Ok(math_func.guess_function(FunctionDescription { id }).await?.into_inner())
}

fn flags(scheduling: bool, scheduled: bool, resultready: bool) -> State {
    State { scheduling, scheduled, resultready }
}
