//! PSS/E: power flow data (raw, versions 33 to 35) and sequence data (seq).
//!
//! Ids are made of what PSS/E calls its elements by: `4` a bus, `4-5:1` a line or transformer with its circuit, `gen:4:1` a
//! machine. Per-unit values are turned to ohms on the bases the file says; a value of 0 where 0 is impossible is missing.

use std::collections::{HashMap, HashSet};

use network::{Bus, Finding, Load, Model, Severity, Shunt};

use self::records::{End, Record, Section, end, sections};
use crate::cim::notes::{Notes, Trouble};
use crate::error::Error;
use crate::open::{Format, Import};

mod branches;
mod machines;
mod records;
mod sequence;
mod transformers;
mod transformers_zero;

/// Voltage assumed where a file has 0 kV.
const ASSUMED_KV: f64 = 100.0;

/// Sections of raw files that are read, by a word in their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Bus,
    Load,
    FixedShunt,
    Generator,
    Branch,
    SwitchingDevice,
    Transformer,
    SwitchedShunt,
    InductionMachine,
    /// Means something for short circuits and isn't understood.
    Strange,
    Passed,
}

/// The order of sections where they have no names, up to those that are read.
const ORDER_33: [Part; 6] =
    [Part::Bus, Part::Load, Part::FixedShunt, Part::Generator, Part::Branch, Part::Transformer];
const ORDER_34: [Part; 8] = [
    Part::Passed,
    Part::Bus,
    Part::Load,
    Part::FixedShunt,
    Part::Generator,
    Part::Branch,
    Part::SwitchingDevice,
    Part::Transformer,
];

impl Part {
    fn named(name: &str) -> Self {
        let has = |word| name.contains(word);
        match name {
            "BUS" => Self::Bus,
            "LOAD" => Self::Load,
            _ if has("FIXED") && has("SHUNT") => Self::FixedShunt,
            _ if has("SWITCHED") && has("SHUNT") => Self::SwitchedShunt,
            _ if has("GENERATOR") => Self::Generator,
            _ if has("SWITCHING DEVICE") => Self::SwitchingDevice,
            _ if has("INDUCTION") => Self::InductionMachine,
            _ if has("MULTI-SECTION") || has("CORRECTION") || has("TRANSFER") => Self::Passed,
            _ if has("BRANCH") || has("TRANSMISSION LINE") => Self::Branch,
            _ if has("TRANSFORMER") => Self::Transformer,
            _ if has("DC") || has("FACTS") || has("GNE") || has("SUBSTATION") => Self::Strange,
            _ => Self::Passed,
        }
    }
}

/// Whether a text is raw data: a head of numbers, and sections with names or a version that is known.
pub(crate) fn recognises_raw(text: &str) -> bool {
    let Some((head, _)) = head(text) else { return false };
    let has_version = head.number(2).is_some_and(|version| (20.0..=36.0).contains(&version));
    has_version && head.number(1).is_some_and(|base| base > 0.0) && text.lines().count() > 3
}

/// Whether a text is sequence data: a head without system base, and sections that speak of sequences.
pub(crate) fn recognises_seq(text: &str) -> bool {
    let Some((head, _)) = head(text) else { return false };
    head.text(0) == Some("0") && text.to_uppercase().contains("ZERO SEQ")
}

/// The first record and how many lines come before the next.
fn head(text: &str) -> Option<(Record, usize)> {
    let (at, line) =
        text.lines().enumerate().find(|(_, line)| !line.starts_with("@!") && !line.trim().is_empty())?;
    let section = sections(std::iter::once(line), at + 1);
    section.into_iter().next()?.records.into_iter().next().map(|record| (record, at + 1))
}

/// Reads raw data, with sequence data where there are.
pub(crate) fn read(raw: [&str; 2], seq: Option<[&str; 2]>) -> Result<Import, Error> {
    let [file, text] = raw;
    let mut grid = Grid::of(file, text)?;
    let parts = grid.parts(text);
    let records =
        |part: Part| parts.iter().filter(move |(known, _)| *known == part).flat_map(|(_, records)| records);
    grid.add_buses(records(Part::Bus));
    if grid.model.buses.is_empty() {
        return Err(Error::syntax(
            file,
            4,
            "no bus can be read: this is no raw data, or the file is cut off",
        ));
    }
    grid.add_loads(records(Part::Load));
    grid.add_fixed_shunts(records(Part::FixedShunt));
    grid.add_switched_shunts(records(Part::SwitchedShunt));
    grid.add_generators(records(Part::Generator));
    grid.add_branches(records(Part::Branch));
    grid.add_switching_devices(records(Part::SwitchingDevice));
    grid.add_transformers(records(Part::Transformer));
    grid.add_induction_machines(records(Part::InductionMachine));
    let strange = records(Part::Strange).count();
    if strange > 0 {
        let finding = Finding::new("not_understood", Severity::Warning).at(file, None);
        grid.notes.say(finding.with("count", strange));
    }
    match end(text) {
        End::Closed => {}
        End::Between => grid.notes.say(Finding::new("end_missing", Severity::Warning).at(file, None)),
        End::Within(line) => grid.notes.say(Finding::new("cut_off", Severity::Warning).at(file, Some(line))),
    }
    match seq {
        Some([file, text]) => grid.add_sequence_data(file, text),
        None => grid.notes.say(Finding::new("no_sequence_data", Severity::Warning).at(file, None)),
    }
    grid.note_missing();
    let findings = grid.notes.into_findings(|_| None);
    Ok(Import { model: grid.model, findings, format: Format::Psse })
}

/// The network being read.
struct Grid {
    version: i64,
    base_mva: f64,
    nominal_kv: HashMap<String, f64>,
    taken: HashSet<String>,
    model: Model,
    notes: Notes,
    has_sequence_data: bool,
    /// Where units, lines and transformers are, by the names sequence data use.
    units: HashMap<String, usize>,
    lines: HashMap<String, usize>,
    transformers: HashMap<String, transformers::Place>,
}

impl Grid {
    /// From the head: change code, system base, version, two rating codes, frequency; then two lines of title.
    fn of(file: &str, text: &str) -> Result<Self, Error> {
        let wrong = |reason: &str| Error::syntax(file, 1, reason);
        let (head, _) = head(text).ok_or_else(|| wrong("the file is empty"))?;
        let base_mva = head.positive(1).ok_or_else(|| wrong("the system base in MVA is missing"))?;
        let version =
            head.number(2).ok_or_else(|| wrong("the version is missing: versions 33 to 35 are read"))? as i64;
        let mut notes = Notes::default();
        if !(33..=35).contains(&version) {
            let finding = Finding::new("other_version", Severity::Warning).at(file, Some(1));
            notes.say(finding.with("found", version as f64));
        }
        let hz = head.positive(5);
        if hz.is_none() {
            notes
                .say(Finding::new("assumed_frequency", Severity::Warning).at(file, Some(1)).with("hz", 60.0));
        }
        let title = text
            .lines()
            .filter(|line| !line.starts_with("@!"))
            .nth(1)
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let model = Model { name: title.map(str::to_owned), ..Model::new().frequency(hz.unwrap_or(60.0)) };
        Ok(Self {
            version,
            base_mva,
            nominal_kv: HashMap::new(),
            taken: HashSet::new(),
            model,
            notes,
            has_sequence_data: false,
            units: HashMap::new(),
            lines: HashMap::new(),
            transformers: HashMap::new(),
        })
    }

    /// The sections by what they hold: by their names, or by the order of the version where they have none.
    fn parts(&self, text: &str) -> Vec<(Part, Vec<Record>)> {
        let mut lines = text.lines();
        let mut first = 1;
        // The head's record and two lines of title.
        let mut left = 3;
        while left > 0 {
            let Some(line) = lines.next() else { break };
            first += 1;
            left -= usize::from(!line.starts_with("@!"));
        }
        let order: &[Part] = if self.version >= 34 { &ORDER_34 } else { &ORDER_33 };
        let part = |(at, section): (usize, Section)| {
            let by_order = || order.get(at).copied().unwrap_or(Part::Passed);
            (section.name.as_deref().map_or_else(by_order, Part::named), section.records)
        };
        sections(lines, first).into_iter().enumerate().map(part).collect()
    }

    /// The bus a field names, with its nominal voltage in kV.
    fn bus(&self, record: &Record, field: usize) -> Option<(String, f64)> {
        let bus = record.bus(field)?;
        self.nominal_kv.get(&bus).copied().map(|kv| (bus, kv))
    }

    /// Whether the id is free; it is taken from then on.
    fn take(&mut self, kind: &'static str, id: &str) -> bool {
        let is_free = self.taken.insert(id.to_owned());
        if !is_free {
            self.notes.count(Trouble::new("repeated", Severity::Error, kind), id);
        }
        is_free
    }

    fn leave_out(&mut self, kind: &'static str, record: &Record) {
        let name = record.text(0).unwrap_or("?");
        self.notes.count(
            Trouble::new("left_out", Severity::Error, kind),
            &format!("{name} (line {})", record.line),
        );
    }

    /// Fields: number, name, kV, type, area, zone, owner, per-unit voltage, angle.
    fn add_buses<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for record in records {
            let Some(id) = record.bus(0) else {
                self.leave_out("buses", record);
                continue;
            };
            if !self.take("buses", &id) {
                continue;
            }
            let given = record.positive(2);
            if given.is_none() {
                let trouble = Trouble::new("assumed_voltage", Severity::Warning, "buses");
                self.notes.count_with(trouble, &id, ("kv", ASSUMED_KV.to_string()));
            }
            let kv = given.unwrap_or(ASSUMED_KV);
            self.nominal_kv.insert(id.clone(), kv);
            self.model.buses.push(Bus {
                name: record.text(1).map(str::to_owned),
                operating_kv: record.positive(7).map(|u| u * kv),
                operating_deg: record.number(8),
                // Type 4 is isolated.
                in_service: record.number(3) != Some(4.0),
                ..Bus::new(&id, kv)
            });
        }
    }

    /// Fields: bus, id, status, area, zone, then P and Q of constant power, current and admittance.
    fn add_loads<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for record in records {
            let Some((bus, _)) = self.bus(record, 0) else {
                self.leave_out("loads", record);
                continue;
            };
            let id = format!("load:{bus}:{}", record.circuit(1));
            if !self.take("loads", &id) {
                continue;
            }
            let p_mw = record.or_zero(5) + record.or_zero(7) + record.or_zero(9);
            let q_mvar = record.or_zero(6) + record.or_zero(8) - record.or_zero(10);
            let in_service = record.number(2) != Some(0.0);
            let load = Load::new(&id, &bus);
            self.model.loads.push(Load { p_mw: Some(p_mw), q_mvar: Some(q_mvar), in_service, ..load });
        }
    }

    /// Fields: bus, id, status, MW and Mvar at 1 per unit.
    fn add_fixed_shunts<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for record in records {
            let in_service = record.number(2) != Some(0.0);
            let id = format!("shunt:{}:{}", record.bus(0).unwrap_or_default(), record.circuit(1));
            self.add_shunt(record, &id, [record.or_zero(3), record.or_zero(4)], in_service);
        }
    }

    /// Version 35 has an id more at the front; the susceptance in use follows the name of a remote device.
    fn add_switched_shunts<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        for record in records {
            let (id, status, susceptance) =
                if self.version >= 35 { (record.circuit(1), 4, 11) } else { ("", 3, 9) };
            let id = format!("switched-shunt:{}:{id}", record.bus(0).unwrap_or_default());
            let in_service = record.number(status) != Some(0.0);
            self.add_shunt(record, &id, [0.0, record.or_zero(susceptance)], in_service);
        }
    }

    fn add_shunt(&mut self, record: &Record, id: &str, [mw, mvar]: [f64; 2], in_service: bool) {
        let Some((bus, kv)) = self.bus(record, 0) else {
            self.leave_out("shunts", record);
            return;
        };
        if !self.take("shunts", id) {
            return;
        }
        let us = |power: f64| Some(power / kv / kv * 1e6);
        self.model.shunts.push(Shunt { g1_us: us(mw), b1_us: us(mvar), in_service, ..Shunt::new(id, &bus) });
    }

    /// Names what short circuits will miss.
    fn note_missing(&mut self) {
        let Self { model, notes, has_sequence_data, .. } = self;
        for unit in &model.units {
            notes.wanted(unit.xdss_percent, ["units", "xdss_percent"], &unit.id);
            notes.wanted(unit.rated_mva, ["units", "rated_mva"], &unit.id);
        }
        if !*has_sequence_data {
            // Then everything of the zero sequence is missing, and one finding says so.
            return;
        }
        for line in &model.lines {
            notes.wanted(line.x0_ohm, ["lines", "x0_ohm"], &line.id);
        }
        for transformer in &model.transformers {
            notes.wanted(transformer.z0, ["transformers", "z0"], &transformer.id);
            notes.wanted(
                transformer.vector_group.as_ref(),
                ["transformers", "vector_group"],
                &transformer.id,
            );
        }
        for transformer in &model.transformers3 {
            notes.wanted(transformer.hv_mv.z0, ["transformers3", "z0"], &transformer.id);
            notes.wanted(
                transformer.vector_group.as_ref(),
                ["transformers3", "vector_group"],
                &transformer.id,
            );
        }
    }
}

#[cfg(test)]
mod tests;
