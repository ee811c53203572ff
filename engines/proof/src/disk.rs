//! Disks of complex numbers and spans of real ones, with just the operations the fault formulas need.

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

    pub(crate) fn conj(self) -> Self {
        Self { c: self.c.conj(), r: self.r }
    }

    /// The range of the magnitude.
    pub(crate) fn size(self) -> Span {
        Span((self.c.norm() - self.r).max(0.0), self.c.norm() + self.r)
    }

    /// The range of the real part.
    pub(crate) fn re(self) -> Span {
        Span(self.c.re - self.r, self.c.re + self.r)
    }
}

/// Least and greatest of real numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span(pub(crate) f64, pub(crate) f64);

impl Span {
    /// The range of the lesser of two.
    pub(crate) fn lesser(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.min(other.1))
    }
}
