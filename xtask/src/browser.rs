//! The built pages in a real Chromium against the built binary.

use anyhow::Result;

use crate::{pages, process, servers};

/// Builds pages and binary, then runs a script of ui/package.json that drives them.
pub(crate) fn drive(script: &str) -> Result<()> {
    pages::require_node()?;
    pages::install()?;
    pages::build()?;
    build_binary()?;
    let chromium = servers::chromium()?;
    let binary = process::target_folder()?.join("debug/quorate");
    let variables = [
        ("QUORATE_CHROMIUM", chromium.to_string_lossy().into_owned()),
        ("QUORATE_BIN", binary.to_string_lossy().into_owned()),
        ("CI", "1".to_owned()),
    ];
    pages::npm(&["run", script], &variables)
}

/// The binary in the dev profile.
pub(crate) fn build_binary() -> Result<()> {
    process::run(process::cargo().args(["build", "--package", "app", "--bin", "quorate"]))
}
