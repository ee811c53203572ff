//! Complete enumeration: every composition of a region in one scheme, depth first by rank-1 steps in cache blocks.
//!
//! The compositions form a tree, one level per class that is free. A state holds the port matrices of a tile of pairs
//! with the classes above decided; a step changes them by one symmetric term, and only what the classes below still
//! need is kept up. At the leaves nothing is kept: eight fault points stay in the fastest cache while the step of each
//! count of the last class and the sweep are one loop over their pairs.

#![expect(
    clippy::inline_always,
    reason = "the walk must be compiled inside its dispatcher to take its vector width"
)]

use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::oracle::Protection;
use super::phasors::{Phasors, Vector, parts};
use super::point::{CUT, Point};
use super::ports::{POSITIVE, ZERO};
use super::step::{Change, Shown, uniform};
use super::sweep::{After, BOTH, POSITIVE_ONLY, Pairs, STILL};
use super::tile::Tile;
use crate::composition::space::Region;

/// Slots of a tile: so many that the steps between ports weigh little, so few that the last levels stay in the
/// second-level cache.
const TILE: usize = 512;

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
        let mut adequate = Arch::new().dispatch(Walk::new(protection, scheme, &tile, region));
        adequate.reverse();
        adequate
    });
    Some(found.reduce(|| vec![true; size], merge))
}

/// The port matrices of a tile with some classes decided, in one sequence.
#[derive(Clone)]
struct State {
    shown: Shown,
    /// Class by class: by slots, by fault points.
    left: Vec<Vec<Phasors>>,
    right: Vec<Vec<Phasors>>,
    control: Vec<Vec<Complex64>>,
}

struct Walk<'a> {
    tile: &'a Tile,
    /// Per free class: admittance of one unit in both sequences, and how many can be taken away.
    steps: Vec<[Complex64; 2]>,
    spans: Vec<u16>,
    /// Per sequence a stack of states; a step writes the next one.
    states: [Vec<State>; 2],
    /// Per count of the last class: the weights of its change in both sequences, and the fault points that keep all limits.
    weights: Vec<[Option<Complex64>; 2]>,
    kept: Vec<Vector>,
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
                shown: Shown::of(tile, |pair| point.kappa(s, pair), |fault| point.impedance(s, fault)),
                left: by(&free, |class| {
                    let row = |row: &u32| towards(sequence.left_of(*row, columns), class);
                    Phasors::filled(tile.rows.iter().map(row), 0.0)
                }),
                right: by(&free, |class| {
                    let fault = |fault: &u32| towards(sequence.right_of(*fault, columns), class);
                    Phasors::filled(tile.faults.iter().map(fault), 0.0)
                }),
                control: by(&free, |class| by(&free, |other| towards(control(class), other))),
            }
        };
        let stack = |s: usize| vec![root(s); free.len().max(1)];
        let step = |&class: &usize| [POSITIVE, ZERO].map(|s| ports.columns[class].step[s]);
        Self {
            tile,
            steps: free.iter().map(step).collect(),
            spans: free.iter().map(|&class| region.high[class] - region.low[class]).collect(),
            states: [stack(POSITIVE), stack(ZERO)],
            weights: Vec::new(),
            kept: Vec::new(),
            adequate: Vec::new(),
        }
    }

    /// Visits all counts of all free classes: those of the last class at once, the others one after the other.
    #[inline(always)]
    fn visit<S: Simd, const PLAIN: bool>(&mut self, simd: S) {
        let inner = self.spans.len().saturating_sub(1);
        let mut taken = vec![0; inner];
        // With the classes before it decided, the states a class begins from.
        let mut at = vec![[0; 2]; inner + 1];
        loop {
            self.leaves::<S, PLAIN>(simd, at[inner]);
            let Some(class) = (0..inner).rev().find(|&class| taken[class] < self.spans[class]) else {
                return;
            };
            taken[class] += 1;
            taken[class + 1..].fill(0);
            let change = -f64::from(taken[class]);
            let [own, earth] = at[class];
            let own = self.step(simd, 0, (class, change), own);
            let earth = self.step(simd, 1, (class, change), earth);
            at[class + 1..].fill([own, earth]);
        }
    }

    /// Takes a step in one sequence; returns the state that has it.
    #[inline(always)]
    fn step<S: Simd>(&mut self, simd: S, s: usize, (class, change): (usize, f64), at: usize) -> usize {
        let delta = self.steps[class][s] * change;
        if delta == Complex64::ZERO {
            return at;
        }
        let (above, below) = self.states[s].split_at_mut(at + 1);
        let (parent, child) = (&above[at], &mut below[0]);
        let (left, right) = (&parent.left[class], &parent.right[class]);
        let weight = weight(delta, parent.control[class][class]);
        Change { left, right, weight }.take(simd, self.tile, &parent.shown, &mut child.shown);
        let g = weight.unwrap_or(Complex64::ZERO);
        for other in class + 1..self.spans.len() {
            let factor = g * parent.control[class][other];
            uniform(simd, factor, left, &parent.left[other], &mut child.left[other]);
            uniform(simd, factor, right, &parent.right[other], &mut child.right[other]);
            for third in class + 1..self.spans.len() {
                child.control[other][third] =
                    parent.control[other][third] - factor * parent.control[class][third];
            }
        }
        at + 1
    }

    /// All counts of the last class: step and sweep at once.
    #[inline(always)]
    fn leaves<S: Simd, const PLAIN: bool>(&mut self, simd: S, at: [usize; 2]) {
        let states = [&self.states[0][at[0]], &self.states[1][at[1]]];
        self.weights.clear();
        self.weights.extend(weights(states, self.spans.last(), self.steps.last()));
        self.kept.clear();
        self.kept.resize(self.weights.len(), Vector::ONE);
        let leaf = Leaf {
            tile: self.tile,
            shown: states.map(|state| &state.shown),
            left: states.map(|state| &state.left.last().unwrap_or(&state.shown.kappa)[..]),
            right: states.map(|state| &state.right.last().unwrap_or(&state.shown.impedance)[..]),
        };
        for group in 0..self.tile.groups.len() {
            for (&weights, kept) in self.weights.iter().zip(&mut self.kept) {
                for part in 0..parts::<S>() {
                    let keeps = match weights {
                        [NOTHING, NOTHING] => leaf.keeps::<S, PLAIN, STILL>(simd, (group, part), weights),
                        [_, NOTHING] => leaf.keeps::<S, PLAIN, POSITIVE_ONLY>(simd, (group, part), weights),
                        _ => leaf.keeps::<S, PLAIN, BOTH>(simd, (group, part), weights),
                    };
                    let nothing = simd.splat_f64s(0.0);
                    kept.set::<S>(part, simd.select_f64s(keeps, kept.get::<S>(part), nothing));
                }
            }
        }
        self.adequate.extend(self.kept.iter().map(|kept| *kept == Vector::ONE));
    }
}

/// The weight of no change.
const NOTHING: Option<Complex64> = Some(Complex64::ZERO);

/// Per count of the last class, all of its units first: the weights of its change in both sequences.
fn weights(
    states: [&State; 2],
    span: Option<&u16>,
    step: Option<&[Complex64; 2]>,
) -> impl Iterator<Item = [Option<Complex64>; 2]> {
    let step = step.copied().unwrap_or_default();
    let own =
        states.map(|state| state.control.last().and_then(|row| row.last()).copied().unwrap_or_default());
    (0..=span.copied().unwrap_or_default()).map(move |change| {
        let one = |s: usize| {
            let delta = step[s] * -f64::from(change);
            if delta == Complex64::ZERO { NOTHING } else { weight(delta, own[s]) }
        };
        [one(0), one(1)]
    })
}

/// A tile with all classes but the last decided.
struct Leaf<'a> {
    tile: &'a Tile,
    shown: [&'a Shown; 2],
    left: [&'a [Phasors]; 2],
    right: [&'a [Phasors]; 2],
}

impl Leaf<'_> {
    /// Which of eight fault points keep their limits after a change by some weights.
    #[inline(always)]
    fn keeps<S: Simd, const PLAIN: bool, const CHANGES: usize>(
        &self,
        simd: S,
        (group, part): (usize, usize),
        weights: [Option<Complex64>; 2],
    ) -> S::m64s {
        let slots = self.tile.groups[group].limited();
        let pairs = Pairs {
            limits: &self.tile.limits[slots.clone()],
            kappa: [&self.shown[0].kappa[slots.clone()], &self.shown[1].kappa[slots.clone()]],
            left: [&self.left[0][slots.clone()], &self.left[1][slots]],
        };
        let own = self.shown[0].impedance[group].get::<S>(part);
        let own = match CHANGES {
            STILL => After::still(simd, own),
            _ => After::new(simd, own, self.right[0][group].get::<S>(part), weights[0]),
        };
        let earth = self.shown[1].impedance[group].get::<S>(part);
        let earth = match CHANGES {
            BOTH => After::new(simd, earth, self.right[1][group].get::<S>(part), weights[1]),
            _ => After::still(simd, earth),
        };
        pairs.keep::<S, PLAIN, CHANGES>(simd, part, [own, earth])
    }
}

impl WithSimd for Walk<'_> {
    type Output = Vec<bool>;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> Vec<bool> {
        if self.tile.is_plain {
            self.visit::<S, true>(simd);
        } else {
            self.visit::<S, false>(simd);
        }
        self.adequate
    }
}

fn by<T>(free: &[usize], of: impl Fn(usize) -> T) -> Vec<T> {
    free.iter().map(|&class| of(class)).collect()
}

/// 1/(1/δ + z); `None` at a cut.
fn weight(delta: Complex64, z: Complex64) -> Option<Complex64> {
    let pivot = delta * z + 1.0;
    (pivot.norm_sqr() >= CUT * CUT).then(|| delta / pivot)
}
