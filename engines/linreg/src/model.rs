//! A solved least-squares problem with its residuals and sums of squares: what all statistics are made of.

use crate::design::Design;
use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::options::{Options, Weighting};
use crate::real::Real;
use crate::residuals;
use crate::solve::{Solution, project, solve};
use crate::table::Table;
use crate::term::Term;

/// Residuals of this many units in the last place of the largest target are rounding, not scatter.
const EXACT_ULPS: f64 = 8.0;

/// Rows whose squares are summed in plain f64.
const BLOCK: usize = 64;

/// A table, its design and its solution.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) inputs: Vec<String>,
    pub(crate) design: Design<'a>,
    pub(crate) solution: Solution,
    /// y − ŷ.
    pub(crate) residuals: Vec<f64>,
    /// Σ w·e², in units of the scaled target.
    pub(crate) squares: f64,
    /// Σ w·(y − ȳ)², or Σ w·y² without a constant column; in the same units.
    pub(crate) total: f64,
    /// Whether the mean counts as explained.
    pub(crate) is_centred: bool,
    /// Whether the error bars of the target are known.
    pub(crate) has_error_bars: bool,
}

impl<'a> Model<'a> {
    /// Solves the problem the options describe.
    pub(crate) fn new(table: &'a Table, options: &Options) -> Result<Self, Error> {
        options.check()?;
        let positions = options.positions(table)?;
        let design = Design::new(table, &positions, options)?;
        if design.rows() < design.width() {
            return Err(Error::TooFewRows { rows: design.rows(), coefficients: design.width() });
        }
        let solution = solve(&design, options.precision);
        let is_centred = solution.kept.iter().any(|&column| is_constant(&design, column));
        let residuals = residuals::all(&design, &solution);
        let scale = design.scale(design.width());
        let squares = sum_of_squares(&design, |row| residuals[row] * scale);
        let total = total(&design, is_centred);
        let inputs = positions.iter().map(|&position| table.names()[position].clone()).collect();
        let has_error_bars = matches!(options.weighting, Weighting::ErrorBars(_));
        Ok(Self { inputs, design, solution, residuals, squares, total, is_centred, has_error_bars })
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.design.rows()
    }

    /// The number of coefficients.
    pub(crate) fn width(&self) -> usize {
        self.solution.kept.len()
    }

    /// Rows beyond coefficients.
    pub(crate) fn dof(&self) -> usize {
        self.rows() - self.width()
    }

    /// The coefficients beyond the constant.
    pub(crate) fn explaining(&self) -> usize {
        self.width() - usize::from(self.is_centred)
    }

    /// A term that has a coefficient.
    pub(crate) fn term(&self, at: usize) -> &Term {
        &self.design.terms[self.solution.kept[at]]
    }

    /// Σ w·e² / (n − p), in the target's squared units.
    pub(crate) fn variance(&self) -> f64 {
        let scale = self.design.scale(self.design.width());
        self.squares / self.dof() as f64 / scale / scale
    }

    /// Σ w·e², in the target's squared units.
    pub(crate) fn residual_squares(&self) -> f64 {
        let scale = self.design.scale(self.design.width());
        self.squares / scale / scale
    }

    /// What rounding of the target alone may leave as Σ w·e².
    pub(crate) fn rounding_noise(&self) -> f64 {
        let target = self.design.parts(self.design.width()).0.iter().enumerate();
        let size = |(row, y): (usize, &f64)| (y * self.design.root(row).hi()).abs();
        let largest = target.map(size).fold(0.0, f64::max);
        (EXACT_ULPS * f64::EPSILON * largest).powi(2) * self.rows() as f64
    }

    /// Wᵀ·x·√w for a row: its squared length is the leverage.
    pub(crate) fn projected(&self, row: usize) -> Vec<f64> {
        let entries: Vec<f64> = self
            .solution
            .kept
            .iter()
            .map(|&column| (self.design.value(column, row) * self.design.root(row)).hi())
            .collect();
        project(&self.solution.root, &entries)
    }

    /// The leverage of each row.
    pub(crate) fn leverages(&self) -> Vec<f64> {
        (0..self.rows())
            .map(|row| {
                let projected = self.projected(row);
                f64::dot(&projected, &projected).min(1.0)
            })
            .collect()
    }
}

fn is_constant(design: &Design, column: usize) -> bool {
    let first = design.value(column, 0);
    design.terms[column].is_intercept()
        || (first.hi() != 0.0 && (1..design.rows()).all(|row| design.value(column, row) == first))
}

/// Σ w·v², by blocks whose sums are added in 32 digits.
fn sum_of_squares(design: &Design, value: impl Fn(usize) -> f64) -> f64 {
    let mut sum = DoubleDouble::default();
    let mut block = Vec::with_capacity(BLOCK);
    for start in (0..design.rows()).step_by(BLOCK) {
        block.clear();
        let rows = start..design.rows().min(start + BLOCK);
        block.extend(rows.map(|row| value(row) * design.root(row).hi()));
        sum = sum + DoubleDouble::from(f64::dot(&block, &block));
    }
    sum.hi()
}

fn total(design: &Design, is_centred: bool) -> f64 {
    let target = design.parts(design.width()).0;
    let scale = design.scale(design.width());
    let mut mean = DoubleDouble::default();
    if is_centred {
        let mut weights = DoubleDouble::default();
        for (row, &value) in target.iter().enumerate() {
            let weight = design.root(row) * design.root(row);
            weights = weights + weight;
            mean = mean + DoubleDouble::from(value) * weight;
        }
        mean = mean / weights;
    }
    sum_of_squares(design, |row| ((target[row] - mean.hi()) - mean.lo()) * scale)
}
