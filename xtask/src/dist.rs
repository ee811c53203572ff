//! `cargo xtask dist`: the release binary with the pages inside, and a check of its size.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::{pages, process};

/// The most the stripped binary may weigh.
const LIMIT: u64 = 60_000_000;

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask dist");
    pages::require_node()?;
    pages::build()?;
    process::run(process::cargo().args([
        "build",
        "--release",
        "--locked",
        "--package",
        "app",
        "--bin",
        "quorate",
    ]))?;
    let binary = process::target_folder()?.join("release/quorate");
    let size = fs::metadata(&binary).with_context(|| format!("cannot read {}", binary.display()))?.len();
    println!("{}: {:.1} MB", binary.display(), size as f64 / 1e6);
    if size > LIMIT {
        bail!("the binary has {size} bytes; the limit is {LIMIT}");
    }
    Ok(())
}
