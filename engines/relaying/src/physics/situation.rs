//! Compositions and schemes on all pairs at once: the terms of the composition are applied once and serve all schemes
//! with the same base network; the few terms of an outage follow scheme by scheme.

use num_complex::Complex64;

use super::check::{Check, Inputs};
use super::kernel::{Sweep, is_cut, parts};
use super::point::{Point, Term, inputs_of};
use super::ports::{Ports, Sequence};
use super::split::Split;
use super::step::{Faultwise, Uniform};
use super::tile::Tile;

/// The two sequences the sweep knows: the negative one is as the positive.
pub(super) const SWEPT: [usize; 2] = [super::ports::POSITIVE, super::ports::ZERO];

/// A base network's transfers, column by column: to the rows in use and to the fault points.
pub(super) struct Transfers {
    left: Vec<Split>,
    right: Vec<Split>,
}

impl Transfers {
    /// Out of matrices row by row.
    pub(super) fn new(sequence: &Sequence, rows: &[u32], columns: usize) -> Self {
        let faults = 0..sequence.z_ff.len() as u32;
        let left = |column: usize| Split::of(rows.iter().map(|&row| sequence.left_of(row, columns)[column]));
        let right =
            |column: usize| Split::of(faults.clone().map(|fault| sequence.right_of(fault, columns)[column]));
        Self { left: (0..columns).map(left).collect(), right: (0..columns).map(right).collect() }
    }

    /// What rows and fault points see of a term.
    fn project(&self, term: &Term) -> Projection {
        let mix = |of: &[Split]| {
            let mut sum = Split::zero(of.first().map_or(0, |split| split.re.len()));
            for &(column, part) in &term.mix {
                let from = sum.clone();
                Uniform { factor: -part, value: &of[column], from: &from, to: &mut sum }.apply();
            }
            sum
        };
        let weight = (!term.is_cut).then_some(term.weight);
        Projection { left: mix(&self.left), right: mix(&self.right), weight }
    }
}

/// A term as rows and fault points see it; without a weight it cuts off.
pub(super) struct Projection {
    left: Split,
    right: Split,
    weight: Option<Complex64>,
}

/// What all pairs of a tile show, in both sequences.
#[derive(Clone)]
pub(super) struct Shown {
    kappa: [Split; 2],
    impedance: [Split; 2],
}

/// Arrays that are used again and again.
pub(super) struct Work {
    driven: Split,
    slots: Split,
    each: Vec<f64>,
}

impl Work {
    pub(super) fn new(tile: &Tile) -> Self {
        let driven = Split::zero(tile.squared_kv.len());
        Self { driven, slots: Split::default(), each: Vec::new() }
    }
}

impl Shown {
    /// The base network.
    pub(super) fn base(sequences: [&Sequence; 2], tile: &Tile) -> Self {
        let kappa = |s: &Sequence| Split::of(tile.pairs.iter().map(|&pair| s.kappa[pair as usize]));
        let own =
            |s: &Sequence| Split::of(tile.faults.iter().map(|&fault| s.z_ff[fault as usize])).padded(1.0);
        Self { kappa: sequences.map(kappa), impedance: sequences.map(own) }
    }

    /// With terms applied, per sequence.
    pub(super) fn after(&self, tile: &Tile, terms: &[Vec<Projection>; 2], work: &mut Work) -> Self {
        let mut shown = self.clone();
        for (s, terms) in terms.iter().enumerate() {
            for term in terms {
                shown.step(s, tile, term, work);
            }
        }
        shown
    }

    fn step(&mut self, s: usize, tile: &Tile, term: &Projection, work: &mut Work) {
        let g = term.weight.unwrap_or(Complex64::ZERO);
        for (at, &fault) in tile.faults.iter().enumerate() {
            let (seen, z) = (term.right.at(fault as usize), self.impedance[s].at(at));
            work.driven.set(at, g * seen);
            let changed = match term.weight {
                None if is_cut(seen, z) => Complex64::new(f64::INFINITY, 0.0),
                _ if z.is_finite() => z - g * seen * seen,
                _ => z,
            };
            self.impedance[s].set(at, changed);
        }
        if term.weight.is_some() {
            tile.spread(&term.left, &mut work.slots);
            let (factor, value) = (&work.driven, &work.slots);
            Faultwise { tile, factor, value, from: &mut self.kappa[s] }.apply();
        }
    }

    /// The fault points, by their places in the tile, at which a limit is not kept.
    pub(super) fn failing(&self, tile: &Tile, work: &mut Work) -> Vec<usize> {
        let [positive, zero] = &self.kappa;
        let (kappa, impedance) = (parts(positive, zero), self.impedance.each_ref());
        if (Sweep { tile, kappa, impedance, last: None }).holds(&mut work.each) {
            return Vec::new();
        }
        (0..tile.faults.len()).filter(|&at| work.each[at] == 0.0).collect()
    }

    /// What a check at a fault point of the tile needs; `slot` tells where its pairs are.
    pub(super) fn inputs(
        &self,
        ports: &Ports,
        (tile, at): (&Tile, usize),
        (check, slot): (&Check, &[u32]),
    ) -> Inputs<Complex64> {
        let own = [0, 1].map(|s| {
            let z = self.impedance[s].at(at);
            if z.is_finite() { z.inv() } else { Complex64::ZERO }
        });
        let rows = |pair: Option<u32>| {
            // What no check of the tile needs has no slot.
            let slot =
                pair.map(|pair| slot[pair as usize] as usize).filter(|&slot| slot < tile.pairs.len())?;
            let [one, zero] = [0, 1].map(|s| self.kappa[s].at(slot) * own[s]);
            Some([one, one, zero])
        };
        inputs_of(ports, check, ([own[0], own[0], own[1]], rows))
    }
}

/// The terms of a point from the class changes on, or from the outage on, projected.
pub(super) fn project(
    point: &Point<'_>,
    transfers: &[Transfers; 2],
    is_outage: bool,
) -> [Vec<Projection>; 2] {
    [0, 1].map(|own| {
        let terms = point.terms[SWEPT[own]].iter().filter(|term| term.is_outage == is_outage);
        terms.map(|term| transfers[own].project(term)).collect()
    })
}
