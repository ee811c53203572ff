//! The form of a list: a table for people, JSON or CSV for programs.

#![expect(clippy::print_stdout, reason = "prints lists")]

use axum::http::Method;
use clap::Args;
use serde_json::{Value, json};

use super::grid;
use crate::client::{Ask, Server, escaped, plain};

/// How to print.
#[derive(Args)]
pub(crate) struct Form {
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Prints CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Form {
    /// Prints a list, page after page; `columns` are paths into its items (`subject.id`).
    pub(crate) fn list(&self, server: &Server, path: &str, columns: &[&str]) -> anyhow::Result<()> {
        let (mut items, mut here) = (Vec::new(), path.to_owned());
        loop {
            let mut page = server.ask_json(Ask::new(Method::GET, here.as_str()))?;
            if self.csv {
                let mut ask = Ask::new(Method::GET, here.as_str());
                ask.accept = "text/csv";
                let text = server.ask(ask)?;
                // The heads of the columns stand once.
                let rows = if here == path {
                    text.as_str()
                } else {
                    text.split_once('\n').map_or("", |(_, rows)| rows)
                };
                print!("{rows}");
            } else if let Value::Array(more) = page["items"].take() {
                items.extend(more);
            }
            let Some(next) = page["next"].as_str() else { break };
            here = format!("{path}&cursor={}", escaped(next));
        }
        match (self.csv, self.json) {
            (true, _) => {}
            (_, true) => println!("{}", json!({"items": items, "next": null})),
            _ => println!("{}", table(&Value::Array(items), columns)),
        }
        Ok(())
    }
}

/// A list of things as a table; `columns` are paths into them.
pub(crate) fn table(things: &Value, columns: &[&str]) -> String {
    let mut table = grid::new();
    table.set_header(columns.iter().map(|c| c.replace('_', " ")));
    for thing in things.as_array().into_iter().flatten() {
        table.add_row(columns.iter().map(|column| cell(at(thing, column))));
    }
    grid::text(&table)
}

/// A value in a table for people: of a long number six digits.
fn cell(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => {
            format!("{number:.5e}").parse::<f64>().map_or_else(|_| plain(value), |short| short.to_string())
        }
        _ => plain(value),
    }
}

/// Prints one thing, a line per field.
pub(crate) fn show(thing: &Value, is_json: bool) {
    if is_json {
        println!("{thing}");
        return;
    }
    for (name, value) in thing.as_object().into_iter().flatten() {
        if !value.is_null()
            && !value.is_object()
            && !matches!(value, Value::Array(items) if items.iter().any(Value::is_object))
        {
            println!("{:<20} {}", name.replace('_', " "), plain(value));
        }
    }
}

fn at<'a>(item: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(item, |value, key| &value[key])
}
