//! What every service stands on: configuration, database, bus, link, jobs, clock, problems, telemetry, start and stop.

mod address;
pub mod analysis;
pub mod bus;
pub mod clock;
pub mod config;
pub mod data_set;
pub mod db;
pub mod etag;
pub mod extract;
pub mod health;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
mod linger;
pub mod link;
pub mod manners;
pub mod negotiate;
pub mod outbox;
pub mod page;
pub mod plot;
pub mod problem;
pub mod processor_time;
pub mod server;
pub mod service;
pub mod telemetry;
pub mod testing;
