//! What cannot be fitted at all: misuse and impossibility. Poor data are findings, not errors.

use thiserror::Error as ThisError;

/// Why no fit could be made.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The table has no rows.
    #[error("the table has no rows")]
    NoRows,
    /// The fit would have no coefficient: no input and no intercept.
    #[error("nothing to fit: choose at least one input or keep the intercept")]
    NoTerms,
    /// Names and columns don't pair up.
    #[error("the table has {names} names for {columns} columns")]
    NamesAndColumns {
        /// How many names were given.
        names: usize,
        /// How many columns were given.
        columns: usize,
    },
    /// A column's length differs from the target's.
    #[error("column {column:?} has {rows} rows, the target has {expected}")]
    LengthsDiffer {
        /// The column at fault.
        column: String,
        /// Its number of rows.
        rows: usize,
        /// The number of rows of the target.
        expected: usize,
    },
    /// Two columns share a name.
    #[error("two columns are named {name:?}")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A value is NaN or infinite.
    #[error("column {column:?}, row {row}: {value} is not a finite number")]
    NotFinite {
        /// The column at fault.
        column: String,
        /// The row, counted from 1.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// A value is so large that its square overflows.
    #[error("column {column:?}, row {row}: {value:e} is too large to fit, scale the column below 1e100")]
    TooLarge {
        /// The column at fault.
        column: String,
        /// The row, counted from 1.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// All values are so small that their squares vanish.
    #[error(
        "no value of column {column:?} exceeds {largest:e}: too small to fit, scale the column above 1e-100"
    )]
    TooSmall {
        /// The column at fault.
        column: String,
        /// Its largest magnitude.
        largest: f64,
    },
    /// An input was asked for that the table does not have.
    #[error("the table has no input {name:?}")]
    UnknownInput {
        /// The name asked for.
        name: String,
    },
    /// Fewer rows than coefficients.
    #[error("{rows} rows cannot determine {coefficients} coefficients: add rows or drop terms")]
    TooFewRows {
        /// The number of rows that count.
        rows: usize,
        /// The number of coefficients asked for.
        coefficients: usize,
    },
    /// A term is not defined for a value of its input, for example the logarithm of 0.
    #[error("{term} is not defined in row {row}")]
    Undefined {
        /// The term as written.
        term: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// Two models of which neither is part of the other.
    #[error("the smaller model has the term {term}, which the larger one lacks: they can't be compared")]
    NotNested {
        /// The term as written.
        term: String,
    },
    /// Weights or error bars that are no weights.
    #[error("row {row}: the weight or error bar {value} must be a finite number above 0")]
    BadWeight {
        /// The row, counted from 1.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// An option outside its range.
    #[error("option {option}: {value} is outside {range}")]
    BadOption {
        /// The option's name.
        option: &'static str,
        /// The value given.
        value: f64,
        /// The range allowed, in words.
        range: &'static str,
    },
}
