//! Sparse complex symmetric matrices: the nodal admittances of one sequence, factored once and asked often.
//!
//! Nothing here ever forms a full inverse: the diagonal comes by selected inversion, other entries column by column
//! along the elimination tree, only where they are asked for.

pub(crate) mod dense;
pub(crate) mod factor;
mod inverse;
mod ldl;
mod order;

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

    /// The entries of the lower triangle by column, each once, rows ascending.
    pub(crate) fn columns(&self) -> Columns {
        let mut entries = self.entries.clone();
        entries.sort_by_key(|&(row, column, _)| (column, row));
        let mut starts = vec![0; self.order + 1];
        let mut rows: Vec<u32> = Vec::with_capacity(entries.len());
        let mut values: Vec<Complex64> = Vec::with_capacity(entries.len());
        let mut last = None;
        for (row, column, value) in entries {
            if last == Some((row, column)) {
                *values.last_mut().expect("an entry was pushed with this key") += value;
            } else {
                rows.push(row);
                values.push(value);
                starts[column as usize + 1] += 1;
                last = Some((row, column));
            }
        }
        for column in 0..self.order {
            starts[column + 1] += starts[column];
        }
        Columns { starts, rows, values }
    }
}

/// The lower triangle in compressed columns.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    starts: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<Complex64>,
}

impl Columns {
    pub(crate) fn order(&self) -> usize {
        self.starts.len() - 1
    }

    /// Rows and values of a column.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = (u32, Complex64)> + '_ {
        let range = self.starts[column]..self.starts[column + 1];
        self.rows[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }
}
