//! Runs loops compiled for the widest vectors the machine has. Loops are elementwise or sum in fixed lanes, and no
//! path contracts multiplications with additions, so all paths compute the same bits.

#![expect(
    clippy::inline_always,
    reason = "the body must be compiled inside its dispatcher to take its vector width"
)]

use pulp::{Arch, Simd, WithSimd};

/// A piece of work to be compiled once per vector width; its body must be `#[inline(always)]`.
pub(crate) trait Work {
    type Output;

    fn run(self) -> Self::Output;
}

struct Dispatched<W>(W);

impl<W: Work> WithSimd for Dispatched<W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        self.0.run()
    }
}

/// Runs the work at the machine's vector width.
pub(crate) fn dispatch<W: Work>(work: W) -> W::Output {
    Arch::new().dispatch(Dispatched(work))
}
