//! Small dense complex systems, solved by elimination with partial pivoting.

use num_complex::Complex64;

/// A square matrix by rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dense {
    order: usize,
    values: Vec<Complex64>,
}

impl Dense {
    /// A matrix of zeros.
    pub(crate) fn zero(order: usize) -> Self {
        Self { order, values: vec![Complex64::ZERO; order * order] }
    }

    /// Number of rows.
    pub(crate) fn order(&self) -> usize {
        self.order
    }

    /// All entries by rows.
    pub(crate) fn entries(&self) -> &[Complex64] {
        &self.values
    }

    /// The entry at a row and column.
    pub(crate) fn at(&self, row: usize, column: usize) -> Complex64 {
        self.values[row * self.order + column]
    }

    /// The entry at a row and column, to be changed.
    pub(crate) fn at_mut(&mut self, row: usize, column: usize) -> &mut Complex64 {
        &mut self.values[row * self.order + column]
    }

    /// The matrix times a number.
    pub(crate) fn scaled(&self, factor: Complex64) -> Self {
        Self { order: self.order, values: self.values.iter().map(|value| value * factor).collect() }
    }

    /// The inverse; none where the matrix is singular to working precision.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let order = self.order;
        let mut left = self.clone();
        let mut right = Self::zero(order);
        for row in 0..order {
            *right.at_mut(row, row) = Complex64::ONE;
        }
        let scale: Vec<f64> = (0..order).map(|row| self.largest_in(row)).collect();
        for column in 0..order {
            let weight = |row: &usize| left.at(*row, column).norm() / scale[*row].max(f64::MIN_POSITIVE);
            let pivot = (column..order).max_by(|one, other| weight(one).total_cmp(&weight(other)))?;
            if left.at(pivot, column).norm() <= 1e-13 * scale[pivot] {
                return None;
            }
            left.swap_rows(column, pivot);
            right.swap_rows(column, pivot);
            let inverse = left.at(column, column).inv();
            for row in (0..order).filter(|&row| row != column) {
                let factor = left.at(row, column) * inverse;
                if factor != Complex64::ZERO {
                    left.subtract_row(row, column, factor);
                    right.subtract_row(row, column, factor);
                }
            }
            for at in 0..order {
                *left.at_mut(column, at) *= inverse;
                *right.at_mut(column, at) *= inverse;
            }
        }
        Some(right)
    }

    /// The product with a vector.
    pub(crate) fn times(&self, vector: &[Complex64]) -> Vec<Complex64> {
        self.values
            .chunks(self.order.max(1))
            .map(|row| row.iter().zip(vector).map(|(entry, value)| entry * value).sum())
            .collect()
    }

    fn largest_in(&self, row: usize) -> f64 {
        (0..self.order).map(|column| self.at(row, column).norm()).fold(0.0, f64::max)
    }

    fn swap_rows(&mut self, one: usize, other: usize) {
        for column in 0..self.order {
            self.values.swap(one * self.order + column, other * self.order + column);
        }
    }

    fn subtract_row(&mut self, row: usize, source: usize, factor: Complex64) {
        for column in 0..self.order {
            let value = self.at(source, column);
            *self.at_mut(row, column) -= factor * value;
        }
    }
}
