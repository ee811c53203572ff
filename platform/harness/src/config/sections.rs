//! The sections that every process has, with their defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the process itself needs; services add sections of their own.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Core {
    /// The public address.
    pub server: Server,
    /// Which services run here and where the others are.
    pub services: Services,
    /// Where the truth is kept.
    pub database: Database,
    /// How facts are told.
    pub bus: Bus,
    /// The addresses of the analysis services' gRPC.
    pub grpc: Grpc,
    /// Long work.
    pub jobs: Jobs,
    /// What is written about the run.
    pub log: Log,
}

/// The public address.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Server {
    /// Host and port; port 0 takes a free one.
    pub listen: String,
    /// Whether other machines may connect. There is no sign-in yet: only behind a proxy that has one.
    pub open_to_network: bool,
    /// Names under which the server may be called, beside `localhost`: those of a proxy in front of it.
    pub names: Vec<String>,
    /// The largest body of a request that is not an upload, in MiB.
    pub body_limit_mb: u64,
    /// How long a stop may wait for running requests, in seconds.
    pub stop_s: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:5000".into(),
            open_to_network: false,
            names: Vec::new(),
            body_limit_mb: 8,
            stop_s: 10,
        }
    }
}

/// Which services run here and where the others are.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Services {
    /// `["all"]` or names.
    pub run: Vec<String>,
    /// The addresses of services that run elsewhere: `catalogue = "http://host:port"`.
    pub urls: BTreeMap<String, String>,
}

impl Default for Services {
    fn default() -> Self {
        Self { run: vec!["all".into()], urls: BTreeMap::new() }
    }
}

/// Where the truth is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Database {
    /// `sqlite:DIRECTORY` (a file per service) or `postgres://…` (a schema per service).
    pub url: String,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:data".into() }
    }
}

/// How facts are told.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Bus {
    /// `memory:` (one process) or `amqp://…`.
    pub url: String,
    /// What exchanges and queues at the broker are called after; two installations on one broker need two names.
    pub name: String,
}

impl Default for Bus {
    fn default() -> Self {
        Self { url: "memory:".into(), name: "quorate".into() }
    }
}

/// The addresses of the analysis services' gRPC (`MathFunc`); `off` closes one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Grpc {
    /// Linear regression: where it listens here, or (`http://…`) where it is.
    pub regression: String,
    /// Symbolic regression.
    pub symbolic: String,
}

impl Default for Grpc {
    fn default() -> Self {
        Self { regression: "127.0.0.1:5001".into(), symbolic: "127.0.0.1:5002".into() }
    }
}

/// Long work.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Jobs {
    /// How many jobs of a service run at once; 0 = one for each processor but one, at least one.
    pub cpu_workers: u32,
    /// How long a dead worker's job waits until another takes it over, in milliseconds.
    pub lease_ms: u64,
    /// How often the database is asked for work when nobody called, in milliseconds.
    pub poll_ms: u64,
    /// How long finished jobs are kept, in days.
    pub keep_finished_days: u32,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { cpu_workers: 0, lease_ms: 15_000, poll_ms: 1_000, keep_finished_days: 30 }
    }
}

/// What is written about the run.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or rules like `info,harness=debug`.
    pub level: String,
    /// `text`, `json`, or `auto`: text on a terminal.
    pub format: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: "auto".into() }
    }
}
