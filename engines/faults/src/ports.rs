//! Port matrices: what a search over compositions and outages needs of a grid, and nothing else of it.
//!
//! Ports are fault places, relay ends, and whatever can be switched: a switch is a state laid over the base, such as a
//! unit, a line or a whole block out of service, a breaker open at one end, a neutral isolated. Everything else is
//! eliminated once. Switching changes the admittances by a few dyads y u uᵀ, and each dyad changes every port impedance
//! by rank 1 (Woodbury). A change that would cut an island off is told by its vanishing divisor; an estimate of the
//! error goes with the chain of updates, and when it has grown the chain starts again from the base.
//!
//! ```
//! use faults::{Options, Place, PortRequest, Ports, Study};
//! use network::{Change, Feeder, FeederLevel, Model, State, Unit};
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
//!     switches: vec![State::new("G off", vec![Change::Out("G".to_owned())])],
//!     openings: vec![],
//! };
//! let mut ports = Ports::of(&study, &request)?;
//! // 12.1 Ω beside the unit's 20 Ω · K_G = 22 Ω; without the unit, 12.1 Ω alone.
//! assert!((ports.sequences[0].own[0].im - 12.1 * 22.0 / 34.1).abs() < 1e-9);
//! ports.switch_off(0)?;
//! assert!(ports.stays_energized(0, &[0]));
//! assert!((ports.sequences[0].own[0].im - 12.1).abs() < 1e-9);
//! # Ok::<(), faults::Error>(())
//! ```

mod columns;
mod islands;
mod switching;

use std::collections::BTreeSet;

use network::{Change, State};
use num_complex::Complex64;

use crate::Error;
use crate::circuit::Inside;
use crate::circuit::part::{POSITIVE, ZERO};
use crate::fault::{LinePoint, Place};
use crate::point::Point;
use crate::study::Study;
use columns::{Base, Sensor, relay};
use islands::Islands;
use switching::{cuts, switched};

/// A divisor smaller than this part of its terms means that the change cuts an island off or resonates.
const ISLANDED: f64 = 1e-9;

/// An estimated relative error above this starts the chain of updates again from the base.
const DRIFTED: f64 = 1e-10;

/// Which ports are wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PortRequest {
    /// Places of faults.
    pub faults: Vec<Place>,
    /// Ends of elements where relays measure: the element's id and the end, counted from 0. At a bus, by its id, there
    /// is a voltage alone.
    pub relays: Vec<(String, usize)>,
    /// Pairs of a relay and a fault, by their places in the lists.
    pub pairs: Vec<(usize, usize)>,
    /// What can be switched: the state that is laid over the base when a switch is off. No element is in two of them.
    pub switches: Vec<State>,
    /// States that open an end of a line for faults on its way that say so ([`LinePoint::open_end`]). They follow the
    /// switches; while one is off, other faults on the way of its line are not what they seem.
    pub openings: Vec<State>,
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
    /// Voltages before the fault at the relay of each pair in kV, phase to earth; where no path leads to the fault, that
    /// which the relay has without it.
    pub relay_before_kv: Vec<f64>,
    pairs: Vec<(usize, usize)>,
    /// Whether each switch is on.
    is_on: Vec<bool>,
    /// The names of the switches.
    switches: Vec<String>,
    /// The matrices with all switches on.
    base: [PortMatrix; 3],
    energized: Islands,
    earthed: Islands,
    drift: f64,
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
    ///
    /// Faults inside a power station see factors of their own (IEC 60909-0:2016, 7.2): where something is switched, all
    /// faults of a request must lie inside the same one, or none inside any.
    pub fn of(study: &Study<'_>, request: &PortRequest) -> Result<Self, Error> {
        let points = points(study, request)?;
        match points.iter().find_map(|point| point.inside.as_ref()) {
            Some(inside) if !request.switches.is_empty() => {
                check_inside(study, request, &points, inside)?;
                let study = study.seen_from(inside)?;
                Self::between(&study, request, &self::points(&study, request)?)
            }
            _ => Self::between(study, request, &points),
        }
    }

    /// The matrices between points that all see the same network.
    fn between(study: &Study<'_>, request: &PortRequest, points: &[Point]) -> Result<Self, Error> {
        let circuit = &study.circuit;
        let relays: Vec<Sensor> =
            request.relays.iter().map(|(id, end)| relay(circuit, id, *end)).collect::<Result<_, _>>()?;
        check(request)?;
        let states: Vec<State> = request.switches.iter().chain(&request.openings).cloned().collect();
        let switched = switched(study, &states)?;
        let kept: BTreeSet<u32> = points.iter().flat_map(Point::nodes).collect();
        let all_cuts = |sequence| cuts(circuit, &states, &switched, &kept, sequence);
        let cuts = [all_cuts(0)?, all_cuts(1)?, all_cuts(2)?];
        let base = Base { circuit, points, relays: &relays, cuts: &cuts, pairs: &request.pairs };
        let lag = |node: u32| circuit.nodes[node as usize].lag_deg;
        let before = |point: &Point| {
            let nominal_kv = circuit.nodes[point.node as usize].nominal_kv;
            study.before(point, circuit.options.c(nominal_kv))
        };
        let network = circuit.sequence(POSITIVE);
        let relay_before = |&(relay, fault): &(usize, usize)| {
            let (node, point) = (relays[relay].node, &points[fault]);
            let own = before(&Point::at_node(circuit, node)).norm();
            if circuit.before.is_some() || network.area(node) != network.area(point.node) {
                return own;
            }
            let ratio = network.profile[node as usize] / network.profile[point.node as usize];
            before(point).norm() * ratio
        };
        let sequences = [base.matrix(0), base.matrix(1), base.matrix(2)];
        let islands = |sequence| Islands::of(circuit, &switched, points, sequence);
        Ok(Self {
            base: sequences.clone(),
            sequences,
            before_kv: points.iter().map(before).collect(),
            relay_lag_deg: relays.iter().map(|relay| lag(relay.node)).collect(),
            fault_lag_deg: points.iter().map(|point| lag(point.node)).collect(),
            relay_before_kv: request.pairs.iter().map(relay_before).collect(),
            pairs: request.pairs.clone(),
            is_on: vec![true; request.switches.len() + request.openings.len()],
            switches: states.into_iter().map(|state| state.id).collect(),
            energized: islands(POSITIVE),
            earthed: islands(ZERO),
            drift: 0.0,
        })
    }

    /// Whether a switch is on.
    pub fn is_on(&self, switch: usize) -> bool {
        self.is_on[switch]
    }

    /// An estimate of the relative error that the updates since the base have brought.
    pub fn drift(&self) -> f64 {
        self.drift
    }

    /// Whether a fault place keeps a source when these switches, and no others, are off.
    pub fn stays_energized(&self, fault: usize, off: &[usize]) -> bool {
        self.energized.feeds(fault, &self.with_off(off))
    }

    /// Whether a fault place keeps a path to earth in the zero sequence when these switches, and no others, are off.
    pub fn stays_earthed(&self, fault: usize, off: &[usize]) -> bool {
        self.earthed.feeds(fault, &self.with_off(off))
    }

    /// Switches off: lays the switch's state over.
    pub fn switch_off(&mut self, switch: usize) -> Result<(), Error> {
        self.switch(switch, false)
    }

    /// Switches on again.
    pub fn switch_on(&mut self, switch: usize) -> Result<(), Error> {
        self.switch(switch, true)
    }

    fn with_off(&self, off: &[usize]) -> Vec<bool> {
        (0..self.is_on.len()).map(|switch| !off.contains(&switch)).collect()
    }

    fn switch(&mut self, switch: usize, on: bool) -> Result<(), Error> {
        if self.is_on[switch] == on {
            return Ok(());
        }
        let before = (self.sequences.clone(), self.drift);
        self.is_on[switch] = on;
        let mut lost = 0.0;
        for matrix in &mut self.sequences {
            for dyad in 0..matrix.dyads.len() {
                if matrix.dyads[dyad].switch == switch {
                    lost += matrix.update(dyad, on, &self.pairs).unwrap_or(f64::INFINITY);
                }
            }
        }
        self.drift += lost;
        if self.drift <= DRIFTED {
            return Ok(());
        }
        if self.start_again() {
            return Ok(());
        }
        self.is_on[switch] = !on;
        (self.sequences, self.drift) = before;
        Err(Error::Islanded { id: self.switches[switch].clone() })
    }

    /// Takes the base and switches off what is off, the safest dyads first; false when that cuts an island off.
    fn start_again(&mut self) -> bool {
        self.sequences.clone_from(&self.base);
        self.drift = 0.0;
        for matrix in &mut self.sequences {
            let is_off = |dyad: &usize| !self.is_on[matrix.dyads[*dyad].switch];
            let mut left: Vec<usize> = (0..matrix.dyads.len()).filter(is_off).collect();
            while let Some(place) = matrix.safest(&left) {
                let Some(lost) = matrix.update(left.swap_remove(place), false, &self.pairs) else {
                    return false;
                };
                self.drift += lost;
            }
        }
        true
    }
}

fn points(study: &Study<'_>, request: &PortRequest) -> Result<Vec<Point>, Error> {
    let circuit = &study.circuit;
    let opens = |point: &LinePoint| {
        let opening = point.opening().map(|state| state.changes);
        opening.is_some_and(|changes| request.openings.iter().any(|state| state.changes == changes))
    };
    let point = |place: &Place| match place {
        Place::Line(point) if opens(point) => Point::once_opened(circuit, point),
        place => Point::of(circuit, place),
    };
    request.faults.iter().map(point).collect()
}

/// Switches must not meet in an element, nor open an end of a line that has a fault on its way.
fn check(request: &PortRequest) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for state in &request.switches {
        let own: BTreeSet<&str> = state.changes.iter().map(Change::id).collect();
        if let Some(id) = own.into_iter().find(|id| !seen.insert(*id)) {
            return Err(Error::SwitchedTwice { id: id.to_owned() });
        }
    }
    let changes = || request.switches.iter().flat_map(|state| &state.changes);
    let opens = |line: &str, change: &Change| matches!(change, Change::Open { id, .. } if id == line);
    for place in &request.faults {
        if let Place::Line(LinePoint { line, .. }) = place
            && changes().any(|change| opens(line, change))
        {
            return Err(Error::SwitchedPlace { place: line.clone() });
        }
    }
    Ok(())
}

/// Faults inside a power station go with no others, and with no switch of its unit or transformer.
fn check_inside(
    study: &Study<'_>,
    request: &PortRequest,
    points: &[Point],
    inside: &Inside,
) -> Result<(), Error> {
    let is_here = |point: &Point| point.inside.as_ref().is_some_and(|own| own.unit == inside.unit);
    let stray = request.faults.iter().zip(points).find(|(_, point)| !is_here(point));
    let parts = [inside.unit, inside.transformer].map(|part| study.circuit.parts[part as usize].id.as_str());
    let mut changes = request.switches.iter().flat_map(|state| &state.changes);
    let switched = changes.find(|change| parts.contains(&change.id()));
    match (stray, switched) {
        (Some((place, _)), _) => Err(Error::SwitchedPlace { place: place.to_string() }),
        (None, Some(change)) => Err(Error::SwitchedPlace { place: change.id().to_owned() }),
        (None, None) => Ok(()),
    }
}

impl PortMatrix {
    /// By how much digits are lost when a dyad is removed or added: the terms of its divisor over the divisor; with the
    /// divisor.
    fn loss(&self, dyad: usize, on: bool) -> (f64, Complex64) {
        let inverse = self.dyads[dyad].admittance.inv();
        let inverse = if on { inverse } else { -inverse };
        let seen = self.dyad_dyad[dyad * self.dyads.len() + dyad];
        let divisor = inverse + seen;
        (inverse.norm().max(seen.norm()) / divisor.norm(), divisor)
    }

    /// The place in a list of dyads of the one that loses the fewest digits when it is removed.
    fn safest(&self, dyads: &[usize]) -> Option<usize> {
        let loss = |place: &usize| self.loss(dyads[*place], false).0;
        (0..dyads.len()).min_by(|one, other| loss(one).total_cmp(&loss(other)))
    }

    /// Adds or removes a dyad: every impedance changes by −g z zᵀ with g = 1/(±1/y + uᵀZ u). Tells the estimated
    /// relative error it brings; none when it would cut an island off.
    fn update(&mut self, dyad: usize, on: bool, pairs: &[(usize, usize)]) -> Option<f64> {
        let count = self.dyads.len();
        let (loss, divisor) = self.loss(dyad, on);
        if loss.is_nan() || loss >= 1.0 / ISLANDED {
            return None;
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
        Some(f64::EPSILON * loss * loss)
    }
}
