//! Where the network is meshed: nodes that more than one way connects with the sources, wherever the ways part.
//!
//! R. Tarjan, "A note on finding the bridges of a graph", Information Processing Letters 2 (1974) 160; all sources
//! count as one further node.

use crate::circuit::Circuit;
use crate::circuit::part::POSITIVE;

/// The nodes that are meshed with the sources.
#[derive(Debug, Clone)]
pub(crate) struct Meshes {
    is_meshed: Vec<bool>,
}

impl Meshes {
    pub(crate) fn of(circuit: &Circuit) -> Self {
        let sources = circuit.nodes.len();
        let mut edges: Vec<(usize, usize)> = Vec::new();
        for part in &circuit.parts {
            let ends: Vec<usize> = part.nodes.iter().flatten().map(|node| *node as usize).collect();
            let has_path = part.admittances[POSITIVE].order() > 0;
            match ends.as_slice() {
                [one] if part.source.is_some() && has_path => edges.push((*one, sources)),
                [one, rest @ ..] if has_path => edges.extend(rest.iter().map(|other| (*one, *other))),
                _ => {}
            }
        }
        Self { is_meshed: more_than_one_way(sources + 1, &edges, sources) }
    }

    pub(crate) fn is_meshed(&self, node: u32) -> bool {
        self.is_meshed[node as usize]
    }
}

/// Which nodes more than one way connects with the root: not all of the edges between are bridges.
fn more_than_one_way(count: usize, edges: &[(usize, usize)], root: usize) -> Vec<bool> {
    let mut ways: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    for (edge, &(one, other)) in edges.iter().enumerate() {
        ways[one].push((other, edge));
        ways[other].push((one, edge));
    }
    let mut entered = vec![usize::MAX; count];
    let mut low = vec![usize::MAX; count];
    let mut above = vec![usize::MAX; count];
    let mut order = vec![root];
    let mut stack = vec![(root, usize::MAX, 0)];
    entered[root] = 0;
    low[root] = 0;
    while let Some((node, by, next)) = stack.pop() {
        if let Some(&(other, edge)) = ways[node].get(next) {
            stack.push((node, by, next + 1));
            if edge == by {
                continue;
            }
            if entered[other] == usize::MAX {
                entered[other] = order.len();
                low[other] = order.len();
                above[other] = node;
                order.push(other);
                stack.push((other, edge, 0));
            } else {
                low[node] = low[node].min(entered[other]);
            }
        } else if above[node] != usize::MAX {
            low[above[node]] = low[above[node]].min(low[node]);
        }
    }
    let mut is_meshed = vec![false; count];
    for &node in order.iter().skip(1) {
        is_meshed[node] = low[node] < entered[node] || is_meshed[above[node]];
    }
    is_meshed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spur_behind_a_ring_is_meshed_and_one_before_is_not() {
        // Root 0; ring 1-2-3-1 behind a single line 0-1; spur 3-4; spur 0-5.
        let edges = [(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (0, 5)];
        assert_eq!(more_than_one_way(6, &edges, 0), [false, false, true, true, true, false]);
    }
}
