//! Switches of pandapower: between buses, and at the ends of lines and transformers.

use std::collections::HashMap;

use network::{Severity, Switch, SwitchKind, Winding};

use super::{Grid, name};
use crate::cim::notes::Trouble;
use crate::rows::Row;

/// Where elements with ends that switch are in their collections.
struct Places {
    lines: HashMap<String, usize>,
    transformers: HashMap<String, usize>,
    transformers3: HashMap<String, usize>,
}

impl Grid {
    pub(super) fn add_switches(&mut self) {
        let places = Places {
            lines: self.model.lines.iter().enumerate().map(|(at, line)| (line.id.clone(), at)).collect(),
            transformers: self
                .model
                .transformers
                .iter()
                .enumerate()
                .map(|(at, found)| (found.id.clone(), at))
                .collect(),
            transformers3: self
                .model
                .transformers3
                .iter()
                .enumerate()
                .map(|(at, found)| (found.id.clone(), at))
                .collect(),
        };
        for (id, row) in self.elements("switch") {
            let Some(bus) = self.bus(&row, "bus", "switch", &id) else { continue };
            let closed = row.flag("closed", true);
            let element = row.key("element").unwrap_or_default();
            let is_known = match row.text("et") {
                Some("b") => self.add_tie(&row, [&id, &bus, &element], closed),
                Some("l") => self.set_line_end(places.lines.get(&format!("line:{element}")), &bus, closed),
                Some("t") => {
                    self.set_winding(places.transformers.get(&format!("trafo:{element}")), &bus, closed)
                }
                Some("t3") => {
                    self.set_winding3(places.transformers3.get(&format!("trafo3w:{element}")), &bus, closed)
                }
                _ => false,
            };
            if !is_known {
                self.leave_out("switch", &id);
            }
        }
    }

    fn add_tie(&mut self, row: &Row, [id, from, to]: [&str; 3], closed: bool) -> bool {
        if self.nominal_kv(from).zip(self.nominal_kv(to)).is_none() {
            return false;
        }
        if row.number("z_ohm").is_some_and(|z| z != 0.0) {
            self.notes.count(Trouble::new("switch_impedance_left_out", Severity::Warning, "switches"), id);
        }
        let kind = match row.text("type") {
            Some("CB") => SwitchKind::Breaker,
            Some("LBS") => SwitchKind::LoadBreak,
            Some("LS" | "DS") => SwitchKind::Disconnector,
            _ => SwitchKind::Tie,
        };
        self.model.switches.push(Switch { name: name(row), kind, closed, ..Switch::new(id, from, to) });
        true
    }

    fn set_line_end(&mut self, at: Option<&usize>, bus: &str, closed: bool) -> bool {
        let Some(line) = at.and_then(|at| self.model.lines.get_mut(*at)) else { return false };
        if line.from == bus {
            line.from_closed &= closed;
        } else if line.to == bus {
            line.to_closed &= closed;
        } else {
            return false;
        }
        true
    }

    fn set_winding(&mut self, at: Option<&usize>, bus: &str, closed: bool) -> bool {
        let Some(found) = at.and_then(|at| self.model.transformers.get_mut(*at)) else { return false };
        close_at([&mut found.hv, &mut found.lv], bus, closed)
    }

    fn set_winding3(&mut self, at: Option<&usize>, bus: &str, closed: bool) -> bool {
        let Some(found) = at.and_then(|at| self.model.transformers3.get_mut(*at)) else { return false };
        close_at([&mut found.hv, &mut found.mv, &mut found.lv], bus, closed)
    }
}

/// Sets the breaker of the winding at a bus; false when none is there.
fn close_at<const N: usize>(windings: [&mut Winding; N], bus: &str, closed: bool) -> bool {
    let winding = windings.into_iter().find(|winding| winding.bus == bus);
    winding.map(|winding| winding.closed &= closed).is_some()
}
