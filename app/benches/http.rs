//! `GET /api/v1/datasets` beside Flask and gunicorn: the same 20 data sets on SQLite and on PostgreSQL, all four servers in
//! one run, measured in turns with wrk; medians.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a bench takes its servers from the environment and talks to a terminal"
)]

#[path = "http/measure.rs"]
mod measure;
#[path = "http/servers.rs"]
mod servers;

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use measure::{Figures, wrk};
use servers::{Baseline, Quorate, Server};

const ROUNDS: usize = 7;
const SECONDS: u32 = 3;
const ROWS: usize = 20;
/// How many times faster than Flask it must be on each database.
const TARGETS: [(&str, f64); 2] = [("SQLite", 2.5), ("PostgreSQL", 5.0)];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let postgres = std::env::var("QUORATE_TEST_POSTGRES")
        .context("QUORATE_TEST_POSTGRES is not set; `cargo xtask bench http` starts the servers")?;
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", folder.path().display());
    let quorate = [Quorate::start(&sqlite, ROWS)?, Quorate::start(&postgres, ROWS)?];
    let list = folder.path().join("list.json");
    std::fs::write(&list, quorate[0].get("/api/v1/datasets")?)?;
    let file = folder.path().join("baseline.db").display().to_string();
    let baseline = [Baseline::start(&file, &list)?, Baseline::start(&postgres, &list)?];
    for server in &baseline {
        let shown: serde_json::Value = serde_json::from_str(&server.get("/api/v1/datasets")?)?;
        ensure!(shown["items"].as_array().map(Vec::len) == Some(ROWS), "the baseline shows something else");
    }
    println!(
        "GET /api/v1/datasets, {ROWS} data sets, wrk -t2 -c32, median of {ROUNDS} rounds of {SECONDS} s"
    );
    println!("{:<12} {:<8} {:>9} {:>10} {:>14}", "database", "server", "req/s", "p99 ms", "cpu us/req");
    let mut is_good = true;
    for (at, (database, target)) in TARGETS.into_iter().enumerate() {
        let (ours, theirs) = in_turns(&quorate[at], &baseline[at])?;
        for (name, figures) in [("Quorate", &ours), ("Flask", &theirs)] {
            println!(
                "{database:<12} {name:<8} {:>9.0} {:>10.2} {:>14.0}",
                figures.rate, figures.p99_ms, figures.cpu_us
            );
        }
        let ratio = ours.rate / theirs.rate;
        println!("{database:<12} ratio    {ratio:>9.2} (at least {target})");
        is_good &= ratio >= target;
    }
    Ok(is_good)
}

/// Measures two servers in turns, so that a busy machine harms both.
fn in_turns(ours: &Quorate, theirs: &Baseline) -> Result<(Figures, Figures)> {
    for server in [ours as &dyn Server, theirs] {
        wrk(server, 1)?;
    }
    let mut rounds = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rounds.0.push(wrk(ours, SECONDS)?);
        rounds.1.push(wrk(theirs, SECONDS)?);
    }
    Ok((Figures::median(&rounds.0), Figures::median(&rounds.1)))
}
