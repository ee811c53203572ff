//! Migrations are numbered without gaps and never change once released: `xtask/migrations.sha256` holds the
//! hashes of the released ones, written by `cargo xtask tidy freeze-migrations` at a release.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use super::Fault;
use super::tree::{File, Tree};

const HASHES: &str = "xtask/migrations.sha256";

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut next: BTreeMap<&str, u32> = BTreeMap::new();
    for file in migrations(tree) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let number = next.entry(folder).or_insert(1);
        if !name.starts_with(&format!("{number:04}_")) {
            faults.push(Fault::of_file(&file.path, format!("should be number {number:04}")));
        }
        *number += 1;
    }
    let released = tree.file(HASHES).map(File::text).unwrap_or_default();
    for line in released.lines().filter(|line| !line.starts_with('#')) {
        let Some((hash, path)) = line.split_once("  ") else { continue };
        match tree.file(path) {
            None => faults.push(Fault::of_file(path, "was released and is gone")),
            Some(file) if digest(file) != hash => {
                faults.push(Fault::of_file(path, "was released and has changed: write a new migration"));
            }
            Some(_) => {}
        }
    }
    Ok(faults)
}

/// Writes the hashes of all migrations, which thereby count as released.
pub(super) fn freeze(tree: &Tree) -> Result<()> {
    let mut text = String::from("# Released migrations; they never change.\n");
    for file in migrations(tree) {
        writeln!(text, "{}  {}", digest(file), file.path).expect("writing to a string cannot fail");
    }
    fs::write(tree.root().join(HASHES), text).with_context(|| format!("cannot write {HASHES}"))
}

fn migrations(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.with_extension("sql").filter(|file| file.path.contains("/migrations/"))
}

fn digest(file: &File) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(file.text()) {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "services/a/migrations/0001_first.sql";

    #[test]
    fn refuses_a_gap() {
        let tree = Tree::of(&[(FIRST, "-- A."), ("services/a/migrations/0003_third.sql", "-- C.")]);
        assert_eq!(check(&tree).unwrap().len(), 1);
    }

    #[test]
    fn refuses_a_change_after_the_release() {
        let released = format!("{}  {FIRST}\n", digest(Tree::of(&[(FIRST, "-- A.")]).file(FIRST).unwrap()));
        assert_eq!(check(&Tree::of(&[(FIRST, "-- A."), (HASHES, &released)])).unwrap(), []);
        assert_eq!(check(&Tree::of(&[(FIRST, "-- B."), (HASHES, &released)])).unwrap().len(), 1);
        assert_eq!(check(&Tree::of(&[(HASHES, &released)])).unwrap().len(), 1);
    }
}
