//! `quorate jobs`: the long work of a server.

#![expect(clippy::print_stdout, reason = "prints what the server says")]

use std::process::ExitCode;

use axum::http::Method;
use clap::{Args, Subcommand};
use contracts::jobs::JobState;

use super::form::{self, Form};
use crate::client::{Ask, Server, escaped, plain};

#[derive(Args)]
pub(crate) struct Jobs {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists jobs, the newest first.
    List {
        /// Only those that are waiting, running, done, failed or cancelled.
        #[arg(long, value_parser = JobState::ALL.map(JobState::as_str))]
        state: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Shows one job.
    Show {
        /// Its id.
        id: String,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Asks a job to stop.
    Cancel {
        /// Its id.
        id: String,
    },
    /// Tries a failed or cancelled job again.
    Retry {
        /// Its id.
        id: String,
    },
}

impl Jobs {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let server = &self.server;
        match self.action {
            Action::List { state, form } => {
                let state = state.map(|state| format!("&state={}", escaped(&state))).unwrap_or_default();
                let path = format!("/api/v1/jobs?limit=1000{state}");
                form.list(
                    server,
                    &path,
                    &["state", "service", "kind", "title", "progress", "attempt", "created_at", "id"],
                )?;
            }
            Action::Show { id, json } => {
                form::show(
                    &server.ask_json(Ask::new(Method::GET, format!("/api/v1/jobs/{}", escaped(&id))))?,
                    json,
                );
            }
            Action::Cancel { id } => change(server, &id, "cancellation")?,
            Action::Retry { id } => change(server, &id, "retry")?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn change(server: &Server, id: &str, what: &str) -> anyhow::Result<()> {
    let job = server.ask_json(Ask::new(Method::POST, format!("/api/v1/jobs/{}/{what}", escaped(id))))?;
    let state = if job["cancel_requested"] == true { "stopping".into() } else { plain(&job["state"]) };
    println!("{id}: {state}");
    Ok(())
}
