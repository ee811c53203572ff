//! Shunts, loads and ward equivalents of pandapower.

use network::{Equivalent, Load, Severity, Shunt};

use super::{Grid, name};
use crate::cim::notes::Trouble;

impl Grid {
    pub(super) fn add_shunts(&mut self) {
        for (id, row) in self.elements("shunt") {
            let Some(bus) = self.bus(&row, "bus", "shunt", &id) else { continue };
            let Some(kv) = row.positive("vn_kv").or_else(|| self.nominal_kv(&bus)) else { continue };
            let step = row.number("step").unwrap_or(1.0);
            let us = |column, sign: f64| row.number(column).map(|power| sign * power * step / kv / kv * 1e6);
            self.model.shunts.push(Shunt {
                name: name(&row),
                g1_us: us("p_mw", 1.0),
                b1_us: us("q_mvar", -1.0),
                in_service: row.flag("in_service", true),
                ..Shunt::new(&id, &bus)
            });
        }
    }

    /// Wards feed faults as impedances to earth. pandapower's short circuits read the reactive part of a ward's
    /// admittance as capacitive when positive, unlike its load flow; the files follow that.
    pub(super) fn add_wards(&mut self) {
        for table in ["ward", "xward"] {
            for (id, row) in self.elements(table) {
                let Some(bus) = self.bus(&row, "bus", table, &id) else { continue };
                let Some(kv) = self.nominal_kv(&bus) else { continue };
                let in_service = row.flag("in_service", true);
                let (g, b) = (row.number("pz_mw").unwrap_or(0.0), row.number("qz_mvar").unwrap_or(0.0));
                let square = g * g + b * b;
                if square > 0.0 {
                    self.notes.count(Trouble::new("ward_as_impedance", Severity::Info, table), &id);
                    self.model.equivalents.push(Equivalent {
                        name: name(&row),
                        r1_ohm: Some(g / square * kv * kv),
                        x1_ohm: Some(-b / square * kv * kv),
                        in_service,
                        ..Equivalent::new(&id, &bus)
                    });
                }
                let (p_mw, q_mvar) = (row.number("ps_mw"), row.number("qs_mvar"));
                let load = Load::new(&format!("{id}:load"), &bus);
                self.model.loads.push(Load { p_mw, q_mvar, in_service, ..load });
            }
        }
    }

    pub(super) fn add_loads(&mut self) {
        for table in ["load", "asymmetric_load"] {
            for (id, row) in self.elements(table) {
                let Some(bus) = self.bus(&row, "bus", table, &id) else { continue };
                let scaling = row.number("scaling").unwrap_or(1.0);
                let sum = |whole: &str, phases: [&str; 3]| {
                    let parts: Vec<f64> = phases.iter().filter_map(|phase| row.number(phase)).collect();
                    let of_phases = (!parts.is_empty()).then(|| parts.iter().sum());
                    row.number(whole).or(of_phases).map(|power: f64| power * scaling)
                };
                self.model.loads.push(Load {
                    name: name(&row),
                    p_mw: sum("p_mw", ["p_a_mw", "p_b_mw", "p_c_mw"]),
                    q_mvar: sum("q_mvar", ["q_a_mvar", "q_b_mvar", "q_c_mvar"]),
                    in_service: row.flag("in_service", true),
                    ..Load::new(&id, &bus)
                });
            }
        }
    }
}
