//! Whether a witness fails in a whole region: by determinants at all corners, halving where that says nothing.
//!
//! With Δ the diagonal of admittances added at the classes, F = det [[1 + ΔZ, Δb], [bᵀ, z]] and
//! P = det [[1 + ΔZ, Δb], [aᵀ, κ]] are linear in each count, and the relay's current per volt at the fault is P/F.

use num_complex::Complex64;

use crate::disk::Disk;
use crate::faults::Shown;
use crate::test::is_broken;
use crate::{Port, Witness};

/// Regions looked at before a clause counts as not shown.
const BUDGET: usize = 400;
/// Classes that may be free at once.
const MOST_FREE: usize = 14;

pub(crate) fn fails_throughout(witness: &Witness, low: &[u16], high: &[u16]) -> bool {
    let mut open = vec![(low.to_vec(), high.to_vec())];
    let mut looked_at = 0;
    while let Some((low, high)) = open.pop() {
        looked_at += 1;
        if fails(witness, &low, &high) {
            continue;
        }
        let widest = (0..low.len()).max_by_key(|&class| high[class] - low[class]);
        let Some(class) = widest.filter(|&class| high[class] > low[class]) else { return false };
        if looked_at > BUDGET {
            return false;
        }
        let middle = low[class] + (high[class] - low[class]) / 2;
        let (mut below, mut above) = (high.clone(), low.clone());
        below[class] = middle;
        above[class] = middle + 1;
        open.push((low, below));
        open.push((above, high));
    }
    true
}

fn fails(witness: &Witness, low: &[u16], high: &[u16]) -> bool {
    let free: Vec<usize> = (0..low.len()).filter(|&class| low[class] < high[class]).collect();
    if free.len() > MOST_FREE {
        return false;
    }
    let corner = |bits: usize| -> Vec<f64> {
        let mut counts: Vec<f64> = low.iter().map(|&n| f64::from(n)).collect();
        for (bit, &class) in free.iter().enumerate() {
            if bits >> bit & 1 == 1 {
                counts[class] = f64::from(high[class]);
            }
        }
        counts
    };
    let corners: Vec<Vec<f64>> = (0..1 << free.len()).map(corner).collect();
    let Some(positive) = shown(&witness.positive, &witness.counts, &corners) else { return false };
    let negative = match &witness.negative {
        Some(port) => shown(port, &witness.counts, &corners),
        None => Some(positive.clone()),
    };
    let zero = match &witness.zero {
        Some(port) => shown(port, &witness.counts, &corners),
        None => Some(Shown::nothing(positive.rows.len())),
    };
    let (Some(negative), Some(zero)) = (negative, zero) else { return false };
    is_broken(witness, &[positive, negative, zero])
}

/// Disks around admittance and rows per volt, from all corners.
pub(crate) fn shown(port: &Port, base: &[u16], corners: &[Vec<f64>]) -> Option<Shown> {
    // At each corner the determinants without the fault point, with each row, and F.
    let mut values: Vec<Vec<Complex64>> = Vec::with_capacity(corners.len());
    for counts in corners {
        let delta: Vec<Complex64> =
            (0..counts.len()).map(|at| port.unit[at] * (counts[at] - f64::from(base[at]))).collect();
        let size = delta.len();
        let row = |at: usize| -> Vec<Complex64> {
            let mut row: Vec<Complex64> =
                (0..size).map(|other| delta[at] * port.control[at][other]).collect();
            row[at] += 1.0;
            row
        };
        let inner: Vec<Vec<Complex64>> = (0..size).map(row).collect();
        let bordered = |last: &[Complex64], corner: Complex64| {
            let mut matrix: Vec<Vec<Complex64>> = inner.clone();
            for (at, row) in matrix.iter_mut().enumerate() {
                row.push(delta[at] * port.right[at]);
            }
            matrix.push(last.iter().copied().chain([corner]).collect());
            determinant(matrix)
        };
        let mut own = vec![determinant(inner.clone())];
        own.extend(port.rows.iter().map(|row| bordered(&row.left, row.kappa)));
        own.push(bordered(&port.right, port.z_ff));
        values.push(own);
    }
    let f = port.rows.len() + 1;
    let turn: Complex64 = values.iter().filter(|v| v[f].norm() > 0.0).map(|v| v[f] / v[f].norm()).sum();
    let turn = turn.conj() / turn.norm();
    let around = |which: usize| -> Option<Disk> {
        let quotients = || values.iter().map(|v| v[which] / v[f]);
        let middle = |part: fn(Complex64) -> f64| {
            let (low, high) = quotients()
                .map(part)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
            f64::midpoint(low, high)
        };
        let c = Complex64::new(middle(|z| z.re), middle(|z| z.im));
        let mut r = 0.0_f64;
        for value in &values {
            let along = (value[f] * turn).re;
            if along <= 0.0 {
                return None;
            }
            r = r.max((value[which] - c * value[f]).norm() / along);
        }
        (r.is_finite() && c.is_finite()).then_some(Disk { c, r: r * (1.0 + 1e-12) })
    };
    let rows: Option<Vec<Disk>> = (1..f).map(around).collect();
    Some(Shown { fault: around(0)?, rows: rows? })
}

/// By elimination with the largest pivot of each column.
fn determinant(mut matrix: Vec<Vec<Complex64>>) -> Complex64 {
    let size = matrix.len();
    let mut product = Complex64::ONE;
    for k in 0..size {
        let pivot = (k..size)
            .max_by(|&a, &b| matrix[a][k].norm_sqr().total_cmp(&matrix[b][k].norm_sqr()))
            .unwrap_or(k);
        if matrix[pivot][k] == Complex64::ZERO {
            return Complex64::ZERO;
        }
        if pivot != k {
            matrix.swap(pivot, k);
            product = -product;
        }
        product *= matrix[k][k];
        let (above, below) = matrix.split_at_mut(k + 1);
        let top = &above[k];
        for row in below {
            let factor = row[k] / top[k];
            for (value, own) in row.iter_mut().zip(top).skip(k + 1) {
                *value -= factor * own;
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn determinants_are_right() {
        let z = |re: f64, im: f64| Complex64::new(re, im);
        let matrix = vec![vec![z(0.0, 0.0), z(2.0, 1.0)], vec![z(1.0, -1.0), z(3.0, 0.0)]];
        assert!((determinant(matrix) - (-(z(2.0, 1.0) * z(1.0, -1.0)))).norm() < 1e-12);
    }
}
