//! End-to-end tests against the real binary: what they stand on.
//!
//! A story starts a [`server::Server`] in one of three set-ups, each with a folder, a database and a broker's name
//! of its own, does what a user does through [`client::Client`], and waits for what must happen with [`wait::until`].

pub mod actions;
pub mod binary;
pub mod client;
pub mod live;
pub mod process;
pub mod python;
pub mod random;
pub mod server;
pub mod set_up;
pub mod wait;
