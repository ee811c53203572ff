//! The names of columns: from the header, made where there is none, different from each other in any case.

use std::collections::HashSet;

use super::cell;
use super::dialect::Dialect;
use super::tokens::Row;

/// Longer names are cut.
const MAX_CHARS: usize = 200;

/// A column's name and what was noticed about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) trouble: Option<Trouble>,
}

/// What may be wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Missing,
    Duplicate,
    Long,
}

/// The names in a header. A header with one cell less than the rows below has no name for the rows' names, which
/// come first, unless all rows end with a delimiter.
pub(super) fn from_header(row: &Row, dialect: &Dialect) -> Vec<Name> {
    let clean = |text: &str| text.replace(char::is_control, " ").trim().to_owned();
    let mut found: Vec<String> = row.cells().map(|c| clean(&cell::decoded(c).0)).collect();
    if found.len() + 1 == dialect.width {
        let place = if dialect.last_is_empty { found.len() } else { 0 };
        found.insert(place, String::new());
    }
    distinct(found)
}

/// Names for a table without a header: `x` and `y`, or `x1`, `x2`, … and `y`.
pub(super) fn made(columns: usize) -> Vec<Name> {
    let name = |place: usize| match place + 1 {
        last if last == columns => "y".to_owned(),
        1 if columns == 2 => "x".to_owned(),
        number => format!("x{number}"),
    };
    (0..columns).map(|place| Name { text: name(place), trouble: None }).collect()
}

fn distinct(found: Vec<String>) -> Vec<Name> {
    let all: HashSet<String> = found.iter().cloned().collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut names = Vec::with_capacity(found.len());
    for (place, text) in found.into_iter().enumerate() {
        let (text, mut trouble) = match text.char_indices().nth(MAX_CHARS) {
            _ if text.is_empty() => (format!("column_{}", place + 1), Some(Trouble::Missing)),
            Some((end, _)) => (text[..end].to_owned(), Some(Trouble::Long)),
            None => (text, None),
        };
        let mut candidate = text.clone();
        let mut number = 2;
        while taken.contains(&candidate) || (candidate != text && all.contains(&candidate)) {
            candidate = format!("{text}_{number}");
            number += 1;
            trouble = trouble.or(Some(Trouble::Duplicate));
        }
        taken.insert(candidate.clone());
        names.push(Name { text: candidate, trouble });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: &[&str]) -> Vec<String> {
        distinct(found.iter().map(|&t| t.to_owned()).collect()).into_iter().map(|n| n.text).collect()
    }

    #[test]
    fn renames_duplicates_without_making_new_ones() {
        assert_eq!(texts(&["a", "a", "a_2", "a"]), ["a", "a_3", "a_2", "a_4"]);
    }

    #[test]
    fn names_what_has_no_name() {
        assert_eq!(texts(&["", "x", ""]), ["column_1", "x", "column_3"]);
        let names = distinct(vec![String::new()]);
        assert_eq!(names[0].trouble, Some(Trouble::Missing));
    }

    #[test]
    fn cuts_a_long_name_between_characters() {
        assert_eq!(texts(&["µ".repeat(300).as_str()])[0].chars().count(), MAX_CHARS);
    }

    #[test]
    fn makes_names_for_a_table_without_a_header() {
        let texts = |n| made(n).into_iter().map(|n| n.text).collect::<Vec<_>>();
        assert_eq!(texts(2), ["x", "y"]);
        assert_eq!(texts(4), ["x1", "x2", "x3", "y"]);
    }
}
