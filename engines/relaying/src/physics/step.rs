//! Steps of rank 1 on arrays: from − factor · value, with one factor for all or one per fault point.

#![expect(
    clippy::inline_always,
    reason = "the loop must be compiled inside its dispatcher to take its vector width"
)]

use num_complex::Complex64;

use super::kernel::WIDTH;
use super::split::Split;
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

/// One factor per fault point, on the slots of a tile, in place.
pub(super) struct Faultwise<'a> {
    pub(super) tile: &'a Tile,
    pub(super) factor: &'a Split,
    pub(super) value: &'a Split,
    pub(super) from: &'a mut Split,
}

impl Faultwise<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl Work for Faultwise<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let starts = &self.tile.starts;
        let factors = self.factor.re.chunks_exact(WIDTH).zip(self.factor.im.chunks_exact(WIDTH));
        for ((re, im), ends) in factors.zip(starts.windows(2)) {
            let slots = ends[0] as usize..ends[1] as usize;
            let values = self.value.re[slots.clone()].chunks_exact(WIDTH);
            let values = values.zip(self.value.im[slots.clone()].chunks_exact(WIDTH));
            let from = self.from.re[slots.clone()].chunks_exact_mut(WIDTH);
            let from = from.zip(self.from.im[slots].chunks_exact_mut(WIDTH));
            for ((x, y), (own, other)) in values.zip(from) {
                for k in 0..WIDTH {
                    own[k] -= re[k] * x[k] - im[k] * y[k];
                    other[k] -= re[k] * y[k] + im[k] * x[k];
                }
            }
        }
    }
}
