//! Relays, their adequacy, and the smallest compositions of generating units that keep it.
#![deny(missing_docs)]

pub mod assembly;
pub mod audit;
pub mod case;
pub mod certificate;
pub mod composition;
pub mod curve;
mod dispatch;
pub mod draft;
pub mod error;
pub mod formula;
pub mod physics;
pub mod setup;
pub mod verdict;
pub mod vocabulary;
