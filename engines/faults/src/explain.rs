//! The circuit behind the numbers: what impedances every element has and what the norm multiplied them by.

use std::collections::HashMap;

use network::{Connection, Entry};
use num_complex::Complex64;
use serde::Serialize;

use crate::circuit::part::{NEGATIVE, Part, ZERO};
use crate::circuit::transformers::Bank;
use crate::factors::Factor;
use crate::study::Study;

/// An element as the circuit has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ingredient {
    /// The collection of the element.
    pub kind: &'static str,
    /// The element.
    pub id: String,
    /// The name people use; the id where there is none.
    pub name: String,
    /// The nodes it connects, by their first buses; none for an open end.
    pub buses: Vec<Option<String>>,
    /// Positive-sequence impedance in Ω at its first end, factors included; none where it has none of its own.
    pub z1_ohm: Option<Complex64>,
    /// The same of the negative sequence.
    pub z2_ohm: Option<Complex64>,
    /// The same of the zero sequence: of a transformer between its windings, whatever their connection lets through; of a
    /// unit with three times its neutral's. None where it has none or it isn't known.
    pub z0_ohm: Option<Complex64>,
    /// The pairs of a transformer with three windings.
    pub pairs: Vec<Pair>,
    /// The neutrals that are connected to earth: which end, and the impedance between in Ω, which no factor applies to.
    pub neutrals: Vec<(&'static str, Complex64)>,
    /// Admittances in S between its ends per sequence, by rows; empty where nothing is there.
    pub admittances_s: [Vec<Complex64>; 3],
    /// By how many degrees the positive sequence of each end lags the first's.
    pub lags_deg: Vec<f64>,
    /// What the norm multiplied the impedances by, with the clause.
    pub factors: Vec<Factor>,
}

/// Two of three windings, in Ω at the first, factors included.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Which two: `hv_mv`, `hv_lv` or `mv_lv`.
    pub windings: &'static str,
    /// Positive and negative sequence.
    pub z1_ohm: Complex64,
    /// Zero sequence; none where it isn't known.
    pub z0_ohm: Option<Complex64>,
}

impl Study<'_> {
    /// Every element of the circuit, in the order of the model's collections.
    pub fn ingredients(&self) -> Vec<Ingredient> {
        let entries = self.view.model().elements();
        let names: HashMap<(&str, &str), &Entry<'_>> =
            entries.iter().map(|entry| ((entry.kind, entry.id), entry)).collect();
        let bus = |node: &Option<u32>| node.map(|node| self.circuit.nodes[node as usize].buses[0].clone());
        let ingredient = |part: &Part| Ingredient {
            kind: part.kind,
            id: part.id.clone(),
            name: names.get(&(part.kind, part.id.as_str())).map_or(&*part.id, |entry| entry.name).to_owned(),
            buses: part.nodes.iter().map(bus).collect(),
            z1_ohm: part.z1_ohm,
            z2_ohm: if part.is_branch() { part.z1_ohm } else { own(part, NEGATIVE) },
            z0_ohm: zero(part),
            pairs: part.bank.as_deref().map_or_else(Vec::new, pairs),
            neutrals: neutrals(part),
            admittances_s: std::array::from_fn(|sequence| part.admittances[sequence].entries().to_vec()),
            lags_deg: part.lags_deg.clone(),
            factors: part.factors.clone(),
        };
        self.circuit.parts.iter().map(ingredient).collect()
    }
}

/// The impedance of what has one end.
fn own(part: &Part, sequence: usize) -> Option<Complex64> {
    let block = &part.admittances[sequence];
    (block.order() == 1 && block.at(0, 0) != Complex64::ZERO).then(|| block.at(0, 0).inv())
}

fn zero(part: &Part) -> Option<Complex64> {
    if !part.is_branch() {
        return own(part, ZERO);
    }
    let between = |bank: &Bank| bank.z0.as_ref().filter(|_| bank.z1.len() == 1).map(|z0| z0[0]);
    part.series.map(|[_, z0]| z0).or_else(|| part.bank.as_deref().and_then(between))
}

fn pairs(bank: &Bank) -> Vec<Pair> {
    if bank.z1.len() < 3 {
        return Vec::new();
    }
    let pair = |(at, windings)| {
        let z0_ohm = bank.z0.as_ref().map(|z0| z0[at]);
        Pair { windings, z1_ohm: bank.z1[at], z0_ohm }
    };
    ["hv_mv", "hv_lv", "mv_lv"].into_iter().enumerate().map(pair).collect()
}

fn neutrals(part: &Part) -> Vec<(&'static str, Complex64)> {
    let coils = part.bank.as_deref().filter(|_| part.kind != "series_elements").map(|bank| &bank.coils);
    let has_star = |connection| matches!(connection, Connection::Star | Connection::Zigzag);
    let of_coils = coils.into_iter().flatten().enumerate().filter(|(_, coil)| has_star(coil.connection));
    let of_coils = of_coils.filter_map(|(end, coil)| Some((part.end_name(end), coil.neutral?)));
    let of_unit = part.kind == "units" && part.admittances[ZERO].order() > 0;
    of_coils.chain(of_unit.then(|| (part.end_name(0), part.neutral_ohm / 3.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    /// IEC TR 60909-4, clause 6: T3 with its three pairs, the reactors in the neutrals, the units' own impedances.
    #[test]
    fn every_impedance_of_the_technical_report_can_be_opened() {
        let model = network::read(include_str!("../cases/iec-tr-60909-4/network.json")).unwrap();
        let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
        let all = study.ingredients();
        for own in &all {
            let has_impedance = own.z1_ohm.is_some() && own.z2_ohm.is_some() || own.pairs.len() == 3;
            assert!(has_impedance, "{} {}", own.kind, own.id);
            assert!(own.name == own.id || own.kind != "lines");
        }
        let three = all.iter().filter(|own| own.kind == "transformers3");
        for own in three {
            // The star of the pairs is what stands between the ends: with the third open, the pair's own impedance.
            let y = |row: usize, column: usize| own.admittances_s[0][3 * row + column];
            let seen = y(0, 0) - y(0, 2) * y(0, 2) / y(2, 2);
            assert!(
                (seen.inv() - own.pairs[0].z1_ohm).norm() < 1e-9 * own.pairs[0].z1_ohm.norm(),
                "{}",
                own.id
            );
        }
        assert!(all.iter().any(|own| own.neutrals.iter().any(|(_, z)| z.im > 0.0)));
    }
}
