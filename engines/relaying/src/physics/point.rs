//! Exact values in one scheme and composition: the base matrices, and one symmetric term per change.
//!
//! The changed network is `Y + Σ δ_k v_k v_kᵀ`. Taking the terms in turn (Sherman and Morrison, 1950) every transfer
//! impedance between a and b becomes `z_ab − Σ g_k (a·u_k)(u_k·b)`, with the same few `u_k` and `g_k` for all rows
//! and fault points.

use num_complex::Complex64;

use super::check::{Check, Inputs, Row};
use super::ports::{NEGATIVE, POSITIVE, Pair, Ports, Sequence, ZERO};

/// A change whose pivot is this small cuts off a part of the network from all sources.
pub(super) const CUT: f64 = 1e-9;

/// A row that sees this much of a cut, Ω, lies in what is cut off: it sees nothing of faults elsewhere.
pub(super) const APART: f64 = 1e-7;

/// One symmetric term in effect.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// Weight; 0 marks a cut: whoever projects on it has lost all sources.
    pub(super) weight: Complex64,
    /// Combination of columns.
    pub(super) mix: Vec<(usize, Complex64)>,
    /// Whether it cuts off.
    pub(super) is_cut: bool,
    /// Whether it comes from an outage, after all terms of the composition.
    pub(super) is_outage: bool,
}

/// A scheme and a composition.
pub(super) struct Point<'a> {
    ports: &'a Ports,
    pub(super) scheme: usize,
    changes: Vec<(usize, f64)>,
    pub(super) terms: [Vec<Term>; 3],
}

/// What changes from the base: columns with how often their step is taken. The classes come first: their terms are the
/// same in all schemes of a base network.
pub(super) fn changes(ports: &Ports, scheme: usize, counts: &[u16]) -> Vec<(usize, f64)> {
    let outages = ports.schemes[scheme].columns.iter().map(|&column| (column, 1.0));
    let classes = ports.high.iter().zip(counts).enumerate();
    let stopped = classes.filter(|(_, (high, n))| high != n);
    stopped.map(|(class, (high, n))| (class, f64::from(*n) - f64::from(*high))).chain(outages).collect()
}

impl<'a> Point<'a> {
    pub(super) fn new(ports: &'a Ports, scheme: usize, counts: &[u16]) -> Self {
        Self::with(ports, scheme, changes(ports, scheme, counts))
    }

    fn with(ports: &'a Ports, scheme: usize, changes: Vec<(usize, f64)>) -> Self {
        let mut terms = [Vec::new(), Vec::new(), Vec::new()];
        for &s in ports.own_sequences() {
            terms[s] = terms_of(ports, ports.sequence(scheme, s), (s, &changes));
        }
        Self { ports, scheme, changes, terms }
    }

    /// The network as a fault sees it that has something opened before; none where nothing has.
    pub(super) fn opened_for(&self, fault: u32) -> Option<Self> {
        let opened = &self.ports.opened[fault as usize];
        let more = opened.iter().map(|&column| (column, 1.0));
        (!opened.is_empty())
            .then(|| Self::with(self.ports, self.scheme, self.changes.iter().copied().chain(more).collect()))
    }

    fn sequence(&self, s: usize) -> (&'a Sequence, &[Term]) {
        let own = if s == NEGATIVE && self.ports.is_alike() { POSITIVE } else { s };
        (self.ports.sequence(self.scheme, own), &self.terms[own])
    }

    /// Admittance of the fault point in a sequence; 0 when it has lost all sources.
    pub(super) fn fault(&self, s: usize, fault: u32) -> Complex64 {
        let z = self.impedance(s, fault);
        if z.is_finite() { z.inv() } else { Complex64::ZERO }
    }

    /// What a vector of base transfers to the columns becomes towards one of them.
    pub(super) fn transfer(&self, s: usize, vector: &[Complex64], column: usize) -> Complex64 {
        let (sequence, terms) = self.sequence(s);
        let columns = self.ports.columns.len();
        let own = &sequence.control[column * columns..][..columns];
        let change: Complex64 =
            terms.iter().map(|term| term.weight * term.project(vector) * term.project(own)).sum();
        vector[column] - change
    }

    /// Impedance of the fault point in a sequence; infinite when it has lost all sources.
    pub(super) fn impedance(&self, s: usize, fault: u32) -> Complex64 {
        let infinite = Complex64::new(f64::INFINITY, 0.0);
        let (sequence, terms) = self.sequence(s);
        let right = sequence.right_of(fault, self.ports.columns.len());
        let mut z = sequence.z_ff[fault as usize];
        if !z.is_finite() {
            return infinite;
        }
        for term in terms {
            let seen = term.project(right);
            if term.is_cut {
                if seen.norm() > 1e-6 * z.norm() {
                    return infinite;
                }
                continue;
            }
            z -= term.weight * seen * seen;
        }
        z
    }

    /// What a pair's row shows per ampere of fault current.
    pub(super) fn kappa(&self, s: usize, pair: u32) -> Complex64 {
        let (sequence, terms) = self.sequence(s);
        let columns = self.ports.columns.len();
        let Pair { row, fault, .. } = self.ports.pairs[pair as usize];
        let (left, right) = (sequence.left_of(row, columns), sequence.right_of(fault, columns));
        if terms.iter().any(|term| term.is_cut && term.project(left).norm() > APART) {
            return Complex64::ZERO;
        }
        let change: Complex64 =
            terms.iter().map(|term| term.weight * term.project(left) * term.project(right)).sum();
        sequence.kappa[pair as usize] - change
    }

    /// What a check needs.
    pub(super) fn inputs(&self, check: &Check) -> Inputs<Complex64> {
        match self.opened_for(check.fault) {
            Some(opened) => opened.own_inputs(check),
            None => self.own_inputs(check),
        }
    }

    fn own_inputs(&self, check: &Check) -> Inputs<Complex64> {
        let fault = [POSITIVE, NEGATIVE, ZERO].map(|s| self.fault(s, check.fault));
        let rows = |pair: u32| Some([POSITIVE, NEGATIVE, ZERO].map(|s| self.kappa(s, pair) * fault[s]));
        inputs_of(self.ports, check, (fault, rows))
    }
}

/// Assembles what a check needs from fault admittances and a way to read pairs.
pub(super) fn inputs_of<T: Copy>(
    ports: &Ports,
    check: &Check,
    (fault, parts): ([T; 3], impl Fn(u32) -> Option<[T; 3]>),
) -> Inputs<T> {
    let row = |pair: u32| {
        let Pair { kv, turn, .. } = ports.pairs[pair as usize];
        parts(pair).map(|parts| Row { pair, parts, kv, turn })
    };
    let fault_kv = ports.fault_kv[check.fault as usize];
    Inputs::new((fault, fault_kv, ports.is_alike()), check.pairs().filter_map(row))
}

impl Term {
    pub(super) fn project(&self, vector: &[Complex64]) -> Complex64 {
        self.mix.iter().map(|&(column, part)| part * vector[column]).sum()
    }
}

fn terms_of(ports: &Ports, sequence: &Sequence, (s, changes): (usize, &[(usize, f64)])) -> Vec<Term> {
    let columns = ports.columns.len();
    let step = |&(column, times): &(usize, f64)| ports.columns[column].step[s] * times;
    let active: Vec<&(usize, f64)> =
        changes.iter().filter(|change| step(change) != Complex64::ZERO).collect();
    let count = active.len();
    let control = &sequence.control;
    let mut z: Vec<Complex64> = active
        .iter()
        .flat_map(|(row, _)| active.iter().map(move |(column, _)| control[row * columns + column]))
        .collect();
    let mut mixes: Vec<Vec<Complex64>> = (0..count)
        .map(|at| (0..count).map(|other| Complex64::new(f64::from(u8::from(at == other)), 0.0)).collect())
        .collect();
    let mut terms = Vec::with_capacity(count);
    for q in 0..count {
        let delta = step(active[q]);
        let pivot = delta * z[q * count + q] + 1.0;
        let mix = active.iter().zip(&mixes[q]).map(|((column, _), part)| (*column, *part)).collect();
        let is_cut = pivot.norm() < CUT;
        let weight = if is_cut { Complex64::ZERO } else { delta / pivot };
        let is_outage = active[q].0 >= ports.classes();
        terms.push(Term { weight, mix, is_cut, is_outage });
        let seen: Vec<Complex64> = (0..count).map(|j| z[q * count + j]).collect();
        let own = mixes[q].clone();
        for j in q + 1..count {
            for (part, own) in mixes[j].iter_mut().zip(&own) {
                *part -= weight * seen[j] * own;
            }
            for i in q + 1..count {
                z[i * count + j] -= weight * seen[i] * seen[j];
            }
        }
    }
    terms
}
