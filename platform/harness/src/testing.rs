//! Where tests find the servers that `cargo xtask check` has started.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests take their servers from the environment and say when they skip"
)]

/// The PostgreSQL to test with, or nothing, said aloud, when there is none.
pub fn postgres() -> Option<String> {
    named("QUORATE_TEST_POSTGRES")
}

/// The RabbitMQ to test with, or nothing, said aloud, when there is none.
pub fn amqp() -> Option<String> {
    named("QUORATE_TEST_AMQP")
}

/// A schema name that no other test uses.
pub fn schema(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
}

fn named(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        eprintln!("skipped: {variable} is not set; `cargo xtask check` starts the servers");
    }
    found
}
