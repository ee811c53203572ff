//! The one binary `quorate`: the server, and the user's commands that run an engine without one.

mod client;
mod commands;
mod process;
mod topology;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Finds formulas in data; serves data sets, fits and formulas over HTTP and gRPC.
#[derive(Parser)]
#[command(name = "quorate", version, arg_required_else_help = true, propagate_version = true)]
struct Quorate {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Quorate::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&error);
            commands::exit_code_of(&error)
        }
    }
}
