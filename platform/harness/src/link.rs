//! How a service is called: its own router in this process, or HTTP to where it runs. The caller can't tell.

mod pulse;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, Uri, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use tower::{Service, ServiceExt};

use crate::problem::Problem;
use pulse::Pulse;

/// How long a call may take until its answer begins, and each further piece of it until it comes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much of an answer is read at once; larger ones are streamed with [`Link::send`].
const ANSWER_LIMIT: usize = 256 << 20;

/// Where a service of another process is.
#[derive(Clone)]
struct Remote {
    base: Uri,
    client: Client<HttpConnector, Body>,
}

/// The way to one service; cheap to clone.
#[derive(Clone)]
pub struct Link {
    name: &'static str,
    way: Way,
    patience: Duration,
}

#[derive(Clone)]
enum Way {
    /// The router is set when all services of the process have started.
    Here(Arc<OnceLock<Router>>),
    There(Box<Remote>),
}

impl Link {
    /// A service of this process; [`Link::connect`] gives it its router.
    pub fn here(name: &'static str) -> Self {
        Self { name, way: Way::Here(Arc::default()), patience: PATIENCE }
    }

    /// A service at an address (`http://host:port`).
    pub fn there(name: &'static str, base: Uri) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(Duration::from_secs(3)));
        connector.set_nodelay(true);
        let client =
            Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_mins(1)).build(connector);
        Self { name, way: Way::There(Box::new(Remote { base, client })), patience: PATIENCE }
    }

    /// Whose link this is.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether calls can succeed: a service of this process has started, one of another process is believed to have.
    pub fn has_started(&self) -> bool {
        match &self.way {
            Way::Here(place) => place.get().is_some(),
            Way::There(_) => true,
        }
    }

    /// Sets the router of a service of this process.
    pub fn connect(&self, router: Router) {
        if let Way::Here(place) = &self.way {
            // A second router for the same service would be a mistake in the topology; the first one stays.
            let _ = place.set(router);
        }
    }

    /// Sends a request whose URI is a path; the answer's body is streamed.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Problem> {
        self.send_within(self.patience, request).await
    }

    /// The same with another limit to how long the answer may take to begin. An upload is answered when it has ended: the
    /// time counts anew from each piece of the request's body that is taken.
    pub async fn send_within(
        &self,
        patience: Duration,
        request: Request<Body>,
    ) -> Result<Response<Body>, Problem> {
        let (request, pulse) = Pulse::feel(request);
        let answer = async {
            match &self.way {
                Way::Here(place) => match place.get() {
                    Some(router) => Ok(infallible(router.clone().oneshot(request).await)),
                    None => Err("it has not started yet".to_owned()),
                },
                Way::There(remote) => {
                    let request = readdress(request, &remote.base)?;
                    remote.client.request(request).await.map(|r| r.map(Body::new)).map_err(|e| describe(&e))
                }
            }
        };
        let begun = Instant::now();
        let answer = tokio::select! {
            answer = answer => answer.map_err(|cause| self.away(&cause)),
            () = pulse.stopped_for(patience) => Err(self.away("it took too long")),
        };
        let outcome = if answer.is_ok() { "answered" } else { "away" };
        metrics::counter!("quorate_link_calls_total", "service" => self.name, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("quorate_link_seconds", "service" => self.name)
            .record(begun.elapsed().as_secs_f64());
        answer
    }

    /// Gets a JSON answer; `Ok(None)` when there is nothing at that path.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Problem> {
        let Some(body) = self.get_bytes(path, "application/json").await? else { return Ok(None) };
        serde_json::from_slice(&body)
            .map(Some)
            .map_err(|e| Problem::internal(&format!("{} {path}: {e}", self.name)))
    }

    /// Gets an answer of another type; `Ok(None)` when there is nothing at that path.
    pub async fn get_bytes(&self, path: &str, accept: &str) -> Result<Option<Bytes>, Problem> {
        let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty());
        let response = self.send(request.map_err(|e| Problem::internal(&e))?).await?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => self.read(path, response.into_body()).await.map(Some),
            status if is_away(status) => Err(self.away(&format!("it answered {status}"))),
            // It is there and can't do it: asking for ever would not help.
            status => Err(self.wrong(path, &status)),
        }
    }

    /// Reads an answer to its end; each piece of it has to come in time.
    async fn read(&self, path: &str, mut body: Body) -> Result<Bytes, Problem> {
        let mut read = BytesMut::new();
        loop {
            let frame = match tokio::time::timeout(self.patience, body.frame()).await {
                Ok(None) => return Ok(read.freeze()),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(cause))) => {
                    return Err(match &self.way {
                        Way::Here(_) => self.wrong(path, &cause),
                        Way::There(_) => self.away(&format!("its answer broke off: {cause}")),
                    });
                }
                Err(_) => return Err(self.away("its answer stopped in the middle")),
            };
            let Ok(piece) = frame.into_data() else { continue };
            if read.len() + piece.len() > ANSWER_LIMIT {
                return Err(self.wrong(path, &format!("the answer has more than {ANSWER_LIMIT} bytes")));
            }
            read.extend_from_slice(&piece);
        }
    }

    fn wrong(&self, path: &str, cause: &dyn std::fmt::Display) -> Problem {
        Problem::internal(&format!("{} {path}: {cause}", self.name))
    }

    fn away(&self, cause: &str) -> Problem {
        tracing::warn!(service = self.name, cause, "service not reached");
        Problem::unavailable(format!("the service {} does not answer", self.name))
    }
}

/// What a proxy or a service that starts or stops answers.
fn is_away(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

fn infallible<T>(result: Result<T, Infallible>) -> T {
    let Ok(value) = result;
    value
}

fn describe(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |e| e.source())
        .fold(error.to_string(), |text, e| format!("{text}: {e}"))
}

fn readdress(mut request: Request<Body>, base: &Uri) -> Result<Request<Body>, String> {
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let address = format!("{}{path}", base.to_string().trim_end_matches('/'));
    *request.uri_mut() = address.parse().map_err(|e| format!("{address}: {e}"))?;
    request.headers_mut().remove(header::HOST);
    Ok(request)
}

/// The way to a service's gRPC methods: use it as the transport of a generated client.
#[derive(Clone)]
pub enum GrpcLink {
    /// The routes of a service in this process.
    Here(Arc<OnceLock<Router>>),
    /// A connection, made when it is first needed.
    There(tonic::transport::Channel),
}

impl GrpcLink {
    /// A service of this process; [`GrpcLink::connect`] gives it its routes.
    pub fn here() -> Self {
        Self::Here(Arc::default())
    }

    /// A service at an address (`http://host:port`).
    pub fn there(address: Uri) -> Self {
        let endpoint = tonic::transport::Endpoint::from(address).connect_timeout(Duration::from_secs(3));
        Self::There(endpoint.timeout(PATIENCE).connect_lazy())
    }

    /// Sets the routes of a service of this process.
    pub fn connect(&self, routes: Router) {
        if let Self::Here(place) = self {
            let _ = place.set(routes);
        }
    }
}

type GrpcAnswer = Pin<Box<dyn Future<Output = Result<Response<Body>, tonic::Status>> + Send>>;

impl Service<Request<tonic::body::Body>> for GrpcLink {
    type Response = Response<Body>;
    type Error = tonic::Status;
    type Future = GrpcAnswer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), tonic::Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> GrpcAnswer {
        match self.clone() {
            Self::Here(place) => Box::pin(async move {
                let router =
                    place.get().ok_or_else(|| tonic::Status::unavailable("it has not started yet"))?;
                Ok(infallible(router.clone().oneshot(request.map(Body::new)).await))
            }),
            Self::There(channel) => Box::pin(async move {
                let answer = channel.oneshot(request).await;
                answer.map(|r| r.map(Body::new)).map_err(|e| tonic::Status::unavailable(describe(&e)))
            }),
        }
    }
}

/// The ways to all services, by name.
#[derive(Clone, Default)]
pub struct Links {
    http: BTreeMap<&'static str, Link>,
    grpc: BTreeMap<&'static str, GrpcLink>,
}

impl Links {
    /// Adds a service.
    pub fn add(&mut self, link: Link, grpc: Option<GrpcLink>) {
        if let Some(grpc) = grpc {
            self.grpc.insert(link.name(), grpc);
        }
        self.http.insert(link.name(), link);
    }

    /// The way to `service`; a problem when the topology has no such service.
    pub fn to(&self, service: &str) -> Result<&Link, Problem> {
        self.http.get(service).ok_or_else(|| Problem::unavailable(format!("there is no service {service}")))
    }

    /// The way to the gRPC methods of `service`.
    pub fn grpc(&self, service: &str) -> Result<GrpcLink, Problem> {
        let link = self.grpc.get(service).cloned();
        link.ok_or_else(|| Problem::unavailable(format!("the service {service} offers no gRPC here")))
    }

    /// All services.
    pub fn all(&self) -> impl Iterator<Item = &Link> {
        self.http.values()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn calls_a_service_here_and_there_alike() {
        let router = Router::new().route("/api/v1/things", get(async || axum::Json(vec![1, 2])));
        let here = Link::here("things");
        here.connect(router.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        for link in [here, Link::there("things", address)] {
            assert_eq!(link.get::<Vec<u8>>("/api/v1/things").await.unwrap(), Some(vec![1, 2]));
            assert_eq!(link.get::<Vec<u8>>("/api/v1/nothing").await.unwrap(), None);
        }
    }

    fn failing() -> Router {
        let broken = || futures::stream::iter([Ok("[1,"), Err(std::io::Error::other("disk"))]);
        Router::new()
            .route("/wrong", get(async || StatusCode::INTERNAL_SERVER_ERROR))
            .route("/full", get(async || StatusCode::INSUFFICIENT_STORAGE))
            .route("/stopping", get(async || StatusCode::SERVICE_UNAVAILABLE))
            .route("/proxy", get(async || StatusCode::BAD_GATEWAY))
            .route("/silent", get(async || std::future::pending::<()>().await))
            .route("/broken", get(async move || Body::from_stream(broken())))
            .route(
                "/stuck",
                get(async || Body::from_stream(futures::stream::pending::<std::io::Result<Bytes>>())),
            )
    }

    #[tokio::test]
    async fn only_a_service_that_is_not_reached_is_away() {
        let mut link = Link::here("things");
        link.connect(failing());
        link.patience = Duration::from_millis(100);
        let asked = [
            ("/wrong", 500),
            ("/full", 500),
            ("/broken", 500),
            ("/stopping", 503),
            ("/proxy", 503),
            ("/silent", 503),
            ("/stuck", 503),
        ];
        for (path, status) in asked {
            assert_eq!(link.get::<u8>(path).await.unwrap_err().status, status, "{path}");
        }
    }

    #[tokio::test]
    async fn a_slow_upload_has_all_the_time_that_it_needs_a_stuck_one_has_not() {
        let mut link = Link::here("things");
        link.patience = Duration::from_secs(2);
        let take = async |body: Bytes| body.len().to_string();
        link.connect(Router::new().route("/", axum::routing::post(take)));
        let slowly = |pieces: u32| {
            let mut left = pieces;
            let mut beat = tokio::time::interval(Duration::from_millis(500));
            futures::stream::poll_fn(move |cx| {
                futures::ready!(beat.poll_tick(cx));
                left = left.saturating_sub(1);
                // Five pieces make a whole body; of fewer the rest never comes.
                match (left, pieces) {
                    (0, 6) => Poll::Ready(None),
                    (0, _) => Poll::Pending,
                    _ => Poll::Ready(Some(Ok::<_, std::io::Error>("x"))),
                }
            })
        };
        let post = |pieces| Request::post("/").body(Body::from_stream(slowly(pieces))).unwrap();
        assert_eq!(link.send(post(6)).await.unwrap().status(), 200);
        assert_eq!(link.send(post(3)).await.unwrap_err().status, 503);
    }

    #[tokio::test]
    async fn a_dead_service_is_named() {
        let link = Link::there("things", "http://127.0.0.1:9".parse().unwrap());
        let problem = link.get::<u8>("/").await.unwrap_err();
        assert_eq!((problem.status, problem.detail.contains("things")), (503, true));
    }
}
