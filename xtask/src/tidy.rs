//! `cargo xtask tidy`: the rules of the house that a machine can check, one file per rule.
//!
//! A rule looks at the tracked files (and at cargo's own view of the packages) and returns its faults.

#![expect(clippy::unnecessary_wraps, reason = "rules have one signature, whether or not they can fail")]

mod cases;
mod dependencies;
mod depth;
mod empty;
mod heads;
mod layers;
mod licences;
mod links;
mod machine;
mod manifests;
mod migrations;
mod names;
mod pending;
mod samples;
mod services;
mod sizes;
mod tree;
mod words;

use anyhow::{Result, bail};

use tree::Tree;

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The file, from the root of the workspace.
    path: String,
    /// The line, counted from 1; 0 means the whole file.
    line: usize,
    text: String,
}

impl Fault {
    fn of_file(path: &str, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, text: text.into() }
    }

    fn at_line(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{line}: {}", self.path, self.text),
        }
    }
}

/// A rule: its name and its check.
type Rule = (&'static str, fn(&Tree) -> Result<Vec<Fault>>);

const RULES: &[Rule] = &[
    ("cases have a SOURCE.md", cases::check),
    ("dependencies have a reason", dependencies::check),
    ("folders are at most two deep", depth::check),
    ("no file is empty", empty::check),
    ("files open with a head comment", heads::check),
    ("packages use only what stands below them", layers::check),
    ("licences are permissive", licences::check),
    ("links lead somewhere", links::check),
    ("nothing of one machine", machine::check),
    ("packages are alike", manifests::check),
    ("released migrations never change", migrations::check),
    ("names say what a thing is", names::check),
    ("no unfinished work", pending::check),
    ("samples are complete", samples::check),
    ("services are built alike", services::check),
    ("files stay small", sizes::check),
    ("one word for one thing", words::check),
];

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {}
        ["freeze-migrations"] => return migrations::freeze(&Tree::read()?),
        _ => bail!("usage: cargo xtask tidy [freeze-migrations]"),
    }
    let faults = faults(&Tree::read()?)?;
    for (rule, fault) in &faults {
        eprintln!("{fault}  [{rule}]");
    }
    match faults.len() {
        0 => println!("tidy: {} rules, no faults", RULES.len()),
        count => bail!("tidy found {count} fault(s)"),
    }
    Ok(())
}

fn faults(tree: &Tree) -> Result<Vec<(&'static str, Fault)>> {
    let mut all = Vec::new();
    for (name, check) in RULES {
        all.extend(check(tree)?.into_iter().map(|fault| (*name, fault)));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let faults = faults(&Tree::read().unwrap()).unwrap();
        let text: Vec<String> = faults.iter().map(|(rule, fault)| format!("{fault}  [{rule}]")).collect();
        assert!(text.is_empty(), "\n{}", text.join("\n"));
    }

    #[test]
    fn the_workspace_has_files_to_look_at() {
        let tree = Tree::read().unwrap();
        assert!(tree.files().len() > 100);
        assert!(tree.packages().unwrap().len() > 10);
    }
}
