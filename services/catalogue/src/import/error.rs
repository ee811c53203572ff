//! Why an upload can't become a data set: impossibility and limits. Poor data are findings instead.

/// Why an upload can't become a data set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is not text but {0}; save the table as CSV in UTF-8 and upload that")]
    NotText(&'static str),
    #[error("the file has a header and no row of data")]
    HeaderOnly,
    #[error(
        "only one column was found with {delimiter} between the cells; a data set needs at least two: \
         if another character separates them, name it with `delimiter`"
    )]
    OneColumn { delimiter: &'static str },
    #[error("the quotation mark in row {row} is never closed")]
    UnclosedQuote { row: u64 },
    #[error("{left_out} of {rows} rows have more cells than the header's {columns}; the first is row {row}")]
    Ragged { row: u64, left_out: u64, rows: u64, columns: usize },
    #[error("there is no column {name:?}; the columns are {columns}")]
    UnknownTarget { name: String, columns: String },
    #[error("{value:?} is not a {option}; expected {expected}")]
    UnknownOption { option: &'static str, value: String, expected: &'static str },
    #[error("the file goes beyond the limit {limit} = {allowed}{}", at(*row))]
    TooLarge { limit: &'static str, allowed: u64, row: Option<u64> },
}

fn at(row: Option<u64>) -> String {
    row.map(|row| format!(" in row {row}")).unwrap_or_default()
}
