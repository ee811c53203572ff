//! What relays see: sequence and phase currents and voltages at the ends of elements, and loop impedances.

use num_complex::Complex64;
use serde::Serialize;

use crate::fault::phases;
use crate::result::Fault;

/// Currents and voltages at an end of an element during a fault. Currents flow from the bus into the element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// The collection of the element.
    pub kind: &'static str,
    /// The element.
    pub id: String,
    /// Which end: `from`, `to`, `hv`, `mv`, `lv`, or `bus` for what has one.
    pub end: &'static str,
    /// The bus there; none at an open end.
    pub bus: Option<String>,
    /// Currents of the positive, negative and zero sequence in kA.
    pub currents_ka: [Complex64; 3],
    /// Voltages to earth of the positive, negative and zero sequence in kV; none at an open end.
    pub voltages_kv: Option<[Complex64; 3]>,
    /// Peak current in kA of the phase that has the greatest, where the fault's κ was asked for: κ applies to what
    /// machines and feeders drive through the element, converters keep their current.
    pub ip_ka: Option<f64>,
    /// Thermal equivalent current in kA of the phase that has the greatest, with the fault's m and n.
    pub ith_ka: Option<f64>,
    /// The greatest current of a phase into the fault in kA, beside which rounding is seen.
    pub fault_ka: f64,
    /// (z0 − z1)/(3 z1) of the line, by which the earth loops are compensated; none where there is none.
    pub k0: Option<Complex64>,
}

/// Voltages of a bus during a fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BusVoltages {
    /// The bus, the first of its node.
    pub bus: String,
    /// Its nominal voltage in kV.
    pub nominal_kv: f64,
    /// Voltages to earth of the positive, negative and zero sequence in kV.
    pub voltages_kv: [Complex64; 3],
}

/// Impedances of the six loops a distance relay measures, in Ω.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Loops {
    /// (`V_a` − `V_b)/(I_a` − `I_b`) and so on: ab, bc, ca; none where no current flows.
    pub phase_ohm: [Option<Complex64>; 3],
    /// `V_a/(I_a` + k0 3I0) and so on: a, b, c.
    pub earth_ohm: [Option<Complex64>; 3],
}

/// Currents below this part of the greatest, here or into the fault, are rounding.
const NOTHING: f64 = 1e-9;

impl Measurement {
    /// Currents of phases a, b and c in kA.
    pub fn phase_currents_ka(&self) -> [Complex64; 3] {
        phases(self.currents_ka)
    }

    /// Voltages of phases a, b and c to earth in kV; none at an open end.
    pub fn phase_voltages_kv(&self) -> Option<[Complex64; 3]> {
        self.voltages_kv.map(phases)
    }

    /// The residual current 3I0 in kA.
    pub fn residual_ka(&self) -> Complex64 {
        self.currents_ka[2] * 3.0
    }

    /// The loop impedances; none at an open end, nor of a loop without a current of its own.
    pub fn loops(&self) -> Option<Loops> {
        let (currents, voltages) = (self.phase_currents_ka(), self.phase_voltages_kv()?);
        let greatest = currents.iter().map(|current| current.norm()).fold(self.fault_ka, f64::max);
        let ratio = |voltage: Complex64, current: Complex64| {
            (current.norm() > NOTHING * greatest && greatest > 0.0).then(|| voltage / current)
        };
        let k0 = self.k0.unwrap_or(Complex64::ZERO);
        Some(Loops {
            phase_ohm: std::array::from_fn(|at| {
                let next = (at + 1) % 3;
                ratio(voltages[at] - voltages[next], currents[at] - currents[next])
            }),
            earth_ohm: std::array::from_fn(|at| {
                ratio(voltages[at], currents[at] + k0 * self.residual_ka()).filter(|_| self.k0.is_some())
            }),
        })
    }

    /// Adds the peak and the thermal equivalent by the factors of the fault; `fed` is the same end without converters.
    pub(crate) fn add_peak(&mut self, fault: &Fault, fed: [Complex64; 3]) {
        let greatest =
            |currents: [Complex64; 3]| phases(currents).iter().map(|i| i.norm()).fold(0.0, f64::max);
        let own = self.currents_ka;
        self.ip_ka = fault.kappa.map(|kappa| {
            let with_offset = std::array::from_fn(|s| fed[s] * kappa.value + (own[s] - fed[s]));
            2f64.sqrt() * greatest(with_offset)
        });
        self.ith_ka = fault.thermal.map(|[m, n]| (m + n).sqrt() * greatest(own));
    }

    /// The same for a fault on other phases: what phase a had, b has (once) or c (twice).
    #[must_use]
    pub fn rotated(mut self, times: u8) -> Self {
        self.currents_ka = rotate(self.currents_ka, times);
        self.voltages_kv = self.voltages_kv.map(|voltages| rotate(voltages, times));
        self
    }
}

/// Sequences of the same fault on other phases, the voltages before it staying: what phase a had, b has (once) or c
/// (twice).
pub fn rotate([positive, negative, zero]: [Complex64; 3], times: u8) -> [Complex64; 3] {
    let turn = Complex64::from_polar(1.0, (120.0 * f64::from(times % 3)).to_radians());
    [positive, negative * turn, zero * turn * turn]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_beside_the_fault_is_no_loop() {
        let kv = |re: f64| Complex64::new(re, 0.0);
        let end = |ka: f64| Measurement {
            kind: "lines",
            id: "L".to_owned(),
            end: "from",
            bus: Some("A".to_owned()),
            currents_ka: [Complex64::new(0.0, -ka), Complex64::ZERO, Complex64::ZERO],
            voltages_kv: Some([kv(60.0), kv(1.0), kv(2.0)]),
            ip_ka: None,
            ith_ka: None,
            fault_ka: 5.0,
            k0: Some(kv(0.7)),
        };
        let seen = end(0.1).loops().unwrap();
        assert!(seen.phase_ohm.into_iter().chain(seen.earth_ohm).all(|z| z.is_some()));
        // 1e-17 kA beside a fault of 5 kA is what subtraction leaves.
        let noise = end(1e-17).loops().unwrap();
        assert!(noise.phase_ohm.into_iter().chain(noise.earth_ohm).all(|z| z.is_none()));
    }
}
