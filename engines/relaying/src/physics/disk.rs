//! Circular arithmetic: sets of complex numbers enclosed in disks, sets of real numbers in intervals.
//!
//! One formula serves both, the value in one composition and the bound over many: it is written once over [`Phasor`].
//! Gargantini and Henrici, Circular arithmetic and the determination of polynomial zeros, 1972, for the inverse.

use num_complex::Complex64;

/// A complex quantity, known exactly or enclosed.
pub trait Phasor: Copy {
    /// A known number.
    fn exact(value: Complex64) -> Self;
    /// All numbers within a distance of a centre, if the kind can hold them; the centre where it cannot.
    fn around(centre: Complex64, radius: f64) -> Self;
    /// The sum.
    #[must_use]
    fn plus(self, other: Self) -> Self;
    /// The product.
    #[must_use]
    fn times(self, other: Self) -> Self;
    /// The inverse; `None` when it may be 0.
    fn inverse(self) -> Option<Self>;
    /// The conjugate.
    #[must_use]
    fn conjugate(self) -> Self;
    /// Whether it is known to be 0.
    fn is_zero(self) -> bool;
    /// The range of its magnitude.
    fn magnitude(self) -> Interval;
    /// The range of its real part.
    fn real(self) -> Interval;

    /// The product with a known number.
    #[must_use]
    fn scaled(self, factor: Complex64) -> Self {
        self.times(Self::exact(factor))
    }

    /// The difference.
    #[must_use]
    fn minus(self, other: Self) -> Self {
        self.plus(other.scaled(Complex64::new(-1.0, 0.0)))
    }

    /// The range of its imaginary part.
    fn imaginary(self) -> Interval {
        self.scaled(Complex64::new(0.0, -1.0)).real()
    }
}

impl Phasor for Complex64 {
    fn exact(value: Complex64) -> Self {
        value
    }

    fn around(centre: Complex64, radius: f64) -> Self {
        debug_assert!(radius == 0.0, "a number has no radius");
        centre
    }

    fn plus(self, other: Self) -> Self {
        self + other
    }

    fn times(self, other: Self) -> Self {
        self * other
    }

    fn minus(self, other: Self) -> Self {
        self - other
    }

    fn inverse(self) -> Option<Self> {
        (!self.is_zero()).then(|| self.inv())
    }

    fn conjugate(self) -> Self {
        self.conj()
    }

    fn is_zero(self) -> bool {
        self.norm_sqr() == 0.0
    }

    fn magnitude(self) -> Interval {
        Interval::exact(self.norm_sqr().sqrt())
    }

    fn real(self) -> Interval {
        Interval::exact(self.re)
    }
}

/// All complex numbers within a distance of a centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disk {
    /// The centre.
    pub centre: Complex64,
    /// The distance.
    pub radius: f64,
}

impl Phasor for Disk {
    fn exact(value: Complex64) -> Self {
        Self { centre: value, radius: 0.0 }
    }

    fn around(centre: Complex64, radius: f64) -> Self {
        Self { centre, radius }
    }

    fn plus(self, other: Self) -> Self {
        Self { centre: self.centre + other.centre, radius: self.radius + other.radius }
    }

    fn minus(self, other: Self) -> Self {
        Self { centre: self.centre - other.centre, radius: self.radius + other.radius }
    }

    fn times(self, other: Self) -> Self {
        let centre = self.centre * other.centre;
        if self.radius == 0.0 && other.radius == 0.0 {
            return Self { centre, radius: 0.0 };
        }
        let (own, others) = (self.centre.norm_sqr().sqrt(), other.centre.norm_sqr().sqrt());
        Self { centre, radius: own * other.radius + others * self.radius + self.radius * other.radius }
    }

    fn inverse(self) -> Option<Self> {
        let margin = self.centre.norm_sqr() - self.radius * self.radius;
        (margin > 1e-12 * self.centre.norm_sqr())
            .then(|| Self { centre: self.centre.conj() / margin, radius: self.radius / margin })
    }

    fn conjugate(self) -> Self {
        Self { centre: self.centre.conj(), radius: self.radius }
    }

    fn is_zero(self) -> bool {
        self.centre.norm_sqr() == 0.0 && self.radius == 0.0
    }

    fn magnitude(self) -> Interval {
        let distance = self.centre.norm_sqr().sqrt();
        Interval { low: (distance - self.radius).max(0.0), high: distance + self.radius }
    }

    fn real(self) -> Interval {
        Interval { low: self.centre.re - self.radius, high: self.centre.re + self.radius }
    }
}

impl From<Complex64> for Disk {
    fn from(value: Complex64) -> Self {
        Self::exact(value)
    }
}

/// All real numbers between two ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// One number.
    pub fn exact(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The range of a falling function.
    #[must_use]
    pub fn falling(self, function: impl Fn(f64) -> f64) -> Self {
        Self { low: function(self.high), high: function(self.low) }
    }

    /// The range of a rising function.
    #[must_use]
    pub fn rising(self, function: impl Fn(f64) -> f64) -> Self {
        Self { low: function(self.low), high: function(self.high) }
    }

    /// The range of the greater of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.max(other.high) }
    }

    /// The range of the smaller of two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.min(other.high) }
    }

    /// The range of the magnitude.
    #[must_use]
    pub fn magnitude(self) -> Self {
        let ends = (self.low.abs(), self.high.abs());
        let low = if self.low <= 0.0 && self.high >= 0.0 { 0.0 } else { ends.0.min(ends.1) };
        Self { low, high: ends.0.max(ends.1) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn disks() -> impl Strategy<Value = (Disk, Complex64)> {
        (-3.0..3.0_f64, -3.0..3.0_f64, 0.0..2.0_f64, 0.0..1.0_f64, 0.0..6.3_f64).prop_map(
            |(x, y, radius, part, turn)| {
                let centre = Complex64::new(x, y);
                (Disk { centre, radius }, centre + Complex64::from_polar(radius * part, turn))
            },
        )
    }

    fn holds(disk: Disk, value: Complex64) -> bool {
        (value - disk.centre).norm() <= disk.radius + 1e-9 * (1.0 + value.norm())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn results_enclose_what_is_inside((a, x) in disks(), (b, y) in disks()) {
            prop_assert!(holds(a.plus(b), x + y));
            prop_assert!(holds(a.minus(b), x - y));
            prop_assert!(holds(a.times(b), x * y));
            if let Some(inverse) = a.inverse() {
                prop_assert!(holds(inverse, x.inv()));
            }
            let (size, real) = (a.magnitude(), a.real());
            prop_assert!(size.low <= x.norm() + 1e-12 && x.norm() <= size.high + 1e-12);
            prop_assert!(real.low <= x.re + 1e-12 && x.re <= real.high + 1e-12);
            let imaginary = a.imaginary();
            prop_assert!(imaginary.low <= x.im + 1e-12 && x.im <= imaginary.high + 1e-12);
        }
    }

    #[test]
    fn a_disk_around_zero_has_no_inverse() {
        assert!(Disk { centre: Complex64::new(1.0, 0.0), radius: 1.0 }.inverse().is_none());
    }
}
