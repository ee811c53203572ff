//! The sweep over relay and fault pairs: squared currents of all four kinds of fault against squared limits.
//!
//! Pairs lie in the order of their fault points, numbers in separate arrays, so that the loop over the relays of a
//! fault point runs at the machine's vector width.

#![expect(
    clippy::inline_always,
    reason = "the loop must be compiled inside its dispatcher to take its vector width"
)]

use num_complex::Complex64;

use super::check::{Check, FaultKind, Measure, Test};
use crate::dispatch::{Work, dispatch};

/// What is compared per pair: a kind of fault and a measure each.
pub(super) const LANES: usize = 9;

/// The lane of a check, if the sweep can decide it.
pub(super) fn lane_of(check: &Check) -> Option<usize> {
    if check.resistance_ohm != 0.0 || !matches!(check.test, Test::AtLeast(_)) {
        return None;
    }
    Some(match (check.kind, check.reading.measure) {
        (FaultKind::Lll, Measure::Phase) => 0,
        (FaultKind::Ll, Measure::Phase) => 1,
        (FaultKind::Ll, Measure::Negative) => 2,
        (FaultKind::Lg, Measure::Negative) => 3,
        (FaultKind::Llg, Measure::Negative) => 4,
        (FaultKind::Lg, Measure::Phase) => 5,
        (FaultKind::Lg, Measure::Residual) => 6,
        (FaultKind::Llg, Measure::Phase) => 7,
        (FaultKind::Llg, Measure::Residual) => 8,
        _ => return None,
    })
}

/// Real and imaginary parts apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Split {
    pub(super) re: Vec<f64>,
    pub(super) im: Vec<f64>,
}

impl Split {
    pub(super) fn zero(length: usize) -> Self {
        Self { re: vec![0.0; length], im: vec![0.0; length] }
    }

    pub(super) fn of(values: &[Complex64]) -> Self {
        Self { re: values.iter().map(|z| z.re).collect(), im: values.iter().map(|z| z.im).collect() }
    }
}

/// Sequence currents of the fault itself per kind, kA: LLL, LL, LG, LLG.
pub(super) type Amperes = [[Complex64; 3]; 4];

/// What the rows answer to a class, real and imaginary parts, and the class's weighted answer to the fault.
pub(super) type Step<'a> = (&'a [f64], &'a [f64], Complex64);

/// The sweep over the relays of one fault point.
pub(super) struct Sweep<'a> {
    /// Current per ampere in the positive sequence.
    pub(super) positive: (&'a [f64], &'a [f64]),
    /// In the zero sequence.
    pub(super) zero: (&'a [f64], &'a [f64]),
    /// A step to take on the way, in each sequence.
    pub(super) step: Option<[Step<'a>; 2]>,
    /// Squared limits of each lane; minus infinity where nothing is checked.
    pub(super) limits: [&'a [f64]; LANES],
    pub(super) amperes: &'a Amperes,
}

impl Sweep<'_> {
    /// The least difference between a squared current and its squared limit.
    pub(super) fn least(self) -> f64 {
        dispatch(self)
    }
}

/// Numbers compared at once.
const WIDTH: usize = 8;

impl Work for Sweep<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let factors = Factors::of(self.amperes);
        let mut least = [f64::INFINITY; WIDTH];
        let count = self.positive.0.len();
        let mut at = 0;
        while at + WIDTH <= count {
            self.block(at, &factors, &mut least);
            at += WIDTH;
        }
        let mut rest = f64::INFINITY;
        while at < count {
            rest = rest.min(self.single(at, &factors));
            at += 1;
        }
        least.iter().fold(rest, |least, &other| least.min(other))
    }
}

/// The fault's currents, arranged for the loop.
struct Factors {
    /// Squared factors of lanes that see the positive sequence alone.
    alone: [f64; 5],
    /// LG: phase a, phases b and c; LLG: phases a, b, c: factors of the positive sequence.
    mixed: [Complex64; 5],
    /// Factors of the zero sequence for LG and LLG.
    zero: [Complex64; 2],
    residual: [f64; 2],
}

impl Factors {
    #[inline(always)]
    fn of(amperes: &Amperes) -> Self {
        let a = Complex64::new(-0.5, 3.0_f64.sqrt() / 2.0);
        let [lll, ll, lg, llg] = amperes;
        let (b, c) = (a * a, a);
        Self {
            alone: [
                lll[0].norm_sqr(),
                (ll[0] * b + ll[1] * c).norm_sqr(),
                ll[1].norm_sqr(),
                lg[1].norm_sqr(),
                llg[1].norm_sqr(),
            ],
            mixed: [
                lg[0] + lg[1],
                lg[0] * b + lg[1] * c,
                llg[0] + llg[1],
                llg[0] * b + llg[1] * c,
                llg[0] * c + llg[1] * b,
            ],
            zero: [lg[2], llg[2]],
            residual: [9.0 * lg[2].norm_sqr(), 9.0 * llg[2].norm_sqr()],
        }
    }
}

#[inline(always)]
fn size(re: f64, im: f64) -> f64 {
    re * re + im * im
}

#[inline(always)]
fn sum(factor: Complex64, (re, im): (f64, f64), (plus_re, plus_im): (f64, f64)) -> f64 {
    size(factor.re * re - factor.im * im + plus_re, factor.re * im + factor.im * re + plus_im)
}

impl Sweep<'_> {
    #[inline(always)]
    fn block(&self, at: usize, factors: &Factors, least: &mut [f64; WIDTH]) {
        let window = |numbers: &[f64]| -> [f64; WIDTH] {
            let mut block = [0.0; WIDTH];
            block.copy_from_slice(&numbers[at..at + WIDTH]);
            block
        };
        let (mut p_re, mut p_im) = (window(self.positive.0), window(self.positive.1));
        let (mut z_re, mut z_im) = (window(self.zero.0), window(self.zero.1));
        if let Some([positive, zero]) = &self.step {
            let (re, im) = (window(positive.0), window(positive.1));
            for lane in 0..WIDTH {
                p_re[lane] -= positive.2.re * re[lane] - positive.2.im * im[lane];
                p_im[lane] -= positive.2.re * im[lane] + positive.2.im * re[lane];
            }
            let (re, im) = (window(zero.0), window(zero.1));
            for lane in 0..WIDTH {
                z_re[lane] -= zero.2.re * re[lane] - zero.2.im * im[lane];
                z_im[lane] -= zero.2.re * im[lane] + zero.2.im * re[lane];
            }
        }
        let limits = self.limits.map(window);
        for lane in 0..WIDTH {
            let limit = std::array::from_fn(|row| limits[row][lane]);
            let value = one(factors, (p_re[lane], p_im[lane]), (z_re[lane], z_im[lane]), limit);
            least[lane] = if value < least[lane] { value } else { least[lane] };
        }
    }

    #[inline(always)]
    fn single(&self, at: usize, factors: &Factors) -> f64 {
        let limit = std::array::from_fn(|row| self.limits[row][at]);
        let pair = |s: usize, (re, im): (&[f64], &[f64])| {
            let Some(step) = &self.step else { return (re[at], im[at]) };
            let (left_re, left_im, driven) = (step[s].0[at], step[s].1[at], step[s].2);
            (
                re[at] - (driven.re * left_re - driven.im * left_im),
                im[at] - (driven.re * left_im + driven.im * left_re),
            )
        };
        one(factors, pair(0, self.positive), pair(1, self.zero), limit)
    }
}

/// The least difference of one pair.
#[inline(always)]
fn one(factors: &Factors, p: (f64, f64), z: (f64, f64), limit: [f64; LANES]) -> f64 {
    let smaller = |a: f64, b: f64| if b < a { b } else { a };
    let greater = |a: f64, b: f64| if b > a { b } else { a };
    let (own, zero) = (size(p.0, p.1), size(z.0, z.1));
    let product = |factor: Complex64| (factor.re * z.0 - factor.im * z.1, factor.re * z.1 + factor.im * z.0);
    let (lg, llg) = (product(factors.zero[0]), product(factors.zero[1]));
    let lg_phase = greater(sum(factors.mixed[0], p, lg), sum(factors.mixed[1], p, lg));
    let llg_phase = greater(
        sum(factors.mixed[2], p, llg),
        greater(sum(factors.mixed[3], p, llg), sum(factors.mixed[4], p, llg)),
    );
    let mut least = own * factors.alone[0] - limit[0];
    least = smaller(least, own * factors.alone[1] - limit[1]);
    least = smaller(least, own * factors.alone[2] - limit[2]);
    least = smaller(least, own * factors.alone[3] - limit[3]);
    least = smaller(least, own * factors.alone[4] - limit[4]);
    least = smaller(least, lg_phase - limit[5]);
    least = smaller(least, zero * factors.residual[0] - limit[6]);
    least = smaller(least, llg_phase - limit[7]);
    smaller(least, zero * factors.residual[1] - limit[8])
}

/// κ of consecutive pairs after the terms of a composition: base minus the products of projections.
pub(super) struct Shift<'a> {
    /// κ of the base, then of the composition.
    pub(super) kappa: (&'a mut [f64], &'a mut [f64]),
    /// The row of each pair.
    pub(super) rows: &'a [u32],
    /// Projections of all rows, `terms` per row.
    pub(super) left: &'a Split,
    /// Weighted projections of the fault point.
    pub(super) right: (&'a [f64], &'a [f64]),
}

impl Shift<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

/// Terms are padded to this.
pub(super) const TERMS: usize = 4;

impl Work for Shift<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let terms = self.right.0.len();
        for (at, &row) in self.rows.iter().enumerate() {
            let from = row as usize * terms;
            let left = (&self.left.re[from..from + terms], &self.left.im[from..from + terms]);
            let (mut re, mut im) = ([0.0; TERMS], [0.0; TERMS]);
            let lefts = left.0.chunks_exact(TERMS).zip(left.1.chunks_exact(TERMS));
            let rights = self.right.0.chunks_exact(TERMS).zip(self.right.1.chunks_exact(TERMS));
            for ((l_re, l_im), (r_re, r_im)) in lefts.zip(rights) {
                for k in 0..TERMS {
                    re[k] += l_re[k] * r_re[k] - l_im[k] * r_im[k];
                    im[k] += l_re[k] * r_im[k] + l_im[k] * r_re[k];
                }
            }
            self.kappa.0[at] -= (re[0] + re[1]) + (re[2] + re[3]);
            self.kappa.1[at] -= (im[0] + im[1]) + (im[2] + im[3]);
        }
    }
}
