//! One cell: is it missing, a number or a text?

use std::borrow::Cow;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nothing, or a word that stands for nothing.
    Missing,
    /// A finite number.
    Number(f64),
    /// A number that isn't finite, or beyond the largest one.
    NotFinite,
    /// Anything else.
    Text,
}

/// The decimal mark of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decimal {
    Point,
    Comma,
}

/// The words that stand for a missing value, in lower case.
const MISSING: [&str; 8] = ["na", "n/a", "#n/a", "nan", "null", "-", "-nan", "none"];

/// Reads a cell; `bytes` has no blanks at its ends.
pub(super) fn read(bytes: &[u8], decimal: Decimal) -> Cell {
    if bytes.is_empty() || is_missing_word(bytes) {
        return Cell::Missing;
    }
    match number(bytes, decimal) {
        Some(number) if number.is_finite() => Cell::Number(number),
        Some(_) => Cell::NotFinite,
        None => Cell::Text,
    }
}

/// Whether the cell can't be anything but a number.
pub(super) fn is_number(bytes: &[u8], decimal: Decimal) -> bool {
    matches!(read(bytes, decimal), Cell::Number(_) | Cell::NotFinite)
}

impl Decimal {
    fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// Whether the number may be a whole one whose thousands the mark separates: 1.234, 12.345.678.
pub(super) fn may_be_thousands(bytes: &[u8], mark: Decimal) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    groups_of_thousands(text.trim_start_matches(['-', '+', '−']), mark.mark()) > 0
}

/// Whether the mark can only separate thousands: 1.234,5, 12.345.678.
pub(super) fn shows_thousands(bytes: &[u8], mark: Decimal) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (mark, other) = (mark.mark(), mark.other().mark());
    let text = text.trim_start_matches(['-', '+', '−']);
    match text.split_once(other) {
        Some((whole, part)) => {
            part.chars().all(|c| c.is_ascii_digit()) && groups_of_thousands(whole, mark) > 0
        }
        None => groups_of_thousands(text, mark) > 1,
    }
}

/// How many groups of three digits follow the first by this mark; none if it is not written so.
fn groups_of_thousands(text: &str, mark: char) -> usize {
    let mut groups = text.split(mark);
    let first = groups.next().unwrap_or_default();
    let are_digits = |group: &str| group.chars().all(|c| c.is_ascii_digit());
    if !(1..=3).contains(&first.len()) || first.starts_with('0') || !are_digits(first) {
        return 0;
    }
    let mut count = 0;
    for group in groups {
        if group.len() != 3 || !are_digits(group) {
            return 0;
        }
        count += 1;
    }
    count
}

fn is_missing_word(bytes: &[u8]) -> bool {
    bytes.len() <= 4 && MISSING.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()))
}

fn number(bytes: &[u8], decimal: Decimal) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (mark, other) = (decimal.mark(), decimal.other().mark());
    if text.contains(other) {
        return None;
    }
    let has_comma = mark == ',' && text.contains(mark);
    let text = if has_comma { Cow::Owned(text.replacen(',', ".", 1)) } else { Cow::Borrowed(text) };
    // The typographic minus of copied web tables.
    let text = if text.contains('−') { Cow::Owned(text.replace('−', "-")) } else { text };
    match text.parse::<f64>() {
        Ok(number) if number.is_nan() => None,
        Ok(number) => Some(number),
        Err(_) => None,
    }
}

/// Whether a text is a number to a person: digits, marks and what stands between thousands.
pub(super) fn looks_like_a_number(text: &str) -> bool {
    let number =
        text.strip_suffix('%').unwrap_or(text).trim_start_matches(['-', '+', '−', '$', '€', '£']).trim();
    number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}'))
}

/// A cell's bytes as text: UTF-8, or else Windows-1252, of which Latin-1 is a part. Says whether it was UTF-8.
pub(super) fn decoded(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), true),
        Err(_) => (Cow::Owned(bytes.iter().map(|&b| windows_1252(b)).collect()), false),
    }
}

/// WHATWG Encoding Standard, index windows-1252.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_they_are_written() {
        for (text, expected) in
            [("3", 3.0), ("-4.98", -4.98), ("+.5", 0.5), ("1.", 1.0), ("1e-3", 1e-3), ("−2", -2.0)]
        {
            assert_eq!(read(text.as_bytes(), Decimal::Point), Cell::Number(expected), "{text}");
        }
        assert_eq!(read(b"1,5", Decimal::Comma), Cell::Number(1.5));
        assert_eq!(read(b"15", Decimal::Comma), Cell::Number(15.0));
    }

    #[test]
    fn knows_no_thousands_separator() {
        for text in ["1,000", "1.000,5", "1 000"] {
            assert_eq!(read(text.as_bytes(), Decimal::Point), Cell::Text, "{text}");
        }
        for text in ["1.5", "1.000,5", "1,000,000"] {
            assert_eq!(read(text.as_bytes(), Decimal::Comma), Cell::Text, "{text}");
        }
    }

    #[test]
    fn tells_what_may_separate_thousands_from_what_must() {
        for text in ["1,234", "12,345,678", "-123,456"] {
            assert!(may_be_thousands(text.as_bytes(), Decimal::Comma), "{text}");
        }
        for text in ["0,123", "1,2345", "1,23", "1234,567", "12", ",123", "1,234.5"] {
            assert!(!may_be_thousands(text.as_bytes(), Decimal::Comma), "{text}");
        }
        for text in ["1,234.5", "15,425.00", "12,345,678"] {
            assert!(shows_thousands(text.as_bytes(), Decimal::Comma), "{text}");
            assert!(!shows_thousands(text.as_bytes(), Decimal::Point), "{text}");
        }
        for text in ["1,234", "1,5", "1.5", "1,23.4", "x"] {
            assert!(!shows_thousands(text.as_bytes(), Decimal::Comma), "{text}");
        }
    }

    #[test]
    fn knows_what_a_person_reads_as_a_number() {
        for text in ["1.000,5", "1 000", "1'000", "$ 5", "12 %", "-3,5"] {
            assert!(looks_like_a_number(text), "{text}");
        }
        for text in ["2020-01-01", "12:30", "1e5x", "A1", ""] {
            assert!(!looks_like_a_number(text), "{text}");
        }
    }

    #[test]
    fn knows_the_words_for_nothing() {
        for text in ["", "NA", "n/a", "NaN", "null", "-", "None", "#N/A"] {
            assert_eq!(read(text.as_bytes(), Decimal::Point), Cell::Missing, "{text}");
        }
    }

    #[test]
    fn an_infinite_number_is_not_a_number() {
        for text in ["inf", "-Infinity", "1e999"] {
            assert_eq!(read(text.as_bytes(), Decimal::Point), Cell::NotFinite, "{text}");
        }
    }

    #[test]
    fn reads_text_that_is_not_utf_8_as_windows_1252() {
        assert_eq!(decoded(b"K\xe4fer \x80"), ("Käfer €".into(), false));
        assert_eq!(decoded("Käfer".as_bytes()), ("Käfer".into(), true));
    }
}
