//! Differential protection with bias: what operates over what restrains, phase by phase.
//!
//! The currents of all ends are brought to the relay's own: by rated voltages, by its clock, and without the zero
//! sequence where windings keep it to themselves. What operates is their sum, which is the current of a fault between
//! them; what restrains is half the sum of their magnitudes (IEC 60255-187-1:2021 names these quantities).

use super::check::{Inputs, Measure, Reading};
use super::disk::{Interval, Phasor};
use super::seen::{Drive, Seen};

/// A characteristic with bias: at least `required` times the greater of a pick-up and of a part of what restrains.
#[derive(Debug, Clone, PartialEq)]
pub struct Bias {
    /// Pick-up, kA.
    pub pickup_ka: f64,
    /// The part.
    pub slope: f64,
    /// The factor.
    pub required: f64,
    /// The ends whose currents restrain.
    pub ends: Vec<End>,
    /// Whether what no end carries of the fault's current restrains too: sources at a protected bus.
    pub has_rest: bool,
}

/// An end of what is protected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// The pair of its current row and the fault point.
    pub pair: u32,
    /// Of the relay's current to this end's, by rated voltages.
    pub ratio: f64,
}

impl Bias {
    /// The range of the margin: that of the phase that has the greatest.
    pub(super) fn margin<T: Phasor>(
        &self,
        drive: &Drive<T>,
        inputs: &Inputs<T>,
        own: &Reading,
    ) -> Option<Interval> {
        let Measure::Total { ratio, has_zero } = own.measure else { return None };
        let turn = inputs.row(own.current)?.turn;
        let total = drive.total(Some(turn), (ratio, has_zero));
        let mut restraint = [Interval::exact(0.0); 3];
        let mut rest = total;
        for end in &self.ends {
            let seen = Seen::at(drive, inputs.row(Some(end.pair))?.parts);
            let seen = seen.compensated(turn, (end.ratio, has_zero));
            rest = rest.minus(&seen);
            add(&mut restraint, &seen);
        }
        if self.has_rest {
            add(&mut restraint, &rest);
        }
        let phase = |(operates, restrains): (T, Interval)| {
            let operates = operates.magnitude();
            let needed = |ka: f64| self.required * self.pickup_ka.max(self.slope * ka / 2.0);
            Interval {
                low: operates.low / needed(restrains.high),
                high: operates.high / needed(restrains.low),
            }
        };
        total.phases().into_iter().zip(restraint).map(phase).reduce(Interval::max)
    }
}

fn add<T: Phasor>(restraint: &mut [Interval; 3], seen: &Seen<T>) {
    for (sum, phase) in restraint.iter_mut().zip(seen.phases()) {
        let size = phase.magnitude();
        *sum = Interval { low: sum.low + size.low, high: sum.high + size.high };
    }
}
