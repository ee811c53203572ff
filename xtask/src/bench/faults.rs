//! `cargo xtask bench faults`: the bench of `faults`; with `--mutants [N]` mutants of real files over all importers instead
//! (100,000 without a number, ten minutes of one core). What a whole run found is kept beside the bench, with the commit,
//! so that the bench's table can tell of it.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::process;

/// The name of the bench.
pub(super) const NAME: &str = "faults";

/// Instead of the bench.
const MUTANTS: &str = "--mutants";

/// Mutants of a whole run.
const WHOLE: u64 = 100_000;

/// Where the result of a whole run is kept.
const KEPT: &str = "engines/faults/benches/faults/kept/mutants.json";

/// Whether the options ask for mutants.
pub(super) fn wants_mutants(options: &[String]) -> bool {
    options.first().is_some_and(|first| first == MUTANTS)
}

pub(super) fn mutants(options: &[String]) -> Result<()> {
    let count = match options.get(1) {
        Some(count) => count.parse().with_context(|| format!("{MUTANTS} takes a number, not {count}"))?,
        None => WHOLE,
    };
    let found = process::target_folder()?.join("mutants.json");
    // What is read below is of this run.
    if found.exists() {
        fs::remove_file(&found).with_context(|| format!("cannot remove {}", found.display()))?;
    }
    let mut cargo = process::cargo();
    cargo.args(["test", "--package", "cgmes", "--test", "import", "--", "no_mutant", "--nocapture"]);
    cargo.env("QUORATE_MUTANTS", count.to_string()).env("QUORATE_MUTANTS_FILE", &found);
    process::run(&mut cargo)?;
    if count < WHOLE {
        return Ok(());
    }
    let text = fs::read_to_string(&found).context("the test wrote no result")?;
    let result: Value = serde_json::from_str(&text).context("the test's result is not JSON")?;
    let commit = process::output(
        Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(process::root()),
    )?;
    let kept = json!({"commit": commit.trim(), "result": result});
    let file = process::root().join(KEPT);
    fs::write(&file, format!("{kept:#}\n")).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_are_asked_for_by_the_first_option() {
        let options = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(wants_mutants(&options(&["--mutants", "5"])) && !wants_mutants(&options(&["--own"])));
        assert!(mutants(&options(&["--mutants", "many"])).is_err());
    }
}
