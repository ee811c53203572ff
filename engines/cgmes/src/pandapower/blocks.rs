//! Power-station blocks of pandapower: what a unit names as its transformer, and flagged transformers with one unit.

use std::collections::{HashMap, HashSet};

use network::{Block, Severity};

use super::Grid;
use crate::cim::notes::Trouble;
use crate::rows::Row;

impl Grid {
    pub(super) fn add_blocks(&mut self) {
        let known: HashSet<&str> = self.model.transformers.iter().map(|found| found.id.as_str()).collect();
        let mut units_at: HashMap<String, usize> = HashMap::new();
        for bus in self.rows("gen").iter().filter_map(|row| row.key("bus")) {
            *units_at.entry(bus).or_default() += 1;
        }
        let mut by_index = HashMap::new();
        let mut flagged_at = HashMap::new();
        for row in self.rows("trafo") {
            let Some(index) =
                row.key("index").filter(|index| known.contains(format!("trafo:{index}").as_str()))
            else {
                continue;
            };
            if let Some(bus) = row.key("lv_bus").filter(|_| row.flag("power_station_unit", false)) {
                flagged_at.entry(bus).or_insert_with(Vec::new).push(index.clone());
            }
            by_index.insert(index, row.flag("oltc", false));
        }
        for (unit, row) in self.elements("gen") {
            let named = row.key("power_station_trafo");
            let transformer = named.clone().or_else(|| lone_transformer(&row, &units_at, &flagged_at));
            match transformer.and_then(|index| by_index.get_key_value(&index)) {
                Some((index, has_taps)) => {
                    if named.is_none() {
                        self.notes.count(Trouble::new("assumed_block", Severity::Info, "blocks"), &unit);
                    }
                    let id = unit.replace("gen:", "block:");
                    let block = Block::new(&id, &unit, &format!("trafo:{index}"));
                    self.model.blocks.push(Block { on_load_taps: Some(*has_taps), ..block });
                }
                None if named.is_some() => self.leave_out("blocks", &unit),
                None => {}
            }
        }
        let units: HashSet<String> = self.model.units.iter().map(|unit| unit.id.clone()).collect();
        self.model.blocks.retain(|block| units.contains(&block.unit));
    }
}

/// The only flagged transformer at the bus of a unit that is alone there.
fn lone_transformer(
    unit: &Row,
    units_at: &HashMap<String, usize>,
    flagged_at: &HashMap<String, Vec<String>>,
) -> Option<String> {
    let bus = unit.key("bus")?;
    match (units_at.get(&bus), flagged_at.get(&bus).map(Vec::as_slice)) {
        (Some(1), Some([transformer])) => Some(transformer.clone()),
        _ => None,
    }
}
