//! `cargo xtask run`: the product from a clone, with sample data, in the quickly built dev profile.
//!
//! The engines are optimised in that profile too, so nothing a user sees is slow; `--release` is for measuring.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{pages, process};

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    if matches!(arguments, [only] if only == "--help") {
        bail!("usage: cargo xtask run [--release] [options of `quorate serve`]");
    }
    if let Err(reason) = pages::require_node() {
        eprintln!("{reason}; going on with the pages as they are");
    } else {
        pages::build()?;
    }
    let (profile, options): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|word| *word == "--release");
    let mut cargo = process::cargo();
    cargo
        .arg("run")
        .args(profile)
        .args(["--package", "app", "--bin", "quorate", "--", "serve"])
        .args(options);
    run_here(&mut cargo)
}

/// Becomes the server where it can, so that Ctrl-C and exit codes are the server's own.
fn run_here(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    bail!("cannot start {}: {error}", process::describe(command))
}
