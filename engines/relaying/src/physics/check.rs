//! Checks as the search sees them: something measured during a fault, and what it must be compared with.

pub use faults::FaultKind;
use num_complex::Complex64;

use super::bias::{self, Bias};
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
    /// The greatest phase current of the fault itself, kA: the sum of the currents of all ends, as a differential
    /// protection around it makes it.
    Total {
        /// Of the relay's current to that at the fault, by rated voltages.
        ratio: f64,
        /// Whether the zero sequence is left in.
        has_zero: bool,
    },
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
    /// The pair of current row and fault point.
    pub current: Option<u32>,
    /// The pair of voltage row and fault point.
    pub voltage: Option<u32>,
    /// The residual current of a parallel line that a distance relay takes into account.
    pub parallel: Option<Parallel>,
}

/// A parallel line's residual current in a distance relay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parallel {
    /// The pair of its current row and the fault point; where the line is out its current is 0.
    pub pair: u32,
    /// Its factor.
    pub k0m: Complex64,
}

impl Reading {
    /// A reading of one current row, and of the voltage row where the measure needs one.
    pub fn of(measure: Measure, current: u32) -> Self {
        Self { measure, current: Some(current), voltage: None, parallel: None }
    }

    /// The pairs it reads, without that of a parallel line.
    fn own_pairs(&self) -> impl Iterator<Item = u32> {
        [self.current, self.voltage].into_iter().flatten()
    }

    fn pairs(&self) -> impl Iterator<Item = u32> {
        self.own_pairs().chain(self.parallel.map(|parallel| parallel.pair))
    }

    fn number(&mut self, currents: u32, pair: &dyn Fn(u32) -> u32) {
        self.current = self.current.map(pair);
        self.voltage = self.current.filter(|_| self.measure.needs_voltage()).map(|pair| currents + pair);
        self.parallel = self.parallel.map(|own| Parallel { pair: pair(own.pair), ..own });
    }
}

/// What a reading must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// At least this: sensitivity, pick-up times required factor.
    AtLeast(f64),
    /// At most this: must not be seen, must not reach, undervoltage.
    AtMost(f64),
    /// A differential protection with bias.
    Biased(Bias),
    /// At most this many times another reading: coordination by current or power.
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
#[derive(Debug, Clone)]
pub(super) struct Inputs<T> {
    /// Fault admittance per sequence.
    pub(super) fault: [T; 3],
    /// Voltage before the fault at the fault point, kV.
    pub(super) fault_kv: f64,
    /// Whether the negative sequence is as the positive.
    pub(super) is_alike: bool,
    few: [Option<Row<T>>; FEW],
    more: Vec<Row<T>>,
}

/// Most checks read no more pairs.
const FEW: usize = 3;

/// What a pair shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<T> {
    pub(super) pair: u32,
    /// Per volt at the fault point, in each sequence.
    pub(super) parts: [T; 3],
    /// Voltage before the fault at the relay, kV.
    pub(super) kv: f64,
    /// Turns the positive sequence from the fault's clock to the relay's.
    pub(super) turn: Complex64,
}

impl<T: Copy> Inputs<T> {
    pub(super) fn new(
        (fault, fault_kv, is_alike): ([T; 3], f64, bool),
        mut rows: impl Iterator<Item = Row<T>>,
    ) -> Self {
        let few = std::array::from_fn(|_| rows.next());
        Self { fault, fault_kv, is_alike, few, more: rows.collect() }
    }

    /// What a pair shows; none where nothing is known of it.
    pub(super) fn row(&self, pair: Option<u32>) -> Option<&Row<T>> {
        self.few.iter().flatten().chain(&self.more).find(|row| Some(row.pair) == pair)
    }
}

impl Check {
    /// The other reading of the test.
    pub fn other(&self) -> Option<&Reading> {
        match &self.test {
            Test::RatioAtMost(_, other) | Test::Slower { first: other, .. } => Some(other),
            Test::AtLeast(_) | Test::AtMost(_) | Test::Biased(_) => None,
        }
    }

    /// The ends whose currents restrain it.
    fn ends(&self) -> &[bias::End] {
        if let Test::Biased(bias) = &self.test { &bias.ends } else { &[] }
    }

    /// The pairs it reads, each of them once.
    pub fn pairs(&self) -> impl Iterator<Item = u32> {
        let other = self.other().into_iter().flat_map(Reading::pairs);
        let own = self.reading.current;
        let ends = self.ends().iter().map(|end| end.pair).filter(move |pair| Some(*pair) != own);
        self.reading.pairs().chain(other).chain(ends)
    }

    /// The pairs without which it can't be made. A parallel line, or another branch at a protected bus, that is out has
    /// no current, and that is all.
    pub fn needed_pairs(&self) -> impl Iterator<Item = u32> {
        let other = self.other().into_iter().flat_map(Reading::own_pairs);
        self.reading.own_pairs().chain(other)
    }

    /// Gives readings that name something else the pairs these stand for; those of voltages follow all of currents.
    pub(crate) fn number(&mut self, currents: u32, pair: &dyn Fn(u32) -> u32) {
        self.reading.number(currents, pair);
        match &mut self.test {
            Test::RatioAtMost(_, other) | Test::Slower { first: other, .. } => other.number(currents, pair),
            Test::Biased(bias) => bias.ends.iter_mut().for_each(|end| end.pair = pair(end.pair)),
            Test::AtLeast(_) | Test::AtMost(_) => {}
        }
    }

    /// The range of the margin: at least 1 where the check holds. `None` when the enclosure says nothing.
    pub(super) fn margin<T: Phasor>(&self, inputs: &Inputs<T>) -> Option<Interval> {
        let drive = Drive::new(self.kind, inputs, self.resistance_ohm)?;
        if let Test::Biased(bias) = &self.test {
            return bias.margin(&drive, inputs, &self.reading);
        }
        let value = self.value(&drive, inputs)?;
        let quotient = |over: f64, under: f64| if under > 0.0 { over / under } else { f64::INFINITY };
        Some(match &self.test {
            Test::AtLeast(limit) => value.rising(|value| value / limit),
            Test::AtMost(limit) => value.falling(|value| quotient(*limit, value)),
            Test::Biased(_) => return None,
            Test::RatioAtMost(limit, other) => {
                let other = read(other, self.kind, &drive, inputs)?;
                // What hardly sees anything cannot trip first.
                let seen = value.rising(|value| (value - LEAST_KA).max(0.0));
                Interval {
                    low: quotient(limit * other.low.max(0.0), seen.high),
                    high: quotient(limit * other.high.max(0.0), seen.low),
                }
            }
            Test::Slower { own, first, first_curve, interval_s } => {
                let seen = read(first, self.kind, &drive, inputs)?;
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
        read(&self.reading, self.kind, drive, inputs)
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

fn read<T: Phasor>(
    reading: &Reading,
    kind: FaultKind,
    drive: &Drive<T>,
    inputs: &Inputs<T>,
) -> Option<Interval> {
    let current = inputs.row(reading.current);
    if let Measure::Total { ratio, has_zero } = reading.measure {
        return Some(drive.total(current.map(|row| row.turn), (ratio, has_zero)).greatest_phase());
    }
    let voltage = inputs.row(reading.voltage);
    if matches!(reading.measure, Measure::Voltage) {
        return Some(Seen::voltages(drive, voltage?).least_phase());
    }
    let seen = Seen::currents(drive, current?);
    match reading.measure {
        Measure::Power { sequence, turn } => {
            Some(seen.power(&Seen::voltages(drive, voltage?), sequence, turn))
        }
        Measure::Bearing { sequence, turn } => {
            let row = voltage?;
            Some(seen.bearing(&Seen::voltages(drive, row), sequence, (turn, row.turn * row.kv)))
        }
        Measure::Phase => Some(seen.greatest_phase()),
        Measure::Residual => Some(seen.residual()),
        Measure::Negative => Some(seen.negative()),
        Measure::Mho { z_set, k0 } | Measure::Quadrilateral { z_set, k0 } => {
            let row = voltage?;
            let volts = Seen::voltages(drive, row);
            let beside = reading.parallel.and_then(|own| Some((inputs.row(Some(own.pair))?, own.k0m)));
            let beside = beside.map(|(row, k0m)| Seen::currents(drive, row).zero().scaled(3.0 * k0m));
            let earth = seen.zero().scaled(3.0 * k0).plus(beside.unwrap_or(T::exact(Complex64::ZERO)));
            let reach = |(amperes, volts): (T, T)| match reading.measure {
                Measure::Mho { .. } => mho(z_set, amperes, volts),
                _ => quadrilateral(z_set, amperes, volts),
            };
            let loops = seen.loops(kind, &volts, (earth, row.turn != Complex64::ONE));
            let mut farthest: Option<Interval> = None;
            for own in loops.into_iter().flatten() {
                let own = reach(own)?;
                farthest = Some(farthest.map_or(own, |known| known.max(own)));
            }
            farthest
        }
        Measure::Total { .. } | Measure::Voltage => None,
    }
}

fn mho<T: Phasor>(z_set: Complex64, amperes: T, volts: T) -> Option<Interval> {
    if volts.magnitude().low < CLOSE {
        // A fault at the relay itself is within any reach; direction comes from the memory.
        let is_close = volts.magnitude().high < CLOSE;
        let low = if is_close { f64::INFINITY } else { f64::NEG_INFINITY };
        return reach(amperes, || Some(Interval { low, high: f64::INFINITY }));
    }
    reach(amperes, || Some(volts.inverse()?.times(amperes).scaled(z_set).real()))
}

fn quadrilateral<T: Phasor>(z_set: Complex64, amperes: T, volts: T) -> Option<Interval> {
    reach(amperes, || {
        let z = volts.times(amperes.inverse()?);
        let sideways = |part: f64| if part > 0.0 { z_set.re / part } else { f64::INFINITY };
        Some(forward(z_set.im, z.imaginary()).min(z.real().magnitude().falling(sideways)))
    })
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
