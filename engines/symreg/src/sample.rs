//! The rows the search looks at: all of a small table, an even sample by target of a large one; padded to whole
//! vectors, the target transformed and centred.

use crate::kernel;
use crate::transform::Transform;

/// Rows of the sample.
pub(crate) const SAMPLE: usize = 128;

/// No row counts less than this share of the one that counts most, unless its own weight says so.
const LEAST: f64 = 1e-6;

/// Rows to fit on.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Columns, padded by repeating the first row.
    pub(crate) columns: Vec<Vec<f64>>,
    /// The transformed target less its mean, times the mask.
    pub(crate) target: Vec<f64>,
    /// The root of each row's weight: one where rows count the same, zero for padding.
    pub(crate) mask: Vec<f64>,
    /// The weights over their sum: scalar products with them are means.
    pub(crate) share: Vec<f64>,
    pub(crate) rows: usize,
    /// The mean of the transformed target.
    pub(crate) mean: f64,
    /// The sum of squares of the centred target.
    pub(crate) total: f64,
}

impl Sample {
    pub(crate) fn new(
        columns: &[&[f64]],
        (target, weights): (&[f64], Option<&[f64]>),
        transform: Transform,
        limit: usize,
    ) -> Self {
        let picked = pick(target, limit);
        let rows = picked.len();
        let padded = rows.next_multiple_of(8);
        let at = |i: usize| picked[if i < rows { i } else { 0 }];
        let columns = columns.iter().map(|c| (0..padded).map(|i| c[at(i)]).collect()).collect();
        let of_transform = transform_weights(target, &picked, transform);
        let weight =
            |i: usize| if i < rows { of_transform[i] * weights.map_or(1.0, |w| w[picked[i]]) } else { 0.0 };
        let mut share: Vec<f64> = (0..padded).map(weight).collect();
        let mask: Vec<f64> = share.iter().map(|w| w.sqrt()).collect();
        let sum = kernel::sum(&share).max(f64::MIN_POSITIVE);
        kernel::zip_into(&mut share, &mask, |w, _| w / sum);
        let mut target: Vec<f64> = (0..padded).map(|i| transform.apply(target[at(i)])).collect();
        let mean = kernel::dot(&target, &share);
        kernel::zip_into(&mut target, &mask, |y, m| (y - mean) * m);
        let total = kernel::dot(&target, &target);
        Self { columns, target, mask, share, rows, mean, total }
    }

    pub(crate) fn padded(&self) -> usize {
        self.target.len()
    }
}

/// How much the picked rows count for a transformed target, at most one.
fn transform_weights(target: &[f64], picked: &[usize], transform: Transform) -> Vec<f64> {
    let square: f64 = picked.iter().map(|&i| target[i] * target[i]).sum();
    let scale = (square / picked.len() as f64).sqrt().max(f64::MIN_POSITIVE);
    let mut weights: Vec<f64> = picked.iter().map(|&i| transform.weight(target[i], scale)).collect();
    let most = weights.iter().copied().fold(0.0, f64::max);
    for weight in &mut weights {
        *weight = (*weight / most).max(LEAST);
    }
    weights
}

/// Rows spread evenly over the ordered target, its extremes included, in table order.
pub(crate) fn pick(target: &[f64], limit: usize) -> Vec<usize> {
    let n = target.len();
    if n <= limit {
        return (0..n).collect();
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| target[a].total_cmp(&target[b]).then(a.cmp(&b)));
    let mut picked: Vec<usize> = (0..limit).map(|i| order[i * (n - 1) / (limit - 1)]).collect();
    picked.sort_unstable();
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_extremes_of_a_large_table() {
        let y: Vec<f64> = (0..1000).map(|i| f64::from(i * 7919 % 1000)).collect();
        let sample = Sample::new(&[&y], (&y, None), Transform::Identity, SAMPLE);
        assert_eq!(sample.rows, 128);
        assert!(sample.columns[0].contains(&0.0) && sample.columns[0].contains(&999.0));
        assert!(kernel::sum(&sample.target).abs() < 1e-9);
    }

    #[test]
    fn padding_weighs_nothing() {
        let y = [1.0, 2.0, 6.0];
        let sample = Sample::new(&[&y], (&y, None), Transform::Square, SAMPLE);
        assert_eq!(sample.padded(), 8);
        assert_eq!(sample.target[3..], [0.0; 5]);
    }
}
