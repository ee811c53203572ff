//! What switches change: the admittances that a state takes from the network, as dyads y u uᵀ.
//!
//! Parts are made once as they are and once as the state has them; their difference is taken apart. A coupled line that
//! opens leaves its group by rank 1 in the primitive admittances: with Y the group's, the line's current vanishes by an
//! EMF in series, so u = A Y e / y with y = `Y_kk`. EMFs of several lines of a group drive each other's currents, which
//! [`Cut::member`] lets the port matrix account for.

use std::collections::BTreeSet;

use network::{Change, State, Topology};
use num_complex::Complex64;

use super::columns::Vector;
use crate::Error;
use crate::circuit::part::{Part, ZERO, open_end};
use crate::circuit::{Circuit, parts_in};
use crate::matrix::dense::Dense;
use crate::study::Study;

/// Entries below this part of the largest are rounding.
const ROUNDING: f64 = 1e-12;

/// A dyad that a switch takes from the network.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) switch: usize,
    /// y in S.
    pub(super) admittance: Complex64,
    /// u.
    pub(super) vector: Vector,
    /// What a relay at an end (part, end) feels of the current y uᵀV that is taken, per unit of it.
    pub(super) felt: Vec<((u32, usize), Complex64)>,
    /// The group and the member whose current it interrupts.
    pub(super) member: Option<(usize, usize)>,
}

/// The parts of a switch before and after.
pub(super) struct Switched<'c> {
    /// The part's place in the circuit; none for one that the state puts into service.
    pub(super) place: Option<u32>,
    pub(super) before: Option<&'c Part>,
    pub(super) after: Option<Part>,
    /// Whether it is earthed at both ends then.
    earths: bool,
}

/// Makes the parts of all switches as their states have them.
pub(super) fn switched<'c>(study: &'c Study<'_>, states: &[State]) -> Result<Vec<Vec<Switched<'c>>>, Error> {
    let model = study.view.model();
    let topology = Topology::of(&study.view);
    let known: BTreeSet<&str> = model.elements().into_iter().map(|entry| entry.id).collect();
    let fixed: BTreeSet<&str> = model
        .buses
        .iter()
        .map(|bus| bus.id.as_str())
        .chain(model.switches.iter().map(|own| own.id.as_str()))
        .collect();
    let mut all = Vec::with_capacity(states.len());
    for state in states {
        for change in &state.changes {
            let (id, is_emf) = (change.id(), matches!(change, Change::Emf { .. } | Change::Tap { .. }));
            if !known.contains(id) {
                return Err(Error::UnknownElement { id: id.to_owned() });
            }
            if fixed.contains(id) || topology.joins(id) || is_emf {
                return Err(Error::NoSwitch { id: id.to_owned() });
            }
        }
        let only: BTreeSet<&str> = state.changes.iter().map(Change::id).collect();
        let view = study.view.under(state);
        let mut after = parts_in(&view, &topology, &study.circuit, &only);
        let mut own: Vec<Switched<'c>> = Vec::new();
        for (place, part) in
            (0..).zip(&study.circuit.parts).filter(|(_, part)| only.contains(part.id.as_str()))
        {
            let found = after.iter().position(|other| other.id == part.id && other.kind == part.kind);
            let after = found.map(|at| after.swap_remove(at));
            let earths = view.is_earthed_at_both_ends(&part.id);
            own.push(Switched { place: Some(place), before: Some(part), after, earths });
        }
        own.extend(after.into_iter().map(|part| Switched {
            place: None,
            before: None,
            after: Some(part),
            earths: false,
        }));
        if let Some(id) = only.iter().find(|id| is_missing(id, &own)) {
            return Err(Error::UnknownElement { id: (*id).to_owned() });
        }
        if let Some(id) = own.iter().find_map(|own| joins_a_group(study, own)) {
            return Err(Error::NoSwitch { id });
        }
        all.push(own);
    }
    Ok(all)
}

/// The id of a coupled line that a state brings into its group, or earths at both ends.
fn joins_a_group(study: &Study<'_>, own: &Switched<'_>) -> Option<String> {
    let id = &own.before.or(own.after.as_ref())?.id;
    let couplings = &study.view.model().couplings;
    let is_coupled = couplings.iter().any(|coupling| coupling.line_a == *id || coupling.line_b == *id);
    let is_closed = |part: Option<&Part>| part.is_some_and(|part| part.nodes.iter().all(Option::is_some));
    let joins = is_closed(own.after.as_ref()) && !is_closed(own.before);
    (is_coupled && (joins || own.earths)).then(|| id.clone())
}

/// Whether an element takes part neither before nor after.
fn is_missing(id: &str, parts: &[Switched<'_>]) -> bool {
    let is_it = |part: Option<&Part>| part.is_some_and(|part| part.id == id);
    !parts.iter().any(|own| is_it(own.before) || is_it(own.after.as_ref()))
}

impl Switched<'_> {
    fn nodes(&self) -> &[Option<u32>] {
        let part = self.before.or(self.after.as_ref());
        part.map_or(&[], |part| &part.nodes)
    }

    /// Whether nothing of it is left at a node.
    fn leaves(&self, node: u32) -> bool {
        self.after.as_ref().is_none_or(|part| !part.nodes.contains(&Some(node)))
    }

    /// What is taken: the admittances before less those after, between the ends.
    fn taken(&self, sequence: usize) -> Dense {
        let order = self.nodes().len();
        let mut taken = Dense::zero(order);
        let block = |part: Option<&Part>, row, column| {
            let block = part.map(|part| &part.admittances[sequence]).filter(|block| block.order() > 0);
            block.map_or(Complex64::ZERO, |block| block.at(row, column))
        };
        for row in 0..order {
            for column in 0..order {
                let (before, after) =
                    (block(self.before, row, column), block(self.after.as_ref(), row, column));
                let is_rounding = (before - after).norm() <= ROUNDING * before.norm();
                *taken.at_mut(row, column) = if is_rounding { Complex64::ZERO } else { before - after };
            }
        }
        taken
    }
}

/// The dyads of all switches in a sequence. Nodes in `kept` are asked for and stay; others that a switch leaves without
/// any connection go with it.
pub(super) fn cuts(
    circuit: &Circuit,
    states: &[State],
    switched: &[Vec<Switched<'_>>],
    kept: &BTreeSet<u32>,
    sequence: usize,
) -> Result<Vec<Cut>, Error> {
    let mut cuts = Vec::new();
    for (switch, parts) in switched.iter().enumerate() {
        let dead = dead_ends(circuit, parts, kept);
        let (joined, alone): (Vec<&Switched<'_>>, Vec<&Switched<'_>>) =
            parts.iter().partition(|own| own.nodes().iter().flatten().any(|node| dead.contains(node)));
        let clusters =
            alone.into_iter().map(|own| vec![own]).chain([joined].into_iter().filter(|own| !own.is_empty()));
        let mut own: Vec<Cut> =
            clusters.flat_map(|cluster| of_cluster(switch, &cluster, &dead, sequence)).collect();
        if sequence == ZERO {
            for part in parts {
                own.extend(of_member(circuit, switch, part, &dead));
            }
        }
        for cut in own {
            if lies_in_floating(circuit, &cut, sequence, &states[switch].id)? {
                continue;
            }
            cuts.push(cut);
        }
    }
    Ok(cuts)
}

/// Whether a dyad lies where nothing leads to earth, so that no fault feels it; an error where it would lead to earth.
fn lies_in_floating(circuit: &Circuit, cut: &Cut, sequence: usize, id: &str) -> Result<bool, Error> {
    let network = circuit.sequence(sequence);
    if !cut.vector.iter().any(|(node, _)| network.floats(*node)) {
        return Ok(false);
    }
    let terms = || cut.vector.iter().map(|(node, weight)| weight * network.profile[*node as usize]);
    let scale = terms().map(Complex64::norm).fold(0.0, f64::max);
    if terms().sum::<Complex64>().norm() > 1e-9 * scale {
        return Err(Error::EarthedBySwitch { id: id.to_owned() });
    }
    Ok(true)
}

/// Nodes that a switch leaves without any connection and nobody asks for.
fn dead_ends(circuit: &Circuit, parts: &[Switched<'_>], kept: &BTreeSet<u32>) -> BTreeSet<u32> {
    let nodes = parts.iter().flat_map(|own| own.nodes().iter().flatten().copied());
    let is_left = |node: &u32| {
        let goes = |place: &u32| parts.iter().any(|own| own.place == Some(*place) && own.leaves(*node));
        !kept.contains(node) && circuit.parts_at[*node as usize].iter().all(goes)
    };
    nodes.filter(is_left).collect()
}

/// The dyads of parts that are taken together, dead ends left open.
fn of_cluster(switch: usize, parts: &[&Switched<'_>], dead: &BTreeSet<u32>, sequence: usize) -> Vec<Cut> {
    let mut nodes: Vec<u32> = parts.iter().flat_map(|own| own.nodes().iter().flatten().copied()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let at = |node: u32| nodes.binary_search(&node).expect("all nodes of the cluster are listed");
    let mut taken = Dense::zero(nodes.len());
    let mut rows: Vec<((u32, usize), Vec<Complex64>)> = Vec::new();
    for own in parts {
        let block = own.taken(sequence);
        for (end, node) in own.nodes().iter().enumerate() {
            let Some(node) = *node else { continue };
            let mut row = vec![Complex64::ZERO; nodes.len()];
            for (column, other) in own.nodes().iter().enumerate() {
                if let Some(other) = *other {
                    row[at(other)] += block.at(end, column);
                }
            }
            for (column, value) in row.iter().enumerate() {
                *taken.at_mut(at(node), column) += value;
            }
            if let Some(place) = own.place {
                rows.push(((place, end), row));
            }
        }
    }
    for place in (0..nodes.len()).filter(|&place| dead.contains(&nodes[place])) {
        let own = taken.at(place, place);
        if own == Complex64::ZERO {
            continue;
        }
        for (_, row) in &mut rows {
            let factor = row[place] / own;
            for (column, value) in row.iter_mut().enumerate() {
                *value -= factor * taken.at(place, column);
            }
        }
        open_end(&mut taken, place);
    }
    let (relays, mut rows): (Vec<(u32, usize)>, Vec<Vec<Complex64>>) = rows.into_iter().unzip();
    let cut = |Dyadic { admittance, vector, shares }: Dyadic| {
        let weights = nodes.iter().copied().zip(vector).filter(|(_, weight)| *weight != Complex64::ZERO);
        let felt = relays.iter().copied().zip(shares).collect();
        Cut { switch, admittance, vector: weights.collect(), felt, member: None }
    };
    dyads_of(&taken, &mut rows).into_iter().map(cut).collect()
}

/// The dyad by which a coupled line leaves its group; none where it carries no current anyway.
fn of_member(circuit: &Circuit, switch: usize, own: &Switched<'_>, dead: &BTreeSet<u32>) -> Option<Cut> {
    let place = own.place?;
    let &(group, member) = circuit.coupled.get(&place)?;
    let stays = own.after.as_ref().is_some_and(|part| part.nodes.iter().all(Option::is_some));
    let leads_nowhere = own.nodes().iter().flatten().any(|node| dead.contains(node));
    let group_of = &circuit.groups[group];
    if stays || leads_nowhere || !group_of.members[member].is_closed {
        return None;
    }
    let admittance = group_of.between(member, member);
    let mut vector: Vector = Vec::new();
    let mut felt = Vec::new();
    for (other, of) in group_of.members.iter().enumerate() {
        let weight = group_of.between(other, member) / admittance;
        for (end, sign) in [(0, 1.0), (1, -1.0)] {
            if let Some(node) = of.nodes[end] {
                vector.push((node, weight * sign));
            }
            if let Some(&part) = circuit.part_of.get(&("lines", of.line.clone())) {
                felt.push(((part, end), weight * sign));
            }
        }
    }
    Some(Cut { switch, admittance, vector, felt, member: Some((group, member)) })
}

/// A dyad y u uᵀ, and how much of its current y uᵀV each of some rows carries.
struct Dyadic {
    admittance: Complex64,
    vector: Vec<Complex64>,
    shares: Vec<Complex64>,
}

/// A symmetric matrix as dyads, the largest pivot first; where the diagonal vanishes, the sum of two rows is the pivot.
/// The rows, which lie in the matrix's range, are used up.
fn dyads_of(matrix: &Dense, rows: &mut [Vec<Complex64>]) -> Vec<Dyadic> {
    let order = matrix.order();
    let mut rest = matrix.clone();
    let scale = rest.entries().iter().map(|value| value.norm()).fold(0.0, f64::max);
    let mut dyads = Vec::new();
    for _ in 0..order {
        let Some(direction) = direction(&rest, ROUNDING * scale) else { break };
        let along = |values: &dyn Fn(usize) -> Complex64| -> Complex64 {
            direction.iter().map(|&at| values(at)).sum()
        };
        let column: Vec<Complex64> = (0..order).map(|row| along(&|at| rest.at(row, at))).collect();
        let admittance = along(&|at| column[at]);
        let vector: Vec<Complex64> = column.iter().map(|value| value / admittance).collect();
        let mut shares = Vec::with_capacity(rows.len());
        for row in rows.iter_mut() {
            let current = along(&|at| row[at]);
            for (value, weight) in row.iter_mut().zip(&vector) {
                *value -= current * weight;
            }
            shares.push(current / admittance);
        }
        for (row, current) in column.iter().enumerate() {
            for (other, weight) in vector.iter().enumerate() {
                *rest.at_mut(row, other) -= current * weight;
            }
        }
        dyads.push(Dyadic { admittance, vector, shares });
    }
    dyads
}

/// The rows whose sum makes the next pivot; none where nothing is left.
fn direction(rest: &Dense, least: f64) -> Option<Vec<usize>> {
    let order = rest.order();
    let size = |&(row, column): &(usize, usize)| rest.at(row, column).norm();
    let by_size = |one: &(usize, usize), other: &(usize, usize)| size(one).total_cmp(&size(other));
    let on = (0..order).map(|at| (at, at)).max_by(by_size)?;
    let off = (0..order).flat_map(|row| (0..row).map(move |column| (row, column))).max_by(by_size);
    match off.filter(|off| size(off) > 1e3 * size(&on)) {
        Some((row, column)) => (size(&(row, column)) > least).then(|| vec![row, column]),
        None => (size(&on) > least).then(|| vec![on.0]),
    }
}
