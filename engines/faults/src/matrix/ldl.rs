//! The factorization L D Lᵀ of a complex symmetric matrix, left-looking, on a given structure.

use num_complex::Complex64;

use super::{Columns, order::Symbolic};

const NONE: u32 = u32::MAX;

/// A pivot smaller than this part of what was summed up to it has lost too many digits to be divided by.
const SMALLEST_PIVOT: f64 = 1e-9;

/// The numbers of the factor: the unit lower triangle on the symbolic structure, and the inverse pivots.
#[derive(Debug, Clone)]
pub(super) struct Ldl {
    pub(super) symbolic: Symbolic,
    pub(super) values: Vec<Complex64>,
    pub(super) inverse_pivots: Vec<Complex64>,
}

impl Ldl {
    /// Factors, or tells the node whose pivot vanished.
    pub(super) fn of(matrix: &Columns) -> Result<Self, u32> {
        let symbolic = Symbolic::of(matrix);
        let order = matrix.order();
        let lower = permuted(matrix, &symbolic.position);
        let mut values = vec![Complex64::ZERO; symbolic.rows.len()];
        let mut inverse_pivots = vec![Complex64::ZERO; order];
        let mut pivots = vec![Complex64::ZERO; order];
        let mut work = vec![Complex64::ZERO; order];
        // Columns that still have to be subtracted, linked by the row they meet next.
        let mut head = vec![NONE; order];
        let mut next = vec![NONE; order];
        let mut place = symbolic.starts.clone();
        for column in 0..order {
            for &(row, value) in &lower[column] {
                work[row as usize] = value;
            }
            let mut summed = work[column].norm();
            let mut earlier = head[column];
            while earlier != NONE {
                let source = earlier as usize;
                earlier = next[source];
                let (from, to) = (place[source], symbolic.starts[source + 1]);
                let factor = values[from] * pivots[source];
                summed += (values[from] * factor).norm();
                for at in from..to {
                    work[symbolic.rows[at] as usize] -= values[at] * factor;
                }
                place[source] = from + 1;
                link(source, &symbolic, &place, &mut head, &mut next);
            }
            let pivot = work[column];
            if pivot.norm() <= SMALLEST_PIVOT * summed {
                let node = symbolic.position.iter().position(|&at| at as usize == column);
                return Err(node.expect("every position has a node") as u32);
            }
            work[column] = Complex64::ZERO;
            pivots[column] = pivot;
            let inverse = pivot.inv();
            inverse_pivots[column] = inverse;
            let range = symbolic.starts[column]..symbolic.starts[column + 1];
            for (value, &row) in values[range.clone()].iter_mut().zip(&symbolic.rows[range]) {
                *value = std::mem::take(&mut work[row as usize]) * inverse;
            }
            link(column, &symbolic, &place, &mut head, &mut next);
        }
        Ok(Self { symbolic, values, inverse_pivots })
    }

    /// Rows and values of a column of L below the diagonal.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = (usize, Complex64)> + '_ {
        let range = self.symbolic.starts[column]..self.symbolic.starts[column + 1];
        let rows = self.symbolic.rows[range.clone()].iter().map(|&row| row as usize);
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
fn link(column: usize, symbolic: &Symbolic, place: &[usize], head: &mut [u32], next: &mut [u32]) {
    if place[column] < symbolic.starts[column + 1] {
        let row = symbolic.rows[place[column]] as usize;
        next[column] = head[row];
        head[row] = column as u32;
    }
}

/// The lower triangle of the matrix in eliminated positions.
fn permuted(matrix: &Columns, position: &[u32]) -> Vec<Vec<(u32, Complex64)>> {
    let mut lower = vec![Vec::new(); matrix.order()];
    for column in 0..matrix.order() {
        let at = position[column];
        for (row, value) in matrix.column(column) {
            let to = position[row as usize];
            lower[at.min(to) as usize].push((at.max(to), value));
        }
    }
    lower
}
