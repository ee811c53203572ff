//! The samples are complete: each table is in the manifest, with a target that is one of its columns.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::{Fault, tree::Tree};

const MANIFEST: &str = "samples/manifest.toml";

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let Some(manifest) = tree.file(MANIFEST) else { return Ok(Vec::new()) };
    let manifest: Table = manifest.text().parse().with_context(|| format!("cannot read {MANIFEST}"))?;
    let mut faults = Vec::new();
    let mut listed = BTreeSet::new();
    let samples = manifest.get("sample").and_then(Value::as_array).into_iter().flatten();
    for (index, sample) in samples.enumerate() {
        let text = |key: &str| sample.get(key).and_then(Value::as_str).unwrap_or_default();
        let path = format!("samples/{}", text("file"));
        faults.extend(sample_faults(tree, sample, &path, index + 1));
        listed.insert(path);
    }
    for file in tree.with_extension("csv").filter(|file| file.path.starts_with("samples/")) {
        if !listed.contains(&file.path) {
            faults.push(Fault::of_file(&file.path, "is not in samples/manifest.toml"));
        }
    }
    Ok(faults)
}

fn sample_faults(tree: &Tree, sample: &Value, path: &str, number: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    if sample.get("number").and_then(Value::as_integer) != i64::try_from(number).ok() {
        faults.push(Fault::of_file(MANIFEST, format!("{path} should have the number {number}")));
    }
    for key in ["name", "description", "source"] {
        if sample.get(key).and_then(Value::as_str).is_none_or(str::is_empty) {
            faults.push(Fault::of_file(MANIFEST, format!("{path} has no {key}")));
        }
    }
    let Some(file) = tree.file(path) else {
        faults.push(Fault::of_file(MANIFEST, format!("{path} does not exist")));
        return faults;
    };
    let header = file.text().lines().next().unwrap_or_default();
    let units = sample.get("units").and_then(Value::as_table).into_iter().flat_map(|units| units.keys());
    let target = sample.get("target").and_then(Value::as_str).unwrap_or_default();
    for column in units.map(String::as_str).chain([target]) {
        if !header.split(',').any(|name| name == column) {
            faults.push(Fault::of_file(MANIFEST, format!("{path} has no column {column:?}")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_does_not_fit_its_table() {
        let manifest = "[[sample]]\nnumber = 2\nfile = \"a.csv\"\nname = \"A\"\ndescription = \"A.\"\nsource = \"s\"\n\
                        target = \"z\"\nunits = { w = \"m\" }\n[[sample]]\nnumber = 2\nfile = \"gone.csv\"\n";
        let tree =
            Tree::of(&[(MANIFEST, manifest), ("samples/a.csv", "x,y\n1,2\n"), ("samples/b.csv", "x,y\n")]);
        let faults = check(&tree).unwrap();
        // The number, two columns; three texts and the file of the second; the table that is not listed.
        assert_eq!(faults.len(), 8, "{faults:#?}");
    }
}
