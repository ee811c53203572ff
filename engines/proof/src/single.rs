//! Whether a witness fails in one composition: by elimination, row by row in the order of the classes.
//!
//! With Δ the diagonal of admittances added at the classes, the matrix [[1 + ΔZ, Δb], [bᵀ, z]] has one row per class, and
//! only that row knows how many units of it run. What is left of z when all rows are eliminated is the impedance at the
//! fault point, and of [aᵀ, κ] the relay's current per current of the fault. Elimination of classes whose counts have not changed
//! since the composition before are used again.

use num_complex::Complex64;

use crate::bound::{is_broken, shown};
use crate::disk::Disk;
use crate::faults::Shown;
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

    /// Whether the check fails, or its fault point has no source.
    pub(crate) fn fails(&mut self, counts: &[u16]) -> bool {
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
        let nothing = (Disk::real(0.0), Disk::real(0.0));
        let (Some(positive), Some(negative), Some(zero)) =
            (positive, negative.unwrap_or(positive), zero.unwrap_or(Some(nothing)))
        else {
            return false;
        };
        if positive.0.most() * self.witness.positive.z_ff.norm() < NOTHING {
            return true;
        }
        let all: Shown = [positive, negative, zero];
        is_broken(self.witness, &all)
    }
}

/// One sequence, eliminated.
struct Elimination<'a> {
    port: &'a Port,
    /// Per class the part of its row from the pivot on, the last column included.
    rows: Vec<Vec<Complex64>>,
    /// [bᵀ, z] and [aᵀ, κ] before each class, and after the last.
    borders: [Vec<Vec<Complex64>>; 2],
}

impl<'a> Elimination<'a> {
    fn new(port: &'a Port) -> Self {
        let size = port.unit.len();
        let border = |row: &[Complex64], corner: Complex64| {
            let first: Vec<Complex64> = row.iter().copied().chain([corner]).collect();
            vec![first; size + 1]
        };
        let borders = [border(&port.right, port.z_ff), border(&port.left, port.kappa)];
        Self { port, rows: vec![Vec::new(); size], borders }
    }

    /// Admittance of the fault point and current per volt; none where a pivot is too small to trust.
    fn eliminate(&mut self, counts: &[u16], base: &[u16], known: usize) -> Option<(Disk, Disk)> {
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
        let [z, kappa] = [0, 1].map(|which| self.borders[which][size][size]);
        let y = z.inv();
        (y.is_finite() && kappa.is_finite()).then(|| (Disk::point(y), Disk::point(kappa * y)))
    }
}
