//! Complete enumeration: every composition of a region in one scheme, depth first by rank-1 steps in cache blocks.
//!
//! The compositions form a tree, one level per class that is free. A state holds the port matrices of a tile of pairs
//! with the classes above decided; a step changes them by one symmetric term, and only what the classes below still
//! need is kept up. At the leaves nothing is kept: step and sweep are one loop.

use num_complex::Complex64;
use rayon::prelude::*;

use super::kernel::{Last, Sweep, is_cut, parts};
use super::oracle::Protection;
use super::point::{CUT, Point};
use super::ports::{POSITIVE, ZERO};
use super::split::Split;
use super::step::{Faultwise, Uniform};
use super::tile::Tile;
use crate::composition::space::Region;

/// Slots of a tile: what the leaves read stays in the second-level cache.
const TILE: usize = 256;

/// Whether each composition of a region is adequate in a scheme, in the order of mixed-radix numbers (the last class
/// turns fastest). The walk begins with most units and takes them away: sources only ever vanish. Every pair of every
/// composition is looked at. `None` when there are requirements the sweep cannot decide.
pub fn adequate(protection: &Protection, scheme: usize, region: &Region) -> Option<Vec<bool>> {
    let tiles = protection.tiles(scheme, TILE)?;
    let size = usize::try_from(region.size()).ok()?;
    let merge = |mut one: Vec<bool>, other: Vec<bool>| {
        one.iter_mut().zip(other).for_each(|(one, other)| *one &= other);
        one
    };
    let found = tiles.into_par_iter().map(|tile| {
        let mut walk = Walk::new(protection, scheme, &tile, region);
        walk.visit(0, [0; 2]);
        walk.adequate.reverse();
        walk.adequate
    });
    Some(found.reduce(|| vec![true; size], merge))
}

/// The port matrices of a tile with some classes decided, in one sequence.
#[derive(Clone)]
struct State {
    /// By slots.
    kappa: Split,
    /// By fault points.
    impedance: Split,
    /// Class by class: by slots, by fault points.
    left: Vec<Split>,
    right: Vec<Split>,
    control: Vec<Vec<Complex64>>,
}

struct Walk<'a> {
    tile: &'a Tile,
    /// Per free class: admittance of one unit in both sequences, and how many can be taken away.
    steps: Vec<[Complex64; 2]>,
    spans: Vec<u16>,
    /// Per sequence a stack of states; a step writes the next one.
    states: [Vec<State>; 2],
    driven: Split,
    each: Vec<f64>,
    adequate: Vec<bool>,
}

impl<'a> Walk<'a> {
    fn new(protection: &Protection, scheme: usize, tile: &'a Tile, region: &Region) -> Self {
        let ports = protection.ports();
        let free: Vec<usize> =
            (0..ports.classes()).filter(|&class| region.low[class] < region.high[class]).collect();
        let point = Point::new(ports, scheme, &region.high);
        let root = |s: usize| {
            let (sequence, columns) = (ports.sequence(scheme, s), ports.columns.len());
            let towards = |vector: &[Complex64], class: usize| point.transfer(s, vector, class);
            let control = |class: usize| &sequence.control[class * columns..][..columns];
            State {
                kappa: Split::of(tile.pairs.iter().map(|&pair| point.kappa(s, pair))),
                impedance: Split::of(tile.faults.iter().map(|&fault| point.impedance(s, fault))).padded(1.0),
                left: by(&free, |class| {
                    let row = |row: &u32| towards(sequence.left_of(*row, columns), class);
                    Split::of(tile.rows.iter().map(row))
                }),
                right: by(&free, |class| {
                    let fault = |fault: &u32| towards(sequence.right_of(*fault, columns), class);
                    Split::of(tile.faults.iter().map(fault)).padded(0.0)
                }),
                control: by(&free, |class| by(&free, |other| towards(control(class), other))),
            }
        };
        let stack = |s: usize| vec![root(s); free.len() + 1];
        let step = |&class: &usize| [POSITIVE, ZERO].map(|s| ports.columns[class].step[s]);
        Self {
            tile,
            steps: free.iter().map(step).collect(),
            spans: free.iter().map(|&class| region.high[class] - region.low[class]).collect(),
            states: [stack(POSITIVE), stack(ZERO)],
            driven: Split::zero(tile.squared_kv.len()),
            each: Vec::new(),
            adequate: Vec::new(),
        }
    }

    /// Visits all counts of the classes from `class` on, from the states on the stacks given.
    fn visit(&mut self, class: usize, at: [usize; 2]) {
        if class + 1 >= self.spans.len() {
            self.leaves(class, at);
            return;
        }
        self.visit(class + 1, at);
        for change in 1..=self.spans[class] {
            let below = [0, 1].map(|s| self.step(s, class, -f64::from(change), at[s]));
            self.visit(class + 1, below);
        }
    }

    /// Takes a step in one sequence; returns the state that has it.
    fn step(&mut self, s: usize, class: usize, change: f64, at: usize) -> usize {
        let delta = self.steps[class][s] * change;
        if delta == Complex64::ZERO {
            return at;
        }
        let (above, below) = self.states[s].split_at_mut(at + 1);
        let (parent, child) = (&above[at], &mut below[0]);
        let weight = weight(delta, parent.control[class][class]);
        let g = weight.unwrap_or(Complex64::ZERO);
        for fault in 0..self.tile.faults.len() {
            let (seen, z) = (parent.right[class].at(fault), parent.impedance.at(fault));
            self.driven.set(fault, g * seen);
            let is_cut = weight.is_none() && is_cut(seen, z);
            let infinite = Complex64::new(f64::INFINITY, 0.0);
            child.impedance.set(fault, if is_cut { infinite } else { z - g * seen * seen });
        }
        child.kappa.clone_from(&parent.kappa);
        let (value, from) = (&parent.left[class], &mut child.kappa);
        Faultwise { tile: self.tile, factor: &self.driven, value, from }.apply();
        for other in class + 1..self.spans.len() {
            let factor = g * parent.control[class][other];
            let of = |value, from, to| Uniform { factor, value, from, to }.apply();
            of(&parent.left[class], &parent.left[other], &mut child.left[other]);
            of(&parent.right[class], &parent.right[other], &mut child.right[other]);
            for third in class + 1..self.spans.len() {
                child.control[other][third] =
                    parent.control[other][third] - factor * parent.control[class][third];
            }
        }
        at + 1
    }

    /// All counts of the last class: step and sweep at once.
    fn leaves(&mut self, class: usize, at: [usize; 2]) {
        let [positive, zero] = [0, 1].map(|s| &self.states[s][at[s]]);
        let impedance = [&positive.impedance, &zero.impedance];
        let kappa = parts(&positive.kappa, &zero.kappa);
        let mut holds = |last| Sweep { tile: self.tile, kappa, impedance, last }.holds(&mut self.each);
        self.adequate.push(holds(None));
        let Some(&span) = self.spans.get(class) else { return };
        let left = parts(&positive.left[class], &zero.left[class]);
        let right = [&positive.right[class], &zero.right[class]];
        let own = [positive.control[class][class], zero.control[class][class]];
        for change in 1..=span {
            let weights = [0, 1].map(|s| {
                let delta = self.steps[class][s] * -f64::from(change);
                if delta == Complex64::ZERO { Some(delta) } else { weight(delta, own[s]) }
            });
            self.adequate.push(holds(Some(Last { left, right, weights })));
        }
    }
}

fn by<T>(free: &[usize], of: impl Fn(usize) -> T) -> Vec<T> {
    free.iter().map(|&class| of(class)).collect()
}

/// 1/(1/δ + z); `None` at a cut.
fn weight(delta: Complex64, z: Complex64) -> Option<Complex64> {
    let pivot = delta * z + 1.0;
    (pivot.norm() >= CUT).then(|| delta / pivot)
}
