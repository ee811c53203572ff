//! What a service is made with and what it is made of.

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use bytes::Bytes;
use figment::value::{Dict, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::address;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::{ConfigError, Settings};
use crate::db::{Db, Migration};
use crate::health::Health;
use crate::inbox::{Inbox, Subscription};
use crate::link::Links;
use crate::negotiate;
use crate::outbox::Relay;

/// What the harness gives to a service at its start.
#[derive(Clone)]
pub struct Context {
    /// The service's name: of its folder, its database, its section of the configuration.
    pub name: &'static str,
    /// All settings.
    pub settings: Arc<Settings>,
    /// The service's own database.
    pub db: Db,
    /// Where facts are told and heard.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// The ways to the other services.
    pub links: Links,
    /// Where the service says whether it is well.
    pub health: Health,
    /// Cancelled when the process stops.
    pub stop: CancellationToken,
    /// Background tasks; the process waits for them when it stops.
    pub tasks: TaskTracker,
}

impl Context {
    /// Runs a background task until it ends by itself; it must watch [`Context::stop`].
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Hears of what services tell; called once, while the service starts.
    pub fn listen(&self, subscriptions: Vec<Subscription>) {
        self.bus.subscribe(Inbox::new(self.name, self.db.clone(), self.clock.clone(), subscriptions));
    }

    /// Begins to deliver what this service tells; called when all services of the process have started and listen.
    pub fn relay(&self) {
        let relay = Relay::new(self.name, self.db.clone(), self.bus.clone(), self.clock.clone());
        self.spawn(relay.run(self.stop.clone()));
    }
}

/// A service as the topology knows it, before it is started.
#[derive(Clone, Copy)]
pub struct Part {
    /// The service's name.
    pub name: &'static str,
    /// Its tables.
    pub migrations: &'static [Migration],
    /// The defaults of its section of the configuration.
    pub defaults: fn() -> Dict,
    /// Refuses settings that its section, by its name, can't be made of.
    pub check: fn(&Settings, &str) -> Result<(), ConfigError>,
    /// Starts it.
    pub start: fn(Context) -> Starting,
}

/// A service on its way up.
pub type Starting = Pin<Box<dyn Future<Output = Result<Service, StartError>> + Send>>;

/// Why a service did not start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// The defaults of a section as the configuration wants them.
pub fn defaults_of<T: Default + Serialize>() -> Dict {
    match Value::serialize(T::default()) {
        Ok(Value::Dict(_, dict)) => dict,
        _ => Dict::new(),
    }
}

/// Whether the section can be made of the settings.
pub fn check_section<T: DeserializeOwned>(settings: &Settings, name: &str) -> Result<(), ConfigError> {
    settings.section::<T>(name).map(drop)
}

/// Where every service describes its own API; the gateway joins the descriptions.
pub const DESCRIPTION: &str = "/openapi.json";

/// A started service.
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Its REST, with full paths (`/api/v1/…`), described.
    pub api: OpenApiRouter,
    /// Its gRPC methods.
    pub grpc: Option<Router>,
}

impl Service {
    /// A service that offers only REST.
    pub fn new(name: &'static str, api: OpenApiRouter) -> Self {
        Self { name, api, grpc: None }
    }

    /// Adds gRPC methods.
    #[must_use]
    pub fn with_grpc(mut self, routes: tonic::service::Routes) -> Self {
        self.grpc = Some(routes.into_axum_router());
        self
    }

    /// The router of a service that runs without a gateway: its own API, described at `/swagger/index.html`.
    pub fn into_own_router(self) -> (Router, Option<Router>) {
        let (router, description, grpc) = self.into_parts();
        let swagger = SwaggerUi::new("/swagger").url("/api/v1/openapi.json", description);
        (router.merge(swagger), grpc)
    }

    /// The router, which describes itself at [`DESCRIPTION`] too, and the description.
    pub fn into_parts(self) -> (Router, OpenApi, Option<Router>) {
        let (router, mut description) = self.api.split_for_parts();
        description.info.title = format!("Quorate: {}", self.name);
        env!("CARGO_PKG_VERSION").clone_into(&mut description.info.version);
        description.info.license = None;
        description.info.contact = None;
        description.info.description = None;
        let document = Bytes::from(description.to_json().unwrap_or_default());
        let show = get(async || ([(header::CONTENT_TYPE, "application/json")], document));
        let router = negotiate::keep(address::guard(router, &description));
        (router.route(DESCRIPTION, show), description, self.grpc)
    }
}
