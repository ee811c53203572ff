//! Faults of a model in a state under a source model: the entry to this engine.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use network::{Finding, Model, Severity, State, View};
use num_complex::Complex64;

use crate::Error;
use crate::circuit::builder::Frequency;
use crate::circuit::part::{NEGATIVE, POSITIVE, ZERO};
use crate::circuit::{Circuit, Inside, unit};
use crate::fault::{FaultImpedance, FaultKind, Place, Thevenin, initial_ka, sequence_currents};
use crate::matrix::factor::Workspace;
use crate::meshed::Meshes;
use crate::method::{Options, PeakMethod};
use crate::point::Point;
use crate::result::Fault;

/// Part of the rated frequency at which R/X is taken for κ: 20 Hz of 50 Hz (IEC 60909-0:2016, 8.1.2, method (c)).
const EQUIVALENT_FREQUENCY: f64 = 0.4;

/// Voltage factors with sense: more or less than these is a slip of the pen.
const VOLTAGE_FACTORS: RangeInclusive<f64> = 0.5..=2.0;

/// A model in a state, ready for faults.
#[derive(Debug)]
pub struct Study<'a> {
    pub(crate) view: View<'a>,
    pub(crate) circuit: Circuit,
    /// The circuit at the frequency of the peak method.
    peak: OnceLock<Result<Circuit, Error>>,
    meshes: OnceLock<Meshes>,
    pub(crate) frequency_hz: f64,
}

/// Which of the quantities after the initial current are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Peak current.
    pub peak: bool,
    /// Breaking current.
    pub breaking: bool,
    /// Thermal equivalent current.
    pub thermal: bool,
}

impl Wanted {
    /// Everything.
    pub const ALL: Self = Self { peak: true, breaking: true, thermal: true };
    /// The initial currents alone.
    pub const INITIAL: Self = Self { peak: false, breaking: false, thermal: false };
}

/// A fault that is asked for.
pub(crate) struct Request {
    pub(crate) place: Place,
    pub(crate) kind: FaultKind,
    pub(crate) impedance: FaultImpedance,
}

impl<'a> Study<'a> {
    /// Prepares a model with states laid over it.
    pub fn of(model: &'a Model, states: &[&'a State], options: &Options) -> Result<Self, Error> {
        check(options)?;
        if let Some(hz) = model.frequency_hz.filter(|hz| !(*hz > 0.0 && hz.is_finite())) {
            return Err(Error::Frequency { hz });
        }
        let view = View::of(model, states)?;
        let circuit = Circuit::of(&view, options, Frequency::RATED)?;
        let frequency_hz = model.frequency_hz.unwrap_or(50.0);
        Ok(Self { view, circuit, peak: OnceLock::new(), meshes: OnceLock::new(), frequency_hz })
    }

    /// The choices it was prepared with.
    pub fn options(&self) -> &Options {
        &self.circuit.options
    }

    /// What was noticed about the model.
    pub fn findings(&self) -> &[Finding] {
        &self.circuit.findings
    }

    /// Values that were assumed because the model lacks them.
    pub fn assumptions(&self) -> &[Finding] {
        &self.circuit.assumptions
    }

    /// The buses in service, node by node; the first of each node names it.
    pub fn nodes(&self) -> impl Iterator<Item = &[String]> {
        self.circuit.nodes.iter().map(|node| node.buses.as_slice())
    }

    /// A fault.
    pub fn fault(
        &self,
        place: &Place,
        kind: FaultKind,
        impedance: FaultImpedance,
        wanted: Wanted,
    ) -> Result<Fault, Error> {
        impedance.check()?;
        let point = Point::of(&self.circuit, place)?;
        let mut work = Workspace::default();
        let thevenin = Self::thevenin(&self.circuit, &point, &mut work);
        let request = Request { place: place.clone(), kind, impedance };
        let mut fault = self.fault_with(request, &point, thevenin);
        self.add(&mut fault, &point, wanted, &mut work)?;
        Ok(fault)
    }

    /// The same study as faults inside a power station see it.
    pub(crate) fn seen_from(&self, inside: &Inside) -> Result<Self, Error> {
        Ok(Self {
            view: self.view.clone(),
            circuit: self.circuit.seen_from(inside)?,
            peak: OnceLock::new(),
            meshes: OnceLock::new(),
            frequency_hz: self.frequency_hz,
        })
    }

    /// Impedances of the sequences at a point of a circuit.
    pub(crate) fn thevenin(circuit: &Circuit, point: &Point, work: &mut Workspace) -> Thevenin {
        let own = |sequence, work: &mut Workspace| point.response(circuit, sequence, &[], work).own;
        let z1 = own(POSITIVE, work).unwrap_or(Complex64::ZERO);
        let z2 = if circuit.negative_is_positive() { z1 } else { own(NEGATIVE, work).unwrap_or(z1) };
        Thevenin { z1, z2, z0: own(ZERO, work) }
    }

    pub(crate) fn fault_with(
        &self,
        Request { place, kind, impedance }: Request,
        point: &Point,
        thevenin: Thevenin,
    ) -> Fault {
        let node = &self.circuit.nodes[point.node as usize];
        let c = self.options().c(node.nominal_kv);
        let before = self.before(point, c);
        let mut fault = Fault::new(place, kind, node.nominal_kv, before, thevenin);
        if self.options().method.is_iec() {
            fault.voltage_factor = Some(c);
        }
        fault.impedance = impedance;
        if let Some(inside) = &point.inside {
            fault.station_factors.push(inside.factor.clone());
        }
        let nodes = point.nodes();
        let lacks = [POSITIVE, NEGATIVE, ZERO].map(|sequence| self.circuit.lack_at(sequence, &nodes));
        fault.lacks = lacks.map(|lack| lack.is_some());
        if let Some(lack) = lacks[POSITIVE] {
            fault.findings.push(lack.clone());
            return fault;
        }
        if !node.is_live {
            let alone_ka = self.converters_alone_ka(point);
            let (code, severity) = match alone_ka {
                Some(_) => ("only_converters", Severity::Warning),
                None => ("no_source", Severity::Error),
            };
            fault.findings.push(Finding::new(code, severity).about("buses", &node.buses[0]));
            fault.has_source = false;
            fault.ikss_ka = alone_ka.filter(|_| kind == FaultKind::Lll);
            fault.converters_ka = fault.ikss_ka.unwrap_or(0.0);
            return fault;
        }
        if kind.is_to_earth() {
            if let Some(lack) = lacks[ZERO] {
                fault.findings.push(lack.clone());
                return fault;
            }
            if thevenin.z0.is_none() {
                let finding =
                    Finding::new("zero_sequence_floats", Severity::Info).about("buses", &node.buses[0]);
                fault.findings.push(finding);
            }
        }
        let currents = sequence_currents(kind, before, thevenin, impedance);
        if currents.iter().any(|current| !current.is_finite()) {
            let finding = Finding::new("not_finite", Severity::Error).about("buses", &node.buses[0]);
            fault.findings.push(finding);
            return fault;
        }
        fault.currents_ka = Some(currents);
        fault.ikss_ka = Some(initial_ka(kind, currents));
        self.add_converters(&mut fault, point);
        fault
    }

    /// The voltage at the place before the fault in kV, phase to earth: `c·U_n/√3`, or what the EMFs make.
    pub(crate) fn before(&self, point: &Point, c: f64) -> Complex64 {
        match &self.circuit.before {
            None => {
                let nominal = self.circuit.nodes[point.node as usize].nominal_kv;
                let kv = point.inside.as_ref().map_or(nominal, |inside| inside.rated_kv);
                Complex64::new(c * kv / 3f64.sqrt(), 0.0)
            }
            Some(before) => {
                let turned = unit(-self.circuit.nodes[point.node as usize].lag_deg);
                point.weighted(POSITIVE, before) * turned
            }
        }
    }

    pub(crate) fn add(
        &self,
        fault: &mut Fault,
        point: &Point,
        wanted: Wanted,
        work: &mut Workspace,
    ) -> Result<(), Error> {
        if wanted.peak || wanted.thermal {
            let circuit = self.peak_circuit()?;
            let place = Point::of(circuit, &fault.place)?;
            let at_peak = Self::thevenin(circuit, &place, work);
            self.add_peak(fault, point, at_peak, wanted);
        }
        if wanted.breaking {
            self.add_breaking(fault, point, work);
        }
        Ok(())
    }

    pub(crate) fn peak_circuit(&self) -> Result<&Circuit, Error> {
        let make = || {
            let ratio = match self.options().peak {
                PeakMethod::RatioAtFault => 1.0,
                PeakMethod::EquivalentFrequency | PeakMethod::ThreePhaseKappa => EQUIVALENT_FREQUENCY,
            };
            let frequency = Frequency { ratio, fictitious_resistance: true };
            Circuit::of(&self.view, self.options(), frequency)
        };
        self.peak.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    pub(crate) fn is_meshed(&self, node: u32) -> bool {
        self.meshes.get_or_init(|| Meshes::of(&self.circuit)).is_meshed(node)
    }

    pub(crate) const fn equivalent_ratio() -> f64 {
        EQUIVALENT_FREQUENCY
    }
}

fn check(options: &Options) -> Result<(), Error> {
    let positive = [("breaking_s", options.breaking_s), ("thermal_s", options.thermal_s)];
    for (name, value) in positive {
        if !(value > 0.0 && value.is_finite()) {
            return Err(Error::Option { name, value, wanted: "give a time above 0 s" });
        }
    }
    match options.voltage_factor {
        Some(value) if !VOLTAGE_FACTORS.contains(&value) => {
            Err(Error::Option { name: "voltage_factor", value, wanted: "give a factor from 0.5 to 2" })
        }
        _ => Ok(()),
    }
}
