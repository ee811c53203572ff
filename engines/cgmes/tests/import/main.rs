//! Imports of whole files: real ones with their counts and values, broken and hostile ones, and their mutants.
#![expect(clippy::unwrap_used, reason = "a test fails where its files are not as expected")]

mod cgmes3;
mod files;
mod hostile;
mod minigrid;
mod mutants;
mod real;
mod words;
mod written;
