//! What every service stands on: configuration, database, bus, link, jobs, clock, problems, telemetry, start and stop.

pub mod clock;
pub mod config;
pub mod db;
pub mod extract;
pub mod link;
pub mod manners;
pub mod problem;
pub mod telemetry;
pub mod testing;
