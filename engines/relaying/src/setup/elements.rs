//! What relays stand at and faults lie on: lines, transformers, series elements, units and buses, with the buses of
//! their ends.

use std::collections::HashMap;

use network::{Line, Model};

use super::unknown;
use crate::case::relay::{End, Kind, Relay};
use crate::error::Error;

/// A place relays measure at: an end of an element, 0 the first, or a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// What it is.
    pub kind: Kind,
    /// The element, or the bus.
    pub element: String,
    /// The end.
    pub end: usize,
}

impl Site {
    /// Which way currents count: into the element, but out of a unit.
    pub(crate) fn sign(&self) -> f64 {
        if self.kind == Kind::Unit { -1.0 } else { 1.0 }
    }
}

/// All of a network by their ids.
pub(super) struct Elements<'a> {
    all: HashMap<&'a str, Element<'a>>,
    at_bus: HashMap<&'a str, Vec<(&'a str, usize)>>,
}

/// A line, transformer, series element, unit or bus.
pub(super) struct Element<'a> {
    pub(super) kind: Kind,
    pub(super) id: &'a str,
    /// The buses of its ends; of a bus itself.
    pub(super) buses: Vec<&'a str>,
    /// Voltages of its ends, kV: rated ones of a transformer's windings, nominal ones of a series element.
    pub(super) rated_kv: Vec<f64>,
    pub(super) in_service: bool,
    pub(super) line: Option<&'a Line>,
}

impl<'a> Element<'a> {
    fn new(kind: Kind, id: &'a str, buses: &[&'a String], in_service: bool) -> Self {
        let buses = buses.iter().map(|bus| bus.as_str()).collect();
        Self { kind, id, buses, rated_kv: Vec::new(), in_service, line: None }
    }

    /// Whether current passes through it.
    pub(super) fn is_branch(&self) -> bool {
        self.buses.len() > 1
    }

    /// The ends' names in files.
    pub(super) fn ends(&self) -> &'static [End] {
        match (self.kind, self.buses.len()) {
            (Kind::Transformer, 3) => &[End::Hv, End::Mv, End::Lv],
            (Kind::Transformer, _) => &[End::Hv, End::Lv],
            (Kind::Unit | Kind::Bus, _) => &[],
            _ => &[End::From, End::To],
        }
    }

    /// The name of an end.
    pub(super) fn end_name(&self, end: usize) -> &'static str {
        self.ends().get(end).map_or("bus", |end| end.name())
    }

    /// The buses it leads to from an end; a bus and a unit lead to their own.
    pub(super) fn far_buses(&self, end: usize) -> Vec<&'a str> {
        let others = self.buses.iter().enumerate().filter(|(at, _)| !self.is_branch() || *at != end);
        others.map(|(_, bus)| *bus).collect()
    }
}

impl End {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
            Self::Hv => "hv",
            Self::Mv => "mv",
            Self::Lv => "lv",
        }
    }
}

impl<'a> Elements<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let mut all = Vec::new();
        for line in &model.lines {
            let own = Element::new(Kind::Line, &line.id, &[&line.from, &line.to], line.in_service);
            all.push(Element { line: Some(line), ..own });
        }
        let kv = |id: &String| model.buses.iter().find(|bus| bus.id == *id).map_or(1.0, |bus| bus.nominal_kv);
        for own in &model.series_elements {
            let buses = [&own.from, &own.to];
            let element = Element::new(Kind::SeriesElement, &own.id, &buses, own.in_service);
            all.push(Element { rated_kv: buses.map(kv).to_vec(), ..element });
        }
        for own in &model.transformers {
            let buses = [&own.hv.bus, &own.lv.bus];
            let element = Element::new(Kind::Transformer, &own.id, &buses, own.in_service);
            all.push(Element { rated_kv: vec![own.hv.rated_kv, own.lv.rated_kv], ..element });
        }
        for own in &model.transformers3 {
            let buses = own.windings().map(|winding| &winding.bus);
            let element = Element::new(Kind::Transformer, &own.id, &buses, own.in_service);
            let rated_kv = own.windings().map(|winding| winding.rated_kv).to_vec();
            all.push(Element { rated_kv, ..element });
        }
        for own in &model.units {
            all.push(Element::new(Kind::Unit, &own.id, &[&own.bus], own.in_service));
        }
        let mut at_bus: HashMap<&str, Vec<(&str, usize)>> = HashMap::new();
        for element in &all {
            for (end, bus) in element.buses.iter().enumerate() {
                at_bus.entry(bus).or_default().push((element.id, end));
            }
        }
        all.extend(model.buses.iter().map(|bus| Element::new(Kind::Bus, &bus.id, &[&bus.id], true)));
        Self { all: all.into_iter().map(|element| (element.id, element)).collect(), at_bus }
    }

    /// An element that is known to be there.
    pub(super) fn get(&self, id: &str) -> Option<&Element<'a>> {
        self.all.get(id)
    }

    /// The branches with an end at a bus, in the order of the model, with that end.
    pub(super) fn branches_at(&self, bus: &str) -> impl Iterator<Item = (&Element<'a>, usize)> {
        let here = self.at_bus.get(bus).into_iter().flatten();
        here.filter_map(|(id, end)| Some((self.all.get(id)?, *end)))
            .filter(|(element, _)| element.is_branch())
    }

    /// An element that something names; an error with its nearest neighbour where there is none.
    pub(super) fn named(
        &self,
        (kind, id): (Kind, &str),
        (file, owner): (&'static str, String),
    ) -> Result<&Element<'a>, Error> {
        let missing = || {
            let known = self.all.values().filter(|element| element.kind == kind).map(|element| element.id);
            unknown(file, owner, (kind.name(), id), known)
        };
        self.all.get(id).filter(|element| element.kind == kind).ok_or_else(missing)
    }

    /// Where a relay stands.
    pub(super) fn site(&self, relay: &Relay) -> Result<Site, Error> {
        let owner = format!("relay {:?}", relay.id);
        let fail = |what: String| Err(Error::Value { file: "relays.toml", owner: owner.clone(), what });
        let [(kind, id)] = relay.places()[..] else {
            let what = "stands at exactly one of line, transformer, series_element, unit, bus";
            return fail(what.to_owned());
        };
        let element = self.named((kind, id), ("relays.toml", owner.clone()))?;
        let ends = element.ends();
        let end = match relay.end {
            None if ends.is_empty() => Some(0),
            None => None,
            Some(end) => ends.iter().position(|own| *own == end),
        };
        let Some(end) = end else {
            let names: Vec<&str> = ends.iter().map(|end| end.name()).collect();
            return fail(match names[..] {
                [] => format!("a {} has no ends: leave end out", kind.name()),
                _ => format!("end must be one of {}, as {} {id:?} has them", names.join(", "), kind.name()),
            });
        };
        Ok(Site { kind, element: id.to_owned(), end })
    }
}
