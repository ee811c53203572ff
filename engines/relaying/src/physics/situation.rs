//! Compositions and schemes on all pairs at once: the terms of the composition are applied once and serve all schemes
//! with the same base network; the few terms of an outage follow scheme by scheme.

use num_complex::Complex64;

use super::check::{Check, Inputs};
use super::phasors::{Phasors, Vector, WIDTH};
use super::point::{APART, Point, Term, inputs_of};
use super::ports::{Ports, Sequence};
use super::split::Split;
use super::step::{Change, Shown as One, Uniform};
use super::sweep::Sweep;
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
pub(super) struct Shown([One; 2]);

/// Arrays that are used again and again.
#[derive(Default)]
pub(super) struct Work {
    left: Vec<Phasors>,
    each: Vec<Vector>,
}

impl Shown {
    /// The base network.
    pub(super) fn base(sequences: [&Sequence; 2], tile: &Tile) -> Self {
        let one = |s: &Sequence| One::of(tile, |pair| s.kappa[pair as usize], |fault| s.z_ff[fault as usize]);
        Self(sequences.map(one))
    }

    /// With terms applied, per sequence.
    pub(super) fn after(&self, tile: &Tile, terms: &[Vec<Projection>; 2], work: &mut Work) -> Self {
        let mut shown = self.clone();
        for (shown, terms) in shown.0.iter_mut().zip(terms) {
            let mut next = shown.clone();
            for term in terms {
                let seen = tile.faults.iter().map(|&fault| term.right.at(fault as usize));
                tile.spread(&term.left, &mut work.left);
                let change =
                    Change { left: &work.left, right: &Phasors::filled(seen, 0.0), weight: term.weight };
                change.apply(tile, shown, &mut next);
                if term.weight.is_none() {
                    // Rows in what is cut off see nothing of faults elsewhere.
                    let apart = |slot: &usize| Phasors::at(&work.left, *slot).norm() > APART;
                    for slot in (0..tile.pairs.len()).filter(apart) {
                        next.kappa[slot / WIDTH].set_one(slot % WIDTH, Complex64::ZERO);
                    }
                }
                std::mem::swap(shown, &mut next);
            }
        }
        shown
    }

    /// The fault points, by their places in the tile, at which a limit is not kept.
    pub(super) fn failing(&self, tile: &Tile, work: &mut Work) -> Vec<usize> {
        let (kappa, impedance) =
            (self.0.each_ref().map(|one| &one.kappa[..]), self.0.each_ref().map(|one| &one.impedance[..]));
        if (Sweep { tile, kappa, impedance }).holds(&mut work.each) {
            return Vec::new();
        }
        let each = work.each.iter().flat_map(|kept| kept.0).zip(0..tile.faults.len());
        each.filter(|(kept, _)| *kept == 0.0).map(|(_, at)| at).collect()
    }

    /// What a check at a fault point of the tile needs; `slot` tells where its pairs are.
    pub(super) fn inputs(
        &self,
        ports: &Ports,
        (tile, at): (&Tile, usize),
        (check, slot): (&Check, &[u32]),
    ) -> Inputs<Complex64> {
        let own = [0, 1].map(|s| {
            let z = Phasors::at(&self.0[s].impedance, at);
            if z.is_finite() { z.inv() } else { Complex64::ZERO }
        });
        let rows = |pair: u32| {
            // What no check of the tile needs has no slot.
            let slot = Some(slot[pair as usize] as usize).filter(|&slot| slot < tile.pairs.len())?;
            let [one, zero] = [0, 1].map(|s| Phasors::at(&self.0[s].kappa, slot) * own[s]);
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
