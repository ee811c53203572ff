//! Certificates: what proves that no smaller composition of units is adequate, and a checker that trusts nobody.
//!
//! A certificate holds *witnesses* (a check in a scheme, with the port matrices of its fault point), *clauses*
//! (regions of compositions in which a witness fails, so that its requirement is broken) and a *claim*. The checker
//! evaluates every witness at the corners of its region by determinants, with formulas of its own, and searches for a
//! composition that would contradict the claim. Instead of clauses a certificate may hold *rules* (witnesses without a
//! region): then each composition that contradicts the claim is looked at, and the witnesses of some rule must all fail
//! there. It shares no code with the search that wrote the certificate.
//!
//! ```
//! use proof::{Certificate, Claim, ClassRange, check};
//!
//! let class = ClassRange { id: "A".into(), low: 0, high: 2, values: vec![[0; 4], [1, 0, 0, 0], [2, 0, 0, 0]] };
//! let certificate = Certificate {
//!     quorate_proof: 2,
//!     scheme: "base".into(),
//!     classes: vec![class],
//!     is_robust: false,
//!     claim: Claim::NothingBelow([0; 4]),
//!     witnesses: vec![],
//!     clauses: vec![],
//!     rules: vec![],
//! };
//! assert!(check(&certificate).is_ok());
//! ```
#![deny(missing_docs)]

mod bound;
mod cover;
mod disk;
mod faults;
mod single;
mod test;
mod walk;

use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

/// The newest version of the format.
pub const FORMAT_VERSION: u32 = 2;

/// What proves a claim about compositions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Version of the format.
    pub quorate_proof: u32,
    /// The scheme or schemes it is about.
    pub scheme: String,
    /// The classes of units.
    pub classes: Vec<ClassRange>,
    /// Whether the loss of any one unit must be survived.
    pub is_robust: bool,
    /// What is claimed.
    pub claim: Claim,
    /// Checks with their port matrices.
    pub witnesses: Vec<Witness>,
    /// Regions in which they fail.
    pub clauses: Vec<Clause>,
    /// Witnesses by their places: where all of one rule fail, a composition is excluded.
    #[serde(default)]
    pub rules: Vec<Vec<usize>>,
}

/// A class of units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRange {
    /// The class.
    pub id: String,
    /// The fewest units that may run.
    pub low: u16,
    /// The most.
    pub high: u16,
    /// The value of each count from 0 on, most important figure first.
    pub values: Vec<[i64; 4]>,
}

/// What a certificate claims of adequate compositions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// None has a smaller value than this.
    NothingBelow([i64; 4]),
    /// There is none.
    Infeasible,
    /// Each is one of these or has at least the units of one of these.
    AllAbove(Vec<Vec<u16>>),
}

/// A region in which all of some witnesses fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// The witnesses, by their places.
    pub witnesses: Vec<usize>,
    /// The fewest units of each class.
    pub low: Vec<u16>,
    /// The most.
    pub high: Vec<u16>,
}

/// A check in a scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// The check in words.
    pub label: String,
    /// The kind of fault: lll, ll, lg, llg.
    pub kind: String,
    /// Resistance at the fault, Ω.
    pub resistance_ohm: f64,
    /// Voltage before the fault, kV: at the fault point and at the relay.
    pub fault_kv: f64,
    /// The latter.
    pub relay_kv: f64,
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
    Total,
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// A bias: at least `required` times the greater of a pick-up and of a part of the mean current of both ends.
    Biased {
        /// Pick-up, kA.
        pickup_ka: f64,
        /// The part.
        slope: f64,
        /// The factor.
        required: f64,
        /// The current of the relay's own end.
        near: Reading,
        /// The current of the other end.
        far: Reading,
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

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not well formed.
    #[error("the certificate is not well formed: {0}")]
    Form(String),
    /// A clause is not proven.
    #[error("clause {clause}: it is not shown that {label:?} fails everywhere from {low:?} to {high:?}")]
    Clause {
        /// The clause, counted from 1.
        clause: usize,
        /// The witness.
        label: String,
        /// The region's corner.
        low: Vec<u16>,
        /// The other one.
        high: Vec<u16>,
    },
    /// A composition contradicts the claim as far as the clauses say.
    #[error("composition {0:?} contradicts the claim: nothing excludes it")]
    Claim(Vec<u16>),
}

/// Checks a certificate: every clause, then the claim.
pub fn check(certificate: &Certificate) -> Result<(), Refusal> {
    form(certificate)?;
    for (at, clause) in certificate.clauses.iter().enumerate() {
        for &witness in &clause.witnesses {
            let witness = &certificate.witnesses[witness];
            if !bound::fails_throughout(witness, &clause.low, &clause.high) {
                let (low, high) = (clause.low.clone(), clause.high.clone());
                return Err(Refusal::Clause { clause: at + 1, label: witness.label.clone(), low, high });
            }
        }
    }
    cover::contradiction(certificate).map_or(Ok(()), |counts| Err(Refusal::Claim(counts)))
}

fn form(certificate: &Certificate) -> Result<(), Refusal> {
    let fail = |text: &str| Err(Refusal::Form(text.to_owned()));
    if certificate.quorate_proof != FORMAT_VERSION {
        return fail("its version is unknown");
    }
    let count = certificate.classes.len();
    for class in &certificate.classes {
        if class.values.len() != usize::from(class.high) + 1 {
            return fail("a class has not one value per count");
        }
    }
    for clause in &certificate.clauses {
        let is_known = clause.witnesses.iter().all(|&witness| witness < certificate.witnesses.len());
        if !is_known || clause.witnesses.is_empty() || clause.low.len() != count || clause.high.len() != count
        {
            return fail("a clause leads nowhere");
        }
        if clause.low.iter().zip(&clause.high).any(|(low, high)| low > high) {
            return fail("a clause's region is empty");
        }
    }
    let is_rule = |rule: &Vec<usize>| {
        !rule.is_empty() && rule.iter().all(|&witness| witness < certificate.witnesses.len())
    };
    if !certificate.rules.iter().all(is_rule) {
        return fail("a rule leads nowhere");
    }
    for witness in &certificate.witnesses {
        let ports = [Some(&witness.positive), witness.negative.as_ref(), witness.zero.as_ref()];
        let is_sized = |port: &&Port| {
            port.unit.len() == count
                && port.right.len() == count
                && port.rows.len() == witness.positive.rows.len()
                && port.rows.iter().all(|row| row.left.len() == count)
                && port.control.len() == count
                && port.control.iter().all(|row| row.len() == count)
        };
        if witness.counts.len() != count || !ports.into_iter().flatten().all(|port| is_sized(&port)) {
            return fail("a witness's matrices don't fit the classes");
        }
        if !matches!(witness.kind.as_str(), "lll" | "ll" | "lg" | "llg") {
            return fail("a witness's kind of fault is unknown");
        }
    }
    if let Claim::AllAbove(sets) = &certificate.claim
        && sets.iter().any(|set| set.len() != count)
    {
        return fail("a claimed set doesn't fit the classes");
    }
    Ok(())
}
