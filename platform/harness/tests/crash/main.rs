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

mod audit;
mod checker;
mod crew;
mod guard;
mod nemesis;
mod server;
mod takeover;
mod wire;
mod worker;

use std::time::Duration;

use guard::{GUARDS, Guard};
use nemesis::{Nemesis, Place};
use server::Postgres;
use worker::Manner;

/// Faults of a short run, on each database.
const FAULTS: u32 = 24;
const SEED: u64 = 20_261_121;

/// A number from the environment.
fn number<T: std::str::FromStr>(variable: &str, default: T) -> T {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn crash(place: Place) -> Result<String, String> {
    let (faults, seed) = (number("QUORATE_FUZZ_FAULTS", FAULTS), number("QUORATE_FUZZ_SEED", SEED));
    Nemesis::new(place, seed).rage(faults)
}

/// A PostgreSQL of one's own; nothing, said aloud, where its programs are missing.
fn postgres() -> Option<Postgres> {
    let server = Postgres::start();
    if server.is_none() {
        eprintln!("skipped: the programs of PostgreSQL are not where Debian puts them");
    }
    server
}

#[test]
fn embedded_no_job_is_lost_doubled_or_halved_by_crashes() {
    println!("{}", crash(Place::embedded()).unwrap_or_else(|findings| panic!("{findings}")));
}

#[test]
fn split_no_job_is_lost_doubled_or_halved_by_crashes() {
    let Some(server) = postgres() else { return };
    println!("{}", crash(Place::split(server, None)).unwrap_or_else(|findings| panic!("{findings}")));
}

/// `QUORATE_FUZZ_WITHOUT` names the guard, or `all`; the usual one is missed at once.
#[test]
fn a_missing_guard_is_found() {
    let name: String = number("QUORATE_FUZZ_WITHOUT", "takeover".to_owned());
    let missing = if name == "all" { GUARDS.iter().collect() } else { vec![Guard::named(&name)] };
    for guard in missing {
        let Some(server) = postgres() else { return };
        match crash(Place::split(server, Some(guard))) {
            Ok(report) => panic!("nobody misses {}: {report}", guard.name),
            Err(findings) => println!("without {}: {findings}", guard.name),
        }
    }
}

#[test]
fn a_guard_is_left_out_where_it_stands() {
    guard::leaves_its_places_only();
}

/// The product's own case: `QUORATE_FUZZ_DEAD=20 QUORATE_FUZZ_DEAD_LEASE_MS=15000 QUORATE_FUZZ_DEAD_MOST_MS=20000`.
#[test]
fn the_jobs_of_dead_workers_run_again_in_time() {
    let Some(server) = postgres() else { return };
    let time = |variable, default| Duration::from_millis(number(variable, default));
    let lease = time("QUORATE_FUZZ_DEAD_LEASE_MS", 1_000);
    let manner = Manner { lease, poll: lease / 15, slots: 1 };
    let waits = takeover::measure(&server.url(), &manner, number("QUORATE_FUZZ_DEAD", 6));
    let (median, longest) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    println!(
        "{} workers killed, lease {lease:?}: their jobs run again after {median:.1?} in the middle, {longest:.1?} at most",
        waits.len()
    );
    assert!(longest <= time("QUORATE_FUZZ_DEAD_MOST_MS", 2_000), "{waits:?}");
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
