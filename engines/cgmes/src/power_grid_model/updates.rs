//! Update data of power-grid-model: every scenario of a batch becomes a state of the model.

use network::{Change, State};
use serde_json::Value;

use super::{Grid, rows_of};
use crate::cim::notes::Trouble;
use crate::rows::Row;

impl Grid {
    /// Adds one state per scenario, called `batch:0` and on.
    pub(super) fn add_states(&mut self, file: &str, update: &Value) {
        let single = std::slice::from_ref(&update["data"]);
        let scenarios = update["data"].as_array().map_or(single, Vec::as_slice);
        for scenario in scenarios {
            let mut changes = Vec::new();
            for (component, rows) in scenario.as_object().into_iter().flatten() {
                for row in rows_of(rows, &update["attributes"][component.as_str()]) {
                    self.change(component, &row, &mut changes);
                }
            }
            let id = format!("batch:{}", self.model.states.len());
            let name = Some(format!("{file}, scenario {}", self.model.states.len()));
            self.model.states.push(State { name, ..State::new(&id, changes) });
        }
    }

    fn change(&mut self, component: &str, row: &Row, changes: &mut Vec<Change>) {
        // Faults are chosen by who computes; they are no part of the model.
        if component == "fault" {
            return;
        }
        let known = row.key("id").filter(|id| self.seen.get(id).is_some_and(|kind| *kind == component));
        let Some(id) = known else {
            let unknown = row.key("id").unwrap_or_else(|| "?".to_owned());
            self.notes.count(Trouble::new("left_out", network::Severity::Error, "states"), &unknown);
            return;
        };
        if let Some(status) = row.number("status") {
            changes.push(if status == 0.0 { Change::Out(id.clone()) } else { Change::In(id.clone()) });
        }
        let terminals = match component {
            "link" => &[("from_status", 1), ("to_status", 1)][..],
            _ => {
                &[("from_status", 1), ("to_status", 2), ("status_1", 1), ("status_2", 2), ("status_3", 3)][..]
            }
        };
        for (column, terminal) in terminals {
            let (id, terminal) = (id.clone(), *terminal);
            match row.number(column) {
                Some(0.0) => changes.push(Change::Open { id, terminal }),
                Some(_) => changes.push(Change::Close { id, terminal }),
                None => {}
            }
        }
        if let Some(position) = row.number("tap_pos") {
            let terminal = self.tap_terminals.get(&id).copied().unwrap_or(1);
            changes.push(Change::Tap { id, terminal, position });
        }
    }
}
