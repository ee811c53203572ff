//! Complex numbers with their real and imaginary parts in arrays of their own.

use num_complex::Complex64;

/// Real and imaginary parts apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Split {
    pub(super) re: Vec<f64>,
    pub(super) im: Vec<f64>,
}

impl Split {
    pub(super) fn zero(length: usize) -> Self {
        Self { re: vec![0.0; length], im: vec![0.0; length] }
    }

    pub(super) fn of(values: impl IntoIterator<Item = Complex64>) -> Self {
        let (re, im) = values.into_iter().map(|z| (z.re, z.im)).unzip();
        Self { re, im }
    }

    pub(super) fn at(&self, at: usize) -> Complex64 {
        Complex64::new(self.re[at], self.im[at])
    }
}
