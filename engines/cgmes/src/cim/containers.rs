//! What contains what: the voltage level and the substation of an equipment, along a chain that may be broken or a ring.

use network::Severity;

use super::facts::Object;
use super::notes::{Notes, Trouble};
use super::schema::{Attr, Class};

/// Steps from equipment to its substation: node, bay, voltage level, substation; more is a ring.
const LONGEST_CHAIN: usize = 8;

/// The voltage level that contains an equipment or a node, if one does.
pub(crate) fn voltage_level<'f>(object: Object<'f>, notes: &mut Notes) -> Option<Object<'f>> {
    find(object, Class::VoltageLevel, notes)
}

/// The substation that contains an equipment or a node, if one does.
pub(crate) fn substation<'f>(object: Object<'f>, notes: &mut Notes) -> Option<Object<'f>> {
    find(object, Class::Substation, notes)
}

fn find<'f>(object: Object<'f>, wanted: Class, notes: &mut Notes) -> Option<Object<'f>> {
    let mut at = object;
    for _ in 0..LONGEST_CHAIN {
        at = container(at)?;
        if at.class() == Some(wanted) {
            return Some(at);
        }
    }
    notes.count(Trouble::new("cyclic_containment", Severity::Warning, "objects"), object.label());
    None
}

fn container(object: Object<'_>) -> Option<Object<'_>> {
    const CONTAINERS: [Attr; 6] = [
        Attr::Container,
        Attr::NodeContainer,
        Attr::BusContainer,
        Attr::BayVoltageLevel,
        Attr::BaySubstation,
        Attr::LevelSubstation,
    ];
    CONTAINERS.iter().find_map(|attr| object.target(*attr))
}
