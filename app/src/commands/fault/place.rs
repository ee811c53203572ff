//! Where a fault is, from the words people use: ids first, then mRIDs, names and other names.

use faults::{LinePoint, Place};
use network::{Element, Model, State, Topology, View};

use crate::commands::Coded;

/// How many elements a refusal names.
const NAMED: usize = 8;

/// The place that is meant; a bus goes before a line. What means several places is refused.
pub(super) fn find(
    model: &Model,
    states: &[&State],
    text: &str,
    open_end: Option<usize>,
) -> Result<Place, Coded> {
    let buses = called(&model.buses, text, |bus| bus.aliases.iter().any(|alias| alias == text));
    if let [bus, ..] = buses.as_slice() {
        if !is_one_node(model, states, &buses) {
            return Err(ambiguous(text, "buses", &buses));
        }
        if open_end.is_some() {
            let text = format!(
                "--open-end: {text:?} is a bus; the open end of a line goes with a place on it, like LINE@0.35"
            );
            return Err(Coded::unusable(text));
        }
        return Ok(Place::Bus((*bus).to_owned()));
    }
    let unknown = || unknown(model, text);
    let (name, fraction) = text.rsplit_once('@').ok_or_else(unknown)?;
    let fraction = fraction.trim().parse().map_err(|_| unknown())?;
    let lines = called(&model.lines, name, |_| false);
    let point = match lines.as_slice() {
        [] => return Err(unknown()),
        [line] => LinePoint::new(line, fraction),
        _ => return Err(ambiguous(name, "lines", &lines)),
    };
    Ok(Place::Line(match open_end {
        Some(end) => point.with_open_end(end),
        None => point,
    }))
}

/// The ids of what is called so: the one with this id, else all with this mRID, else all with this name or other name.
fn called<'m, E: Element>(elements: &'m [E], text: &str, is_other_name: impl Fn(&E) -> bool) -> Vec<&'m str> {
    let ids = |is_it: &dyn Fn(&E) -> bool| -> Vec<&'m str> {
        elements.iter().filter(|element| is_it(element)).map(Element::id).collect()
    };
    let by_id = ids(&|element| element.id() == text);
    if !by_id.is_empty() {
        return by_id;
    }
    let by_mrid = ids(&|element| element.mrid() == Some(text));
    if !by_mrid.is_empty() {
        return by_mrid;
    }
    ids(&|element| element.name() == text || is_other_name(element))
}

/// Whether buses are one electrical node in the states, so that any of them is meant.
fn is_one_node(model: &Model, states: &[&State], buses: &[&str]) -> bool {
    if buses.len() == 1 {
        return true;
    }
    let Ok(view) = View::of(model, states) else { return false };
    let topology = Topology::of(&view);
    let node = topology.node(buses[0]);
    node.is_some() && buses.iter().all(|bus| topology.node(bus) == node)
}

fn ambiguous(text: &str, kind: &str, ids: &[&str]) -> Coded {
    let text = format!("--at: {text:?} means {} {kind}, give the id of one: {}", ids.len(), named(ids));
    Coded::unusable(text)
}

fn unknown(model: &Model, text: &str) -> Coded {
    let buses: Vec<&str> = model.buses.iter().map(|bus| bus.id.as_str()).collect();
    let known = named(&buses);
    let text =
        format!("--at: {text:?} is neither a bus nor a place on a line like LINE@0.35; buses are {known}");
    Coded::unusable(text)
}

fn named(ids: &[&str]) -> String {
    let more = if ids.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", ids[..ids.len().min(NAMED)].join(", "))
}

#[cfg(test)]
mod tests {
    use network::{Bus, Line, Switch};

    use super::*;

    fn named_bus(id: &str, name: &str) -> Bus {
        Bus { name: Some(name.to_owned()), ..Bus::new(id, 110.0) }
    }

    fn place(model: &Model, text: &str) -> Result<Place, String> {
        find(model, &[], text, None).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn finds_buses_by_any_name_and_places_on_lines() {
        let mut model = Model::new().line(Line::new("L", "1", "1"));
        model.buses.push(named_bus("1", "North@1"));
        assert_eq!(place(&model, "North@1"), Ok(Place::Bus("1".to_owned())));
        assert_eq!(place(&model, "L@0.35"), Ok(Place::Line(LinePoint::new("L", 0.35))));
        assert!(place(&model, "L").is_err());
        assert!(place(&model, "L@x").is_err());
    }

    #[test]
    fn a_name_of_several_places_is_refused_with_their_ids() {
        let mut model = Model::new().bus("X", 110.0);
        model.buses.extend((0..12).map(|at| named_bus(&format!("B{at}"), "X")));
        // The id says exactly which.
        assert_eq!(place(&model, "X"), Ok(Place::Bus("X".to_owned())));
        model.buses.remove(0);
        let refusal = place(&model, "X").unwrap_err();
        assert!(refusal.contains("means 12 buses") && refusal.ends_with("B6, B7, …"), "{refusal}");
        let line = |id: &str| Line { name: Some("double".to_owned()), ..Line::new(id, "B0", "B1") };
        let model = model.line(line("L1")).line(line("L2"));
        assert!(place(&model, "double@0.5").unwrap_err().contains("means 2 lines"));
    }

    #[test]
    fn buses_that_are_one_node_are_one_place() {
        let mut model = Model::new().switch(Switch::new("tie", "A", "B"));
        model.buses.extend([named_bus("A", "X"), named_bus("B", "X")]);
        assert_eq!(place(&model, "X"), Ok(Place::Bus("A".to_owned())));
        model.switches[0].closed = false;
        assert!(place(&model, "X").is_err());
    }

    #[test]
    fn a_bus_has_no_open_end() {
        let model = Model::new().bus("A", 110.0);
        let refusal = find(&model, &[], "A", Some(0)).unwrap_err();
        assert!(refusal.to_string().starts_with("--open-end"), "{refusal}");
    }
}
