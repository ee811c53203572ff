//! `cargo xtask shots`: takes the pictures of docs/pictures anew, from the running product.

use anyhow::{Result, ensure};

use crate::{browser, pages, process};

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask shots");
    pages::require_node()?;
    pages::build()?;
    process::run(process::cargo().args(["build", "--package", "app", "--bin", "quorate"]))?;
    browser::drive("shots")
}
