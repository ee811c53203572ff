//! What every service stands on: configuration, database, bus, link, jobs, clock, problems, telemetry, start and stop.

pub mod clock;
pub mod db;
pub mod testing;
