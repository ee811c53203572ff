//! The built pages in a real Chromium against the built binary.

use anyhow::Result;

use crate::{pages, process, servers};

/// Runs a script of ui/package.json that drives the built binary.
pub(crate) fn drive(script: &str) -> Result<()> {
    pages::require_node()?;
    pages::install()?;
    let chromium = servers::chromium()?;
    let binary = process::target_folder()?.join("debug/quorate");
    let variables = [
        ("QUORATE_CHROMIUM", chromium.to_string_lossy().into_owned()),
        ("QUORATE_BIN", binary.to_string_lossy().into_owned()),
        ("CI", "1".to_owned()),
    ];
    pages::npm(&["run", script], &variables)
}
