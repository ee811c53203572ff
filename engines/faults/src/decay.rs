//! Peak, thermal and breaking currents of a fault, from the circuit (IEC 60909-0:2016, 8, 9 and 12).

use network::{Finding, Severity};
use num_complex::Complex64;
use rayon::prelude::*;

use crate::breaking::{mu, q};
use crate::circuit::part::{POSITIVE, Part};
use crate::fault::{FaultKind, Thevenin, positive_loop};
use crate::matrix::factor::Workspace;
use crate::matrix::side_by_side::WIDTH;
use crate::method::PeakMethod;
use crate::peak::{by_equivalent_frequency, by_ratio, thermal_m};
use crate::point::Point;
use crate::result::{Fault, MachineShare};
use crate::study::{Study, Wanted};

/// A machine's initial over its rated current up to which it does not decay (IEC 60909-0:2016, 9.1.2).
const LEAST_RATIO: f64 = 2.0;

impl Study<'_> {
    /// Adds what full-size converters feed: their currents at the place, by magnitude (IEC 60909-0:2016, 7.1 to 7.5).
    ///
    /// In unbalanced faults each is taken to feed the positive-sequence current it feeds into a three-phase fault.
    pub(crate) fn add_converters(&self, fault: &mut Fault, point: &Point) {
        if self.circuit.current_sources.is_empty() {
            return;
        }
        let Some(whole) = positive_loop(fault.kind, fault.thevenin, fault.impedance) else { return };
        let sources: Vec<(u32, f64)> =
            self.circuit.current_sources.iter().map(|(_, node, ka)| (*node, ka.norm())).collect();
        let rows: Vec<u32> = sources.iter().map(|(node, _)| *node).collect();
        let response = point.response(&self.circuit, POSITIVE, &rows, &mut Workspace::default());
        if response.own.is_none() {
            return;
        }
        let total: f64 =
            sources.iter().zip(&response.transfer).map(|((_, ka), transfer)| ka * transfer.norm()).sum();
        if let (Some(ikss), Some(currents)) = (&mut fault.ikss_ka, &mut fault.currents_ka) {
            // The parts add up by magnitude, so all are in phase.
            let share = total / whole.norm() / currents[POSITIVE].norm();
            for current in currents {
                *current *= 1.0 + share;
            }
            fault.converters_ka = *ikss * share;
            *ikss += fault.converters_ka;
            if fault.kind != FaultKind::Lll && total > 0.0 {
                fault.findings.push(Finding::new("converters_as_three_phase", Severity::Info));
            }
        }
    }

    /// What full-size converters feed into a three-phase fault where nothing else feeds: with `Z_k` infinite all
    /// `Z_ij`/`Z_k` are the ratios of the voltages (IEC 60909-0:2016, 7.2). None without converters.
    pub(crate) fn converters_alone_ka(&self, point: &Point) -> Option<f64> {
        let network = self.circuit.sequence(POSITIVE);
        let sources = self.circuit.current_sources.iter();
        let here: Vec<(u32, f64)> = sources
            .filter(|(_, node, _)| network.area(*node) == network.area(point.node))
            .map(|(_, node, ka)| (*node, ka.norm()))
            .collect();
        let base = network.profile[point.node as usize];
        let total = here.iter().map(|(node, ka)| ka * network.profile[*node as usize] / base).sum();
        (!here.is_empty()).then_some(total)
    }

    /// Adds the peak and the thermal equivalent current, from the impedances at the frequency of the peak method.
    pub(crate) fn add_peak(&self, fault: &mut Fault, point: &Point, at_peak: Thevenin, wanted: Wanted) {
        let Some(ikss) = fault.ikss_ka.filter(|_| fault.has_source) else { return };
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
            // n = 1: the initial current does not decay (IEC 60909-0:2016, 12, far from generators).
            let factors = [thermal_m(self.frequency_hz * self.options().thermal_s, kappa.value), 1.0];
            fault.ith_ka = Some(ikss * (factors[0] + factors[1]).sqrt());
            fault.thermal = Some(factors);
        }
    }

    /// Adds the breaking current: unbalanced faults decay as if far from generators, `I_b` = I"k.
    pub(crate) fn add_breaking(&self, fault: &mut Fault, point: &Point, work: &mut Workspace) {
        fault.take_breaking(self.decaying(fault, point, work).unwrap_or_default());
    }

    /// The machines whose currents decay for a fault; none where nothing does by its kind or method.
    fn decaying(&self, fault: &Fault, point: &Point, work: &mut Workspace) -> Option<Vec<MachineShare>> {
        if fault.kind != FaultKind::Lll || !self.options().method.is_iec() {
            return None;
        }
        let fed = fault.fed_ka()?;
        let machines = &self.circuit.machines;
        let rows: Vec<u32> = machines.iter().map(|(_, node)| *node).collect();
        let response = point.response(&self.circuit, POSITIVE, &rows, work);
        let share = |(&(part, _), transfer): (&(u32, u32), Complex64)| {
            let y = self.circuit.parts[part as usize].admittances[POSITIVE].at(0, 0);
            let y = match &point.inside {
                Some(inside) if inside.unit == part => y / inside.ratios[0],
                _ => y,
            };
            self.share(&self.circuit.parts[part as usize], y * transfer * fed, y, fault.before_kv)
        };
        Some(machines.iter().zip(response.transfer).filter_map(share).collect())
    }

    /// The machines whose currents decay for three-phase faults at every node, by the currents fed at the nodes and
    /// the voltages before; the machines' columns serve all nodes.
    pub(crate) fn decays(&self, fed: &[Option<(Complex64, Complex64)>]) -> Vec<Vec<MachineShare>> {
        let network = self.circuit.sequence(POSITIVE);
        let at_once = |few: &[(u32, u32)]| -> Vec<(usize, MachineShare)> {
            let nodes: Vec<u32> = few.iter().map(|(_, node)| *node).collect();
            let columns = network.factor.columns(&nodes);
            let machine = |&(part, _): &(u32, u32)| {
                let part = &self.circuit.parts[part as usize];
                let rated_ka = part.rating.map_or(f64::INFINITY, |rating| rating.rated_ka);
                (part, part.admittances[POSITIVE].at(0, 0), (LEAST_RATIO * rated_ka).powi(2))
            };
            let known: Vec<(&Part, Complex64, f64)> = few.iter().map(machine).collect();
            let mut found = Vec::new();
            for (node, (fed, transfers)) in fed.iter().zip(&columns).enumerate() {
                let Some((fed, before_kv)) = *fed else { continue };
                for (&(part, y, least), transfer) in known.iter().zip(transfers) {
                    let current = y * transfer * fed;
                    if current.norm_sqr() > least {
                        found.extend(self.share(part, current, y, before_kv).map(|share| (node, share)));
                    }
                }
            }
            found
        };
        let found: Vec<Vec<(usize, MachineShare)>> =
            self.circuit.machines.par_chunks(WIDTH).map(at_once).collect();
        let mut decays = vec![Vec::new(); fed.len()];
        for (node, share) in found.into_iter().flatten() {
            decays[node].push(share);
        }
        decays
    }

    /// By how much a machine's current has decayed at `t_min` (IEC 60909-0:2016, 9.1.2); none where it has not.
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
        if ratio <= LEAST_RATIO {
            return None;
        }
        let t_min = self.options().breaking_s;
        // Far from a motor nothing decays: the technical report's far buses keep their initial current.
        let (mu, q) = (mu(t_min, ratio), rating.motor_mw_per_pair.map_or(1.0, |mw| q(t_min, mw)));
        if mu * q >= 1.0 {
            return None;
        }
        let drop_kv = current * Complex64::new(0.0, y.inv().im);
        let decay_ka = drop_kv / before_kv * (1.0 - mu * q) * current;
        Some(MachineShare { kind: part.kind, id: part.id.clone(), initial_ka, ratio, mu, q, decay_ka })
    }
}
