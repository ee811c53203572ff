//! The search for the smallest compositions of generating units, over an abstract oracle.
//!
//! A composition says how many units of each class run. The oracle knows in which compositions the protection is
//! adequate; nothing is assumed about the shape of that family, least of all that more units help. The search asks
//! for broken requirements, lets the oracle prove on how large a region they stay broken, and looks for the cheapest
//! composition outside all such regions (an implicit hitting set with lazily learned clauses). The answer is proven:
//! everything cheaper lies in a region that was learned.

pub mod conflict;
pub mod exhaustive;
mod lattice;
mod learning;
pub mod master;
pub mod minimal;
pub mod objective;
pub mod oracle;
pub mod search;
mod sieve;
pub mod space;
