//! Linear regression.
