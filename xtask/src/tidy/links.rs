//! Links between the documents of the repository lead somewhere, and the book has all its pages.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::{Fault, tree::Tree};

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in tree.with_extension("md") {
        let mut is_code = false;
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("```") {
                is_code = !is_code;
            }
            if is_code {
                continue;
            }
            for target in targets(line) {
                if !resolves(tree, &file.path, target) {
                    faults.push(Fault::at_line(
                        &file.path,
                        number,
                        format!("the link {target} leads nowhere"),
                    ));
                }
            }
        }
    }
    faults.extend(unlisted(tree));
    Ok(faults)
}

/// The pages of the book that its contents do not name.
fn unlisted(tree: &Tree) -> Vec<Fault> {
    let pages =
        || tree.with_extension("md").filter_map(|file| Some((file, file.path.strip_prefix("docs/")?)));
    let Some((contents, _)) = pages().find(|(_, page)| *page == CONTENTS) else { return Vec::new() };
    let listed: Vec<&str> = contents.lines().flat_map(|(_, line)| targets(line)).collect();
    let is_missing = |page: &str| page != CONTENTS && !listed.contains(&page);
    let missing = pages().filter(|(_, page)| is_missing(page));
    missing.map(|(file, _)| Fault::of_file(&file.path, format!("docs/{CONTENTS} does not name it"))).collect()
}

const CONTENTS: &str = "SUMMARY.md";

/// The targets of `[text](target)` and `![text](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, mark)| {
        let rest = &line[at + mark.len()..];
        rest.split([')', ' ']).next().filter(|target| !target.is_empty())
    })
}

fn resolves(tree: &Tree, from: &str, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    normal(&folder.join(path)).is_some_and(|path| tree.contains(&path))
}

/// The path without `.` and `..`; nothing when it leaves the repository.
fn normal(path: &Path) -> Option<String> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::ParentDir if out.pop() => {}
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(out.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_link_to_nothing() {
        let text = "[a](b.md) [c](../README.md#top) [d](gone.md) ![e](../../out.md)\n";
        let tree = Tree::of(&[("docs/a.md", text), ("docs/b.md", "b"), ("README.md", "r")]);
        let faults = check(&tree).unwrap();
        assert_eq!(faults.len(), 2);
        assert!(faults[0].text.contains("gone.md") && faults[1].text.contains("out.md"), "{faults:?}");
    }

    #[test]
    fn misses_a_page_without_a_place_in_the_book() {
        let files = [
            ("docs/SUMMARY.md", "[a](a.md) [b](tasks/b.md)"),
            ("docs/a.md", ""),
            ("docs/tasks/b.md", ""),
            ("docs/c.md", ""),
        ];
        let faults = unlisted(&Tree::of(&files));
        assert_eq!(faults.iter().map(|fault| fault.text.contains("SUMMARY.md")).collect::<Vec<_>>(), [true]);
    }

    #[test]
    fn ignores_addresses_anchors_and_code() {
        let text = "[a](https://example.org) [b](#here)\n```\n[c](gone.md)\n```\n";
        assert_eq!(check(&Tree::of(&[("a.md", text)])).unwrap(), []);
    }
}
