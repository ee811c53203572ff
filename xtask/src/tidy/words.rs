//! One word for one thing, in what people read: documents and message catalogues use the glossary's words.

use anyhow::Result;

use super::Fault;
use super::tree::{File, Tree};

/// A word that is not ours, and ours.
const SYNONYMS: &[(&str, &str)] = &[
    ("dataset", "data set"),
    ("datasets", "data sets"),
    ("equation", "formula"),
    ("equations", "formulas"),
    ("formulae", "formulas"),
    ("microservice", "service"),
    ("microservices", "services"),
    ("regressor", "input"),
    ("regressors", "inputs"),
];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    // A SOURCE keeps the words and titles of its source.
    let read_by_people =
        |file: &&File| (file.has_extension("md") || file.has_extension("ftl")) && file.name() != "SOURCE.md";
    let mut faults = Vec::new();
    for file in tree.files().iter().filter(read_by_people) {
        let mut is_code = false;
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("```") {
                is_code = !is_code;
            }
            if is_code || line.starts_with('#') && file.has_extension("ftl") {
                continue;
            }
            // Names of messages and of their arguments are identifiers, not words.
            let said = if file.has_extension("ftl") {
                line.split_once('=').map_or(line, |(_, text)| text)
            } else {
                line
            };
            if let Some((theirs, ours)) = synonym(said) {
                faults.push(Fault::at_line(&file.path, number, format!("says {theirs}; our word is {ours}")));
            }
        }
    }
    Ok(faults)
}

/// The first foreign word in the prose of a line: not in code spans, addresses or identifiers.
fn synonym(line: &str) -> Option<(&'static str, &'static str)> {
    let prose: Vec<&str> = line.split('`').step_by(2).collect();
    prose.iter().flat_map(|part| part.split_whitespace()).find_map(|word| {
        let word = word.trim_matches(|letter: char| letter.is_ascii_punctuation()).to_lowercase();
        SYNONYMS.iter().find(|(theirs, _)| *theirs == word).copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_second_word_for_one_thing() {
        let tree = Tree::of(&[
            ("README.md", "Upload a Dataset.\n"),
            ("a.en.ftl", "saved = The equation was saved.\n"),
        ]);
        let faults = check(&tree).unwrap();
        assert_eq!(faults[0], Fault::at_line("README.md", 1, "says dataset; our word is data set"));
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn leaves_code_and_addresses_alone() {
        let text = "`dataset` /api/v1/datasets <http://localhost/datasets>\n```\ndataset\n```\n";
        assert_eq!(check(&Tree::of(&[("README.md", text), ("b.ftl", "dataset = Data set\n")])).unwrap(), []);
    }
}
