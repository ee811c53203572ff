//! What relays see in a composition: port matrices, exact values by rank-1 steps, certified bounds over regions.
//!
//! The network is known by its port matrices only: transfer impedances between fault points, the places relays
//! measure at, classes of units and outages. Everything a relay sees is a quotient of functions that are linear in
//! the number of units of each class, and that is what makes bounds over whole regions of compositions certain.

pub mod bias;
pub mod check;
pub mod disk;
mod hull;
mod kernel;
mod ladder;
mod layout;
pub mod oracle;
mod phasors;
mod point;
pub mod ports;
mod probe;
pub mod seen;
mod situation;
mod split;
mod step;
mod sweep;
mod tile;
pub mod walk;
