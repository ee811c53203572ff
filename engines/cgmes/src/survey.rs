//! What is told of every model, whatever it came from: whether anything feeds it, and which buses nothing feeds.

use network::{Element, Finding, Model, Severity, Topology, View};

/// Buses a finding names.
const NAMED: usize = 20;

/// Looks for sources and for what they do not reach.
pub(crate) fn survey(model: &Model) -> Vec<Finding> {
    let view = View::plain(model);
    let topology = Topology::of(&view);
    let mut is_fed = vec![false; topology.island_count()];
    for bus in sources(model) {
        if let Some(node) = topology.node(bus) {
            is_fed[topology.island(node)] = true;
        }
    }
    if !is_fed.contains(&true) {
        return vec![Finding::new("no_source", Severity::Warning)];
    }
    let is_dead =
        |bus: &&network::Bus| topology.node(&bus.id).is_none_or(|node| !is_fed[topology.island(node)]);
    let dead: Vec<&network::Bus> = model.buses.iter().filter(is_dead).collect();
    if dead.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = dead.iter().take(NAMED).map(|bus| bus.name().to_owned()).collect();
    let mut finding = Finding::new("dead_buses", Severity::Info);
    finding.subject.kind = Some("buses".to_owned());
    vec![finding.with("count", dead.len()).with("of", model.buses.len()).with("elements", names)]
}

/// Buses of what may feed a fault for as long as it lasts.
fn sources(model: &Model) -> impl Iterator<Item = &str> {
    let units = model.units.iter().filter(|unit| unit.in_service).map(|unit| unit.bus.as_str());
    let feeders = model.feeders.iter().filter(|feeder| feeder.in_service).map(|feeder| feeder.bus.as_str());
    let equivalents = model.equivalents.iter().filter(|known| known.in_service && known.x1_ohm.is_some());
    let converters = model.converters.iter().filter(|converter| converter.in_service);
    let generators = model.motors.iter().filter(|motor| motor.in_service && motor.generates);
    units
        .chain(feeders)
        .chain(equivalents.map(|equivalent| equivalent.bus.as_str()))
        .chain(converters.map(|converter| converter.bus.as_str()))
        .chain(generators.map(|motor| motor.bus.as_str()))
}
