//! Every outside package has a reason, written where its version is, and one version for the whole workspace.

use anyhow::{Context, Result};
use toml::Table;

use super::Fault;
use super::tree::{File, Tree};

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in tree.files().iter().filter(|file| file.name() == "Cargo.toml") {
        let manifest: Table = file.text().parse().with_context(|| format!("cannot read {}", file.path))?;
        if file.path == "Cargo.toml" {
            faults.extend(without_reason(file));
        } else {
            faults.extend(own_versions(&file.path, &manifest));
        }
    }
    Ok(faults)
}

/// Entries of `[workspace.dependencies]` with a version and neither a comment at their end nor one above.
fn without_reason(file: &File) -> Vec<Fault> {
    let mut is_inside = false;
    let mut above = "";
    let mut faults = Vec::new();
    for (number, line) in file.lines() {
        if line.starts_with('[') {
            is_inside = line == "[workspace.dependencies]";
        }
        let name = line.split('=').next().unwrap_or_default().trim();
        let is_entry = is_inside && line.contains('=') && !line.starts_with('#') && !line.contains("path = ");
        if is_entry && !line.contains(" # ") && !above.starts_with("# ") {
            faults.push(Fault::at_line(&file.path, number, format!("{name} has no reason: add `# Why.`")));
        }
        above = line;
    }
    faults
}

fn own_versions(path: &str, manifest: &Table) -> Vec<Fault> {
    let mut faults = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let entries = manifest.get(section).and_then(|section| section.as_table()).into_iter().flatten();
        for (name, value) in entries {
            if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                faults.push(Fault::of_file(
                    path,
                    format!("{name} has a version of its own: use `{name}.workspace = true`"),
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_dependency_without_a_reason() {
        let root = "[workspace.dependencies]\nown = { path = \"own\" }\n\na = \"1\" # Reads A.\n# Reads B.\nb = \"1\"\nc = \"1\"\n";
        let faults = check(&Tree::of(&[("Cargo.toml", root)])).unwrap();
        assert_eq!(faults, [Fault::at_line("Cargo.toml", 7, "c has no reason: add `# Why.`")]);
    }

    #[test]
    fn refuses_a_version_outside_the_workspace_list() {
        let package = "[dependencies]\na.workspace = true\nb = \"1\"\n";
        assert_eq!(check(&Tree::of(&[("app/Cargo.toml", package)])).unwrap().len(), 1);
    }
}
