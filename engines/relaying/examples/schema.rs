//! Prints the JSON Schema of a file of a case: `cargo run -p relaying --example schema relays`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints a schema")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let schemas = relaying::case::schemas();
    let Some((_, schema)) = schemas.iter().find(|(name, _)| *name == wanted) else {
        eprintln!("which file: {}?", schemas.map(|(name, _)| name).join(", "));
        return ExitCode::FAILURE;
    };
    println!("{}", serde_json::to_string_pretty(schema).expect("a schema is plain data"));
    ExitCode::SUCCESS
}
