//! Services are built alike: a README, and the same file name for the same notion.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Fault, tree::Tree};

/// The house's name for a notion, and the names it goes by elsewhere.
const NOTIONS: &[(&str, &[&str])] = &[
    ("api", &["handlers", "routes", "controllers", "endpoints", "http", "rest"]),
    ("store", &["db", "database", "repo", "repository", "sql", "queries", "storage"]),
    ("jobs", &["job", "worker", "workers", "tasks", "background"]),
    ("events", &["event", "messages", "messaging", "subscriptions"]),
    ("error", &["errors", "problem", "problems"]),
];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut services = BTreeSet::new();
    for file in tree.with_extension("rs") {
        let Some(inner) = file.path.strip_prefix("services/") else { continue };
        let Some((service, name)) = inner.split_once("/src/") else { continue };
        services.insert(service);
        let stem = name.trim_end_matches(".rs");
        if let Some((ours, _)) = NOTIONS.iter().find(|(_, others)| others.contains(&stem)) {
            faults.push(Fault::of_file(&file.path, format!("every service calls this {ours}.rs")));
        }
    }
    for service in services {
        let readme = format!("services/{service}/README.md");
        if tree.file(&readme).is_none() {
            faults.push(Fault::of_file(
                &readme,
                "is missing: purpose, owns, offers, listens, jobs, invariants",
            ));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_second_name_for_a_notion_and_a_missing_readme() {
        let tree = Tree::of(&[("services/a/src/handlers.rs", "//! H."), ("services/a/src/lib.rs", "//! A.")]);
        assert_eq!(check(&tree).unwrap().len(), 2);
    }
}
