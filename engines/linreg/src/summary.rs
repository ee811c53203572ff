//! What a solved least-squares problem comes down to, whether or not its rows are still at hand.

use crate::solve::Solution;
use crate::term::Term;

/// Residuals of this many units in the last place of the largest target are rounding, not scatter.
const EXACT_ULPS: f64 = 8.0;

/// A solution and the sums of squares that go with it.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) inputs: Vec<String>,
    /// All terms asked for; the solution says which have a coefficient.
    pub(crate) terms: Vec<Term>,
    pub(crate) solution: Solution,
    pub(crate) rows: usize,
    /// Σ w·e², in units of the scaled target.
    pub(crate) squares: f64,
    /// Σ w·(y − ȳ)², or Σ w·y² without a constant column; in the same units.
    pub(crate) total: f64,
    /// The power of two that brings the target near 1.
    pub(crate) target_scale: f64,
    /// Whether the mean counts as explained.
    pub(crate) is_centred: bool,
    /// Whether the error bars of the target are known.
    pub(crate) has_error_bars: bool,
    /// Σ ln √w.
    pub(crate) log_roots: f64,
    /// What rounding of the target alone may leave as Σ w·e², in the target's squared units.
    pub(crate) noise: f64,
}

impl Summary {
    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of coefficients.
    pub(crate) fn width(&self) -> usize {
        self.solution.kept.len()
    }

    /// Rows beyond coefficients.
    pub(crate) fn dof(&self) -> usize {
        self.rows - self.width()
    }

    /// The coefficients beyond the constant.
    pub(crate) fn explaining(&self) -> usize {
        self.width() - usize::from(self.is_centred)
    }

    /// A term that has a coefficient.
    pub(crate) fn term(&self, at: usize) -> &Term {
        &self.terms[self.solution.kept[at]]
    }

    /// Σ w·e² / (n − p), in the target's squared units.
    pub(crate) fn variance(&self) -> f64 {
        self.squares / self.dof() as f64 / self.target_scale / self.target_scale
    }

    /// Σ w·e², in the target's squared units.
    pub(crate) fn residual_squares(&self) -> f64 {
        self.squares / self.target_scale / self.target_scale
    }
}

/// What rounding of the target alone may leave as Σe².
pub(crate) fn rounding_noise(largest_target: f64, rows: usize) -> f64 {
    (EXACT_ULPS * f64::EPSILON * largest_target).powi(2) * rows as f64
}
