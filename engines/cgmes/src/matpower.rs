//! MATPOWER case files: the matrices `mpc.bus`, `mpc.gen` and `mpc.branch` of a case of version 2.
//!
//! Cases are made for load flow: they hold no subtransient reactances, no zero sequence and no earthing. That stays missing
//! and is counted; who wants figures all the same asks for data by a fixed rule ([`crate::Options::assume_data`]). Loads,
//! shunts, units and branches are called by table and row, such as `branch:7`.

use std::collections::HashMap;

use network::{Bus, Finding, Load, Model, Severity, Shunt, Unit};

use self::assumption::complete_unit;
use self::matrices::Case;
use crate::cim::notes::{Notes, Trouble};
use crate::error::Error;
use crate::open::{Format, Import};

mod assumption;
mod branches;
mod matrices;

/// Voltage assumed where a case has 0 kV, as purely per-unit cases do.
const ASSUMED_KV: f64 = 100.0;

/// Whether a text is a MATPOWER case.
pub(crate) fn recognises(text: &str) -> bool {
    let code = || text.lines().map(str::trim_start).filter(|line| !line.starts_with('%'));
    code().take(2000).any(|line| line.starts_with("function mpc") || line.starts_with("mpc."))
}

/// Reads a case; with `assume_data` the short-circuit data that cases don't hold follow the fixed rule.
pub(crate) fn read(file: &str, text: &str, assume_data: bool) -> Result<Import, Error> {
    let case = Case::read(file, text)?;
    let mut grid = Grid {
        base_mva: case.base_mva,
        nominal_kv: HashMap::new(),
        model: Model { name: case.name.clone(), ..Model::new().frequency(50.0) },
        notes: Notes::default(),
        assumes_data: assume_data,
    };
    grid.notes.say(Finding::new("assumed_frequency", Severity::Info).at(file, None).with("hz", 50.0));
    for line in &case.statements {
        grid.notes.say(Finding::new("code_not_run", Severity::Warning).at(file, Some(*line)));
    }
    grid.add_buses(&case);
    grid.add_units(&case);
    grid.add_branches(&case);
    if grid.assumes_data {
        grid.notes.say(Finding::new("assumed_data", Severity::Warning).at(file, None));
    }
    let findings = grid.notes.into_findings(|_| None);
    Ok(Import { model: grid.model, findings, format: Format::Matpower })
}

/// The network being read.
struct Grid {
    base_mva: f64,
    nominal_kv: HashMap<String, f64>,
    model: Model,
    notes: Notes,
    assumes_data: bool,
}

impl Grid {
    /// Columns of `mpc.bus`: number, type, Pd, Qd, Gs, Bs, area, Vm, Va, kV.
    fn add_buses(&mut self, case: &Case) {
        for (row, number) in case.bus.iter().zip(1..) {
            let (Some(id), Some(kind)) = (whole(row.value(0)), row.value(1)) else {
                self.leave_out("buses", &format!("bus:{number}"));
                continue;
            };
            let given = row.value(9).filter(|kv| *kv > 0.0);
            if given.is_none() {
                let trouble = Trouble::new("assumed_voltage", Severity::Warning, "buses");
                self.notes.count_with(trouble, &id, ("kv", ASSUMED_KV.to_string()));
            }
            let kv = given.unwrap_or(ASSUMED_KV);
            if self.nominal_kv.contains_key(&id) {
                self.notes.count(Trouble::new("repeated", Severity::Error, "buses"), &id);
                continue;
            }
            self.nominal_kv.insert(id.clone(), kv);
            self.model.buses.push(Bus {
                name: case.bus_names.get(number - 1).cloned(),
                operating_kv: row.value(7).filter(|u| *u > 0.0).map(|u| u * kv),
                operating_deg: row.value(8),
                // Type 4 is an isolated bus.
                in_service: kind != 4.0,
                ..Bus::new(&id, kv)
            });
            let (p, q) = (row.value(2).unwrap_or(0.0), row.value(3).unwrap_or(0.0));
            if p != 0.0 || q != 0.0 {
                let load = Load::new(&format!("load:{id}"), &id);
                self.model.loads.push(Load { p_mw: Some(p), q_mvar: Some(q), ..load });
            }
            let (g, b) = (row.value(4).unwrap_or(0.0), row.value(5).unwrap_or(0.0));
            if g != 0.0 || b != 0.0 {
                // MW and Mvar at 1 per unit.
                let us = |power: f64| Some(power / kv / kv * 1e6);
                let shunt = Shunt::new(&format!("shunt:{id}"), &id);
                self.model.shunts.push(Shunt { g1_us: us(g), b1_us: us(b), ..shunt });
            }
        }
    }

    /// Columns of `mpc.gen`: bus, Pg, Qg, Qmax, Qmin, Vg, base, status, Pmax, Pmin.
    fn add_units(&mut self, case: &Case) {
        for (row, number) in case.generators.iter().zip(1..) {
            let id = format!("gen:{number}");
            let bus = whole(row.value(0));
            let Some((bus, kv)) = bus.and_then(|bus| self.nominal_kv.get(&bus).copied().map(|kv| (bus, kv)))
            else {
                self.leave_out("units", &id);
                continue;
            };
            let in_service = row.value(7).is_none_or(|status| status > 0.0);
            let (p, q) = (row.value(1), row.value(2));
            let (max_mw, min_mw) = (row.value(8), row.value(9));
            if max_mw == Some(0.0) && min_mw.is_some_and(|min| min < 0.0) {
                // MATPOWER's form of a load that may be shed.
                let negative = |power: Option<f64>| power.map(|power| -power);
                let load = Load::new(&id, &bus);
                self.model.loads.push(Load { p_mw: negative(p), q_mvar: negative(q), in_service, ..load });
                continue;
            }
            // The machine base of cases is mostly the system's 100 MVA and says nothing of the machine.
            let mut unit = Unit {
                rated_kv: Some(kv),
                p_mw: p,
                q_mvar: q,
                min_mw,
                max_mw,
                in_service,
                ..Unit::new(&id, &bus)
            };
            if self.assumes_data {
                complete_unit(&mut unit);
            }
            self.notes.wanted(unit.rated_mva, ["units", "rated_mva"], &id);
            self.notes.wanted(unit.xdss_percent, ["units", "xdss_percent"], &id);
            self.model.units.push(unit);
        }
    }

    fn leave_out(&mut self, kind: &'static str, id: &str) {
        self.notes.count(Trouble::new("left_out", Severity::Error, kind), id);
    }
}

/// A bus number as an id.
fn whole(value: Option<f64>) -> Option<String> {
    value.filter(|value| value.fract() == 0.0 && value.abs() < 1e15).map(|value| format!("{}", value as i64))
}

#[cfg(test)]
mod tests;
