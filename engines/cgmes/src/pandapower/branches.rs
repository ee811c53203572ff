//! Lines and per-unit impedances of pandapower.

use network::{Line, SeriesElement, Severity, Shunt};

use super::{Grid, name};
use crate::cim::notes::Trouble;
use crate::rows::Row;

impl Grid {
    pub(super) fn add_lines(&mut self) {
        for (id, row) in self.elements("line") {
            let Some(from) = self.bus(&row, "from_bus", "line", &id) else { continue };
            let Some(to) = self.bus(&row, "to_bus", "line", &id) else { continue };
            let Some(length_km) = row.positive("length_km") else {
                self.leave_out("line", &id);
                continue;
            };
            let parallel = row.positive("parallel").unwrap_or(1.0);
            let series = |column| row.number(column).map(|value| value * length_km / parallel);
            let shunt =
                |column, factor: f64| row.number(column).map(|value| value * factor * length_km * parallel);
            // nF at ω rad/s are ω/1000 µS.
            let omega = 2.0 * std::f64::consts::PI * self.frequency_hz / 1000.0;
            let line = Line {
                name: name(&row),
                length_km: Some(length_km),
                r1_ohm: series("r_ohm_per_km"),
                x1_ohm: series("x_ohm_per_km"),
                b1_us: shunt("c_nf_per_km", omega),
                g1_us: shunt("g_us_per_km", 1.0),
                r0_ohm: series("r0_ohm_per_km"),
                x0_ohm: series("x0_ohm_per_km"),
                b0_us: shunt("c0_nf_per_km", omega),
                g0_us: shunt("g0_us_per_km", 1.0),
                end_temperature_c: row.number("endtemp_degree"),
                rated_ka: row.positive("max_i_ka"),
                in_service: row.flag("in_service", true),
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

    pub(super) fn add_impedances(&mut self) {
        for (id, row) in self.elements("impedance") {
            let Some(from) = self.bus(&row, "from_bus", "impedance", &id) else { continue };
            let Some(to) = self.bus(&row, "to_bus", "impedance", &id) else { continue };
            let (Some(kv), Some(to_kv), Some(mva)) =
                (self.nominal_kv(&from), self.nominal_kv(&to), row.positive("sn_mva"))
            else {
                self.leave_out("impedance", &id);
                continue;
            };
            let ohm = |column| row.number(column).map(|value| value * kv * kv / mva);
            let reverse = |back, forth| ohm(back).filter(|value| Some(*value) != ohm(forth));
            let element = SeriesElement {
                name: name(&row),
                r1_ohm: ohm("rft_pu"),
                x1_ohm: ohm("xft_pu"),
                r0_ohm: ohm("rft0_pu"),
                x0_ohm: ohm("xft0_pu"),
                r1_reverse_ohm: reverse("rtf_pu", "rft_pu"),
                x1_reverse_ohm: reverse("xtf_pu", "xft_pu"),
                r0_reverse_ohm: reverse("rtf0_pu", "rft0_pu"),
                x0_reverse_ohm: reverse("xtf0_pu", "xft0_pu"),
                in_service: row.flag("in_service", true),
                ..SeriesElement::new(&id, &from, &to)
            };
            if element.r1_reverse_ohm.is_some() || element.x1_reverse_ohm.is_some() {
                self.notes.count(Trouble::new("not_reciprocal", Severity::Warning, "series_elements"), &id);
            }
            for (value, field) in [
                (element.r1_ohm, "r1_ohm"),
                (element.x1_ohm, "x1_ohm"),
                (element.r0_ohm, "r0_ohm"),
                (element.x0_ohm, "x0_ohm"),
            ] {
                self.notes.wanted(value, ["series_elements", field], &id);
            }
            self.model.series_elements.push(element);
            self.add_end_shunt(&row, ["gf_pu", "bf_pu", "gf0_pu", "bf0_pu"], [&id, &from], mva / kv / kv);
            self.add_end_shunt(&row, ["gt_pu", "bt_pu", "gt0_pu", "bt0_pu"], [&id, &to], mva / to_kv / to_kv);
        }
    }

    /// The admittance to earth that an impedance has at one end, where it isn't 0; `base` is 1 per unit in S.
    fn add_end_shunt(&mut self, row: &Row, columns: [&str; 4], [id, bus]: [&str; 2], base: f64) {
        let [g1_us, b1_us, g0_us, b0_us] =
            columns.map(|column| row.number(column).map(|value| value * base * 1e6));
        if [g1_us, b1_us, g0_us, b0_us].iter().flatten().any(|value| *value != 0.0) {
            let in_service = row.flag("in_service", true);
            let end = if columns[0].starts_with("gf") { "from" } else { "to" };
            let shunt = Shunt::new(&format!("{id}:{end}"), bus);
            self.model.shunts.push(Shunt { g1_us, b1_us, g0_us, b0_us, in_service, ..shunt });
        }
    }
}
