//! The sweep: all pairs of fault points against their limits, after a change by one symmetric term or as they stand.

#![expect(
    clippy::inline_always,
    reason = "the loops must be compiled inside their dispatcher to take its vector width"
)]

use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};

use super::kernel::{Factors, Limits};
use super::phasors::{Pair, Phasors, Vector, less, parts, size, splat, times};
use super::tile::Tile;

/// No change; a change of the positive sequence; a change of both.
pub(super) const STILL: usize = 0;
pub(super) const POSITIVE_ONLY: usize = 1;
pub(super) const BOTH: usize = 2;

/// Fault points after a change in one sequence.
pub(super) struct After<S: Simd> {
    pub(super) impedance: Pair<S>,
    /// What the change takes from their pairs per unit of what the pairs' rows see of it.
    pub(super) driven: Pair<S>,
}

impl<S: Simd> After<S> {
    /// As they stand.
    #[inline(always)]
    pub(super) fn still(simd: S, impedance: Pair<S>) -> Self {
        Self { impedance, driven: splat(simd, Complex64::ZERO) }
    }

    /// After a change the fault points see so much of; without a weight it cuts off from all sources whoever sees it.
    #[inline(always)]
    pub(super) fn new(simd: S, z: Pair<S>, seen: Pair<S>, weight: Option<Complex64>) -> Self {
        let Some(g) = weight else {
            let bound = simd.mul_f64s(simd.splat_f64s(CUT_PART), size(simd, z));
            let is_cut = simd.greater_than_f64s(size(simd, seen), bound);
            let (infinite, nothing) = splat(simd, Complex64::new(f64::INFINITY, 0.0));
            let re = simd.select_f64s(is_cut, infinite, z.0);
            return Self::still(simd, (re, simd.select_f64s(is_cut, nothing, z.1)));
        };
        let driven = times(simd, splat(simd, g), seen);
        Self { impedance: less(simd, z, driven, seen), driven }
    }
}

/// Squared part of its impedance from which on a fault point sees a change that cuts off.
const CUT_PART: f64 = 1e-12;

/// The pairs of eight fault points: as many of each.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'a> {
    pub(super) limits: &'a [Limits],
    /// Current per ampere of the fault, in both sequences.
    pub(super) kappa: [&'a [Phasors]; 2],
    /// What the rows see of a change, in both sequences.
    pub(super) left: [&'a [Phasors]; 2],
}

impl Pairs<'_> {
    /// Which fault points keep all their limits.
    #[inline(always)]
    pub(super) fn keep<S: Simd, const PLAIN: bool, const CHANGES: usize>(
        self,
        simd: S,
        part: usize,
        [positive, zero]: [After<S>; 2],
    ) -> S::m64s {
        let factors = Factors::new(simd, positive.impedance, zero.impedance);
        let nothing = simd.splat_f64s(0.0);
        let mut keeps = simd.greater_than_or_equal_f64s(nothing, nothing);
        let ([kappa, kappa0], [left, left0]) = (self.kappa, self.left);
        let pairs = self.limits.iter().zip(kappa.iter().zip(kappa0)).zip(left.iter().zip(left0));
        for ((limits, (kappa, kappa0)), (left, left0)) in pairs {
            let (mut seen, mut seen0) = (kappa.get::<S>(part), kappa0.get::<S>(part));
            if CHANGES != STILL {
                seen = less(simd, seen, positive.driven, left.get::<S>(part));
            }
            if CHANGES == BOTH {
                seen0 = less(simd, seen0, zero.driven, left0.get::<S>(part));
            }
            let limit = |lane: usize| limits[lane].get::<S>(part);
            keeps = simd.and_m64s(keeps, factors.keeps::<PLAIN>(simd, (seen, seen0), limit));
        }
        keeps
    }
}

/// All pairs of a tile as they stand.
pub(super) struct Sweep<'a> {
    pub(super) tile: &'a Tile,
    pub(super) kappa: [&'a [Phasors]; 2],
    /// Of the fault points, in both sequences.
    pub(super) impedance: [&'a [Phasors]; 2],
}

impl Sweep<'_> {
    /// Whether every slot keeps all its limits; `each` says it for each fault point: 1 or 0.
    pub(super) fn holds(self, each: &mut Vec<Vector>) -> bool {
        each.resize(self.tile.groups.len(), Vector::ONE);
        Arch::new().dispatch(Run(self, each));
        each.iter().all(|kept| *kept == Vector::ONE)
    }

    #[inline(always)]
    fn run<S: Simd, const PLAIN: bool>(&self, simd: S, each: &mut [Vector]) {
        for (number, (group, kept)) in self.tile.groups.iter().zip(each).enumerate() {
            let kappa = self.kappa.map(|kappa| &kappa[group.limited()]);
            let pairs = Pairs { limits: &self.tile.limits[group.limited()], kappa, left: kappa };
            let [own, earth] = self.impedance.map(|z| &z[number]);
            for part in 0..parts::<S>() {
                let own = After::still(simd, own.get::<S>(part));
                let earth = After::still(simd, earth.get::<S>(part));
                let keeps = pairs.keep::<S, PLAIN, STILL>(simd, part, [own, earth]);
                kept.set::<S>(part, simd.select_f64s(keeps, simd.splat_f64s(1.0), simd.splat_f64s(0.0)));
            }
        }
    }
}

struct Run<'a, 'e>(Sweep<'a>, &'e mut [Vector]);

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(sweep, each) = self;
        if sweep.tile.is_plain {
            sweep.run::<S, true>(simd, each);
        } else {
            sweep.run::<S, false>(simd, each);
        }
    }
}
