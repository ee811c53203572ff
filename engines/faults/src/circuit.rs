//! The circuit of a model under a source model: its parts, its nodes, and the networks of the three sequences.

mod branches;
pub(crate) mod builder;
pub(crate) mod coupling;
mod gaps;
pub(crate) mod part;
pub(crate) mod sequence;
mod shunts;
mod sources;
pub(crate) mod transformers;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use network::{Finding, Severity, Topology, View};
use num_complex::Complex64;

use crate::Error;
use crate::factors::{self, Station};
use crate::method::Options;
use crate::point::Change;
use builder::{Builder, Frequency, Notes};
use coupling::Group;
use gaps::{Gap, Gaps};
use part::{NEGATIVE, POSITIVE, Part, Source, ZERO};
use sequence::{Sequence, Sequences};

/// The circuit.
#[derive(Debug, Clone)]
pub(crate) struct Circuit {
    pub(crate) options: Options,
    pub(crate) nodes: Vec<Node>,
    pub(crate) node_of_bus: HashMap<String, u32>,
    pub(crate) parts: Vec<Part>,
    /// The parts at each node.
    pub(crate) parts_at: Vec<Vec<u32>>,
    pub(crate) part_of: HashMap<(&'static str, String), u32>,
    pub(crate) groups: Vec<Group>,
    /// Group and member of a line's part.
    pub(crate) coupled: HashMap<u32, (usize, usize)>,
    positive: Sequence,
    /// None: as the positive sequence.
    negative: Option<Sequence>,
    zero: Sequence,
    /// Voltages before the fault in kV, phase to earth, turned back by the clocks; none under IEC 60909.
    pub(crate) before: Option<Vec<Complex64>>,
    /// Power stations by the nodes inside them.
    pub(crate) inside: HashMap<u32, Inside>,
    /// What hangs on elements without usable data, in the positive (and negative) and in the zero sequence.
    gaps: [Gaps; 2],
    /// The nodes of branches that are no more than a piece of busbar.
    pub(crate) joined: BTreeMap<String, Vec<Option<u32>>>,
    /// What the symmetric matrices lack of elements that are not reciprocal.
    pub(crate) skew: Vec<Change>,
    /// The machines whose currents decay: their parts and nodes.
    pub(crate) machines: Vec<(u32, u32)>,
    /// What feeds a current of its own: the parts, their nodes, the currents in kA.
    pub(crate) current_sources: Vec<(u32, u32, Complex64)>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) assumptions: Vec<Finding>,
}

/// An electrical node.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its buses, the first names it.
    pub(crate) buses: Vec<String>,
    pub(crate) nominal_kv: f64,
    /// By how many degrees its positive sequence lags its island's first node.
    pub(crate) lag_deg: f64,
    /// Whether a source behind an impedance feeds its island: converters alone do not.
    pub(crate) is_live: bool,
}

/// A power station seen from a fault inside it.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    pub(crate) unit: u32,
    pub(crate) transformer: u32,
    /// The unit's factor; the transformer has none.
    pub(crate) factor: factors::Factor,
    pub(crate) ratios: [f64; 2],
    /// Rated voltage of the unit in kV, which stands in for the nominal one.
    pub(crate) rated_kv: f64,
}

impl Circuit {
    pub(crate) fn of(view: &View<'_>, options: &Options, frequency: Frequency) -> Result<Self, Error> {
        let topology = Topology::of(view);
        let mut nodes = nodes(view, &topology)?;
        let nominal_kv: Vec<f64> = nodes.iter().map(|node| node.nominal_kv).collect();
        let mut builder = Builder::new(view, &topology, (options, frequency), &nominal_kv);
        builder.all();
        let groups = builder.groups();
        let stations = builder.stations.clone();
        let Notes { mut findings, assumptions, gaps, zero_gaps, joined } = std::mem::take(&mut builder.notes);
        let mut parts = std::mem::take(&mut builder.parts);
        let part_of: HashMap<(&'static str, String), u32> =
            parts.iter().enumerate().map(|(at, part)| ((part.kind, part.id.clone()), at as u32)).collect();
        let coupled = take_coupled(&mut parts, &groups, &part_of);
        let mut parts_at = vec![Vec::new(); nodes.len()];
        for (at, part) in parts.iter().enumerate() {
            for node in part.nodes.iter().flatten() {
                if parts_at[*node as usize].last() != Some(&(at as u32)) {
                    parts_at[*node as usize].push(at as u32);
                }
            }
        }
        findings.extend(turn(&mut nodes, &parts, &parts_at));
        put_in_phase(&mut parts, &nodes);
        let order = nodes.len();
        let Sequences { positive, negative, zero } = Sequences::of(order, &parts, &groups)?;
        mark_live(&mut nodes, &parts, &positive);
        let node_of_bus = nodes
            .iter()
            .enumerate()
            .flat_map(|(at, node)| node.buses.iter().map(move |bus| (bus.clone(), at as u32)))
            .collect();
        let mut circuit = Self {
            options: *options,
            nodes,
            node_of_bus,
            parts,
            parts_at,
            part_of,
            groups,
            coupled,
            positive,
            negative,
            zero,
            before: None,
            inside: HashMap::new(),
            gaps: [Gaps::default(), Gaps::default()],
            joined,
            skew: Vec::new(),
            machines: Vec::new(),
            current_sources: Vec::new(),
            findings,
            assumptions,
        };
        circuit.skew = circuit.parts.iter().filter_map(Change::by_skew).collect();
        circuit.list_sources();
        circuit.gaps = [
            circuit.gaps_of(POSITIVE, "element_incomplete", &gaps),
            circuit.gaps_of(ZERO, "zero_sequence_missing", &zero_gaps),
        ];
        if options.method.is_iec() {
            circuit.inside = circuit.insides(view, &topology, &stations);
        } else {
            circuit.before = Some(circuit.open_circuit());
        }
        Ok(circuit)
    }

    /// The network of a sequence.
    pub(crate) fn sequence(&self, sequence: usize) -> &Sequence {
        match sequence {
            POSITIVE => &self.positive,
            NEGATIVE => self.negative.as_ref().unwrap_or(&self.positive),
            _ => &self.zero,
        }
    }

    /// The circuit as faults inside a power station see it: the unit and the transformer with their factors there.
    pub(crate) fn seen_from(&self, inside: &Inside) -> Result<Self, Error> {
        let mut circuit = self.clone();
        for (part, ratio) in [inside.unit, inside.transformer].into_iter().zip(inside.ratios) {
            let part = &mut circuit.parts[part as usize];
            for sequence in [POSITIVE, NEGATIVE, ZERO] {
                let factor = part.ratio_of(sequence, ratio).inv();
                part.admittances[sequence] = part.admittances[sequence].scaled(factor);
            }
        }
        let Sequences { positive, negative, zero } =
            Sequences::of(circuit.nodes.len(), &circuit.parts, &circuit.groups)?;
        (circuit.positive, circuit.negative, circuit.zero) = (positive, negative, zero);
        for own in circuit.inside.values_mut().filter(|own| own.unit == inside.unit) {
            own.ratios = [1.0; 2];
        }
        Ok(circuit)
    }

    /// Whether the negative sequence is the positive one.
    pub(crate) fn negative_is_positive(&self) -> bool {
        self.negative.is_none()
    }

    /// The parts of a sequence's network that hang on gaps.
    fn gaps_of(&self, sequence: usize, code: &str, gaps: &[Gap]) -> Gaps {
        let network = self.sequence(sequence);
        let driven: Vec<u32> = self.current_sources.iter().map(|(_, node, _)| network.area(*node)).collect();
        let feeds = |area| network.leads_to_earth(area) || (sequence == POSITIVE && driven.contains(&area));
        Gaps::of(code, gaps, |node| network.area(node), feeds)
    }

    /// What a sequence at nodes hangs on and the model lacks; nothing where it is known.
    pub(crate) fn lack_at(&self, sequence: usize, nodes: &[u32]) -> Option<&Finding> {
        let gaps = &self.gaps[usize::from(sequence == ZERO)];
        let network = self.sequence(sequence);
        nodes.iter().find_map(|node| gaps.at(network.area(*node)))
    }

    /// Lists the machines and the sources of current.
    fn list_sources(&mut self) {
        for (at, part) in (0..).zip(&self.parts) {
            let Some(Some(node)) = part.nodes.first() else { continue };
            if part.rating.is_some() {
                self.machines.push((at, *node));
            }
            if let Some(Source::Current(ka)) = part.source {
                self.current_sources.push((at, *node, ka));
            }
        }
    }

    /// Voltages without a fault, driven by the EMFs.
    fn open_circuit(&self) -> Vec<Complex64> {
        let mut currents = vec![Complex64::ZERO; self.nodes.len()];
        for part in &self.parts {
            if let (Some(Source::Emf(emf)), Some(Some(node))) = (part.source, part.nodes.first()) {
                let turned = emf * unit(self.nodes[*node as usize].lag_deg);
                currents[*node as usize] += part.admittances[POSITIVE].at(0, 0) * turned;
            }
        }
        let mut voltages = self.positive.factor.solve(&currents);
        for (node, voltage) in voltages.iter_mut().enumerate() {
            if !self.nodes[node].is_live {
                *voltage = Complex64::ZERO;
            }
        }
        voltages
    }

    /// The nodes inside power stations: those that hang at a unit's terminals and not beyond its transformer.
    fn insides(
        &self,
        view: &View<'_>,
        topology: &Topology<'_>,
        stations: &[Station<'_>],
    ) -> HashMap<u32, Inside> {
        let mut insides = HashMap::new();
        for station in stations {
            let key = |kind, id: &str| self.part_of.get(&(kind, id.to_owned())).copied();
            let parts = (key("units", &station.unit.id), key("transformers", &station.transformer.id));
            let (Some(unit), Some(transformer)) = parts else { continue };
            let Some(low) = topology.terminal_node(view, station.transformer, 1) else { continue };
            let kv = topology
                .terminal_node(view, station.transformer, 0)
                .map_or(0.0, |node| self.nodes[node].nominal_kv);
            let factor = factors::inside_station(&self.options, *station, kv);
            let outside = |part: u32| self.parts[part as usize].factors.first().map_or(1.0, |own| own.value);
            let ratios = [factor.value / outside(unit), 1.0 / outside(transformer)];
            let rated_kv = station.machine.rated_kv;
            insides.insert(low as u32, Inside { unit, transformer, factor, ratios, rated_kv });
        }
        insides
    }
}

/// e^(j degrees).
pub(crate) fn unit(degrees: f64) -> Complex64 {
    Complex64::from_polar(1.0, degrees.to_radians())
}

fn nodes(view: &View<'_>, topology: &Topology<'_>) -> Result<Vec<Node>, Error> {
    let kv: HashMap<&str, f64> =
        view.model().buses.iter().map(|bus| (bus.id.as_str(), bus.nominal_kv)).collect();
    let node = |buses: &Vec<&str>| {
        let nominal_kv = kv.get(buses[0]).copied().unwrap_or_default();
        if !(nominal_kv.is_finite() && nominal_kv > 0.0) {
            return Err(Error::NominalVoltage { bus: buses[0].to_owned(), kv: nominal_kv });
        }
        let buses = buses.iter().map(|&bus| bus.to_owned()).collect();
        Ok(Node { buses, nominal_kv, lag_deg: 0.0, is_live: false })
    };
    topology.nodes().iter().map(node).collect()
}

/// The parts that some elements make in a state of the same buses and switches.
pub(crate) fn parts_in(
    view: &View<'_>,
    topology: &Topology<'_>,
    circuit: &Circuit,
    only: &BTreeSet<&str>,
) -> Vec<Part> {
    let nominal_kv: Vec<f64> = circuit.nodes.iter().map(|node| node.nominal_kv).collect();
    let mut builder = Builder::new(view, topology, (&circuit.options, Frequency::RATED), &nominal_kv);
    builder.only = Some(only);
    builder.all();
    builder.parts
}

/// Takes the series admittance out of the parts of coupled lines, which the groups hold, and keeps their charging.
fn take_coupled(
    parts: &mut [Part],
    groups: &[Group],
    part_of: &HashMap<(&'static str, String), u32>,
) -> HashMap<u32, (usize, usize)> {
    let mut coupled = HashMap::new();
    for (group, own) in groups.iter().enumerate() {
        for (at, member) in own.members.iter().enumerate() {
            let Some(&place) = part_of.get(&("lines", member.line.clone())) else { continue };
            coupled.insert(place, (group, at));
            if member.is_closed {
                let block = &mut parts[place as usize].admittances[ZERO];
                let series = member.z0.inv();
                for end in 0..2 {
                    let charging = block.at(end, end) - series;
                    let is_nothing = charging.norm() <= 1e-12 * series.norm();
                    *block.at_mut(end, end) = if is_nothing { Complex64::ZERO } else { charging };
                    *block.at_mut(end, 1 - end) = Complex64::ZERO;
                }
            }
        }
    }
    coupled
}

/// Gives every node its clock, island by island; clocks that contradict each other are noted.
fn turn(nodes: &mut [Node], parts: &[Part], parts_at: &[Vec<u32>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_turned = vec![false; nodes.len()];
    let mut is_noted = vec![false; parts.len()];
    for start in 0..nodes.len() {
        if is_turned[start] {
            continue;
        }
        is_turned[start] = true;
        let mut stack = vec![start];
        while let Some(at) = stack.pop() {
            for &place in &parts_at[at] {
                let part = &parts[place as usize];
                let Some(end) = part.nodes.iter().position(|node| *node == Some(at as u32)) else { continue };
                let base = nodes[at].lag_deg - part.lags_deg[end];
                for (other, node) in part.nodes.iter().enumerate() {
                    let Some(node) = *node else { continue };
                    let lag = (base + part.lags_deg[other]).rem_euclid(360.0);
                    let own = &mut nodes[node as usize];
                    if !is_turned[node as usize] {
                        is_turned[node as usize] = true;
                        own.lag_deg = lag;
                        stack.push(node as usize);
                    } else if (lag - own.lag_deg + 180.0).rem_euclid(360.0) - 180.0 != 0.0
                        && !is_noted[place as usize]
                    {
                        is_noted[place as usize] = true;
                        let finding = Finding::new("clock_contradicts", Severity::Warning)
                            .about(part.kind, &part.id)
                            .with("expected_deg", own.lag_deg)
                            .with("found_deg", lag);
                        findings.push(finding);
                    }
                }
            }
        }
    }
    findings
}

/// Turns EMFs without a given angle by the clocks of their nodes: without a fault they drive no current around.
fn put_in_phase(parts: &mut [Part], nodes: &[Node]) {
    for part in parts.iter_mut().filter(|part| part.in_phase) {
        if let (Some(Source::Emf(emf)), Some(Some(node))) = (&mut part.source, part.nodes.first()) {
            *emf *= unit(-nodes[*node as usize].lag_deg);
        }
    }
}

/// Marks what an impedance feeds; a source of current alone leaves the matrix singular.
fn mark_live(nodes: &mut [Node], parts: &[Part], positive: &Sequence) {
    let mut live = std::collections::HashSet::new();
    for part in parts.iter().filter(|part| part.feeds_by_impedance()) {
        live.extend(part.nodes.iter().flatten().map(|node| positive.area(*node)));
    }
    for (at, node) in nodes.iter_mut().enumerate() {
        node.is_live = live.contains(&positive.area(at as u32));
    }
}

impl<'a> Builder<'a> {
    /// The power-station units that are complete enough for their factors.
    pub(crate) fn find_stations(&self) -> Vec<Station<'a>> {
        if !self.options.method.is_iec() {
            return Vec::new();
        }
        let model = self.view.model();
        let blocks = model.blocks.iter().filter(|block| self.view.in_service(*block));
        blocks
            .filter_map(|block| {
                let unit = model.units.iter().find(|unit| unit.id == block.unit)?;
                if !self.view.in_service(unit) || self.is_impossible(unit) {
                    return None;
                }
                let transformer =
                    model.transformers.iter().find(|transformer| transformer.id == block.transformer)?;
                if self.is_impossible(transformer) {
                    return None;
                }
                let [_, x] = transformer.z1_ohm()?;
                let x_t = x * transformer.rated_mva? / transformer.hv.rated_kv.powi(2);
                let machine = factors::Machine {
                    rated_kv: unit.rated_kv?,
                    xdss: unit.xdss_percent? / 100.0,
                    sin_phi: factors::sine(unit.cos_phi.unwrap_or(0.85)),
                };
                Some(Station { block, unit, transformer, machine, x_t })
            })
            .collect()
    }
}
