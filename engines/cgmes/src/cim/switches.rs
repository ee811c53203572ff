//! Switches between nodes: closed unless the state, or failing that the normal position, says open.

use network::{Severity, Switch, SwitchKind};

use super::conversion::Conversion;
use super::notes::Trouble;
use super::schema::{Attr, Class};

const KINDS: &[(Class, SwitchKind)] = &[
    (Class::Breaker, SwitchKind::Breaker),
    (Class::DisconnectingCircuitBreaker, SwitchKind::Breaker),
    (Class::Disconnector, SwitchKind::Disconnector),
    (Class::LoadBreakSwitch, SwitchKind::LoadBreak),
    (Class::Fuse, SwitchKind::Fuse),
    (Class::Jumper, SwitchKind::Tie),
    (Class::Switch, SwitchKind::Tie),
];

impl Conversion<'_> {
    pub(super) fn switches(&mut self) {
        for (class, kind) in KINDS {
            for switch in self.facts.of(*class) {
                let ends: Vec<_> =
                    self.terminals.at(switch).iter().filter_map(|end| self.connected(end)).collect();
                let [from, to] = ends.as_slice() else {
                    self.notes
                        .count(Trouble::new("not_connected", Severity::Warning, "switches"), switch.label());
                    continue;
                };
                let is_open = switch.flag(Attr::SwitchOpen).or_else(|| switch.flag(Attr::SwitchNormalOpen));
                if is_open.is_none() {
                    self.notes
                        .count(Trouble::new("unknown_position", Severity::Info, "switches"), switch.label());
                }
                self.model.switches.push(Switch {
                    name: switch.name().map(str::to_owned),
                    mrid: Some(switch.mrid().to_owned()),
                    kind: *kind,
                    closed: !is_open.unwrap_or(false) && from.is_closed && to.is_closed,
                    in_service: Self::is_in_service(switch),
                    ..Switch::new(switch.id(), &from.bus, &to.bus)
                });
            }
        }
        // A closed one earths its node on purpose: no model of an energised grid holds it.
        for switch in self.facts.of(Class::GroundDisconnector) {
            let is_open = switch.flag(Attr::SwitchOpen).or_else(|| switch.flag(Attr::SwitchNormalOpen));
            if is_open == Some(false) {
                let trouble = Trouble::new("closed_ground_switch", Severity::Warning, "switches");
                self.notes.count(trouble, switch.label());
            }
        }
    }
}
