//! Least squares on a few columns: Gram-Schmidt done twice, with the target carried along; columns that depend on
//! others get a zero coefficient.

use crate::kernel;

/// Columns whose part outside the others is below this fraction are dependent.
const DEPENDENT: f64 = 1e-11;

/// The coefficients of the best linear combination and its residuals' sum of squares.
pub(crate) fn solve(columns: &[Vec<f64>], target: &[f64]) -> (Vec<f64>, f64) {
    let k = columns.len();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(k);
    let mut upper = vec![vec![0.0; k]; k];
    let mut kept = vec![false; k];
    for (j, column) in columns.iter().enumerate() {
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
    let mut residual = target.to_vec();
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
    (coefficients, kernel::dot(&residual, &residual))
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
}
