//! Complete enumeration: every composition of a domain in one scheme, depth first by rank-1 steps in cache blocks.
//!
//! The compositions form a tree, one level per class. A node holds the port matrices of its block of pairs with the
//! classes above it decided; a step changes them by one symmetric term, and only what the classes below still need
//! is kept up. At the leaves nothing is kept: step and sweep are one loop.

use std::ops::Range;

use num_complex::Complex64;
use rayon::prelude::*;

use super::kernel::{Amperes, LANES, Split, Step, Sweep};
use super::oracle::Protection;
use super::point::CUT;
use super::ports::{POSITIVE, ZERO};
use crate::composition::space::Region;

/// Pairs of a block: the working set stays in the second-level cache.
const BLOCK: usize = 2000;

/// Whether each composition of a region is adequate in a scheme, in the order of mixed-radix numbers (the last class
/// turns fastest). The walk begins with most units and takes them away: sources only ever vanish. `None` when there are requirements the sweep cannot decide.
pub fn adequate(protection: &Protection, scheme: usize, region: &Region) -> Option<Vec<bool>> {
    let blocks = protection.blocks(scheme, BLOCK)?;
    let size = usize::try_from(region.size()).ok()?;
    let merge = |mut one: Vec<bool>, other: Vec<bool>| {
        one.iter_mut().zip(other).for_each(|(one, other)| *one &= other);
        one
    };
    let found = blocks.into_par_iter().map(|faults| {
        let block = Block::new(protection, scheme, &faults);
        let mut walk = Walk { block: &block, region, adequate: Vec::with_capacity(size) };
        walk.visit(0, &block.root(protection, scheme, region));
        walk.adequate.reverse();
        walk.adequate
    });
    Some(found.reduce(|| vec![true; size], merge))
}

/// The pairs of some fault points.
struct Block<'a> {
    protection: &'a Protection,
    /// Pairs of each fault point, within the block.
    pairs: Vec<Range<usize>>,
    faults: Vec<u32>,
    /// The row of each pair, as a number among the block's rows.
    rows: Vec<u32>,
    used_rows: Vec<u32>,
    limits: [Vec<f64>; LANES],
    /// Admittance of one unit per class: positive and zero sequence.
    steps: Vec<[Complex64; 2]>,
}

/// The port matrices of a node of the tree, per sequence.
#[derive(Clone)]
struct Node {
    sequences: [Sequence; 2],
}

#[derive(Clone)]
struct Sequence {
    kappa: Split,
    z_ff: Vec<Complex64>,
    /// Classes by rows, classes by fault points, class by class.
    left: Vec<Vec<Complex64>>,
    right: Vec<Vec<Complex64>>,
    control: Vec<Vec<Complex64>>,
}

impl<'a> Block<'a> {
    fn new(protection: &'a Protection, scheme: usize, faults: &[u32]) -> Self {
        let ports = protection.ports();
        let mut used_rows = Vec::new();
        let mut block = Self {
            protection,
            pairs: Vec::new(),
            faults: faults.to_vec(),
            rows: Vec::new(),
            used_rows: Vec::new(),
            limits: std::array::from_fn(|_| Vec::new()),
            steps: ports.columns[..ports.classes()]
                .iter()
                .map(|c| [c.step[POSITIVE], c.step[ZERO]])
                .collect(),
        };
        for &fault in faults {
            let start = block.rows.len();
            for pair in protection.swept_pairs(fault) {
                let row = ports.pairs[pair].row;
                let is_idle = ports.schemes[scheme].idle_rows.binary_search(&row).is_ok();
                let at = used_rows.iter().position(|&known| known == row).unwrap_or_else(|| {
                    used_rows.push(row);
                    used_rows.len() - 1
                });
                block.rows.push(at as u32);
                for (lane, limits) in block.limits.iter_mut().enumerate() {
                    limits.push(if is_idle { f64::NEG_INFINITY } else { protection.limit(lane, pair) });
                }
            }
            block.pairs.push(start..block.rows.len());
        }
        block.used_rows = used_rows;
        block
    }

    /// The root: the scheme in effect, every class at the region's high corner.
    fn root(&self, protection: &Protection, scheme: usize, region: &Region) -> Node {
        let ports = protection.ports();
        let point = super::point::Point::new(ports, scheme, &ports.high);
        let pairs: Vec<u32> = self
            .faults
            .iter()
            .flat_map(|&fault| protection.swept_pairs(fault))
            .map(|pair| pair as u32)
            .collect();
        let mut node = Node {
            sequences: [POSITIVE, ZERO].map(|s| {
                let kappa: Vec<Complex64> = pairs.iter().map(|&pair| point.kappa(s, pair)).collect();
                let classes = 0..ports.classes();
                let sequence = ports.sequence(scheme, s);
                let columns = ports.columns.len();
                let column = |vector: &[Complex64], class: usize| point.transfer(s, vector, class);
                Sequence {
                    kappa: Split::of(&kappa),
                    z_ff: self.faults.iter().map(|&fault| point.impedance(s, fault)).collect(),
                    left: classes
                        .clone()
                        .map(|class| {
                            self.used_rows
                                .iter()
                                .map(|&row| column(sequence.left_of(row, columns), class))
                                .collect()
                        })
                        .collect(),
                    right: classes
                        .clone()
                        .map(|class| {
                            self.faults
                                .iter()
                                .map(|&f| column(sequence.right_of(f, columns), class))
                                .collect()
                        })
                        .collect(),
                    control: classes
                        .clone()
                        .map(|class| {
                            let vector = &sequence.control[class * columns..][..columns];
                            classes.clone().map(|other| column(vector, other)).collect()
                        })
                        .collect(),
                }
            }),
        };
        for class in 0..ports.classes() {
            let change = f64::from(region.high[class]) - f64::from(ports.high[class]);
            if change != 0.0 {
                node = self.child(&node, class, change, 0..ports.classes());
            }
        }
        node
    }

    /// A node with `change` more units of a class; `kept` classes stay known.
    fn child(&self, node: &Node, class: usize, change: f64, kept: Range<usize>) -> Node {
        let mut child = node.clone();
        for (s, sequence) in child.sequences.iter_mut().enumerate() {
            let delta = self.steps[class][s] * change;
            if delta == Complex64::ZERO {
                continue;
            }
            let parent = &node.sequences[s];
            let g = weight(delta, parent.control[class][class]);
            let own = &parent.control[class];
            self.shift(sequence, parent, class, g);
            for other in kept.clone() {
                let factor = g.unwrap_or(Complex64::ZERO) * own[other];
                for (left, seen) in sequence.left[other].iter_mut().zip(&parent.left[class]) {
                    *left -= factor * seen;
                }
                for (right, seen) in sequence.right[other].iter_mut().zip(&parent.right[class]) {
                    *right -= factor * seen;
                }
                for third in kept.clone() {
                    sequence.control[other][third] -= factor * own[third];
                }
            }
        }
        child
    }

    /// κ and fault impedances after a step.
    fn shift(&self, sequence: &mut Sequence, parent: &Sequence, class: usize, g: Option<Complex64>) {
        for (at, pairs) in self.pairs.iter().enumerate() {
            let seen = parent.right[class][at];
            let Some(g) = g else {
                // The last source of what this class feeds is gone.
                if seen.norm() > 1e-6 * sequence.z_ff[at].norm() {
                    sequence.z_ff[at] = Complex64::new(f64::INFINITY, 0.0);
                }
                continue;
            };
            let driven = g * seen;
            sequence.z_ff[at] -= driven * seen;
            for pair in pairs.clone() {
                let change = driven * parent.left[class][self.rows[pair] as usize];
                sequence.kappa.re[pair] -= change.re;
                sequence.kappa.im[pair] -= change.im;
            }
        }
    }
}

/// 1/(1/δ + z); `None` at a cut.
fn weight(delta: Complex64, z: Complex64) -> Option<Complex64> {
    let pivot = delta * z + 1.0;
    (pivot.norm() >= CUT).then(|| delta / pivot)
}

struct Walk<'a> {
    block: &'a Block<'a>,
    region: &'a Region,
    adequate: Vec<bool>,
}

impl Walk<'_> {
    fn visit(&mut self, class: usize, node: &Node) {
        let classes = self.region.classes();
        if class == classes {
            self.adequate.push(self.block.holds(node));
            return;
        }
        if class + 1 == classes {
            self.leaves(class, node);
            return;
        }
        self.visit(class + 1, node);
        for change in 1..=(self.region.high[class] - self.region.low[class]) {
            let child = self.block.child(node, class, -f64::from(change), class + 1..classes);
            self.visit(class + 1, &child);
        }
    }

    /// All counts of the last class: step and sweep at once.
    fn leaves(&mut self, class: usize, node: &Node) {
        let block = self.block;
        self.adequate.push(block.holds(node));
        // What the last class does to each pair, in the order of the pairs.
        let staged: [Split; 2] = [0, 1].map(|s| {
            let left = &node.sequences[s].left[class];
            let values: Vec<Complex64> = block.rows.iter().map(|&row| left[row as usize]).collect();
            Split::of(&values)
        });
        for change in 1..=(self.region.high[class] - self.region.low[class]) {
            let g = [0, 1].map(|s| {
                weight(block.steps[class][s] * -f64::from(change), node.sequences[s].control[class][class])
            });
            self.adequate.push(block.leaf_holds(node, class, &staged, g));
        }
    }
}

impl Block<'_> {
    fn holds(&self, node: &Node) -> bool {
        (0..self.faults.len()).all(|at| {
            let z = [0, 1].map(|s| node.sequences[s].z_ff[at]);
            let pairs = self.pairs[at].clone();
            self.amperes(at, z).is_some_and(|amperes| self.sweep(node, pairs, &amperes, None).least() >= 0.0)
        })
    }

    fn leaf_holds(&self, node: &Node, class: usize, staged: &[Split; 2], g: [Option<Complex64>; 2]) -> bool {
        (0..self.faults.len()).all(|at| {
            let driven = [0, 1].map(|s| g[s].unwrap_or(Complex64::ZERO) * node.sequences[s].right[class][at]);
            let z = [0, 1].map(|s| {
                let (own, seen) = (node.sequences[s].z_ff[at], node.sequences[s].right[class][at]);
                let is_cut = g[s].is_none() && seen.norm() > 1e-6 * own.norm();
                if is_cut { Complex64::new(f64::INFINITY, 0.0) } else { own - driven[s] * seen }
            });
            let pairs = self.pairs[at].clone();
            self.amperes(at, z).is_some_and(|amperes| {
                self.sweep(node, pairs, &amperes, Some((staged, driven))).least() >= 0.0
            })
        })
    }

    /// Currents of the fault; none without a source.
    fn amperes(&self, at: usize, z: [Complex64; 2]) -> Option<Amperes> {
        let admittance = z.map(|z| if z.is_finite() { z.inv() } else { Complex64::ZERO });
        let fault = [admittance[0], admittance[0], admittance[1]];
        let kv = self.protection.ports().fault_kv[self.faults[at] as usize];
        (admittance[0] != Complex64::ZERO).then(|| super::oracle::amperes(fault, kv))
    }

    fn sweep<'b>(
        &'b self,
        node: &'b Node,
        pairs: Range<usize>,
        amperes: &'b Amperes,
        step: Option<(&'b [Split; 2], [Complex64; 2])>,
    ) -> Sweep<'b> {
        let kappa = |s: usize| {
            let split = &node.sequences[s].kappa;
            (&split.re[pairs.clone()], &split.im[pairs.clone()])
        };
        let step = step.map(|(staged, driven)| {
            let side = |s: usize| -> Step<'b> {
                (&staged[s].re[pairs.clone()], &staged[s].im[pairs.clone()], driven[s])
            };
            [side(0), side(1)]
        });
        Sweep {
            positive: kappa(0),
            zero: kappa(1),
            step,
            limits: std::array::from_fn(|lane| &self.limits[lane][pairs.clone()]),
            amperes,
        }
    }
}
