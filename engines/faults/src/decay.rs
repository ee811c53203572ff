//! Peak, thermal and breaking currents of a fault, from the circuit (IEC 60909-0:2016, 8, 9 and 12).

use network::{Finding, Severity};
use num_complex::Complex64;

use crate::breaking::{mu, q};
use crate::circuit::part::{POSITIVE, Part};
use crate::fault::{FaultKind, Thevenin};
use crate::matrix::factor::Workspace;
use crate::method::PeakMethod;
use crate::peak::{by_equivalent_frequency, by_ratio, thermal_m};
use crate::point::Point;
use crate::result::{Fault, MachineShare};
use crate::study::{Study, Wanted};

impl Study<'_> {
    /// Adds what full-size converters feed: their currents at the place, by magnitude (IEC 60909-0:2016, 7.1).
    pub(crate) fn add_converters(&self, fault: &mut Fault, point: &Point) {
        if fault.kind != FaultKind::Lll || !self.circuit.has_current_sources() {
            return;
        }
        let sources: Vec<(u32, f64)> =
            self.circuit.current_sources().map(|(_, node, ka)| (node, ka.norm())).collect();
        let rows: Vec<u32> = sources.iter().map(|(node, _)| *node).collect();
        let response = point.response(&self.circuit, POSITIVE, &rows, &mut Workspace::default());
        let Some(own) = response.own else { return };
        let total: f64 =
            sources.iter().zip(&response.transfer).map(|((_, ka), transfer)| ka * transfer.norm()).sum();
        let whole = own + fault.impedance.fault_ohm + fault.impedance.arc_ohm;
        fault.converters_ka = total / whole.norm();
        if let (Some(ikss), Some(currents)) = (&mut fault.ikss_ka, &mut fault.currents_ka) {
            // The parts add up by magnitude, so all are in phase.
            currents[POSITIVE] *= (*ikss + fault.converters_ka) / *ikss;
            *ikss += fault.converters_ka;
        }
    }

    /// Adds the peak and the thermal equivalent current, from the impedances at the frequency of the peak method.
    pub(crate) fn add_peak(&self, fault: &mut Fault, point: &Point, at_peak: Thevenin, wanted: Wanted) {
        let Some(ikss) = fault.ikss_ka else { return };
        let z_f = fault.impedance.fault_ohm.re + fault.impedance.arc_ohm;
        let method = self.options().peak;
        let z = match (fault.kind, at_peak.z0) {
            (FaultKind::Lg, Some(z0)) if method != PeakMethod::ThreePhaseKappa => {
                at_peak.z1 + at_peak.z2 + z0 + 3.0 * z_f
            }
            (FaultKind::Ll, _) => at_peak.z1 + at_peak.z2 + z_f,
            _ => at_peak.z1 + z_f,
        };
        let kappa = match method {
            PeakMethod::RatioAtFault => by_ratio(z, fault.nominal_kv, self.is_meshed(point.node)),
            PeakMethod::EquivalentFrequency | PeakMethod::ThreePhaseKappa => {
                by_equivalent_frequency(z, Self::equivalent_ratio(), method)
            }
        };
        if !kappa.value.is_finite() {
            fault.findings.push(Finding::new("ratio_not_usable", Severity::Warning).with("rx", kappa.rx));
            return;
        }
        let fed = ikss - fault.converters_ka;
        if wanted.peak {
            fault.ip_ka = Some(2f64.sqrt() * (kappa.value * fed + fault.converters_ka));
        }
        fault.kappa = Some(kappa);
        if wanted.thermal {
            // n = 1: the initial current does not decay (far from generators), which is on the safe side near them.
            let factors = [thermal_m(self.frequency_hz * self.options().thermal_s, kappa.value), 1.0];
            fault.ith_ka = Some(ikss * (factors[0] + factors[1]).sqrt());
            fault.thermal = Some(factors);
        }
    }

    /// Adds the breaking current: unbalanced faults decay as if far from generators, `I_b` = I"k.
    pub(crate) fn add_breaking(&self, fault: &mut Fault, point: &Point, work: &mut Workspace) {
        let Some(ikss) = fault.ikss_ka else { return };
        fault.breaking_ka = Some(ikss);
        if fault.kind != FaultKind::Lll || !self.options().method.is_iec() {
            return;
        }
        let Some(currents) = fault.currents_ka else { return };
        let fed = currents[POSITIVE] * ((ikss - fault.converters_ka) / ikss);
        let machines: Vec<(u32, u32)> = self.circuit.machines().collect();
        let rows: Vec<u32> = machines.iter().map(|(_, node)| *node).collect();
        let response = point.response(&self.circuit, POSITIVE, &rows, work);
        for ((part, _), transfer) in machines.into_iter().zip(response.transfer) {
            let part = &self.circuit.parts[part as usize];
            let y = part.admittances[POSITIVE].at(0, 0);
            let y = point
                .inside
                .as_ref()
                .filter(|inside| self.circuit.parts[inside.unit as usize].id == part.id)
                .map_or(y, |inside| y / inside.ratios[0]);
            let current = y * transfer * fed;
            fault.machines.extend(self.share(part, current, y, fault.before_kv));
        }
        let decay: Complex64 = fault.machines.iter().map(|share| share.decay_ka).sum();
        fault.breaking_ka = Some((fed - decay).norm() + fault.converters_ka);
    }

    /// By how much a machine's current has decayed at `t_min` (IEC 60909-0:2016, 9.1.2).
    ///
    /// With ΔU = jX I the norm's quotient ΔU/(c `U_n/√3`) times I is the same at any voltage level, in phasors.
    fn share(
        &self,
        part: &Part,
        current: Complex64,
        y: Complex64,
        before_kv: Complex64,
    ) -> Option<MachineShare> {
        let rating = part.rating?;
        let initial_ka = current.norm();
        let ratio = initial_ka / rating.rated_ka;
        let t_min = self.options().breaking_s;
        // Far from a motor nothing decays: the technical report's far buses keep their initial current.
        let motor_mw = rating.motor_mw_per_pair.filter(|_| ratio > 2.0);
        let (mu, q) = (mu(t_min, ratio), motor_mw.map_or(1.0, |mw| q(t_min, mw)));
        let drop_kv = current * Complex64::new(0.0, y.inv().im);
        let decay_ka = drop_kv / before_kv * (1.0 - mu * q) * current;
        Some(MachineShare { kind: part.kind, id: part.id.clone(), initial_ka, ratio, mu, q, decay_ka })
    }
}
