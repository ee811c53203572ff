//! The formulas of the four kinds of fault, once for values and for bounds.
//!
//! With `Y_s = 1/Z_s` at the fault point and `d_s` the sequence voltages the fault takes away there, a relay sees
//! `I_s = σ_s d_s`, where `σ_s` is its current per volt at the fault point. Written this way each uncertain quantity
//! occurs as rarely as possible, which keeps bounds tight, and nothing is infinite where a sequence has no path.

use num_complex::Complex64;

use super::check::{FaultKind, Inputs, Row};
use super::disk::{Interval, Phasor};
use super::ports::{NEGATIVE, POSITIVE, ZERO};

/// a = e^(j120°).
fn turn() -> Complex64 {
    Complex64::new(-0.5, 3.0_f64.sqrt() / 2.0)
}

/// What a fault does at its point: the sequence voltages it takes away, kV, and the sequence currents, kA.
#[derive(Debug, Clone, Copy)]
pub struct Drive<T> {
    volts: [T; 3],
    amperes: [T; 3],
}

impl<T: Phasor> Drive<T> {
    /// The fault of a kind through a resistance. `None` when an enclosure is too wide to say anything.
    pub(super) fn new(kind: FaultKind, inputs: &Inputs<T>, resistance_ohm: f64) -> Option<Self> {
        let nothing = T::exact(Complex64::ZERO);
        let [y1, y2, y0] = inputs.fault;
        if y1.is_zero() || y2.is_zero() {
            return Some(Self { volts: [nothing; 3], amperes: [nothing; 3] });
        }
        let kv = T::exact(Complex64::new(inputs.fault_kv, 0.0));
        let one = T::exact(Complex64::ONE);
        let r = |times: f64| T::exact(Complex64::new(resistance_ohm * times, 0.0));
        let z2 = y2.inverse()?;
        let volts = match kind {
            FaultKind::Lll => [kv.times(one.plus(y1.times(r(1.0))).inverse()?), nothing, nothing],
            FaultKind::Ll => {
                let own = if inputs.is_alike { one } else { y1.times(z2) };
                let first = kv.times(one.plus(own).plus(y1.times(r(1.0))).inverse()?);
                let second = if inputs.is_alike { first } else { first.times(own) };
                [first, second.scaled(-Complex64::ONE), nothing]
            }
            FaultKind::Lg if y0.is_zero() => [nothing, nothing, kv],
            FaultKind::Lg => {
                let z0 = y0.inverse()?.plus(r(3.0));
                let own = if inputs.is_alike { one } else { y1.times(z2) };
                let first = kv.times(one.plus(own).plus(y1.times(z0)).inverse()?);
                let second = if inputs.is_alike { first } else { first.times(own) };
                let both = y1.inverse()?.plus(z2).plus(r(3.0));
                [first, second, kv.times(one.plus(y0.times(both)).inverse()?)]
            }
            FaultKind::Llg => {
                let through = one.plus(y0.times(r(3.0))).inverse()?;
                let ground = y0.times(through);
                let (first, second) = if inputs.is_alike {
                    let share = ground.times(y1.inverse()?);
                    let first = one.plus(one.plus(share).inverse()?).inverse()?;
                    (first, one.plus(one).plus(share).inverse()?)
                } else {
                    let beside = y2.plus(ground);
                    let first = one.plus(y1.times(beside.inverse()?)).inverse()?;
                    (first, one.plus(beside.times(y1.inverse()?)).inverse()?)
                };
                let second = kv.times(second).scaled(-Complex64::ONE);
                [kv.times(first), second, second.times(through)]
            }
        };
        let amperes = [volts[0].times(y1), volts[1].times(y2), volts[2].times(y0)];
        Some(Self { volts, amperes })
    }

    /// The fault's own current as a relay of another clock and voltage has it, with or without the zero sequence.
    pub(super) fn total(&self, turn: Option<Complex64>, compensation: (f64, bool)) -> Seen<T> {
        Seen { parts: self.amperes }.compensated(turn.unwrap_or(Complex64::ONE), compensation)
    }
}

/// Sequence currents or voltages at a relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<T> {
    parts: [T; 3],
}

impl<T: Phasor> Seen<T> {
    /// What a row shows, by the fault's clock.
    pub(super) fn at(drive: &Drive<T>, row: [T; 3]) -> Self {
        Self { parts: [0, 1, 2].map(|s| drive.volts[s].times(row[s])) }
    }

    pub(super) fn currents(drive: &Drive<T>, row: &Row<T>) -> Self {
        Self::at(drive, row.parts).turned(row.turn)
    }

    pub(super) fn voltages(drive: &Drive<T>, row: &Row<T>) -> Self {
        let before = [row.kv, 0.0, 0.0].map(|kv| T::exact(Complex64::new(kv, 0.0)));
        let lost = Self::at(drive, row.parts);
        Self { parts: [0, 1, 2].map(|s| before[s].minus(lost.parts[s])) }.turned(row.turn)
    }

    /// By another clock: the negative sequence turns the other way.
    fn turned(self, turn: Complex64) -> Self {
        if turn == Complex64::ONE {
            return self;
        }
        let [one, two, zero] = self.parts;
        Self { parts: [one.scaled(turn), two.scaled(turn.conj()), zero] }
    }

    /// By another clock and voltage, with or without the zero sequence.
    pub(super) fn compensated(self, turn: Complex64, (ratio, has_zero): (f64, bool)) -> Self {
        let Self { parts: [one, two, zero] } = self.turned(turn);
        let zero = if has_zero { zero } else { T::exact(Complex64::ZERO) };
        if ratio == 1.0 {
            return Self { parts: [one, two, zero] };
        }
        Self { parts: [one, two, zero].map(|part| part.scaled(Complex64::new(ratio, 0.0))) }
    }

    /// What is left without another.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { parts: [0, 1, 2].map(|s| self.parts[s].minus(other.parts[s])) }
    }

    /// The zero sequence.
    pub(super) fn zero(&self) -> T {
        self.parts[ZERO]
    }

    /// Phases a, b and c.
    pub(super) fn phases(&self) -> [T; 3] {
        let (a, [i1, i2, i0]) = (turn(), self.parts);
        let b = i1.scaled(a * a).plus(i2.scaled(a)).plus(i0);
        [i1.plus(i2).plus(i0), b, i1.scaled(a).plus(i2.scaled(a * a)).plus(i0)]
    }

    pub(super) fn greatest_phase(&self) -> Interval {
        let [a, b, c] = self.phases().map(Phasor::magnitude);
        a.max(b).max(c)
    }

    pub(super) fn least_phase(&self) -> Interval {
        let [a, b, c] = self.phases().map(Phasor::magnitude);
        a.min(b).min(c)
    }

    pub(super) fn residual(&self) -> Interval {
        self.parts[ZERO].magnitude().rising(|i0| 3.0 * i0)
    }

    pub(super) fn negative(&self) -> Interval {
        self.parts[NEGATIVE].magnitude()
    }

    /// What a power direction element takes in a sequence, MVA: `Re(−3V · conj(3I) · turn)`. Before the relay the
    /// voltage of the negative and zero sequence is what the source's impedance loses, so this is positive for faults
    /// ahead.
    pub(super) fn power(&self, volts: &Self, sequence: usize, turn: Complex64) -> Interval {
        volts.parts[sequence].times(self.parts[sequence].conjugate()).scaled(-9.0 * turn).real()
    }

    /// The cosine of the angle between a sequence's current and the direction of greatest sensitivity. The positive
    /// sequence is compared with the voltage before the fault, as relays with a memory do.
    pub(super) fn bearing(
        &self,
        volts: &Self,
        sequence: usize,
        (turn, before_kv): (Complex64, Complex64),
    ) -> Interval {
        let polar = if sequence == POSITIVE {
            T::exact(before_kv)
        } else {
            volts.parts[sequence].scaled(-Complex64::ONE)
        };
        let seen = polar.times(self.parts[sequence].conjugate()).scaled(turn);
        let (along, size) = (seen.real(), seen.magnitude());
        let cosine = |along: f64, (near, far): (f64, f64)| {
            let size = if along > 0.0 { far } else { near };
            if along == 0.0 { 0.0 } else { (along / size).clamp(-1.0, 1.0) }
        };
        Interval {
            low: cosine(along.low, (size.low, size.high)),
            high: cosine(along.high, (size.high, size.low)),
        }
    }

    /// Currents and voltages of the loops that may reach a fault: of the one it closes, phase a to earth or b to c; behind
    /// a transformer that turns, where it looks like another, of all six. `earth` is what earth loops add.
    pub(super) fn loops(
        &self,
        kind: FaultKind,
        volts: &Self,
        (earth, is_turned): (T, bool),
    ) -> [Option<(T, T)>; 6] {
        if !is_turned {
            let own = match kind {
                FaultKind::Lg => (self.phases()[0].plus(earth), volts.phases()[0]),
                // b − c is −j√3 times this, in currents and voltages alike.
                _ => (
                    self.parts[POSITIVE].minus(self.parts[NEGATIVE]),
                    volts.parts[POSITIVE].minus(volts.parts[NEGATIVE]),
                ),
            };
            return [Some(own), None, None, None, None, None];
        }
        let (amperes, volts) = (self.phases(), volts.phases());
        std::array::from_fn(|at| {
            let (one, next) = (at % 3, (at + 1) % 3);
            Some(if at < 3 {
                (amperes[one].minus(amperes[next]), volts[one].minus(volts[next]))
            } else {
                (amperes[one].plus(earth), volts[one])
            })
        })
    }
}
