//! Topology: which buses are one electrical node, which nodes are one island, which ends hang in the air.

use std::collections::{HashMap, HashSet};

use crate::element::Element;
use crate::view::View;

/// The electrical nodes of a model in a state. Ids are borrowed from the model.
#[derive(Debug, Clone)]
pub struct Topology<'a> {
    nodes: Vec<Vec<&'a str>>,
    node_of: HashMap<&'a str, usize>,
    islands: Vec<usize>,
    island_count: usize,
    joining: HashSet<&'a str>,
    dangling: Vec<(&'a str, usize)>,
}

impl<'a> Topology<'a> {
    /// Merges buses over closed switches and branches without impedance, and follows the other branches in service.
    pub fn of(view: &View<'a>) -> Self {
        let model = view.model();
        let live: Vec<&str> =
            model.buses.iter().filter(|bus| view.in_service(*bus)).map(|bus| bus.id.as_str()).collect();
        let position: HashMap<&str, usize> = live.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut sets = Sets::new(live.len());
        for switch in model.switches.iter().filter(|switch| view.connects(*switch, 0)) {
            if let (Some(a), Some(b)) = (position.get(switch.from.as_str()), position.get(switch.to.as_str()))
            {
                sets.join(*a, *b);
            }
        }
        let joining = joining(view, &position, &mut sets);
        let (number, count) = sets.numbered();
        let mut nodes = vec![Vec::new(); count];
        for (at, id) in live.iter().enumerate() {
            nodes[number[at]].push(*id);
        }
        let node_of = live.iter().enumerate().map(|(at, id)| (*id, number[at])).collect();
        let mut topology =
            Self { nodes, node_of, islands: Vec::new(), island_count: 0, joining, dangling: Vec::new() };
        topology.follow_branches(view);
        topology
    }

    /// The buses of every node, in the order of the model; the first names the node.
    pub fn nodes(&self) -> &[Vec<&'a str>] {
        &self.nodes
    }

    /// The node of a bus; `None` for a bus out of service or unknown.
    pub fn node(&self, bus: &str) -> Option<usize> {
        self.node_of.get(bus).copied()
    }

    /// The node a terminal is connected to; `None` when its breaker is open, the element or its bus out of service.
    pub fn terminal_node<E: Element>(&self, view: &View<'a>, element: &E, terminal: usize) -> Option<usize> {
        view.connects(element, terminal).then(|| self.node(element.buses().get(terminal)?)).flatten()
    }

    /// The island of a node, counted from 0 in the order of the nodes.
    pub fn island(&self, node: usize) -> usize {
        self.islands[node]
    }

    /// The number of islands.
    pub fn island_count(&self) -> usize {
        self.island_count
    }

    /// Whether a branch without impedance makes its two buses one node, as a closed switch does.
    pub fn joins(&self, branch: &str) -> bool {
        self.joining.contains(branch)
    }

    /// Terminals of branches in service that end at an open breaker or a dead bus: element id and terminal.
    pub fn dangling(&self) -> &[(&'a str, usize)] {
        &self.dangling
    }

    fn follow_branches(&mut self, view: &View<'a>) {
        let mut sets = Sets::new(self.nodes.len());
        let model = view.model();
        for line in &model.lines {
            self.follow(view, line, &mut sets);
        }
        for element in &model.series_elements {
            self.follow(view, element, &mut sets);
        }
        for transformer in &model.transformers {
            self.follow(view, transformer, &mut sets);
        }
        for transformer in &model.transformers3 {
            self.follow(view, transformer, &mut sets);
        }
        (self.islands, self.island_count) = sets.numbered();
    }

    fn follow<E: Element>(&mut self, view: &View<'a>, branch: &'a E, sets: &mut Sets) {
        if !view.in_service(branch) {
            return;
        }
        let mut first = None;
        for terminal in 0..branch.buses().len() {
            match (self.terminal_node(view, branch, terminal), first) {
                (None, _) => self.dangling.push((branch.id(), terminal)),
                (Some(node), None) => first = Some(node),
                (Some(node), Some(first)) => sets.join(first, node),
            }
        }
    }
}

/// Joins the buses of branches without impedance that are closed at both ends; between buses of unlike voltage nothing
/// can be without impedance.
fn joining<'a>(view: &View<'a>, position: &HashMap<&'a str, usize>, sets: &mut Sets) -> HashSet<&'a str> {
    let model = view.model();
    let kv: HashMap<&str, f64> = model.buses.iter().map(|bus| (bus.id.as_str(), bus.nominal_kv)).collect();
    let mut joining = HashSet::new();
    let mut join = |id: &'a str, [from, to]: [&'a str; 2], is_closed: bool| {
        let is_direct = is_closed && kv.get(from) == kv.get(to);
        if let (true, Some(a), Some(b)) = (is_direct, position.get(from), position.get(to)) {
            sets.join(*a, *b);
            joining.insert(id);
        }
    };
    let is_closed = |terminals: [bool; 2]| terminals == [true; 2];
    for line in model.lines.iter().filter(|line| line.has_no_impedance()) {
        join(&line.id, [&line.from, &line.to], is_closed([0, 1].map(|end| view.connects(line, end))));
    }
    for element in model.series_elements.iter().filter(|element| element.has_no_impedance()) {
        let closed = is_closed([0, 1].map(|end| view.connects(element, end)));
        join(&element.id, [&element.from, &element.to], closed);
    }
    joining
}

/// Disjoint sets by path halving; the smallest member leads.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }

    /// The number of each member's set, in the order of their leaders, and how many there are.
    fn numbered(&mut self) -> (Vec<usize>, usize) {
        let mut count = 0;
        let mut number = vec![0; self.parent.len()];
        for at in 0..self.parent.len() {
            let root = self.root(at);
            number[at] = if root == at { count } else { number[root] };
            count += usize::from(root == at);
        }
        (number, count)
    }
}

#[cfg(test)]
mod tests;
