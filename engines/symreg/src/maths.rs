//! The engine's own exp, log, sin, cos and powers: the same bits on every machine, and free of branches so that
//! loops over them are vectorised. Within 2 ulp on their reduced ranges (polynomials after fdlibm, Sun 1993).

#![expect(
    clippy::inline_always,
    reason = "these loops are compiled for the vector width of their dispatcher"
)]

use std::f64::consts::{FRAC_2_PI, LOG2_E};

/// Adding and subtracting this rounds to the nearest integer (ties to even) and leaves it in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
const PIO2_1: f64 = 1.570_796_326_734_125_6;
const PIO2_2: f64 = 6.077_100_506_303_966e-11;
const PIO2_3: f64 = 2.022_266_248_795_950_7e-21;
/// Beyond this the three-part reduction of the angle loses digits.
pub(crate) const MAX_ANGLE: f64 = 1.0e6;

/// Taylor coefficients 1/k! for k = 2..=13; the truncation is below 1e-17 for |r| ≤ ln 2 / 2.
const EXP: [f64; 12] = [
    0.5,
    1.666_666_666_666_666_6e-1,
    4.166_666_666_666_666_4e-2,
    8.333_333_333_333_333e-3,
    1.388_888_888_888_889e-3,
    1.984_126_984_126_984e-4,
    2.480_158_730_158_73e-5,
    2.755_731_922_398_589_3e-6,
    2.755_731_922_398_589e-7,
    2.505_210_838_544_172e-8,
    2.087_675_698_786_81e-9,
    1.605_904_383_682_161_3e-10,
];

/// e to the power x.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let t = x * LOG2_E + ROUND;
    let n = t - ROUND;
    let r = (x - n * LN2_HI) - n * LN2_LO;
    let mut p = EXP[11];
    let mut k = 11;
    while k > 0 {
        k -= 1;
        p = p * r + EXP[k];
    }
    // Half of 2^n, so that the largest results do not overflow on the way.
    let half = f64::from_bits((t.to_bits() << 52).wrapping_add(1022 << 52));
    let value = (1.0 + (r + r * r * p)) * half * 2.0;
    let value = if x > 709.782_712_893_384 { f64::INFINITY } else { value };
    if x < -708.0 { 0.0 } else { value }
}

/// The natural logarithm; NaN below zero, minus infinity at zero.
#[inline(always)]
pub(crate) fn log(x: f64) -> f64 {
    let tiny = x < f64::MIN_POSITIVE;
    let scaled = if tiny { x * 18_014_398_509_481_984.0 } else { x };
    let bits = scaled.to_bits();
    // Exponent so that the mantissa lies in [sqrt(1/2), sqrt(2)); the shift stays unsigned, which vectorises.
    let shifted = bits.wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd);
    let exponent = shifted >> 52;
    let z = f64::from_bits(bits.wrapping_sub((exponent.wrapping_sub(1023)) << 52));
    let k = f64::from_bits(exponent | 0x4330_0000_0000_0000) - 4_503_599_627_370_496.0 - 1023.0;
    let k = if tiny { k - 54.0 } else { k };
    let f = z - 1.0;
    let s = f / (2.0 + f);
    let z2 = s * s;
    let w = z2 * z2;
    let even = w * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = z2
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9 + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    let half_square = 0.5 * f * f;
    let value = k * LN2_HI - ((half_square - (s * (half_square + even + odd) + k * LN2_LO)) - f);
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    let value = if x < 0.0 || x.is_nan() { f64::NAN } else { value };
    if x == f64::INFINITY { f64::INFINITY } else { value }
}

#[inline(always)]
fn sin_reduced(r: f64) -> f64 {
    let z = r * r;
    let p = 8.333_333_333_322_49e-3
        + z * (-1.984_126_982_985_795e-4
            + z * (2.755_731_370_707_006_8e-6
                + z * (-2.505_076_025_340_686_3e-8 + z * 1.589_690_995_211_55e-10)));
    r + r * z * (-1.666_666_666_666_663_2e-1 + z * p)
}

#[inline(always)]
fn cos_reduced(r: f64) -> f64 {
    let z = r * r;
    let p = z
        * (4.166_666_666_666_66e-2
            + z * (-1.388_888_888_887_411e-3
                + z * (2.480_158_728_947_673e-5
                    + z * (-2.755_731_435_139_066_3e-7
                        + z * (2.087_572_321_298_175e-9 + z * -1.135_964_755_778_819_5e-11)))));
    let half = 0.5 * z;
    let w = 1.0 - half;
    w + (((1.0 - w) - half) + z * p)
}

/// sin(x + quarter turns); |x| must not exceed [`MAX_ANGLE`].
#[inline(always)]
fn sin_turned(x: f64, quarters: u64) -> f64 {
    let t = x * FRAC_2_PI + ROUND;
    let n = t - ROUND;
    let r = ((x - n * PIO2_1) - n * PIO2_2) - n * PIO2_3;
    let quadrant = t.to_bits().wrapping_add(quarters);
    let (s, c) = (sin_reduced(r), cos_reduced(r));
    let value = if quadrant & 1 == 0 { s } else { c };
    f64::from_bits(value.to_bits() ^ ((quadrant & 2) << 62))
}

/// Sine for |x| up to [`MAX_ANGLE`].
#[inline(always)]
pub(crate) fn sin_near(x: f64) -> f64 {
    sin_turned(x, 0)
}

/// Cosine for |x| up to [`MAX_ANGLE`].
#[inline(always)]
pub(crate) fn cos_near(x: f64) -> f64 {
    sin_turned(x, 1)
}

/// x to an integer power, by repeated squaring.
#[inline(always)]
pub(crate) fn powi(x: f64, n: i32) -> f64 {
    match n {
        2 => x * x,
        3 => x * x * x,
        -1 => 1.0 / x,
        _ => {
            let (mut result, mut base, mut left) = (1.0, x, n.unsigned_abs());
            while left > 0 {
                if left & 1 == 1 {
                    result *= base;
                }
                base *= base;
                left >>= 1;
            }
            if n < 0 { 1.0 / result } else { result }
        }
    }
}

/// a to the power b, elementwise: an integer b keeps the sign of a negative base.
#[inline(always)]
pub(crate) fn pow_general(a: f64, b: f64) -> f64 {
    let magnitude = exp(b * log(a.abs()));
    let whole = (b.abs() + ROUND) - ROUND == b.abs();
    let odd = (b.abs() + ROUND).to_bits() & 1 == 1;
    let signed = if odd { -magnitude } else { magnitude };
    let negative = if whole { signed } else { f64::NAN };
    let value = if a < 0.0 { negative } else { magnitude };
    if b == 0.0 { 1.0 } else { value }
}

/// a to the power b: exact steps where b is a small multiple of one half.
pub(crate) fn pow(a: f64, b: f64) -> f64 {
    match exponent(b) {
        Exponent::Whole(n) => powi(a, n),
        Exponent::Half(n) => powi(a, n) * a.sqrt(),
        Exponent::Real => pow_general(a, b),
    }
}

/// How a constant exponent is carried out.
pub(crate) enum Exponent {
    /// An integer.
    Whole(i32),
    /// This integer and a half.
    Half(i32),
    /// Anything else.
    Real,
}

/// Classes a constant exponent.
pub(crate) fn exponent(b: f64) -> Exponent {
    if b.abs() > 64.0 || (2.0 * b).fract() != 0.0 {
        Exponent::Real
    } else if b.fract() == 0.0 {
        Exponent::Whole(b as i32)
    } else {
        Exponent::Half(b.floor() as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(own: fn(f64) -> f64, reference: fn(f64) -> f64, low: f64, high: f64) -> f64 {
        let error = |i: i32| {
            let x = low + (high - low) * f64::from(i) / 20_000.0;
            let exact = reference(x);
            (own(x) - exact).abs() / exact.abs().max(1e-300)
        };
        (0..=20_000).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn agrees_with_reference_functions_to_the_last_digits() {
        assert!(worst(exp, libm::exp, -700.0, 709.0) < 8e-16);
        assert!(worst(log, libm::log, 1e-9, 50.0) < 5e-16);
        assert!(worst(log, libm::log, 1e-310, 1e-300) < 5e-16);
        let absolute = |x: f64| (sin_near(x) - libm::sin(x)).abs().max((cos_near(x) - libm::cos(x)).abs());
        assert!((0..20_000).map(|i| absolute(f64::from(i) * 0.37 - 3000.0)).fold(0.0, f64::max) < 3e-16);
    }

    #[test]
    fn treats_the_edges_as_ieee_does() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(800.0), f64::INFINITY);
        assert_eq!(exp(-800.0), 0.0);
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(log(1.0), 0.0);
        assert_eq!(log(0.0), f64::NEG_INFINITY);
        assert!(log(-1.0).is_nan());
        assert!(log(f64::NAN).is_nan());
        assert_eq!(log(f64::INFINITY), f64::INFINITY);
    }

    #[test]
    fn powers_keep_the_sign_where_they_have_one() {
        assert_eq!(pow(-2.0, 3.0), -8.0);
        assert_eq!(pow(4.0, 1.5), 8.0);
        assert_eq!(pow(4.0, -0.5), 0.5);
        assert!((pow_general(-2.0, 3.0) + 8.0).abs() < 1e-13);
        assert!(pow_general(-2.0, 0.3).is_nan());
        assert!((pow(2.0, 0.3) - libm::pow(2.0, 0.3)).abs() < 1e-15);
    }
}
