//! Disks of complex numbers, with just the operations the fault formulas need.

use num_complex::Complex64;

/// All numbers within `r` of `c`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Disk {
    pub(crate) c: Complex64,
    pub(crate) r: f64,
}

impl Disk {
    pub(crate) fn point(c: Complex64) -> Self {
        Self { c, r: 0.0 }
    }

    pub(crate) fn real(value: f64) -> Self {
        Self::point(Complex64::new(value, 0.0))
    }

    pub(crate) fn add(self, other: Self) -> Self {
        Self { c: self.c + other.c, r: self.r + other.r }
    }

    pub(crate) fn mul(self, other: Self) -> Self {
        let r = self.c.norm() * other.r + other.c.norm() * self.r + self.r * other.r;
        Self { c: self.c * other.c, r }
    }

    pub(crate) fn by(self, factor: Complex64) -> Self {
        Self { c: self.c * factor, r: self.r * factor.norm() }
    }

    /// 1/z for all z inside; none if 0 may be inside.
    pub(crate) fn inv(self) -> Option<Self> {
        let clear = self.c.norm_sqr() - self.r * self.r;
        (clear > 0.0).then(|| Self { c: self.c.conj() / clear, r: self.r / clear })
    }

    pub(crate) fn most(self) -> f64 {
        self.c.norm() + self.r
    }

    pub(crate) fn least(self) -> f64 {
        (self.c.norm() - self.r).max(0.0)
    }
}
