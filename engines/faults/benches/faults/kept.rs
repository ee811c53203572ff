//! What long runs found, kept beside the bench with the commit they ran at: random networks against OpenDSS, and mutants
//! of files.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::goals::Goals;

/// Mutants that the goal asks for.
const MUTANTS: f64 = 100_000.0;

/// The result of a long run, and its commit; none where there was no run.
pub(crate) fn read(name: &str) -> Option<(Value, String)> {
    let mut kept: Value = serde_json::from_str(&std::fs::read_to_string(file(name)).ok()?).ok()?;
    let commit = kept["commit"].as_str()?.to_owned();
    Some((kept["result"].take(), commit))
}

/// Keeps the result of a long run.
pub(crate) fn write(name: &str, result: &Value) {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let commit = String::from_utf8(git.output().unwrap().stdout).unwrap();
    let kept = json!({"commit": commit.trim(), "result": result});
    std::fs::write(file(name), format!("{kept:#}\n")).unwrap();
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/faults/kept").join(format!("{name}.json"))
}

/// Tells of the last mutants of files. One that breaks an importer ends its run, which is then not kept.
pub(crate) fn print_mutants(goals: &mut Goals) {
    const WHAT: &str = "mutants of files: none panics, hangs or takes 1 GiB";
    println!("\nMutants of files (cargo xtask bench faults --mutants)");
    let Some((result, commit)) = read("mutants") else {
        println!("    not run");
        return goals.unknown(WHAT, "not run");
    };
    println!("    {:<20}{:>8}{:>10}{:>10}{:>12}", "parser", "models", "mutants", "read", "longest s");
    let number = |row: &Value, key: &str| row[key].as_u64().unwrap_or_default();
    for row in result["parsers"].as_array().into_iter().flatten() {
        let parser = row["parser"].as_str().unwrap_or_default();
        let [models, mutants, accepted] = ["models", "mutants", "read"].map(|key| number(row, key));
        let longest = row["longest_s"].as_f64().unwrap_or(f64::NAN);
        println!("    {parser:<20}{models:>8}{mutants:>10}{accepted:>10}{longest:>12.2}");
    }
    println!("    {} MiB at the peak; at {commit}", number(&result, "peak_mib"));
    goals.at_least(WHAT, number(&result, "mutants") as f64, MUTANTS);
}
