//! The circuit behind the numbers: what impedance every element has and what the norm multiplied it by.

use num_complex::Complex64;
use serde::Serialize;

use crate::factors::Factor;
use crate::study::Study;

/// An element as the circuit has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ingredient {
    /// The collection of the element.
    pub kind: &'static str,
    /// The element.
    pub id: String,
    /// The nodes it connects, by their first buses; none for an open end.
    pub buses: Vec<Option<String>>,
    /// Positive-sequence impedance in Ω at its first end, factors included; none where it has none of its own.
    pub z1_ohm: Option<Complex64>,
    /// Admittances in S between its ends per sequence, by rows; empty where nothing is there.
    pub admittances_s: [Vec<Complex64>; 3],
    /// By how many degrees the positive sequence of each end lags the first's.
    pub lags_deg: Vec<f64>,
    /// What the norm multiplied the impedances by, with the clause.
    pub factors: Vec<Factor>,
}

impl Study<'_> {
    /// Every element of the circuit, in the order of the model's collections.
    pub fn ingredients(&self) -> Vec<Ingredient> {
        let bus = |node: &Option<u32>| node.map(|node| self.circuit.nodes[node as usize].buses[0].clone());
        let ingredient = |part: &crate::circuit::part::Part| Ingredient {
            kind: part.kind,
            id: part.id.clone(),
            buses: part.nodes.iter().map(bus).collect(),
            z1_ohm: part.z1_ohm,
            admittances_s: std::array::from_fn(|sequence| part.admittances[sequence].entries().to_vec()),
            lags_deg: part.lags_deg.clone(),
            factors: part.factors.clone(),
        };
        self.circuit.parts.iter().map(ingredient).collect()
    }
}
