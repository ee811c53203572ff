//! What is computed per pair: squared currents of all four kinds of fault against squared limits.
//!
//! With Z2 = Z1 everything a relay sees follows from P = |κ1|², Z = |κ0|² and Q = κ1 κ0* by a few real factors of the
//! fault point, so one pair costs some forty operations for all four kinds. Limits are multiplied instead of currents
//! divided: nothing is infinite or undefined where a sequence has no path, and whatever is not a number fails.

#![expect(
    clippy::inline_always,
    reason = "the formulas must be compiled inside their dispatcher to take its vector width"
)]

use pulp::Simd;

use super::check::{Check, FaultKind, Measure, Test};
use super::phasors::{Pair, Vector, imaginary, real, size};

/// What is compared per pair. One lane serves all that sees the positive sequence of faults without earth.
pub(super) const LANES: usize = 7;

// The first four are the lanes most cases have.
const WITHOUT_EARTH: usize = 0;
const LLG_PHASE: usize = 1;
const LG_RESIDUAL: usize = 2;
const LLG_RESIDUAL: usize = 3;
const LG_NEGATIVE: usize = 4;
const LLG_NEGATIVE: usize = 5;
const LG_PHASE: usize = 6;

/// The limit of a slot that need not see anything.
pub(super) const NO_LIMIT: f64 = -1.0;

/// Squared limits of eight pairs, each divided by the squared voltage before the fault, lane by lane: Ω⁻².
pub(super) type Limits = [Vector; LANES];

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
pub(super) fn is_plain(limits: &[Limits]) -> bool {
    limits.iter().flat_map(|lanes| &lanes[LG_NEGATIVE..]).all(|lane| lane.0.iter().all(|&limit| limit < 0.0))
}

/// The factors of fault points, from n = |Z1|², m = |Z0|² and r + js = Z1 Z0*. What a relay sees, times Z1 (Z1 + 2 Z0)/V
/// for faults of two phases to earth, is compared with limits times the same.
///
/// Without a path to earth, or without a source, no current divides: Z1 = 0 and Z0 = 1 stand for that.
pub(super) struct Factors<S: Simd> {
    /// n, for faults without earth.
    own: S::f64s,
    /// |2 Z1 + Z0|², for faults of one phase to earth.
    lg: S::f64s,
    /// |Z1 + 2 Z0|², for residual currents of faults of two phases to earth.
    llg: S::f64s,
    /// |Z1|² |Z1 + 2 Z0|², for their other currents.
    llg_phase: S::f64s,
    /// n; 0 without earth.
    sound: S::f64s,
    /// 9; 0 without earth.
    residual: S::f64s,
    /// n + 3 m + 3 r: the mean of the two faulted phases' squared factors.
    mean: S::f64s,
    /// √3 s: half their difference.
    skew: S::f64s,
    /// √3 (n + 2 r).
    turn: S::f64s,
    /// m; 1 without earth.
    negative: S::f64s,
    /// 1; 0 without earth.
    joined: S::f64s,
}

impl<S: Simd> Factors<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, z1: Pair<S>, z0: Pair<S>) -> Self {
        let add = |a, b| simd.add_f64s(a, b);
        let fused = |a, b, c| simd.mul_add_f64s(a, b, c);
        let number = |value: f64| simd.splat_f64s(value);
        let (own, earth) = (size(simd, z1), size(simd, z0));
        let infinite = number(f64::INFINITY);
        let is_joined =
            simd.and_m64s(simd.less_than_f64s(own, infinite), simd.less_than_f64s(earth, infinite));
        let joined = |value, other| simd.select_f64s(is_joined, value, number(other));
        let (n, m) = (joined(own, 0.0), joined(earth, 1.0));
        let (r, s) = (joined(real(simd, z1, z0), 0.0), joined(imaginary(simd, z1, z0), 0.0));
        let (three, four, root) = (number(3.0), number(4.0), number(3.0_f64.sqrt()));
        let lg = fused(four, add(n, r), m);
        let llg = fused(four, add(m, r), n);
        Self {
            own,
            lg: simd.select_f64s(is_joined, lg, own),
            llg: simd.select_f64s(is_joined, llg, own),
            llg_phase: simd.mul_f64s(own, llg),
            sound: n,
            residual: joined(number(9.0), 0.0),
            mean: fused(three, add(m, r), n),
            skew: simd.mul_f64s(root, s),
            turn: simd.mul_f64s(root, add(n, add(r, r))),
            negative: m,
            joined: joined(number(1.0), 0.0),
        }
    }

    /// Which pairs keep all their limits.
    #[inline(always)]
    pub(super) fn keeps<const PLAIN: bool>(
        &self,
        simd: S,
        (positive, zero): (Pair<S>, Pair<S>),
        limit: impl Fn(usize) -> S::f64s,
    ) -> S::m64s {
        let add = |a, b| simd.add_f64s(a, b);
        let mul = |a, b| simd.mul_f64s(a, b);
        let fused = |a, b, c| simd.mul_add_f64s(a, b, c);
        let less = |c, a, b| simd.negate_mul_add_f64s(a, b, c);
        let both = |a, b| simd.and_m64s(a, b);
        let reaches =
            |value, lane: usize, scale| simd.greater_than_or_equal_f64s(value, mul(limit(lane), scale));
        let two = simd.splat_f64s(2.0);
        let (p, z) = (size(simd, positive), size(simd, zero));
        let (q, q_im) = (real(simd, positive, zero), imaginary(simd, positive, zero));
        let residual = mul(self.residual, z);
        // Two phases to earth: the sound phase, and the greater of the other two, which differ by ± the same.
        let apart = less(add(p, z), two, q);
        let middle = fused(self.mean, p, mul(self.sound, add(z, q)));
        let away = less(mul(self.skew, fused(two, q, p)), self.turn, q_im);
        let llg = simd.max_f64s(mul(self.sound, apart), add(middle, simd.abs_f64s(away)));
        let mut keeps = both(
            both(reaches(p, WITHOUT_EARTH, self.own), reaches(llg, LLG_PHASE, self.llg_phase)),
            both(reaches(residual, LG_RESIDUAL, self.lg), reaches(residual, LLG_RESIDUAL, self.llg)),
        );
        if !PLAIN {
            let four = simd.splat_f64s(4.0);
            let faulted = fused(four, add(p, q), z);
            let phase = mul(self.joined, simd.max_f64s(faulted, apart));
            keeps = both(keeps, reaches(phase, LG_PHASE, self.lg));
            keeps = both(keeps, reaches(mul(self.joined, p), LG_NEGATIVE, self.lg));
            keeps = both(keeps, reaches(mul(self.negative, p), LLG_NEGATIVE, self.llg_phase));
        }
        keeps
    }
}
