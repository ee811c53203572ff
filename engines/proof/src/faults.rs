//! The greatest and least a relay may read, from disks around what its network shows.

use num_complex::Complex64;

use crate::disk::{Disk, Span};
use crate::{Measure, Reading, Witness};

/// Below this current, kA, relays measure nothing.
pub(crate) const LEAST_KA: f64 = 1e-6;
/// Below this voltage, kV, or reactance, Ω, a fault is at the relay itself.
const CLOSE: f64 = 1e-6;

/// What one sequence shows: the admittance of the fault point, and each row per volt there.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) fault: Disk,
    pub(crate) rows: Vec<Disk>,
}

impl Shown {
    /// A sequence without a path.
    pub(crate) fn nothing(rows: usize) -> Self {
        Self { fault: Disk::real(0.0), rows: vec![Disk::real(0.0); rows] }
    }
}

/// A fault: the voltage each sequence loses at its point, kV, and what the network shows.
pub(crate) struct Fault<'a> {
    witness: &'a Witness,
    shown: &'a [Shown; 3],
    volts: [Disk; 3],
}

impl<'a> Fault<'a> {
    /// None where nothing can be said.
    pub(crate) fn new(witness: &'a Witness, shown: &'a [Shown; 3]) -> Option<Self> {
        let volts = volts(witness, [0, 1, 2].map(|s| shown[s].fault))?;
        Some(Self { witness, shown, volts })
    }

    /// Least and greatest reading.
    pub(crate) fn reading(&self, reading: &Reading) -> Option<Span> {
        match reading.measure {
            Measure::Total { .. } => Some(greatest(phases(self.total(reading)?))),
            Measure::Voltage => {
                let least = phases(self.relay_volts(reading)?).map(Disk::size);
                least.into_iter().reduce(Span::lesser)
            }
            Measure::Phase => Some(greatest(phases(self.currents(reading)?))),
            Measure::Negative => Some(self.currents(reading)?[1].size()),
            Measure::Residual => {
                let Span(least, most) = self.currents(reading)?[2].size();
                Some(Span(3.0 * least, 3.0 * most))
            }
            Measure::Power { sequence, turn } => {
                let (volts, currents) = (self.relay_volts(reading)?, self.currents(reading)?);
                let (v, i) = (volts.get(sequence)?, currents.get(sequence)?);
                Some(v.mul(i.conj()).by(-9.0 * turn).re())
            }
            Measure::Bearing { sequence, turn } => self.bearing(reading, sequence, turn),
            Measure::Mho { z_set, k0 } => self.farthest(reading, k0, &|i, v| {
                measurable(i, || {
                    let Span(least, most) = v.size();
                    if least < CLOSE {
                        let low = if most < CLOSE { f64::INFINITY } else { f64::NEG_INFINITY };
                        return Some(Span(low, f64::INFINITY));
                    }
                    Some(i.mul(v.inv()?).by(z_set).re())
                })
            }),
            Measure::Quadrilateral { z_set, k0 } => self.farthest(reading, k0, &|i, v| {
                measurable(i, || {
                    let z = v.mul(i.inv()?);
                    Some(ahead(z_set.im, z.by(-Complex64::I).re()).lesser(sideways(z_set.re, z.re())))
                })
            }),
        }
    }

    /// What operates and what restrains, phase by phase.
    pub(crate) fn biased(
        &self,
        reading: &Reading,
        ends: &[(usize, f64)],
        has_rest: bool,
    ) -> Option<Vec<(Span, Span)>> {
        let Measure::Total { has_zero, .. } = reading.measure else { return None };
        let own = reading.current?;
        let total = self.total(reading)?;
        let mut rest = total;
        let mut restrains = [Span(0.0, 0.0); 3];
        let mut add = |currents: [Disk; 3]| {
            for (sum, phase) in restrains.iter_mut().zip(phases(currents)) {
                let Span(least, most) = phase.size();
                *sum = Span(sum.0 + least, sum.1 + most);
            }
        };
        for &(row, ratio) in ends {
            let end = self.brought(self.of_row(row)?, own, (ratio, has_zero))?;
            rest = [0, 1, 2].map(|s| rest[s].add(end[s].by(-Complex64::ONE)));
            add(end);
        }
        if has_rest {
            add(rest);
        }
        Some(phases(total).map(Disk::size).into_iter().zip(restrains).collect())
    }

    /// The fault's own current as a relay has it.
    fn total(&self, reading: &Reading) -> Option<[Disk; 3]> {
        let Measure::Total { ratio, has_zero } = reading.measure else { return None };
        let currents = [0, 1, 2].map(|s| self.volts[s].mul(self.shown[s].fault));
        self.brought(currents, reading.current?, (ratio, has_zero))
    }

    /// Currents brought to the clock of a row and a voltage, with or without the zero sequence.
    fn brought(
        &self,
        [one, two, zero]: [Disk; 3],
        row: usize,
        (ratio, has_zero): (f64, bool),
    ) -> Option<[Disk; 3]> {
        let turn = self.witness.views.get(row)?.turn;
        let zero = if has_zero { zero.by(ratio.into()) } else { Disk::real(0.0) };
        Some([one.by(turn * ratio), two.by(turn.conj() * ratio), zero])
    }

    /// What a row shows by the fault's clock.
    fn of_row(&self, row: usize) -> Option<[Disk; 3]> {
        let seen = |s: usize| Some(self.volts[s].mul(*self.shown[s].rows.get(row)?));
        Some([seen(0)?, seen(1)?, seen(2)?])
    }

    fn currents(&self, reading: &Reading) -> Option<[Disk; 3]> {
        let row = reading.current?;
        self.brought(self.of_row(row)?, row, (1.0, true))
    }

    fn relay_volts(&self, reading: &Reading) -> Option<[Disk; 3]> {
        let row = reading.voltage?;
        let before = [self.witness.views.get(row)?.kv, 0.0, 0.0];
        let lost = self.of_row(row)?;
        let left = [0, 1, 2].map(|s| Disk::real(before[s]).add(lost[s].by(-Complex64::ONE)));
        self.brought(left, row, (1.0, true))
    }

    /// The farthest reach over the loops that may see the fault: the one it closes, phase a to earth or b to c; beyond a
    /// transformer that turns all six.
    fn farthest(
        &self,
        reading: &Reading,
        k0: Complex64,
        reach: &dyn Fn(Disk, Disk) -> Option<Span>,
    ) -> Option<Span> {
        let (i, v) = (self.currents(reading)?, self.relay_volts(reading)?);
        let mut earth = i[2].by(3.0 * k0);
        if let Some((row, k0m)) = reading.parallel {
            earth = earth.add(self.of_row(row)?[2].by(3.0 * k0m));
        }
        let (phase_i, phase_v) = (phases(i), phases(v));
        let to_earth = |at: usize| reach(phase_i[at].add(earth), phase_v[at]);
        let difference = |x: [Disk; 3], one: usize, other: usize| x[one].add(x[other].by(-Complex64::ONE));
        if self.witness.views.get(reading.current?)?.turn == Complex64::ONE {
            return match self.witness.kind.as_str() {
                "lg" => to_earth(0),
                _ => reach(difference(i, 0, 1), difference(v, 0, 1)),
            };
        }
        let mut farthest = Span(f64::NEG_INFINITY, f64::NEG_INFINITY);
        for at in 0..3 {
            let next = (at + 1) % 3;
            let between = reach(difference(phase_i, at, next), difference(phase_v, at, next))?;
            for own in [between, to_earth(at)?] {
                farthest = Span(farthest.0.max(own.0), farthest.1.max(own.1));
            }
        }
        Some(farthest)
    }

    fn bearing(&self, reading: &Reading, sequence: usize, turn: Complex64) -> Option<Span> {
        let (volts, currents) = (self.relay_volts(reading)?, self.currents(reading)?);
        let polar = match sequence {
            0 => {
                let own = self.witness.views.get(reading.voltage?)?;
                Disk::point(own.turn * own.kv)
            }
            _ => volts.get(sequence)?.by(-Complex64::ONE),
        };
        let seen = polar.mul(currents.get(sequence)?.conj()).by(turn);
        let (Span(low, high), Span(near, far)) = (seen.re(), seen.size());
        let cosine = |along: f64, size: f64| if along == 0.0 { 0.0 } else { (along / size).clamp(-1.0, 1.0) };
        let ends = |along: f64, rising: bool| cosine(along, if (along > 0.0) == rising { far } else { near });
        Some(Span(ends(low, true), ends(high, false)))
    }
}

/// A current that is too small reaches nothing.
fn measurable(current: Disk, measured: impl Fn() -> Option<Span>) -> Option<Span> {
    let Span(least, most) = current.size();
    if most < LEAST_KA {
        return Some(Span(0.0, 0.0));
    }
    let seen = measured()?;
    Some(if least < LEAST_KA { seen.lesser(Span(0.0, f64::INFINITY)) } else { seen })
}

/// How far a reactance reaches: never behind the relay, always to the relay itself.
fn ahead(setting: f64, Span(low, high): Span) -> Span {
    let reach = |x: f64| if x > CLOSE { setting / x } else { f64::INFINITY };
    let if_ahead = |is_ahead: bool, reach: f64| if is_ahead { reach } else { 0.0 };
    Span(if_ahead(low > -CLOSE, reach(high)), if_ahead(high > -CLOSE, reach(low)))
}

fn sideways(setting: f64, Span(low, high): Span) -> Span {
    let most = low.abs().max(high.abs());
    let least = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
    let reach = |r: f64| if r > 0.0 { setting / r } else { f64::INFINITY };
    Span(reach(most), reach(least))
}

fn phases([one, two, zero]: [Disk; 3]) -> [Disk; 3] {
    let a = Complex64::from_polar(1.0, 2.0 * std::f64::consts::FRAC_PI_3);
    let phase = |first: Complex64, second: Complex64| one.by(first).add(two.by(second)).add(zero);
    [phase(Complex64::ONE, Complex64::ONE), phase(a * a, a), phase(a, a * a)]
}

fn greatest(phases: [Disk; 3]) -> Span {
    phases
        .into_iter()
        .map(Disk::size)
        .fold(Span(0.0, 0.0), |one, other| Span(one.0.max(other.0), one.1.max(other.1)))
}

/// The voltage each sequence loses at the fault point, kV.
fn volts(witness: &Witness, [y1, y2, y0]: [Disk; 3]) -> Option<[Disk; 3]> {
    let is_alike = witness.negative.is_none();
    let kv = Disk::real(witness.fault_kv);
    let (zero, one) = (Disk::real(0.0), Disk::real(1.0));
    let r = witness.resistance_ohm;
    let floats = y0.c == Complex64::ZERO && y0.r == 0.0;
    let share = if is_alike { one } else { y1.mul(y2.inv()?) };
    let split = |sum: Disk| -> Option<[Disk; 2]> {
        let first = kv.mul(sum.inv()?);
        Some([first, if is_alike { first } else { first.mul(share) }])
    };
    Some(match witness.kind.as_str() {
        "lll" => [kv.mul(one.add(y1.by(r.into())).inv()?), zero, zero],
        "ll" => {
            let [first, second] = split(one.add(share).add(y1.by(r.into())))?;
            [first, second.by(-Complex64::ONE), zero]
        }
        "lg" if floats => [zero, zero, kv],
        "lg" => {
            let earth = y0.inv()?.add(Disk::real(3.0 * r));
            let [first, second] = split(one.add(share).add(y1.mul(earth)))?;
            let others = y1.inv()?.add(y2.inv()?).add(Disk::real(3.0 * r));
            [first, second, kv.mul(one.add(y0.mul(others)).inv()?)]
        }
        _ => {
            let through = one.add(y0.by((3.0 * r).into())).inv()?;
            let ground = y0.mul(through);
            let (first, second) = if is_alike {
                let q = ground.mul(y1.inv()?);
                (one.add(one.add(q).inv()?).inv()?, one.add(one).add(q).inv()?)
            } else {
                let beside = y2.add(ground);
                (one.add(y1.mul(beside.inv()?)).inv()?, one.add(beside.mul(y1.inv()?)).inv()?)
            };
            let second = kv.mul(second).by(-Complex64::ONE);
            [kv.mul(first), second, second.mul(through)]
        }
    })
}
