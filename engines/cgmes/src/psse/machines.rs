//! Machines of raw data.

use network::{Motor, Severity, Unit};

use super::Grid;
use super::records::Record;
use crate::cim::notes::Trouble;

impl Grid {
    /// Fields: bus, id, P, Q, limits, voltage, remote bus, (from version 35 its node,) base, R, X, step-up R, X and ratio,
    /// status, share, greatest and least P.
    pub(super) fn add_generators<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        let base = if self.version >= 35 { 9 } else { 8 };
        for record in records {
            let Some((bus, kv)) = self.bus(record, 0) else {
                self.leave_out("units", record);
                continue;
            };
            let circuit = record.circuit(1);
            let id = format!("gen:{bus}:{circuit}");
            if !self.take("units", &id) {
                continue;
            }
            let rated_mva = record.positive(base);
            if record.or_zero(base + 4) != 0.0 {
                self.notes.count(Trouble::new("step_up_left_out", Severity::Warning, "units"), &id);
            }
            let r_pu = record.number(base + 1);
            self.units.insert(format!("{bus}:{circuit}"), self.model.units.len());
            self.model.units.push(Unit {
                rated_kv: Some(kv),
                rated_mva,
                xdss_percent: record.positive(base + 2).map(|x| 100.0 * x),
                r_ohm: r_pu.zip(rated_mva).map(|(r, mva)| r * kv * kv / mva),
                p_mw: record.number(2),
                q_mvar: record.number(3),
                max_mw: record.number(base + 8),
                min_mw: record.number(base + 9),
                in_service: record.number(base + 6) != Some(0.0),
                ..Unit::new(&id, &bus)
            });
        }
    }

    /// Fields: bus, id, status, two codes, area, zone, owner, two codes, base, rated kV, code, setpoint.
    pub(super) fn add_induction_machines<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for record in records {
            let Some((bus, kv)) = self.bus(record, 0) else {
                self.leave_out("motors", record);
                continue;
            };
            let id = format!("motor:{bus}:{}", record.circuit(1));
            if !self.take("motors", &id) {
                continue;
            }
            let motor = Motor {
                rated_kv: record.positive(11).or(Some(kv)),
                rated_mva: record.positive(10),
                in_service: record.number(2) != Some(0.0),
                ..Motor::new(&id, &bus)
            };
            self.notes.wanted(motor.ilr_irm, ["motors", "ilr_irm"], &id);
            self.model.motors.push(motor);
        }
    }
}
