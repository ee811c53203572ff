//! A part of the circuit: the admittances between the terminals of one element, in each sequence.
//!
//! All parts are in physical units: Ω and S at the voltage of the terminal's own bus, so that lines between buses of
//! unlike nominal voltage and transformers of unlike rated ratio need no special treatment. Phase shift is kept
//! aside: the matrices stay symmetric, the clocks turn the results.

use num_complex::Complex64;

use super::transformers::Bank;
use crate::factors::Factor;
use crate::matrix::dense::Dense;

/// Positive, negative and zero sequence, as indices.
pub(crate) const POSITIVE: usize = 0;
pub(crate) const NEGATIVE: usize = 1;
pub(crate) const ZERO: usize = 2;

/// The admittances of one element.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The collection of the element.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// The node of each terminal; none where its breaker is open.
    pub(crate) nodes: Vec<Option<u32>>,
    /// Admittances in S per sequence, between the terminals. An empty matrix: nothing in this sequence.
    pub(crate) admittances: [Dense; 3],
    /// What the admittances lack where the element isn't reciprocal, per sequence.
    pub(crate) skew: Option<[Dense; 3]>,
    /// By how many degrees each terminal's positive sequence lags the first's.
    pub(crate) lags_deg: Vec<f64>,
    /// Ratio of each terminal's voltage to the first's without current.
    pub(crate) ratios: Vec<f64>,
    /// The same of the zero sequence where it is another.
    pub(crate) zero_ratios: Option<Vec<f64>>,
    /// What drives current in the positive sequence.
    pub(crate) source: Option<Source>,
    /// Whether the angle of its EMF is not given: all such EMFs are in phase, each turned by its node's clock.
    pub(crate) in_phase: bool,
    /// Ratings of a machine whose current decays.
    pub(crate) rating: Option<Rating>,
    /// Impedance in series in the positive and zero sequence, for faults on the way.
    pub(crate) series: Option<[Complex64; 2]>,
    /// Admittances to earth at each end of a line in the positive and zero sequence.
    pub(crate) half_shunts: [Complex64; 2],
    /// The part of a unit's zero-sequence impedance that no factor applies to: three times its neutral's, in Ω.
    pub(crate) neutral_ohm: Complex64,
    /// The windings of a transformer.
    pub(crate) bank: Option<Box<Bank>>,
    /// What the norm multiplied the impedances by.
    pub(crate) factors: Vec<Factor>,
    /// The positive-sequence impedance in Ω that was used, factors included.
    pub(crate) z1_ohm: Option<Complex64>,
}

/// A source behind its own admittance, or of current alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Source {
    /// An EMF in kV (phase to earth) behind the admittance of the part.
    Emf(Complex64),
    /// A machine without an EMF of its own under the method, which feeds all the same.
    Passive,
    /// A current in kA.
    Current(Complex64),
}

/// What the breaking current needs of a machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rating {
    pub(crate) rated_ka: f64,
    /// MW per pair of poles of a motor; none for a synchronous machine.
    pub(crate) motor_mw_per_pair: Option<f64>,
}

impl Part {
    /// A part without anything yet.
    pub(crate) fn new(kind: &'static str, id: &str, nodes: Vec<Option<u32>>) -> Self {
        let count = nodes.len();
        Self {
            kind,
            id: id.to_owned(),
            nodes,
            admittances: [Dense::zero(0), Dense::zero(0), Dense::zero(0)],
            skew: None,
            lags_deg: vec![0.0; count],
            ratios: vec![1.0; count],
            zero_ratios: None,
            source: None,
            in_phase: false,
            rating: None,
            series: None,
            half_shunts: [Complex64::ZERO; 2],
            neutral_ohm: Complex64::ZERO,
            bank: None,
            factors: Vec::new(),
            z1_ohm: None,
        }
    }

    /// Ratio of each terminal's voltage to the first's without current, in a sequence.
    pub(crate) fn ratios_in(&self, sequence: usize) -> &[f64] {
        self.zero_ratios.as_ref().filter(|_| sequence == ZERO).unwrap_or(&self.ratios)
    }

    /// By what its impedance in a sequence is multiplied when its factor is: no factor applies to a neutral.
    pub(crate) fn ratio_of(&self, sequence: usize, ratio: f64) -> Complex64 {
        if sequence != ZERO || self.neutral_ohm == Complex64::ZERO {
            return Complex64::new(ratio, 0.0);
        }
        let whole = self.admittances[ZERO].at(0, 0).inv();
        ((whole - self.neutral_ohm) * ratio + self.neutral_ohm) / whole
    }

    /// Whether it is a source behind an impedance, without which no impedance at a fault is finite.
    pub(crate) fn feeds_by_impedance(&self) -> bool {
        self.source.is_some_and(|source| !matches!(source, Source::Current(_)))
    }

    /// Whether it connects nodes: a line, a transformer, a series element.
    pub(crate) fn is_branch(&self) -> bool {
        self.nodes.len() > 1
    }

    /// See [`leads_to_earth`].
    pub(crate) fn leads_to_earth(&self, sequence: usize, end: usize) -> bool {
        leads_to_earth(&self.admittances[sequence], end, |end| {
            if self.nodes[end].is_some() { self.ratios_in(sequence)[end] } else { 0.0 }
        })
    }

    /// The names of its terminals.
    pub(crate) fn end_name(&self, end: usize) -> &'static str {
        match (self.kind, end) {
            ("transformers" | "transformers3", 0) => "hv",
            ("transformers", _) | ("transformers3", 2) => "lv",
            ("transformers3", _) => "mv",
            (_, 0) if self.is_branch() => "from",
            (_, _) if self.is_branch() => "to",
            _ => "bus",
        }
    }
}

/// Whether current flows to earth at an end when all ends stand at the voltages that drive none between them, none at
/// those that are earthed or open.
pub(crate) fn leads_to_earth(block: &Dense, row: usize, voltage: impl Fn(usize) -> f64) -> bool {
    let driven = |column: usize| block.at(row, column) * voltage(column);
    let current: Complex64 = (0..block.order()).map(driven).sum();
    let scale = (0..block.order()).map(|column| driven(column).norm()).fold(0.0, f64::max);
    current.norm() > 1e-9 * scale
}

/// The admittances between two ends joined by one series admittance, the second end's voltage being the first's over
/// `ratio` without current; the admittance is that seen at the first end.
pub(crate) fn two_ended(admittance: Complex64, ratio: f64) -> Dense {
    let mut block = Dense::zero(2);
    *block.at_mut(0, 0) = admittance;
    *block.at_mut(0, 1) = -admittance * ratio;
    *block.at_mut(1, 0) = -admittance * ratio;
    *block.at_mut(1, 1) = admittance * ratio * ratio;
    block
}

/// The admittance of one end to earth.
pub(crate) fn one_ended(admittance: Complex64) -> Dense {
    let mut block = Dense::zero(1);
    *block.at_mut(0, 0) = admittance;
    block
}

/// Connects a neutral through an impedance instead of solidly: the windings' currents times `selection` flow through
/// it. None disconnects it.
///
/// With I = Y (V − u `v_n`) and `v_n` = 3 `Z_n` uᵀI the admittance becomes Y − Y u uᵀY / (1/(3 `Z_n`) + uᵀY u).
pub(crate) fn through_neutral(block: &mut Dense, selection: &[usize], z_n: Option<Complex64>) {
    let order = block.order();
    if z_n == Some(Complex64::ZERO) {
        return;
    }
    let column: Vec<Complex64> =
        (0..order).map(|row| selection.iter().map(|&end| block.at(row, end)).sum()).collect();
    let seen: Complex64 = selection.iter().map(|&end| column[end]).sum();
    let divisor = z_n.map_or(Complex64::ZERO, |z| (z * 3.0).inv()) + seen;
    if divisor == Complex64::ZERO {
        return;
    }
    let scale = column.iter().map(|value| value.norm()).fold(0.0, f64::max);
    for row in 0..order {
        for other in 0..order {
            let value = block.at(row, other) - column[row] * column[other] / divisor;
            // What is left of an exact cancellation would look like a path to earth.
            let is_residue = value.norm() < 1e-12 * scale;
            *block.at_mut(row, other) = if is_residue { Complex64::ZERO } else { value };
        }
    }
}

/// Leaves an end open: no current there, the others feel what hangs on it.
pub(crate) fn open_end(block: &mut Dense, end: usize) {
    through_neutral(block, &[end], None);
    for other in 0..block.order() {
        *block.at_mut(end, other) = Complex64::ZERO;
        *block.at_mut(other, end) = Complex64::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn z(r: f64, x: f64) -> Complex64 {
        Complex64::new(r, x)
    }

    #[test]
    fn an_open_end_leaves_nothing_of_a_series_impedance() {
        let mut block = two_ended(z(1.0, 10.0).inv(), 3.7);
        open_end(&mut block, 1);
        assert_eq!(block, Dense::zero(2));
    }

    #[test]
    fn a_neutral_adds_three_times_its_impedance() {
        let mut block = two_ended(z(1.0, 10.0).inv(), 2.0);
        through_neutral(&mut block, &[0], Some(z(0.0, 5.0)));
        assert!((block.at(0, 0).inv() - z(1.0, 25.0)).norm() < 1e-12);
        assert!((block.at(1, 1).inv() * 4.0 - z(1.0, 25.0)).norm() < 1e-12);
    }
}
