//! What hangs at one bus: sources, machines, shunts, earthing transformers.

use num_complex::Complex64;

use super::script::{Writer, number, sequences};
use super::terminals::Terminal;
use crate::circuit::part::{NEGATIVE, POSITIVE, Part, Source, ZERO};

impl Writer<'_> {
    /// An element with one end.
    pub(super) fn hang(&mut self, part: &Part) {
        let Some(Some(node)) = part.nodes.first().copied() else { return };
        let factor = self.factor_of(part);
        let z = [POSITIVE, NEGATIVE, ZERO].map(|sequence| {
            let block = &part.admittances[sequence];
            let y = if block.order() > 0 { block.at(0, 0) } else { Complex64::ZERO };
            let neutral = if sequence == ZERO { part.neutral_ohm } else { Complex64::ZERO };
            (y != Complex64::ZERO).then(|| (y.inv() - neutral) * factor + neutral)
        });
        let emf = match part.source {
            Some(Source::Emf(emf)) if self.circuit.before.is_some() => Some(emf),
            _ => None,
        };
        self.star(&part.id, self.terminals.at(node), z, emf);
    }

    /// Impedances to earth per sequence, behind which an EMF may stand; none where nothing flows.
    pub(super) fn star(
        &mut self,
        name: &str,
        at: Terminal,
        [z1, z2, z0]: [Option<Complex64>; 3],
        emf: Option<Complex64>,
    ) -> Vec<String> {
        let Some(z1) = z1 else {
            return z0.map_or_else(Vec::new, |z0| self.zero_to_earth(name, at, z0));
        };
        // Without a zero sequence the star point is a node of its own.
        let neutral = if z0.is_some() { 0 } else { self.terminals.fresh_node(at.bus) };
        let to = Terminal { nodes: [neutral; 3], ..at };
        let z = [z1, z2.unwrap_or(z1), z0.unwrap_or(z1)];
        let Some(emf) = emf else { return vec![self.reactor(name, [at, to], z)] };
        let [from, to] = [at, to].map(|end| self.terminals.text(end.bus, &end.nodes));
        let (kv, angle) = (number(emf.norm() * 3f64.sqrt()), number(emf.arg().to_degrees()));
        let z = sequences(z);
        let properties = format!("bus1={from} bus2={to} basekv={kv} pu=1 angle={angle} {z}");
        vec![self.element("Vsource", name, &properties)]
    }

    /// What a part's impedances are multiplied by for this fault alone.
    pub(super) fn factor_of(&self, part: &Part) -> f64 {
        let Some(inside) = &self.point.inside else { return 1.0 };
        let parts = [inside.unit, inside.transformer].map(|at| &self.circuit.parts[at as usize]);
        let own = parts.iter().position(|other| (other.kind, &other.id) == (part.kind, &part.id));
        own.map_or(1.0, |at| inside.ratios[at])
    }
}
