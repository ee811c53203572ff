//! Every source file opens by saying what it is and why.

use anyhow::Result;

use super::{Fault, tree::Tree};

/// File kinds and the ways they may open.
const OPENINGS: &[(&str, &[&str])] = &[
    ("rs", &["//! ", "#![doc = include_str!("]),
    ("ts", &["// ", "/*"]),
    ("svelte", &["<!--"]),
    ("css", &["/*"]),
    ("sql", &["-- "]),
    ("proto", &["// "]),
];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for (extension, openings) in OPENINGS {
        for file in tree.with_extension(extension) {
            if !openings.iter().any(|opening| file.text().starts_with(opening)) {
                faults.push(Fault::of_file(&file.path, format!("has no head comment (`{}…`)", openings[0])));
            }
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_file_that_starts_with_code() {
        let tree = Tree::of(&[("a.rs", "use std::fs;\n"), ("b.ts", "import x\n"), ("c.svelte", "<p/>")]);
        assert_eq!(check(&tree).unwrap().len(), 3);
    }

    #[test]
    fn accepts_a_head_comment_of_each_kind() {
        let readme = "#![doc = include_str!(\"../README.md\")]\n";
        let tree = Tree::of(&[
            ("a.rs", "//! What.\n"),
            ("lib.rs", readme),
            ("b.ts", "// Why.\n"),
            ("d.sql", "-- A.\n"),
        ]);
        assert_eq!(check(&tree).unwrap(), []);
    }
}
