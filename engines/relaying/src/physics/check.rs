//! Checks as the search sees them: something measured during a fault, and what it must be compared with.

pub use faults::FaultKind;
use num_complex::Complex64;

use super::disk::{Interval, Phasor};
use super::seen::{Drive, Seen};
use crate::curve::Curve;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// The greatest phase current, kA.
    Phase,
    /// Three times the zero-sequence current, kA.
    Residual,
    /// The negative-sequence current, kA.
    Negative,
    /// The greatest phase current of the fault itself, kA: what a differential protection around it sees.
    Total,
    /// How many times the setting of a mho characteristic through the origin reaches the fault:
    /// `Re(Z_set / Z_loop)`.
    Mho {
        /// Setting along its angle, Ω.
        z_set: Complex64,
        /// Factor of the residual current.
        k0: Complex64,
    },
    /// How many times the setting of a quadrilateral reaches the fault: the smaller of reactance and resistance.
    Quadrilateral {
        /// Resistive and reactive setting, Ω.
        z_set: Complex64,
        /// Factor of the residual current.
        k0: Complex64,
    },
    /// The least phase-to-earth voltage, kV.
    Voltage,
    /// The power of a sequence towards the fault, MVA, at the angle of greatest sensitivity.
    Power {
        /// The sequence: 1 negative, 2 zero.
        sequence: usize,
        /// Turns that angle to the real axis.
        turn: Complex64,
    },
    /// The cosine of the angle between a sequence's current and the direction of greatest sensitivity.
    Bearing {
        /// The sequence: 0 positive, 1 negative, 2 zero.
        sequence: usize,
        /// Turns that direction to the real axis.
        turn: Complex64,
    },
}

impl Measure {
    /// Whether it needs the voltage at the relay too.
    pub fn needs_voltage(self) -> bool {
        matches!(
            self,
            Self::Mho { .. }
                | Self::Quadrilateral { .. }
                | Self::Voltage
                | Self::Power { .. }
                | Self::Bearing { .. }
        )
    }
}

/// A measure at a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// What is measured.
    pub measure: Measure,
    /// The pair of current row and fault point; none for the current of the fault itself.
    pub current: Option<u32>,
    /// The pair of voltage row and fault point.
    pub voltage: Option<u32>,
}

/// What a reading must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// At least this: sensitivity, pick-up times required factor.
    AtLeast(f64),
    /// At most this: must not be seen, must not reach, undervoltage.
    AtMost(f64),
    /// A differential protection with bias: at least `required` times the greater of a pick-up and of a part of the
    /// mean current of both ends.
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
    /// At most this many times another reading: coordination by current.
    RatioAtMost(f64, Reading),
    /// Slower than another stage by an interval: times of both in s by their curves.
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

/// One check: during a fault of a kind at a fault point, a reading must pass a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The fault point.
    pub fault: u32,
    /// The kind of fault.
    pub kind: FaultKind,
    /// The resistance at the fault point, Ω.
    pub resistance_ohm: f64,
    /// What is read.
    pub reading: Reading,
    /// What it must be.
    pub test: Test,
    /// The group of settings it belongs to; none if it is made whatever group is active.
    pub group: Option<u16>,
}

/// A requirement holds when all checks of one of its alternatives hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The alternatives, each a list of checks.
    pub alternatives: Vec<Vec<u32>>,
}

/// What the network shows for a check: the inputs of its readings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<T> {
    /// Fault admittance per sequence.
    pub(super) fault: [T; 3],
    /// Per volt at the fault point, the reading's current and voltage per sequence.
    pub(super) current: Option<[T; 3]>,
    pub(super) voltage: Option<[T; 3]>,
    /// The same of the other reading, where there is one.
    pub(super) other: Option<[T; 3]>,
    /// Voltages before the fault, kV: at the fault point, at the relay.
    pub(super) fault_kv: f64,
    pub(super) relay_kv: f64,
    pub(super) is_alike: bool,
}

impl Check {
    /// The other reading of the test.
    pub fn other(&self) -> Option<&Reading> {
        match &self.test {
            Test::RatioAtMost(_, other)
            | Test::Slower { first: other, .. }
            | Test::Biased { far: other, .. } => Some(other),
            Test::AtLeast(_) | Test::AtMost(_) => None,
        }
    }

    /// The pairs it reads: current, voltage, the other reading's current.
    pub fn pairs(&self) -> impl Iterator<Item = u32> {
        let other = self.other().and_then(|other| other.current);
        [self.reading.current, self.reading.voltage, other].into_iter().flatten()
    }

    /// The range of the margin: at least 1 where the check holds. `None` when the enclosure says nothing.
    pub(super) fn margin<T: Phasor>(&self, inputs: &Inputs<T>) -> Option<Interval> {
        let drive = Drive::new(self.kind, inputs, self.resistance_ohm)?;
        let value = self.value(&drive, inputs)?;
        let quotient = |over: f64, under: f64| if under > 0.0 { over / under } else { f64::INFINITY };
        Some(match &self.test {
            Test::AtLeast(limit) => value.rising(|value| value / limit),
            Test::AtMost(limit) => value.falling(|value| quotient(*limit, value)),
            Test::Biased { pickup_ka, slope, required, near, far } => {
                let near = read(near.measure, self.kind, &drive, (inputs.current, None))?;
                let far = read(far.measure, self.kind, &drive, (inputs.other, None))?;
                let needed = |near: f64, far: f64| required * pickup_ka.max(slope * f64::midpoint(near, far));
                Interval {
                    low: value.low / needed(near.high, far.high),
                    high: value.high / needed(near.low, far.low),
                }
            }
            Test::RatioAtMost(limit, other) => {
                let other = read(other.measure, self.kind, &drive, (inputs.other, None))?;
                // What hardly sees anything cannot trip first.
                let seen = value.rising(|value| (value - LEAST_KA).max(0.0));
                Interval {
                    low: quotient(limit * other.low, seen.high),
                    high: quotient(limit * other.high, seen.low),
                }
            }
            Test::Slower { own, first, first_curve, interval_s } => {
                let seen = read(first.measure, self.kind, &drive, (inputs.other, None))?;
                let waits = value.falling(|ka| own.time_s(ka));
                let trips = seen.falling(|ka| first_curve.time_s(ka));
                Interval {
                    low: later(waits.low, trips.high) / interval_s,
                    high: later(waits.high, trips.low) / interval_s,
                }
            }
        })
    }

    /// The range of the reading itself, in its unit.
    pub(super) fn value<T: Phasor>(&self, drive: &Drive<T>, inputs: &Inputs<T>) -> Option<Interval> {
        let voltage = inputs.voltage.map(|row| (row, inputs.relay_kv));
        read(self.reading.measure, self.kind, drive, (inputs.current, voltage))
    }
}

/// By how much one time is later than another; a stage that never trips is later than all.
fn later(waits_s: f64, trips_s: f64) -> f64 {
    if waits_s.is_infinite() { f64::INFINITY } else { (waits_s - trips_s).max(0.0) }
}

/// Below this voltage, kV, or reactance, Ω, a fault is at the relay itself.
const CLOSE: f64 = 1e-6;

/// Below this current, kA, a distance relay measures nothing.
const LEAST_KA: f64 = 1e-6;

type Rows<T> = (Option<[T; 3]>, Option<([T; 3], f64)>);

fn read<T: Phasor>(measure: Measure, kind: FaultKind, drive: &Drive<T>, rows: Rows<T>) -> Option<Interval> {
    let (current, voltage) = rows;
    if matches!(measure, Measure::Total) {
        return Some(drive.total());
    }
    if matches!(measure, Measure::Voltage) {
        let (row, kv) = voltage?;
        return Some(Seen::voltages(drive, row, kv).least_phase());
    }
    let seen = Seen::currents(drive, current?);
    match measure {
        Measure::Power { sequence, turn } => {
            let (row, kv) = voltage?;
            Some(seen.power(&Seen::voltages(drive, row, kv), sequence, turn))
        }
        Measure::Bearing { sequence, turn } => {
            let (row, kv) = voltage?;
            Some(seen.bearing(&Seen::voltages(drive, row, kv), sequence, (turn, kv)))
        }
        Measure::Phase => Some(seen.greatest_phase()),
        Measure::Residual => Some(seen.residual()),
        Measure::Negative => Some(seen.negative()),
        Measure::Mho { z_set, k0 } => {
            let (row, kv) = voltage?;
            let (amperes, volts) = seen.loop_of(kind, &Seen::voltages(drive, row, kv), k0);
            if volts.magnitude().low < CLOSE {
                // A fault at the relay itself is within any reach; direction comes from the memory.
                let is_close = volts.magnitude().high < CLOSE;
                let low = if is_close { f64::INFINITY } else { f64::NEG_INFINITY };
                return reach(amperes, || Some(Interval { low, high: f64::INFINITY }));
            }
            reach(amperes, || Some(volts.inverse()?.times(amperes).scaled(z_set).real()))
        }
        Measure::Quadrilateral { z_set, k0 } => {
            let (row, kv) = voltage?;
            let (amperes, volts) = seen.loop_of(kind, &Seen::voltages(drive, row, kv), k0);
            reach(amperes, || {
                let z = volts.times(amperes.inverse()?);
                let sideways = |part: f64| if part > 0.0 { z_set.re / part } else { f64::INFINITY };
                Some(forward(z_set.im, z.imaginary()).min(z.real().magnitude().falling(sideways)))
            })
        }
        Measure::Total | Measure::Voltage => None,
    }
}

/// A reach, unless the current is too small to measure one.
fn reach<T: Phasor>(amperes: T, measured: impl Fn() -> Option<Interval>) -> Option<Interval> {
    let current = amperes.magnitude();
    if current.high < LEAST_KA {
        return Some(Interval::exact(0.0));
    }
    let seen = measured()?;
    Some(if current.low < LEAST_KA { seen.min(Interval { low: 0.0, high: f64::INFINITY }) } else { seen })
}

/// How far a reactive setting reaches: what lies behind the relay is never reached, a fault at the relay always.
fn forward(setting: f64, seen: Interval) -> Interval {
    let end = |part: f64| if part > CLOSE { setting / part } else { f64::INFINITY };
    Interval {
        low: if seen.low > -CLOSE { end(seen.high) } else { 0.0 },
        high: if seen.high > -CLOSE { end(seen.low) } else { 0.0 },
    }
}
