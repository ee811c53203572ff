//! The formulas of the four kinds of fault, once for values and for bounds.
//!
//! With `Y_s = 1/Z_s` at the fault point and `d_s` the sequence voltages the fault takes away there, a relay sees
//! `I_s = σ_s d_s`, where `σ_s` is its current per volt at the fault point. Written this way each uncertain quantity
//! occurs as rarely as possible, which keeps bounds tight, and nothing is infinite where a sequence has no path.

use num_complex::Complex64;

use super::check::{FaultKind, Inputs};
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

    /// The greatest phase current of the fault, kA.
    pub(super) fn total(&self) -> Interval {
        Seen { parts: self.amperes }.greatest_phase()
    }
}

/// Sequence currents or voltages at a relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<T> {
    parts: [T; 3],
}

impl<T: Phasor> Seen<T> {
    pub(super) fn currents(drive: &Drive<T>, row: [T; 3]) -> Self {
        Self { parts: [0, 1, 2].map(|s| drive.volts[s].times(row[s])) }
    }

    pub(super) fn voltages(drive: &Drive<T>, row: [T; 3], before_kv: f64) -> Self {
        let before = [before_kv, 0.0, 0.0].map(|kv| T::exact(Complex64::new(kv, 0.0)));
        Self { parts: [0, 1, 2].map(|s| before[s].minus(drive.volts[s].times(row[s]))) }
    }

    fn phases(&self) -> [T; 3] {
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
        (turn, before_kv): (Complex64, f64),
    ) -> Interval {
        let polar = if sequence == POSITIVE {
            T::exact(Complex64::new(before_kv, 0.0))
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

    /// Current and voltage of the loop the fault closes: phase a to earth, or b to c.
    pub(super) fn loop_of(&self, kind: FaultKind, volts: &Self, k0: Complex64) -> (T, T) {
        if kind == FaultKind::Lg {
            let residual = self.parts[ZERO].scaled(3.0 * k0);
            return (self.phases()[0].plus(residual), volts.phases()[0]);
        }
        let difference = |seen: &Self| seen.parts[POSITIVE].minus(seen.parts[NEGATIVE]);
        (difference(self), difference(volts))
    }
}
