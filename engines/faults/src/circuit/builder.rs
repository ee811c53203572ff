//! What the parts of a circuit are made with: the model in its state, the choices, and what was noticed on the way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use network::{Bus, Element, Finding, Impossible, Line, Severity, Topology, View};
use num_complex::Complex64;

use super::gaps::Gap;
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
    /// Values of elements that no grid has.
    pub(crate) impossible: HashMap<(&'static str, &'a str), Vec<Impossible<'a>>>,
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
    /// Elements in service that could not be made.
    pub(crate) gaps: Vec<Gap>,
    /// The same of the zero sequence alone.
    pub(crate) zero_gaps: Vec<Gap>,
    /// The ends of branches that are no more than a piece of busbar.
    pub(crate) joined: BTreeMap<String, Vec<Option<u32>>>,
}

impl<'a> Builder<'a> {
    /// A builder that has made nothing yet.
    pub(crate) fn new(
        view: &'a View<'a>,
        topology: &'a Topology<'a>,
        (options, frequency): (&'a Options, Frequency),
        nominal_kv: &'a [f64],
    ) -> Self {
        let mut impossible: HashMap<_, Vec<Impossible<'a>>> = HashMap::new();
        for own in view.model().impossible() {
            if own.severity == Severity::Error {
                impossible.entry((own.kind, own.id)).or_default().push(own);
            }
        }
        Self {
            view,
            topology,
            options,
            frequency,
            nominal_kv,
            only: None,
            impossible,
            stations: Vec::new(),
            parts: Vec::new(),
            notes: Notes::default(),
        }
    }

    /// Makes the parts of all elements.
    pub(crate) fn all(&mut self) {
        self.stations = self.find_stations();
        self.couplings();
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

    /// The nodes of an element's terminals; none when it's out of service, connected nowhere, or has a value that cannot
    /// be, which is noted.
    pub(crate) fn take<E: Element>(&mut self, element: &E) -> Option<Vec<Option<u32>>> {
        self.take_but(element, None)
    }

    /// The same, but for values of fields that open with a word and don't count.
    pub(crate) fn take_but<E: Element>(
        &mut self,
        element: &E,
        idle: Option<&str>,
    ) -> Option<Vec<Option<u32>>> {
        let nodes = self.nodes(element)?;
        let known = self.impossible.get(&(E::KIND, element.id()));
        let counts = |own: &&Impossible<'_>| idle.is_none_or(|idle| !own.field.starts_with(idle));
        let first = known.and_then(|known| known.iter().find(counts));
        let Some(&Impossible { field, value, .. }) = first else { return Some(nodes) };
        self.unusable(element, (field, value), &nodes);
        None
    }

    /// Whether an element has a value that cannot be.
    pub(crate) fn is_impossible<E: Element>(&self, element: &E) -> bool {
        self.impossible.contains_key(&(E::KIND, element.id()))
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
    pub(crate) fn missing<E: Element>(&mut self, element: &E, field: &str, nodes: &[Option<u32>]) {
        self.notes.findings.push(lack("value_missing", Severity::Error, element, field));
        self.gap(element, field, nodes);
    }

    /// Notes a value that cannot be used, with the value.
    pub(crate) fn unusable<E: Element>(
        &mut self,
        element: &E,
        (field, value): (&str, f64),
        nodes: &[Option<u32>],
    ) {
        let finding = lack("value_unusable", Severity::Error, element, field).with("value", value);
        self.notes.findings.push(finding);
        self.gap(element, field, nodes);
    }

    /// Notes an element that the networks lack, unless that is wanted.
    fn gap<E: Element>(&mut self, element: &E, field: &str, nodes: &[Option<u32>]) {
        if self.options.leave_out_incomplete {
            return;
        }
        let nodes: Vec<u32> = nodes.iter().flatten().copied().collect();
        let (feeds, earths) = match E::KIND {
            "lines" | "series_elements" => (false, false),
            "transformers" | "transformers3" | "shunts" | "earthings" => (false, true),
            "motors" | "converters" => (true, false),
            _ => (true, true),
        };
        let gap = |feeds| Gap {
            kind: E::KIND,
            id: element.id().to_owned(),
            field: field.to_owned(),
            nodes: nodes.clone(),
            feeds,
        };
        // What has one end and feeds nothing stands beside the positive sequence.
        if feeds || nodes.len() > 1 {
            self.notes.gaps.push(gap(feeds));
        }
        if earths || nodes.len() > 1 {
            self.notes.zero_gaps.push(gap(earths));
        }
    }

    /// Notes a value that was assumed.
    pub(crate) fn assumed(&mut self, element: &impl Element, field: &str, value: f64, reason: &str) {
        let finding = lack("value_assumed", Severity::Warning, element, field)
            .with("value", value)
            .with("reason", reason);
        self.notes.assumptions.push(finding);
    }

    /// Notes a missing value of the zero sequence: earth faults that hang on the element cannot be computed.
    pub(crate) fn missing_zero<E: Element>(&mut self, element: &E, field: &str, nodes: &[Option<u32>]) {
        self.notes.zero_gaps.push(Gap {
            kind: E::KIND,
            id: element.id().to_owned(),
            field: field.to_owned(),
            nodes: nodes.iter().flatten().copied().collect(),
            feeds: !matches!(E::KIND, "lines" | "series_elements"),
        });
    }

    /// Notes that the line of the last gaps leads to earth by its charging.
    pub(crate) fn charged(&mut self, line: &Line) {
        let Notes { gaps, zero_gaps, .. } = &mut self.notes;
        let shunts = [(gaps, [line.g1_us, line.b1_us]), (zero_gaps, [line.g0_us, line.b0_us])];
        for (sequence, (gaps, charging)) in shunts.into_iter().enumerate() {
            let counts = sequence == 1 || matches!(self.options.method, Method::EqualEmf(_));
            let is_charged = charging.iter().flatten().any(|y| *y != 0.0);
            if let Some(gap) = gaps.last_mut().filter(|gap| gap.id == line.id) {
                gap.feeds |= counts && is_charged;
            }
        }
    }

    /// Notes a branch without impedance, whose ends are one node or whose other end is open.
    pub(crate) fn joined<E: Element>(&mut self, element: &E, nodes: Vec<Option<u32>>) {
        self.notes
            .findings
            .push(Finding::new("joins_its_buses", Severity::Info).about(E::KIND, element.id()));
        self.notes.joined.insert(element.id().to_owned(), nodes);
    }
}

fn lack<E: Element>(code: &str, severity: Severity, element: &E, field: &str) -> Finding {
    Finding::new(code, severity).about(E::KIND, element.id()).field(field)
}
