//! All sums of two, three and four of the shortest columns. A beam goes astray where columns lie close together, as along
//! a trajectory; the few shortest can be tried one and all, by their scalar products alone.

use crate::beam::Choice;
use crate::kernel;
use crate::sample::Sample;

/// Columns that sums of so many terms are made of.
const REACH: [usize; 3] = [120, 60, 30];
/// What is left of a column beside the others must be at least this fraction of its square.
const INDEPENDENT: f64 = 1e-9;
/// Squares of errors below this are rounding of the scalar products.
const ROUNDING: f64 = 1e-10;
/// Sums kept of each length.
const KEPT: usize = 3;

/// The best sums of each length; where all is left to rounding the error is zero.
pub(crate) fn search(columns: &[&[f64]], sample: &Sample) -> Vec<Vec<Choice>> {
    let n = columns.len().min(REACH[0]);
    let unit = |column: &&[f64]| {
        let mean = kernel::dot(column, &sample.share);
        let mut centred = column.to_vec();
        kernel::zip_into(&mut centred, &sample.mask, |v, m| (v - mean) * m);
        let length = kernel::dot(&centred, &centred).sqrt().max(f64::MIN_POSITIVE);
        kernel::zip_into(&mut centred, &sample.mask, |v, _| v / length);
        centred
    };
    let units: Vec<Vec<f64>> = columns[..n].iter().map(unit).collect();
    let gram: Vec<Vec<f64>> =
        units.iter().map(|a| units.iter().map(|b| kernel::dot(a, b)).collect()).collect();
    let root = sample.total.sqrt();
    let along: Vec<f64> = units.iter().map(|unit| kernel::dot(unit, &sample.target) / root).collect();
    let mut search = Search { best: vec![vec![]; REACH.len()] };
    let order: Vec<usize> = (0..n).collect();
    search.extend(&mut Vec::new(), 1.0, &Left { columns: order, gram, along });
    search.best
}

/// What the columns taken leave of the others: who they are, their scalar products, and those with the target.
struct Left {
    columns: Vec<usize>,
    gram: Vec<Vec<f64>>,
    along: Vec<f64>,
}

struct Search {
    best: Vec<Vec<Choice>>,
}

impl Search {
    /// Takes every column that is left, and goes on with what that leaves of the later ones.
    fn extend(&mut self, taken: &mut Vec<usize>, error: f64, left: &Left) {
        for at in 0..left.columns.len() {
            let own = left.gram[at][at];
            if own < INDEPENDENT {
                continue;
            }
            let rest = error - left.along[at] * left.along[at] / own;
            taken.push(left.columns[at]);
            if taken.len() > 1 {
                self.keep(taken, rest);
            }
            if taken.len() <= REACH.len() {
                // A sum of one more term is made of fewer columns.
                let limit = REACH[taken.len() - 1];
                let later: Vec<usize> =
                    (at + 1..left.columns.len()).filter(|&j| left.columns[j] < limit).collect();
                if taken.len() == REACH.len() {
                    self.finish(taken, rest, (left, at), &later);
                } else {
                    self.extend(taken, rest, &left.without(at, &later));
                }
            }
            taken.pop();
        }
    }

    /// The last column of a sum: only its gain is needed.
    fn finish(&mut self, taken: &mut Vec<usize>, error: f64, (left, at): (&Left, usize), later: &[usize]) {
        let own = left.gram[at][at];
        for &j in later {
            let part = left.gram[at][j] / own;
            let square = left.gram[j][j] - part * left.gram[at][j];
            if square < INDEPENDENT {
                continue;
            }
            let along = left.along[j] - part * left.along[at];
            taken.push(left.columns[j]);
            self.keep(taken, error - along * along / square);
            taken.pop();
        }
    }

    fn keep(&mut self, taken: &[usize], error: f64) {
        let kept = &mut self.best[taken.len() - 2];
        if kept.len() == KEPT && kept[KEPT - 1].error <= error {
            return;
        }
        let error = if error < ROUNDING { 0.0 } else { error };
        let at = kept.partition_point(|choice| choice.error <= error);
        kept.insert(at, Choice { columns: taken.to_vec(), error });
        kept.truncate(KEPT);
    }
}

impl Left {
    fn without(&self, at: usize, later: &[usize]) -> Self {
        let own = self.gram[at][at];
        let part = |j: usize| self.gram[at][j] / own;
        let row = |&j: &usize| {
            later.iter().map(|&k| self.gram[j][k] - part(j) * self.gram[at][k]).collect::<Vec<f64>>()
        };
        Self {
            columns: later.iter().map(|&j| self.columns[j]).collect(),
            gram: later.iter().map(row).collect(),
            along: later.iter().map(|&j| self.along[j] - part(j) * self.along[at]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear;
    use crate::transform::Transform;

    #[test]
    fn finds_the_best_sums_of_all() {
        let mut rng = crate::rng::Rng::stream(21, 0, 0);
        let columns: Vec<Vec<f64>> = (0..7).map(|_| (0..20).map(|_| rng.normal()).collect()).collect();
        let y: Vec<f64> = (0..20).map(|i| columns[1][i] - 2.0 * columns[4][i] + 0.3 * rng.normal()).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let sample = Sample::new(&views, (&y, None), Transform::Identity, 128);
        let padded: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
        let found = search(&padded, &sample);
        // By solving each of them.
        for (length, found) in (2..).zip(&found) {
            let mut best = (f64::INFINITY, vec![]);
            for set in 0_u32..1 << 7 {
                let chosen: Vec<usize> = (0..7).filter(|j| set >> j & 1 == 1).collect();
                if chosen.len() != length {
                    continue;
                }
                let mut matrix = vec![vec![1.0; 20]];
                matrix.extend(chosen.iter().map(|&j| columns[j].clone()));
                let rest = linear::solve(&matrix, &y).1 / sample.total;
                if rest < best.0 {
                    best = (rest, chosen);
                }
            }
            assert_eq!(found[0].columns, best.1);
            assert!((found[0].error - best.0).abs() < 1e-12, "{length}");
        }
    }

    #[test]
    fn columns_close_together_do_not_lead_astray() {
        let t: Vec<f64> = (0..60).map(|i| 1.0 + 0.01 * f64::from(i)).collect();
        let columns: Vec<Vec<f64>> =
            (1..12).map(|k| t.iter().map(|t| t.powf(0.5 * f64::from(k))).collect()).collect();
        let y: Vec<f64> =
            (0..60).map(|i| columns[1][i] - 3.0 * columns[4][i] + 2.0 * columns[7][i]).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let sample = Sample::new(&views, (&y, None), Transform::Identity, 128);
        let padded: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
        let found = search(&padded, &sample);
        assert!(found[1].iter().any(|choice| choice.columns == [1, 4, 7]), "{:?}", found[1]);
    }
}
