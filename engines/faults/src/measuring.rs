//! Currents and voltages at the ends of elements during a fault, computed only where they are asked for.

use std::collections::BTreeSet;

use num_complex::Complex64;

use crate::Error;
use crate::circuit::part::{POSITIVE, Part, Source, ZERO};
use crate::circuit::{Circuit, unit};
use crate::fault::FaultKind;
use crate::matrix::factor::Workspace;
use crate::measure::{BusVoltages, Measurement};
use crate::point::Point;
use crate::result::Fault;
use crate::study::Study;

/// Which elements are measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Lines, series elements and transformers.
    Branches,
    /// Those and the sources and shunts.
    Elements,
    /// Branches with an end not more than so many branches away from the fault.
    Within(usize),
    /// The elements with these ids.
    Ids(Vec<String>),
}

/// Voltages below this part of that before the fault are rounding.
const NOTHING: f64 = 1e-12;

/// The state of the three sequences at some nodes.
struct Seen<'s> {
    fault: &'s Fault,
    point: &'s Point,
    nodes: Vec<u32>,
    /// What currents follow from, in the frame of the place.
    driving: [Vec<Complex64>; 3],
    /// Voltages to earth, in the frame of the place.
    voltages: [Vec<Complex64>; 3],
}

impl Study<'_> {
    /// What is seen at the ends of elements during a fault; nothing when the fault could not be computed.
    pub fn measure(&self, fault: &Fault, selection: &Selection) -> Result<Vec<Measurement>, Error> {
        let mut work = Workspace::default();
        let point = Point::of(&self.circuit, &fault.place)?;
        Ok(self.measure_at(fault, &point, selection, &mut work))
    }

    /// Voltages of all nodes during a fault, in the order of [`Study::nodes`].
    pub fn voltages(&self, fault: &Fault) -> Result<Vec<BusVoltages>, Error> {
        let point = Point::of(&self.circuit, &fault.place)?;
        let nodes: Vec<u32> = (0..self.circuit.nodes.len() as u32).collect();
        let Some(seen) = self.seen(fault, &point, nodes, &mut Workspace::default()) else {
            return Ok(Vec::new());
        };
        let voltages = |at: usize| {
            let node = &self.circuit.nodes[at];
            let turned = self.turned(at as u32, &point, std::array::from_fn(|s| seen.voltages[s][at]));
            BusVoltages { bus: node.buses[0].clone(), nominal_kv: node.nominal_kv, voltages_kv: turned }
        };
        Ok((0..self.circuit.nodes.len()).map(voltages).collect())
    }

    pub(crate) fn measure_at(
        &self,
        fault: &Fault,
        point: &Point,
        selection: &Selection,
        work: &mut Workspace,
    ) -> Vec<Measurement> {
        let circuit = &self.circuit;
        let parts = select(circuit, point, selection);
        let mut nodes: BTreeSet<u32> = BTreeSet::new();
        for &part in &parts {
            nodes.extend(circuit.parts[part as usize].nodes.iter().flatten());
            if let Some(&(group, _)) = circuit.coupled.get(&part) {
                let group = &circuit.groups[group];
                nodes.extend((0..2 * group.members.len()).filter_map(|end| group.node(end)));
            }
        }
        let Some(seen) = self.seen(fault, point, nodes.into_iter().collect(), work) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for part in parts {
            for end in 0..circuit.parts[part as usize].nodes.len() {
                found.push(self.at_end(&seen, part, end));
            }
        }
        found
    }

    /// The sequences at nodes; none when the fault could not be computed.
    fn seen<'s>(
        &self,
        fault: &'s Fault,
        point: &'s Point,
        nodes: Vec<u32>,
        work: &mut Workspace,
    ) -> Option<Seen<'s>> {
        let currents = fault.currents_ka?;
        let mut driving: [Vec<Complex64>; 3] = std::array::from_fn(|_| Vec::new());
        for sequence in [0, 1, 2] {
            let is_quiet = currents[sequence] == Complex64::ZERO && sequence != ZERO;
            if is_quiet {
                driving[sequence] = vec![Complex64::ZERO; nodes.len()];
                continue;
            }
            let response = point.response(&self.circuit, sequence, &nodes, work);
            let drop =
                if response.own.is_some() { -currents[sequence] } else { floating_voltage(fault, currents) };
            driving[sequence] = response.transfer.iter().map(|transfer| transfer * drop).collect();
        }
        for (node, current) in self.converter_currents(fault, point, work) {
            let column = self.circuit.sequence(POSITIVE).entries(node, &nodes, work);
            for (voltage, entry) in driving[POSITIVE].iter_mut().zip(column) {
                *voltage += entry * current;
            }
        }
        let mut voltages = driving.clone();
        let network = self.circuit.sequence(POSITIVE);
        for (at, &node) in nodes.iter().enumerate() {
            match &self.circuit.before {
                Some(before) => {
                    let turned = unit(-self.circuit.nodes[point.node as usize].lag_deg);
                    voltages[POSITIVE][at] += before[node as usize] * turned;
                    driving[POSITIVE][at] = voltages[POSITIVE][at];
                }
                None if network.area(node) == network.area(point.node) => {
                    let ratio = network.profile[node as usize] / network.profile[point.node as usize];
                    let voltage = &mut voltages[POSITIVE][at];
                    *voltage += fault.before_kv * ratio;
                    if voltage.norm() < NOTHING * fault.before_kv.norm() * ratio {
                        *voltage = Complex64::ZERO;
                    }
                }
                None => {}
            }
        }
        Some(Seen { fault, point, nodes, driving, voltages })
    }

    /// The currents of full-size converters during the fault by node. Their parts of the fault current are in phase
    /// with the rest, as the sum by magnitude has it.
    fn converter_currents(
        &self,
        fault: &Fault,
        point: &Point,
        work: &mut Workspace,
    ) -> Vec<(u32, Complex64)> {
        let Some(currents) = fault.currents_ka.filter(|_| fault.converters_ka > 0.0) else {
            return Vec::new();
        };
        let sources: Vec<(u32, u32, Complex64)> = self.circuit.current_sources().collect();
        let rows: Vec<u32> = sources.iter().map(|(_, node, _)| *node).collect();
        let response = point.response(&self.circuit, POSITIVE, &rows, work);
        let Some(own) = response.own else { return Vec::new() };
        let whole = own + fault.impedance.fault_ohm + fault.impedance.arc_ohm;
        let phase = |transfer: Complex64| {
            let turned = currents[POSITIVE] * whole / transfer;
            turned / turned.norm()
        };
        sources
            .iter()
            .zip(response.transfer)
            .map(|(&(_, node, ka), z)| (node, phase(z) * ka.norm()))
            .collect()
    }

    fn at_end(&self, seen: &Seen<'_>, place: u32, end: usize) -> Measurement {
        let part = &self.circuit.parts[place as usize];
        let mut measurement = Measurement {
            kind: part.kind,
            id: part.id.clone(),
            end: part.end_name(end),
            bus: None,
            currents_ka: [Complex64::ZERO; 3],
            voltages_kv: None,
            k0: part.series.map(|[z1, z0]| (z0 - z1) / (z1 * 3.0)),
        };
        let Some(node) = part.nodes[end] else { return measurement };
        let at = seen.place(node);
        measurement.bus = Some(self.circuit.nodes[node as usize].buses[0].clone());
        let voltages = std::array::from_fn(|sequence| seen.voltages[sequence][at]);
        measurement.voltages_kv = Some(self.turned(node, seen.point, voltages));
        let currents = std::array::from_fn(|sequence| self.current(seen, place, end, sequence));
        measurement.currents_ka = self.turned(node, seen.point, currents);
        measurement
    }

    /// The current of a sequence into an end, in the frame of the place.
    fn current(&self, seen: &Seen<'_>, place: u32, end: usize, sequence: usize) -> Complex64 {
        let (fault, point) = (seen.fault, seen.point);
        let circuit = &self.circuit;
        let part = &circuit.parts[place as usize];
        let mut current = flow(part, &seen.driving[sequence], seen, sequence, end);
        if let Some(inside) = &point.inside {
            for (other, ratio) in [inside.unit, inside.transformer].into_iter().zip(inside.ratios) {
                if other == place {
                    current /= ratio;
                }
            }
        }
        if sequence == POSITIVE
            && circuit.before.is_some()
            && let (Some(Source::Emf(emf)), Some(node)) = (part.source, part.nodes[0])
        {
            let lag = circuit.nodes[node as usize].lag_deg - circuit.nodes[point.node as usize].lag_deg;
            current -= part.admittances[POSITIVE].at(0, 0) * emf * unit(lag);
        }
        let drawn = fault.currents_ka.map_or(Complex64::ZERO, |currents| currents[sequence]);
        if let (ZERO, Some(&(group, member))) = (sequence, circuit.coupled.get(&place)) {
            let own = &circuit.groups[group];
            let row = 2 * member + end;
            for column in 0..2 * own.members.len() {
                if let Some(node) = own.node(column) {
                    current += own.admittance.at(row, column) * seen.driving[ZERO][seen.place(node)];
                }
            }
        }
        current += point.share_of(circuit, place, end, sequence) * drawn;
        current
    }

    /// Quantities at a node turned by its clock against the place's.
    fn turned(&self, node: u32, point: &Point, [positive, negative, zero]: [Complex64; 3]) -> [Complex64; 3] {
        let lag = self.circuit.nodes[node as usize].lag_deg - self.circuit.nodes[point.node as usize].lag_deg;
        if lag == 0.0 {
            return [positive, negative, zero];
        }
        [positive * unit(-lag), negative * unit(lag), zero]
    }
}

impl Seen<'_> {
    fn place(&self, node: u32) -> usize {
        self.nodes.binary_search(&node).expect("all nodes of the selected elements are seen")
    }
}

fn flow(part: &Part, driving: &[Complex64], seen: &Seen<'_>, sequence: usize, end: usize) -> Complex64 {
    let block = &part.admittances[sequence];
    if block.order() == 0 {
        return Complex64::ZERO;
    }
    let skew = part.skew.as_ref().map(|skew| &skew[sequence]).filter(|skew| skew.order() > 0);
    let terms = part.nodes.iter().enumerate().filter_map(|(column, node)| {
        let admittance = block.at(end, column) + skew.map_or(Complex64::ZERO, |skew| skew.at(end, column));
        Some(admittance * driving[seen.place((*node)?)])
    });
    terms.sum()
}

/// The zero-sequence voltage at a place without a path to earth: what the fault itself imposes.
fn floating_voltage(fault: &Fault, [positive, negative, _]: [Complex64; 3]) -> Complex64 {
    let v1 = fault.before_kv - fault.thevenin.z1 * positive;
    let v2 = -fault.thevenin.z2 * negative;
    match fault.kind {
        FaultKind::Lg => -(v1 + v2),
        FaultKind::Llg => v1 - positive * fault.impedance.arc_ohm,
        FaultKind::Lll | FaultKind::Ll => Complex64::ZERO,
    }
}

fn select(circuit: &Circuit, point: &Point, selection: &Selection) -> Vec<u32> {
    let branch = |part: &Part| part.is_branch();
    match selection {
        Selection::Branches => all(circuit, branch),
        Selection::Elements => all(circuit, |_| true),
        Selection::Ids(ids) => all(circuit, |part| ids.contains(&part.id)),
        Selection::Within(hops) => {
            let start: BTreeSet<u32> = point.nodes().into_iter().chain([point.node]).collect();
            let mut nodes = start;
            let mut parts: BTreeSet<u32> = BTreeSet::new();
            for _ in 0..*hops {
                let near: Vec<u32> =
                    nodes.iter().flat_map(|node| circuit.parts_at[*node as usize].iter().copied()).collect();
                for place in near {
                    let part = &circuit.parts[place as usize];
                    if part.is_branch() && parts.insert(place) {
                        nodes.extend(part.nodes.iter().flatten());
                    }
                }
            }
            parts.into_iter().collect()
        }
    }
}

fn all(circuit: &Circuit, wanted: impl Fn(&Part) -> bool) -> Vec<u32> {
    let parts = circuit.parts.iter().enumerate();
    parts.filter(|(_, part)| wanted(part)).map(|(at, _)| at as u32).collect()
}
