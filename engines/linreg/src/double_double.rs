//! Numbers of about 32 digits as unevaluated sums of two f64 (Dekker 1971; Hida, Li, Bailey 2001).
//!
//! Plain f64 operations only, no fused multiply-add: the same bits on every machine.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// `hi + lo` with |lo| at most half a unit in the last place of `hi`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct DoubleDouble {
    hi: f64,
    lo: f64,
}

/// 2^27 + 1: splits 53 bits into two halves (Veltkamp).
const SPLITTER: f64 = 134_217_729.0;

/// Sum and its rounding error, exactly (Knuth).
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// The same when |a| ≥ |b| is known.
fn quick_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

fn split(a: f64) -> (f64, f64) {
    let t = SPLITTER * a;
    let hi = t - (t - a);
    (hi, a - hi)
}

/// Product and its rounding error, exactly (Dekker).
pub(crate) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let (ah, al) = split(a);
    let (bh, bl) = split(b);
    (product, ((ah * bh - product) + ah * bl + al * bh) + al * bl)
}

impl DoubleDouble {
    /// The sum of any two numbers.
    pub(crate) fn of_sum(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        Self { hi, lo }
    }

    /// The exact product of two numbers.
    pub(crate) fn of_product(a: f64, b: f64) -> Self {
        let (hi, lo) = two_product(a, b);
        Self { hi, lo }
    }

    /// The nearest f64.
    pub(crate) fn hi(self) -> f64 {
        self.hi
    }

    /// What the nearest f64 misses.
    pub(crate) fn lo(self) -> f64 {
        self.lo
    }

    /// A whole power.
    pub(crate) fn powi(self, exponent: u32) -> Self {
        let (mut base, mut rest, mut power) = (self, exponent, Self::from(1.0));
        while rest > 0 {
            if rest & 1 == 1 {
                power = power * base;
            }
            base = base * base;
            rest >>= 1;
        }
        power
    }

    /// The square root of a number not below 0 (Karp's trick).
    pub(crate) fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::default();
        }
        let guess = self.hi.sqrt();
        let rest = self - Self::of_product(guess, guess);
        Self::of_sum(guess, rest.hi / (2.0 * guess))
    }
}

impl From<f64> for DoubleDouble {
    fn from(value: f64) -> Self {
        Self { hi: value, lo: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (s, e) = two_sum(self.hi, other.hi);
        let (t, f) = two_sum(self.lo, other.lo);
        let (s, e) = quick_two_sum(s, e + t);
        let (hi, lo) = quick_two_sum(s, e + f);
        Self { hi, lo }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (p, e) = two_product(self.hi, other.hi);
        let (hi, lo) = quick_two_sum(p, e + (self.hi * other.lo + self.lo * other.hi));
        Self { hi, lo }
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        let rest = self - other * Self::from(first);
        let second = rest.hi / other.hi;
        let rest = rest - other * Self::from(second);
        let third = rest.hi / other.hi;
        Self::of_sum(first, second) + Self::from(third)
    }
}

impl PartialOrd for DoubleDouble {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.hi.partial_cmp(&other.hi) {
            Some(Ordering::Equal) => self.lo.partial_cmp(&other.lo),
            order => order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_a_plain_sum_loses() {
        let sum = DoubleDouble::from(1.0) + DoubleDouble::from(1e-25);
        assert_eq!((sum - DoubleDouble::from(1.0)).hi(), 1e-25);
    }

    #[test]
    fn squares_its_square_root_back() {
        for value in [2.0, 3.0, 1e-200, 1e200, 0.1] {
            let root = DoubleDouble::from(value).sqrt();
            let error = (root * root - DoubleDouble::from(value)).hi();
            assert!((error / value).abs() < 1e-31, "{value}: {error}");
        }
    }

    #[test]
    fn multiplies_its_quotient_back() {
        for (a, b) in [(1.0, 3.0), (-7.0, 11.0), (1e100, 1.1)] {
            let quotient = DoubleDouble::from(a) / DoubleDouble::from(b);
            let error = (quotient * DoubleDouble::from(b) - DoubleDouble::from(a)).hi();
            assert!((error / a).abs() < 1e-30, "{a} / {b}: {error}");
        }
    }

    #[test]
    fn takes_whole_powers() {
        let tenth = DoubleDouble::from(1.0) / DoubleDouble::from(10.0);
        let error = tenth.powi(10) * DoubleDouble::from(1e10) - DoubleDouble::from(1.0);
        assert!(error.hi().abs() < 1e-29, "{error:?}");
        assert_eq!(tenth.powi(0), DoubleDouble::from(1.0));
    }
}
