//! Nothing of one machine in the repository: no home folders, no path of this checkout, no private registry.

use anyhow::Result;

use super::Fault;
use super::tree::{File, Tree};

/// Written in two halves, so that this file does not accuse itself.
const HOMES: [&str; 3] = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let checkout = tree.root().to_string_lossy();
    // A checkout directly below the root, say `/src`, would be found everywhere.
    let checkout = (checkout.matches('/').count() > 1).then_some(&*checkout);
    let mut faults = Vec::new();
    for file in tree.files() {
        for (number, line) in file.lines() {
            let text = HOMES.into_iter().chain(checkout).find(|path| contains_path(line, path));
            if let Some(path) = text {
                faults.push(Fault::at_line(
                    &file.path,
                    number,
                    format!("names {path}, a path of one machine"),
                ));
            }
            if is_private_source(file, line) {
                faults.push(Fault::at_line(&file.path, number, "names a registry other than the public one"));
            }
        }
    }
    Ok(faults)
}

/// An absolute path, not the tail of an address or of a longer path.
fn contains_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| {
            letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '}' | '~' | ')')
        })
    })
}

fn is_private_source(file: &File, line: &str) -> bool {
    let value = |key: &str| Some(line.trim().strip_prefix(key)?.trim_start_matches([' ', '=', ':', '"']));
    match file.name() {
        "Cargo.lock" => value("source").is_some_and(|source| !source.starts_with(CRATES_IO)),
        "package-lock.json" => value("\"resolved\"").is_some_and(|source| !source.starts_with(NPM)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_the_paths_of_a_machine() {
        let home = format!("see {}me/notes", HOMES[0]);
        let tree = Tree::of(&[("a.md", home.as_str()), ("b.md", "cd /made/up/app")]);
        assert_eq!(check(&tree).unwrap().len(), 2);
    }

    #[test]
    fn accepts_addresses_that_look_like_paths() {
        let text = format!("https://example.org{}page", HOMES[0]);
        assert_eq!(check(&Tree::of(&[("a.md", &text)])).unwrap(), []);
    }

    #[test]
    fn refuses_a_private_registry() {
        let tree = Tree::of(&[
            ("Cargo.lock", "source = \"registry+https://crates.example.org/index\"\n"),
            ("ui/package-lock.json", "  \"resolved\": \"https://npm.example.org/a.tgz\",\n"),
        ]);
        assert_eq!(check(&tree).unwrap().len(), 2);
        let public = format!("source = \"{CRATES_IO}\"\n");
        assert_eq!(check(&Tree::of(&[("Cargo.lock", &public)])).unwrap(), []);
    }
}
