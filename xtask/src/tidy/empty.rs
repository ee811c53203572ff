//! A file exists because it holds something.

use anyhow::Result;

use super::{Fault, tree::Tree};

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let blank = tree.files().iter().filter(|file| match &file.text {
        // Test inputs may be empty on purpose.
        _ if file.path.contains("/cases/") => false,
        Some(text) => text.trim().is_empty(),
        None => file.length == 0,
    });
    Ok(blank.map(|file| Fault::of_file(&file.path, "is empty")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_an_empty_file_but_not_an_empty_test_input() {
        let tree = Tree::of(&[("a.md", " \n"), ("engines/x/cases/empty/input.csv", ""), ("b.md", "b")]);
        assert_eq!(check(&tree).unwrap(), [Fault::of_file("a.md", "is empty")]);
    }
}
