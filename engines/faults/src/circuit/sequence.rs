//! One sequence's network: its factored admittances, and the parts of it that have no path to earth.
//!
//! A part of the zero sequence without any path to earth is a legal case (an isolated network): its impedance is
//! infinite, no current flows, and its nodes move together. So is a part of the positive sequence without a source.
//! Such a part is held by an artificial admittance at one node, which no result depends on, and is remembered.

use num_complex::Complex64;

use super::coupling::Group;
use super::part::{Part, ZERO};
use crate::Error;
use crate::matrix::Symmetric;
use crate::matrix::dense::Dense;
use crate::matrix::factor::{Factor, Workspace};

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

/// A block of admittances between nodes, as the sequences see it.
struct Block<'a> {
    nodes: Vec<Option<u32>>,
    ratios: Vec<f64>,
    admittance: &'a Dense,
}

impl Sequence {
    /// Assembles and factors the network of a sequence.
    pub(crate) fn of(order: usize, parts: &[Part], groups: &[Group], sequence: usize) -> Result<Self, Error> {
        let blocks = blocks(parts, groups, sequence);
        let (area, profile, is_consistent) = areas(order, &blocks);
        let count = area.iter().max().map_or(0, |last| *last as usize + 1);
        let mut floats = is_consistent;
        floats.resize(count, true);
        let mut matrix = Symmetric::new(order);
        let mut scale = vec![0.0_f64; count];
        for block in &blocks {
            for (row, node) in block.nodes.iter().enumerate() {
                let Some(node) = *node else { continue };
                let place = area[node as usize] as usize;
                if block.leads_to_earth(row) {
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
        let mut is_held = vec![false; count];
        for (node, &place) in area.iter().enumerate() {
            let place = place as usize;
            if floats[place] && !is_held[place] {
                is_held[place] = true;
                let held = if scale[place] > 0.0 { scale[place] } else { 1.0 };
                matrix.add(node as u32, node as u32, Complex64::new(held, 0.0));
            }
        }
        let factor = Factor::of(&matrix).map_err(|node| Error::Singular { node: node as usize })?;
        Ok(Self { factor, area, floats, profile })
    }

    /// Whether a node has no path to earth.
    pub(crate) fn floats(&self, node: u32) -> bool {
        self.floats[self.area[node as usize] as usize]
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
    /// Whether current flows to earth at an end when all ends stand at voltages that drive none between them.
    fn leads_to_earth(&self, row: usize) -> bool {
        let driven = |column: usize| {
            let voltage = if self.nodes[column].is_some() { self.ratios[column] } else { 0.0 };
            self.admittance.at(row, column) * voltage
        };
        let order = self.admittance.order();
        let current: Complex64 = (0..order).map(driven).sum();
        let scale = (0..order).map(|column| driven(column).norm()).fold(0.0, f64::max);
        current.norm() > 1e-9 * scale
    }
}

fn blocks<'a>(parts: &'a [Part], groups: &'a [Group], sequence: usize) -> Vec<Block<'a>> {
    let own = parts.iter().filter(|part| part.admittances[sequence].order() > 0).map(|part| Block {
        nodes: part.nodes.clone(),
        ratios: part.ratios.clone(),
        admittance: &part.admittances[sequence],
    });
    let mut blocks: Vec<Block<'a>> = own.collect();
    if sequence == ZERO {
        blocks.extend(groups.iter().map(|group| {
            let count = 2 * group.members.len();
            Block {
                nodes: (0..count).map(|end| group.node(end)).collect(),
                ratios: vec![1.0; count],
                admittance: &group.admittance,
            }
        }));
    }
    blocks
}

/// The connected parts, the profile of voltages without current, and whether the profile holds on every way.
fn areas(order: usize, blocks: &[Block<'_>]) -> (Vec<u32>, Vec<f64>, Vec<bool>) {
    let mut ways: Vec<Vec<(u32, f64)>> = vec![Vec::new(); order];
    for block in blocks {
        for (row, node) in block.nodes.iter().enumerate() {
            for (column, other) in block.nodes.iter().enumerate() {
                if let (Some(node), Some(other), true) = (node, other, row != column)
                    && block.admittance.at(row, column) != Complex64::ZERO
                {
                    ways[*node as usize].push((*other, block.ratios[column] / block.ratios[row]));
                }
            }
        }
    }
    let mut area = vec![u32::MAX; order];
    let mut profile = vec![1.0; order];
    let mut is_consistent = Vec::new();
    for start in 0..order {
        if area[start] != u32::MAX {
            continue;
        }
        let number = is_consistent.len() as u32;
        let mut holds = true;
        area[start] = number;
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for &(other, ratio) in &ways[node] {
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
