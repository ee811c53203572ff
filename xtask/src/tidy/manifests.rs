//! Packages are alike: the folder's name, the workspace's lints, version and licence.

use anyhow::{Context, Result};
use toml::Table;

use super::{Fault, tree::Tree};

const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in tree.files() {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { continue };
        let manifest: Table = file.text().parse().with_context(|| format!("cannot read {}", file.path))?;
        let fault = |text: String| Fault::of_file(&file.path, text);
        let folder = folder.rsplit('/').next().unwrap_or(folder);
        let package = manifest.get("package").and_then(|value| value.as_table()).context("no [package]")?;
        let name = package.get("name").and_then(|value| value.as_str()).unwrap_or_default();
        if name != folder {
            faults.push(fault(format!("the package is called {name}, its folder {folder}")));
        }
        if !package.contains_key("description") {
            faults.push(fault("has no description".into()));
        }
        for key in INHERITED.into_iter().filter(|key| !inherits(package.get(*key))) {
            faults.push(fault(format!("does not take `{key}` from the workspace")));
        }
        if !inherits(manifest.get("lints")) {
            faults.push(fault("does not take the lints from the workspace".into()));
        }
    }
    Ok(faults)
}

fn inherits(value: Option<&toml::Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_package_with_habits_of_its_own() {
        let tree =
            Tree::of(&[("services/catalogue/Cargo.toml", "[package]\nname = \"quorate-catalogue\"\n")]);
        assert_eq!(check(&tree).unwrap().len(), 8);
    }
}
