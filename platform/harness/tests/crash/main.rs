//! Seeded crashes against the queue: real processes are killed, stopped for longer than their lease, and their
//! database too; afterwards every acknowledged job has had its effect exactly once, and no other job twice or half.
//!
//! The worker processes are this program itself. `cargo xtask fuzz-jobs --faults N --seed S` makes it long.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "processes of a test talk by pipes and variables"
)]

mod checker;
mod crew;
mod nemesis;
mod server;
mod worker;

use nemesis::{Nemesis, Place};

/// Faults of a short run, on each database.
const FAULTS: u32 = 24;
const SEED: u64 = 20_261_121;

/// A number from the environment.
fn number<T: std::str::FromStr>(variable: &str, default: T) -> T {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn survives_crashes(place: Place) {
    let (faults, seed) = (number("QUORATE_FUZZ_FAULTS", FAULTS), number("QUORATE_FUZZ_SEED", SEED));
    let report = Nemesis::new(place, seed).rage(faults);
    println!("{report}");
}

#[test]
fn embedded_no_job_is_lost_doubled_or_halved_by_crashes() {
    survives_crashes(Place::embedded());
}

#[test]
fn split_no_job_is_lost_doubled_or_halved_by_crashes() {
    match server::Postgres::start() {
        Some(server) => survives_crashes(Place::split(server)),
        None => eprintln!("skipped: the programs of PostgreSQL are not where Debian puts them"),
    }
}

#[test]
fn what_looks_for_lost_and_doubled_jobs_finds_them() {
    checker::finds_every_breach();
}

/// Not a test: the worker process that the others start.
#[test]
#[ignore = "is started by the other tests as a process of its own"]
fn worker_process() {
    if let Ok(url) = std::env::var("QUORATE_FUZZ_DB") {
        worker::work(&url);
    }
}
