//! What looks unlike what was meant: parts of a case that say nothing, or about nothing.

use network::{Finding, Model, Severity};

use crate::case::Case;
use crate::case::relay::Role;

/// Looks at every part of a case on its own.
pub(super) fn review(case: &Case, model: &Model) -> Vec<Finding> {
    let mut findings = relays(case, model);
    findings.extend(units(case, model));
    findings.extend(sensitivities(case));
    let is_empty = |scheme: &&crate::case::scheme::Scheme| {
        scheme.out.is_empty()
            && scheme.earthed.is_empty()
            && scheme.isolated.is_empty()
            && scheme.group.is_none()
    };
    let schemes = case.schemes.iter().filter(is_empty);
    findings.extend(schemes.map(|scheme| warn("scheme_without_change").about("schemes", &scheme.id)));
    findings
}

fn relays(case: &Case, model: &Model) -> Vec<Finding> {
    let mut findings = Vec::new();
    for relay in &case.relays {
        if relay.stages.is_empty() {
            findings.push(warn("relay_without_stage").about("relays", &relay.id));
        }
        if model.lines.iter().any(|line| line.id == relay.line && !line.in_service) {
            let dead = warn("relay_on_dead_line").about("relays", &relay.id);
            findings.push(dead.with("line", relay.line.as_str()));
        }
        let blind = relay.stages.iter().filter(|stage| stage.zones.is_empty());
        let stage = |id: &str| format!("{}/{id}", relay.id);
        findings.extend(blind.map(|s| warn("stage_without_zone").about("stages", &stage(&s.id))));
    }
    findings
}

fn units(case: &Case, model: &Model) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !case.classes.is_empty() && case.classes.iter().all(|class| class.min_mw == 0.0) {
        findings.push(Finding::new("units_without_power", Severity::Info));
    }
    for class in &case.classes {
        let is_out = |id: &&String| model.units.iter().any(|unit| unit.id == **id && !unit.in_service);
        let out: Vec<String> = class.units.iter().filter(is_out).cloned().collect();
        if !out.is_empty() {
            let finding = Finding::new("unit_out_of_service", Severity::Info);
            findings.push(finding.about("classes", &class.id).with("elements", out));
        }
    }
    findings
}

fn sensitivities(case: &Case) -> Vec<Finding> {
    let is_used = |protection: &str, role: Role| {
        case.relays
            .iter()
            .flat_map(|relay| &relay.stages)
            .any(|stage| stage.protection == protection && stage.zones.iter().any(|zone| zone.role == role))
    };
    let unused = case.requirements.sensitivity.iter().filter(|row| !is_used(&row.protection, row.role));
    unused
        .map(|row| {
            let finding = Finding::new("unused_sensitivity", Severity::Info);
            finding.about("sensitivities", &row.protection).with("role", row.role.name())
        })
        .collect()
}

fn warn(code: &str) -> Finding {
    Finding::new(code, Severity::Warning)
}
