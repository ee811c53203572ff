//! Build, check, tidy, generate, bench.
fn main() {}
