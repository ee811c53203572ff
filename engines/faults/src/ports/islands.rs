//! Which fault places keep a source or a path to earth, whatever is switched: connections alone, no numbers.

use num_complex::Complex64;

use super::switching::Switched;
use crate::circuit::Circuit;
use crate::circuit::part::{POSITIVE, Part, ZERO};
use crate::point::Point;

/// The connections of one sequence: parts that cannot be switched contracted, the rest switch by switch.
#[derive(Debug, Clone)]
pub(super) struct Islands {
    /// Whether a group of nodes is fed by what cannot be switched.
    is_fed: Vec<bool>,
    /// For each switch what it connects and feeds as it is, and after.
    switched: Vec<[Links; 2]>,
    /// The group of each fault place.
    places: Vec<u32>,
}

/// What some parts connect, and the nodes they feed: by a source, or by a path to earth.
#[derive(Debug, Clone, Default)]
struct Links {
    joined: Vec<(u32, u32)>,
    fed: Vec<u32>,
}

impl Islands {
    pub(super) fn of(
        circuit: &Circuit,
        switched: &[Vec<Switched<'_>>],
        points: &[Point],
        sequence: usize,
    ) -> Self {
        let mut is_switched = vec![false; circuit.parts.len()];
        for place in switched.iter().flatten().filter_map(|own| own.place) {
            is_switched[place as usize] = true;
        }
        let mut sets = Sets::new(circuit.nodes.len());
        let mut fixed = Links::default();
        for (part, _) in circuit.parts.iter().zip(&is_switched).filter(|(_, switched)| !**switched) {
            fixed.add(circuit, part, sequence);
        }
        for &(one, other) in &fixed.joined {
            sets.join(one, other);
        }
        let (number, count) = sets.numbered();
        let mut is_fed = vec![false; count];
        for &node in &fixed.fed {
            is_fed[number[node as usize] as usize] = true;
        }
        let links = |parts: Vec<&Part>| {
            let mut links = Links::default();
            for part in parts {
                links.add(circuit, part, sequence);
            }
            links.renumbered(&number)
        };
        let both = |own: &Vec<Switched<'_>>| {
            [
                links(own.iter().filter_map(|own| own.before).collect()),
                links(own.iter().filter_map(|own| own.after.as_ref()).collect()),
            ]
        };
        let places = points.iter().map(|point| number[point.node as usize]).collect();
        Self { is_fed, switched: switched.iter().map(both).collect(), places }
    }

    /// Whether a fault place is fed with some switches off.
    pub(super) fn feeds(&self, fault: usize, is_on: &[bool]) -> bool {
        let links = || self.switched.iter().zip(is_on).map(|(own, is_on)| &own[usize::from(!is_on)]);
        let mut sets = Sets::new(self.is_fed.len());
        for &(one, other) in links().flat_map(|links| &links.joined) {
            sets.join(one, other);
        }
        let place = sets.root(self.places[fault]);
        let is_here = |sets: &mut Sets, node: u32| sets.root(node) == place;
        if links().flat_map(|links| &links.fed).any(|&node| is_here(&mut sets, node)) {
            return true;
        }
        (0..self.is_fed.len() as u32).any(|node| self.is_fed[node as usize] && is_here(&mut sets, node))
    }
}

impl Links {
    fn add(&mut self, circuit: &Circuit, part: &Part, sequence: usize) {
        let block = &part.admittances[sequence];
        if sequence == POSITIVE && part.feeds_by_impedance() {
            self.fed.extend(part.nodes.iter().flatten());
        }
        for end in 0..block.order() {
            let Some(node) = part.nodes[end] else { continue };
            if sequence == ZERO && part.leads_to_earth(sequence, end) {
                self.fed.push(node);
            }
            for other in (0..end).filter(|&other| block.at(end, other) != Complex64::ZERO) {
                self.joined.extend(part.nodes[other].map(|other| (node, other)));
            }
        }
        let is_coupled = circuit
            .part_of
            .get(&(part.kind, part.id.clone()))
            .is_some_and(|at| circuit.coupled.contains_key(at));
        if let (ZERO, true, [Some(one), Some(other)]) = (sequence, is_coupled, part.nodes.as_slice()) {
            self.joined.push((*one, *other));
        }
    }

    fn renumbered(mut self, number: &[u32]) -> Self {
        for (one, other) in &mut self.joined {
            (*one, *other) = (number[*one as usize], number[*other as usize]);
        }
        for node in &mut self.fed {
            *node = number[*node as usize];
        }
        self
    }
}

/// Disjoint sets by path halving; the smallest member leads.
struct Sets {
    parent: Vec<u32>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parent: (0..count as u32).collect() }
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            self.parent[at as usize] = self.parent[self.parent[at as usize] as usize];
            at = self.parent[at as usize];
        }
        at
    }

    /// The number of each member's set, in the order of their leaders, and how many there are.
    fn numbered(&mut self) -> (Vec<u32>, usize) {
        let mut count = 0;
        let mut number = vec![0; self.parent.len()];
        for at in 0..self.parent.len() {
            let root = self.root(at as u32) as usize;
            number[at] = if root == at { count } else { number[root] };
            count += u32::from(root == at);
        }
        (number, count as usize)
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one.max(other) as usize] = one.min(other);
    }
}
