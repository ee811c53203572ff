//! Numbers of eight fault points side by side: what the sweep takes at a time. Eight parts fill one line of the cache, so
//! that no vector lies across two.

#![expect(
    clippy::inline_always,
    reason = "loads and arithmetic must be compiled inside their dispatcher to take its vector width"
)]

use num_complex::Complex64;
use pulp::Simd;

/// Fault points side by side: the widest vector there is.
pub(super) const WIDTH: usize = 8;

/// One real number per fault point.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(super) struct Vector(pub(super) [f64; WIDTH]);

impl Vector {
    pub(super) const ONE: Self = Self([1.0; WIDTH]);

    #[inline(always)]
    pub(super) fn get<S: Simd>(&self, part: usize) -> S::f64s {
        S::as_simd_f64s(&self.0).0[part]
    }

    #[inline(always)]
    pub(super) fn set<S: Simd>(&mut self, part: usize, value: S::f64s) {
        S::as_mut_simd_f64s(&mut self.0).0[part] = value;
    }
}

/// One complex number per fault point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Phasors {
    pub(super) re: Vector,
    pub(super) im: Vector,
}

/// Real and imaginary parts of as many numbers as a vector of the machine has.
pub(super) type Pair<S> = (<S as Simd>::f64s, <S as Simd>::f64s);

impl Phasors {
    /// Numbers in their order, with others behind that fill up the last eight.
    pub(super) fn filled(values: impl IntoIterator<Item = Complex64>, with: f64) -> Vec<Self> {
        let with = Self { re: Vector([with; WIDTH]), im: Vector([0.0; WIDTH]) };
        let mut all = Vec::new();
        for (at, value) in values.into_iter().enumerate() {
            if at.is_multiple_of(WIDTH) {
                all.push(with);
            }
            all[at / WIDTH].set_one(at % WIDTH, value);
        }
        all
    }

    /// A number of many, counted one by one.
    pub(super) fn at(many: &[Self], at: usize) -> Complex64 {
        let own = &many[at / WIDTH];
        Complex64::new(own.re.0[at % WIDTH], own.im.0[at % WIDTH])
    }

    pub(super) fn set_one(&mut self, lane: usize, value: Complex64) {
        (self.re.0[lane], self.im.0[lane]) = (value.re, value.im);
    }

    #[inline(always)]
    pub(super) fn get<S: Simd>(&self, part: usize) -> Pair<S> {
        (self.re.get::<S>(part), self.im.get::<S>(part))
    }

    #[inline(always)]
    pub(super) fn set<S: Simd>(&mut self, part: usize, value: Pair<S>) {
        self.re.set::<S>(part, value.0);
        self.im.set::<S>(part, value.1);
    }
}

/// How many vectors of the machine eight numbers are.
#[inline(always)]
pub(super) fn parts<S: Simd>() -> usize {
    WIDTH / S::F64_LANES
}

/// from − factor · value, complex. Fused steps round once on every machine, so all of them compute the same bits.
#[inline(always)]
pub(super) fn less<S: Simd>(simd: S, from: Pair<S>, factor: Pair<S>, value: Pair<S>) -> Pair<S> {
    let re = simd.negate_mul_add_f64s(factor.0, value.0, from.0);
    let im = simd.negate_mul_add_f64s(factor.0, value.1, from.1);
    (simd.mul_add_f64s(factor.1, value.1, re), simd.negate_mul_add_f64s(factor.1, value.0, im))
}

#[inline(always)]
pub(super) fn times<S: Simd>(simd: S, a: Pair<S>, b: Pair<S>) -> Pair<S> {
    (
        simd.negate_mul_add_f64s(a.1, b.1, simd.mul_f64s(a.0, b.0)),
        simd.mul_add_f64s(a.0, b.1, simd.mul_f64s(a.1, b.0)),
    )
}

/// |z|².
#[inline(always)]
pub(super) fn size<S: Simd>(simd: S, z: Pair<S>) -> S::f64s {
    simd.mul_add_f64s(z.0, z.0, simd.mul_f64s(z.1, z.1))
}

/// Re a b*.
#[inline(always)]
pub(super) fn real<S: Simd>(simd: S, a: Pair<S>, b: Pair<S>) -> S::f64s {
    simd.mul_add_f64s(a.0, b.0, simd.mul_f64s(a.1, b.1))
}

/// Im a b*.
#[inline(always)]
pub(super) fn imaginary<S: Simd>(simd: S, a: Pair<S>, b: Pair<S>) -> S::f64s {
    simd.negate_mul_add_f64s(a.0, b.1, simd.mul_f64s(a.1, b.0))
}

#[inline(always)]
pub(super) fn splat<S: Simd>(simd: S, z: Complex64) -> Pair<S> {
    (simd.splat_f64s(z.re), simd.splat_f64s(z.im))
}
