//! The binary form of a table, in which the catalogue keeps columns and hands them to the analysis services.
//!
//! A table is a head (`QTBL`, version, number of columns and rows), then for each column its head (name, kind,
//! dictionary) and its blocks. Heads and blocks carry their length and a CRC-32; all numbers are little-endian. A
//! block is also what one row of the catalogue's database holds, so that a table is sent without being decoded.

mod block;
mod wire;

#[cfg(test)]
mod tests;

pub use block::{decode_codes, decode_numbers, encode_codes, encode_numbers};
pub use wire::{block_frame, column_head, decode_dictionary, table_head};

/// The code of a missing text; a missing number is NaN.
pub const MISSING: u32 = u32::MAX;

/// The media type of the binary form.
pub const MEDIA_TYPE: &str = "application/octet-stream";

/// How many values a block holds when the table's maker has no reason for another size.
pub const BLOCK: usize = 16 * 1024;

/// A table: columns of the same length.
///
/// ```
/// use contracts::table::{Column, Table, Values};
///
/// let x = Column { name: "x".into(), values: Values::Numbers(vec![1.0, f64::NAN]) };
/// let table = Table::new(vec![x]).unwrap();
/// let read = Table::decode(&table.encode()).unwrap();
/// assert_eq!(read.numbers("x").unwrap()[0], 1.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    rows: usize,
    columns: Vec<Column>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, different from all others.
    pub name: String,
    /// Its values.
    pub values: Values,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; a missing one is NaN, all others are finite.
    Numbers(Vec<f64>),
    /// Texts, as places in a dictionary; a missing one is [`MISSING`].
    Texts {
        /// The different texts in the order of their first row.
        dictionary: Vec<String>,
        /// One place per row.
        codes: Vec<u32>,
    },
}

/// What is wrong with a table or its binary form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A column is longer or shorter than the first.
    #[error("column {name:?} has {found} rows, the table has {expected}")]
    Length {
        /// The column.
        name: String,
        /// Its length.
        found: usize,
        /// The first column's length.
        expected: usize,
    },
    /// The bytes end too early.
    #[error("the table ends in the middle of {0}")]
    Truncated(&'static str),
    /// The bytes aren't a table, or of a version this program doesn't know.
    #[error("not a table of a known version: {0}")]
    Unknown(&'static str),
    /// The bytes were changed on their way.
    #[error("the checksum of {0} does not fit")]
    Damaged(&'static str),
}

impl Table {
    /// Puts columns of the same length together.
    pub fn new(columns: Vec<Column>) -> Result<Self, TableError> {
        let rows = columns.first().map_or(0, |c| c.values.len());
        match columns.iter().find(|c| c.values.len() != rows) {
            Some(c) => {
                Err(TableError::Length { name: c.name.clone(), found: c.values.len(), expected: rows })
            }
            None => Ok(Self { rows, columns }),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns, to be taken apart.
    pub fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The numbers of the column of this name; nothing if there is none or it holds text.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        match &self.column(name)?.values {
            Values::Numbers(numbers) => Some(numbers),
            Values::Texts { .. } => None,
        }
    }

    /// The binary form.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads the binary form; bytes from anywhere are safe.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        wire::decode(bytes)
    }
}

impl Values {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts { codes, .. } => codes.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
