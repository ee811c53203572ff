//! A table with its solved least-squares problem: the summary, the design and the residual of each row.

use crate::design::Design;
use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::options::{Covariance, Options, Weighting};
use crate::real::Real;
use crate::residuals;
use crate::solve::{project, solve};
use crate::summary::{Summary, rounding_noise};
use crate::table::Table;

/// Rows whose squares are summed in plain f64.
const BLOCK: usize = 64;

/// A table, its design and its solution.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) design: Design<'a>,
    pub(crate) summary: Summary,
    /// y − ŷ.
    pub(crate) residuals: Vec<f64>,
}

impl<'a> Model<'a> {
    /// Solves the problem the options describe.
    pub(crate) fn new(table: &'a Table, options: &Options) -> Result<Self, Error> {
        options.check()?;
        let positions = options.positions(table.names())?;
        let design = Design::new(table, &positions, options)?;
        if let Covariance::Clustered(groups) = &options.covariance
            && groups.len() != design.rows()
        {
            let (rows, expected) = (groups.len(), design.rows());
            return Err(Error::LengthsDiffer { column: "groups".to_owned(), rows, expected });
        }
        if design.rows() < design.width() {
            return Err(Error::TooFewRows { rows: design.rows(), coefficients: design.width() });
        }
        let (solution, residuals) = solve(&design, options.precision);
        let is_centred = solution.kept.iter().any(|&column| is_constant(&design, column));
        let target_scale = design.scale(design.width());
        let log_roots = if design.is_weighted() {
            (0..design.rows()).map(|row| design.root(row).hi().ln()).sum()
        } else {
            0.0
        };
        let summary = Summary {
            inputs: positions.iter().map(|&position| table.names()[position].clone()).collect(),
            terms: design.terms.clone(),
            solution,
            rows: design.rows(),
            squares: sum_of_squares(&design, |row| residuals[row] * target_scale),
            total: total(&design, is_centred),
            target_scale,
            is_centred,
            has_error_bars: matches!(options.weighting, Weighting::ErrorBars(_)),
            log_roots,
            noise: rounding_noise(largest_target(&design), design.rows()),
        };
        Ok(Self { design, summary, residuals })
    }

    /// Wᵀ·x·√w for a row: its squared length is the leverage.
    pub(crate) fn projected(&self, row: usize) -> Vec<f64> {
        let entries: Vec<f64> = self
            .summary
            .solution
            .kept
            .iter()
            .map(|&column| (self.design.value(column, row) * self.design.root(row)).hi())
            .collect();
        project(&self.summary.solution.root, &entries)
    }

    /// The leverage of each row.
    pub(crate) fn leverages(&self) -> Vec<f64> {
        (0..self.summary.rows())
            .map(|row| {
                let projected = self.projected(row);
                f64::dot(&projected, &projected).min(1.0)
            })
            .collect()
    }
}

fn largest_target(design: &Design) -> f64 {
    let target = design.parts(design.width()).0.iter().enumerate();
    target.map(|(row, y)| (y * design.root(row).hi()).abs()).fold(0.0, f64::max)
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
        if design.is_weighted() {
            block.extend(rows.map(|row| value(row) * design.root(row).hi()));
        } else {
            block.extend(rows.map(&value));
        }
        sum = sum + DoubleDouble::from(f64::dot(&block, &block));
    }
    sum.hi()
}

fn total(design: &Design, is_centred: bool) -> f64 {
    let target = design.parts(design.width()).0;
    let scale = design.scale(design.width());
    let mut mean = DoubleDouble::default();
    if is_centred && !design.is_weighted() {
        mean = residuals::sum(target) / DoubleDouble::from(target.len() as f64);
    } else if is_centred {
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
