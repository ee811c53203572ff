//! Steps of rank 1 on arrays: from − factor · value, with one factor for all or one per fault point.

#![expect(
    clippy::inline_always,
    reason = "the loops must be compiled inside their dispatcher to take its vector width"
)]

use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};

use super::phasors::{Phasors, less, parts, splat};
use super::split::Split;
use super::sweep::After;
use super::tile::Tile;
use crate::dispatch::{Work, dispatch};

/// One factor for all.
pub(super) struct Uniform<'a> {
    pub(super) factor: Complex64,
    pub(super) value: &'a Split,
    pub(super) from: &'a Split,
    pub(super) to: &'a mut Split,
}

impl Uniform<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl Work for Uniform<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Complex64 { re, im } = self.factor;
        let value = self.value.re.iter().zip(&self.value.im);
        let from = self.from.re.iter().zip(&self.from.im);
        let to = self.to.re.iter_mut().zip(&mut self.to.im);
        for (((x, y), (from_re, from_im)), (to_re, to_im)) in value.zip(from).zip(to) {
            *to_re = from_re - (re * x - im * y);
            *to_im = from_im - (re * y + im * x);
        }
    }
}

/// One factor for all, eight at a time.
#[inline(always)]
pub(super) fn uniform<S: Simd>(
    simd: S,
    factor: Complex64,
    value: &[Phasors],
    from: &[Phasors],
    to: &mut [Phasors],
) {
    let factor = splat(simd, factor);
    for ((value, from), to) in value.iter().zip(from).zip(to) {
        for part in 0..parts::<S>() {
            to.set::<S>(part, less(simd, from.get::<S>(part), factor, value.get::<S>(part)));
        }
    }
}

/// What the pairs and the fault points of a tile show in one sequence.
#[derive(Clone, Default)]
pub(super) struct Shown {
    /// By slots.
    pub(super) kappa: Vec<Phasors>,
    /// By fault points.
    pub(super) impedance: Vec<Phasors>,
}

impl Shown {
    pub(super) fn of(
        tile: &Tile,
        kappa: impl Fn(u32) -> Complex64,
        impedance: impl Fn(u32) -> Complex64,
    ) -> Self {
        Self {
            kappa: Phasors::filled(tile.pairs.iter().map(|&pair| kappa(pair)), 0.0),
            impedance: Phasors::filled(tile.faults.iter().map(|&fault| impedance(fault)), 1.0),
        }
    }
}

/// A symmetric term as the slots' rows and the fault points of a tile see it in one sequence; without a weight it cuts
/// off from all sources whoever sees it.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) left: &'a [Phasors],
    pub(super) right: &'a [Phasors],
    pub(super) weight: Option<Complex64>,
}

impl Change<'_> {
    /// Takes the change on a tile.
    #[inline(always)]
    pub(super) fn take<S: Simd>(self, simd: S, tile: &Tile, from: &Shown, to: &mut Shown) {
        for (number, group) in tile.groups.iter().enumerate() {
            let (left, from_kappa) = (&self.left[group.all()], &from.kappa[group.all()]);
            let to_kappa = &mut to.kappa[group.all()];
            for part in 0..parts::<S>() {
                let (z, seen) = (from.impedance[number].get::<S>(part), self.right[number].get::<S>(part));
                let after = After::new(simd, z, seen, self.weight);
                to.impedance[number].set::<S>(part, after.impedance);
                for ((left, from), to) in left.iter().zip(from_kappa).zip(to_kappa.iter_mut()) {
                    to.set::<S>(part, less(simd, from.get::<S>(part), after.driven, left.get::<S>(part)));
                }
            }
        }
    }

    /// The same at the machine's vector width.
    pub(super) fn apply(self, tile: &Tile, from: &Shown, to: &mut Shown) {
        Arch::new().dispatch(Run { change: self, tile, from, to });
    }
}

struct Run<'a, 'b> {
    change: Change<'a>,
    tile: &'b Tile,
    from: &'b Shown,
    to: &'b mut Shown,
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.change.take(simd, self.tile, self.from, self.to);
    }
}
