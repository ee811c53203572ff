//! One process: the chosen services on their databases, linked, listening, and stopped in good order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use harness::bus::Bus;
use harness::clock::Clock;
use harness::config::Settings;
use harness::db::Db;
use harness::door::Door;
use harness::extract::BodyLimit;
use harness::health::{Health, Weight};
use harness::link::{GrpcLink, Link, Links};
use harness::service::{Context, Part, Service};
use harness::{figures, manners, server, telemetry};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::topology::GATEWAY;

/// A process that has started and listens.
pub(crate) struct Process {
    listener: TcpListener,
    router: Router,
    grpc: Vec<(&'static str, TcpListener, Router)>,
    databases: Vec<Db>,
    stop: CancellationToken,
    tasks: TaskTracker,
    patience: Duration,
}

impl Process {
    /// Opens databases, starts services and takes the addresses.
    pub(crate) async fn start(parts: &[Part], settings: Settings) -> anyhow::Result<Self> {
        let settings = Arc::new(settings);
        check(parts, &settings)?;
        let here = chosen(parts, &settings.core.services.run)?;
        let is_open = settings.core.server.open_to_network;
        // The addresses first: a second process must fail before it touches anything.
        let listener = server::listen_guarded("server.listen", &settings.core.server.listen, is_open).await?;
        let mut grpc_listeners = Vec::new();
        for part in &here {
            if let Some(address) = grpc_address(&settings, part.name) {
                let key = format!("grpc.{}", part.name);
                grpc_listeners.push((part.name, server::listen_guarded(&key, address, is_open).await?));
            }
        }
        let links = links(parts, &here, &settings)?;
        let (stop, tasks, health) = (CancellationToken::new(), TaskTracker::new(), Health::default());
        let bus = &settings.core.bus;
        let bus = Bus::open(&bus.url, &bus.name, stop.clone())?;
        watch_bus(&health, &bus);
        tasks.spawn(telemetry::keep_metrics(stop.clone()));
        let mut databases = Vec::new();
        let mut contexts = Vec::new();
        let mut services = Vec::new();
        for part in &here {
            let url = &settings.core.database.url;
            let db = Db::open(url, part.name, part.migrations).await;
            let db = db.with_context(|| format!("cannot open the database of {}", part.name))?;
            databases.push(db.clone());
            watch_database(&health, part.name, &db);
            tasks.spawn(figures::watch(part.name, db.clone(), stop.clone()));
            let context = Context {
                name: part.name,
                settings: settings.clone(),
                db,
                bus: bus.clone(),
                clock: Clock::system(),
                links: links.clone(),
                health: health.clone(),
                stop: stop.clone(),
                tasks: tasks.clone(),
            };
            contexts.push(context.clone());
            let service = (part.start)(context).await.map_err(|e| anyhow::anyhow!("{e}"));
            services.push(service.with_context(|| format!("cannot start {}", part.name))?);
        }
        // Only now does every service of the process listen.
        contexts.iter().for_each(Context::relay);
        let limit = BodyLimit(settings.core.server.body_limit_mb);
        let (router, mut routes) = join(services, &links, limit)?;
        let mut grpc = Vec::new();
        for (name, listener) in grpc_listeners {
            if let Some(at) = routes.iter().position(|(n, _)| *n == name) {
                grpc.push((name, listener, routes.swap_remove(at).1));
            }
        }
        let is_local = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        let door = Door::new(is_local, &settings.core.server.names);
        let router = manners::count(manners::teach(door.guard(router.merge(health.routes()))));
        let patience = Duration::from_secs(settings.core.server.stop_s);
        Ok(Self { listener, router, grpc, databases, stop, tasks, patience })
    }

    /// Where the process is reached: its name for the address, and the address.
    pub(crate) fn addresses(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("http", format!("http://{}", local(&self.listener)))];
        all.extend(self.grpc.iter().map(|(name, listener, _)| (*name, local(listener))));
        all
    }

    /// Serves until the process is asked to stop.
    pub(crate) async fn run(self) {
        let mut servers =
            vec![tokio::spawn(server::serve(self.listener, self.router, self.stop.clone(), self.patience))];
        for (_, listener, routes) in self.grpc {
            servers.push(tokio::spawn(server::serve(listener, routes, self.stop.clone(), self.patience)));
        }
        server::stop_signal().await;
        tracing::info!("stopping");
        self.stop.cancel();
        self.tasks.close();
        for server in servers {
            let _ = server.await;
        }
        if tokio::time::timeout(self.patience, self.tasks.wait()).await.is_err() {
            tracing::warn!("background work was cut off");
        }
        for db in self.databases {
            db.close().await;
        }
    }
}

fn local(listener: &TcpListener) -> String {
    listener.local_addr().map_or_else(|e| e.to_string(), |address| address.to_string())
}

/// Refuses settings that can't work, before anything is opened.
pub(crate) fn check(parts: &[Part], settings: &Settings) -> anyhow::Result<()> {
    settings.core.check()?;
    for part in parts {
        (part.check)(settings, part.name)?;
    }
    let here = chosen(parts, &settings.core.services.run)?;
    if here.len() > 1 && !here.iter().any(|part| part.name == GATEWAY) {
        bail!(
            "services.run: several services in one process need the gateway in front; add it, or give each a process"
        );
    }
    links(parts, &here, settings)?;
    Ok(())
}

fn chosen(parts: &[Part], run: &[String]) -> anyhow::Result<Vec<Part>> {
    if run.iter().any(|name| name == "all") {
        return Ok(parts.to_vec());
    }
    for name in run {
        if !parts.iter().any(|part| part.name == name) {
            let known: Vec<_> = parts.iter().map(|p| p.name).collect();
            bail!("services.run: there is no service '{name}'; there are all, {}", known.join(", "));
        }
    }
    Ok(parts.iter().filter(|part| run.iter().any(|name| name == part.name)).copied().collect())
}

/// The configured gRPC address of a service that offers gRPC, unless it is closed.
fn grpc_address<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
    let address = match name {
        "regression" => &settings.core.grpc.regression,
        "symbolic" => &settings.core.grpc.symbolic,
        _ => return None,
    };
    (address != "off").then_some(address)
}

fn links(parts: &[Part], here: &[Part], settings: &Settings) -> anyhow::Result<Links> {
    let mut links = Links::default();
    for part in parts {
        if here.iter().any(|h| h.name == part.name) {
            links.add(Link::here(part.name), Some(GrpcLink::here()));
        } else if let Some(url) = settings.core.services.urls.get(part.name) {
            let parsed =
                url.parse().with_context(|| format!("services.urls.{}: {url} is no address", part.name))?;
            let grpc = match grpc_address(settings, part.name) {
                Some(address) => {
                    let url = if address.contains("://") {
                        address.to_owned()
                    } else {
                        format!("http://{address}")
                    };
                    let url = url
                        .parse()
                        .with_context(|| format!("grpc.{}: {address} is no address", part.name))?;
                    Some(GrpcLink::there(url))
                }
                None => None,
            };
            links.add(Link::there(part.name, parsed), grpc);
        }
    }
    Ok(links)
}

fn watch_database(health: &Health, name: &str, db: &Db) {
    let db = db.clone();
    health.add(&format!("{name}.database"), move || {
        let db = db.clone();
        async move { if db.is_reachable().await { Ok(()) } else { Err("it does not answer".into()) } }
    });
}

fn watch_bus(health: &Health, bus: &Bus) {
    let bus = bus.clone();
    health.add_weighed("bus", Weight::Degrading, move || {
        let is_connected = bus.is_connected();
        async move { if is_connected { Ok(()) } else { Err("the broker is away".into()) } }
    });
}

type GrpcRoutes = Vec<(&'static str, Router)>;

/// The public router and each service's gRPC routes. With the gateway here it is the only door; without it the services' own APIs are.
fn join(services: Vec<Service>, links: &Links, limit: BodyLimit) -> anyhow::Result<(Router, GrpcRoutes)> {
    let has_gateway = services.iter().any(|s| s.name == GATEWAY);
    let mut public = Router::new();
    let mut grpc = GrpcRoutes::new();
    for service in services {
        let name = service.name;
        let (router, routes) = if has_gateway || name == GATEWAY {
            let (router, _, routes) = service.into_parts();
            (router, routes)
        } else {
            service.into_own_router()
        };
        let router = limit.keep(router);
        if let Some(routes) = routes {
            if let Ok(link) = links.grpc(name) {
                link.connect(routes.clone());
            }
            grpc.push((name, routes));
        }
        links.to(name).map_err(|p| anyhow::anyhow!(p.detail))?.connect(manners::teach_inside(router.clone()));
        if name == GATEWAY || !has_gateway {
            public = public.merge(router);
        }
    }
    Ok((public, grpc))
}
