//! `cargo xtask docs`: the book (where mdBook is installed) and the packages' own documentation.

use std::process::Command;

use anyhow::Result;

use crate::process;

pub(crate) fn command(_: &[String]) -> Result<()> {
    if process::find_program("mdbook").is_some() {
        process::run(Command::new("mdbook").args(["build", "docs"]).current_dir(process::root()))?;
    } else {
        eprintln!(
            "mdbook is not installed (`cargo install mdbook`); the book's pages can be read in docs/ as they are"
        );
    }
    process::run(process::cargo().args(["doc", "--workspace", "--no-deps"]))
}
