//! Faults and the currents of the three sequences at the place of the fault (grid.md's table; IEC 60909-0, 7).

use std::fmt;

use network::{Change, State};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultKind {
    /// Three phases.
    Lll,
    /// Phase b to phase c.
    Ll,
    /// Phase a to earth.
    Lg,
    /// Phases b and c to earth.
    Llg,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Lll, Self::Ll, Self::Lg, Self::Llg];

    /// Whether earth takes part.
    pub fn is_to_earth(self) -> bool {
        matches!(self, Self::Lg | Self::Llg)
    }

    /// The short name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lll => "lll",
            Self::Ll => "ll",
            Self::Lg => "lg",
            Self::Llg => "llg",
        }
    }
}

/// Where a fault is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At a bus.
    Bus(String),
    /// On a line.
    Line(LinePoint),
}

/// A point of a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinePoint {
    /// The line.
    pub line: String,
    /// The fraction of the line's length from its first end.
    pub fraction: f64,
    /// An end whose breaker is open already: 0 the first, 1 the second.
    pub open_end: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(bus) => f.write_str(bus),
            Self::Line(point) => write!(f, "{}@{}", point.line, point.fraction),
        }
    }
}

impl LinePoint {
    /// A point at a fraction of the line's length from its first end.
    pub fn new(line: &str, fraction: f64) -> Self {
        Self { line: line.to_owned(), fraction, open_end: None }
    }

    /// The same point with the breaker of an end open: 0 the first, 1 the second.
    #[must_use]
    pub fn with_open_end(mut self, end: usize) -> Self {
        self.open_end = Some(end);
        self
    }

    /// The state that opens the breaker, to be laid over the model of a [`Study`](crate::Study) for this point.
    pub fn opening(&self) -> Option<State> {
        let terminal = self.open_end? + 1;
        Some(State::new("open end", vec![Change::Open { id: self.line.clone(), terminal }]))
    }
}

/// What lies in the way of the fault current, in Ω.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultImpedance {
    /// Between the phases (LL), between the joined phases and earth (LG, LLG), in each phase (LLL).
    pub fault_ohm: Complex64,
    /// Arc in each faulted phase, before the phases meet.
    pub arc_ohm: f64,
}

impl FaultImpedance {
    /// Checks that both are numbers and no resistance is negative.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wanted = "give 0 Ω or more";
        let resistances = [("fault_ohm", self.fault_ohm.re), ("arc_ohm", self.arc_ohm)];
        if let Some((name, value)) = resistances.into_iter().find(|(_, r)| !(*r >= 0.0 && r.is_finite())) {
            return Err(Error::Option { name, value, wanted });
        }
        if !self.fault_ohm.im.is_finite() {
            let wanted = "give a reactance that is a number";
            return Err(Error::Option { name: "fault_ohm", value: self.fault_ohm.im, wanted });
        }
        Ok(())
    }
}

/// Impedances of the sequences at the place; no zero sequence means no path to earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thevenin {
    /// Positive sequence in Ω.
    pub z1: Complex64,
    /// Negative sequence in Ω.
    pub z2: Complex64,
    /// Zero sequence in Ω; none where it is infinite.
    pub z0: Option<Complex64>,
}

/// Currents of the positive, negative and zero sequence into the fault, for the voltage `e` before it.
pub fn sequence_currents(
    kind: FaultKind,
    e: Complex64,
    thevenin: Thevenin,
    impedance: FaultImpedance,
) -> [Complex64; 3] {
    let arc = Complex64::new(impedance.arc_ohm, 0.0);
    let z_f = impedance.fault_ohm;
    let (z1, z2) = (thevenin.z1 + arc, thevenin.z2 + arc);
    let none = Complex64::ZERO;
    match (kind, thevenin.z0.map(|z0| z0 + arc)) {
        (FaultKind::Lll, _) => [e / (z1 + z_f), none, none],
        (FaultKind::Ll, _) => {
            let i1 = e / (z1 + z2 + z_f);
            [i1, -i1, none]
        }
        (FaultKind::Lg, Some(z0)) => [e / (z1 + z2 + z0 + z_f * 3.0); 3],
        (FaultKind::Lg, None) => [none; 3],
        (FaultKind::Llg, Some(z0)) => {
            let z_g = z0 + z_f * 3.0;
            // Multiplied out, so that z2 + z_g = 0 does no harm.
            let divisor = z1 * z2 + (z1 + z2) * z_g;
            [e * (z2 + z_g) / divisor, -e * z_g / divisor, -e * z2 / divisor]
        }
        (FaultKind::Llg, None) => {
            let i1 = e / (z1 + z2);
            [i1, -i1, none]
        }
    }
}

/// What the positive sequence of a fault sees around its whole loop, in Ω; none where no current can flow.
pub(crate) fn positive_loop(
    kind: FaultKind,
    thevenin: Thevenin,
    impedance: FaultImpedance,
) -> Option<Complex64> {
    let current = sequence_currents(kind, Complex64::ONE, thevenin, impedance)[0];
    (current != Complex64::ZERO).then(|| current.inv())
}

/// Phases a, b and c of positive, negative and zero sequence.
pub fn phases([positive, negative, zero]: [Complex64; 3]) -> [Complex64; 3] {
    let a = Complex64::new(-0.5, 0.75_f64.sqrt());
    let b = a.conj();
    [positive + negative + zero, b * positive + a * negative + zero, a * positive + b * negative + zero]
}

/// What stands before the greatest sequence current to make the initial current I"k.
pub(crate) fn initial_ka(kind: FaultKind, currents: [Complex64; 3]) -> f64 {
    let [a, b, c] = phases(currents).map(Complex64::norm);
    match kind {
        FaultKind::Lll | FaultKind::Lg => a,
        FaultKind::Ll | FaultKind::Llg => b.max(c),
    }
}
