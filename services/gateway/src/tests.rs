//! The door in front of services made up for the test: in process, with their events told through a real outbox.

use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Query as AxumQuery;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::routing::{get, post};
use contracts::math_func::math_func_server::{MathFunc, MathFuncServer};
use contracts::math_func::{DelMsg, DelState, FunctionDescription, State};
use futures::StreamExt;
use harness::bus::Bus;
use harness::clock::Clock;
use harness::config::Settings;
use harness::health::Health;
use harness::link::{GrpcLink, Link};
use harness::manners;
use harness::outbox::{NewEvent, Relay, tell};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const SET: &str = "00000000-0000-7000-8000-000000000001";
const FIT: &str = "00000000-0000-7000-8000-000000000002";
const JOB: &str = "00000000-0000-7000-8000-000000000004";
const PATIENCE: Duration = Duration::from_secs(20);

/// What the made-up services answer; the tests change it.
struct Truth {
    set_name: &'static str,
    fit_state: &'static str,
}

struct World {
    _folder: tempfile::TempDir,
    door: Router,
    teller: Db,
    truth: Arc<Mutex<Truth>>,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn data_set(name: &str) -> Value {
    json!({"id": SET, "number": 1, "name": name, "description": "", "source": "sample", "version": 1, "rows": 3,
        "columns": ["x", "y"], "target": "y", "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z"})
}

fn formula(text: &str) -> Value {
    json!({"text": text, "latex": text, "mathml": ""})
}

fn job(state: &str) -> Value {
    json!({"id": JOB, "service": "regression", "kind": "fit", "title": "Fit", "subject": null, "state": state, "queue": "cpu",
        "priority": 0, "progress": null, "progress_note": null, "attempt": 1, "max_attempts": 3, "crash_count": 0,
        "cancel_requested": false, "created_at": "2026-11-01T10:00:00Z", "run_at": "2026-11-01T10:00:00Z",
        "started_at": null, "finished_at": null, "error": null})
}

fn catalogue(truth: &Arc<Mutex<Truth>>) -> Router {
    let (one, all) = (truth.clone(), truth.clone());
    let show = async move |axum::extract::Path(id): axum::extract::Path<String>| {
        if id == SET {
            Ok(axum::Json(data_set(one.lock().unwrap().set_name)))
        } else {
            Err(StatusCode::NOT_FOUND)
        }
    };
    let list =
        async move || axum::Json(json!({"items": [data_set(all.lock().unwrap().set_name)], "next": null}));
    let echo = async |headers: HeaderMap, body: Body| {
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        format!(
            "{} {} {}",
            bytes.len(),
            headers["content-type"].to_str().unwrap(),
            headers["traceparent"].to_str().unwrap()
        )
    };
    Router::new()
        .route(
            "/openapi.json",
            get(async || {
                axum::Json(json!({"info": {"version": "1.2.3"},
            "paths": {"/api/v1/datasets": {"get": {}}}, "components": {"schemas": {"DataSet": {}}}}))
            }),
        )
        .route("/api/v1/datasets", get(list).post(echo))
        .route("/api/v1/datasets/{id}", get(show))
}

fn regression(truth: &Arc<Mutex<Truth>>) -> Router {
    let truth = truth.clone();
    let fits = async move |AxumQuery(query): AxumQuery<Value>| {
        assert_eq!(query["data_set_id"], SET);
        let state = truth.lock().unwrap().fit_state;
        let result =
            (state == "done").then(|| json!({"formula": formula("3*x + 4"), "r2": 1.0, "more": "ignored"}));
        axum::Json(json!({"items": [{"id": FIT, "state": state, "result": result}], "next": null}))
    };
    Router::new()
        .route("/api/v1/fits", get(fits))
        .route("/api/v1/jobs", get(async || axum::Json(json!({"items": [job("waiting")], "next": null}))))
        .route("/api/v1/jobs/{id}", get(async || axum::Json(job("running"))))
        .route(
            "/api/v1/jobs/{id}/cancellation",
            post(async || (StatusCode::ACCEPTED, axum::Json(job("running")))),
        )
}

struct Guesser;

#[tonic::async_trait]
impl MathFunc for Guesser {
    async fn guess_function(
        &self,
        request: tonic::Request<FunctionDescription>,
    ) -> Result<tonic::Response<State>, tonic::Status> {
        assert_eq!(request.into_inner().id, 1);
        Ok(tonic::Response::new(State { scheduling: true, ..State::default() }))
    }

    async fn delete(&self, _: tonic::Request<DelMsg>) -> Result<tonic::Response<DelState>, tonic::Status> {
        Ok(tonic::Response::new(DelState {}))
    }
}

/// A door before a catalogue and a regression that live and a symbolic service that does not.
async fn world() -> World {
    world_on(None).await
}

async fn world_on(url: Option<String>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = url.unwrap_or_else(|| format!("sqlite:{}", folder.path().display()));
    let name = harness::testing::schema("gw");
    let truth = Arc::new(Mutex::new(Truth { set_name: "line", fit_state: "done" }));
    let mut links = Links::default();
    let grpc = GrpcLink::here();
    grpc.connect(tonic::service::Routes::new(MathFuncServer::new(Guesser)).into_axum_router());
    let dead = || "http://127.0.0.1:9".parse().unwrap();
    let (catalogue_link, regression_link, own_link) =
        (Link::here("catalogue"), Link::here("regression"), Link::here("gateway"));
    catalogue_link.connect(manners::teach(catalogue(&truth)));
    regression_link.connect(manners::teach(regression(&truth)));
    links.add(catalogue_link, None);
    links.add(regression_link, Some(grpc));
    links.add(Link::there("symbolic", dead()), Some(GrpcLink::there(dead())));
    links.add(own_link.clone(), None);
    let (bus, clock, stop) = (Bus::memory(), Clock::system(), CancellationToken::new());
    let context = Context {
        name: "gateway",
        settings: Arc::new(Settings::load(None, &[], &[("gateway", defaults_of::<Config>())]).unwrap()),
        db: Db::open(&url, &format!("{name}_g"), part().migrations).await.unwrap(),
        bus: bus.clone(),
        clock: clock.clone(),
        links,
        health: Health::default(),
        stop: stop.clone(),
        tasks: tokio_util::task::TaskTracker::new(),
    };
    let service = start(context).unwrap();
    let (router, _, _) = service.into_parts();
    let door = manners::teach(router);
    own_link.connect(door.clone());
    let teller = Db::open(&url, &format!("{name}_t"), &[]).await.unwrap();
    let relay = Relay::new("regression", teller.clone(), bus, clock);
    tokio::spawn(relay.run(stop.clone()));
    World { _folder: folder, door, teller, truth, stop }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    text: String,
}

impl World {
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.door.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = axum::body::to_bytes(body, 32 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Body::empty()).await
    }

    async fn tell(&self, kind: &str, subject: &str, data: Value) {
        let mut tx = self.teller.begin().await.unwrap();
        tell(&mut tx, &Clock::system(), NewEvent::new(kind, subject, data)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The live stream from here on.
    async fn listen(&self, path: &str, last: Option<&str>) -> Stream {
        let mut request = Request::get(path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = self.door.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { body: response.into_body().into_data_stream(), text: String::new() }
    }
}

struct Stream {
    body: axum::body::BodyDataStream,
    text: String,
}

impl Stream {
    /// The id and data of the next event.
    async fn next(&mut self) -> (String, Value) {
        let mut event = self.event().await;
        while event.1.is_null() {
            event = self.event().await;
        }
        event
    }

    async fn event(&mut self) -> (String, Value) {
        while !self.text.contains("\n\n") {
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("an event comes");
            self.text.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
        }
        let (event, rest) = self.text.split_once("\n\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        self.text = rest;
        let field = |name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
        };
        (field("id: "), serde_json::from_str(&field("data: ")).unwrap_or_default())
    }

    /// Waits until something of this type has changed.
    async fn until(&mut self, kind: &str) -> String {
        loop {
            let (id, data) = self.next().await;
            if data["type"] == kind {
                return id;
            }
        }
    }
}

#[tokio::test]
async fn passes_requests_on_with_their_bodies_and_the_trace() {
    let world = world().await;
    let body = Body::from(vec![b'a'; 100_000]);
    let trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    let headers = [("content-type", "text/csv"), ("traceparent", trace)];
    let answer = world.ask(Method::POST, "/api/v1/datasets?name=a", &headers, body).await;
    assert_eq!(answer.text, format!("100000 text/csv {trace}"));
    assert_eq!(world.get(&format!("/api/v1/datasets/{SET}")).await.body["name"], "line");
}

#[tokio::test]
async fn a_wrong_method_is_refused_with_allow_on_forwarded_paths_too() {
    let world = world().await;
    for (method, path, allow) in [
        (Method::DELETE, "/api/v1/datasets", "GET,HEAD,POST"),
        (Method::PUT, "/api/v1/overview", "GET,HEAD"),
        (Method::DELETE, "/api/v1/jobs", "GET,HEAD"),
        (Method::POST, "/somewhere", "GET,HEAD"),
    ] {
        let answer = world.ask(method, path, &[], Body::empty()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers["allow"].to_str().unwrap()),
            (405, allow),
            "{path}"
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn what_is_no_part_of_the_rest_is_a_problem_and_the_rest_is_the_page() {
    let world = world().await;
    for path in ["/api/v1/nothing", "/api", "/api/v2/datasets", "/api/v1/datasets/unknown"] {
        let answer = world.ask(Method::GET, path, &[], Body::empty()).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
        let posted = world.ask(Method::POST, path, &[], Body::empty()).await.status;
        assert!(matches!(posted.as_u16(), 404 | 405), "{path}: {posted}");
    }
    let page = world.get("/jobs/some").await;
    assert!(page.text.starts_with("<!doctype html>"));
}

#[tokio::test]
async fn a_dead_service_costs_its_own_paths_only() {
    let world = world().await;
    let answer = world.get("/api/v1/searches").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body["detail"].as_str().unwrap().contains("symbolic"));
    assert_eq!(world.get("/api/v1/datasets").await.status, 200);
    let states = world.get("/api/v1/services").await.body;
    let up =
        |name: &str| states.as_array().unwrap().iter().find(|s| s["name"] == name).unwrap()["state"].clone();
    assert_eq!((up("catalogue"), up("gateway"), up("symbolic")), (json!("up"), json!("up"), json!("down")));
}

#[tokio::test]
async fn asks_both_analyses_and_tells_which_is_away() {
    let world = world().await;
    let answer = world.ask(Method::POST, &format!("/api/v1/datasets/{SET}/guess"), &[], Body::empty()).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.body["number"], 1);
    assert_eq!(
        answer.body["linear"],
        json!({"scheduling": true, "scheduled": false, "resultready": false, "error": null})
    );
    assert!(answer.body["symbolic"]["error"].as_str().unwrap().contains("symbolic"));
    let unknown = world.ask(Method::POST, &format!("/api/v1/datasets/{JOB}/guess"), &[], Body::empty()).await;
    assert_eq!(unknown.status, 404);
}

async fn makes_the_overview_from_events(world: World) {
    let mut live = world.listen("/api/v1/live?topics=regression.fit.", None).await;
    world.truth.lock().unwrap().fit_state = "running";
    world.tell("regression.fit.scheduled", FIT, json!({"data_set_id": SET})).await;
    live.until("regression.fit.scheduled").await;
    let row = &world.get("/api/v1/overview").await.body["items"][0];
    assert_eq!(row["data_set"]["name"], "line");
    assert_eq!(
        (row["linear"]["state"].clone(), row["linear"]["formula"].clone()),
        (json!("running"), Value::Null)
    );
    assert_eq!(row["formula"], Value::Null);
    world.truth.lock().unwrap().fit_state = "done";
    world.tell("regression.fit.finished", FIT, json!({"data_set_id": SET})).await;
    live.until("regression.fit.finished").await;
    let page = world.get("/api/v1/overview").await;
    assert_eq!(page.body["items"][0]["linear"]["formula"]["text"], "3*x + 4");
    let tag = page.headers["etag"].to_str().unwrap();
    let again = world.ask(Method::GET, "/api/v1/overview", &[("if-none-match", tag)], Body::empty()).await;
    assert_eq!(again.status, 304);
    let csv = world.ask(Method::GET, "/api/v1/overview", &[("accept", "text/csv")], Body::empty()).await;
    assert_eq!(csv.text.lines().nth(1).unwrap(), format!("{SET},1,line,3,done,3*x + 4,1,,,,,"));
}

#[tokio::test]
async fn makes_the_overview_from_events_on_sqlite() {
    makes_the_overview_from_events(world().await).await;
}

#[tokio::test]
async fn makes_the_overview_from_events_on_postgresql() {
    let Some(url) = harness::testing::postgres() else { return };
    makes_the_overview_from_events(world_on(Some(url)).await).await;
}

#[tokio::test]
async fn a_deleted_data_set_leaves_the_overview() {
    let world = world().await;
    let mut live = world.listen("/api/v1/live", None).await;
    let gone = "00000000-0000-7000-8000-00000000000f";
    for id in [SET, gone] {
        world.tell("catalogue.data-set.created", id, json!({})).await;
        live.until("catalogue.data-set.created").await;
    }
    let items = world.get("/api/v1/overview").await.body["items"].as_array().unwrap().len();
    assert_eq!(items, 1);
}

#[tokio::test]
async fn finds_data_sets_and_jobs_without_any_event() {
    let world = world().await;
    let mut tries = tokio::time::interval(Duration::from_millis(5));
    let found = async {
        loop {
            tries.tick().await;
            let (sets, jobs) = (world.get("/api/v1/overview").await, world.get("/api/v1/jobs").await);
            if sets.body["items"].as_array().is_some_and(|i| !i.is_empty())
                && jobs.body["items"][0]["id"] == JOB
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the views are made at the start");
    assert_eq!(world.ask(Method::POST, "/api/v1/overview/rebuild", &[], Body::empty()).await.status, 202);
}

#[tokio::test]
async fn lists_the_jobs_of_all_services_and_passes_changes_on() {
    let world = world().await;
    let mut live = world.listen("/api/v1/live?topics=regression.job.", None).await;
    world.tell("regression.job.changed", JOB, job("done")).await;
    live.until("regression.job.changed").await;
    let page = world.get("/api/v1/jobs?state=done&kind=fit&service=regression").await;
    assert_eq!(page.body["items"][0]["id"], JOB);
    assert_eq!(world.get("/api/v1/jobs?state=failed").await.body["items"], json!([]));
    let counts = world.get("/api/v1/jobs/counts?kind=fit").await.body;
    assert_eq!(counts, json!({"waiting": 0, "running": 0, "done": 1, "failed": 0, "cancelled": 0}));
    assert_eq!(world.get("/api/v1/jobs/counts?service=symbolic").await.body["done"], 0);
    assert_eq!(world.get("/api/v1/jobs?kind=a%00b").await.status, 422);
    assert_eq!(world.get("/api/v1/jobs/a%00b").await.status, 400);
    assert_eq!(world.get("/api/v1/jobs?stat=done").await.status, 400);
    assert_eq!(world.get("/api/v1/jobs?state=nonsense").await.status.as_u16() / 100, 4);
    assert_eq!(world.get(&format!("/api/v1/jobs/{JOB}")).await.body["state"], "running");
    let path = format!("/api/v1/jobs/{JOB}/cancellation");
    assert_eq!(world.ask(Method::POST, &path, &[], Body::empty()).await.status, 202);
    let wrong = world.ask(Method::GET, &path, &[], Body::empty()).await;
    assert_eq!((wrong.status.as_u16(), wrong.headers["allow"].to_str().unwrap()), (405, "POST"));
    assert_eq!(world.get("/api/v1/jobs/nonsense").await.status, 404);
}

#[tokio::test]
async fn the_live_stream_goes_on_where_it_broke_off() {
    let world = world().await;
    let mut live = world.listen("/api/v1/live?topics=regression.job.", None).await;
    for state in ["waiting", "running", "done"] {
        world.tell("regression.job.changed", JOB, job(state)).await;
    }
    let first = live.until("regression.job.changed").await;
    let rest = [live.until("regression.job.changed").await, live.until("regression.job.changed").await];
    drop(live);
    let mut again = world.listen("/api/v1/live?topics=regression.job.", Some(&first)).await;
    assert_eq!([again.next().await.0, again.next().await.0], rest);
    let mut late = world.listen("/api/v1/live?topics=regression.job.", Some("1024")).await;
    assert_eq!(late.next().await.1["type"], "live.resumed");
}

#[tokio::test]
async fn joins_the_descriptions_of_the_services_that_answer() {
    let world = world().await;
    let all = world.get("/api/v1/openapi.json").await.body;
    for path in ["/api/v1/datasets", "/api/v1/overview", "/api/v1/live", "/api/v1/jobs/{id}"] {
        assert!(all["paths"][path].is_object(), "{path}");
    }
    assert!(all["components"]["schemas"]["DataSet"].is_object());
    assert!(all["components"]["schemas"]["OverviewPage"].is_object());
}

#[tokio::test]
async fn shows_the_description_without_any_outside_request() {
    let world = world().await;
    let page = world.get("/apidocs/").await;
    assert_eq!(page.status, 200);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
    let start = world.get("/apidocs/swagger-initializer.js").await;
    assert!(start.text.contains("/api/v1/openapi.json"), "{}", start.text);
    for text in [page.text, start.text] {
        assert!(!text.contains("https://"), "{text}");
    }
}
