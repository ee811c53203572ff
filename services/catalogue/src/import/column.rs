//! A column while its file is read: numbers as long as every value is one, else texts with a dictionary.

use std::collections::HashMap;
use std::sync::Arc;

use contracts::table::MISSING;

use super::cell::{self, Cell, Decimal};

/// The values of a column, in blocks of equal length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Blocks {
    /// Numbers; NaN is a missing one.
    Numbers(Vec<Vec<f64>>),
    /// Places in a dictionary.
    Texts { dictionary: Vec<String>, codes: Vec<Vec<u32>> },
}

/// A column while its file is read.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    decimal: Decimal,
    block_rows: usize,
    rows: u64,
    values: Values,
    pub(super) missing: Seen,
    pub(super) not_finite: Seen,
    pub(super) text: Seen,
    pub(super) inexact: Seen,
    /// Numbers with a decimal comma, and those of them in which it may separate thousands.
    pub(super) commas: u64,
    pub(super) thousands: Seen,
}

/// How often something was seen, and where first.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) line: u64,
    pub(super) value: String,
}

#[derive(Debug)]
enum Values {
    Numbers(Blocked<f64>),
    Texts { dictionary: Vec<Arc<str>>, places: HashMap<Arc<str>, u32>, codes: Blocked<u32> },
}

/// A growing list in blocks, so that growing never copies what is there.
#[derive(Debug)]
struct Blocked<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
    block: usize,
}

/// From here on not every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What an entry of the dictionary costs besides its bytes.
const ENTRY_BYTES: u64 = 64;

impl Seen {
    pub(super) fn note(&mut self, line: u64, bytes: &[u8]) {
        if self.count == 0 {
            self.line = line;
            self.value = cell::decoded(bytes).0.chars().take(40).collect();
        }
        self.count += 1;
    }
}

impl ColumnBuilder {
    pub(super) fn new(decimal: Decimal, block_rows: usize) -> Self {
        Self {
            decimal,
            block_rows,
            rows: 0,
            values: Values::Numbers(Blocked::new(block_rows)),
            missing: Seen::default(),
            not_finite: Seen::default(),
            text: Seen::default(),
            inexact: Seen::default(),
            commas: 0,
            thousands: Seen::default(),
        }
    }

    /// Appends a cell; says how many bytes of new text it brought.
    pub(super) fn push(&mut self, bytes: &[u8], line: u64) -> u64 {
        self.rows += 1;
        let read = cell::read(bytes, self.decimal);
        match &read {
            Cell::Missing => self.missing.note(line, bytes),
            Cell::NotFinite => self.not_finite.note(line, bytes),
            Cell::Text => self.text.note(line, bytes),
            Cell::Number(number)
                if number.abs() >= EXACT && bytes.iter().all(|b| b.is_ascii_digit() || *b == b'-') =>
            {
                self.inexact.note(line, bytes);
            }
            Cell::Number(_) if self.decimal == Decimal::Comma && bytes.contains(&b',') => {
                self.commas += 1;
                if cell::may_be_thousands(bytes, Decimal::Comma) {
                    self.thousands.note(line, bytes);
                }
            }
            Cell::Number(_) => {}
        }
        let added = if read == Cell::Text { self.become_text() } else { 0 };
        added + self.values.push(&read, bytes)
    }

    /// Numbers so far are written as texts: a column has one kind.
    fn become_text(&mut self) -> u64 {
        let Values::Numbers(numbers) = &self.values else { return 0 };
        let mut texts = Values::Texts {
            dictionary: Vec::new(),
            places: HashMap::new(),
            codes: Blocked::new(self.block_rows),
        };
        let mut added = 0;
        for &number in numbers.iter() {
            let read = if number.is_nan() { Cell::Missing } else { Cell::Number(number) };
            added += texts.push(&read, written(number).as_bytes());
        }
        self.values = texts;
        added
    }

    /// How many rows hold a number although the column is text.
    pub(super) fn numbers_among_texts(&self) -> u64 {
        match &self.values {
            Values::Numbers(_) => 0,
            Values::Texts { .. } => self.rows - self.missing.count - self.text.count - self.not_finite.count,
        }
    }

    pub(super) fn finish(self) -> Blocks {
        match self.values {
            Values::Numbers(numbers) => Blocks::Numbers(numbers.finish()),
            Values::Texts { dictionary, places, codes } => {
                drop(places);
                Blocks::Texts {
                    dictionary: dictionary.iter().map(ToString::to_string).collect(),
                    codes: codes.finish(),
                }
            }
        }
    }
}

impl Values {
    fn push(&mut self, read: &Cell, bytes: &[u8]) -> u64 {
        match self {
            Self::Numbers(numbers) => {
                numbers.push(if let Cell::Number(number) = read { *number } else { f64::NAN });
                0
            }
            Self::Texts { dictionary, places, codes } => {
                if *read == Cell::Missing {
                    codes.push(MISSING);
                    return 0;
                }
                let (text, _) = cell::decoded(bytes);
                if let Some(&place) = places.get(&*text) {
                    codes.push(place);
                    return 0;
                }
                let place = dictionary.len() as u32;
                let text: Arc<str> = text.into();
                dictionary.push(Arc::clone(&text));
                places.insert(Arc::clone(&text), place);
                codes.push(place);
                text.len() as u64 + ENTRY_BYTES
            }
        }
    }
}

/// A number as a person writes it; reading it again gives the same number.
pub(crate) fn written(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { format!("{number:?}") }
}

impl<T> Blocked<T> {
    fn new(block: usize) -> Self {
        Self { full: Vec::new(), last: Vec::new(), block }
    }

    fn push(&mut self, value: T) {
        if self.last.len() == self.block {
            self.full.push(std::mem::replace(&mut self.last, Vec::with_capacity(self.block)));
        }
        self.last.push(value);
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flatten().chain(&self.last)
    }

    fn finish(mut self) -> Vec<Vec<T>> {
        if !self.last.is_empty() {
            self.full.push(self.last);
        }
        self.full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> (ColumnBuilder, u64) {
        let mut column = ColumnBuilder::new(Decimal::Point, 2);
        let added = cells.iter().zip(2..).map(|(cell, line)| column.push(cell.as_bytes(), line)).sum();
        (column, added)
    }

    #[test]
    fn keeps_numbers_in_blocks() {
        let (column, added) = column(&["1", "2.5", "-3"]);
        assert_eq!(column.finish(), Blocks::Numbers(vec![vec![1.0, 2.5], vec![-3.0]]));
        assert_eq!(added, 0);
    }

    #[test]
    fn becomes_text_at_the_first_text() {
        let (column, added) = column(&["1", "", "x", "1", "x"]);
        assert_eq!((column.text.count, column.text.line, column.numbers_among_texts()), (2, 4, 2));
        let dictionary = vec!["1".to_owned(), "x".to_owned()];
        let codes = vec![vec![0, MISSING], vec![1, 0], vec![1]];
        assert_eq!(column.finish(), Blocks::Texts { dictionary, codes });
        assert_eq!(added, 2 * (1 + ENTRY_BYTES));
    }

    #[test]
    fn counts_the_commas_that_may_separate_thousands() {
        let mut column = ColumnBuilder::new(Decimal::Comma, 2);
        for (cell, line) in ["1,234", "2,5", "7", "12,340"].into_iter().zip(2..) {
            column.push(cell.as_bytes(), line);
        }
        assert_eq!((column.commas, column.thousands.count, column.thousands.line), (3, 2, 2));
    }

    #[test]
    fn notes_infinite_and_inexact_numbers() {
        let (column, _) = column(&["inf", "9007199254740993", "9007199254740993.5", "1e300"]);
        assert_eq!((column.not_finite.count, column.not_finite.line), (1, 2));
        assert_eq!((column.inexact.count, column.inexact.line), (1, 3));
    }

    #[test]
    fn writes_numbers_that_read_the_same() {
        for number in [0.0, -0.0, 3.0, 0.1, 1e300, -2.5e-9, 123_456_789.0] {
            assert_eq!(written(number).parse::<f64>().unwrap().to_bits(), f64::to_bits(number), "{number}");
        }
    }
}
