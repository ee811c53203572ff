//! The best subset of every size from the triangle alone: a tree of dropped columns with bounds
//! (Furnival and Wilson 1974; Gatu and Kontoghiorghes 2006).

use crate::triangle::Triangle;

/// The triangle of the columns to choose from, the forced ones already removed.
#[derive(Debug, Clone)]
pub(super) struct System {
    /// Upper triangle by columns, the projected target last.
    columns: Vec<Vec<f64>>,
    /// Σe² with all columns.
    rest: f64,
}

/// A node of the tree: columns in order, of which the first `fixed` stay in all descendants.
struct Node {
    system: System,
    names: Vec<usize>,
    fixed: usize,
}

/// The smallest sum of squares of each size and its columns.
struct Best {
    squares: Vec<f64>,
    subsets: Vec<Vec<usize>>,
}

impl System {
    /// Columns `chosen` of a triangle whose first `forced` columns belong to every subset.
    pub(super) fn new(triangle: &Triangle<f64>, forced: usize, chosen: &[usize]) -> Self {
        let target = triangle.order - 1;
        let height = target - forced;
        let part = |column: usize| -> Vec<f64> {
            let mut entries = triangle.column(column)[forced..].to_vec();
            entries.resize(height + 1, 0.0);
            entries
        };
        let mut columns: Vec<Vec<f64>> = chosen.iter().map(|&column| part(column)).collect();
        columns.push(part(target));
        let mut system = Self { columns, rest: 0.0 };
        system.restore();
        system
    }

    fn width(&self) -> usize {
        self.columns.len() - 1
    }

    /// Makes the columns triangular again by Householder reflections; what is below belongs to the rest.
    fn restore(&mut self) {
        let width = self.width();
        for step in 0..width {
            let below: f64 = self.columns[step][step + 1..].iter().map(|entry| entry * entry).sum();
            if below == 0.0 {
                continue;
            }
            let top = self.columns[step][step];
            let diagonal = -(top * top + below).sqrt().copysign(top);
            let first = top - diagonal;
            let reflector: Vec<f64> =
                self.columns[step][step + 1..].iter().map(|entry| entry / first).collect();
            let tau = -first / diagonal;
            for column in &mut self.columns[step + 1..] {
                let along = column[step] + dot(&reflector, &column[step + 1..]);
                column[step] -= tau * along;
                for (entry, part) in column[step + 1..].iter_mut().zip(&reflector) {
                    *entry -= tau * along * part;
                }
            }
            self.columns[step][step] = diagonal;
            self.columns[step][step + 1..].fill(0.0);
        }
        self.rest += self.columns[width][width..].iter().map(|entry| entry * entry).sum::<f64>();
        for column in &mut self.columns {
            column.truncate(width);
        }
    }

    /// Σe² of the first columns for every count from 0 to all.
    fn squares(&self) -> Vec<f64> {
        let target = &self.columns[self.width()];
        let mut squares = vec![self.rest; target.len() + 1];
        for at in (0..target.len()).rev() {
            squares[at] = squares[at + 1] + target[at] * target[at];
        }
        squares
    }

    /// The same without a column.
    fn without(&self, dropped: usize) -> Self {
        let mut columns = self.columns.clone();
        columns.remove(dropped);
        let mut system = Self { columns, rest: self.rest };
        system.restore();
        system
    }

    /// The same with the columns in another order.
    fn reordered(&self, order: &[usize]) -> Self {
        let mut columns: Vec<Vec<f64>> = order.iter().map(|&column| self.columns[column].clone()).collect();
        columns.push(self.columns[self.width()].clone());
        let mut system = Self { columns, rest: self.rest };
        system.restore();
        system
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The best subset of every size from 0 to all, by positions in the system.
pub(super) fn exhaustive(system: &System) -> Vec<Vec<usize>> {
    let width = system.width();
    let mut best = Best { squares: vec![f64::INFINITY; width + 1], subsets: vec![Vec::new(); width + 1] };
    for (size, subset) in stepwise(system).into_iter().enumerate() {
        best.squares[size] = system.reordered(&subset).squares()[size];
        best.subsets[size] = subset;
    }
    let order = by_importance(system);
    let mut open = vec![Node { system: system.reordered(&order), names: order, fixed: 0 }];
    while let Some(node) = open.pop() {
        best.take(&node);
        let lower = node.system.squares()[node.names.len()];
        // Dropping column i leaves subsets of at least i columns, none better than this node itself.
        for dropped in (node.fixed..node.names.len()).rev() {
            let sizes = dropped.max(1)..node.names.len();
            if sizes.clone().all(|size| lower >= best.squares[size]) {
                continue;
            }
            let mut names = node.names.clone();
            names.remove(dropped);
            open.push(Node { system: node.system.without(dropped), names, fixed: dropped });
        }
    }
    best.subsets
}

impl Best {
    fn take(&mut self, node: &Node) {
        for (size, &squares) in node.system.squares().iter().enumerate() {
            if squares < self.squares[size] {
                self.squares[size] = squares;
                self.subsets[size] = node.names[..size].to_vec();
            }
        }
    }
}

/// Columns by what dropping each costs, the dearest first: good bounds come early.
fn by_importance(system: &System) -> Vec<usize> {
    let cost: Vec<f64> = (0..system.width()).map(|column| system.without(column).rest).collect();
    let mut order: Vec<usize> = (0..system.width()).collect();
    order.sort_by(|&a, &b| cost[b].total_cmp(&cost[a]));
    order
}

/// A good subset of every size: the column that helps most joins, then any that a better one replaces leaves.
pub(super) fn stepwise(system: &System) -> Vec<Vec<usize>> {
    let width = system.width();
    let mut subsets: Vec<Vec<usize>> = vec![Vec::new()];
    let mut current: Vec<usize> = Vec::new();
    for _ in 0..width {
        current.push(best_addition(system, &current));
        for at in 0..current.len() {
            let mut others = current.clone();
            let leaving = others.remove(at);
            let joining = best_addition(system, &others);
            if joining != leaving {
                current = others;
                current.insert(at, joining);
            }
        }
        subsets.push(current.clone());
    }
    subsets
}

/// The column outside the subset whose addition lowers the sum of squares most.
fn best_addition(system: &System, subset: &[usize]) -> usize {
    let outside: Vec<usize> = (0..system.width()).filter(|column| !subset.contains(column)).collect();
    let order: Vec<usize> = subset.iter().chain(&outside).copied().collect();
    let moved = system.reordered(&order);
    let target = &moved.columns[moved.width()][subset.len()..];
    let gain = |at: usize| {
        let rest = &moved.columns[subset.len() + at][subset.len()..];
        let length = dot(rest, rest);
        if length > 0.0 { dot(rest, target).powi(2) / length } else { 0.0 }
    };
    let best = (0..outside.len()).fold(0, |best, at| if gain(at) > gain(best) { at } else { best });
    outside[best]
}
