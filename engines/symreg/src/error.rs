//! What the engine refuses, and where.

use thiserror::Error;

/// Misuse or impossibility. Poor data that can still be worked with becomes a [`crate::Finding`] instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The table has no rows.
    #[error("the table has no rows")]
    NoRows,
    /// The table has no input column.
    #[error("the table has no input column")]
    NoInputs,
    /// There are not as many names as columns.
    #[error("{names} names for {columns} columns")]
    NamesDiffer {
        /// Number of names given.
        names: usize,
        /// Number of columns given.
        columns: usize,
    },
    /// A column is not as long as the target.
    #[error("column '{column}' has {rows} rows, the target has {expected}")]
    LengthsDiffer {
        /// The column's name.
        column: String,
        /// Its rows.
        rows: usize,
        /// The rows of the target.
        expected: usize,
    },
    /// A value is NaN or infinite.
    #[error("column '{column}', row {row}: not a finite number")]
    NotFinite {
        /// The column's name.
        column: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// Two columns have the same name.
    #[error("two columns are named '{name}'")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// More input columns than the engine can name.
    #[error("{columns} input columns, at most {limit} are possible")]
    TooManyColumns {
        /// Number of columns given.
        columns: usize,
        /// The limit.
        limit: usize,
    },
    /// An option names a column the table does not have.
    #[error("option '{option}': '{column}' is no column that is asked about")]
    UnknownColumn {
        /// The option.
        option: String,
        /// The name that is not in the table.
        column: String,
    },
    /// A unit that cannot be read.
    #[error("unit '{text}': '{unit}' is not known; write SI units, such as kg*m^2/s^2, or 1")]
    UnknownUnit {
        /// The part that is not known.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// A column is both asked for and forbidden.
    #[error("column '{column}' is in 'must_use' and in 'must_not_use'; take it out of one")]
    Contradiction {
        /// The column.
        column: String,
    },
    /// A weight is negative or not finite, or all are zero.
    #[error("weight of row {row}: a weight must be a finite number from 0 on, and one at least above 0")]
    Weight {
        /// The row, counted from 1.
        row: usize,
    },
    /// A formula has the column in it that it is to explain.
    #[error("'{column}' is what is to be explained; take it out of the formula")]
    TargetInFormula {
        /// The column.
        column: String,
    },
    /// A start for a parameter that the formula does not have.
    #[error("the formula has no parameter '{name}' to give a start to")]
    UnknownParameter {
        /// The name.
        name: String,
    },
    /// A template leaves more open than can be found.
    #[error("the template has {open} parameters and holes, at most {limit} are possible; take some out")]
    TooOpen {
        /// Parameters and holes.
        open: usize,
        /// The limit.
        limit: usize,
    },
    /// There are not more rows than parameters.
    #[error("{} cannot determine {} and their errors; give more rows", counted(*.rows, "row"), counted(*.parameters, "parameter"))]
    TooFewRows {
        /// The rows.
        rows: usize,
        /// The parameters.
        parameters: usize,
    },
    /// The formula has no finite value on every row, whatever start was tried.
    #[error("the formula is not finite on every row at its start; give other starts")]
    NoFiniteStart,
    /// A formula text cannot be read.
    #[error("formula, character {position}: {reason}")]
    Syntax {
        /// The position of the offence, in characters counted from 1.
        position: usize,
        /// What is wrong.
        reason: String,
    },
    /// A checkpoint belongs to another table, other options or another version of the engine.
    #[error("the checkpoint belongs to another table or other options")]
    ForeignCheckpoint,
    /// There is but one class, or there are too many.
    #[error("{classes} classes; laws with numbers of their own need 2 to {limit}")]
    Classes {
        /// The classes given.
        classes: usize,
        /// The limit.
        limit: usize,
    },
    /// A class has no row.
    #[error("class '{class}' has no row")]
    EmptyClass {
        /// Its name.
        class: String,
    },
    /// A row belongs to no class.
    #[error("row {row} belongs to no class")]
    UnknownClass {
        /// The row, counted from 1.
        row: usize,
    },
    /// The worker threads could not be started.
    #[error("cannot start {threads} worker threads")]
    Threads {
        /// Threads asked for.
        threads: usize,
    },
}

/// A number of things.
fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_is_no_rows() {
        let told = Error::TooFewRows { rows: 1, parameters: 2 }.to_string();
        assert!(told.starts_with("1 row cannot determine 2 parameters"), "{told}");
    }
}
