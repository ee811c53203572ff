//! What is on the main branch is finished: no notes to do something later.

use anyhow::Result;

use super::{Fault, tree::Tree};

/// Written in two halves, so that this file does not accuse itself.
const MARKS: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in
        tree.files().iter().filter(|file| file.name() != "package-lock.json" && file.name() != "Cargo.lock")
    {
        for (number, line) in file.lines() {
            let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            if let Some(mark) = words.into_iter().find(|word| MARKS.contains(word)) {
                faults.push(Fault::at_line(
                    &file.path,
                    number,
                    format!("says {mark}: do it, or write an issue"),
                ));
            }
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_note_for_later() {
        let text = format!("//! A.\n// {}: later\n", MARKS[0]);
        let faults = check(&Tree::of(&[("a.rs", &text)])).unwrap();
        assert_eq!((faults.len(), faults[0].line), (1, 2));
    }

    #[test]
    fn accepts_a_word_that_contains_a_mark() {
        let text = format!("s{}s and {}N", MARKS[3].to_lowercase(), MARKS[2]);
        assert_eq!(check(&Tree::of(&[("a.md", &text)])).unwrap(), []);
    }
}
