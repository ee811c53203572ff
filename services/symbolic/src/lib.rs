//! Formula searches and formulas.
