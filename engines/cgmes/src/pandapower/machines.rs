//! What feeds faults in pandapower: generators, static generators, motors, external grids.

use network::{Converter, ConverterKind, Feeder, FeederLevel, Motor, Unit};

use super::{Grid, name};
use crate::rows::Row;

impl Grid {
    pub(super) fn add_units(&mut self) {
        for (id, row) in self.elements("gen") {
            let Some(bus) = self.bus(&row, "bus", "gen", &id) else { continue };
            let unit = Unit {
                name: name(&row),
                rated_kv: row.positive("vn_kv"),
                rated_mva: row.positive("sn_mva"),
                cos_phi: row.positive("cos_phi"),
                xdss_percent: row.positive("xdss_pu").map(|x| 100.0 * x),
                r_ohm: row.number("rdss_ohm"),
                pg_percent: row.number("pg_percent"),
                p_mw: row.number("p_mw"),
                q_mvar: row.number("q_mvar"),
                min_mw: row.number("min_p_mw"),
                max_mw: row.number("max_p_mw"),
                in_service: row.flag("in_service", true),
                ..Unit::new(&id, &bus)
            };
            for (value, field) in [
                (unit.rated_kv, "rated_kv"),
                (unit.rated_mva, "rated_mva"),
                (unit.cos_phi, "cos_phi"),
                (unit.xdss_percent, "xdss_percent"),
                (unit.r_ohm, "r_ohm"),
            ] {
                self.notes.wanted(value, ["units", field], &id);
            }
            self.model.units.push(unit);
        }
    }

    pub(super) fn add_static_generators(&mut self) {
        for (id, row) in self.elements("sgen") {
            let Some(bus) = self.bus(&row, "bus", "sgen", &id) else { continue };
            let Some(kv) = self.nominal_kv(&bus) else { continue };
            match row.text("generator_type") {
                Some("async") => self.add_asynchronous_generator(&row, [&id, &bus], kv),
                Some("async_doubly_fed") => {
                    let (i_max_ka, kappa, rx) =
                        (row.positive("max_ik_ka"), row.positive("kappa"), row.number("rx"));
                    self.notes.wanted(i_max_ka, ["converters", "i_max_ka"], &id);
                    self.notes.wanted(kappa, ["converters", "kappa"], &id);
                    self.notes.wanted(rx, ["converters", "rx"], &id);
                    self.add_converter(
                        &row,
                        [&id, &bus],
                        ConverterKind::DoublyFed { i_max_ka, kappa, rx },
                        kv,
                    );
                }
                _ => {
                    let rated_ka = row.positive("sn_mva").map(|mva| mva / (3f64.sqrt() * kv));
                    let i_sk_ka = row.number("k").zip(rated_ka).map(|(k, rated)| k * rated);
                    self.notes.wanted(i_sk_ka, ["converters", "i_sk_ka"], &id);
                    let i_sk_deg = row.number("current_angle_degree");
                    self.add_converter(&row, [&id, &bus], ConverterKind::Full { i_sk_ka, i_sk_deg }, kv);
                }
            }
        }
    }

    fn add_converter(&mut self, row: &Row, [id, bus]: [&str; 2], kind: ConverterKind, kv: f64) {
        self.model.converters.push(Converter {
            name: name(row),
            rated_kv: Some(kv),
            rated_mva: row.positive("sn_mva"),
            p_mw: row.number("p_mw"),
            q_mvar: row.number("q_mvar"),
            in_service: row.flag("in_service", true),
            ..Converter::new(id, bus, kind)
        });
    }

    fn add_asynchronous_generator(&mut self, row: &Row, [id, bus]: [&str; 2], kv: f64) {
        let machine = Motor {
            name: name(row),
            rated_kv: Some(kv),
            rated_mva: row.positive("sn_mva"),
            ilr_irm: row.positive("lrc_pu"),
            rx: row.number("rx"),
            p_mw: row.number("p_mw").map(|mw| -mw),
            q_mvar: row.number("q_mvar").map(|mvar| -mvar),
            generates: true,
            in_service: row.flag("in_service", true),
            ..Motor::new(id, bus)
        };
        self.notes.wanted(machine.rated_mva, ["motors", "rated_mva"], id);
        self.notes.wanted(machine.ilr_irm, ["motors", "ilr_irm"], id);
        self.model.motors.push(machine);
    }

    pub(super) fn add_motors(&mut self) {
        for (id, row) in self.elements("motor") {
            let Some(bus) = self.bus(&row, "bus", "motor", &id) else { continue };
            let motor = Motor {
                name: name(&row),
                rated_kv: row.positive("vn_kv"),
                rated_mw: row.positive("pn_mech_mw"),
                cos_phi: row.positive("cos_phi_n"),
                efficiency_percent: row.positive("efficiency_n_percent"),
                ilr_irm: row.positive("lrc_pu"),
                rx: row.number("rx"),
                in_service: row.flag("in_service", true),
                ..Motor::new(&id, &bus)
            };
            for (value, field) in [
                (motor.rated_kv, "rated_kv"),
                (motor.rated_mw, "rated_mw"),
                (motor.cos_phi, "cos_phi"),
                (motor.efficiency_percent, "efficiency_percent"),
                (motor.ilr_irm, "ilr_irm"),
            ] {
                self.notes.wanted(value, ["motors", field], &id);
            }
            self.model.motors.push(motor);
        }
    }

    pub(super) fn add_feeders(&mut self) {
        for (id, row) in self.elements("ext_grid") {
            let Some(bus) = self.bus(&row, "bus", "ext_grid", &id) else { continue };
            let level = |case: &str| {
                let column = |name: &str| format!("{name}_{case}");
                let sk_mva = row.positive(&format!("s_sc_{case}_mva"))?;
                Some(FeederLevel {
                    sk_mva: Some(sk_mva),
                    ikss_ka: None,
                    rx: row.number(&column("rx")),
                    x0x1: row.number(&column("x0x")),
                    r0x0: row.number(&column("r0x0")),
                })
            };
            let (max, min) = (level("max"), level("min"));
            self.notes.wanted(max, ["feeders", "max"], &id);
            self.notes.wanted(min, ["feeders", "min"], &id);
            if let Some(level) = max.or(min) {
                self.notes.wanted(level.rx, ["feeders", "rx"], &id);
                self.notes.wanted(level.x0x1, ["feeders", "x0x1"], &id);
                self.notes.wanted(level.r0x0, ["feeders", "r0x0"], &id);
            }
            let in_service = row.flag("in_service", true);
            self.model.feeders.push(Feeder {
                name: name(&row),
                max,
                min,
                in_service,
                ..Feeder::new(&id, &bus)
            });
        }
    }
}
