//! `cargo xtask`: run, check, tidy, generate, bench and release, with nothing but Rust installed.
//!
//! One file per command; the table below is the whole command line.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod bench;
mod browser;
mod check;
mod dist;
mod docs;
mod fuzz_jobs;
mod pages;
mod process;
mod run;
mod samples;
mod servers;
mod shots;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// A command: its name, what it does in one line, and its entry point.
struct Command {
    name: &'static str,
    summary: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "run",
        summary: "build and start the product [--release] [options of `serve`]",
        run: run::command,
    },
    Command { name: "check", summary: "everything CI checks, or the steps named", run: check::command },
    Command { name: "tidy", summary: "the house rules a machine can check", run: tidy::command },
    Command {
        name: "servers",
        summary: "PostgreSQL and RabbitMQ for a shell or for one command [--durable] [-- COMMAND…]",
        run: servers::command,
    },
    Command { name: "bench", summary: "list benches, or run one by name", run: bench::command },
    Command {
        name: "fuzz-jobs",
        summary: "crashes against the job queue [--faults N] [--seed S] [--without GUARD]",
        run: fuzz_jobs::command,
    },
    Command {
        name: "samples",
        summary: "write the exercise's data sets, or draft `cases`",
        run: samples::command,
    },
    Command { name: "shots", summary: "the pictures of the documentation, taken anew", run: shots::command },
    Command { name: "docs", summary: "the book and the packages' documentation", run: docs::command },
    Command { name: "dist", summary: "the release binary, with a check of its size", run: dist::command },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        print_help();
        return Ok(());
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print_help();
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
        None => bail!("unknown command {name}; `cargo xtask help` lists them"),
    }
}

fn print_help() {
    println!("cargo xtask <command>\n");
    for command in COMMANDS {
        println!("  {:<12}{}", command.name, command.summary);
    }
}
