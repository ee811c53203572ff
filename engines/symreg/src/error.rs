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
    /// The worker threads could not be started.
    #[error("cannot start {threads} worker threads")]
    Threads {
        /// Threads asked for.
        threads: usize,
    },
}
