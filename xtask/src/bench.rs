//! `cargo xtask bench`: runs a bench of any package by name, with durable servers for those that want them; `fit` runs
//! the formula finder against its reference problems.

mod compose;
mod faults;
mod fit;
mod start;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::servers::{self, Durability, Servers, Wanted};

/// Benches that measure against servers.
const WITH_SERVERS: [(&str, Wanted); 2] = [("http", Wanted::Database), ("jobs", Wanted::All)];

/// The bench that is no cargo bench.
const FIT: &str = "fit";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let benches = benches()?;
    let Some((name, options)) = arguments.split_first() else {
        println!("cargo xtask bench <name> [options]; there are:");
        for (package, bench) in &benches {
            println!("  {bench:<12}of {package}");
        }
        println!("  {:<12}of the program: to readiness, memory, size", start::NAME);
        println!("  {FIT:<12}the formula finder against its reference problems");
        return Ok(());
    };
    if name == start::NAME {
        return start::command(options);
    }
    if name == FIT {
        return fit::command(options);
    }
    if name == faults::NAME && faults::wants_mutants(options) {
        return faults::mutants(options);
    }
    if name == compose::NAME {
        return compose::command(options);
    }
    let Some((package, _)) = benches.iter().find(|(_, bench)| bench == name) else {
        bail!("there is no bench {name}; `cargo xtask bench` lists them");
    };
    if name == "http" {
        servers::require_wrk()?;
    }
    let wanted = WITH_SERVERS.iter().find(|(bench, _)| bench == name).map(|(_, wanted)| *wanted);
    let servers = wanted.map(|wanted| Servers::start(wanted, Durability::Durable)).transpose()?;
    let variables = servers.iter().flat_map(Servers::exports).map(|(name, value)| (*name, value.as_str()));
    let mut cargo = process::cargo();
    cargo.args(["bench", "--package", package, "--bench", name, "--"]).args(options).envs(variables);
    process::run(&mut cargo)
}

/// Package and name of every bench of the workspace.
fn benches() -> Result<Vec<(String, String)>> {
    let text = process::output(process::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value =
        serde_json::from_str(&text).context("cargo metadata printed something that is not JSON")?;
    Ok(benches_in(&metadata))
}

fn benches_in(metadata: &Value) -> Vec<(String, String)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        for target in list(&package["targets"]) {
            if list(&target["kind"]).iter().any(|kind| kind == "bench") {
                found.push((text(&package["name"]), text(&target["name"])));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_benches_among_the_targets() {
        let targets = json!([{"name": "fit", "kind": ["bench"]}, {"name": "symreg", "kind": ["lib"]}]);
        let metadata = json!({"packages": [{"name": "symreg", "targets": targets}]});
        assert_eq!(benches_in(&metadata), [("symreg".to_owned(), "fit".to_owned())]);
    }
}
