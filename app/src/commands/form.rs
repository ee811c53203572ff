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

/// The most characters of a cell.
const WIDTH: usize = 60;

/// A value in a table for people: of a long number six digits, of a long text its beginning.
fn cell(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => six_digits(number),
        _ => clipped(&plain(value)),
    }
}

/// So many of something: `1 class`, `2 classes`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let ending = match (count, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

/// The beginning of a long text.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn six_digits(number: f64) -> String {
    let short = format!("{number:.5e}").parse().unwrap_or(number);
    let is_far = short != 0.0 && !(1e-4..1e9).contains(&short.abs());
    if is_far { format!("{short:e}") } else { short.to_string() }
}

/// A formula with six digits of each number.
pub(crate) fn shortened(formula: &str) -> String {
    let (mut out, mut rest) = (String::new(), formula);
    while let Some(first) = rest.chars().next() {
        let length = number_length(rest);
        // Digits of a name belong to it.
        let is_number = length > 0 && !out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let taken = if is_number { length } else { first.len_utf8() };
        match rest[..taken].parse::<f64>() {
            Ok(number) if is_number && taken > 7 => out += &six_digits(number),
            _ => out += &rest[..taken],
        }
        rest = &rest[taken..];
    }
    out
}

/// How many bytes of a number a text begins with: digits, a point, an exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if end == 0 {
        return 0;
    }
    if text[end..].starts_with('.') {
        end += 1 + digits(end + 1);
    }
    if let Some(exponent) = text[end..].strip_prefix('e') {
        let signed = usize::from(exponent.starts_with(['-', '+']));
        let count = digits(end + 1 + signed);
        end += if count > 0 { 1 + signed + count } else { 0 };
    }
    end
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_formula_have_six_digits_and_names_keep_theirs() {
        assert_eq!(
            shortened("423.93732322166046*x12345678 + 2.929755851393421e-31"),
            "423.937*x12345678 + 2.92976e-31"
        );
        assert_eq!(shortened("1.5^(x - 3)"), "1.5^(x - 3)");
        assert_eq!(shortened("12345678901.5*é"), "1.23457e10*é");
    }

    #[test]
    fn one_thing_is_not_things() {
        assert_eq!(
            [counted(1, "class"), counted(2, "class"), counted(0, "unit")],
            ["1 class", "2 classes", "0 units"]
        );
    }

    #[test]
    fn a_long_text_is_told_by_its_beginning() {
        assert_eq!(clipped("short"), "short");
        assert_eq!(clipped(&"ä".repeat(100)).chars().count(), WIDTH + 1);
    }
}
