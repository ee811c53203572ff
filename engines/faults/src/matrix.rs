//! Sparse complex symmetric matrices: the nodal admittances of one sequence, factored once and asked often.
//!
//! Nothing here ever forms a full inverse: the diagonal comes by selected inversion, other entries column by column
//! along the elimination tree, only where they are asked for.

pub(crate) mod dense;
pub(crate) mod factor;
mod inverse;
mod ldl;
pub(crate) mod order;
pub(crate) mod side_by_side;

use num_complex::Complex64;

/// A symmetric matrix under construction: the sum of its entries, the lower triangle kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Symmetric {
    pub(crate) order: usize,
    entries: Vec<(u32, u32, Complex64)>,
}

impl Symmetric {
    pub(crate) fn new(order: usize) -> Self {
        Self { order, entries: Vec::new() }
    }

    /// Adds to the entry (row, column) and, off the diagonal, to its mirror.
    pub(crate) fn add(&mut self, row: u32, column: u32, value: Complex64) {
        self.entries.push((row.max(column), row.min(column), value));
    }
}
