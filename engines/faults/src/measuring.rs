//! Currents and voltages at the ends of elements during a fault, computed only where they are asked for.

use num_complex::Complex64;
use rayon::prelude::*;

use crate::Error;
use crate::circuit::part::{NEGATIVE, POSITIVE, Part, Source, ZERO};
use crate::circuit::{Circuit, unit};
use crate::fault::{FaultKind, positive_loop};
use crate::matrix::factor::Workspace;
use crate::measure::{BusVoltages, Measurement};
use crate::point::{Point, Response};
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

/// How the sequences answer at some nodes to a current drawn at a place; the same for all kinds of faults there.
pub(crate) struct Reach<'p> {
    point: &'p Point,
    nodes: Vec<u32>,
    /// None where no fault has a current of the sequence.
    responses: [Option<Response>; 3],
}

/// The state of the three sequences at some nodes during a fault.
pub(crate) struct Seen<'s> {
    fault: &'s Fault,
    point: &'s Point,
    nodes: &'s [u32],
    /// What currents follow from, in the frame of the place.
    driving: [Vec<Complex64>; 3],
    /// Voltages to earth, in the frame of the place.
    voltages: [Vec<Complex64>; 3],
}

/// Currents and voltages of the sequences at the end of an element; no voltages at an open end.
pub(crate) struct Quantities {
    pub(crate) currents_ka: [Complex64; 3],
    pub(crate) voltages_kv: Option<[Complex64; 3]>,
}

impl Study<'_> {
    /// What is seen at the ends of elements during a fault; nothing when the fault could not be computed.
    pub fn measure(&self, fault: &Fault, selection: &Selection) -> Result<Vec<Measurement>, Error> {
        let found = self.measure_all(std::slice::from_ref(fault), selection, &|_| true)?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// What is seen at the ends of elements during each of many faults, in their order. Faults at one place should lie
    /// side by side, as [`Study::all_buses`] has them: what they have in common is computed once. `observe` is told how
    /// many are done and may say to stop by answering false; what is done by then is returned.
    pub fn measure_all(
        &self,
        faults: &[Fault],
        selection: &Selection,
        observe: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<Vec<Vec<Measurement>>, Error> {
        const BATCH: usize = 256;
        let places: Vec<&[Fault]> = faults.chunk_by(|one, other| one.place == other.place).collect();
        let mut found = Vec::with_capacity(faults.len());
        for batch in places.chunks(BATCH) {
            let measured: Result<Vec<Vec<Vec<Measurement>>>, Error> = batch
                .par_iter()
                .map_init(Workspace::default, |work, faults| self.measure_at(faults, selection, work))
                .collect();
            found.extend(measured?.into_iter().flatten());
            if !observe(found.len()) {
                break;
            }
        }
        Ok(found)
    }

    /// Voltages of all nodes during a fault, in the order of [`Study::nodes`].
    pub fn voltages(&self, fault: &Fault) -> Result<Vec<BusVoltages>, Error> {
        let point = Point::of(&self.circuit, &fault.place)?;
        let nodes: Vec<u32> = (0..self.circuit.nodes.len() as u32).collect();
        let mut work = Workspace::default();
        let reach = self.reach(std::slice::from_ref(fault), &point, nodes, &mut work);
        let Some(seen) = self.seen(fault, &reach, &mut work) else {
            return Ok(Vec::new());
        };
        let voltages = |at: usize| {
            let node = &self.circuit.nodes[at];
            let turned = self.turned(at as u32, &point, std::array::from_fn(|s| seen.voltages[s][at]));
            BusVoltages { bus: node.buses[0].clone(), nominal_kv: node.nominal_kv, voltages_kv: turned }
        };
        Ok((0..self.circuit.nodes.len()).map(voltages).collect())
    }

    /// What is seen of faults at one place.
    fn measure_at(
        &self,
        faults: &[Fault],
        selection: &Selection,
        work: &mut Workspace,
    ) -> Result<Vec<Vec<Measurement>>, Error> {
        let point = Point::of(&self.circuit, &faults[0].place)?;
        let parts = select(&self.circuit, &point, selection);
        let reach = self.reach(faults, &point, self.nodes_of(&parts), work);
        let mut found = Vec::with_capacity(faults.len());
        for fault in faults {
            let mut ends = self.measurements(fault, &reach, &parts, work);
            if fault.kappa.is_some() {
                let fed = fault.without_converters();
                let fed = fed.map(|fed| self.measurements(&fed, &reach, &parts, work));
                for (at, end) in ends.iter_mut().enumerate() {
                    end.add_peak(fault, fed.as_ref().map_or(end.currents_ka, |fed| fed[at].currents_ka));
                }
            }
            found.push(ends);
        }
        Ok(found)
    }

    /// The ends of parts during a fault.
    fn measurements(
        &self,
        fault: &Fault,
        reach: &Reach<'_>,
        parts: &[u32],
        work: &mut Workspace,
    ) -> Vec<Measurement> {
        let seen = self.seen(fault, reach, work);
        let ends = seen.iter().flat_map(|seen| {
            let ends = parts.iter().flat_map(|&part| self.ends(part).map(move |end| (part, end)));
            ends.map(|(part, end)| self.measurement(seen, part, end))
        });
        ends.collect()
    }

    /// The ends of a part.
    pub(crate) fn ends(&self, part: u32) -> std::ops::Range<usize> {
        0..self.circuit.parts[part as usize].nodes.len()
    }

    /// The nodes whose voltages the currents of parts follow from, ascending.
    pub(crate) fn nodes_of(&self, parts: &[u32]) -> Vec<u32> {
        let circuit = &self.circuit;
        let mut nodes = Vec::with_capacity(2 * parts.len());
        for part in parts {
            nodes.extend(circuit.parts[*part as usize].nodes.iter().flatten());
            if let Some(&(group, _)) = circuit.coupled.get(part) {
                let group = &circuit.groups[group];
                nodes.extend((0..2 * group.members.len()).filter_map(|end| group.node(end)));
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// How the sequences that faults at a place drive answer at nodes, which are ascending.
    pub(crate) fn reach<'p>(
        &self,
        faults: &[Fault],
        point: &'p Point,
        nodes: Vec<u32>,
        work: &mut Workspace,
    ) -> Reach<'p> {
        let currents = || faults.iter().filter_map(|fault| fault.currents_ka);
        // A floating zero sequence has voltages without a current.
        let is_driven = |sequence: usize| match sequence {
            ZERO => {
                faults.iter().any(|fault| fault.kind.is_to_earth())
                    || currents().any(|own| own[ZERO] != Complex64::ZERO)
            }
            _ => currents().any(|own| own[sequence] != Complex64::ZERO),
        };
        let mut respond = |sequence: usize| {
            is_driven(sequence).then(|| point.response(&self.circuit, sequence, &nodes, work))
        };
        let positive = respond(POSITIVE);
        let negative = if self.circuit.negative_is_positive() && point.is_alike() && is_driven(NEGATIVE) {
            positive.clone()
        } else {
            respond(NEGATIVE)
        };
        let responses = [positive, negative, respond(ZERO)];
        Reach { point, nodes, responses }
    }

    /// The sequences at nodes during a fault; none when it could not be computed.
    pub(crate) fn seen<'s>(
        &self,
        fault: &'s Fault,
        reach: &'s Reach<'_>,
        work: &mut Workspace,
    ) -> Option<Seen<'s>> {
        let currents = fault.currents_ka?;
        let Reach { point, nodes, responses } = reach;
        let mut driving: [Vec<Complex64>; 3] = std::array::from_fn(|sequence| {
            let Some(response) = &responses[sequence] else { return vec![Complex64::ZERO; nodes.len()] };
            let drop =
                if response.own.is_some() { -currents[sequence] } else { floating_voltage(fault, currents) };
            response.transfer.iter().map(|transfer| transfer * drop).collect()
        });
        for (node, current) in self.converter_currents(fault, point, work) {
            let column = self.circuit.sequence(POSITIVE).entries(node, nodes, work);
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
    pub(crate) fn converter_currents(
        &self,
        fault: &Fault,
        point: &Point,
        work: &mut Workspace,
    ) -> Vec<(u32, Complex64)> {
        let Some(currents) = fault.currents_ka.filter(|_| fault.converters_ka > 0.0) else {
            return Vec::new();
        };
        let sources = &self.circuit.current_sources;
        let rows: Vec<u32> = sources.iter().map(|(_, node, _)| *node).collect();
        let response = point.response(&self.circuit, POSITIVE, &rows, work);
        let whole = positive_loop(fault.kind, fault.thevenin, fault.impedance);
        let (Some(_), Some(whole)) = (response.own, whole) else { return Vec::new() };
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

    fn measurement(&self, seen: &Seen<'_>, place: u32, end: usize) -> Measurement {
        let part = &self.circuit.parts[place as usize];
        let Quantities { currents_ka, voltages_kv } = self.quantities(seen, place, end);
        Measurement {
            kind: part.kind,
            id: part.id.clone(),
            end: part.end_name(end),
            bus: part.nodes[end].map(|node| self.circuit.nodes[node as usize].buses[0].clone()),
            currents_ka,
            voltages_kv,
            ip_ka: None,
            ith_ka: None,
            fault_ka: seen.fault.greatest_ka(),
            k0: part.series.map(|[z1, z0]| (z0 - z1) / (z1 * 3.0)),
        }
    }

    /// What is there to be measured at an end of a part.
    pub(crate) fn quantities(&self, seen: &Seen<'_>, place: u32, end: usize) -> Quantities {
        let Some(node) = self.circuit.parts[place as usize].nodes[end] else {
            return Quantities { currents_ka: [Complex64::ZERO; 3], voltages_kv: None };
        };
        let at = seen.place(node);
        let voltages = std::array::from_fn(|sequence| seen.voltages[sequence][at]);
        let currents = std::array::from_fn(|sequence| self.current(seen, place, end, sequence));
        Quantities {
            currents_ka: self.turned(node, seen.point, currents),
            voltages_kv: Some(self.turned(node, seen.point, voltages)),
        }
    }

    /// The current of a sequence into an end, in the frame of the place.
    fn current(&self, seen: &Seen<'_>, place: u32, end: usize, sequence: usize) -> Complex64 {
        let (fault, point) = (seen.fault, seen.point);
        let circuit = &self.circuit;
        let part = &circuit.parts[place as usize];
        let mut current = flow(part, &seen.driving[sequence], seen, sequence, end);
        if point.inside.is_some() {
            current /= point.ratio_of(circuit, place, sequence);
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
    pub(crate) fn turned(
        &self,
        node: u32,
        point: &Point,
        [positive, negative, zero]: [Complex64; 3],
    ) -> [Complex64; 3] {
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
        Selection::Within(hops) => within(circuit, point, *hops),
    }
}

/// Branches with an end not more than so many branches away from a place, ascending.
pub(crate) fn within(circuit: &Circuit, point: &Point, hops: usize) -> Vec<u32> {
    let once = |mut list: Vec<u32>| {
        list.sort_unstable();
        list.dedup();
        list
    };
    let mut nodes = once(point.nodes().into_iter().chain([point.node]).collect());
    let mut frontier = nodes.clone();
    let mut parts = Vec::new();
    for _ in 0..hops {
        let at = frontier.iter().flat_map(|node| circuit.parts_at[*node as usize].iter().copied());
        let near = once(at.filter(|part| circuit.parts[*part as usize].is_branch()).collect());
        let reached = near.iter().flat_map(|part| circuit.parts[*part as usize].nodes.iter().flatten());
        frontier = once(reached.copied().filter(|node| nodes.binary_search(node).is_err()).collect());
        nodes = once(nodes.iter().chain(&frontier).copied().collect());
        parts.extend(near);
    }
    once(parts)
}

fn all(circuit: &Circuit, wanted: impl Fn(&Part) -> bool) -> Vec<u32> {
    let parts = circuit.parts.iter().enumerate();
    parts.filter(|(_, part)| wanted(part)).map(|(at, _)| at as u32).collect()
}
