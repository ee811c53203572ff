//! What makes a case unusable: misuse and impossibility. Poor data are findings.

use thiserror::Error as ThisError;

/// Why a case cannot be used.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The format is newer than this program.
    #[error("case.toml: quorate_case = {found}; this program reads version {known}")]
    Version {
        /// The version found.
        found: u32,
        /// The version known.
        known: u32,
    },
    /// Two things share an id.
    #[error("{file}: {kind} {id:?} occurs twice; ids must be unique")]
    Duplicate {
        /// The file.
        file: &'static str,
        /// What it is.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// An id leads nowhere.
    #[error("{file}: {owner}: there is no {kind} {id:?}{hint}")]
    Unknown {
        /// The file.
        file: &'static str,
        /// Whose reference it is.
        owner: String,
        /// What is missing.
        kind: &'static str,
        /// The id.
        id: String,
        /// The nearest known id, if any.
        hint: String,
    },
    /// A draft is wanted around a bus that is not there.
    #[error("the network has no bus {bus:?} to draft a case around")]
    NoBus {
        /// The bus.
        bus: String,
    },
    /// A value is out of its range.
    #[error("{file}: {owner}: {what}")]
    Value {
        /// The file.
        file: &'static str,
        /// Whose value it is.
        owner: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A formula cannot be read.
    #[error("relays.toml: {owner}: {source}")]
    Formula {
        /// Whose formula it is.
        owner: String,
        /// What is wrong.
        source: crate::formula::FormulaError,
    },
    /// The network's currents cannot be computed.
    #[error("the network: {0}")]
    Network(String),
}

impl Error {
    /// The file and the part of it an error is about.
    pub fn place(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Duplicate { file, id, .. } => Some((file, id)),
            Self::Unknown { file, owner, .. } | Self::Value { file, owner, .. } => Some((file, owner)),
            Self::Formula { owner, .. } => Some(("relays.toml", owner)),
            Self::Version { .. } | Self::NoBus { .. } | Self::Network(_) => None,
        }
    }
}
