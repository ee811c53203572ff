//! `cargo xtask shots`: takes the pictures of docs/pictures anew, from the running product.

use anyhow::{Result, ensure};

use crate::browser;

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask shots");
    browser::drive("shots")
}
