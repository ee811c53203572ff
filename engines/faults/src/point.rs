//! The place of a fault in the circuit, and how the sequences answer to a current drawn there.

use num_complex::Complex64;

use crate::Error;
use crate::circuit::part::{NEGATIVE, POSITIVE, Part, ZERO};
use crate::circuit::{Circuit, Inside};
use crate::fault::{LinePoint, Place};
use crate::matrix::dense::Dense;
use crate::matrix::factor::Workspace;

/// A place as the matrices see it: its voltage is a weighted sum of nodes' voltages, plus its own impedance's drop.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    /// The node whose nominal voltage and clock the place has.
    pub(crate) node: u32,
    weights: [Vec<(u32, Complex64)>; 3],
    own: [Complex64; 3],
    /// The line the place is on, with the weights of its ends per sequence, and of the group's in the zero sequence.
    pub(crate) on_line: Option<OnLine>,
    /// Changes of parts that hold for faults here alone.
    changes: Vec<Change>,
    pub(crate) inside: Option<Inside>,
}

/// A fault between the ends of a line.
#[derive(Debug, Clone)]
pub(crate) struct OnLine {
    pub(crate) part: u32,
    /// Shares of the fault current that the two ends carry with all nodes held.
    pub(crate) shares: [[Complex64; 2]; 3],
    /// The group and the shares of its ends, where the line is coupled.
    pub(crate) group: Option<(usize, Vec<Complex64>)>,
    /// The end that opens for this place alone, which the circuit has closed.
    pub(crate) opens_end: Option<usize>,
}

/// A change of a part's admittances.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    nodes: Vec<u32>,
    admittances: [Dense; 3],
}

/// The rows of a column at hand; those of the changed nodes begin at a place.
struct Asked<'r> {
    sequence: usize,
    rows: &'r [u32],
    begin: usize,
}

/// How a sequence answers to a current of 1 kA drawn at the place.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// The place's own impedance in Ω; none where it's infinite.
    pub(crate) own: Option<Complex64>,
    /// Impedances between the place and the asked nodes in Ω; without a path to earth, the nodes' voltages relative
    /// to the place's.
    pub(crate) transfer: Vec<Complex64>,
}

impl Point {
    pub(crate) fn of(circuit: &Circuit, place: &Place) -> Result<Self, Error> {
        match place {
            Place::Bus(bus) => Self::at_bus(circuit, bus),
            Place::Line(point) => Self::on_line(circuit, point, false),
        }
    }

    /// A place as it is once the end it says has opened, though the circuit has it closed.
    pub(crate) fn once_opened(circuit: &Circuit, place: &LinePoint) -> Result<Self, Error> {
        Self::on_line(circuit, place, true)
    }

    fn at_bus(circuit: &Circuit, bus: &str) -> Result<Self, Error> {
        let node = circuit.node_of_bus.get(bus).copied();
        Ok(Self::at_node(circuit, node.ok_or_else(|| Error::UnknownBus { bus: bus.to_owned() })?))
    }

    pub(crate) fn at_node(circuit: &Circuit, node: u32) -> Self {
        let weights = vec![(node, Complex64::ONE)];
        let mut point = Self {
            node,
            weights: [weights.clone(), weights.clone(), weights],
            own: [Complex64::ZERO; 3],
            on_line: None,
            changes: circuit.skew.clone(),
            inside: None,
        };
        if let Some(inside) = circuit.inside.get(&node) {
            for (part, ratio) in [inside.unit, inside.transformer].into_iter().zip(inside.ratios) {
                point.changes.extend(Change::by_factor(&circuit.parts[part as usize], ratio));
            }
            point.inside = Some(inside.clone());
        }
        point
    }

    fn on_line(circuit: &Circuit, place: &LinePoint, opens: bool) -> Result<Self, Error> {
        let LinePoint { line, fraction, open_end } = place;
        let fraction = *fraction;
        let unknown = || Error::UnknownLine { line: line.clone() };
        if !(0.0..=1.0).contains(&fraction) {
            return Err(Error::NotOnLine { line: line.clone(), fraction });
        }
        if let Some(nodes) = circuit.joined.get(line) {
            if let Some(end) = open_end.filter(|&end| nodes.get(end).is_none_or(Option::is_some)) {
                return Err(Error::EndNotOpen { line: line.clone(), end });
            }
            let node = nodes.iter().flatten().next().copied().ok_or_else(unknown)?;
            return Ok(Self::at_node(circuit, node));
        }
        let at = *circuit.part_of.get(&("lines", line.clone())).ok_or_else(unknown)?;
        let part = &circuit.parts[at as usize];
        let is_open = |end: usize| part.nodes[end].is_none() || *open_end == Some(end);
        let open = [is_open(0), is_open(1)];
        let is_closed = |end: usize| part.nodes.get(end).is_none_or(|node| node.is_some() && !opens);
        if let Some(end) = open_end.filter(|&end| is_closed(end)) {
            return Err(Error::EndNotOpen { line: line.clone(), end });
        }
        for end in 0..2 {
            let is_here = fraction == [0.0, 1.0][end];
            if let (true, false, Some(node)) = (is_here, open[end], part.nodes[end]) {
                return Ok(Self {
                    changes: circuit.skew.clone(),
                    inside: None,
                    ..Self::at_node(circuit, node)
                });
            }
        }
        let z1 = part.z1_ohm.ok_or_else(unknown)?;
        let z0 = part.series.map(|[_, z0]| z0);
        let (([false, _], Some(node), _) | ([_, false], _, Some(node))) =
            (open, part.nodes[0], part.nodes[1])
        else {
            return Err(unknown());
        };
        let opens_end = open_end.filter(|&end| part.nodes[end].is_some());
        // The charge of an open end draws its current through the whole line, so the voltage on the way is not the end's.
        let alone = |z: Complex64, charge: Complex64| {
            let dead_end = |share: f64| (1.0 + z * charge * (1.0 - share)) / (1.0 + z * charge);
            match open {
                [false, false] => {
                    let ends = [1.0 - fraction, fraction].map(|share| Complex64::new(share, 0.0));
                    (ends, z * (fraction * (1.0 - fraction)))
                }
                [false, true] => ([dead_end(fraction), Complex64::ZERO], z * fraction * dead_end(fraction)),
                _ => {
                    let rest = 1.0 - fraction;
                    ([Complex64::ZERO, dead_end(rest)], z * rest * dead_end(rest))
                }
            }
        };
        // A coupled line has it at its closed end, as its group does.
        let is_coupled = circuit.coupled.contains_key(&at);
        let [charge1, charge0] = if is_coupled { [Complex64::ZERO; 2] } else { part.half_shunts };
        let (shares1, own1) = alone(z1, charge1);
        let (shares0, own0) = alone(z0.unwrap_or(Complex64::ZERO), charge0);
        let mut shares = [shares1, shares1, shares0];
        let mut own = [own1, own1, own0];
        let mut group_shares = None;
        let mut zero_weights: Vec<(u32, Complex64)> = Vec::new();
        if let Some(&(group, member)) = circuit.coupled.get(&at) {
            let on_the_way = circuit.groups[group].on_the_way(member, fraction, open).ok_or_else(unknown)?;
            own[ZERO] = on_the_way.own;
            shares[ZERO] = [Complex64::ZERO; 2];
            for (end, &weight) in on_the_way.weights.iter().enumerate() {
                if let Some(node) = circuit.groups[group].node(end) {
                    zero_weights.push((node, weight));
                }
            }
            group_shares = Some((group, on_the_way.weights));
        }
        let weights = |shares: [Complex64; 2]| -> Vec<(u32, Complex64)> {
            let nodes = part.nodes.iter().zip(shares).filter(|(_, share)| *share != Complex64::ZERO);
            nodes.filter_map(|(node, share)| Some(((*node)?, share))).collect()
        };
        let zero = if group_shares.is_some() { zero_weights } else { weights(shares[ZERO]) };
        Ok(Self {
            node,
            weights: [weights(shares[0]), weights(shares[1]), zero],
            own,
            on_line: Some(OnLine { part: at, shares, group: group_shares, opens_end }),
            changes: circuit.skew.clone(),
            inside: None,
        })
    }

    /// The nodes the place's voltage hangs on, in any sequence.
    pub(crate) fn nodes(&self) -> Vec<u32> {
        self.weights.iter().flatten().map(|(node, _)| *node).collect()
    }

    /// The impedance of the place where nothing but a node's own is needed.
    pub(crate) fn plain_node(&self) -> Option<u32> {
        (self.on_line.is_none() && self.changes.is_empty()).then_some(self.node)
    }

    /// Whether nothing at the place parts the negative from the positive sequence.
    pub(crate) fn is_alike(&self) -> bool {
        let alike = |change: &Change| change.admittances[POSITIVE] == change.admittances[NEGATIVE];
        self.changes.iter().all(alike)
    }

    /// The place's voltage by those of the nodes, no current drawn.
    pub(crate) fn weighted(&self, sequence: usize, voltages: &[Complex64]) -> Complex64 {
        self.weights[sequence].iter().map(|(node, weight)| voltages[*node as usize] * weight).sum()
    }

    /// The weights of nodes' voltages in the place's voltage.
    pub(crate) fn weights(&self, sequence: usize) -> &[(u32, Complex64)] {
        &self.weights[sequence]
    }

    /// By what a part's impedance in a sequence is multiplied for faults here alone.
    pub(crate) fn ratio_of(&self, circuit: &Circuit, part: u32, sequence: usize) -> Complex64 {
        let ratios = |inside: &Inside| [inside.unit, inside.transformer].into_iter().zip(inside.ratios);
        let own = self.inside.iter().flat_map(ratios).find(|(other, _)| *other == part);
        own.map_or(Complex64::ONE, |(_, ratio)| circuit.parts[part as usize].ratio_of(sequence, ratio))
    }

    /// The share of the fault current that an end carries with all nodes held.
    pub(crate) fn share_of(&self, circuit: &Circuit, part: u32, end: usize, sequence: usize) -> Complex64 {
        let Some(on_line) = &self.on_line else { return Complex64::ZERO };
        if let (ZERO, Some(&(group, member))) = (sequence, circuit.coupled.get(&part)) {
            let own = on_line.group.as_ref().filter(|(faulted, _)| *faulted == group);
            return own.map_or(Complex64::ZERO, |(_, shares)| shares[2 * member + end]);
        }
        if on_line.part == part { on_line.shares[sequence][end] } else { Complex64::ZERO }
    }

    /// How a sequence answers at the asked nodes.
    pub(crate) fn response(
        &self,
        circuit: &Circuit,
        sequence: usize,
        asked: &[u32],
        work: &mut Workspace,
    ) -> Response {
        let network = circuit.sequence(sequence);
        if network.floats(self.node) {
            let base = network.profile[self.node as usize];
            let relative = |node: &u32| {
                let is_near = network.area(*node) == network.area(self.node);
                let value = if is_near { network.profile[*node as usize] / base } else { 0.0 };
                Complex64::new(value, 0.0)
            };
            return Response { own: None, transfer: asked.iter().map(relative).collect() };
        }
        let changed: Vec<u32> = self.changes.iter().flat_map(|change| change.nodes.iter().copied()).collect();
        let weights = &self.weights[sequence];
        let rows: Vec<u32> =
            asked.iter().chain(&changed).copied().chain(weights.iter().map(|(node, _)| *node)).collect();
        let mut column = vec![Complex64::ZERO; rows.len()];
        for &(node, weight) in weights {
            let entries = network.entries(node, &rows, work);
            for (sum, entry) in column.iter_mut().zip(entries) {
                *sum += entry * weight;
            }
        }
        if !changed.is_empty() {
            self.apply_changes(
                circuit,
                &Asked { sequence, rows: &rows, begin: asked.len() },
                &mut column,
                work,
            );
        }
        let at_weights = &column[asked.len() + changed.len()..];
        let own = self.own[sequence]
            + weights.iter().zip(at_weights).map(|((_, weight), entry)| weight * entry).sum::<Complex64>();
        column.truncate(asked.len());
        Response { own: Some(own), transfer: column }
    }

    /// Z' = Z − `Z_P` ΔY (1 + `Z_PP` ΔY)⁻¹ `Z_Pᵀ`, for the column at hand.
    fn apply_changes(
        &self,
        circuit: &Circuit,
        asked: &Asked<'_>,
        column: &mut [Complex64],
        work: &mut Workspace,
    ) {
        let Asked { sequence, rows, begin } = *asked;
        let network = circuit.sequence(sequence);
        let count: usize = self.changes.iter().map(|change| change.nodes.len()).sum();
        let mut delta = Dense::zero(count);
        let mut start = 0;
        for change in &self.changes {
            let block = &change.admittances[sequence];
            for row in 0..block.order() {
                for other in 0..block.order() {
                    *delta.at_mut(start + row, start + other) = block.at(row, other);
                }
            }
            start += change.nodes.len();
        }
        let columns: Vec<Vec<Complex64>> =
            (0..count).map(|at| network.entries(rows[begin + at], rows, work)).collect();
        let mut inner = Dense::zero(count);
        for row in 0..count {
            for other in 0..count {
                let product: Complex64 =
                    (0..count).map(|at| columns[at][begin + row] * delta.at(at, other)).sum();
                *inner.at_mut(row, other) = product + if row == other { 1.0 } else { 0.0 };
            }
        }
        let Some(inverse) = inner.inverse() else { return };
        let driven = delta.times(&inverse.times(&column[begin..begin + count]));
        for (at, factor) in driven.iter().enumerate() {
            for (value, entry) in column.iter_mut().zip(&columns[at]) {
                *value -= factor * entry;
            }
        }
    }
}

impl Change {
    /// What a part's admittances lack because it isn't reciprocal.
    pub(crate) fn by_skew(part: &Part) -> Option<Self> {
        let admittances = part.skew.clone()?;
        Some(Self { nodes: part.nodes.iter().flatten().copied().collect(), admittances })
    }

    fn by_factor(part: &Part, ratio: f64) -> Option<Self> {
        let ends: Vec<usize> = (0..part.nodes.len()).filter(|&end| part.nodes[end].is_some()).collect();
        let nodes: Vec<u32> = part.nodes.iter().flatten().copied().collect();
        if nodes.is_empty() || ratio == 1.0 {
            return None;
        }
        let admittances = std::array::from_fn(|sequence| {
            let block = &part.admittances[sequence];
            if block.order() == 0 {
                return Dense::zero(0);
            }
            let full = block.scaled(part.ratio_of(sequence, ratio).inv() - 1.0);
            let mut own = Dense::zero(ends.len());
            for (row, &from) in ends.iter().enumerate() {
                for (column, &to) in ends.iter().enumerate() {
                    *own.at_mut(row, column) = full.at(from, to);
                }
            }
            own
        });
        Some(Self { nodes, admittances })
    }
}
