//! A started catalogue and a way to ask it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use harness::bus::Bus;
use harness::clock::{self, Clock};
use harness::config::Settings;
use harness::db::Db;
use harness::health::Health;
use harness::link::Links;
use harness::service::Context;
use harness::{manners, testing};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// A started catalogue.
pub(crate) struct Door {
    router: Router,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    flags: Vec<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Settings as flags.
pub(crate) type Flags<'a> = &'a [(&'a str, &'a str)];

/// Without samples: tests know what there is.
const EMPTY: (&str, &str) = ("catalogue.load_samples", "false");

/// Runs a test on every database there is.
pub(crate) async fn everywhere(flags: Flags<'_>, test: impl AsyncFn(Door)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().display());
    test(Door::open(&url, "catalogue", flags, Some(folder)).await).await;
    if let Some(url) = testing::postgres() {
        test(Door::open(&url, &testing::schema("catalogue"), flags, None).await).await;
    }
}

/// Runs a test on every database there is, without samples and with the default settings.
pub(crate) async fn everywhere_empty(test: impl AsyncFn(Door)) {
    everywhere(&[EMPTY], test).await;
}

impl Door {
    async fn open(url: &str, schema: &str, flags: Flags<'_>, folder: Option<tempfile::TempDir>) -> Self {
        let db = Db::open(url, schema, catalogue::part().migrations).await.unwrap();
        let flags: Vec<_> = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let clock = Clock::fixed(clock::from_us(1_800_000_000_000_000));
        let router = Self::start(&db, &clock, &flags).await;
        Self { router, clock, db, flags, _folder: folder }
    }

    async fn start(db: &Db, clock: &Clock, flags: &[(String, String)]) -> Router {
        let part = catalogue::part();
        let settings = Settings::load(None, flags, &[(part.name, (part.defaults)())]).unwrap();
        let context = Context {
            name: part.name,
            settings: Arc::new(settings),
            db: db.clone(),
            bus: Bus::memory(),
            clock: clock.clone(),
            links: Links::default(),
            health: Health::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let (router, _, _) = (part.start)(context).await.map_err(|e| e.to_string()).unwrap().into_parts();
        manners::teach(router)
    }

    /// Starts the service again on the same database, some time later.
    pub(crate) async fn restart(self, later: Duration) -> Self {
        self.clock.advance(later);
        Self { router: Self::start(&self.db, &self.clock, &self.flags).await, ..self }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1/datasets{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    pub(crate) async fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.ask(Method::GET, path, &[("accept", accept)], "").await
    }

    pub(crate) async fn upload(&self, query: &str, body: impl Into<Body>) -> Answer {
        self.ask(Method::POST, query, &[("content-type", "text/csv")], body).await
    }

    /// Uploads a table and gives its path.
    pub(crate) async fn table(&self, text: &str) -> String {
        let answer = self.upload("", text.to_owned()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        format!("/{}", answer.json()["id"].as_str().unwrap())
    }

    /// The types and data of all events told so far.
    pub(crate) async fn events(&self) -> Vec<(String, Value)> {
        let query = "select type, data from outbox order by seq";
        let rows = sqlx::query_as::<_, (String, String)>(query).fetch_all(self.db.read()).await.unwrap();
        rows.into_iter().map(|(kind, data)| (kind, serde_json::from_str(&data).unwrap())).collect()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}
