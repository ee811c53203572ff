//! The result of a fault at its place.

use network::{Finding, Severity};
use num_complex::Complex64;
use serde::Serialize;

use crate::factors::Factor;
use crate::fault::{FaultImpedance, FaultKind, Place, Thevenin, phases};
use crate::peak::Kappa;

/// What a fault causes at its place. A current that could not be computed is absent, and a finding says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// Which kind it is.
    pub kind: FaultKind,
    /// Nominal voltage there in kV.
    pub nominal_kv: f64,
    /// The voltage factor c; none with EMFs.
    pub voltage_factor: Option<f64>,
    /// Voltage before the fault in kV, phase to earth: `c·U_n/√3` with IEC 60909.
    pub before_kv: Complex64,
    /// Whether a source behind an impedance feeds the place; without one `thevenin` says nothing of the positive and
    /// negative sequence, and the current of a three-phase fault is that of converters alone.
    pub has_source: bool,
    /// Which of the positive, negative and zero sequence hang on elements without usable data: `thevenin` says nothing of
    /// them.
    pub lacks: [bool; 3],
    /// Impedances of the sequences in Ω at the place.
    pub thevenin: Thevenin,
    /// What lies in the way of the current.
    pub impedance: FaultImpedance,
    /// Initial currents of the positive, negative and zero sequence into the fault in kA.
    pub currents_ka: Option<[Complex64; 3]>,
    /// Initial symmetrical short-circuit current I"k in kA: of the faulted phase, the greater of two.
    pub ikss_ka: Option<f64>,
    /// The part of it that full-size converters add (IEC 60909-0:2016, 6.9).
    pub converters_ka: f64,
    /// Peak current `i_p` in kA.
    pub ip_ka: Option<f64>,
    /// The factor of the peak current.
    pub kappa: Option<Kappa>,
    /// Symmetrical breaking current `I_b` in kA.
    pub breaking_ka: Option<f64>,
    /// Thermal equivalent current `I_th` in kA.
    pub ith_ka: Option<f64>,
    /// The factors m and n of the thermal equivalent current.
    pub thermal: Option<[f64; 2]>,
    /// The machines whose currents have decayed until the breaking current.
    pub machines: Vec<MachineShare>,
    /// Factors that hold because the fault is inside a power station.
    pub station_factors: Vec<Factor>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// What a machine takes from the breaking current.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MachineShare {
    /// `units` or `motors`.
    pub kind: &'static str,
    /// The machine.
    pub id: String,
    /// Its initial current at its own voltage in kA.
    pub initial_ka: f64,
    /// That current over its rated current.
    pub ratio: f64,
    /// μ.
    pub mu: f64,
    /// q of a motor, 1 for others.
    pub q: f64,
    /// What it takes from the breaking current, in kA at the place of the fault.
    pub decay_ka: Complex64,
}

impl Fault {
    pub(crate) fn new(
        place: Place,
        kind: FaultKind,
        nominal_kv: f64,
        before_kv: Complex64,
        thevenin: Thevenin,
    ) -> Self {
        Self {
            place,
            kind,
            nominal_kv,
            voltage_factor: None,
            before_kv,
            has_source: true,
            lacks: [false; 3],
            thevenin,
            impedance: FaultImpedance::default(),
            currents_ka: None,
            ikss_ka: None,
            converters_ka: 0.0,
            ip_ka: None,
            kappa: None,
            breaking_ka: None,
            ith_ka: None,
            thermal: None,
            machines: Vec::new(),
            station_factors: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Impedances of the positive, negative and zero sequence at the place in Ω; none where infinite or unknown, see
    /// `lacks`.
    pub fn impedances_ohm(&self) -> [Option<Complex64>; 3] {
        let Thevenin { z1, z2, z0 } = self.thevenin;
        let all = [self.has_source.then_some(z1), self.has_source.then_some(z2), z0];
        std::array::from_fn(|sequence| all[sequence].filter(|_| !self.lacks[sequence]))
    }

    /// What impedances, not converters, feed of the positive-sequence current, in kA.
    pub(crate) fn fed_ka(&self) -> Option<Complex64> {
        let (currents, ikss) = (self.currents_ka?, self.ikss_ka?);
        Some(currents[0] * ((ikss - self.converters_ka) / ikss))
    }

    /// Takes what has decayed from the initial current; without machines the breaking current is the initial one.
    pub(crate) fn take_breaking(&mut self, machines: Vec<MachineShare>) {
        self.breaking_ka = self.ikss_ka.filter(|_| self.has_source);
        if let (false, Some(fed)) = (machines.is_empty(), self.fed_ka()) {
            let decay: Complex64 = machines.iter().map(|share| share.decay_ka).sum();
            self.breaking_ka = Some((fed - decay).norm() + self.converters_ka);
            if self.thermal.is_some() && machines.iter().any(|share| share.mu * share.q < 1.0) {
                self.findings.push(Finding::new("thermal_undecayed", Severity::Info));
            }
            self.machines = machines;
        }
    }

    /// The fault without what converters add; none where they add nothing.
    pub(crate) fn without_converters(&self) -> Option<Self> {
        let share = 1.0 - self.converters_ka / self.ikss_ka.filter(|_| self.converters_ka > 0.0)?;
        let currents_ka = self.currents_ka.map(|currents| currents.map(|current| current * share));
        Some(Self { currents_ka, converters_ka: 0.0, ..self.clone() })
    }

    /// Currents of phases a, b and c into the fault in kA.
    pub fn phase_currents_ka(&self) -> Option<[Complex64; 3]> {
        self.currents_ka.map(phases)
    }

    /// The greatest current of a phase into the fault in kA.
    pub(crate) fn greatest_ka(&self) -> f64 {
        let currents = self.phase_currents_ka().unwrap_or_default();
        currents.iter().map(|current| current.norm()).fold(0.0, f64::max)
    }

    /// Current into earth 3I0 in kA.
    pub fn earth_ka(&self) -> Option<Complex64> {
        self.currents_ka.map(|currents| currents[2] * 3.0)
    }

    /// Initial short-circuit power in MVA: √`3·U_n·I"k` of three-phase faults, `U_n/√3·I"k` of others.
    pub fn skss_mva(&self) -> Option<f64> {
        let phases = if self.kind == FaultKind::Lll { 3.0 } else { 1.0 };
        self.ikss_ka.map(|ka| phases / 3f64.sqrt() * self.nominal_kv * ka)
    }
}
