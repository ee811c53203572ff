//! Prints the JSON Schema of the native format: `cargo run -p network --example schema > docs/reference/network.schema.json`.

#![expect(clippy::print_stdout, reason = "prints the schema")]

fn main() {
    print!("{}", network::schema());
}
