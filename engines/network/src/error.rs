//! Why a network cannot be read or used: misuse and impossibility. Poor data are findings, not errors.

use thiserror::Error as ThisError;

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The text is no network in the native format.
    #[error("line {line}, column {column}{}{}: {reason}", place(path), owner(element.as_deref()))]
    Unreadable {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// The path to the value, such as `lines[3].r1_ohm`; empty when there is none.
        path: String,
        /// The id of the element the value belongs to, where it has one.
        element: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is of a version this program does not know.
    #[error("format version {found} is not supported, the newest known is {known}: use a newer program")]
    Version {
        /// The version of the file.
        found: u32,
        /// The newest version this program reads.
        known: u32,
    },
    /// Two elements share an id.
    #[error("{kind} {id:?}: the id is taken by one of {other}, give each element its own")]
    DuplicateId {
        /// The collection of the second.
        kind: &'static str,
        /// The id.
        id: String,
        /// The collection of the first.
        other: &'static str,
    },
    /// An element names one that does not exist.
    #[error("{kind} {id:?}: {field} names {missing:?}, which is not in {wanted}")]
    UnknownReference {
        /// The collection of the element.
        kind: &'static str,
        /// The element's id.
        id: String,
        /// The field that names the other.
        field: &'static str,
        /// The name that leads nowhere.
        missing: String,
        /// Where it should be.
        wanted: &'static str,
    },
    /// A change of a state does not fit the element it names.
    #[error("state {state:?}: {id:?} {reason}")]
    BadChange {
        /// The state.
        state: String,
        /// The element's id.
        id: String,
        /// Why the change is impossible.
        reason: &'static str,
    },
    /// A vector group that is none.
    #[error("{text:?} is no vector group: write it like YNd11, Dyn5 or YNa0d11")]
    VectorGroup {
        /// The text.
        text: String,
    },
}

fn place(path: &str) -> String {
    if path.is_empty() || path == "." { String::new() } else { format!(", at {path}") }
}

fn owner(element: Option<&str>) -> String {
    element.map(|id| format!(" of {id:?}")).unwrap_or_default()
}
