//! Writes a script of OpenDSS line by line.

use std::fmt::Write as _;

use network::{Finding, Severity};
use num_complex::Complex64;

use super::terminals::{Names, Terminal, Terminals};
use super::{OpenDss, OpenDssBus, OpenDssElement, OpenDssEnd};
use crate::circuit::part::{POSITIVE, Part, ZERO};
use crate::circuit::{Circuit, Node, unit};
use crate::point::Point;
use crate::result::Fault;
use crate::study::Study;

/// A script in the making.
pub(super) struct Writer<'s> {
    pub(super) circuit: &'s Circuit,
    pub(super) fault: &'s Fault,
    pub(super) point: &'s Point,
    pub(super) terminals: Terminals,
    /// The phases of the place of the fault.
    pub(super) place: Terminal,
    /// What the groups of coupled lines are called.
    pub(super) group_names: Vec<String>,
    names: Names,
    frequency_hz: f64,
    body: String,
    ends: Vec<OpenDssEnd>,
    findings: Vec<Finding>,
    /// Areas of the zero sequence that have a voltage to earth though no path there.
    referenced: Vec<u32>,
}

impl<'s> Writer<'s> {
    pub(super) fn new(study: &'s Study<'_>, fault: &'s Fault, point: &'s Point) -> Self {
        let circuit = &study.circuit;
        let mut terminals = Terminals::of(circuit);
        let at_node = terminals.at(point.node);
        let place = if point.on_line.is_some() { terminals.fresh(at_node.bus) } else { at_node };
        let mut names = Names::default();
        let name = |group: &crate::circuit::coupling::Group| {
            names.free(&format!("{}_and_coupled", group.members[0].line))
        };
        let group_names = circuit.groups.iter().map(name).collect();
        Self {
            circuit,
            fault,
            point,
            terminals,
            place,
            group_names,
            names,
            frequency_hz: study.frequency_hz,
            body: String::new(),
            ends: Vec::new(),
            findings: Vec::new(),
            referenced: Vec::new(),
        }
    }

    /// Writes an element of a class under a name like `wanted`; tells its full name.
    pub(super) fn element(&mut self, class: &str, wanted: &str, properties: &str) -> String {
        let name = format!("{class}.{}", self.names.free(wanted));
        let _ = writeln!(self.body, "New {name} {properties}");
        name
    }

    /// Writes a group of coupled lines under its own name.
    pub(super) fn group(&mut self, group: usize, properties: &str) {
        let _ = writeln!(self.body, "New Reactor.{} {properties}", self.group_names[group]);
    }

    /// Three phases in series between two terminals, in Ω per sequence.
    pub(super) fn reactor(
        &mut self,
        name: &str,
        [from, to]: [Terminal; 2],
        [z1, z2, z0]: [Complex64; 3],
    ) -> String {
        let [from, to] = [from, to].map(|end| self.terminals.text(end.bus, &end.nodes));
        let sequences = sequences([z1, z2, z0]);
        // OpenDSS makes phases of sequences with six digits of the operator a; matrices keep them all.
        let properties = if z1 == z2 { format!("{} ! {sequences}", matrices(z1, z0)) } else { sequences };
        self.element("Reactor", name, &format!("phases=3 bus1={from} bus2={to} {properties}"))
    }

    /// One phase between two nodes of a bus, in Ω.
    pub(super) fn single(&mut self, name: &str, bus: usize, [from, to]: [u32; 2], z: Complex64) -> String {
        let [from, to] = [from, to].map(|node| self.terminals.text(bus, &[node]));
        let (r, x) = (number(z.re), number(z.im));
        self.element("Reactor", name, &format!("phases=1 bus1={from} bus2={to} R={r} X={x}"))
    }

    /// A path to earth for the zero sequence alone, in Ω per phase: a star before a delta with an earthed corner.
    pub(super) fn zero_to_earth(&mut self, name: &str, at: Terminal, z0: Complex64) -> Vec<String> {
        let inner = [0, self.terminals.fresh_node(at.bus), self.terminals.fresh_node(at.bus)];
        let (r, x) = (number(z0.re / 2.0), number(z0.im));
        let phase = |phase: usize| {
            let star = self.terminals.text(at.bus, &[at.nodes[phase], 0]);
            let delta = self.terminals.text(at.bus, &[inner[phase], inner[(phase + 1) % 3]]);
            // At 1 kV and 10 kVA one percent is 1 Ω.
            let properties = format!(
                "phases=1 windings=2 buses=[{star} {delta}] kVs=[1 1] kVAs=[10 10] XHL={x} %Rs=[{r} {r}] \
                 ppm_antifloat=0"
            );
            self.element("Transformer", &format!("{name}_{}", phase + 1), &properties)
        };
        (0..3).map(phase).collect()
    }

    /// Notes where the end of an element is found.
    pub(super) fn end(&mut self, part: &Part, end: usize, at: Terminal, elements: Vec<OpenDssElement>) {
        let nodes = self.terminals.phases(at);
        self.ends.push(OpenDssEnd { id: part.id.clone(), end: part.end_name(end), nodes, elements });
    }

    pub(super) fn note(&mut self, code: &str, part: &Part) {
        self.findings.push(Finding::new(code, Severity::Warning).about(part.kind, &part.id));
    }

    /// Notes that the fault ties the place's area to earth.
    pub(super) fn is_referenced(&mut self) {
        self.referenced.push(self.circuit.sequence(ZERO).area(self.point.node));
    }

    /// Gives every area without a path to earth a voltage: no current flows there, but OpenDSS needs one. An island
    /// without a source has none in any sequence.
    pub(super) fn references(&mut self) {
        let one = Complex64::I;
        let mut dead: Vec<u32> = Vec::new();
        for node in 0..self.circuit.nodes.len() as u32 {
            let [positive, zero] = [POSITIVE, ZERO].map(|sequence| self.circuit.sequence(sequence));
            let at = self.terminals.at(node);
            if positive.floats(node) && !dead.contains(&positive.area(node)) {
                dead.push(positive.area(node));
                self.star("reference", at, [Some(one), None, None], None);
            }
            if zero.floats(node) && !self.referenced.contains(&zero.area(node)) {
                self.referenced.push(zero.area(node));
                self.zero_to_earth("reference", at, one);
            }
        }
    }

    pub(super) fn finish(self) -> OpenDss {
        let is_whole = self.circuit.before.is_some();
        let (kind, place) = (self.fault.kind.name(), &self.fault.place);
        let mut text = format!("! {kind} at {place} with the impedances that were used, in Ω and kV.\n");
        if !is_whole {
            text.push_str(
                "! The equivalent voltage source at the fault is the only one: currents are those of the\n",
            );
            text.push_str("! fault, voltages are changes against those before it.\n");
        }
        let _ = writeln!(text, "Clear\nSet DefaultBaseFrequency={}", number(self.frequency_hz));
        text.push_str("! OpenDSS makes no circuit without a source; this one feeds nothing.\n");
        text.push_str("New Circuit.quorate bus1=nothing basekv=1\n");
        for (node, own) in self.circuit.nodes.iter().enumerate() {
            let at = self.terminals.at(node as u32);
            let _ =
                writeln!(text, "! {} is {}", own.buses.join(", "), self.terminals.text(at.bus, &at.nodes));
        }
        text.push_str(&self.body);
        text.push_str("Set mode=direct\nSolve\n");
        let bus = |(node, own): (usize, &Node)| OpenDssBus {
            bus: own.buses[0].clone(),
            nodes: self.terminals.phases(self.terminals.at(node as u32)),
        };
        let buses = self.circuit.nodes.iter().enumerate().map(bus).collect();
        OpenDss { text, buses, ends: self.ends, is_whole, findings: self.findings }
    }
}

/// A number with all its digits.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:e}") }
}

/// [r, x].
pub(super) fn pair(z: Complex64) -> String {
    format!("[{}, {}]", number(z.re), number(z.im))
}

/// Impedances of the sequences. Where positive and negative differ, OpenDSS makes phases of them with the operator
/// a = −0.5 + j 0.866025 and its square: these are the values from which it makes the right phases all the same.
pub(super) fn sequences([z1, z2, z0]: [Complex64; 3]) -> String {
    let [z1, z2, z0] = if z1 == z2 { [z1, z2, z0] } else { as_opendss_reads([z1, z2, z0]) };
    format!("Z1={} Z2={} Z0={}", pair(z1), pair(z2), pair(z0))
}

fn as_opendss_reads([z1, z2, z0]: [Complex64; 3]) -> [Complex64; 3] {
    let (a, short) = (unit(120.0), Complex64::new(-0.5, 0.866_025));
    let squared = short * short;
    let own = z0 + z1 + z2;
    let (next, last) = (z0 + a * z1 + a * a * z2, z0 + a * a * z1 + a * z2);
    let sum = (own * 2.0 - next - last) / (2.0 - short - squared);
    let difference = (next - last) / (short - squared);
    [(sum + difference) / 2.0, (sum - difference) / 2.0, own - sum]
}

/// The phase matrices of an element that is the same in all phases.
fn matrices(z1: Complex64, z0: Complex64) -> String {
    let (own, mutual) = ((z0 + z1 * 2.0) / 3.0, (z0 - z1) / 3.0);
    let matrix = |part: fn(Complex64) -> f64| {
        let (own, mutual) = (number(part(own)), number(part(mutual)));
        format!("[{own} {mutual} {mutual} | {mutual} {own} {mutual} | {mutual} {mutual} {own}]")
    };
    format!("Rmatrix={} Xmatrix={}", matrix(|z| z.re), matrix(|z| z.im))
}
