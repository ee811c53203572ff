//! Port matrices: what a search over compositions and outages needs of a grid, and nothing else of it.
//!
//! Ports are fault places, relay ends, and whatever can be switched: units, lines, transformers, feeders. Everything
//! else is eliminated once. Switching changes the admittances by a few dyads g u uᵀ, and each dyad changes every
//! port impedance by rank 1 (Woodbury). A change that would cut an island off is told by its vanishing divisor.
//!
//! ```
//! use faults::{Options, Place, PortRequest, Ports, Study};
//! use network::{Feeder, FeederLevel, Line, Model, Unit};
//!
//! let level = FeederLevel { sk_mva: Some(1100.0), rx: Some(0.0), ..FeederLevel::default() };
//! let unit = Unit { rated_kv: Some(110.0), rated_mva: Some(121.0), xdss_percent: Some(20.0), cos_phi: Some(1.0),
//!     r_ohm: Some(0.0), ..Unit::new("G", "A") };
//! let model = Model::new()
//!     .bus("A", 110.0)
//!     .feeder(Feeder { max: Some(level), ..Feeder::new("grid", "A") })
//!     .unit(unit);
//! let study = Study::of(&model, &[], &Options::iec_max())?;
//! let request = PortRequest {
//!     faults: vec![Place::Bus("A".to_owned())],
//!     relays: vec![],
//!     pairs: vec![],
//!     switches: vec!["G".to_owned()],
//! };
//! let mut ports = Ports::of(&study, &request)?;
//! // 12.1 Ω beside the unit's 20 Ω · K_G = 22 Ω; without the unit, 12.1 Ω alone.
//! assert!((ports.sequences[0].own[0].im - 12.1 * 22.0 / 34.1).abs() < 1e-9);
//! ports.switch_off(0)?;
//! assert!((ports.sequences[0].own[0].im - 12.1).abs() < 1e-9);
//! # Ok::<(), faults::Error>(())
//! ```

mod columns;

use num_complex::Complex64;

use crate::Error;
use crate::fault::Place;
use crate::point::Point;
use crate::study::Study;
use columns::{Base, part_with, relay};

/// A divisor smaller than this part of its terms means that the change cuts an island off or resonates.
const ISLANDED: f64 = 1e-9;

/// Which ports are wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PortRequest {
    /// Places of faults.
    pub faults: Vec<Place>,
    /// Ends of elements where relays measure: the element's id and the end, counted from 0.
    pub relays: Vec<(String, usize)>,
    /// Pairs of a relay and a fault, by their places in the lists.
    pub pairs: Vec<(usize, usize)>,
    /// Ids of elements that can be switched. All are in service in the base state.
    pub switches: Vec<String>,
}

/// The port matrices of a state.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Positive, negative and zero sequence.
    pub sequences: [PortMatrix; 3],
    /// Voltages before a fault at each fault place in kV, phase to earth.
    pub before_kv: Vec<Complex64>,
    /// Clock of each relay's node against the island's first node, in degrees: positive sequences lag by so much.
    pub relay_lag_deg: Vec<f64>,
    /// The same of each fault place.
    pub fault_lag_deg: Vec<f64>,
    pairs: Vec<(usize, usize)>,
    /// Whether each switch is on.
    is_on: Vec<bool>,
    switches: Vec<String>,
}

/// One sequence's impedances between ports. Matrices are by rows.
#[derive(Debug, Clone, PartialEq)]
pub struct PortMatrix {
    /// The dyads of the switches.
    pub dyads: Vec<Dyad>,
    /// Impedance of each fault place in Ω; infinite where it has no path to earth.
    pub own: Vec<Complex64>,
    /// Whether a fault place has no path to earth in this sequence.
    pub floats: Vec<bool>,
    /// Current into the relay's element per current into the fault, for each pair.
    pub kappa: Vec<Complex64>,
    /// Impedance between the relay's node and the fault in Ω, for each pair: the voltage falls by it.
    pub transfer: Vec<Complex64>,
    /// `a`: current into the relay's element per current injected along a dyad; relay by dyad.
    pub relay_dyad: Vec<Complex64>,
    /// Voltage at the relay's node per current injected along a dyad; relay by dyad.
    pub relay_voltage_dyad: Vec<Complex64>,
    /// `B`: impedance between fault place and dyad in Ω; fault by dyad.
    pub fault_dyad: Vec<Complex64>,
    /// Impedance between dyads in Ω; dyad by dyad.
    pub dyad_dyad: Vec<Complex64>,
}

/// A part g u uᵀ of a switch's admittances.
#[derive(Debug, Clone, PartialEq)]
pub struct Dyad {
    /// The switch it belongs to, by its place in the request.
    pub switch: usize,
    /// g in S.
    pub admittance: Complex64,
}

impl Ports {
    /// The port matrices of a study's state.
    pub fn of(study: &Study<'_>, request: &PortRequest) -> Result<Self, Error> {
        let circuit = &study.circuit;
        let points: Vec<Point> =
            request.faults.iter().map(|place| Point::of(circuit, place)).collect::<Result<_, _>>()?;
        let relays: Vec<(u32, usize)> =
            request.relays.iter().map(|(id, end)| relay(circuit, id, *end)).collect::<Result<_, _>>()?;
        let switches: Vec<u32> =
            request.switches.iter().map(|id| part_with(circuit, id)).collect::<Result<_, _>>()?;
        let base =
            Base { circuit, points: &points, relays: &relays, switches: &switches, pairs: &request.pairs };
        let lag = |node: u32| circuit.nodes[node as usize].lag_deg;
        let relay_lag =
            |&(part, end): &(u32, usize)| circuit.parts[part as usize].nodes[end].map_or(0.0, lag);
        let before = |point: &Point| {
            let nominal_kv = circuit.nodes[point.node as usize].nominal_kv;
            study.before(point, circuit.options.c(nominal_kv))
        };
        Ok(Self {
            sequences: [base.matrix(0)?, base.matrix(1)?, base.matrix(2)?],
            before_kv: points.iter().map(before).collect(),
            relay_lag_deg: relays.iter().map(relay_lag).collect(),
            fault_lag_deg: points.iter().map(|point| lag(point.node)).collect(),
            pairs: request.pairs.clone(),
            is_on: vec![true; switches.len()],
            switches: request.switches.clone(),
        })
    }

    /// Whether a switch is on.
    pub fn is_on(&self, switch: usize) -> bool {
        self.is_on[switch]
    }

    /// Takes a switch's element out of service.
    pub fn switch_off(&mut self, switch: usize) -> Result<(), Error> {
        self.switch(switch, false)
    }

    /// Puts a switch's element into service again.
    pub fn switch_on(&mut self, switch: usize) -> Result<(), Error> {
        self.switch(switch, true)
    }

    fn switch(&mut self, switch: usize, on: bool) -> Result<(), Error> {
        if self.is_on[switch] == on {
            return Ok(());
        }
        let before = self.sequences.clone();
        for matrix in &mut self.sequences {
            for dyad in 0..matrix.dyads.len() {
                if matrix.dyads[dyad].switch == switch && !matrix.update(dyad, on, &self.pairs) {
                    self.sequences = before;
                    return Err(Error::Islanded { id: self.switches[switch].clone() });
                }
            }
        }
        self.is_on[switch] = on;
        Ok(())
    }
}

impl PortMatrix {
    /// Adds or removes a dyad: every impedance changes by −g z zᵀ with g = 1/(±1/y + uᵀZ u). False when it would
    /// cut an island off.
    fn update(&mut self, dyad: usize, on: bool, pairs: &[(usize, usize)]) -> bool {
        let count = self.dyads.len();
        let inverse = self.dyads[dyad].admittance.inv();
        let inverse = if on { inverse } else { -inverse };
        let seen = self.dyad_dyad[dyad * count + dyad];
        let divisor = inverse + seen;
        if divisor.norm() <= ISLANDED * inverse.norm().max(seen.norm()) {
            return false;
        }
        let g = divisor.inv();
        let row = |values: &[Complex64], at: usize| values[at * count + dyad];
        for (place, &(relay, fault)) in pairs.iter().enumerate() {
            let driven = g * row(&self.fault_dyad, fault);
            self.kappa[place] += row(&self.relay_dyad, relay) * driven;
            self.transfer[place] -= row(&self.relay_voltage_dyad, relay) * driven;
        }
        for (fault, own) in self.own.iter_mut().enumerate() {
            let entry = row(&self.fault_dyad, fault);
            *own -= g * entry * entry;
        }
        let own_row: Vec<Complex64> = self.dyad_dyad[dyad * count..(dyad + 1) * count].to_vec();
        for values in
            [&mut self.relay_dyad, &mut self.relay_voltage_dyad, &mut self.fault_dyad, &mut self.dyad_dyad]
        {
            for line in values.chunks_mut(count) {
                let factor = g * line[dyad];
                for (value, own) in line.iter_mut().zip(&own_row) {
                    *value -= factor * own;
                }
            }
        }
        true
    }
}
