//! What a model shows by itself, without its files: values that cannot be, impedances that are unlikely, what is missing.
//!
//! Importers name what their files lack; a native file is a model already, so its gaps are found here.

use std::collections::HashMap;

use network::{Element, Finding, Model, Severity};

use crate::cim::notes::{Notes, Trouble};

/// Nominal voltages of the two ends of a line or switch that differ by more than this part are not meant.
const UNLIKE: f64 = 0.2;

/// Values that no grid has, and what connects what cannot be connected.
pub(crate) fn contradictions(model: &Model) -> Vec<Finding> {
    let mut notes = Notes::default();
    for own in model.impossible() {
        let (code, severity) = (own.range.code(), own.severity);
        let trouble = Trouble { code, severity, kind: own.kind, field: own.field };
        notes.count_with(trouble, own.id, ("value", own.value.to_string()));
        for (name, end) in own.range.ends() {
            notes.detail(trouble, (name, end.to_string()));
        }
    }
    for coupling in model.couplings.iter().filter(|coupling| coupling.line_a == coupling.line_b) {
        notes.count(Trouble::new("coupled_with_itself", Severity::Error, "couplings"), &coupling.id);
    }
    let kv: HashMap<&str, f64> = model.buses.iter().map(|bus| (bus.id.as_str(), bus.nominal_kv)).collect();
    let lines = model.lines.iter().map(|line| ("lines", &line.id, [&line.from, &line.to]));
    let switches = model.switches.iter().map(|switch| ("switches", &switch.id, [&switch.from, &switch.to]));
    for (kind, id, ends) in lines.chain(switches) {
        let [from, to] = ends.map(|bus| kv.get(bus.as_str()).copied().filter(|kv| *kv > 0.0));
        if from.zip(to).is_some_and(|(from, to)| from.max(to) > from.min(to) * (1.0 + UNLIKE)) {
            notes.count(Trouble::new("voltages_differ", Severity::Warning, kind), id);
        }
    }
    notes.into_findings(|_| None)
}

/// Impedances of 0 and below, where lines and transformers have them.
pub(crate) fn impedances(model: &Model) -> Vec<Finding> {
    let mut notes = Notes::default();
    for line in &model.lines {
        let (z1, z0) = (line.r1_ohm.zip(line.x1_ohm), line.r0_ohm.zip(line.x0_ohm));
        if line.has_no_impedance() {
            notes.count(Trouble::new("zero_impedance", Severity::Warning, "lines"), line.id());
        }
        judge(&mut notes, line, z1);
        if z0.is_some_and(is_negative) && !z1.is_some_and(is_negative) {
            notes.count(Trouble::new("negative_impedance", Severity::Warning, "lines"), line.id());
        }
    }
    for element in &model.series_elements {
        // A series capacitor has a negative reactance, as it should.
        if element.has_no_impedance() {
            notes.count(Trouble::new("zero_impedance", Severity::Warning, "series_elements"), &element.id);
        }
    }
    for transformer in &model.transformers {
        judge(&mut notes, transformer, transformer.z1_ohm().map(|[r, x]| (r, x)));
    }
    for transformer in &model.transformers3 {
        // Pairs are measured: they are never negative, though a leg of their star may be.
        let pairs = transformer.pairs_z1_ohm();
        let worst = pairs.into_iter().flatten().min_by(|a, b| a[1].total_cmp(&b[1]));
        judge(&mut notes, transformer, worst.map(|[r, x]| (r, x)));
    }
    notes.into_findings(|_| None)
}

fn judge<E: Element>(notes: &mut Notes, element: &E, z: Option<(f64, f64)>) {
    if z.is_some_and(is_negative) {
        notes.count(Trouble::new("negative_impedance", Severity::Warning, E::KIND), element.id());
    }
}

fn is_negative((r, x): (f64, f64)) -> bool {
    r < 0.0 || x < 0.0
}

/// Values that short circuits ask for and the model doesn't have.
pub(crate) fn missing(model: &Model) -> Vec<Finding> {
    let mut notes = Notes::default();
    let mut want = |is_there: bool, place: [&'static str; 2], id: &str| {
        notes.wanted(is_there.then_some(()), place, id);
    };
    for line in &model.lines {
        want(line.r1_ohm.is_some() && line.x1_ohm.is_some(), ["lines", "x1_ohm"], &line.id);
        want(line.r0_ohm.is_some() && line.x0_ohm.is_some(), ["lines", "x0_ohm"], &line.id);
    }
    for transformer in &model.transformers {
        want(transformer.z1_ohm().is_some(), ["transformers", "z1"], &transformer.id);
        want(transformer.z0_ohm().is_some(), ["transformers", "z0"], &transformer.id);
        want(transformer.rated_mva.is_some(), ["transformers", "rated_mva"], &transformer.id);
        want(transformer.vector_group.is_some(), ["transformers", "vector_group"], &transformer.id);
    }
    for transformer in &model.transformers3 {
        let [z1, z0] = [transformer.pairs_z1_ohm(), transformer.pairs_z0_ohm()];
        want(z1.iter().all(Option::is_some), ["transformers3", "z1"], &transformer.id);
        want(z0.iter().all(Option::is_some), ["transformers3", "z0"], &transformer.id);
        want(transformer.vector_group.is_some(), ["transformers3", "vector_group"], &transformer.id);
    }
    for unit in &model.units {
        want(unit.xdss_percent.is_some(), ["units", "xdss_percent"], &unit.id);
        want(unit.rated_ohm().is_some(), ["units", "rated_mva"], &unit.id);
        want(unit.cos_phi.is_some(), ["units", "cos_phi"], &unit.id);
    }
    for feeder in &model.feeders {
        want(feeder.max.is_some(), ["feeders", "max"], &feeder.id);
        want(feeder.min.is_some(), ["feeders", "min"], &feeder.id);
    }
    for motor in &model.motors {
        want(motor.apparent_mva().is_some(), ["motors", "rated_mva"], &motor.id);
        want(motor.ilr_irm.is_some(), ["motors", "ilr_irm"], &motor.id);
    }
    notes.into_findings(|_| None)
}

#[cfg(test)]
mod tests {
    use network::{Line, Unit};

    use super::*;

    fn codes(findings: &[Finding]) -> Vec<(&str, Option<&str>)> {
        findings.iter().map(|finding| (finding.code.as_str(), finding.subject.id.as_deref())).collect()
    }

    #[test]
    fn impedances_that_cannot_be_are_named() {
        let model = Model::new()
            .bus("A", 110.0)
            .bus("B", 110.0)
            .line(Line::new("good", "A", "B").z1(1.0, 4.0).z0(3.0, 12.0))
            .line(Line::new("zero", "A", "B").z1(0.0, 0.0))
            .line(Line::new("negative", "A", "B").z1(1.0, 4.0).z0(3.0, -12.0));
        let findings = impedances(&model);
        let mut found = codes(&findings);
        found.sort_unstable();
        assert_eq!(found, [("negative_impedance", Some("negative")), ("zero_impedance", Some("zero"))]);
    }

    #[test]
    fn values_that_cannot_be_are_counted_by_field() {
        let line = |id: &str| Line { length_km: Some(0.0), ..Line::new(id, "A", "B").z1(1.0, 4.0) };
        let mut model = Model::new().bus("A", 110.0).bus("B", 10.0).line(line("L1")).line(line("L2"));
        model.couplings.push(network::Coupling::new("K", "L1", "L1", [1.0, 3.0]));
        model.frequency_hz = Some(0.0);
        let findings = contradictions(&model);
        let told: Vec<_> = findings
            .iter()
            .map(|finding| (finding.code.as_str(), finding.subject.kind.as_deref().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("coupled_with_itself", "couplings"),
                ("value_not_above_zero", "model"),
                ("value_not_above_zero", "lines"),
                ("voltages_differ", "lines"),
            ]
        );
        assert_eq!(findings[2].args["count"], 2usize.into());
    }

    #[test]
    fn gaps_of_a_native_file_are_named() {
        let line = Line::new("L", "A", "B").z1(1.0, 4.0);
        let unit = Unit {
            xdss_percent: Some(20.0),
            rated_kv: Some(10.0),
            rated_mva: Some(5.0),
            ..Unit::new("G", "A")
        };
        let model = Model::new().bus("A", 10.0).bus("B", 10.0).line(line).unit(unit);
        let findings = missing(&model);
        let fields: Vec<_> =
            findings.iter().map(|finding| finding.subject.field.as_deref().unwrap()).collect();
        assert_eq!(fields, ["x0_ohm", "cos_phi"]);
    }
}
