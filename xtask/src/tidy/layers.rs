//! The dependency law: a package uses only what stands below it (ARCHITECTURE.md).

use anyhow::Result;
use serde_json::Value;

use super::{Fault, tree::Tree};

/// What an engine may use: numbers, threads, errors, serde. No I/O, async, clock or logging.
const ENGINE_PACKAGES: &[&str] = &[
    "faer",
    "libm",
    "num-complex",
    "num-traits",
    "pulp",
    "rayon",
    "serde",
    "serde_json",
    "thiserror",
    "wide",
];
/// What the engines may use that define or read a file format: schemas and parsers.
const FORMAT_PACKAGES: &[(&str, &[&str])] = &[
    ("cgmes", &["quick-xml", "zip"]),
    ("network", &["schemars", "serde_path_to_error", "serde_with"]),
    ("relaying", &["schemars"]),
];
/// Engines that stand on another engine.
const ENGINES_BELOW: &[(&str, &[&str])] = &[
    ("cgmes", &["network"]),
    ("drawing", &["network"]),
    ("faults", &["network"]),
    ("relaying", &["faults", "network", "proof"]),
];
/// What the published language never needs: a server, a database, a broker.
const NOT_IN_CONTRACTS: &[&str] = &["axum", "lapin", "sqlx", "tokio", "tower-http", "tracing"];
/// Services reach the broker and each other only through the harness.
const NOT_IN_SERVICES: &[&str] = &["lapin", "reqwest", "hyper"];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let members = tree.members()?;
    let folders: Vec<(String, &str)> =
        members.iter().map(|member| (tree.folder_of(member), name(member))).collect();
    let mut faults = Vec::new();
    for member in &members {
        let folder = tree.folder_of(member);
        for used in used_packages(member) {
            let shelf = folders.iter().find(|(_, known)| *known == used).map(|(folder, _)| folder.as_str());
            if let Some(reason) = breach(&folder, used, shelf) {
                faults
                    .push(Fault::of_file(&format!("{folder}/Cargo.toml"), format!("uses {used}: {reason}")));
            }
        }
    }
    Ok(faults)
}

/// Names of a member's dependencies, without those of its tests.
fn used_packages(member: &Value) -> impl Iterator<Item = &str> {
    let entries = member["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter(|entry| entry["kind"] != "dev").filter_map(|entry| entry["name"].as_str())
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap_or_default()
}

/// Why a package in `folder` may not use `used`, which is our own when it has a folder too.
fn breach(folder: &str, used: &str, used_folder: Option<&str>) -> Option<&'static str> {
    let (shelf, package) = folder.split_once('/').unwrap_or((folder, folder));
    let own = used_folder.is_some();
    let below = used_folder.unwrap_or_default();
    match shelf {
        "engines" if own => {
            (!row(ENGINES_BELOW, package).contains(&used)).then_some("not an engine below this one")
        }
        "engines" => {
            let is_pure = ENGINE_PACKAGES.contains(&used) || row(FORMAT_PACKAGES, package).contains(&used);
            (!is_pure).then_some("engines are pure")
        }
        "platform" if package == "contracts" => {
            (own || NOT_IN_CONTRACTS.contains(&used)).then_some("contracts are a language, nothing that runs")
        }
        "platform" => (own && used != "contracts").then_some("the harness stands on contracts only"),
        "services" => {
            let is_allowed = !own || below.starts_with("platform/") || below.starts_with("engines/");
            (!is_allowed || NOT_IN_SERVICES.contains(&used))
                .then_some("services meet only by contracts, Link and Bus")
        }
        "stories" => (own && used != "contracts").then_some("stories drive the binary as a process"),
        "xtask" => own.then_some("tasks must build without the product"),
        _ => None,
    }
}

/// A package's row of a table, empty when it has none.
fn row<'a>(table: &'a [(&str, &'a [&'a str])], package: &str) -> &'a [&'a str] {
    table.iter().find(|(name, _)| *name == package).map_or(&[], |(_, row)| *row)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(folder: &str, uses: &[&str]) -> Value {
        let name = folder.rsplit('/').next();
        let dependencies: Vec<Value> = uses.iter().map(|used| json!({"name": used, "kind": null})).collect();
        let manifest = format!("/made/up/{folder}/Cargo.toml");
        json!({"id": folder, "name": name, "source": null, "manifest_path": manifest, "dependencies": dependencies})
    }

    fn faults(packages: &[Value]) -> Vec<String> {
        let tree = Tree::of(&[]).with_packages(&json!(packages));
        check(&tree).unwrap().into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn accepts_the_architecture() {
        let packages = [
            package("engines/linreg", &["rayon"]),
            package("engines/network", &["schemars"]),
            package("engines/faults", &["network"]),
            package("platform/contracts", &["serde"]),
            package("platform/harness", &["contracts", "axum"]),
            package("services/regression", &["harness", "contracts", "linreg", "axum"]),
            package("app", &["regression", "linreg", "harness"]),
        ];
        assert_eq!(faults(&packages), Vec::<String>::new());
    }

    #[test]
    fn refuses_every_way_up() {
        let packages = [
            package("engines/linreg", &["tokio", "symreg"]),
            package("engines/symreg", &["contracts"]),
            package("platform/contracts", &["axum"]),
            package("platform/harness", &["regression"]),
            package("services/regression", &["catalogue", "lapin"]),
            package("services/catalogue", &["harness"]),
            package("stories", &["harness"]),
            package("xtask", &["harness"]),
        ];
        assert_eq!(faults(&packages).len(), 9, "{:#?}", faults(&packages));
    }

    #[test]
    fn what_tests_use_is_free() {
        let mut engine = package("engines/linreg", &["proptest"]);
        engine["dependencies"][0]["kind"] = json!("dev");
        assert_eq!(faults(&[engine]), Vec::<String>::new());
    }
}
