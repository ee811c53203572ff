//! The factorization L D Lᵀ of a complex symmetric matrix, left-looking, on a given structure.

use std::sync::Arc;

use num_complex::Complex64;

use super::{Symmetric, order::Structure};

const NONE: u32 = u32::MAX;

/// A pivot smaller than this part of what was summed up to it has lost too many digits to be divided by.
const SMALLEST_PIVOT: f64 = 1e-9;

/// The numbers of the factor: the unit lower triangle on the structure, and the inverse pivots.
#[derive(Debug, Clone)]
pub(super) struct Ldl {
    pub(super) structure: Arc<Structure>,
    pub(super) values: Vec<Complex64>,
    pub(super) inverse_pivots: Vec<Complex64>,
}

impl Ldl {
    /// Factors, with the rows and columns of the border replaced by those of the unit matrix; or tells the node whose
    /// pivot vanished.
    pub(super) fn of(matrix: &Symmetric, structure: &Arc<Structure>, border: &[u32]) -> Result<Self, u32> {
        let (mut values, mut pivots) = spread(matrix, structure, border);
        let order = structure.order();
        let mut inverse_pivots = vec![Complex64::ZERO; order];
        let mut work = vec![Complex64::ZERO; order];
        // Columns that still have to be subtracted, linked by the row they meet next.
        let mut head = vec![NONE; order];
        let mut next = vec![NONE; order];
        let mut place = structure.starts.clone();
        for column in 0..order {
            let range = structure.starts[column]..structure.starts[column + 1];
            for (value, &row) in values[range.clone()].iter().zip(&structure.rows[range.clone()]) {
                work[row as usize] = *value;
            }
            let mut pivot = pivots[column];
            let mut summed = pivot.norm();
            let mut earlier = head[column];
            while earlier != NONE {
                let source = earlier as usize;
                earlier = next[source];
                let (from, to) = (place[source], structure.starts[source + 1]);
                let factor = values[from] * pivots[source];
                let part = values[from] * factor;
                pivot -= part;
                summed += part.norm();
                for (value, &row) in values[from + 1..to].iter().zip(&structure.rows[from + 1..to]) {
                    work[row as usize] -= value * factor;
                }
                place[source] = from + 1;
                link(source, structure, &place, &mut head, &mut next);
            }
            if pivot.norm() <= SMALLEST_PIVOT * summed {
                let node = structure.position.iter().position(|&at| at as usize == column);
                return Err(node.expect("every position has a node") as u32);
            }
            pivots[column] = pivot;
            let inverse = pivot.inv();
            inverse_pivots[column] = inverse;
            for (value, &row) in values[range.clone()].iter_mut().zip(&structure.rows[range]) {
                *value = work[row as usize] * inverse;
            }
            link(column, structure, &place, &mut head, &mut next);
        }
        Ok(Self { structure: Arc::clone(structure), values, inverse_pivots })
    }

    /// Rows and values of a column of L below the diagonal.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = (usize, Complex64)> + '_ {
        let range = self.structure.starts[column]..self.structure.starts[column + 1];
        let rows = self.structure.rows[range.clone()].iter().map(|&row| row as usize);
        rows.zip(self.values[range].iter().copied())
    }

    /// Solves in place; the vector is in eliminated positions.
    pub(super) fn solve(&self, vector: &mut [Complex64]) {
        for column in 0..vector.len() {
            let value = vector[column];
            if value != Complex64::ZERO {
                for (row, factor) in self.column(column) {
                    vector[row] -= factor * value;
                }
            }
        }
        for column in (0..vector.len()).rev() {
            let mut value = vector[column] * self.inverse_pivots[column];
            for (row, factor) in self.column(column) {
                value -= factor * vector[row];
            }
            vector[column] = value;
        }
    }
}

/// Hangs a column to the row it meets next, if any is left.
fn link(column: usize, structure: &Structure, place: &[usize], head: &mut [u32], next: &mut [u32]) {
    if place[column] < structure.starts[column + 1] {
        let row = structure.rows[place[column]] as usize;
        next[column] = head[row];
        head[row] = column as u32;
    }
}

/// The entries at their places in the structure: below the diagonal, and on it.
fn spread(matrix: &Symmetric, structure: &Structure, border: &[u32]) -> (Vec<Complex64>, Vec<Complex64>) {
    let mut values = vec![Complex64::ZERO; structure.rows.len()];
    let mut diagonal = vec![Complex64::ZERO; structure.order()];
    let is_inside = |node: u32| border.binary_search(&node).is_ok();
    for &(row, column, value) in &matrix.entries {
        if !border.is_empty() && (is_inside(row) || is_inside(column)) {
            continue;
        }
        let (one, other) = (structure.position[row as usize], structure.position[column as usize]);
        if one == other {
            diagonal[one as usize] += value;
        } else {
            values[structure.place(one.min(other) as usize, one.max(other))] += value;
        }
    }
    for &node in border {
        diagonal[structure.position[node as usize] as usize] = Complex64::ONE;
    }
    (values, diagonal)
}
