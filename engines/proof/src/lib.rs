//! Certificates: what proves that no smaller composition of units is adequate, and a checker that trusts nobody.
//!
//! A certificate holds *witnesses* (a check in a scheme, with the port matrices of its fault point), *clauses*
//! (regions of compositions in which a witness fails, so that its requirement is broken) and a *claim*. The checker
//! evaluates every witness at the corners of its region by determinants, with formulas of its own, and searches for a
//! composition that would contradict the claim. Instead of clauses a certificate may hold *rules* (witnesses without a
//! region): then each composition that contradicts the claim is looked at, and the witnesses of some rule must all fail
//! there. It shares no code with the search that wrote the certificate.
//!
//! ```
//! use proof::{Certificate, Claim, ClassRange, check};
//!
//! let class = ClassRange { id: "A".into(), is_neutral: false, low: 0, high: 2, values: vec![[0; 4], [1, 0, 0, 0], [2, 0, 0, 0]] };
//! let certificate = Certificate {
//!     quorate_proof: 4,
//!     schemes: vec!["base".into()],
//!     criteria: vec!["count".into()],
//!     classes: vec![class],
//!     is_robust: false,
//!     claim: Claim::NothingBelow([0; 4]),
//!     adequate: vec![],
//!     witnesses: vec![],
//!     clauses: vec![],
//!     rules: vec![],
//! };
//! assert!(check(&certificate).is_ok());
//! ```
#![deny(missing_docs)]

mod bound;
mod cover;
mod disk;
mod faults;
mod form;
mod single;
mod test;
mod walk;
mod witness;

use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use form::form;
pub use witness::{Curve, Law, Measure, Port, Reading, Row, Test, View, Witness};

/// The newest version of the format.
pub const FORMAT_VERSION: u32 = 4;

/// What proves a claim about compositions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Version of the format.
    pub quorate_proof: u32,
    /// The schemes it is about, all of them together.
    pub schemes: Vec<String>,
    /// What the figures of values are, most important first.
    pub criteria: Vec<String>,
    /// The classes of units.
    pub classes: Vec<ClassRange>,
    /// Whether the loss of any one unit must be survived.
    pub is_robust: bool,
    /// What is claimed.
    pub claim: Claim,
    /// Compositions said to be adequate: the one with the least value, or all that are minimal. Whoever knows the case
    /// can check that.
    pub adequate: Vec<Vec<u16>>,
    /// Checks with their port matrices.
    pub witnesses: Vec<Witness>,
    /// Regions in which they fail.
    pub clauses: Vec<Clause>,
    /// Witnesses by their places: where all of one rule fail, a composition is excluded.
    #[serde(default)]
    pub rules: Vec<Vec<usize>>,
}

/// A class of units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRange {
    /// The class, or the neutral.
    pub id: String,
    /// Whether it is a neutral, earthed (1) or isolated (0), that nobody loses.
    #[serde(default)]
    pub is_neutral: bool,
    /// The fewest units that may run.
    pub low: u16,
    /// The most.
    pub high: u16,
    /// The value of each count from 0 on, most important figure first.
    pub values: Vec<[i64; 4]>,
}

/// What a certificate claims of adequate compositions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// None has a smaller value than this.
    NothingBelow([i64; 4]),
    /// There is none.
    Infeasible,
    /// Each is one of these or has at least the units of one of these.
    AllAbove(Vec<Vec<u16>>),
}

/// A region in which all of some witnesses fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// The witnesses, by their places.
    pub witnesses: Vec<usize>,
    /// The fewest units of each class.
    pub low: Vec<u16>,
    /// The most.
    pub high: Vec<u16>,
}

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not well formed.
    #[error("the certificate is not well formed: {0}")]
    Form(String),
    /// A clause is not proven.
    #[error("clause {clause}: it is not shown that {label:?} fails everywhere from {low:?} to {high:?}")]
    Clause {
        /// The clause, counted from 1.
        clause: usize,
        /// The witness.
        label: String,
        /// The region's corner.
        low: Vec<u16>,
        /// The other one.
        high: Vec<u16>,
    },
    /// A composition contradicts the claim as far as the clauses say.
    #[error("composition {0:?} contradicts the claim: nothing excludes it")]
    Claim(Vec<u16>),
}

/// Checks a certificate: every clause, then the claim.
pub fn check(certificate: &Certificate) -> Result<(), Refusal> {
    form(certificate)?;
    for (at, clause) in certificate.clauses.iter().enumerate() {
        for &witness in &clause.witnesses {
            let witness = &certificate.witnesses[witness];
            if !bound::fails_throughout(witness, &clause.low, &clause.high) {
                let (low, high) = (clause.low.clone(), clause.high.clone());
                return Err(Refusal::Clause { clause: at + 1, label: witness.label.clone(), low, high });
            }
        }
    }
    cover::contradiction(certificate).map_or(Ok(()), |counts| Err(Refusal::Claim(counts)))
}

/// Whether a witness without classes certainly holds.
pub fn holds(witness: &Witness) -> bool {
    single::Single::new(witness).holds()
}
