//! Groups of lines coupled in the zero sequence: their common admittances, and faults on the way along one of them.
//!
//! Currents don't change along a line, so the voltage induced over its whole length needs only the whole mutual
//! impedance of a pair; where a stretch lies matters for a fault between the ends, and there it is divided at the
//! fault. A line out of service and earthed at both ends stays in the group with no voltage at its ends.

use std::collections::BTreeMap;

use network::{Coupling, Element, Finding, Line, Severity};
use num_complex::Complex64;

use super::builder::Builder;
use crate::matrix::dense::Dense;

/// A line in a group.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) line: String,
    /// The nodes of its ends; none for an end that is earthed.
    pub(crate) nodes: [Option<u32>; 2],
    pub(crate) z0: Complex64,
    /// Whether current can flow through it from end to end.
    pub(crate) is_closed: bool,
}

/// Lines that induce voltages in each other.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) members: Vec<Member>,
    stretches: Vec<Stretch>,
    /// Admittances between the ends, `2 member + end`.
    pub(crate) admittance: Dense,
}

/// The mutual impedance of two members and where they run side by side.
#[derive(Debug, Clone)]
struct Stretch {
    members: [usize; 2],
    /// With the sign of the two directions.
    z0m: Complex64,
    /// From and to fractions on each of the two.
    spans: [[f64; 2]; 2],
}

/// A fault on the way: how the voltage there follows from the ends of the group's members.
#[derive(Debug, Clone)]
pub(crate) struct OnTheWay {
    /// Weight of each end's voltage, `2 member + end`.
    pub(crate) weights: Vec<Complex64>,
    /// Impedance of the point itself, with the ends held.
    pub(crate) own: Complex64,
}

impl Builder<'_> {
    /// Notes couplings that cannot be: earth faults that hang on their lines are not computed.
    pub(crate) fn couplings(&mut self) {
        let model = self.view.model();
        let couplings = model.couplings.iter().filter(|coupling| self.view.in_service(*coupling));
        let wrong: Vec<&Coupling> = couplings.filter(|coupling| !self.is_possible(coupling)).collect();
        for coupling in wrong {
            let known = self.impossible.get(&(Coupling::KIND, coupling.id.as_str()));
            let (field, value) = known.map_or(("line_b", f64::NAN), |known| (known[0].field, known[0].value));
            let lines = model.lines.iter();
            let own = lines.filter(|line| [&coupling.line_a, &coupling.line_b].contains(&&line.id));
            let nodes: Vec<Option<u32>> = own.filter_map(|line| self.nodes(line)).flatten().collect();
            self.unusable_coupling(coupling, (field, value), &nodes);
        }
    }

    fn is_possible(&self, coupling: &Coupling) -> bool {
        !self.is_impossible(coupling) && coupling.line_a != coupling.line_b
    }

    /// The groups of the model; lines that carry no current and are not earthed drop out.
    pub(crate) fn groups(&mut self) -> Vec<Group> {
        let model = self.view.model();
        let lines: BTreeMap<&str, &Line> = model.lines.iter().map(|line| (line.id.as_str(), line)).collect();
        let couplings: Vec<(&Coupling, [Member; 2])> = model
            .couplings
            .iter()
            .filter(|coupling| self.view.in_service(*coupling) && self.is_possible(coupling))
            .filter_map(|coupling| {
                let member = |id: &String| self.member(lines.get(id.as_str())?);
                Some((coupling, [member(&coupling.line_a)?, member(&coupling.line_b)?]))
            })
            .collect();
        let mut groups: Vec<(Vec<Member>, Vec<&Coupling>)> = Vec::new();
        for (coupling, members) in couplings {
            let mut joined = (Vec::new(), vec![coupling]);
            let is_in =
                |group: &Vec<Member>, member: &Member| group.iter().any(|own| own.line == member.line);
            let (touched, rest): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|(group, _)| members.iter().any(|member| is_in(group, member)));
            groups = rest;
            for (own, couplings) in touched {
                joined.0.extend(own);
                joined.1.extend(couplings);
            }
            for member in members {
                if !is_in(&joined.0, &member) {
                    joined.0.push(member);
                }
            }
            groups.push(joined);
        }
        let mut made = Vec::new();
        for (members, couplings) in groups {
            let nodes: Vec<Option<u32>> = members.iter().flat_map(|member| member.nodes).collect();
            match self.group(members, &couplings) {
                Some(group) => made.push(group),
                None => self.unusable_coupling(couplings[0], ("x0m_ohm", couplings[0].x0m_ohm), &nodes),
            }
        }
        made
    }

    fn unusable_coupling(&mut self, coupling: &Coupling, (field, value): (&str, f64), nodes: &[Option<u32>]) {
        let finding = Finding::new("value_unusable", Severity::Error).about(Coupling::KIND, &coupling.id);
        self.notes.findings.push(finding.field(field).with("value", value));
        self.missing_zero(coupling, field, nodes);
    }

    fn member(&self, line: &Line) -> Option<Member> {
        let z0 = self.zero_of_line(line)?;
        if self.is_impossible(line) || self.topology.joins(&line.id) {
            return None;
        }
        if self.view.is_earthed_at_both_ends(&line.id) {
            return Some(Member { line: line.id.clone(), nodes: [None, None], z0, is_closed: true });
        }
        let nodes = self.nodes(line)?;
        let is_closed = nodes.iter().all(Option::is_some);
        Some(Member { line: line.id.clone(), nodes: [nodes[0], nodes[1]], z0, is_closed })
    }

    fn group(&self, members: Vec<Member>, couplings: &[&Coupling]) -> Option<Group> {
        let place = |id: &String| members.iter().position(|member| member.line == *id);
        let stretches: Vec<Stretch> = couplings
            .iter()
            .filter_map(|coupling| {
                let spans = [[coupling.from_a, coupling.to_a], [coupling.from_b, coupling.to_b]];
                let sign = (spans[0][1] - spans[0][0]).signum() * (spans[1][1] - spans[1][0]).signum();
                Some(Stretch {
                    members: [place(&coupling.line_a)?, place(&coupling.line_b)?],
                    z0m: self.z(coupling.r0m_ohm, coupling.x0m_ohm) * sign,
                    spans,
                })
            })
            .collect();
        let mut group = Group { members, stretches, admittance: Dense::zero(0) };
        group.admittance = group.ends_only()?;
        Some(group)
    }
}

impl Group {
    /// The node of an end, `2 member + end`; none where it's earthed.
    pub(crate) fn node(&self, end: usize) -> Option<u32> {
        self.members[end / 2].nodes[end % 2]
    }

    /// Admittance between the currents of two members: how the one's current follows from the other's voltage.
    pub(crate) fn between(&self, one: usize, other: usize) -> Complex64 {
        self.admittance.at(2 * one, 2 * other)
    }

    fn ends_only(&self) -> Option<Dense> {
        self.admittance_of(&self.sections(None), 2 * self.members.len())
    }

    /// A fault at a fraction of a member, counted from its first end. An end that is open carries no current.
    pub(crate) fn on_the_way(&self, member: usize, fraction: f64, open: [bool; 2]) -> Option<OnTheWay> {
        let point = 2 * self.members.len();
        let full = self.admittance_of(&self.sections(Some((member, fraction, open))), point + 1)?;
        let own = full.at(point, point).inv();
        let weights = (0..point).map(|end| -full.at(point, end) * own).collect();
        Some(OnTheWay { weights, own })
    }

    /// The members that can carry current; one with a fault on the way is divided there, less what lies beyond an open
    /// end. The fault's end is `2 members`.
    pub(crate) fn sections(&self, fault: Option<(usize, f64, [bool; 2])>) -> Vec<Section> {
        let divided = fault.map(|(member, _, _)| member);
        let mut sections: Vec<Section> = (0..self.members.len())
            .filter(|&member| Some(member) != divided && self.members[member].is_closed)
            .map(|member| Section { member, span: [0.0, 1.0], ends: [2 * member, 2 * member + 1] })
            .collect();
        if let Some((member, fraction, open)) = fault {
            let point = 2 * self.members.len();
            let halves = [([0.0, fraction], [2 * member, point]), ([fraction, 1.0], [point, 2 * member + 1])];
            for ((span, ends), _) in halves.into_iter().zip(open).filter(|(_, is_open)| !is_open) {
                sections.push(Section { member, span, ends });
            }
        }
        sections
    }

    /// The zero-sequence impedances of sections and between them, in Ω.
    pub(crate) fn impedance_of(&self, sections: &[Section]) -> Dense {
        let mut impedance = Dense::zero(sections.len());
        for (row, one) in sections.iter().enumerate() {
            *impedance.at_mut(row, row) = self.members[one.member].z0 * (one.span[1] - one.span[0]);
            for (column, other) in sections.iter().enumerate() {
                for stretch in &self.stretches {
                    if stretch.members == [one.member, other.member] {
                        let mutual = stretch.z0m * stretch.part_within(one.span, other.span);
                        *impedance.at_mut(row, column) += mutual;
                        *impedance.at_mut(column, row) += mutual;
                    }
                }
            }
        }
        impedance
    }

    /// Admittances between `count` ends of the sections with their mutual impedances.
    fn admittance_of(&self, sections: &[Section], count: usize) -> Option<Dense> {
        let admittance = self.impedance_of(sections).inverse()?;
        let mut block = Dense::zero(count);
        for (row, one) in sections.iter().enumerate() {
            for (column, other) in sections.iter().enumerate() {
                let y = admittance.at(row, column);
                for (at, sign) in one.ends.iter().zip([1.0, -1.0]) {
                    for (to, mirror) in other.ends.iter().zip([1.0, -1.0]) {
                        *block.at_mut(*at, *to) += y * (sign * mirror);
                    }
                }
            }
        }
        Some(block)
    }
}

/// A part of a member between two ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section {
    pub(crate) member: usize,
    /// From and to fractions of the member's length.
    pub(crate) span: [f64; 2],
    pub(crate) ends: [usize; 2],
}

impl Stretch {
    /// Which part of the stretch lies within a span of each of the two members.
    fn part_within(&self, one: [f64; 2], other: [f64; 2]) -> f64 {
        // Along the stretch, s runs from 0 to 1.
        let along = |span: [f64; 2], [from, to]: [f64; 2]| {
            let at = |place: f64| (place - from) / (to - from);
            let (a, b) = (at(span[0]), at(span[1]));
            [a.min(b).max(0.0), a.max(b).min(1.0)]
        };
        let [a, b] = [along(one, self.spans[0]), along(other, self.spans[1])];
        (a[1].min(b[1]) - a[0].max(b[0])).max(0.0)
    }
}
