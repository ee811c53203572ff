//! Sequence data: machines, zero-sequence lines and their coupling. Transformers are in a file of their own.

use network::{Converter, ConverterKind, Coupling, Finding, Neutral, Severity};

use super::Grid;
use super::branches::key;
use super::records::{End, Record, Section, end, sections};
use crate::cim::notes::Trouble;

impl Grid {
    pub(super) fn add_sequence_data(&mut self, file: &str, text: &str) {
        self.has_sequence_data = true;
        if let End::Within(line) = end(text) {
            self.notes.say(Finding::new("cut_off", Severity::Warning).at(file, Some(line)));
        }
        let lines = text.lines().skip_while(|line| line.starts_with("@!") || line.trim().is_empty());
        for section in sections(lines.skip(1), 2) {
            self.add_section(file, &section);
        }
    }

    fn add_section(&mut self, file: &str, section: &Section) {
        let Some(name) = &section.name else {
            if !section.records.is_empty() {
                let line = section.records[0].line;
                self.notes.say(Finding::new("unnamed_section", Severity::Warning).at(file, Some(line)));
            }
            return;
        };
        let has = |word| name.contains(word);
        let records = section.records.iter();
        match () {
            () if has("INDUCTION") || has("SHUNT") || name == "LOAD" => self.leave_out_section(name, section),
            () if has("MUTUAL") => records.for_each(|record| self.add_coupling(record)),
            () if has("NON-TRANSFORMER") || has("BRANCH") => records.for_each(|record| self.set_line(record)),
            () if has("TRANSFORMER") => {
                let records: Vec<&Record> = records.collect();
                self.set_transformers(&records);
            }
            () if has("POSITIVE") => records.for_each(|record| self.set_positive(record)),
            () if has("NEGATIVE") => records.for_each(|record| self.set_negative(record, 2)),
            () if has("ZERO") => records.for_each(|record| self.set_zero(record, 2)),
            () if has("MACHINE") || has("GENERATOR") => records.for_each(|record| self.set_machine(record)),
            () => {}
        }
    }

    /// Notes a section whose data no fault is computed with yet.
    fn leave_out_section(&mut self, name: &str, section: &Section) {
        let kind = match name {
            _ if name.contains("INDUCTION") => "motors",
            _ if name.contains("SHUNT") => "shunts",
            _ => "loads",
        };
        for record in &section.records {
            let element = format!("{}:{}", record.bus(0).unwrap_or_default(), record.circuit(1));
            self.notes.count(Trouble::new("sequence_data_left_out", Severity::Warning, kind), &element);
        }
    }

    /// A machine in one record: bus, id, (kind,) the positive, negative and zero sequence, earthing.
    fn set_machine(&mut self, record: &Record) {
        let has_kind = record.len() == 14 || record.len() < 11;
        if has_kind && record.number(2).is_some_and(|kind| kind != 0.0) {
            self.turn_to_converter(record);
            return;
        }
        let first = if has_kind { 3 } else { 2 };
        self.set_positive_from(record, first);
        self.set_negative(record, first + 4);
        self.set_zero(record, first + 6);
    }

    fn set_positive(&mut self, record: &Record) {
        self.set_positive_from(record, 2);
    }

    /// R, subtransient, transient and synchronous X, per unit of the machine.
    fn set_positive_from(&mut self, record: &Record, at: usize) {
        let Some(index) = self.machine(record) else { return };
        let unit = &mut self.model.units[index];
        let base_ohm = unit.rated_ohm();
        unit.xdss_percent = record.positive(at + 1).map(|x| 100.0 * x).or(unit.xdss_percent);
        unit.xd_percent = record.positive(at + 3).map(|x| 100.0 * x);
        unit.r_ohm = record.number(at).zip(base_ohm).map(|(r, base)| r * base).or(unit.r_ohm);
    }

    fn set_negative(&mut self, record: &Record, at: usize) {
        let Some(index) = self.machine(record) else { return };
        let unit = &mut self.model.units[index];
        unit.r2_ohm = record.number(at).zip(unit.rated_ohm()).map(|(r, base)| r * base);
        unit.x2_percent = record.positive(at + 1).map(|x| 100.0 * x);
    }

    /// R, X, then the earthing impedance per unit (1) or in Ω (2).
    fn set_zero(&mut self, record: &Record, at: usize) {
        let Some(index) = self.machine(record) else { return };
        let unit = &mut self.model.units[index];
        let base_ohm = unit.rated_ohm();
        unit.r0_ohm = record.number(at).zip(base_ohm).map(|(r, base)| r * base);
        unit.x0_percent = record.positive(at + 1).map(|x| 100.0 * x);
        if unit.x0_percent.is_some() {
            let scale = if record.number(at + 2) == Some(2.0) { 1.0 } else { base_ohm.unwrap_or(1.0) };
            unit.neutral =
                Some(Neutral::through(record.or_zero(at + 3) * scale, record.or_zero(at + 4) * scale));
        }
    }

    fn machine(&mut self, record: &Record) -> Option<usize> {
        let name = format!("{}:{}", record.bus(0).unwrap_or_default(), record.circuit(1));
        let found = self.units.get(&name).copied();
        if found.is_none() {
            self.leave_out("units", record);
        }
        found
    }

    /// A machine behind power electronics: its limits are data of a tool's own and stay missing.
    fn turn_to_converter(&mut self, record: &Record) {
        let Some(index) = self.machine(record) else { return };
        let unit = &mut self.model.units[index];
        let converter = Converter {
            rated_kv: unit.rated_kv,
            rated_mva: unit.rated_mva,
            p_mw: unit.p_mw,
            q_mvar: unit.q_mvar,
            in_service: unit.in_service,
            ..Converter::new(
                &unit.id.replace("gen:", "converter:"),
                &unit.bus,
                ConverterKind::Full { i_sk_ka: None, i_sk_deg: None },
            )
        };
        self.notes.count(Trouble::new("inverter_machine", Severity::Warning, "converters"), &converter.id);
        self.notes.wanted(None::<f64>, ["converters", "i_sk_ka"], &converter.id);
        self.model.converters.push(converter);
        self.remove_unit(index);
    }

    fn remove_unit(&mut self, index: usize) {
        self.model.units.remove(index);
        self.units.retain(|_, at| *at != index);
        for at in self.units.values_mut().filter(|at| **at > index) {
            *at -= 1;
        }
    }

    /// Fields: from, to, circuit, R, X, B, per unit of the system base.
    fn set_line(&mut self, record: &Record) {
        let Some((_, kv)) = self.bus(record, 0) else { return self.leave_out("lines", record) };
        let Some(index) = self.line(record, 0) else { return self.leave_out("lines", record) };
        let line = &mut self.model.lines[index];
        let base_ohm = kv * kv / self.base_mva;
        let (r, x) = (record.or_zero(3), record.or_zero(4));
        if r != 0.0 || x != 0.0 {
            (line.r0_ohm, line.x0_ohm) = (Some(r * base_ohm), Some(x * base_ohm));
        }
        line.b0_us = record.number(5).map(|b| b / base_ohm * 1e6);
    }

    /// The line that two buses and a circuit name.
    fn line(&self, record: &Record, at: usize) -> Option<usize> {
        let (from, to) = (record.bus(at)?, record.bus(at + 1)?);
        self.lines.get(&key(&from, &to, record.circuit(at + 2))).copied()
    }

    /// Fields: from, to, circuit of both lines, R and X between them, the stretch on the first and on the second line as
    /// fractions from where it is named to begin.
    fn add_coupling(&mut self, record: &Record) {
        let (Some(a), Some(b)) = (self.line(record, 0), self.line(record, 3)) else {
            self.leave_out("couplings", record);
            return;
        };
        let (Some((from_a, kv_a)), Some((from_b, kv_b))) = (self.bus(record, 0), self.bus(record, 3)) else {
            return;
        };
        let [line_a, line_b] = [&self.model.lines[a], &self.model.lines[b]];
        let stretch = |begin: usize, is_same: bool| {
            let [begin, end] = [record.number(begin).unwrap_or(0.0), record.number(begin + 1).unwrap_or(1.0)];
            // 0 and 0 is PSS/E's way of leaving both out.
            let [begin, end] = if begin == 0.0 && end == 0.0 { [0.0, 1.0] } else { [begin, end] };
            if is_same { [begin, end] } else { [1.0 - begin, 1.0 - end] }
        };
        let [on_a, on_b] = [stretch(8, line_a.from == from_a), stretch(10, line_b.from == from_b)];
        let base_ohm = kv_a * kv_b / self.base_mva;
        let z0m = [record.or_zero(6) * base_ohm, record.or_zero(7) * base_ohm];
        let id = format!("{}|{}", line_a.id, line_b.id);
        let coupling = Coupling::new(&id, &line_a.id, &line_b.id, z0m).over(on_a, on_b);
        let is_within = on_a.iter().chain(&on_b).all(|fraction| (0.0..=1.0).contains(fraction));
        if a == b || !is_within {
            self.leave_out("couplings", record);
        } else if self.take("couplings", &id) {
            self.model.couplings.push(coupling);
        }
    }
}
