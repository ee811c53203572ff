//! pandapower networks in JSON: files of its `to_json`, and the plain form of element tables (rows of columns).
//!
//! Tables and columns are those of pandapower's documentation. Bus indices become the ids of buses; other elements are
//! called by table and index, such as `line:4`.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use network::{Finding, Model, Severity};

use crate::cim::notes::{Notes, Trouble};
use crate::error::Error;
use crate::open::{Format, Import};
use crate::rows::Row;

mod blocks;
mod branches;
mod machines;
mod shunts;
mod switches;
mod transformers;

/// Tables that mean something for short circuits and are not understood.
const NOT_UNDERSTOOD: &[&str] =
    &["dcline", "svc", "ssc", "tcsc", "vsc", "asymmetric_sgen", "storage", "bus_dc", "line_dc", "b2b_vsc"];

/// Whether a JSON document is a pandapower network.
pub(crate) fn recognises(value: &Value) -> bool {
    is_net(value) || value.get("net").is_some_and(is_net) || case(value, 0).is_some()
}

fn is_net(value: &Value) -> bool {
    value["_class"] == "pandapowerNet"
        || value["bus"].as_array().is_some_and(|rows| !rows.is_empty() && rows[0].get("vn_kv").is_some())
}

fn case(value: &Value, part: usize) -> Option<&Value> {
    value.get("cases")?.get(part)?.get("net").filter(|net| is_net(net))
}

/// Reads a network; `part` chooses one of several cases, counted from 1.
pub(crate) fn read(file: &str, value: &Value, part: Option<usize>) -> Result<Import, Error> {
    let count = value["cases"].as_array().map_or(1, Vec::len);
    let part = part.unwrap_or(1);
    if part == 0 || part > count {
        return Err(Error::syntax(
            file,
            1,
            format!("there is no part {part}: the file has {count}, counted from 1"),
        ));
    }
    let net = case(value, part - 1).or_else(|| value.get("net")).unwrap_or(value);
    let mut grid = Grid::of(file, net)?;
    if count > 1 {
        let several = Finding::new("one_of_several", Severity::Info).at(file, None);
        grid.notes.say(several.with("part", part).with("of", count));
    }
    grid.add_buses();
    grid.add_lines();
    grid.add_impedances();
    grid.add_transformers();
    grid.add_transformers3();
    grid.add_units();
    grid.add_blocks();
    grid.add_static_generators();
    grid.add_motors();
    grid.add_feeders();
    grid.add_shunts();
    grid.add_wards();
    grid.add_loads();
    grid.add_switches();
    grid.note_tables();
    Ok(grid.finish())
}

/// The network being read: its tables, the model so far, what was noticed.
pub(crate) struct Grid {
    tables: BTreeMap<String, Vec<Row>>,
    nominal_kv: HashMap<String, f64>,
    model: Model,
    notes: Notes,
    frequency_hz: f64,
    /// What 1 of `mag0_percent` is: a whole until version 3.3, a hundredth since (pandapower, pull request 2840).
    mag0_unit: f64,
}

impl Grid {
    fn of(file: &str, net: &Value) -> Result<Self, Error> {
        let object = net.get("_object").unwrap_or(net);
        let Some(entries) = object.as_object() else {
            return Err(Error::syntax(
                file,
                1,
                "the network is no object of tables: save it with pandapower's to_json",
            ));
        };
        let given = entries.get("f_hz").and_then(Value::as_f64).filter(|hz| *hz > 0.0);
        let mut notes = Notes::default();
        if given.is_none() {
            notes.say(Finding::new("assumed_frequency", Severity::Warning).at(file, None).with("hz", 50.0));
        }
        let name = entries.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
        let frequency_hz = given.unwrap_or(50.0);
        let model = Model { name: name.map(str::to_owned), ..Model::new().frequency(frequency_hz) };
        let tables = entries.iter().map(|(name, table)| (name.clone(), rows(table))).collect();
        let is_percent = entries.get("version").and_then(Value::as_str).is_some_and(counts_in_percent);
        let mag0_unit = if is_percent { 0.01 } else { 1.0 };
        Ok(Self { tables, nominal_kv: HashMap::new(), model, notes, frequency_hz, mag0_unit })
    }

    /// The rows of a table; empty when there is no such table.
    fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// The rows of a table with the id each gets in the model; rows without index, or with one again, are left out.
    fn elements(&mut self, table: &'static str) -> Vec<(String, Row)> {
        let rows = self.tables.get(table).cloned().unwrap_or_default();
        let mut seen = HashSet::with_capacity(rows.len());
        let mut elements = Vec::with_capacity(rows.len());
        for row in rows {
            match row.key("index") {
                Some(index) if seen.insert(index.clone()) => elements.push((format!("{table}:{index}"), row)),
                Some(index) => self.notes.count(Trouble::new("repeated", Severity::Error, table), &index),
                None => self.leave_out(table, "?"),
            }
        }
        elements
    }

    fn add_buses(&mut self) {
        for (id, row) in self.elements("bus") {
            let Some(nominal_kv) = row.positive("vn_kv") else {
                self.leave_out("bus", &id);
                continue;
            };
            let index = id.trim_start_matches("bus:");
            self.nominal_kv.insert(index.to_owned(), nominal_kv);
            self.model.buses.push(network::Bus {
                name: name(&row),
                in_service: row.flag("in_service", true),
                ..network::Bus::new(index, nominal_kv)
            });
        }
    }

    /// The nominal voltage of a bus in kV; `None` for an unknown one.
    fn nominal_kv(&self, bus: &str) -> Option<f64> {
        self.nominal_kv.get(bus).copied()
    }

    /// The bus a column names, if there is one; else the element is left out.
    fn bus(&mut self, row: &Row, column: &str, table: &'static str, id: &str) -> Option<String> {
        let bus = row.key(column).filter(|bus| self.nominal_kv(bus).is_some());
        if bus.is_none() {
            self.leave_out(table, id);
        }
        bus
    }

    /// Notes that an element can't be represented: its bus or a value without which it means nothing is missing.
    fn leave_out(&mut self, table: &'static str, id: &str) {
        self.notes.count(Trouble::new("left_out", Severity::Error, table), id);
    }

    fn note_tables(&mut self) {
        for table in NOT_UNDERSTOOD {
            for (id, _) in self.elements(table) {
                self.notes.count(Trouble::new("not_understood", Severity::Warning, table), &id);
            }
        }
    }

    fn finish(self) -> Import {
        let Self { model, notes, .. } = self;
        let findings = notes.into_findings(|_| None);
        Import { model, findings, format: Format::Pandapower }
    }
}

/// Whether a version of pandapower takes `mag0_percent` as percent: from 3.4 on.
fn counts_in_percent(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= (3, 4),
        _ => false,
    }
}

/// The rows of a table: plain rows, or a data frame in pandas' "split" form, itself written as text.
fn rows(table: &Value) -> Vec<Row> {
    match table {
        Value::Array(rows) => rows.iter().filter_map(Value::as_object).cloned().map(Row::new).collect(),
        Value::Object(frame) => frame.get("_object").map(frame_rows).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn frame_rows(object: &Value) -> Vec<Row> {
    let parsed = object.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let frame = parsed.as_ref().unwrap_or(object);
    let columns: Vec<String> = strings(&frame["columns"]);
    let index = frame["index"].as_array().map(Vec::as_slice).unwrap_or_default();
    let data = frame["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows = index.iter().zip(data).filter_map(|(index, values)| {
        let mut row = Row::paired(&columns, values.as_array()?.clone());
        row.set("index", index.clone());
        Some(row)
    });
    rows.collect()
}

fn strings(value: &Value) -> Vec<String> {
    let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
    values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
}

fn name(row: &Row) -> Option<String> {
    row.text("name").map(str::to_owned)
}

#[cfg(test)]
mod tests;
