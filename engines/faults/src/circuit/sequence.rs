//! One sequence's network: its factored admittances, and the parts of it that have no path to earth.
//!
//! A part of the zero sequence without any path to earth is a legal case (an isolated network): its impedance is
//! infinite, no current flows, and its nodes move together. So is a part of the positive sequence without a source.
//! Such a part is held by an artificial admittance at one node, which no result depends on, and is remembered.

use std::borrow::Cow;
use std::sync::Arc;

use num_complex::Complex64;

use super::coupling::Group;
use super::part::{NEGATIVE, POSITIVE, Part, ZERO, leads_to_earth};
use crate::Error;
use crate::matrix::Symmetric;
use crate::matrix::dense::Dense;
use crate::matrix::factor::{Factor, Workspace};
use crate::matrix::order::Structure;

/// The network of one sequence.
#[derive(Debug, Clone)]
pub(crate) struct Sequence {
    pub(crate) factor: Factor,
    /// The connected part each node belongs to.
    area: Vec<u32>,
    /// Whether the nodes of an area float: no path to earth.
    floats: Vec<bool>,
    /// The voltage of each node without current, relative to its area's first node.
    pub(crate) profile: Vec<f64>,
}

/// The networks of all sequences.
pub(crate) struct Sequences {
    pub(crate) positive: Sequence,
    /// None: as the positive sequence.
    pub(crate) negative: Option<Sequence>,
    pub(crate) zero: Sequence,
}

impl Sequences {
    /// Assembles the networks and factors them on one structure.
    pub(crate) fn of(order: usize, parts: &[Part], groups: &[Group]) -> Result<Self, Error> {
        let differs = parts.iter().any(|part| part.admittances[POSITIVE] != part.admittances[NEGATIVE]);
        let assembled = |sequence| Assembled::of(order, parts, groups, sequence);
        let ((positive, negative), zero) =
            rayon::join(|| (assembled(POSITIVE), differs.then(|| assembled(NEGATIVE))), || assembled(ZERO));
        let all = [Some(&positive), negative.as_ref(), Some(&zero)];
        let matrices: Vec<&Symmetric> = all.into_iter().flatten().map(|own| &own.matrix).collect();
        let structure = Arc::new(Structure::of(&matrices));
        let (active, zero) = rayon::join(
            || (positive.factored(&structure), negative.map(|own| own.factored(&structure)).transpose()),
            || zero.factored(&structure),
        );
        let (positive, negative) = active;
        Ok(Self { positive: positive?, negative: negative?, zero: zero? })
    }
}

/// The network of one sequence before it is factored.
struct Assembled {
    matrix: Symmetric,
    area: Vec<u32>,
    floats: Vec<bool>,
    profile: Vec<f64>,
}

/// A block of admittances between nodes, as the sequences see it.
struct Block<'a> {
    nodes: Cow<'a, [Option<u32>]>,
    /// None: all one.
    ratios: Option<&'a [f64]>,
    admittance: &'a Dense,
}

impl Assembled {
    /// Assembles the network of a sequence.
    fn of(order: usize, parts: &[Part], groups: &[Group], sequence: usize) -> Self {
        let blocks = blocks(parts, groups, sequence);
        let (area, profile, mut floats) = areas(order, &blocks);
        let mut matrix = Symmetric::new(order);
        let mut scale = vec![0.0_f64; floats.len()];
        for block in &blocks {
            for (row, node) in block.nodes.iter().enumerate() {
                let Some(node) = *node else { continue };
                let place = area[node as usize] as usize;
                if floats[place] && block.leads_to_earth(row) {
                    floats[place] = false;
                }
                for (column, other) in block.nodes.iter().enumerate().take(row + 1) {
                    let Some(other) = *other else { continue };
                    let value = block.admittance.at(row, column);
                    if value != Complex64::ZERO {
                        // Both ends at one node: the mirror counts too.
                        let twice = if node == other && row != column { 2.0 } else { 1.0 };
                        matrix.add(node, other, value * twice);
                        scale[place] = scale[place].max(value.norm());
                    }
                }
            }
        }
        let mut is_held = vec![false; floats.len()];
        for (node, &place) in area.iter().enumerate() {
            let place = place as usize;
            if floats[place] && !is_held[place] {
                is_held[place] = true;
                let held = if scale[place] > 0.0 { scale[place] } else { 1.0 };
                matrix.add(node as u32, node as u32, Complex64::new(held, 0.0));
            }
        }
        Self { matrix, area, floats, profile }
    }

    /// Factors on a structure that holds the matrix.
    fn factored(self, structure: &Arc<Structure>) -> Result<Sequence, Error> {
        let singular = |node| Error::Singular { node: node as usize };
        let factor = Factor::of(&self.matrix, structure).map_err(singular)?;
        Ok(Sequence { factor, area: self.area, floats: self.floats, profile: self.profile })
    }
}

impl Sequence {
    /// Whether a node has no path to earth.
    pub(crate) fn floats(&self, node: u32) -> bool {
        self.floats[self.area[node as usize] as usize]
    }

    /// Whether a connected part has a path to earth.
    pub(crate) fn leads_to_earth(&self, area: u32) -> bool {
        !self.floats[area as usize]
    }

    /// The connected part a node belongs to.
    pub(crate) fn area(&self, node: u32) -> u32 {
        self.area[node as usize]
    }

    /// Entries of the impedance matrix in one column, 0 outside the column's area.
    pub(crate) fn entries(&self, column: u32, rows: &[u32], work: &mut Workspace) -> Vec<Complex64> {
        self.factor.entries(column, rows, work)
    }
}

impl Block<'_> {
    /// See [`leads_to_earth`].
    fn leads_to_earth(&self, row: usize) -> bool {
        leads_to_earth(
            self.admittance,
            row,
            |end| {
                if self.nodes[end].is_some() { self.ratio(end) } else { 0.0 }
            },
        )
    }

    fn ratio(&self, end: usize) -> f64 {
        self.ratios.map_or(1.0, |ratios| ratios[end])
    }
}

fn blocks<'a>(parts: &'a [Part], groups: &'a [Group], sequence: usize) -> Vec<Block<'a>> {
    let own = parts.iter().filter(|part| part.admittances[sequence].order() > 0).map(|part| Block {
        nodes: Cow::Borrowed(&part.nodes),
        ratios: Some(part.ratios_in(sequence)),
        admittance: &part.admittances[sequence],
    });
    let mut blocks: Vec<Block<'a>> = own.collect();
    if sequence == ZERO {
        blocks.extend(groups.iter().map(|group| {
            let count = 2 * group.members.len();
            Block {
                nodes: (0..count).map(|end| group.node(end)).collect(),
                ratios: None,
                admittance: &group.admittance,
            }
        }));
    }
    blocks
}

/// The connected parts, the profile of voltages without current, and whether the profile holds on every way.
fn areas(order: usize, blocks: &[Block<'_>]) -> (Vec<u32>, Vec<f64>, Vec<bool>) {
    let ways = Ways::of(order, blocks);
    let mut area = vec![u32::MAX; order];
    let mut profile = vec![1.0; order];
    let mut is_consistent = Vec::new();
    let mut stack = Vec::new();
    for start in 0..order {
        if area[start] != u32::MAX {
            continue;
        }
        let number = is_consistent.len() as u32;
        let mut holds = true;
        area[start] = number;
        stack.push(start);
        while let Some(node) = stack.pop() {
            for &(other, ratio) in ways.from(node) {
                let expected = profile[node] * ratio;
                if area[other as usize] == u32::MAX {
                    area[other as usize] = number;
                    profile[other as usize] = expected;
                    stack.push(other as usize);
                } else if (profile[other as usize] - expected).abs() > 1e-9 * expected.abs() {
                    holds = false;
                }
            }
        }
        is_consistent.push(holds);
    }
    (area, profile, is_consistent)
}

/// The ways from each node to others, with the ratio of the voltages without current.
struct Ways {
    starts: Vec<usize>,
    ways: Vec<(u32, f64)>,
}

impl Ways {
    fn of(order: usize, blocks: &[Block<'_>]) -> Self {
        let mut starts = vec![0; order + 1];
        each_way(blocks, |node, _| starts[node as usize + 1] += 1);
        for node in 0..order {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut ways = vec![(0, 0.0); starts[order]];
        each_way(blocks, |node, way| {
            ways[next[node as usize]] = way;
            next[node as usize] += 1;
        });
        Self { starts, ways }
    }

    fn from(&self, node: usize) -> &[(u32, f64)] {
        &self.ways[self.starts[node]..self.starts[node + 1]]
    }
}

fn each_way(blocks: &[Block<'_>], mut tell: impl FnMut(u32, (u32, f64))) {
    for block in blocks {
        for (row, node) in block.nodes.iter().enumerate() {
            for (column, other) in block.nodes.iter().enumerate() {
                // Currents of coupled lines induce voltages in each other, but flow from end to end of one only.
                let is_way = row != column && (block.ratios.is_some() || row / 2 == column / 2);
                if let (Some(node), Some(other), true) = (node, other, is_way)
                    && block.admittance.at(row, column) != Complex64::ZERO
                {
                    tell(*node, (*other, block.ratio(column) / block.ratio(row)));
                }
            }
        }
    }
}
