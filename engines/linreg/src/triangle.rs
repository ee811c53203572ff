//! The triangle of a QR decomposition, made row block by row block (TSQR; Demmel, Grigori, Hoemmen, Langou 2012).
//!
//! Columns are the scaled terms and, last, the target; the triangle holds all a least-squares fit needs to know.

use crate::design::Design;
use crate::real::Real;

/// Rows taken at once: a block of a dozen columns stays in the first-level cache.
const BLOCK: usize = 128;

/// The upper triangle R of [X y] = Q R, by columns.
#[derive(Debug, Clone)]
pub(crate) struct Triangle<R> {
    /// Terms and target.
    pub(crate) order: usize,
    entries: Vec<R>,
}

impl<R: Real> Triangle<R> {
    /// The triangle of no rows.
    pub(crate) fn new(order: usize) -> Self {
        Self { order, entries: vec![R::default(); order * order] }
    }

    /// The triangle of a whole design.
    pub(crate) fn of(design: &Design) -> Self {
        let order = design.width() + 1;
        let mut triangle = Self::new(order);
        let mut block: Vec<Vec<R>> = vec![vec![R::default(); BLOCK]; order];
        let mut start = 0;
        while start < design.rows() {
            let rows = BLOCK.min(design.rows() - start);
            for (column, entries) in block.iter_mut().enumerate() {
                entries.truncate(rows);
                design.fill(column, start, entries);
            }
            triangle.absorb(&mut block);
            start += rows;
        }
        triangle
    }

    /// An entry of the triangle.
    pub(crate) fn get(&self, row: usize, column: usize) -> R {
        self.entries[column * self.order + row]
    }

    /// The upper part of a column, the diagonal included.
    pub(crate) fn column(&self, column: usize) -> &[R] {
        &self.entries[column * self.order..=column * self.order + column]
    }

    /// Takes more rows, given by columns of equal length; the block is used up.
    pub(crate) fn absorb(&mut self, block: &mut [Vec<R>]) {
        for pivot in 0..self.order {
            let (done, rest) = block.split_at_mut(pivot + 1);
            let below = &mut done[pivot];
            let squares = R::dot(below, below);
            if squares == R::default() {
                continue;
            }
            let top = self.get(pivot, pivot);
            let norm = (top * top + squares).root();
            let diagonal = if top > R::default() { -norm } else { norm };
            // The reflector (1; below) with H = I − τ v vᵀ.
            let first = top - diagonal;
            for entry in below.iter_mut() {
                *entry = *entry / first;
            }
            let tau = -(first / diagonal);
            self.entries[pivot * self.order + pivot] = diagonal;
            for (offset, other) in rest.iter_mut().enumerate() {
                let at = (pivot + 1 + offset) * self.order + pivot;
                let factor = tau * (self.entries[at] + R::dot(below, other));
                self.entries[at] = self.entries[at] - factor;
                R::subtract_multiple(other, factor, below);
            }
        }
    }
}
