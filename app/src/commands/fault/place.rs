//! Where a fault is, from the words people use: ids first, then mRIDs, names and other names.

use faults::{LinePoint, Place};
use network::{Element, Model};

use crate::commands::Coded;

/// The place that is meant; a bus goes before a line.
pub(super) fn find(model: &Model, text: &str, open_end: Option<usize>) -> Option<Place> {
    if let Some(bus) = bus(model, text) {
        return Some(Place::Bus(bus.to_owned()));
    }
    let (name, fraction) = text.rsplit_once('@')?;
    let point = LinePoint::new(named(&model.lines, name)?, fraction.trim().parse().ok()?);
    Some(Place::Line(match open_end {
        Some(end) => point.with_open_end(end),
        None => point,
    }))
}

/// What to say about a place that is not there.
pub(super) fn unknown(model: &Model, text: &str) -> Coded {
    let buses: Vec<&str> = model.buses.iter().map(|bus| bus.id.as_str()).take(8).collect();
    let more = if model.buses.len() > buses.len() { ", …" } else { "" };
    let known = format!("buses are {}{more}", buses.join(", "));
    let text = format!("--at: {text:?} is neither a bus nor a place on a line like LINE@0.35; {known}");
    Coded::unusable(text)
}

fn bus<'m>(model: &'m Model, text: &str) -> Option<&'m str> {
    let by_alias = || model.buses.iter().find(|bus| bus.aliases.iter().any(|alias| alias == text));
    named(&model.buses, text).or_else(|| by_alias().map(|bus| bus.id.as_str()))
}

fn named<'m, E: Element>(elements: &'m [E], text: &str) -> Option<&'m str> {
    let by_id = elements.iter().find(|element| element.id() == text);
    let by_mrid = || elements.iter().find(|element| element.mrid() == Some(text));
    let by_name = || elements.iter().find(|element| element.name() == text);
    by_id.or_else(by_mrid).or_else(by_name).map(Element::id)
}

#[cfg(test)]
mod tests {
    use network::{Bus, Line};

    use super::*;

    #[test]
    fn finds_buses_by_any_name_and_places_on_lines() {
        let mut named = Bus::new("1", 110.0);
        named.name = Some("North@1".to_owned());
        let mut model = Model::new().line(Line::new("L", "1", "1"));
        model.buses.push(named);
        assert_eq!(find(&model, "North@1", None), Some(Place::Bus("1".to_owned())));
        assert_eq!(find(&model, "L@0.35", None), Some(Place::Line(LinePoint::new("L", 0.35))));
        assert_eq!(find(&model, "L", None), None);
        assert_eq!(find(&model, "L@x", None), None);
    }
}
