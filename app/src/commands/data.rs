//! `quorate data`: the data sets of a server.

#![expect(clippy::print_stdout, reason = "prints what the server says")]

mod import;
mod result;

use std::process::ExitCode;

use axum::http::{Method, header};
use clap::{Args, Subcommand};
use contracts::finding::Finding;
use contracts::words;
use serde_json::Value;

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
    Show(One),
    /// Shows the formula found for a data set, and its straight line.
    Formula(One),
    /// Shows what the columns of a data set look like.
    Profile(One),
    /// Shows what was noticed while a data set was read.
    Findings(One),
    /// Uploads a CSV or TSV file.
    Import(import::Import),
    /// Prints all rows as CSV.
    Export {
        /// Its number or id.
        #[arg(value_name = "NUMBER|ID")]
        set: String,
    },
    /// Deletes a data set with its fits and formulas.
    Delete {
        /// Its number or id.
        #[arg(value_name = "NUMBER|ID")]
        set: String,
    },
}

/// A data set that is shown.
#[derive(Args)]
struct One {
    /// Its number or id.
    #[arg(value_name = "NUMBER|ID")]
    set: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Data {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let server = &self.server;
        match self.action {
            Action::List { form } => {
                let columns = ["number", "name", "rows", "columns", "target", "id"];
                form.list(server, "/api/v1/datasets?limit=1000", &columns)?;
            }
            Action::Show(one) => form::show(&one.detail(server)?, one.json),
            Action::Formula(one) => {
                let set = one.detail(server)?;
                result::show(server, &set, one.json)?;
            }
            Action::Profile(one) => profile(&one.detail(server)?["profile"], one.json),
            Action::Findings(one) => findings(&one.detail(server)?["findings"], one.json),
            Action::Import(import) => import.run(server)?,
            Action::Export { set } => {
                let mut ask = Ask::new(Method::GET, format!("{}/rows", path_of(server, &set)?));
                ask.accept = "text/csv";
                print!("{}", server.ask(ask)?);
            }
            Action::Delete { set } => {
                let mut ask = Ask::new(Method::DELETE, path_of(server, &set)?);
                ask.headers.push((header::IF_MATCH, "*".into()));
                server.ask(ask)?;
                println!("deleted {set}");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl One {
    fn detail(&self, server: &Server) -> anyhow::Result<Value> {
        server.ask_json(Ask::new(Method::GET, path_of(server, &self.set)?))
    }
}

/// The path of a data set that is named by its number or its id.
fn path_of(server: &Server, set: &str) -> anyhow::Result<String> {
    let id = if set.parse::<u32>().is_ok() {
        let found = server.ask_json(Ask::new(Method::GET, format!("/api/v1/datasets/by-number/{set}")))?;
        plain(&found["id"])
    } else {
        set.to_owned()
    };
    Ok(format!("/api/v1/datasets/{}", escaped(&id)))
}

fn profile(profile: &Value, is_json: bool) {
    let columns =
        ["name", "kind", "unit", "count", "missing", "distinct", "min", "median", "max", "mean", "std_dev"];
    if is_json {
        println!("{profile}");
    } else {
        println!("{}", form::table(profile, &columns));
    }
}

fn findings(findings: &Value, is_json: bool) {
    if is_json {
        println!("{findings}");
        return;
    }
    let all = findings.as_array().map(Vec::as_slice).unwrap_or_default();
    if all.is_empty() {
        println!("Nothing was noticed.");
    }
    for finding in all {
        println!("{}", noticed(finding));
    }
}

/// A finding in words, with its place.
fn noticed(finding: &Value) -> String {
    let Ok(finding) = serde_json::from_value::<Finding>(finding.clone()) else { return finding.to_string() };
    let row = finding.subject.row.map(|row| format!("row {row}"));
    let column = finding.subject.column.as_ref().map(|column| format!("column {column}"));
    let place: Vec<String> = row.into_iter().chain(column).collect();
    let place = if place.is_empty() { String::new() } else { format!("{}: ", place.join(", ")) };
    format!("{place}{}", words::finding(&finding))
}
