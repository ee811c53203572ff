//! A factored matrix: solves, the diagonal of the inverse, and single entries of it.
//!
//! Negative star legs and series capacitors make the matrix indefinite, so a pivot may vanish though the matrix is
//! regular. Such nodes are put into a border, whose small Schur complement is inverted with pivoting.

use std::sync::Arc;

use num_complex::Complex64;

use super::dense::Dense;
use super::ldl::Ldl;
use super::order::Structure;
use super::{Symmetric, inverse};

/// More nodes in the border than this mean a matrix that is singular for another reason.
const LARGEST_BORDER: usize = 64;

/// The factored matrix.
#[derive(Debug, Clone)]
pub(crate) struct Factor {
    ldl: Ldl,
    border: Option<Border>,
}

/// Nodes taken out of the elimination.
#[derive(Debug, Clone)]
struct Border {
    nodes: Vec<u32>,
    /// For each border node, the solution of the rest for its column.
    responses: Vec<Vec<Complex64>>,
    schur_inverse: Dense,
}

/// Room to compute entries in, kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    forward: Vec<Complex64>,
    backward: Vec<Complex64>,
    path: Vec<usize>,
    needed: Vec<usize>,
    is_needed: Vec<bool>,
}

impl Factor {
    /// Factors on a structure that holds the matrix; a singular matrix tells a node where it is.
    pub(crate) fn of(matrix: &Symmetric, structure: &Arc<Structure>) -> Result<Self, u32> {
        let mut border: Vec<u32> = Vec::new();
        loop {
            match Ldl::of(matrix, structure, &border) {
                Ok(ldl) if border.is_empty() => return Ok(Self { ldl, border: None }),
                Ok(ldl) => return Self::bordered(ldl, matrix, border),
                Err(node) if border.len() == LARGEST_BORDER => return Err(node),
                Err(node) => {
                    border.push(node);
                    border.sort_unstable();
                }
            }
        }
    }

    fn bordered(ldl: Ldl, matrix: &Symmetric, nodes: Vec<u32>) -> Result<Self, u32> {
        let rest = Self { ldl, border: None };
        let place = |node: u32| nodes.binary_search(&node).ok();
        let mut coupling = vec![vec![Complex64::ZERO; matrix.order]; nodes.len()];
        let mut schur = Dense::zero(nodes.len());
        for &(row, column, value) in &matrix.entries {
            match (place(row), place(column)) {
                (Some(one), Some(other)) => {
                    *schur.at_mut(one, other) += value;
                    if one != other {
                        *schur.at_mut(other, one) += value;
                    }
                }
                (Some(one), None) => coupling[one][column as usize] += value,
                (None, Some(one)) => coupling[one][row as usize] += value,
                (None, None) => {}
            }
        }
        let responses: Vec<Vec<Complex64>> = coupling.iter().map(|column| rest.solve(column)).collect();
        for (row, one) in coupling.iter().enumerate() {
            for (column, other) in responses.iter().enumerate() {
                *schur.at_mut(row, column) -= dot(one, other);
            }
        }
        let schur_inverse = schur.inverse().ok_or(nodes[0])?;
        Ok(Self { ldl: rest.ldl, border: Some(Border { nodes, responses, schur_inverse }) })
    }

    /// The plain factor, where no node had to be taken out.
    pub(super) fn without_border(&self) -> Option<&Ldl> {
        self.border.is_none().then_some(&self.ldl)
    }

    pub(crate) fn order(&self) -> usize {
        self.ldl.inverse_pivots.len()
    }

    /// The solution for a right-hand side, in the matrix's own order.
    pub(crate) fn solve(&self, right: &[Complex64]) -> Vec<Complex64> {
        let position = &self.ldl.structure.position;
        let mut work = vec![Complex64::ZERO; right.len()];
        for (node, &value) in right.iter().enumerate() {
            work[position[node] as usize] = value;
        }
        let Some(border) = &self.border else {
            self.ldl.solve(&mut work);
            return position.iter().map(|&at| work[at as usize]).collect();
        };
        for &node in &border.nodes {
            work[position[node as usize] as usize] = Complex64::ZERO;
        }
        self.ldl.solve(&mut work);
        let mut solution: Vec<Complex64> = position.iter().map(|&at| work[at as usize]).collect();
        // The response to the coupling is symmetric, so it serves as its own left factor.
        let residual: Vec<Complex64> = border
            .nodes
            .iter()
            .zip(&border.responses)
            .map(|(&node, response)| right[node as usize] - dot(response, right))
            .collect();
        let own = border.schur_inverse.times(&residual);
        for (response, factor) in border.responses.iter().zip(&own) {
            for (value, part) in solution.iter_mut().zip(response) {
                *value -= factor * part;
            }
        }
        for (&node, &value) in border.nodes.iter().zip(&own) {
            solution[node as usize] = value;
        }
        solution
    }

    /// The diagonal of the inverse, in the matrix's own order.
    pub(crate) fn inverse_diagonal(&self) -> Vec<Complex64> {
        let inner = inverse::diagonal(&self.ldl);
        let mut diagonal: Vec<Complex64> =
            self.ldl.structure.position.iter().map(|&at| inner[at as usize]).collect();
        if let Some(border) = &self.border {
            for (node, value) in diagonal.iter_mut().enumerate() {
                let row: Vec<Complex64> = border.responses.iter().map(|response| response[node]).collect();
                *value += dot(&row, &border.schur_inverse.times(&row));
            }
            for (at, &node) in border.nodes.iter().enumerate() {
                diagonal[node as usize] = border.schur_inverse.at(at, at);
            }
        }
        diagonal
    }

    /// Entries of one column of the inverse at the given rows, computed along the elimination tree only.
    pub(crate) fn entries(&self, column: u32, rows: &[u32], work: &mut Workspace) -> Vec<Complex64> {
        if self.border.is_some() {
            let mut unit = vec![Complex64::ZERO; self.order()];
            unit[column as usize] = Complex64::ONE;
            let solution = self.solve(&unit);
            return rows.iter().map(|&row| solution[row as usize]).collect();
        }
        work.fit(self.order());
        let structure = &self.ldl.structure;
        let start = structure.position[column as usize] as usize;
        work.forward[start] = Complex64::ONE;
        let mut at = Some(start);
        while let Some(node) = at {
            work.path.push(node);
            let value = work.forward[node];
            for (row, factor) in self.ldl.column(node) {
                work.forward[row] -= factor * value;
            }
            at = structure.parent(node);
        }
        for &row in rows {
            let mut at = Some(structure.position[row as usize] as usize);
            while let Some(node) = at.filter(|&node| !work.is_needed[node]) {
                work.is_needed[node] = true;
                work.needed.push(node);
                at = structure.parent(node);
            }
        }
        work.needed.sort_unstable_by(|one, other| other.cmp(one));
        for &node in &work.needed {
            let mut value = work.forward[node] * self.ldl.inverse_pivots[node];
            for (row, factor) in self.ldl.column(node) {
                value -= factor * work.backward[row];
            }
            work.backward[node] = value;
        }
        let found =
            rows.iter().map(|&row| work.backward[structure.position[row as usize] as usize]).collect();
        work.clear();
        found
    }
}

impl Workspace {
    fn fit(&mut self, order: usize) {
        self.forward.resize(order, Complex64::ZERO);
        self.backward.resize(order, Complex64::ZERO);
        self.is_needed.resize(order, false);
    }

    fn clear(&mut self) {
        for node in self.path.drain(..) {
            self.forward[node] = Complex64::ZERO;
        }
        for node in self.needed.drain(..) {
            self.is_needed[node] = false;
        }
    }
}

fn dot(one: &[Complex64], other: &[Complex64]) -> Complex64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring(order: usize, reactances: &[f64], shunt: f64) -> (Symmetric, Dense) {
        let mut matrix = Symmetric::new(order);
        let mut full = Dense::zero(order);
        let mut add = |row: usize, column: usize, value: Complex64| {
            matrix.add(row as u32, column as u32, value);
            *full.at_mut(row, column) += value;
            if row != column {
                *full.at_mut(column, row) += value;
            }
        };
        add(0, 0, Complex64::new(0.1, -shunt));
        for (from, &x) in reactances.iter().enumerate() {
            let (from, to) = (from % order, (from * 7 + 1) % order);
            if from != to {
                let y = Complex64::new(0.1 * x.abs(), x).inv();
                add(from, from, y);
                add(to, to, y);
                add(from, to, -y);
            }
        }
        for node in 0..order {
            add(node, node, Complex64::new(0.001, -0.01));
        }
        (matrix, full)
    }

    fn factored(matrix: &Symmetric) -> Result<Factor, u32> {
        Factor::of(matrix, &Arc::new(Structure::of(&[matrix])))
    }

    fn close(one: Complex64, other: Complex64) -> bool {
        (one - other).norm() <= 1e-7 * (1.0 + other.norm())
    }

    proptest! {
        #[test]
        fn agrees_with_a_dense_inverse(
            order in 2_usize..24,
            reactances in prop::collection::vec(prop_oneof![4 => 0.05_f64..2.0, 1 => -1.0_f64..-0.05], 24..48),
        ) {
            let (matrix, full) = ring(order, &reactances, 2.0);
            let inverse = full.inverse().unwrap();
            let factor = factored(&matrix).unwrap();
            let diagonal = factor.inverse_diagonal();
            let rows: Vec<u32> = (0..order as u32).rev().collect();
            let mut work = Workspace::default();
            for column in 0..order {
                prop_assert!(close(diagonal[column], inverse.at(column, column)));
                let entries = factor.entries(column as u32, &rows, &mut work);
                let mut unit = vec![Complex64::ZERO; order];
                unit[column] = Complex64::ONE;
                let solved = factor.solve(&unit);
                for (&row, &entry) in rows.iter().zip(&entries) {
                    prop_assert!(close(entry, inverse.at(row as usize, column)));
                    prop_assert!(close(solved[row as usize], inverse.at(row as usize, column)));
                }
            }
        }
    }

    #[test]
    fn survives_a_pivot_that_vanishes() {
        // The admittances at node 0 cancel: a coil and a capacitor of the same size meet there.
        let mut matrix = Symmetric::new(3);
        let mut full = Dense::zero(3);
        let coil = Complex64::new(0.0, -1.0);
        for (row, column, value) in
            [(0, 0, Complex64::ZERO), (0, 1, -coil), (0, 2, coil), (1, 1, coil * 3.0), (2, 2, coil * 2.0)]
        {
            matrix.add(row, column, value);
            *full.at_mut(row as usize, column as usize) = value;
            *full.at_mut(column as usize, row as usize) = value;
        }
        let factor = factored(&matrix).unwrap();
        let inverse = full.inverse().unwrap();
        let rows = [0, 1, 2];
        for column in 0..3 {
            assert!(close(factor.inverse_diagonal()[column], inverse.at(column, column)));
            let entries = factor.entries(column as u32, &rows, &mut Workspace::default());
            for (row, entry) in entries.into_iter().enumerate() {
                assert!(close(entry, inverse.at(row, column)));
            }
        }
    }

    #[test]
    fn refuses_a_singular_matrix() {
        let mut matrix = Symmetric::new(2);
        for (row, column, sign) in [(0, 0, 1.0), (1, 1, 1.0), (1, 0, -1.0)] {
            matrix.add(row, column, Complex64::new(0.0, sign));
        }
        assert!(factored(&matrix).is_err());
    }
}
