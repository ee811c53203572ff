//! Minimum-degree elimination on the explicit graph, which yields the structure of the factor at the same time.
//!
//! Grids are nearly planar and their elimination graphs stay sparse (about 8 entries per node at 9,241 buses), so the
//! cliques are formed outright; ties go to the lower node, which makes the order reproducible. The sequences of a grid
//! share one structure that holds them all.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Symmetric;

const NONE: u32 = u32::MAX;

/// The order of elimination and the structure of the unit lower factor, in eliminated positions.
#[derive(Debug, Clone)]
pub(crate) struct Structure {
    /// Position of a node in the order of elimination.
    pub(super) position: Vec<u32>,
    /// Start of each column in `rows`.
    pub(super) starts: Vec<usize>,
    /// Rows below the diagonal, ascending within a column; the first is the parent in the elimination tree.
    pub(super) rows: Vec<u32>,
}

impl Structure {
    /// The structure that holds all of some matrices of the same order.
    pub(crate) fn of(matrices: &[&Symmetric]) -> Self {
        let order = matrices.first().map_or(0, |matrix| matrix.order);
        let mut mark = vec![NONE; order];
        let mut neighbours = graph(order, matrices, &mut mark);
        let mut queue: BinaryHeap<Reverse<(u32, u32)>> =
            (0..order as u32).map(|node| Reverse((neighbours[node as usize].len() as u32, node))).collect();
        let mut position = vec![NONE; order];
        let mut cliques: Vec<Vec<u32>> = Vec::with_capacity(order);
        mark.fill(NONE);
        while let Some(Reverse((degree, node))) = queue.pop() {
            let is_stale =
                position[node as usize] != NONE || neighbours[node as usize].len() != degree as usize;
            if is_stale {
                continue;
            }
            position[node as usize] = cliques.len() as u32;
            let clique = std::mem::take(&mut neighbours[node as usize]);
            for &one in &clique {
                join(&mut neighbours[one as usize], one, node, &clique, &mut mark);
                queue.push(Reverse((neighbours[one as usize].len() as u32, one)));
            }
            cliques.push(clique);
        }
        let mut starts = Vec::with_capacity(order + 1);
        let mut rows = Vec::with_capacity(cliques.iter().map(Vec::len).sum());
        starts.push(0);
        for clique in &cliques {
            let begin = rows.len();
            rows.extend(clique.iter().map(|&node| position[node as usize]));
            rows[begin..].sort_unstable();
            starts.push(rows.len());
        }
        Self { position, starts, rows }
    }

    /// The number of nodes.
    pub(super) fn order(&self) -> usize {
        self.position.len()
    }

    /// Rows of a column below the diagonal.
    pub(super) fn column(&self, column: usize) -> &[u32] {
        &self.rows[self.starts[column]..self.starts[column + 1]]
    }

    /// The parent of a column in the elimination tree.
    pub(super) fn parent(&self, column: usize) -> Option<usize> {
        self.column(column).first().map(|&row| row as usize)
    }

    /// Where the entry of two positions off the diagonal stands among the values of the factor.
    pub(super) fn place(&self, column: usize, row: u32) -> usize {
        let found = self.column(column).binary_search(&row);
        self.starts[column] + found.expect("a structure holds all entries of its matrices")
    }
}

/// The neighbours of each node in any of the matrices, each once.
fn graph(order: usize, matrices: &[&Symmetric], mark: &mut [u32]) -> Vec<Vec<u32>> {
    let mut neighbours = vec![Vec::new(); order];
    for &(row, column, _) in matrices.iter().flat_map(|matrix| &matrix.entries) {
        if row != column {
            neighbours[column as usize].push(row);
            neighbours[row as usize].push(column);
        }
    }
    for (node, own) in neighbours.iter_mut().enumerate() {
        own.retain(|&other| std::mem::replace(&mut mark[other as usize], node as u32) != node as u32);
    }
    neighbours
}

/// Replaces the eliminated node among the neighbours of `one` by the others of its clique.
fn join(neighbours: &mut Vec<u32>, one: u32, eliminated: u32, clique: &[u32], mark: &mut [u32]) {
    mark[one as usize] = one;
    neighbours.retain(|&other| {
        mark[other as usize] = one;
        other != eliminated
    });
    for &other in clique {
        if mark[other as usize] != one {
            mark[other as usize] = one;
            neighbours.push(other);
        }
    }
}
