//! Sparse least squares: a beam search for the few columns whose combination fits best, adding one at a time by its
//! exact gain (orthogonal least squares; Chen, Billings, Luo 1989, with a beam instead of a greedy choice).

#![expect(clippy::inline_always, reason = "the loop is compiled for the vector width of its dispatcher")]

use crate::dispatch::{Work, dispatch};
use crate::kernel;
use crate::sample::Sample;

/// What is left of a column beside the chosen ones must be at least this fraction of it.
const INDEPENDENT: f64 = 1e-9;

/// Columns chosen, in the order they were added, and the relative error they leave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) columns: Vec<usize>,
    pub(crate) error: f64,
}

/// A choice with what is needed to extend it.
struct State {
    columns: Vec<usize>,
    basis: Vec<Vec<f64>>,
    residual: Vec<f64>,
    /// For every column the squared length of what the basis leaves of it.
    left: Vec<f64>,
    error: f64,
}

/// How far to look: columns at most, choices kept for each number of columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    pub(crate) depth: usize,
    pub(crate) width: usize,
    /// So many of the first columns are taken before any choice.
    pub(crate) first: usize,
}

/// For each number of columns the best choices; ends early when the fit is exact or `go_on` says so.
pub(crate) fn search(
    columns: &[&[f64]],
    sample: &Sample,
    Reach { depth, width, first }: Reach,
    go_on: &mut dyn FnMut() -> bool,
) -> Vec<Vec<Choice>> {
    let centred: Vec<Vec<f64>> = columns.iter().map(|column| centre(column, sample)).collect();
    let lengths: Vec<f64> = centred.iter().map(|column| kernel::dot(column, column)).collect();
    let empty = State {
        columns: vec![],
        basis: vec![],
        residual: sample.target.clone(),
        left: lengths.clone(),
        error: 1.0,
    };
    let mut beam = vec![empty];
    for j in 0..first {
        let taken = extended(&beam, &[(0.0, 0, j)], (&centred, sample), 1);
        if !taken.is_empty() {
            beam = taken;
        }
    }
    let mut found = Vec::new();
    for _ in 0..depth.min(sample.rows.saturating_sub(2)) {
        let mut options: Vec<(f64, usize, usize)> = Vec::new();
        for (index, state) in beam.iter().enumerate() {
            let gains = dispatch(Gains { state, centred: &centred, lengths: &lengths });
            let mut best: Vec<(f64, usize)> =
                gains.into_iter().enumerate().map(|(j, gain)| (gain, j)).collect();
            let order = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            if best.len() > width {
                best.select_nth_unstable_by(width, order);
                best.truncate(width);
            }
            let error = |gain: f64| state.error - gain / sample.total;
            options.extend(best.iter().filter(|(g, _)| *g > 0.0).map(|&(g, j)| (error(g), index, j)));
        }
        options.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        beam = extended(&beam, &options, (&centred, sample), width);
        if beam.is_empty() {
            break;
        }
        let choices =
            beam.iter().map(|s| Choice { columns: s.columns.clone(), error: s.error }).collect::<Vec<_>>();
        let done = choices[0].error < 1e-22;
        found.push(choices);
        if done || !go_on() {
            break;
        }
    }
    found
}

fn centre(column: &[f64], sample: &Sample) -> Vec<f64> {
    let mean = kernel::dot(column, &sample.share);
    let mut centred = column.to_vec();
    kernel::zip_into(&mut centred, &sample.mask, |v, m| (v - mean) * m);
    centred
}

struct Gains<'a> {
    state: &'a State,
    centred: &'a [Vec<f64>],
    lengths: &'a [f64],
}

impl Work for Gains<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run(self) -> Vec<f64> {
        let gain = |j: usize| {
            let left = self.state.left[j];
            if left <= INDEPENDENT * self.lengths[j] {
                return 0.0;
            }
            let along = kernel::dot(&self.state.residual, &self.centred[j]);
            along * along / left
        };
        (0..self.centred.len()).map(gain).collect()
    }
}

/// The best options carried out, each set of columns once.
fn extended(
    beam: &[State],
    options: &[(f64, usize, usize)],
    (centred, sample): (&[Vec<f64>], &Sample),
    width: usize,
) -> Vec<State> {
    let mut next: Vec<State> = Vec::new();
    let mut seen: Vec<Vec<usize>> = Vec::new();
    for &(_, parent, j) in options {
        let parent = &beam[parent];
        let mut set = parent.columns.clone();
        set.push(j);
        let mut key = set.clone();
        key.sort_unstable();
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let mut direction = centred[j].clone();
        for _ in 0..2 {
            for q in &parent.basis {
                let part = kernel::dot(q, &direction);
                kernel::zip_into(&mut direction, q, |d, q| d - part * q);
            }
        }
        let norm = kernel::dot(&direction, &direction).sqrt();
        if norm == 0.0 || !norm.is_finite() {
            continue;
        }
        kernel::zip_into(&mut direction, &parent.residual, |d, _| d / norm);
        let mut residual = parent.residual.clone();
        let part = kernel::dot(&residual, &direction);
        kernel::zip_into(&mut residual, &direction, |r, q| r - part * q);
        let mut left = parent.left.clone();
        dispatch(Shrink { left: &mut left, centred, direction: &direction });
        let error = kernel::dot(&residual, &residual) / sample.total;
        let mut basis = parent.basis.clone();
        basis.push(direction);
        next.push(State { columns: set, basis, residual, left, error });
        if next.len() == width {
            break;
        }
    }
    next.sort_by(|a, b| a.error.total_cmp(&b.error));
    next
}

struct Shrink<'a> {
    left: &'a mut [f64],
    centred: &'a [Vec<f64>],
    direction: &'a [f64],
}

impl Work for Shrink<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (left, column) in self.left.iter_mut().zip(self.centred) {
            let part = kernel::dot(self.direction, column);
            *left -= part * part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::Transform;

    #[test]
    fn finds_the_few_columns_among_many() {
        let mut rng = crate::rng::Rng::stream(5, 0, 0);
        let columns: Vec<Vec<f64>> = (0..60).map(|_| (0..40).map(|_| rng.normal()).collect()).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> =
            (0..40).map(|i| 2.0 * columns[7][i] - columns[31][i] + 0.5 * columns[50][i] + 3.0).collect();
        let sample = Sample::new(&views, (&y, None), Transform::Identity, 128);
        let padded: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
        let found = search(&padded, &sample, Reach { depth: 5, width: 6, first: 0 }, &mut || true);
        let mut best = found[2][0].columns.clone();
        best.sort_unstable();
        assert_eq!((best, found.len()), (vec![7, 31, 50], 3));
        assert!(found[2][0].error < 1e-24);
    }
}
