//! What the parts of a circuit are made with: the model in its state, the choices, and what was noticed on the way.

use std::collections::BTreeSet;

use network::{Bus, Element, Finding, Severity, Topology, View};
use num_complex::Complex64;

use super::part::Part;
use crate::factors::Station;
use crate::method::{Case, Method, Options};

/// The frequency a circuit is made for, and whether it serves the peak current.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frequency {
    /// The frequency over the rated one.
    pub(crate) ratio: f64,
    /// Whether machines have the fictitious resistance `R_Gf` (IEC 60909-0:2016, 6.6.1).
    pub(crate) fictitious_resistance: bool,
}

impl Frequency {
    pub(crate) const RATED: Self = Self { ratio: 1.0, fictitious_resistance: false };
}

/// Makes parts of elements.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    pub(crate) view: &'a View<'a>,
    pub(crate) topology: &'a Topology<'a>,
    pub(crate) options: &'a Options,
    pub(crate) frequency: Frequency,
    /// Nominal voltage of each node in kV.
    pub(crate) nominal_kv: &'a [f64],
    /// The elements that are wanted; none: all.
    pub(crate) only: Option<&'a BTreeSet<&'a str>>,
    pub(crate) stations: Vec<Station<'a>>,
    pub(crate) parts: Vec<Part>,
    pub(crate) notes: Notes,
}

/// What was noticed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes {
    pub(crate) findings: Vec<Finding>,
    /// Values that were assumed because the model lacks them.
    pub(crate) assumptions: Vec<Finding>,
    /// Missing values of the zero sequence, and the nodes they make it unknown at.
    pub(crate) unknown_zero: Vec<(Finding, Vec<u32>)>,
}

impl<'a> Builder<'a> {
    /// A builder that has made nothing yet.
    pub(crate) fn new(
        view: &'a View<'a>,
        topology: &'a Topology<'a>,
        (options, frequency): (&'a Options, Frequency),
        nominal_kv: &'a [f64],
    ) -> Self {
        Self {
            view,
            topology,
            options,
            frequency,
            nominal_kv,
            only: None,
            stations: Vec::new(),
            parts: Vec::new(),
            notes: Notes::default(),
        }
    }

    /// Makes the parts of all elements.
    pub(crate) fn all(&mut self) {
        self.stations = self.find_stations();
        self.lines();
        self.series_elements();
        self.transformers();
        self.transformers3();
        self.feeders();
        self.units();
        self.equivalents();
        self.motors();
        self.converters();
        self.shunts();
        self.earthings();
    }

    /// A series impedance in Ω at the frequency of the circuit.
    pub(crate) fn z(&self, r: f64, x: f64) -> Complex64 {
        Complex64::new(r, x * self.frequency.ratio)
    }

    /// Half of a shunt admittance given in µS for both ends, at the frequency of the circuit.
    pub(crate) fn half_shunt(&self, g_us: Option<f64>, b_us: Option<f64>) -> Complex64 {
        Complex64::new(g_us.unwrap_or(0.0), b_us.unwrap_or(0.0) * self.frequency.ratio) * 0.5e-6
    }

    /// A resistance in Ω given at 20 °C, hot for minimum currents (IEC 60909-0:2016, 5.3: α = 0.004/K).
    pub(crate) fn warm(&self, r_ohm: f64, end_temperature_c: Option<f64>) -> f64 {
        match end_temperature_c {
            Some(end) if self.options.case == Case::Min => r_ohm * (1.0 + 0.004 * (end - 20.0)),
            _ => r_ohm,
        }
    }

    /// Whether shunts and capacitances count in the positive sequence; in the zero sequence they always do.
    pub(crate) fn counts_shunts(&self) -> bool {
        matches!(self.options.method, Method::EqualEmf(_))
    }

    /// The nodes of an element's terminals; none when it's out of service or connected nowhere.
    pub(crate) fn nodes<E: Element>(&self, element: &E) -> Option<Vec<Option<u32>>> {
        let is_wanted = self.only.is_none_or(|only| only.contains(element.id()));
        if !(is_wanted && self.view.in_service(element)) {
            return None;
        }
        let node = |end| self.topology.terminal_node(self.view, element, end).map(|node| node as u32);
        let nodes: Vec<Option<u32>> = (0..element.buses().len()).map(node).collect();
        nodes.iter().any(Option::is_some).then_some(nodes)
    }

    /// Nominal voltage of a terminal's node in kV.
    pub(crate) fn kv(&self, node: u32) -> f64 {
        self.nominal_kv[node as usize]
    }

    /// Nominal voltage of a bus in kV, connected or not.
    pub(crate) fn bus_kv(&self, id: &str) -> f64 {
        let is_it = |bus: &&Bus| bus.id == id;
        match self.topology.node(id) {
            Some(node) => self.nominal_kv[node],
            None => self.view.model().buses.iter().find(is_it).map_or(0.0, |bus| bus.nominal_kv),
        }
    }

    /// Notes a value without which an element doesn't take part.
    pub(crate) fn missing(&mut self, element: &impl Element, field: &str) {
        self.notes.findings.push(lack("value_missing", Severity::Error, element, field));
    }

    /// Notes a value that cannot be used, with the value.
    pub(crate) fn unusable(&mut self, element: &impl Element, field: &str, value: f64) {
        let finding = lack("value_unusable", Severity::Error, element, field).with("value", value);
        self.notes.findings.push(finding);
    }

    /// Notes a value that was assumed.
    pub(crate) fn assumed(&mut self, element: &impl Element, field: &str, value: f64, reason: &str) {
        let finding = lack("value_assumed", Severity::Warning, element, field)
            .with("value", value)
            .with("reason", reason);
        self.notes.assumptions.push(finding);
    }

    /// Notes a missing value of the zero sequence: earth faults near the element cannot be computed.
    pub(crate) fn missing_zero(&mut self, element: &impl Element, field: &str, nodes: &[Option<u32>]) {
        let finding = lack("zero_sequence_missing", Severity::Error, element, field);
        self.notes.unknown_zero.push((finding, nodes.iter().flatten().copied().collect()));
    }
}

fn lack<E: Element>(code: &str, severity: Severity, element: &E, field: &str) -> Finding {
    Finding::new(code, severity).about(E::KIND, element.id()).field(field)
}
