//! Least squares on a few columns: Gram-Schmidt done twice, with the target carried along; columns that depend on
//! others get a zero coefficient.

#![expect(clippy::inline_always, reason = "the loops are compiled for the vector width of their dispatcher")]

use crate::dispatch::{Work, dispatch};
use crate::kernel;

/// Columns whose part outside the others is below this fraction are dependent.
const DEPENDENT: f64 = 1e-11;

/// The coefficients of the best linear combination and its residuals' sum of squares.
pub(crate) fn solve(columns: &[Vec<f64>], target: &[f64]) -> (Vec<f64>, f64) {
    let solution = solution(columns, target);
    (solution.coefficients, solution.rest)
}

/// [`solve`] with what standard errors are made of.
pub(crate) fn solution(columns: &[Vec<f64>], target: &[f64]) -> Solution {
    dispatch(Solve { columns, target })
}

/// The triangular factor of the columns: columns of the same lengths and angles in as few rows as there are columns.
pub(crate) fn triangle(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let rows = columns.first().map_or(0, Vec::len);
    let upper = solution(columns, &vec![0.0; rows]).upper;
    (0..columns.len()).map(|j| upper.iter().map(|row| row[j]).collect()).collect()
}

/// A solved least-squares problem.
pub(crate) struct Solution {
    pub(crate) coefficients: Vec<f64>,
    /// The residuals' sum of squares.
    pub(crate) rest: f64,
    upper: Vec<Vec<f64>>,
    kept: Vec<bool>,
}

impl Solution {
    /// The standard error of a coefficient where the rows scatter by one: the length of a row of the inverse of the
    /// triangular factor. Infinite for a column that depends on those before it.
    pub(crate) fn unit_error(&self, column: usize) -> f64 {
        if !self.kept[column] {
            return f64::INFINITY;
        }
        let k = self.kept.len();
        let mut row = vec![0.0; k];
        row[column] = 1.0 / self.upper[column][column];
        for j in (column + 1..k).filter(|&j| self.kept[j]) {
            let along: f64 = (column..j).map(|i| row[i] * self.upper[i][j]).sum();
            row[j] = -along / self.upper[j][j];
        }
        kernel::dot(&row, &row).sqrt()
    }
}

struct Solve<'a> {
    columns: &'a [Vec<f64>],
    target: &'a [f64],
}

impl Work for Solve<'_> {
    type Output = Solution;

    #[inline(always)]
    fn run(self) -> Solution {
        let k = self.columns.len();
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(k);
        let mut upper = vec![vec![0.0; k]; k];
        let mut kept = vec![false; k];
        for (j, column) in self.columns.iter().enumerate() {
            let mut rest = column.clone();
            let before = kernel::dot(&rest, &rest).sqrt();
            for _ in 0..2 {
                for (i, direction) in basis.iter().enumerate().filter(|(i, _)| kept[*i]) {
                    let part = kernel::dot(direction, &rest);
                    upper[i][j] += part;
                    kernel::zip_into(&mut rest, direction, |r, d| r - part * d);
                }
            }
            let norm = kernel::dot(&rest, &rest).sqrt();
            kept[j] = norm.is_finite() && norm > DEPENDENT * before;
            if kept[j] {
                upper[j][j] = norm;
                kernel::zip_into(&mut rest, column, |r, _| r / norm);
            }
            basis.push(rest);
        }
        let mut residual = self.target.to_vec();
        let mut parts = vec![0.0; k];
        for _ in 0..2 {
            for (i, direction) in basis.iter().enumerate().filter(|(i, _)| kept[*i]) {
                let part = kernel::dot(direction, &residual);
                parts[i] += part;
                kernel::zip_into(&mut residual, direction, |r, d| r - part * d);
            }
        }
        let mut coefficients = vec![0.0; k];
        for i in (0..k).rev().filter(|&i| kept[i]) {
            let known: f64 = (i + 1..k).map(|j| upper[i][j] * coefficients[j]).sum();
            coefficients[i] = (parts[i] - known) / upper[i][i];
        }
        Solution { coefficients, rest: kernel::dot(&residual, &residual), upper, kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovers_coefficients_and_drops_a_dependent_column() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let columns = vec![vec![1.0; 20], x.clone(), x.iter().map(|x| 2.0 * x + 1.0).collect()];
        let y: Vec<f64> = x.iter().map(|x| 3.0 * x + 4.0).collect();
        let (coefficients, rest) = solve(&columns, &y);
        assert!((coefficients[0] - 4.0).abs() < 1e-12 && (coefficients[1] - 3.0).abs() < 1e-12);
        assert_eq!(coefficients[2], 0.0);
        assert!(rest < 1e-20);
    }

    #[test]
    fn unit_errors_are_those_of_a_line() {
        let columns = vec![vec![1.0; 5], vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![2.0, 4.0, 6.0, 8.0, 10.0]];
        let solution = solution(&columns, &[1.0, 2.0, 2.0, 3.0, 5.0]);
        // By hand: 1/5 + 9/10 for the intercept, 1/10 for the slope.
        assert!((solution.unit_error(0) - 1.1_f64.sqrt()).abs() < 1e-14);
        assert!((solution.unit_error(1) - 0.1_f64.sqrt()).abs() < 1e-14);
        assert_eq!(solution.unit_error(2), f64::INFINITY);
    }
}
