//! Whether a witness fails in one composition: by elimination, row by row in the order of the classes.
//!
//! With Δ the diagonal of admittances added at the classes, the matrix [[1 + ΔZ, Δb], [bᵀ, z]] has one row per class, and
//! only that row knows how many units of it run. What is left of z when all rows are eliminated is the impedance at the
//! fault point, and of [aᵀ, κ] the relay's current per current of the fault. Elimination of classes whose counts have not changed
//! since the composition before are used again.

use num_complex::Complex64;

use crate::bound::shown;
use crate::disk::Disk;
use crate::faults::Shown;
use crate::test::broken;
use crate::{Port, Witness};

/// Pivots below this call for elimination with a choice of pivots.
const SMALL: f64 = 1e-6;
/// What is left of its admittance when a fault point has lost all sources.
const NOTHING: f64 = 1e-9;

/// A witness and the composition it was asked at last.
pub(crate) struct Single<'a> {
    witness: &'a Witness,
    sequences: Vec<Option<Elimination<'a>>>,
    last: Vec<u16>,
}

impl<'a> Single<'a> {
    pub(crate) fn new(witness: &'a Witness) -> Self {
        let ports = [Some(&witness.positive), witness.negative.as_ref(), witness.zero.as_ref()];
        let sequences = ports.into_iter().map(|port| port.map(Elimination::new)).collect();
        Self { witness, sequences, last: Vec::new() }
    }

    /// Whether the check holds, with all classes as in the matrices.
    pub(crate) fn holds(&mut self) -> bool {
        let counts = self.witness.counts.clone();
        self.broken(&counts) == Some(false)
    }

    /// Whether the check certainly fails, or its fault point has no source.
    pub(crate) fn fails(&mut self, counts: &[u16]) -> bool {
        self.broken(counts) == Some(true)
    }

    /// None where nothing can be said.
    fn broken(&mut self, counts: &[u16]) -> Option<bool> {
        let known = self.last.iter().zip(counts).take_while(|(last, n)| last == n).count();
        self.last = counts.to_vec();
        let base = &self.witness.counts;
        let mut seen = |s: usize| {
            self.sequences[s].as_mut().map(|rows| {
                rows.eliminate(counts, base, known).or_else(|| {
                    self.last.clear();
                    let whole: Vec<f64> = counts.iter().map(|&n| f64::from(n)).collect();
                    shown(rows.port, base, &[whole])
                })
            })
        };
        let (positive, negative, zero) = (seen(0).flatten(), seen(1), seen(2));
        let positive = positive?;
        let negative = negative.unwrap_or_else(|| Some(positive.clone()));
        let zero = zero.unwrap_or_else(|| Some(Shown::nothing(positive.rows.len())));
        if positive.fault.c.norm() * self.witness.positive.z_ff.norm() < NOTHING {
            return Some(true);
        }
        broken(self.witness, &[positive, negative?, zero?])
    }
}

/// One sequence, eliminated.
struct Elimination<'a> {
    port: &'a Port,
    /// Per class the part of its row from the pivot on, the last column included.
    rows: Vec<Vec<Complex64>>,
    /// [bᵀ, z] and each [aᵀ, κ] before each class, and after the last.
    borders: Vec<Vec<Vec<Complex64>>>,
}

impl<'a> Elimination<'a> {
    fn new(port: &'a Port) -> Self {
        let size = port.unit.len();
        let border = |row: &[Complex64], corner: Complex64| {
            let first: Vec<Complex64> = row.iter().copied().chain([corner]).collect();
            vec![first; size + 1]
        };
        let mut borders = vec![border(&port.right, port.z_ff)];
        borders.extend(port.rows.iter().map(|row| border(&row.left, row.kappa)));
        Self { port, rows: vec![Vec::new(); size], borders }
    }

    /// Admittance of the fault point and rows per volt; none where a pivot is too small to trust.
    fn eliminate(&mut self, counts: &[u16], base: &[u16], known: usize) -> Option<Shown> {
        let size = counts.len();
        for class in known..size {
            let delta = self.port.unit[class] * (f64::from(counts[class]) - f64::from(base[class]));
            let mut row: Vec<Complex64> = self.port.control[class].iter().map(|z| delta * z).collect();
            row[class] += 1.0;
            row.push(delta * self.port.right[class]);
            for (before, pivots) in self.rows[..class].iter().enumerate() {
                let factor = row[before] / pivots[0];
                for (value, pivot) in row[before..].iter_mut().zip(pivots) {
                    *value -= factor * pivot;
                }
            }
            let own = row.split_off(class);
            if own[0].norm_sqr() < SMALL * SMALL {
                return None;
            }
            for border in &mut self.borders {
                let (before, after) = border.split_at_mut(class + 1);
                let factor = before[class][class] / own[0];
                let left =
                    before[class][class..].iter().zip(&own).map(|(value, pivot)| value - factor * pivot);
                after[0][class..].iter_mut().zip(left).for_each(|(value, left)| *value = left);
            }
            self.rows[class] = own;
        }
        let left = |border: &Vec<Vec<Complex64>>| border[size][size];
        let y = left(&self.borders[0]).inv();
        let rows: Vec<Disk> = self.borders[1..].iter().map(|border| Disk::point(left(border) * y)).collect();
        let is_known = y.is_finite() && rows.iter().all(|row| row.c.is_finite());
        is_known.then(|| Shown { fault: Disk::point(y), rows })
    }
}
