//! Symbolic regression.
