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
    let (profile, options) = split(arguments);
    let mut cargo = process::cargo();
    cargo
        .arg("run")
        .args(profile)
        .args(["--package", "app", "--bin", "quorate", "--", "serve"])
        .args(options);
    run_here(&mut cargo)
}

/// What is cargo's and what is the server's; a `--` between the two, as other commands want it, is neither's.
fn split(arguments: &[String]) -> (Vec<&String>, Vec<&String>) {
    arguments.iter().filter(|word| *word != "--").partition(|word| *word == "--release")
}

/// Becomes the server where it can, so that Ctrl-C and exit codes are the server's own.
fn run_here(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    bail!("cannot start {}: {error}", process::describe(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_server_follow_with_and_without_a_separator() {
        for words in [&["--release", "--listen", "a:1"][..], &["--release", "--", "--listen", "a:1"]] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let (profile, options) = split(&words);
            assert_eq!(profile, ["--release"]);
            assert_eq!(options, ["--listen", "a:1"]);
        }
    }
}
