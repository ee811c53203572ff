//! Relays, their adequacy, and the smallest compositions of generating units that keep it.
#![deny(missing_docs)]

pub mod composition;
pub mod curve;
mod dispatch;
pub mod formula;
pub mod physics;
