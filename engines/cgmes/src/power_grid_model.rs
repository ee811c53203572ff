//! power-grid-model's JSON: input data, and batches of updates as states.
//!
//! Ids are kept. Sources become equivalents: their short-circuit power has no voltage factor in it (U²/S), unlike that of
//! a network feeder of IEC 60909. Loads and generators of given power don't feed faults there and are kept as loads.

use std::collections::HashMap;

use network::{Bus, Equivalent, Finding, Line, Load, Model, Severity, Shunt, Switch, SwitchKind};
use serde_json::Value;

use crate::cim::notes::{Notes, Trouble};
use crate::error::Error;
use crate::open::{Format, Import};
use crate::rows::Row;

mod transformers;
mod updates;

/// Components that mean nothing for short circuits.
const PASSED: &[&str] = &[
    "node",
    "line",
    "link",
    "transformer",
    "three_winding_transformer",
    "source",
    "shunt",
    "sym_load",
    "asym_load",
    "sym_gen",
    "asym_gen",
    "fault",
    "sym_voltage_sensor",
    "asym_voltage_sensor",
    "sym_power_sensor",
    "asym_power_sensor",
    "sym_current_sensor",
    "asym_current_sensor",
    "transformer_tap_regulator",
    "voltage_regulator",
];

/// Short-circuit power of a source that gives none, in MVA: the format's own default.
const DEFAULT_SK_MVA: f64 = 1e4;

/// Whether a JSON document is power-grid-model's, input or update.
pub(crate) fn recognises(value: &Value) -> bool {
    value["is_batch"].is_boolean() && value.get("data").is_some()
}

/// Whether a document of this format holds input data.
pub(crate) fn is_input(value: &Value) -> bool {
    value["data"].is_object()
        && value["type"].as_str().is_none_or(|kind| kind == "input" || kind == "sym_input")
}

/// Reads input data, and update data as states of the model.
pub(crate) fn read(file: &str, input: &Value, updates: &[(&str, Value)]) -> Result<Import, Error> {
    if !is_input(input) {
        return Err(Error::syntax(file, 1, "this is update or output data: give the input data with it"));
    }
    let mut grid = Grid::of(file, input);
    grid.add_nodes();
    grid.add_lines();
    grid.add_links();
    grid.add_transformers();
    grid.add_transformers3();
    grid.add_sources();
    grid.add_shunts();
    grid.add_loads();
    grid.note_components();
    for (file, update) in updates {
        grid.add_states(file, update);
    }
    let findings = grid.notes.into_findings(|_| None);
    Ok(Import { model: grid.model, findings, format: Format::PowerGridModel })
}

/// The network being read.
struct Grid {
    tables: HashMap<String, Vec<Row>>,
    /// Rated voltage of each node in V.
    rated: HashMap<String, f64>,
    /// Ids given away; they are unique over all components.
    seen: HashMap<String, &'static str>,
    /// The terminal of each transformer that has the tap changer, counted from 1.
    tap_terminals: HashMap<String, usize>,
    model: Model,
    notes: Notes,
    frequency_hz: f64,
}

impl Grid {
    fn of(file: &str, input: &Value) -> Self {
        let mut notes = Notes::default();
        // The format has no frequency: it is an argument of the tool, by default 50 Hz.
        let frequency_hz = 50.0;
        notes.say(Finding::new("assumed_frequency", Severity::Info).at(file, None).with("hz", frequency_hz));
        let tables = tables(&input["data"], &input["attributes"]);
        let model = Model::new().frequency(frequency_hz);
        let (rated, seen, tap_terminals) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { tables, rated, seen, tap_terminals, model, notes, frequency_hz }
    }

    /// The rows of a component with their ids; rows without id, or with one that is taken, are left out.
    fn elements(&mut self, component: &'static str) -> Vec<(String, Row)> {
        let mut elements = Vec::new();
        for row in self.tables.get(component).cloned().unwrap_or_default() {
            match row.key("id") {
                Some(id) if !self.seen.contains_key(&id) => {
                    self.seen.insert(id.clone(), component);
                    elements.push((id, row));
                }
                Some(id) => self.notes.count(Trouble::new("repeated", Severity::Error, component), &id),
                None => self.leave_out(component, "?"),
            }
        }
        elements
    }

    fn leave_out(&mut self, component: &'static str, id: &str) {
        self.seen.remove(id);
        self.notes.count(Trouble::new("left_out", Severity::Error, component), id);
    }

    /// The node a column names and its rated voltage in kV; else the element is left out.
    fn node(&mut self, row: &Row, column: &str, component: &'static str, id: &str) -> Option<(String, f64)> {
        let node = row.key(column).and_then(|node| Some((self.rated.get(&node)? / 1e3, node)));
        if node.is_none() {
            self.leave_out(component, id);
        }
        node.map(|(kv, node)| (node, kv))
    }

    fn add_nodes(&mut self) {
        for (id, row) in self.elements("node") {
            let Some(volts) = row.positive("u_rated") else {
                self.leave_out("node", &id);
                continue;
            };
            self.rated.insert(id.clone(), volts);
            self.model.buses.push(Bus::new(&id, volts / 1e3));
        }
    }

    fn add_lines(&mut self) {
        for (id, row) in self.elements("line") {
            let Some((from, _)) = self.node(&row, "from_node", "line", &id) else { continue };
            let Some((to, _)) = self.node(&row, "to_node", "line", &id) else { continue };
            let omega = 2.0 * std::f64::consts::PI * self.frequency_hz;
            let us = |farad: &str| row.number(farad).map(|farad| farad * omega * 1e6);
            let loss = |b: Option<f64>, tangent: &str| Some(b? * row.number(tangent)?);
            let (b1_us, b0_us) = (us("c1"), us("c0"));
            let line = Line {
                r1_ohm: row.number("r1"),
                x1_ohm: row.number("x1"),
                b1_us,
                g1_us: loss(b1_us, "tan1"),
                r0_ohm: row.number("r0"),
                x0_ohm: row.number("x0"),
                b0_us,
                g0_us: loss(b0_us, "tan0"),
                rated_ka: row.positive("i_n").map(|ampere| ampere / 1e3),
                from_closed: row.flag("from_status", true),
                to_closed: row.flag("to_status", true),
                ..Line::new(&id, &from, &to)
            };
            for (value, field) in [
                (line.r1_ohm, "r1_ohm"),
                (line.x1_ohm, "x1_ohm"),
                (line.r0_ohm, "r0_ohm"),
                (line.x0_ohm, "x0_ohm"),
            ] {
                self.notes.wanted(value, ["lines", field], &id);
            }
            self.model.lines.push(line);
        }
    }

    /// Links have no impedance of their own: a switch that is closed when both ends are.
    fn add_links(&mut self) {
        for (id, row) in self.elements("link") {
            let Some((from, _)) = self.node(&row, "from_node", "link", &id) else { continue };
            let Some((to, _)) = self.node(&row, "to_node", "link", &id) else { continue };
            let closed = row.flag("from_status", true) && row.flag("to_status", true);
            self.model.switches.push(Switch {
                kind: SwitchKind::Tie,
                closed,
                ..Switch::new(&id, &from, &to)
            });
        }
    }

    fn add_sources(&mut self) {
        for (id, row) in self.elements("source") {
            let Some((node, kv)) = self.node(&row, "node", "source", &id) else { continue };
            let given = row.positive("sk").map(|va| va / 1e6);
            if given.is_none() {
                let trouble = Trouble::new("assumed_sk", Severity::Info, "equivalents");
                self.notes.count_with(trouble, &id, ("mva", DEFAULT_SK_MVA.to_string()));
            }
            // |Z| = U²/S with the format's default ratios R/X = 0.1 and Z0/Z1 = 1.
            let z = kv * kv / given.unwrap_or(DEFAULT_SK_MVA);
            let rx = row.number("rx_ratio").unwrap_or(0.1);
            let z01 = row.number("z01_ratio").unwrap_or(1.0);
            let x = z / rx.hypot(1.0);
            self.model.equivalents.push(Equivalent {
                r1_ohm: Some(rx * x),
                x1_ohm: Some(x),
                r0_ohm: Some(z01 * rx * x),
                x0_ohm: Some(z01 * x),
                emf_kv: row.number("u_ref").map(|u| u * kv),
                emf_deg: row.number("u_ref_angle").map(f64::to_degrees),
                in_service: row.flag("status", true),
                ..Equivalent::new(&id, &node)
            });
        }
    }

    fn add_shunts(&mut self) {
        for (id, row) in self.elements("shunt") {
            let Some((node, _)) = self.node(&row, "node", "shunt", &id) else { continue };
            let us = |siemens: &str| row.number(siemens).map(|siemens| siemens * 1e6);
            self.model.shunts.push(Shunt {
                g1_us: us("g1"),
                b1_us: us("b1"),
                g0_us: us("g0"),
                b0_us: us("b0"),
                in_service: row.flag("status", true),
                ..Shunt::new(&id, &node)
            });
        }
    }

    fn add_loads(&mut self) {
        for (component, sign) in
            [("sym_load", 1.0), ("asym_load", 1.0), ("sym_gen", -1.0), ("asym_gen", -1.0)]
        {
            for (id, row) in self.elements(component) {
                let Some((node, _)) = self.node(&row, "node", component, &id) else { continue };
                let mega = |power: &str| row.number(power).map(|power| sign * power / 1e6);
                self.model.loads.push(Load {
                    p_mw: mega("p_specified"),
                    q_mvar: mega("q_specified"),
                    in_service: row.flag("status", true),
                    ..Load::new(&id, &node)
                });
            }
        }
    }

    fn note_components(&mut self) {
        let mut strangers: Vec<(&String, usize)> = self
            .tables
            .iter()
            .filter(|(name, _)| !PASSED.contains(&name.as_str()))
            .map(|(name, rows)| (name, rows.len()))
            .collect();
        strangers.sort();
        for (name, count) in strangers {
            let finding = Finding::new("not_understood", Severity::Warning).about(name, "");
            self.notes.say(finding.with("count", count));
        }
    }
}

/// Components with their rows, written as objects or as lists with the attributes named once.
fn tables(data: &Value, attributes: &Value) -> HashMap<String, Vec<Row>> {
    let components = data.as_object().into_iter().flatten();
    components.map(|(name, rows)| (name.clone(), rows_of(rows, &attributes[name.as_str()]))).collect()
}

fn rows_of(rows: &Value, attributes: &Value) -> Vec<Row> {
    let columns: Vec<String> =
        attributes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |row: &Value| match row {
        Value::Object(values) => Some(Row::new(values.clone())),
        Value::Array(values) => Some(Row::paired(&columns, values.clone())),
        _ => None,
    };
    rows.iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests;
