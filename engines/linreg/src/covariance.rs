//! The covariance of the coefficients: classical, or the sandwich that trusts the residuals row by row or group by group.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::options::Covariance;
use crate::real::Real;
use crate::summary::Summary;

/// The covariance of the coefficients, of the kind asked for; `None` where nothing is left to estimate it.
pub(crate) fn covariance(model: &Model, kind: &Covariance) -> Option<Vec<Vec<f64>>> {
    let summary = &model.summary;
    if *kind == Covariance::Classical {
        return classical(summary);
    }
    let mut sandwich = Sandwich::new(kind, summary.width());
    for row in 0..summary.rows() {
        sandwich.add(&model.projected(row), model.residuals[row] * model.design.root(row).hi());
    }
    sandwich.finish(summary)
}

/// The covariance where the scatter is the same everywhere.
pub(crate) fn classical(summary: &Summary) -> Option<Vec<Vec<f64>>> {
    let root = &summary.solution.root;
    if summary.has_error_bars {
        return Some(outer(root, root, 1.0));
    }
    (summary.dof() > 0).then(|| outer(root, root, summary.variance()))
}

/// The middle of the sandwich in the making, in coordinates in which `XᵀX` is the unit matrix.
pub(crate) struct Sandwich<'a> {
    kind: &'a Covariance,
    middle: Vec<Vec<f64>>,
    /// Σ error·row within each group.
    sums: BTreeMap<u32, Vec<f64>>,
    rows: usize,
}

impl<'a> Sandwich<'a> {
    pub(crate) fn new(kind: &'a Covariance, width: usize) -> Self {
        Self { kind, middle: vec![vec![0.0; width]; width], sums: BTreeMap::new(), rows: 0 }
    }

    /// Takes the next row: its place in the coordinates of the middle, and its weighted residual.
    pub(crate) fn add(&mut self, projected: &[f64], error: f64) {
        if let Covariance::Clustered(groups) = self.kind {
            let sum = self.sums.entry(groups[self.rows]).or_insert_with(|| vec![0.0; projected.len()]);
            f64::subtract_multiple(sum, -error, projected);
        } else {
            let free = (1.0 - f64::dot(projected, projected)).max(f64::EPSILON);
            let share = match self.kind {
                Covariance::Hc2 => 1.0 / free,
                Covariance::Hc3 => 1.0 / (free * free),
                _ => 1.0,
            };
            self.add_square(projected, error * error * share);
        }
        self.rows += 1;
    }

    fn add_square(&mut self, vector: &[f64], factor: f64) {
        for (line, &part) in self.middle.iter_mut().zip(vector) {
            f64::subtract_multiple(line, -factor * part, vector);
        }
    }

    /// The covariance, with the corrections for few rows and few groups (Cameron and Miller 2015, eq. 11).
    pub(crate) fn finish(mut self, summary: &Summary) -> Option<Vec<Vec<f64>>> {
        if summary.dof() == 0 {
            return None;
        }
        let (n, dof) = (summary.rows() as f64, summary.dof() as f64);
        let factor = match self.kind {
            Covariance::Hc1 => n / dof,
            Covariance::Clustered(_) => {
                let groups = self.sums.len();
                for sum in std::mem::take(&mut self.sums).into_values() {
                    self.add_square(&sum, 1.0);
                }
                if groups < 2 {
                    return None;
                }
                groups as f64 / (groups - 1) as f64 * (n - 1.0) / dof
            }
            _ => 1.0,
        };
        let root = &summary.solution.root;
        let half: Vec<Vec<f64>> =
            root.iter().map(|row| self.middle.iter().map(|line| f64::dot(row, line)).collect()).collect();
        Some(outer(&half, root, factor))
    }
}

/// factor · A · Bᵀ.
fn outer(a: &[Vec<f64>], b: &[Vec<f64>], factor: f64) -> Vec<Vec<f64>> {
    a.iter().map(|left| b.iter().map(|right| factor * f64::dot(left, right)).collect()).collect()
}
