//! The model: flat collections of elements, and the short way to write one down.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::bus::{Bus, Switch};
use crate::element::Element;
use crate::error::Error;
use crate::line::{Coupling, Line, SeriesElement};
use crate::machine::{Block, Converter, Motor, Unit};
use crate::shunt::{Earthing, Load, Shunt};
use crate::source::{Equivalent, Feeder};
use crate::state::State;
use crate::transformer::{Transformer, Transformer3};
use crate::view;

/// The newest version of the native format.
pub const FORMAT_VERSION: u32 = 1;

/// A grid in physical units: ohm, siemens, kV, MVA, MW, kA, km, degrees.
///
/// Ids are unique over all collections. What isn't known is absent, never 0: a computation that needs it says so by
/// element. The form in JSON is the published native format (docs/reference/network-format.md).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Version of the format.
    #[serde(rename = "quorate_network")]
    pub format: u32,
    /// The grid's name.
    pub name: Option<String>,
    /// Rated frequency in Hz.
    pub frequency_hz: Option<f64>,
    /// Buses and connection points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buses: Vec<Bus>,
    /// Switches between buses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switches: Vec<Switch>,
    /// Lines and cables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// Zero-sequence coupling of lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub couplings: Vec<Coupling>,
    /// Series reactors and capacitors, equivalent branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series_elements: Vec<SeriesElement>,
    /// Transformers with two windings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transformers: Vec<Transformer>,
    /// Transformers with three windings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transformers3: Vec<Transformer3>,
    /// Generating units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// Power-station blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// Network feeders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feeders: Vec<Feeder>,
    /// Equivalents of reduced networks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equivalents: Vec<Equivalent>,
    /// Asynchronous machines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub motors: Vec<Motor>,
    /// Sources behind power electronics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub converters: Vec<Converter>,
    /// Shunt reactors and capacitors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shunts: Vec<Shunt>,
    /// Loads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<Load>,
    /// Earthing transformers and coils at a bus.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earthings: Vec<Earthing>,
    /// States: situations of operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<State>,
    /// Outage schemes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<State>,
}

/// Defines a method that adds one element to a collection.
macro_rules! adders {
    ($($name:ident, $field:ident, $type:ty, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            #[must_use]
            pub fn $name(mut self, element: $type) -> Self {
                self.$field.push(element);
                self
            }
        )*
    };
}

/// Calls a closure-like block for every collection of elements.
macro_rules! every {
    ($model:expr, |$collection:ident| $body:block) => {{
        let model = $model;
        {
            let $collection = &model.buses;
            $body
        }
        {
            let $collection = &model.switches;
            $body
        }
        {
            let $collection = &model.lines;
            $body
        }
        {
            let $collection = &model.couplings;
            $body
        }
        {
            let $collection = &model.series_elements;
            $body
        }
        {
            let $collection = &model.transformers;
            $body
        }
        {
            let $collection = &model.transformers3;
            $body
        }
        {
            let $collection = &model.units;
            $body
        }
        {
            let $collection = &model.blocks;
            $body
        }
        {
            let $collection = &model.feeders;
            $body
        }
        {
            let $collection = &model.equivalents;
            $body
        }
        {
            let $collection = &model.motors;
            $body
        }
        {
            let $collection = &model.converters;
            $body
        }
        {
            let $collection = &model.shunts;
            $body
        }
        {
            let $collection = &model.loads;
            $body
        }
        {
            let $collection = &model.earthings;
            $body
        }
    }};
}

impl Default for Model {
    fn default() -> Self {
        Self {
            format: FORMAT_VERSION,
            name: None,
            frequency_hz: None,
            buses: Vec::new(),
            switches: Vec::new(),
            lines: Vec::new(),
            couplings: Vec::new(),
            series_elements: Vec::new(),
            transformers: Vec::new(),
            transformers3: Vec::new(),
            units: Vec::new(),
            blocks: Vec::new(),
            feeders: Vec::new(),
            equivalents: Vec::new(),
            motors: Vec::new(),
            converters: Vec::new(),
            shunts: Vec::new(),
            loads: Vec::new(),
            earthings: Vec::new(),
            states: Vec::new(),
            schemes: Vec::new(),
        }
    }
}

impl Model {
    /// An empty model.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same model with its rated frequency in Hz.
    #[must_use]
    pub fn frequency(mut self, hz: f64) -> Self {
        self.frequency_hz = Some(hz);
        self
    }

    /// The same model with one more bus; nominal voltage in kV.
    #[must_use]
    pub fn bus(mut self, id: &str, nominal_kv: f64) -> Self {
        self.buses.push(Bus::new(id, nominal_kv));
        self
    }

    adders! {
        switch, switches, Switch, "The same model with one more switch.";
        line, lines, Line, "The same model with one more line.";
        coupling, couplings, Coupling, "The same model with one more coupling.";
        series_element, series_elements, SeriesElement, "The same model with one more series element.";
        transformer, transformers, Transformer, "The same model with one more transformer.";
        transformer3, transformers3, Transformer3, "The same model with one more three-winding transformer.";
        unit, units, Unit, "The same model with one more unit.";
        block, blocks, Block, "The same model with one more block.";
        feeder, feeders, Feeder, "The same model with one more feeder.";
        equivalent, equivalents, Equivalent, "The same model with one more equivalent.";
        motor, motors, Motor, "The same model with one more motor.";
        converter, converters, Converter, "The same model with one more converter.";
        shunt, shunts, Shunt, "The same model with one more shunt.";
        load, loads, Load, "The same model with one more load.";
        earthing, earthings, Earthing, "The same model with one more earthing transformer.";
        state, states, State, "The same model with one more state.";
        scheme, schemes, State, "The same model with one more outage scheme.";
    }

    /// The bus people mean: the one with this id, else the only one with this name, mRID or other name.
    pub fn bus_called(&self, text: &str) -> Option<&Bus> {
        let is_called = |bus: &&Bus| {
            [&bus.name, &bus.mrid].into_iter().flatten().chain(&bus.aliases).any(|known| known == text)
        };
        let by_id = self.buses.iter().find(|bus| bus.id == text);
        by_id.or_else(|| {
            let mut called = self.buses.iter().filter(is_called);
            called.next().filter(|_| called.next().is_none())
        })
    }

    /// The state or outage scheme with this id.
    pub fn overlay(&self, id: &str) -> Option<&State> {
        self.states.iter().chain(&self.schemes).find(|state| state.id == id)
    }

    /// All elements with what they have in common, collection by collection.
    pub fn elements(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::new();
        every!(self, |collection| { entries.extend(collection.iter().map(Entry::of)) });
        entries
    }

    /// Checks that ids are unique and lead somewhere, and that states can be laid over the model.
    pub fn check(&self) -> Result<(), Error> {
        let elements = self.elements();
        let mut kinds: HashMap<&str, &'static str> = HashMap::with_capacity(elements.len());
        for entry in &elements {
            if let Some(other) = kinds.insert(entry.id, entry.kind) {
                return Err(Error::DuplicateId { kind: entry.kind, id: entry.id.to_owned(), other });
            }
        }
        let known = |id: &str, wanted: &'static str| kinds.get(id).is_some_and(|kind| *kind == wanted);
        for entry in &elements {
            if let Some(missing) = entry.buses.iter().find(|bus| !known(bus, "buses")) {
                return Err(entry.unknown("bus", missing, "buses"));
            }
        }
        for coupling in &self.couplings {
            for (field, line) in [("line_a", &coupling.line_a), ("line_b", &coupling.line_b)] {
                if !known(line, "lines") {
                    return Err(Entry::of(coupling).unknown(field, line, "lines"));
                }
            }
        }
        for block in &self.blocks {
            if !known(&block.unit, "units") {
                return Err(Entry::of(block).unknown("unit", &block.unit, "units"));
            }
            if !known(&block.transformer, "transformers") {
                return Err(Entry::of(block).unknown("transformer", &block.transformer, "transformers"));
            }
        }
        self.check_states(&kinds)
    }

    fn check_states(&self, kinds: &HashMap<&str, &'static str>) -> Result<(), Error> {
        let mut seen = HashMap::new();
        let named = |kind| move |state| (kind, state);
        let states = self.states.iter().map(named("states")).chain(self.schemes.iter().map(named("schemes")));
        for (kind, state) in states {
            if let Some(other) = seen.insert(&state.id, kind) {
                return Err(Error::DuplicateId { kind, id: state.id.clone(), other });
            }
            if let Some(change) = state.changes.iter().find(|change| !kinds.contains_key(change.id())) {
                let (field, wanted) = ("changes", "the elements");
                let (id, missing) = (state.id.clone(), change.id().to_owned());
                return Err(Error::UnknownReference { kind, id, field, missing, wanted });
            }
        }
        view::check(self, self.states.iter().chain(&self.schemes))
    }
}

/// An element seen by what all have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The collection it belongs to.
    pub kind: &'static str,
    /// The identity.
    pub id: &'a str,
    /// The name people use; the id where there is none.
    pub name: &'a str,
    /// The identifier of CIM.
    pub mrid: Option<&'a str>,
    /// Whether it is in service in the model as it stands.
    pub in_service: bool,
    /// The buses of its terminals.
    pub buses: Vec<&'a str>,
    /// Whether the breaker of each terminal is closed in the model as it stands.
    pub closed: Vec<bool>,
}

impl<'a> Entry<'a> {
    /// An element's entry.
    pub fn of<E: Element>(element: &'a E) -> Self {
        let buses = element.buses();
        Self {
            kind: E::KIND,
            id: element.id(),
            name: element.name(),
            mrid: element.mrid(),
            in_service: element.in_service(),
            closed: (0..buses.len()).map(|terminal| element.is_closed(terminal)).collect(),
            buses,
        }
    }

    fn unknown(&self, field: &'static str, missing: &str, wanted: &'static str) -> Error {
        let (id, missing) = (self.id.to_owned(), missing.to_owned());
        Error::UnknownReference { kind: self.kind, id, field, missing, wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_found_by_id_first_then_by_what_it_alone_is_called() {
        let named = |id: &str, name: &str, alias: &str| Bus {
            name: Some(name.to_owned()),
            aliases: vec![alias.to_owned()],
            ..Bus::new(id, 110.0)
        };
        let model = Model {
            buses: vec![named("A", "North", "B"), named("B", "South", "5"), named("C", "South", "6")],
            ..Model::new()
        };
        let called = |text| model.bus_called(text).map(|bus| bus.id.as_str());
        assert_eq!((called("B"), called("North"), called("6")), (Some("B"), Some("A"), Some("C")));
        assert_eq!((called("South"), called("D")), (None, None));
    }
}
