//! The arithmetic the decomposition is written in: f64 for speed, double-double for ill-conditioned tables.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::double_double::DoubleDouble;

/// Lanes of a sum: fixed, so that the result never depends on the machine.
const LANES: usize = 8;

/// A real number of either precision.
pub(crate) trait Real:
    Copy
    + PartialOrd
    + Default
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Whether this is the arithmetic of 32 digits.
    const WIDE: bool;
    /// Makes a number of a double-double, rounding where needed.
    fn of(value: DoubleDouble) -> Self;
    /// The nearest f64.
    fn near(self) -> f64;
    /// As a double-double.
    fn wide(self) -> DoubleDouble;
    /// The square root.
    fn root(self) -> Self;
    /// Σ aᵢ·bᵢ.
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).fold(Self::default(), |sum, (&x, &y)| sum + x * y)
    }
    /// b ← b − factor·a.
    fn subtract_multiple(b: &mut [Self], factor: Self, a: &[Self]) {
        for (y, &x) in b.iter_mut().zip(a) {
            *y = *y - factor * x;
        }
    }
}

impl Real for f64 {
    const WIDE: bool = false;
    fn of(value: DoubleDouble) -> Self {
        value.hi()
    }
    fn near(self) -> f64 {
        self
    }
    fn wide(self) -> DoubleDouble {
        DoubleDouble::from(self)
    }
    fn root(self) -> Self {
        self.sqrt()
    }
    fn dot(a: &[Self], b: &[Self]) -> Self {
        let mut lanes = [0.0; LANES];
        let (a_chunks, a_rest) = a.as_chunks::<LANES>();
        let (b_chunks, b_rest) = b.as_chunks::<LANES>();
        for (x, y) in a_chunks.iter().zip(b_chunks) {
            for lane in 0..LANES {
                lanes[lane] += x[lane] * y[lane];
            }
        }
        let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
        lanes.iter().sum::<f64>() + rest
    }
}

impl Real for DoubleDouble {
    const WIDE: bool = true;
    fn of(value: DoubleDouble) -> Self {
        value
    }
    fn near(self) -> f64 {
        self.hi()
    }
    fn wide(self) -> DoubleDouble {
        self
    }
    fn root(self) -> Self {
        self.sqrt()
    }
}
