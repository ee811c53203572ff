//! The tree is the architecture: folders below `src/` are at most two deep.

use anyhow::Result;

use super::{Fault, tree::Tree};

const LIMIT: usize = 2;

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let deep = tree.with_extension("rs").filter(|file| {
        file.path.split_once("/src/").is_some_and(|(_, inner)| inner.matches('/').count() > LIMIT)
    });
    Ok(deep.map(|file| Fault::of_file(&file.path, "lies more than two folders below src")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_third_level() {
        let tree = Tree::of(&[("app/src/a/b/c/d.rs", "//! D."), ("app/src/a/b/c.rs", "//! C.")]);
        assert_eq!(
            check(&tree).unwrap(),
            [Fault::of_file("app/src/a/b/c/d.rs", "lies more than two folders below src")]
        );
    }
}
