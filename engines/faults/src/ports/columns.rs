//! The port matrices of a state, from columns of the impedance matrices at the ports alone.

use num_complex::Complex64;
use rayon::prelude::*;

use super::switching::Cut;
use super::{Dyad, PortMatrix};
use crate::Error;
use crate::circuit::Circuit;
use crate::circuit::part::ZERO;
use crate::matrix::factor::Workspace;
use crate::point::{OnLine, Point};

/// What the matrices are made of.
pub(super) struct Base<'b> {
    pub(super) circuit: &'b Circuit,
    pub(super) points: &'b [Point],
    pub(super) relays: &'b [Sensor],
    pub(super) cuts: &'b [Vec<Cut>; 3],
    pub(super) pairs: &'b [(usize, usize)],
}

/// A sparse vector over nodes.
pub(super) type Vector = Vec<(u32, Complex64)>;

/// Where a relay measures: at an end of a part, or the voltage of a bus alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sensor {
    pub(super) node: u32,
    /// The part and its end.
    pub(super) end: Option<(u32, usize)>,
}

/// What the relays' measurements are made of: the current into the end and the voltage of its node.
struct Relays {
    currents: Vec<Vector>,
    voltages: Vec<Vector>,
}

/// What a fault place answers.
struct Answer {
    own: Complex64,
    floats: bool,
    /// Pair, current factor and transfer impedance.
    seen: Vec<(usize, Complex64, Complex64)>,
}

impl Base<'_> {
    pub(super) fn matrix(&self, sequence: usize) -> PortMatrix {
        let cuts = &self.cuts[sequence];
        let vectors: Vec<Vector> = cuts.iter().map(|cut| cut.vector.clone()).collect();
        let relays = self.relay_vectors(sequence);
        let targets: Vec<Vector> = self.points.iter().map(|point| point.weights(sequence).to_vec()).collect();
        let columns =
            self.columns(&vectors, &[&vectors, &relays.currents, &relays.voltages, &targets], sequence);
        let by_dyad = |targets: &[Vector]| -> Vec<Complex64> {
            targets.iter().flat_map(|target| columns.iter().map(move |column| column.at(target))).collect()
        };
        let answers = self.answers(&relays, sequence);
        let mut kappa = vec![Complex64::ZERO; self.pairs.len()];
        let mut transfer = kappa.clone();
        for &(place, factor, impedance) in answers.iter().flat_map(|answer| &answer.seen) {
            (kappa[place], transfer[place]) = (factor, impedance);
        }
        let mut matrix = PortMatrix {
            own: answers.iter().map(|answer| answer.own).collect(),
            floats: answers.iter().map(|answer| answer.floats).collect(),
            kappa,
            transfer,
            relay_dyad: by_dyad(&relays.currents),
            relay_voltage_dyad: by_dyad(&relays.voltages),
            fault_dyad: by_dyad(&targets),
            dyad_dyad: by_dyad(&vectors),
            dyads: cuts.iter().map(|cut| Dyad { switch: cut.switch, admittance: cut.admittance }).collect(),
        };
        self.add_what_switches_feel(&mut matrix, sequence);
        matrix
    }

    /// Adds what doesn't follow from voltages at nodes: a relay on an element that is switched no longer has the current
    /// that is taken, and coupled lines drive each other through their group.
    fn add_what_switches_feel(&self, matrix: &mut PortMatrix, sequence: usize) {
        let cuts = &self.cuts[sequence];
        for (column, cut) in cuts.iter().enumerate() {
            for (row, relay) in self.relays.iter().enumerate() {
                for (_, share) in cut.felt.iter().filter(|(felt, _)| Some(*felt) == relay.end) {
                    matrix.relay_dyad[row * cuts.len() + column] -= share;
                }
            }
            let Some((group, member)) = cut.member else { continue };
            for (row, point) in self.points.iter().enumerate() {
                // A place on a line that opens for it is as it is then: nothing of its own opening is left to feel.
                let is_other = |on_line: &&OnLine| {
                    let own = self.circuit.coupled.get(&on_line.part);
                    on_line.opens_end.is_none() || own != Some(&(group, member))
                };
                let on_line = point.on_line.as_ref().filter(is_other);
                let weights = on_line.and_then(|on_line| on_line.group.as_ref());
                if let Some((_, weights)) = weights.filter(|(own, _)| *own == group) {
                    matrix.fault_dyad[row * cuts.len() + column] -= weights[2 * member] / cut.admittance;
                }
            }
            for (other, theirs) in cuts.iter().enumerate() {
                if let Some((_, their)) =
                    theirs.member.filter(|(own, their)| *own == group && *their != member)
                {
                    let between = self.circuit.groups[group].between(member, their);
                    let row = column * cuts.len() + other;
                    matrix.dyad_dyad[row] -= between / (cut.admittance * theirs.admittance);
                }
            }
        }
    }

    fn relay_vectors(&self, sequence: usize) -> Relays {
        let current = |relay: &Sensor| -> Vector {
            relay.end.map_or_else(Vec::new, |(part, end)| current_vector(self.circuit, part, end, sequence))
        };
        let voltage = |relay: &Sensor| -> Vector { vec![(relay.node, Complex64::ONE)] };
        Relays {
            currents: self.relays.iter().map(current).collect(),
            voltages: self.relays.iter().map(voltage).collect(),
        }
    }

    /// One column per vector: the impedances between it and everything that is asked.
    fn columns(&self, vectors: &[Vector], asked: &[&[Vector]], sequence: usize) -> Vec<Column> {
        let network = self.circuit.sequence(sequence);
        let mut rows: Vec<u32> =
            asked.iter().flat_map(|list| list.iter().flatten()).map(|(node, _)| *node).collect();
        rows.sort_unstable();
        rows.dedup();
        vectors
            .par_iter()
            .map_init(Workspace::default, |work, vector| {
                let mut entries = vec![Complex64::ZERO; rows.len()];
                for &(node, weight) in vector {
                    for (sum, entry) in entries.iter_mut().zip(network.entries(node, &rows, work)) {
                        *sum += entry * weight;
                    }
                }
                Column { rows: rows.clone(), entries }
            })
            .collect()
    }

    fn answers(&self, relays: &Relays, sequence: usize) -> Vec<Answer> {
        let mut pairs_of: Vec<Vec<usize>> = vec![Vec::new(); self.points.len()];
        for (place, &(_, fault)) in self.pairs.iter().enumerate() {
            pairs_of[fault].push(place);
        }
        self.points
            .par_iter()
            .zip(&pairs_of)
            .map_init(Workspace::default, |work, (point, pairs)| {
                let ports = pairs.iter().map(|&place| self.pairs[place].0);
                let vectors =
                    ports.flat_map(|relay| relays.currents[relay].iter().chain(&relays.voltages[relay]));
                let mut rows: Vec<u32> = vectors.map(|(node, _)| *node).collect();
                rows.sort_unstable();
                rows.dedup();
                let response = point.response(self.circuit, sequence, &rows, work);
                let column = Column { rows, entries: response.transfer };
                let floats = response.own.is_none();
                let seen = |&place: &usize| {
                    let relay = self.pairs[place].0;
                    if floats {
                        return (place, Complex64::ZERO, Complex64::ZERO);
                    }
                    let voltage = column.at(&relays.voltages[relay]);
                    let Some((part, end)) = self.relays[relay].end else {
                        return (place, Complex64::ZERO, voltage);
                    };
                    let share = point.share_of(self.circuit, part, end, sequence);
                    let current =
                        column.at(&relays.currents[relay]) / point.ratio_of(self.circuit, part, sequence);
                    (place, share - current, voltage)
                };
                let own = response.own.unwrap_or(Complex64::new(f64::INFINITY, 0.0));
                Answer { own, floats, seen: pairs.iter().map(seen).collect() }
            })
            .collect()
    }
}

/// Entries of a column at sorted rows.
struct Column {
    rows: Vec<u32>,
    entries: Vec<Complex64>,
}

impl Column {
    /// The weighted sum of the entries a vector stands on.
    fn at(&self, vector: &Vector) -> Complex64 {
        let entry = |node: &u32| self.rows.binary_search(node).map_or(Complex64::ZERO, |at| self.entries[at]);
        vector.iter().map(|(node, weight)| entry(node) * weight).sum()
    }
}

/// The end of a part, or the bus that has the id.
pub(super) fn relay(circuit: &Circuit, id: &str, end: usize) -> Result<Sensor, Error> {
    if let Some(&node) = circuit.node_of_bus.get(id) {
        return Ok(Sensor { node, end: None });
    }
    let part = part_with(circuit, id)?;
    match circuit.parts[part as usize].nodes.get(end).copied().flatten() {
        Some(node) => Ok(Sensor { node, end: Some((part, end)) }),
        None => Err(Error::NoSuchEnd { id: id.to_owned(), end }),
    }
}

pub(super) fn part_with(circuit: &Circuit, id: &str) -> Result<u32, Error> {
    let part = circuit.parts.iter().position(|part| part.id == id);
    part.map(|at| at as u32).ok_or_else(|| Error::UnknownElement { id: id.to_owned() })
}

/// The current into an end by the nodes' voltages.
fn current_vector(circuit: &Circuit, part: u32, end: usize, sequence: usize) -> Vector {
    let own = &circuit.parts[part as usize];
    let block = &own.admittances[sequence];
    let mut vector: Vector = Vec::new();
    if block.order() > 0 {
        vector.extend(
            own.nodes.iter().enumerate().filter_map(|(column, node)| Some(((*node)?, block.at(end, column)))),
        );
    }
    if let (ZERO, Some(&(group, member))) = (sequence, circuit.coupled.get(&part)) {
        let group = &circuit.groups[group];
        let row = 2 * member + end;
        vector.extend(
            (0..2 * group.members.len())
                .filter_map(|column| Some((group.node(column)?, group.admittance.at(row, column)))),
        );
    }
    vector.retain(|(_, weight)| *weight != Complex64::ZERO);
    vector
}
