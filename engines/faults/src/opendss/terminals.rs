//! Buses and nodes in OpenDSS. An element's terminal lies at one bus there, so the ends of coupled lines, and of the
//! windings of a transformer that share a neutral, are put at one common bus as nodes of their own.

use std::collections::HashMap;

use crate::circuit::Circuit;

/// The three phases of a terminal: nodes of a bus of OpenDSS; 0 is earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terminal {
    pub(super) bus: usize,
    pub(super) nodes: [u32; 3],
}

/// The buses of OpenDSS and which of their nodes are taken.
#[derive(Debug)]
pub(super) struct Terminals {
    names: Vec<String>,
    taken: Vec<u32>,
    of_node: Vec<Terminal>,
}

impl Terminals {
    pub(super) fn of(circuit: &Circuit) -> Self {
        let mut bus_of_root: HashMap<usize, usize> = HashMap::new();
        let mut names = Names::default();
        let mut terminals = Self { names: Vec::new(), taken: Vec::new(), of_node: Vec::new() };
        for (node, root) in common(circuit).into_iter().enumerate() {
            let bus = *bus_of_root.entry(root).or_insert_with(|| {
                terminals.names.push(names.free(&circuit.nodes[node].buses[0]));
                terminals.taken.push(0);
                terminals.taken.len() - 1
            });
            let terminal = terminals.fresh(bus);
            terminals.of_node.push(terminal);
        }
        terminals
    }

    /// The terminal of a node.
    pub(super) fn at(&self, node: u32) -> Terminal {
        self.of_node[node as usize]
    }

    /// Three more nodes of a bus.
    pub(super) fn fresh(&mut self, bus: usize) -> Terminal {
        Terminal { bus, nodes: std::array::from_fn(|_| self.fresh_node(bus)) }
    }

    /// One more node of a bus.
    pub(super) fn fresh_node(&mut self, bus: usize) -> u32 {
        self.taken[bus] += 1;
        self.taken[bus]
    }

    /// Nodes of a bus as OpenDSS writes them.
    pub(super) fn text(&self, bus: usize, nodes: &[u32]) -> String {
        let mut text = self.names[bus].clone();
        for node in nodes {
            text.push('.');
            text.push_str(&node.to_string());
        }
        text
    }

    /// The nodes of a terminal one by one.
    pub(super) fn phases(&self, terminal: Terminal) -> [String; 3] {
        terminal.nodes.map(|node| self.text(terminal.bus, &[node]))
    }
}

/// Which nodes have a bus in common, by the first of them.
fn common(circuit: &Circuit) -> Vec<usize> {
    let mut root: Vec<usize> = (0..circuit.nodes.len()).collect();
    let mut join = |nodes: &[u32]| {
        for pair in nodes.windows(2) {
            let [one, other] = [pair[0], pair[1]].map(|node| find(&root, node as usize));
            root[one.max(other)] = one.min(other);
        }
    };
    for group in &circuit.groups {
        let ends: Vec<u32> = (0..2 * group.members.len()).filter_map(|end| group.node(end)).collect();
        join(&ends);
    }
    for part in circuit.parts.iter().filter(|part| part.bank.as_ref().is_some_and(|bank| bank.is_auto())) {
        let ends: Vec<u32> = part.nodes.iter().flatten().copied().collect();
        join(&ends);
    }
    (0..root.len()).map(|node| find(&root, node)).collect()
}

fn find(root: &[usize], mut node: usize) -> usize {
    while root[node] != node {
        node = root[node];
    }
    node
}

/// Names that OpenDSS can read, each once; it takes capitals for small letters.
#[derive(Debug, Default)]
pub(super) struct Names {
    used: HashMap<String, usize>,
}

impl Names {
    /// A name like `wanted` that is free yet.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let mut name: String =
            wanted.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
        if name.is_empty() {
            name.push('_');
        }
        loop {
            let times = self.used.entry(name.to_ascii_lowercase()).or_insert(0);
            *times += 1;
            if *times == 1 {
                return name;
            }
            name = format!("{name}_{times}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_and_unique_whatever_the_case() {
        let mut names = Names::default();
        assert_eq!(names.free("North 1.2"), "North_1_2");
        assert_eq!(names.free("NORTH 1 2"), "NORTH_1_2_2");
        assert_eq!(names.free("north_1_2"), "north_1_2_3");
        assert_eq!(names.free(""), "_");
    }
}
