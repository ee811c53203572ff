//! Lines, alone or coupled, with a fault on the way or not.

use num_complex::Complex64;

use super::OpenDssElement;
use super::script::{Writer, number};
use super::terminals::Terminal;
use crate::circuit::coupling::{Group, Section};
use crate::circuit::part::{POSITIVE, Part, ZERO};
use crate::fault::Place;

impl Writer<'_> {
    /// A line's charging, and its impedance where its group doesn't have it.
    pub(super) fn line(&mut self, at: u32, part: &Part) {
        let Some(bus) = part.nodes.iter().flatten().next().map(|node| self.terminals.at(*node).bus) else {
            return;
        };
        let ends = [0, 1].map(|end| match part.nodes[end] {
            Some(node) => self.terminals.at(node),
            None => self.terminals.fresh(bus),
        });
        let fraction = self.fraction_on(at);
        let coupled = self.circuit.coupled.get(&at);
        let group = coupled.filter(|(group, member)| {
            fraction.is_some() || self.circuit.groups[*group].members[*member].is_closed
        });
        let mut elements: [Vec<OpenDssElement>; 2] = [Vec::new(), Vec::new()];
        let names = [format!("{}_from", part.id), format!("{}_to", part.id)];
        let is_charged = part.half_shunts.iter().any(|y| *y != Complex64::ZERO);
        if let Some((group, member)) = group {
            for end in (0..2).filter(|&end| is_charged && part.nodes[end].is_some()) {
                // What an open end is charged with is seen from the other.
                let y = [POSITIVE, ZERO].map(|sequence| {
                    let is_open = part.nodes.iter().any(Option::is_none);
                    if is_open {
                        part.admittances[sequence].at(end, end)
                    } else {
                        part.half_shunts[sequence / 2]
                    }
                });
                elements[end] = into(self.charge(&names[end], ends[end], y));
            }
            for (end, own) in elements.iter_mut().enumerate() {
                own.extend(self.share_of(*group, 2 * member + end));
            }
        } else {
            for end in (0..2).filter(|_| is_charged) {
                elements[end] = into(self.charge(&names[end], ends[end], part.half_shunts));
            }
            let open = [0, 1].map(|end| part.nodes[end].is_none() && !is_charged);
            for (own, more) in elements.iter_mut().zip(self.series(part, ends, open, fraction)) {
                own.extend(into(more));
            }
        }
        for (end, elements) in elements.into_iter().enumerate() {
            if part.nodes[end].is_some() {
                self.end(part, end, ends[end], elements);
            }
        }
    }

    fn charge(&mut self, name: &str, at: Terminal, y: [Complex64; 2]) -> Vec<String> {
        let [z1, z0] = y.map(|y| (y != Complex64::ZERO).then(|| y.inv()));
        self.star(name, at, [z1, z1, z0], None)
    }

    /// The impedance of a line, divided where the fault is. What leads to an end that is open and uncharged carries
    /// nothing and is left out.
    fn series(
        &mut self,
        part: &Part,
        ends: [Terminal; 2],
        open: [bool; 2],
        fraction: Option<f64>,
    ) -> [Vec<String>; 2] {
        let none = [Vec::new(), Vec::new()];
        let Some(z1) = part.z1_ohm else { return none };
        let z0 = part.series.map_or(z1, |[_, z0]| z0);
        let Some(fraction) = fraction else {
            if open[0] || open[1] {
                return none;
            }
            let whole = vec![self.reactor(&part.id, ends, [z1, z1, z0])];
            return [whole.clone(), whole];
        };
        let halves =
            [([ends[0], self.place], fraction, "first"), ([self.place, ends[1]], 1.0 - fraction, "second")];
        let mut found = none;
        for (end, (ends, share, name)) in halves.into_iter().enumerate() {
            if !open[end] && share > 0.0 {
                let z = [z1, z1, z0].map(|z| z * share);
                found[end] = vec![self.reactor(&format!("{}_{name}", part.id), ends, z)];
            }
        }
        found
    }

    /// Where on its way a line has the fault.
    fn fraction_on(&self, at: u32) -> Option<f64> {
        match &self.fault.place {
            Place::Line(point) if self.point.on_line.as_ref().is_some_and(|own| own.part == at) => {
                Some(point.fraction)
            }
            _ => None,
        }
    }

    /// The coupled lines, group by group, as one element each.
    pub(super) fn groups(&mut self) {
        let circuit = self.circuit;
        for (number, group) in circuit.groups.iter().enumerate() {
            let Some(first) = (0..2 * group.members.len()).find_map(|end| group.node(end)) else { continue };
            let sections = group.sections(self.divided(number));
            if sections.is_empty() {
                continue;
            }
            let bus = self.terminals.at(first).bus;
            let [from, to] = [0, 1].map(|side| {
                let nodes: Vec<u32> =
                    sections.iter().flat_map(|section| self.nodes_of(group, section.ends[side])).collect();
                self.terminals.text(bus, &nodes)
            });
            let count = 3 * sections.len();
            let matrices = self.coupled(group, &sections);
            self.group(number, &format!("phases={count} bus1={from} bus2={to} {matrices}"));
        }
    }

    /// The member of a group that has the fault on its way, with its fraction and its open ends.
    fn divided(&self, group: usize) -> Option<(usize, f64, [bool; 2])> {
        let at = self.point.on_line.as_ref()?.part;
        let (_, member) = self.circuit.coupled.get(&at).filter(|own| own.0 == group)?;
        let open = [0, 1].map(|end| self.circuit.parts[at as usize].nodes[end].is_none());
        Some((*member, self.fraction_on(at)?, open))
    }

    /// The conductors of a group at an end of a member.
    fn share_of(&self, group: usize, end: usize) -> Option<OpenDssElement> {
        let sections = self.circuit.groups[group].sections(self.divided(group));
        let at = sections.iter().position(|section| section.ends.contains(&end))?;
        let side = usize::from(sections[at].ends[1] == end);
        let first = 3 * (side * sections.len() + at);
        let name = format!("Reactor.{}", self.group_names[group]);
        Some(OpenDssElement { name, conductors: Some([first, first + 1, first + 2]) })
    }

    fn nodes_of(&self, group: &Group, end: usize) -> [u32; 3] {
        if end == 2 * group.members.len() {
            return self.place.nodes;
        }
        group.node(end).map_or([0; 3], |node| self.terminals.at(node).nodes)
    }

    /// The phase matrices of sections with what couples them.
    fn coupled(&self, group: &Group, sections: &[Section]) -> String {
        let zero = group.impedance_of(sections);
        let z1 = |section: &Section| {
            let member = &group.members[section.member];
            let part = self.circuit.part_of.get(&("lines", member.line.clone()));
            let own = part.and_then(|at| self.circuit.parts[*at as usize].z1_ohm);
            // A line out of service has no part; earthed at both ends, only its zero sequence carries current.
            own.unwrap_or(member.z0) * (section.span[1] - section.span[0])
        };
        let entry = |row: usize, column: usize| {
            let (one, other) = (row / 3, column / 3);
            let z0 = zero.at(one, other);
            if one != other {
                return z0 / 3.0;
            }
            let z1 = z1(&sections[one]);
            if row == column { (z0 + z1 * 2.0) / 3.0 } else { (z0 - z1) / 3.0 }
        };
        let count = 3 * sections.len();
        let matrix = |part: fn(Complex64) -> f64| {
            let row = |row| {
                let cells: Vec<String> = (0..count).map(|column| number(part(entry(row, column)))).collect();
                cells.join(" ")
            };
            (0..count).map(row).collect::<Vec<String>>().join(" | ")
        };
        format!("Rmatrix=[{}] Xmatrix=[{}]", matrix(|z| z.re), matrix(|z| z.im))
    }
}

fn into(names: Vec<String>) -> Vec<OpenDssElement> {
    names.into_iter().map(Into::into).collect()
}
