//! The published language of Quorate: what services say to each other and to the world.

pub mod analysis;
pub mod catalogue;
pub mod event;
pub mod finding;
pub mod formula;
pub mod jobs;
pub mod math_func;
pub mod overview;
pub mod regression;
pub mod symbolic;
pub mod table;
pub mod words;
