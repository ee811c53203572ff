//! Linear fits of data sets.
