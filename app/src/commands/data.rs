//! `quorate data`: the data sets of a server.

#![expect(clippy::print_stdout, reason = "prints what the server says")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use axum::body::Body;
use axum::http::{Method, header};
use clap::{Args, Subcommand};
use contracts::finding::Finding;
use contracts::words;

use super::form::{self, Form};
use crate::client::{Ask, Server, escaped, plain};

#[derive(Args)]
pub(crate) struct Data {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists data sets.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Shows one data set.
    Show {
        /// Its id.
        id: String,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Uploads a CSV or TSV file.
    Import {
        /// The file.
        file: PathBuf,
        /// What to call it; the file's name if not given.
        #[arg(long)]
        name: Option<String>,
        /// The column a formula is searched for.
        #[arg(long)]
        target: Option<String>,
    },
    /// Prints all rows as CSV.
    Export {
        /// Its id.
        id: String,
    },
    /// Deletes a data set with its fits and formulas.
    Delete {
        /// Its id.
        id: String,
    },
}

impl Data {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let server = &self.server;
        match self.action {
            Action::List { form } => {
                form.list(
                    server,
                    "/api/v1/datasets?limit=1000",
                    &["number", "name", "rows", "columns", "target", "id"],
                )?;
            }
            Action::Show { id, json } => {
                form::show(
                    &server.ask_json(Ask::new(Method::GET, format!("/api/v1/datasets/{}", escaped(&id))))?,
                    json,
                );
            }
            Action::Import { file, name, target } => import(server, &file, name, target)?,
            Action::Export { id } => {
                let mut ask = Ask::new(Method::GET, format!("/api/v1/datasets/{}/rows", escaped(&id)));
                ask.accept = "text/csv";
                print!("{}", server.ask(ask)?);
            }
            Action::Delete { id } => {
                let mut ask = Ask::new(Method::DELETE, format!("/api/v1/datasets/{}", escaped(&id)));
                ask.headers.push((header::IF_MATCH, "*".into()));
                server.ask(ask)?;
                println!("deleted {id}");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn import(
    server: &Server,
    file: &PathBuf,
    name: Option<String>,
    target: Option<String>,
) -> anyhow::Result<()> {
    let body = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let mut path = format!("/api/v1/datasets?name={}", escaped(&name.unwrap_or(stem)));
    if let Some(target) = target {
        path = format!("{path}&target={}", escaped(&target));
    }
    let mut ask = Ask::new(Method::POST, path);
    ask.headers.push((header::CONTENT_TYPE, "text/csv".into()));
    ask.body = Body::from(body);
    let set = server.ask_json(ask)?;
    println!("{} rows, columns {}; id {}", plain(&set["rows"]), plain(&set["columns"]), plain(&set["id"]));
    for finding in set["findings"].as_array().into_iter().flatten() {
        if let Ok(finding) = serde_json::from_value::<Finding>(finding.clone()) {
            println!("{}", words::finding(&finding));
        }
    }
    Ok(())
}
