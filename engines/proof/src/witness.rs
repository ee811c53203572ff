//! Witnesses: checks of relays with all that decides them, the port matrices of their fault points.

use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// A check in a scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// The scheme, by its place.
    pub scheme: usize,
    /// The check, by its number in the case.
    pub check: u32,
    /// The check in words.
    pub label: String,
    /// The kind of fault: lll, ll, lg, llg.
    pub kind: String,
    /// Resistance at the fault, Ω.
    pub resistance_ohm: f64,
    /// Voltage before the fault at the fault point, kV.
    pub fault_kv: f64,
    /// How what measures each row of the ports stands to the fault point.
    pub views: Vec<View>,
    /// What is read.
    pub reading: Reading,
    /// What it must be.
    pub test: Test,
    /// Counts of the classes in the matrices.
    pub counts: Vec<u16>,
    /// Positive, negative and zero sequence; the negative may be left out where it is as the positive.
    pub positive: Port,
    /// Negative sequence.
    pub negative: Option<Port>,
    /// Zero sequence; none where the fault point has no path to earth.
    pub zero: Option<Port>,
}

/// How a place stands to the fault point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Its voltage before the fault, kV; 0 where a current is measured.
    pub kv: f64,
    /// Turns the positive sequence from the fault's clock to its own.
    pub turn: Complex64,
}

/// A measure at a place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// What is measured.
    pub measure: Measure,
    /// The row of the ports with the relay's current.
    pub current: Option<usize>,
    /// The row with the voltage at the relay.
    pub voltage: Option<usize>,
    /// The row with a parallel line's current and the factor of its residual part, in a distance relay.
    pub parallel: Option<(usize, Complex64)>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Greatest phase current, kA.
    Phase,
    /// Three times the zero-sequence current, kA.
    Residual,
    /// Negative-sequence current, kA.
    Negative,
    /// Greatest phase current of the fault, kA.
    Total {
        /// By which the relay has it.
        ratio: f64,
        /// Whether the zero sequence is left in.
        has_zero: bool,
    },
    /// How many times a mho characteristic reaches the fault: `Re(Z_set / Z_loop)`.
    Mho {
        /// Setting, Ω.
        z_set: Complex64,
        /// Factor of the residual current.
        k0: Complex64,
    },
    /// How many times a quadrilateral reaches the fault: the smaller of reactance and resistance.
    Quadrilateral {
        /// Setting, Ω.
        z_set: Complex64,
        /// Factor of the residual current.
        k0: Complex64,
    },
    /// Least phase-to-earth voltage, kV.
    Voltage,
    /// Power of a sequence towards the fault, MVA.
    Power {
        /// The sequence: 1 negative, 2 zero.
        sequence: usize,
        /// Turns the angle of greatest sensitivity to the real axis.
        turn: Complex64,
    },
    /// Cosine of the angle between a sequence's current and the direction of greatest sensitivity.
    Bearing {
        /// The sequence.
        sequence: usize,
        /// Turns that direction to the real axis.
        turn: Complex64,
    },
}

/// What a reading must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// A bias: in one phase at least `required` times the greater of a pick-up and of a part of half the sum of all
    /// ends' currents.
    Biased {
        /// Pick-up, kA.
        pickup_ka: f64,
        /// The part.
        slope: f64,
        /// The factor.
        required: f64,
        /// The rows of the ends' currents, and the ratio by which the relay has each.
        ends: Vec<(usize, f64)>,
        /// Whether the rest of the fault's current counts as an end too.
        has_rest: bool,
    },
    /// At most this many times another reading.
    RatioAtMost(f64, Reading),
    /// Slower than another stage by an interval.
    Slower {
        /// The curve of the stage that waits.
        own: Curve,
        /// The reading of the stage that should trip first.
        first: Reading,
        /// Its curve.
        first_curve: Curve,
        /// By how much, s.
        interval_s: f64,
    },
}

/// How long a stage takes to trip over the current it sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Primary current at which it picks up, kA.
    pub pickup_ka: f64,
    /// What the time depends on.
    pub law: Law,
}

/// How the time depends on the multiple m of the pick-up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Always the same, s.
    Definite(f64),
    /// multiplier · (k / (m^exponent − 1) + offset).
    Inverse {
        /// k, s.
        k_s: f64,
        /// The exponent.
        exponent: f64,
        /// The offset, s.
        offset_s: f64,
        /// The multiplier.
        multiplier: f64,
    },
}

/// The port matrices of a witness in one sequence, Ω and S.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Admittance of one unit per class.
    pub unit: Vec<Complex64>,
    /// Class by class.
    pub control: Vec<Vec<Complex64>>,
    /// Between fault point and classes.
    pub right: Vec<Complex64>,
    /// Impedance at the fault point.
    pub z_ff: Complex64,
    /// What relays measure.
    pub rows: Vec<Row>,
}

/// A current or a voltage at a relay, in one sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Between the relay and classes.
    pub left: Vec<Complex64>,
    /// At the relay per current of the fault.
    pub kappa: Complex64,
}
