//! Lines of raw data, and switching devices of versions 34 and 35.

use network::{Line, Severity, Shunt, Switch, SwitchKind};

use super::Grid;
use super::records::Record;
use crate::cim::notes::Trouble;

impl Grid {
    /// Fields: from, to, circuit, R, X, B; from version 34 a name and twelve instead of three ratings; then conductance
    /// and susceptance at each end, status.
    pub(super) fn add_branches<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        let is_named = self.version >= 34;
        let ends = if is_named { 19 } else { 9 };
        for record in records {
            let (Some((from, kv)), Some((to, to_kv))) = (self.bus(record, 0), self.bus(record, 1)) else {
                self.leave_out("lines", record);
                continue;
            };
            let id = format!("{from}-{to}:{}", record.circuit(2));
            if !self.take("lines", &id) {
                continue;
            }
            let base_ohm = kv * kv / self.base_mva;
            let (r, x, b) = (record.or_zero(3), record.or_zero(4), record.or_zero(5));
            let in_service = record.number(ends + 4) != Some(0.0);
            let name = record.text(6).filter(|_| is_named).map(str::to_owned);
            if r == 0.0 && x == 0.0 {
                self.notes.count(Trouble::new("zero_impedance_as_switch", Severity::Info, "switches"), &id);
                let tie = Switch { name, kind: SwitchKind::Tie, in_service, ..Switch::new(&id, &from, &to) };
                self.model.switches.push(tie);
                continue;
            }
            for (bus, kv, end, at) in [(&from, kv, "from", ends), (&to, to_kv, "to", ends + 2)] {
                let us = |field| record.number(field).map(|y| y * self.base_mva / kv / kv * 1e6);
                let [g1_us, b1_us] = [us(at), us(at + 1)];
                if [g1_us, b1_us].iter().flatten().any(|y| *y != 0.0) {
                    let shunt = Shunt::new(&format!("{id}:{end}"), bus);
                    self.model.shunts.push(Shunt { g1_us, b1_us, in_service, ..shunt });
                }
            }
            self.lines.insert(key(&from, &to, record.circuit(2)), self.model.lines.len());
            self.model.lines.push(Line {
                name,
                r1_ohm: Some(r * base_ohm),
                x1_ohm: Some(x * base_ohm),
                b1_us: Some(b / base_ohm * 1e6),
                in_service,
                ..Line::new(&id, &from, &to)
            });
        }
    }

    /// Fields: from, to, circuit, X, twelve ratings, status, normal status, metered end, type, name.
    pub(super) fn add_switching_devices<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for record in records {
            let (Some((from, _)), Some((to, _))) = (self.bus(record, 0), self.bus(record, 1)) else {
                self.leave_out("switches", record);
                continue;
            };
            let id = format!("{from}-{to}:{}", record.circuit(2));
            if !self.take("switches", &id) {
                continue;
            }
            let kind = match record.number(19) {
                Some(2.0) => SwitchKind::Breaker,
                Some(3.0) => SwitchKind::Disconnector,
                _ => SwitchKind::Tie,
            };
            let name = record.text(20).map(str::to_owned);
            let closed = record.number(16) != Some(0.0);
            self.model.switches.push(Switch { name, kind, closed, ..Switch::new(&id, &from, &to) });
        }
    }
}

/// A branch by its ends in either order and its circuit.
pub(super) fn key(from: &str, to: &str, circuit: &str) -> String {
    let (a, b) = if from <= to { (from, to) } else { (to, from) };
    format!("{a}-{b}:{circuit}")
}
