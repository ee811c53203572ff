//! Least squares from the triangle: pivoted QR, the rank decision, coefficients and the root of their covariance.

use crate::design::Design;
use crate::double_double::DoubleDouble;
use crate::options::Precision;
use crate::real::Real;
use crate::residuals::{self, gradient};
use crate::triangle::Triangle;

/// Up to this many multiplications in the decomposition double-double costs a few hundredths of a second.
const SMALL: usize = 2_000_000;
/// From this condition number on the f64 path is not trusted with 13 digits.
const ILL_CONDITIONED: f64 = 1e6;
/// A column whose independent part is smaller than this share of it depends on the others: the f64 decomposition
/// of a long table leaves that much.
pub(crate) const DEPENDENT_DOUBLE: f64 = 1e-12;
/// The same in double-double, where the rounding of the inputs is all that is left.
const DEPENDENT: f64 = 1e-14;
/// The same where the columns are exact to 32 digits.
const DEPENDENT_EXACT: f64 = 1e-26;
/// A correction below this share of a coefficient leaves an error far below the last digit.
const REFINED: f64 = 1e-10;
const MOST_REFINEMENTS: usize = 3;

/// A column that is a linear combination of others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dependence {
    pub(crate) column: usize,
    pub(crate) on: Vec<usize>,
}

/// The solution of a least-squares problem.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    /// The columns that have a coefficient, in the design's order.
    pub(crate) kept: Vec<usize>,
    /// The columns left out.
    pub(crate) dependences: Vec<Dependence>,
    /// Coefficients of the kept columns.
    pub(crate) coefficients: Vec<DoubleDouble>,
    /// W with (XᵀX)⁻¹ = W·Wᵀ, by rows.
    pub(crate) root: Vec<Vec<f64>>,
    /// `T` with `XᵀX = Tᵀ·T`, by rows.
    pub(crate) triangle: Vec<Vec<f64>>,
    /// What of Σ(Qᵀy)² no kept column explains, in scaled units; the rest below the triangle comes on top.
    pub(crate) left_over: f64,
    /// The 2-norm condition number of the kept columns at unit length.
    pub(crate) condition: f64,
    /// Whether double-double arithmetic was used.
    pub(crate) wide: bool,
}

/// Solves for all columns of the design, leaving out those that depend on earlier ones; y − X·β comes beside.
pub(crate) fn solve(design: &Design, precision: Precision) -> (Solution, Vec<f64>) {
    let work = design.rows() * (design.width() + 1) * (design.width() + 1);
    let wide = match precision {
        Precision::DoubleDouble => true,
        Precision::Double => false,
        Precision::Automatic => work <= SMALL,
    };
    if !wide {
        let solution = solve_in::<f64>(design);
        let trusted = solution.condition < ILL_CONDITIONED && solution.dependences.is_empty();
        if trusted || precision == Precision::Double {
            return refine(design, solution);
        }
    }
    let solution = solve_in::<DoubleDouble>(design);
    let residuals = residuals::all(design, &solution);
    (solution, residuals)
}

fn solve_in<R: Real>(design: &Design) -> Solution {
    let tolerance = match (R::WIDE, design.is_exact_polynomial()) {
        (false, _) => DEPENDENT_DOUBLE,
        (true, false) => DEPENDENT,
        (true, true) => DEPENDENT_EXACT,
    };
    let scales: Vec<f64> = (0..=design.width()).map(|column| design.scale(column)).collect();
    solve_triangle(&Triangle::<R>::of(design), &scales, tolerance)
}

/// Solves a triangle whose columns were multiplied by the scales; a column whose independent share is below the
/// tolerance is left out.
pub(crate) fn solve_triangle<R: Real>(triangle: &Triangle<R>, scales: &[f64], tolerance: f64) -> Solution {
    let system = System::new(triangle);
    let all: Vec<usize> = (0..triangle.order - 1).collect();
    let full = system.factor(&all);
    if full.smallest_pivot() > tolerance {
        return system.solution(scales, &full, Vec::new());
    }
    let (kept, dependences) = system.independent(tolerance);
    system.solution(scales, &system.factor(&kept), dependences)
}

/// Refinement with residuals in 32 digits (corrected semi-normal equations; Björck 1987).
fn refine(design: &Design, mut solution: Solution) -> (Solution, Vec<f64>) {
    for _ in 0..MOST_REFINEMENTS {
        let (gradient, mut residuals) = gradient(design, &solution);
        let projected = project(&solution.root, &gradient);
        let corrections: Vec<f64> = solution.root.iter().map(|row| f64::dot(row, &projected)).collect();
        let mut largest = 0.0_f64;
        for (coefficient, &correction) in solution.coefficients.iter_mut().zip(&corrections) {
            *coefficient = *coefficient + DoubleDouble::from(correction);
            largest = largest.max(correction.abs() / coefficient.hi().abs().max(f64::MIN_POSITIVE));
        }
        if largest < REFINED {
            // What so small a correction changes needs no 32 digits.
            residuals::correct(&mut residuals, design, &solution.kept, &corrections);
            return (solution, residuals);
        }
    }
    let residuals = residuals::all(design, &solution);
    (solution, residuals)
}

/// Wᵀ·x.
pub(crate) fn project(root: &[Vec<f64>], entries: &[f64]) -> Vec<f64> {
    let mut projected = vec![0.0; root.len()];
    for (row, &entry) in root.iter().zip(entries) {
        f64::subtract_multiple(&mut projected, -entry, row);
    }
    projected
}

/// The triangle's columns at unit length, and the projected target.
struct System<R> {
    columns: Vec<Vec<R>>,
    norms: Vec<R>,
    target: Vec<R>,
}

/// A pivoted QR decomposition of some of the columns.
struct Factor<R> {
    /// Positions in the system of the columns, in pivoting order.
    order: Vec<usize>,
    /// The upper triangle by columns.
    triangle: Vec<Vec<R>>,
    /// Qᵀ·target.
    target: Vec<R>,
}

impl<R: Real> System<R> {
    fn new(triangle: &Triangle<R>) -> Self {
        let width = triangle.order - 1;
        let mut columns = Vec::with_capacity(width);
        let mut norms = Vec::with_capacity(width);
        for column in 0..width {
            let mut entries = triangle.column(column).to_vec();
            entries.resize(width, R::default());
            let norm = R::dot(&entries, &entries).root();
            if norm > R::default() {
                for entry in &mut entries {
                    *entry = *entry / norm;
                }
            }
            columns.push(entries);
            norms.push(norm);
        }
        Self { columns, norms, target: triangle.column(width)[..width].to_vec() }
    }

    /// Householder QR with the largest remaining column as the next pivot.
    fn factor(&self, chosen: &[usize]) -> Factor<R> {
        let mut order = chosen.to_vec();
        let mut columns: Vec<Vec<R>> = chosen.iter().map(|&column| self.columns[column].clone()).collect();
        let mut target = self.target.clone();
        for step in 0..order.len() {
            let rest = |column: &Vec<R>| R::dot(&column[step..], &column[step..]).near();
            let lengths: Vec<f64> = columns[step..].iter().map(rest).collect();
            let longest =
                (0..lengths.len()).fold(0, |best, at| if lengths[at] > lengths[best] { at } else { best });
            columns.swap(step, step + longest);
            order.swap(step, step + longest);
            reflect(&mut columns, &mut target, step);
        }
        Factor { order, triangle: columns, target }
    }

    /// Goes through the columns in order and keeps those that add something to the ones before.
    fn independent(&self, tolerance: f64) -> (Vec<usize>, Vec<Dependence>) {
        let (mut kept, mut dependences) = (Vec::new(), Vec::new());
        let mut basis: Vec<Vec<R>> = Vec::new();
        for (position, column) in self.columns.iter().enumerate() {
            let mut rest = column.clone();
            for _ in 0..2 {
                for direction in &basis {
                    let along = R::dot(direction, &rest);
                    R::subtract_multiple(&mut rest, along, direction);
                }
            }
            let length = R::dot(&rest, &rest).root();
            if length.near() > tolerance {
                for entry in &mut rest {
                    *entry = *entry / length;
                }
                basis.push(rest);
                kept.push(position);
            } else {
                dependences.push(Dependence { column: position, on: self.parts_of(position, &kept) });
            }
        }
        (kept, dependences)
    }

    /// The kept columns that a dependent column is made of.
    fn parts_of(&self, position: usize, kept: &[usize]) -> Vec<usize> {
        let combined = Self {
            columns: self.columns.clone(),
            norms: self.norms.clone(),
            target: self.columns[position].clone(),
        };
        let shares = combined.factor(kept).back_substitute();
        let mut parts: Vec<usize> =
            shares.iter().filter(|(_, share)| share.near().abs() > 1e-9).map(|(column, _)| *column).collect();
        parts.sort_unstable();
        parts
    }

    /// Coefficients, covariance root and condition in the design's own units.
    fn solution(&self, scales: &[f64], factor: &Factor<R>, dependences: Vec<Dependence>) -> Solution {
        let mut kept = factor.order.clone();
        kept.sort_unstable();
        let target_scale = DoubleDouble::from(scales[self.columns.len()]);
        let unit = |column: usize| DoubleDouble::from(scales[column]) / self.norms[column].wide();
        let width = kept.len();
        let mut coefficients = vec![DoubleDouble::default(); width];
        for (column, share) in factor.back_substitute() {
            let at = kept.partition_point(|&other| other < column);
            coefficients[at] = share.wide() * unit(column) / target_scale;
        }
        let inverse = factor.inverse();
        let mut root = vec![vec![0.0; width]; width];
        for (pivot, &column) in factor.order.iter().enumerate() {
            let at = kept.partition_point(|&other| other < column);
            for k in pivot..width {
                root[at][k] = (inverse[k][pivot].wide() * unit(column)).hi();
            }
        }
        let triangle = (0..self.columns.len())
            .map(|row| {
                kept.iter().map(|&column| (self.columns[column][row].wide() / unit(column)).hi()).collect()
            })
            .collect();
        let left_over = factor.target[width..].iter().map(|part| part.near() * part.near()).sum();
        let condition = largest_singular_value(&factor.triangle) * largest_singular_value(&inverse);
        Solution { kept, dependences, coefficients, root, triangle, left_over, condition, wide: R::WIDE }
    }
}

/// Applies the reflector that zeroes column `step` below its diagonal to the later columns and the target.
fn reflect<R: Real>(columns: &mut [Vec<R>], target: &mut [R], step: usize) {
    let (done, later) = columns.split_at_mut(step + 1);
    let pivot = &mut done[step];
    let norm = R::dot(&pivot[step..], &pivot[step..]).root();
    if norm == R::default() {
        return;
    }
    let diagonal = if pivot[step] > R::default() { -norm } else { norm };
    let first = pivot[step] - diagonal;
    let tau = -(first / diagonal);
    let mut reflector: Vec<R> = pivot[step..].iter().map(|&entry| entry / first).collect();
    reflector[0] = R::from(1.0);
    for other in later.iter_mut().map(Vec::as_mut_slice).chain([target]) {
        let factor = tau * R::dot(&reflector, &other[step..]);
        R::subtract_multiple(&mut other[step..], factor, &reflector);
    }
    pivot[step] = diagonal;
    pivot[step + 1..].fill(R::default());
}

impl<R: Real> Factor<R> {
    /// The last pivot over the first: below the tolerance the columns are dependent.
    fn smallest_pivot(&self) -> f64 {
        let pivots = self.triangle.iter().enumerate().map(|(at, column)| column[at].near().abs());
        pivots.fold(f64::INFINITY, f64::min)
    }

    /// The share of each column in the target.
    fn back_substitute(&self) -> Vec<(usize, R)> {
        let mut rest = self.target.clone();
        let mut shares = vec![R::default(); self.order.len()];
        for at in (0..self.order.len()).rev() {
            shares[at] = rest[at] / self.triangle[at][at];
            R::subtract_multiple(&mut rest[..at], shares[at], &self.triangle[at][..at]);
        }
        self.order.iter().copied().zip(shares).collect()
    }

    /// The inverse of the triangle, by columns.
    fn inverse(&self) -> Vec<Vec<R>> {
        let width = self.order.len();
        let mut columns = Vec::with_capacity(width);
        for k in 0..width {
            let mut rest = vec![R::default(); width];
            rest[k] = R::from(1.0);
            for at in (0..=k).rev() {
                rest[at] = rest[at] / self.triangle[at][at];
                let (above, value) = rest.split_at_mut(at);
                R::subtract_multiple(above, value[0], &self.triangle[at][..at]);
            }
            columns.push(rest);
        }
        columns
    }
}

/// The largest singular value of a matrix given by columns, by power iteration from a fixed start.
fn largest_singular_value<R: Real>(columns: &[Vec<R>]) -> f64 {
    let width = columns.len();
    let matrix: Vec<Vec<f64>> =
        columns.iter().map(|column| column[..width].iter().map(|entry| entry.near()).collect()).collect();
    let mut vector: Vec<f64> = (0..width).map(|k| 1.0 + ((k as f64) * 0.754_877_666).fract()).collect();
    let mut value = 0.0;
    for _ in 0..200 {
        let length = f64::dot(&vector, &vector).sqrt();
        if length == 0.0 {
            break;
        }
        let mut image = vec![0.0; width];
        for (column, &share) in matrix.iter().zip(&vector) {
            f64::subtract_multiple(&mut image, -share / length, column);
        }
        let next = f64::dot(&image, &image).sqrt();
        for (entry, column) in vector.iter_mut().zip(&matrix) {
            *entry = f64::dot(column, &image);
        }
        let settled = (next - value).abs() <= 1e-9 * next;
        value = next;
        if settled {
            break;
        }
    }
    value
}
