//! The commands, one file each.

#![expect(clippy::print_stderr, reason = "errors go to the terminal")]

mod adequacy;
mod case;
mod completions;
mod compose;
mod config;
mod data;
mod fault;
mod fit;
mod form;
mod grid;
mod jobs;
mod model;
mod proof;
mod serve;
mod stop;

use std::process::ExitCode;

use clap::Subcommand;

/// What can be asked of the program.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs the server: all services in this process, or some of them.
    Serve(serve::Serve),
    /// Finds the formula of a table, without a server.
    Fit(fit::Fit),
    /// Checks and converts grid models, without a server.
    Grid(model::Grid),
    /// Computes short circuits of a grid model, without a server.
    Fault(fault::Fault),
    /// Says whether every relay sees its faults in a composition of units.
    Adequacy(adequacy::Adequacy),
    /// Checks cases of relays, units and schemes, and starts them for a network.
    Case(case::Cases),
    /// Finds the smallest compositions of units with which every protection works.
    Compose(compose::Compose),
    /// Checks proofs of smallest compositions.
    Proof(proof::Proof),
    /// Lists, uploads, shows and deletes the data sets of a server.
    Data(data::Data),
    /// Lists, shows, cancels and retries the jobs of a server.
    Jobs(jobs::Jobs),
    /// Shows and checks the configuration.
    Config(config::Config),
    /// Prints completions for a shell.
    Completions(completions::Completions),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        // Only a server goes on when nobody reads its output any more.
        if !matches!(self, Self::Serve(_)) {
            sigpipe::reset();
        }
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Fit(fit) => fit.run(),
            Self::Grid(grid) => grid.run(),
            Self::Fault(fault) => fault.run(),
            Self::Adequacy(adequacy) => adequacy.run(),
            Self::Case(case) => case.run(),
            Self::Compose(compose) => compose.run(),
            Self::Proof(proof) => proof.run(),
            Self::Data(data) => data.run(),
            Self::Jobs(jobs) => jobs.run(),
            Self::Config(config) => config.run(),
            Self::Completions(completions) => Ok(completions.run()),
        }
    }
}

/// An error that has an exit code of its own; all others exit with 1.
#[derive(Debug)]
pub(crate) struct Coded {
    pub(crate) code: u8,
    pub(crate) text: String,
}

impl std::fmt::Display for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Coded {}

impl Coded {
    /// What the user gave can't be used.
    pub(crate) fn unusable(cause: impl std::fmt::Display) -> Self {
        Self { code: 2, text: format!("{cause:#}") }
    }
}

/// 1 failure, 2 usage or unusable input, 4 server not reachable.
pub(crate) fn exit_code_of(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(error.downcast_ref::<Coded>().map_or(1, |coded| coded.code))
}

/// Tells an error with its causes.
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
