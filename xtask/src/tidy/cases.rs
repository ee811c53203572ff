//! Every case of an engine and every measured sample says where its numbers come from.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Fault, tree::Tree};

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let folders: BTreeSet<String> = tree.files().iter().filter_map(|file| case_folder(&file.path)).collect();
    let without = folders.into_iter().filter(|folder| tree.file(&format!("{folder}/SOURCE.md")).is_none());
    Ok(without.map(|folder| Fault::of_file(&folder, "has no SOURCE.md")).collect())
}

/// The folder that must name its source, for a file in one.
fn case_folder(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let depth = match parts[..] {
        ["engines", _, "cases", _, _, ..] => 4,
        ["samples", "real" | "cases", _, _, ..] => 3,
        ["samples", "exercise", _, ..] => 2,
        _ => return None,
    };
    Some(parts[..depth].join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_case_without_a_source() {
        let tree = Tree::of(&[
            ("engines/e/cases/good/SOURCE.md", "s"),
            ("engines/e/cases/good/input.csv", "1"),
            ("engines/e/cases/bad/input.csv", "1"),
            ("samples/real/bad/table.csv", "1"),
        ]);
        let faults = check(&tree).unwrap();
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, ["engines/e/cases/bad", "samples/real/bad"]);
    }
}
