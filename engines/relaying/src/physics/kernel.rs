//! The sweep over relay and fault pairs: squared currents of all four kinds of fault against squared limits.
//!
//! With Z2 = Z1 and τ = Z1/Z0, everything a relay sees follows from P = |κ1|², Z = |κ0|² and Q = κ1 κ0* by a few real
//! factors of the fault point, so one pair costs some forty operations for all four kinds. Limits are multiplied
//! instead of currents divided: nothing is infinite or undefined where a sequence has no path, and whatever is not a
//! number fails.

#![expect(
    clippy::inline_always,
    reason = "the loop must be compiled inside its dispatcher to take its vector width"
)]

use num_complex::Complex64;
use pulp::{Arch, Simd, WithSimd};

use super::check::{Check, FaultKind, Measure, Test};
use super::split::Split;
use super::tile::Tile;

/// What is compared per pair. One lane serves all that sees the positive sequence of faults without earth.
pub(super) const LANES: usize = 7;

const WITHOUT_EARTH: usize = 0;
const LG_NEGATIVE: usize = 1;
const LLG_NEGATIVE: usize = 2;
const LG_PHASE: usize = 3;
const LG_RESIDUAL: usize = 4;
const LLG_PHASE: usize = 5;
const LLG_RESIDUAL: usize = 6;

/// Fault points side by side: the widest vector there is.
pub(super) const WIDTH: usize = 8;

/// The limit of a slot that need not see anything.
pub(super) const NO_LIMIT: f64 = -1.0;

/// The lane of a check, if the sweep can decide it, and what its squared limit is divided by: a fault of two phases
/// shows √3/2 of the phase current and 1/2 of the positive sequence of a fault of three.
pub(super) fn lane_of(check: &Check) -> Option<(usize, f64)> {
    if check.resistance_ohm != 0.0 || !matches!(check.test, Test::AtLeast(_)) {
        return None;
    }
    Some(match (check.kind, check.reading.measure) {
        (FaultKind::Lll, Measure::Phase) => (WITHOUT_EARTH, 1.0),
        (FaultKind::Ll, Measure::Phase) => (WITHOUT_EARTH, 0.75),
        (FaultKind::Ll, Measure::Negative) => (WITHOUT_EARTH, 0.25),
        (FaultKind::Lg, Measure::Negative) => (LG_NEGATIVE, 1.0),
        (FaultKind::Llg, Measure::Negative) => (LLG_NEGATIVE, 1.0),
        (FaultKind::Lg, Measure::Phase) => (LG_PHASE, 1.0),
        (FaultKind::Lg, Measure::Residual) => (LG_RESIDUAL, 1.0),
        (FaultKind::Llg, Measure::Phase) => (LLG_PHASE, 1.0),
        (FaultKind::Llg, Measure::Residual) => (LLG_RESIDUAL, 1.0),
        _ => return None,
    })
}

/// Whether limits use only the lanes most cases have: phase stages for faults between phases, residual stages for
/// those to earth.
pub(super) fn is_plain(limits: &[Vec<f64>; LANES]) -> bool {
    [LG_NEGATIVE, LLG_NEGATIVE, LG_PHASE].iter().all(|&lane| limits[lane].iter().all(|&limit| limit < 0.0))
}

/// Real and imaginary parts of the positive, then of the zero sequence, slot by slot.
pub(super) type Parts<'a> = [&'a [f64]; 4];

/// The positive, then the zero sequence, slot by slot.
pub(super) fn parts<'a>(positive: &'a Split, zero: &'a Split) -> Parts<'a> {
    [&positive.re, &positive.im, &zero.re, &zero.im]
}

/// A change by one symmetric term that is taken on the way.
#[derive(Clone, Copy)]
pub(super) struct Last<'a> {
    /// What the slots' rows see of it.
    pub(super) left: Parts<'a>,
    /// What the fault points see of it, in both sequences.
    pub(super) right: [&'a Split; 2],
    /// Its weights; without a weight it cuts off from all sources whoever sees it.
    pub(super) weights: [Option<Complex64>; 2],
}

/// The sweep over a tile.
pub(super) struct Sweep<'a> {
    pub(super) tile: &'a Tile,
    /// Current per ampere of the fault.
    pub(super) kappa: Parts<'a>,
    /// Of the fault points, in both sequences, padded with what is not 0.
    pub(super) impedance: [&'a Split; 2],
    pub(super) last: Option<Last<'a>>,
}

impl Sweep<'_> {
    /// Whether every slot keeps all its limits; `each` says it for each fault point: 1 or 0.
    pub(super) fn holds(self, each: &mut Vec<f64>) -> bool {
        each.resize(self.tile.squared_kv.len(), 0.0);
        Arch::new().dispatch(Run(self, each))
    }
}

struct Run<'a, 'e>(Sweep<'a>, &'e mut [f64]);

impl WithSimd for Run<'_, '_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self(sweep, each) = self;
        let each = S::as_mut_simd_f64s(each).0;
        match (sweep.tile.is_plain, sweep.last) {
            (true, Some(last)) => sweep.run::<S, true, true>(simd, &last, each),
            (true, None) => sweep.run::<S, true, false>(simd, &sweep.without(), each),
            (false, Some(last)) => sweep.run::<S, false, true>(simd, &last, each),
            (false, None) => sweep.run::<S, false, false>(simd, &sweep.without(), each),
        }
    }
}

impl<'a> Sweep<'a> {
    /// Stands for a last step where there is none.
    fn without(&self) -> Last<'a> {
        Last { left: self.kappa, right: self.impedance, weights: [None; 2] }
    }

    #[inline(always)]
    fn run<S: Simd, const PLAIN: bool, const STEP: bool>(
        &self,
        simd: S,
        last: &Last<'_>,
        each: &mut [S::f64s],
    ) -> bool {
        let (kappa, left) = (vectors_of::<S>(self.kappa), vectors_of::<S>(last.left));
        let [l0, l1, l2, l3, l4, l5, l6] = &self.tile.limits;
        let limits = [
            vectors::<S>(l0),
            vectors::<S>(l1),
            vectors::<S>(l2),
            vectors::<S>(l3),
            vectors::<S>(l4),
            vectors::<S>(l5),
            vectors::<S>(l6),
        ];
        let squared_kv = vectors::<S>(&self.tile.squared_kv);
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let mut least = one;
        let parts = WIDTH / S::F64_LANES;
        for group in 0..self.tile.ends.len() {
            let start = self.tile.starts[group] as usize / S::F64_LANES;
            let end = self.tile.ends[group] as usize / S::F64_LANES;
            // Slices of one known length: no index is checked in the loop.
            let count = end - start;
            let (kappa, left) = (kappa.map(|k| &k[start..][..count]), left.map(|l| &l[start..][..count]));
            let limits = limits.map(|lane| &lane[start..][..count]);
            for part in 0..parts {
                let fault = group * parts + part;
                let positive = After::new::<STEP>(simd, (self, last), 0, fault);
                let own = After::new::<STEP>(simd, (self, last), 1, fault);
                let point = Point::new(simd, positive.impedance, own.impedance, squared_kv[fault]);
                let mut holds = simd.greater_than_or_equal_f64s(zero, zero);
                for at in (part..count).step_by(parts) {
                    let mut seen = (kappa[0][at], kappa[1][at]);
                    let mut seen0 = (kappa[2][at], kappa[3][at]);
                    if STEP {
                        seen = less(simd, seen, positive.driven, (left[0][at], left[1][at]));
                        seen0 = less(simd, seen0, own.driven, (left[2][at], left[3][at]));
                    }
                    let limit = |lane: usize| limits[lane][at];
                    holds = simd.and_m64s(holds, point.keeps::<PLAIN>(simd, seen, seen0, limit));
                }
                each[fault] = simd.select_f64s(holds, one, zero);
                least = simd.min_f64s(least, each[fault]);
            }
        }
        simd.reduce_min_f64s(least) > 0.0
    }
}

/// Numbers as vectors; their count is a multiple of every width.
#[inline(always)]
fn vectors<S: Simd>(numbers: &[f64]) -> &[S::f64s] {
    S::as_simd_f64s(numbers).0
}

#[inline(always)]
fn vectors_of<S: Simd>(parts: Parts<'_>) -> [&[S::f64s]; 4] {
    let [re, im, re0, im0] = parts;
    [vectors::<S>(re), vectors::<S>(im), vectors::<S>(re0), vectors::<S>(im0)]
}

/// Real and imaginary parts of several numbers.
type Pair<S> = (<S as Simd>::f64s, <S as Simd>::f64s);

/// from − factor · value, complex.
#[inline(always)]
fn less<S: Simd>(simd: S, from: Pair<S>, factor: Pair<S>, value: Pair<S>) -> Pair<S> {
    let product = times(simd, factor, value);
    (simd.sub_f64s(from.0, product.0), simd.sub_f64s(from.1, product.1))
}

#[inline(always)]
fn times<S: Simd>(simd: S, a: Pair<S>, b: Pair<S>) -> Pair<S> {
    (
        simd.sub_f64s(simd.mul_f64s(a.0, b.0), simd.mul_f64s(a.1, b.1)),
        simd.add_f64s(simd.mul_f64s(a.0, b.1), simd.mul_f64s(a.1, b.0)),
    )
}

#[inline(always)]
fn size<S: Simd>(simd: S, z: Pair<S>) -> S::f64s {
    simd.add_f64s(simd.mul_f64s(z.0, z.0), simd.mul_f64s(z.1, z.1))
}

/// Fault points after the last step in one sequence.
struct After<S: Simd> {
    impedance: Pair<S>,
    /// What the step takes from their pairs per unit of the pairs' part.
    driven: Pair<S>,
}

impl<S: Simd> After<S> {
    #[inline(always)]
    fn new<const STEP: bool>(simd: S, (sweep, last): (&Sweep<'_>, &Last<'_>), s: usize, at: usize) -> Self {
        let at_fault = |of: &Split| (vectors::<S>(&of.re)[at], vectors::<S>(&of.im)[at]);
        let z = at_fault(sweep.impedance[s]);
        let nothing = simd.splat_f64s(0.0);
        if !STEP {
            return Self { impedance: z, driven: (nothing, nothing) };
        }
        let b = at_fault(last.right[s]);
        let Some(g) = last.weights[s] else {
            let bound = simd.mul_f64s(simd.splat_f64s(CUT_PART), size(simd, z));
            let is_cut = simd.greater_than_f64s(size(simd, b), bound);
            let re = simd.select_f64s(is_cut, simd.splat_f64s(f64::INFINITY), z.0);
            let im = simd.select_f64s(is_cut, nothing, z.1);
            return Self { impedance: (re, im), driven: (nothing, nothing) };
        };
        let driven = times(simd, (simd.splat_f64s(g.re), simd.splat_f64s(g.im)), b);
        Self { impedance: less(simd, z, driven, b), driven }
    }
}

/// Squared part of its impedance from which on a fault point sees a change that cuts off.
const CUT_PART: f64 = 1e-12;

/// Whether a fault point loses all sources by a change it sees so much of.
pub(super) fn is_cut(seen: Complex64, impedance: Complex64) -> bool {
    seen.norm_sqr() > CUT_PART * impedance.norm_sqr()
}

/// The factors of fault points. t = |τ|² with τ = Z1/Z0, and c = √3.
struct Point<S: Simd> {
    /// |Z1|²/V²: a squared limit times this is compared with |κ1|².
    scale: S::f64s,
    /// |2τ + 1|² |Z1|²/V², for faults of one phase to earth.
    scale_lg: S::f64s,
    /// |τ + 2|² |Z1|²/V², for faults of two phases to earth.
    scale_llg: S::f64s,
    /// t.
    tau: S::f64s,
    /// 9 t.
    residual: S::f64s,
    /// t + 3 + 3 Re τ: the mean of the two faulted phases' squared factors.
    mean: S::f64s,
    /// c Im τ: half their difference.
    skew: S::f64s,
    /// c t + 2 c Re τ.
    turn: S::f64s,
}

impl<S: Simd> Point<S> {
    #[inline(always)]
    fn new(simd: S, z1: Pair<S>, z0: Pair<S>, squared_kv: S::f64s) -> Self {
        let add = |a, b| simd.add_f64s(a, b);
        let mul = |a, b| simd.mul_f64s(a, b);
        let number = |value: f64| simd.splat_f64s(value);
        let (own, zero) = (size(simd, z1), size(simd, z0));
        let scale = simd.div_f64s(own, squared_kv);
        // Without a path to earth, or without a source, no current divides.
        let infinite = number(f64::INFINITY);
        let is_joined =
            simd.and_m64s(simd.less_than_f64s(own, infinite), simd.less_than_f64s(zero, infinite));
        let joined = |value, other| simd.select_f64s(is_joined, value, number(other));
        let z1 = (joined(z1.0, 0.0), joined(z1.1, 0.0));
        let z0 = (joined(z0.0, 1.0), joined(z0.1, 0.0));
        let inverse = simd.div_f64s(number(1.0), joined(zero, 1.0));
        let re = mul(add(mul(z1.0, z0.0), mul(z1.1, z0.1)), inverse);
        let im = mul(simd.sub_f64s(mul(z1.1, z0.0), mul(z1.0, z0.1)), inverse);
        let t = size(simd, (re, im));
        let (c, re4) = (number(3.0_f64.sqrt()), mul(number(4.0), re));
        Self {
            scale,
            scale_lg: mul(add(add(mul(number(4.0), t), re4), number(1.0)), scale),
            scale_llg: mul(add(add(t, re4), number(4.0)), scale),
            tau: t,
            residual: mul(number(9.0), t),
            mean: add(add(t, number(3.0)), mul(number(3.0), re)),
            skew: mul(c, im),
            turn: mul(c, add(t, add(re, re))),
        }
    }

    /// Which pairs keep all their limits.
    #[inline(always)]
    fn keeps<const PLAIN: bool>(
        &self,
        simd: S,
        (re, im): Pair<S>,
        (re0, im0): Pair<S>,
        limit: impl Fn(usize) -> S::f64s,
    ) -> S::m64s {
        let add = |a, b| simd.add_f64s(a, b);
        let sub = |a, b| simd.sub_f64s(a, b);
        let mul = |a, b| simd.mul_f64s(a, b);
        let both = |a, b| simd.and_m64s(a, b);
        let reaches =
            |value, lane: usize, scale| simd.greater_than_or_equal_f64s(value, mul(limit(lane), scale));
        let p = add(mul(re, re), mul(im, im));
        let z = add(mul(re0, re0), mul(im0, im0));
        let q = add(mul(re, re0), mul(im, im0));
        let q_im = sub(mul(im, re0), mul(re, im0));
        let q2 = add(q, q);
        let residual = mul(z, self.residual);
        // Two phases to earth: the sound phase, and the greater of the other two, which differ by ± the same.
        let sound = mul(self.tau, sub(add(p, z), q2));
        let middle = add(mul(self.mean, p), mul(self.tau, add(z, q)));
        let away = sub(mul(self.skew, add(p, q2)), mul(self.turn, q_im));
        let llg = simd.max_f64s(sound, simd.max_f64s(add(middle, away), sub(middle, away)));
        let mut keeps = both(
            both(reaches(p, WITHOUT_EARTH, self.scale), reaches(llg, LLG_PHASE, self.scale_llg)),
            both(
                reaches(residual, LG_RESIDUAL, self.scale_lg),
                reaches(residual, LLG_RESIDUAL, self.scale_llg),
            ),
        );
        if !PLAIN {
            let p4 = add(add(p, p), add(p, p));
            let faulted = mul(self.tau, add(add(p4, z), add(q2, q2)));
            keeps = both(keeps, reaches(simd.max_f64s(faulted, sound), LG_PHASE, self.scale_lg));
            keeps = both(keeps, reaches(mul(self.tau, p), LG_NEGATIVE, self.scale_lg));
            keeps = both(keeps, reaches(p, LLG_NEGATIVE, self.scale_llg));
        }
        keeps
    }
}
