//! What looks unlike what was meant: parts of a case that say nothing, or about nothing.

use std::collections::HashMap;

use network::{Finding, Model, Severity};

use super::elements::{Elements, Site};
use super::unknown;
use crate::case::relay::{Kind, Relay, Role};
use crate::case::{Case, Head};
use crate::error::Error;
use crate::physics::check::FaultKind;
use crate::vocabulary::Failure;

/// Refuses a head that assumes nothing, or what no fault can be.
pub(super) fn head(head: &Head) -> Result<(), Error> {
    let refuse =
        |owner: &str, what: String| Err(Error::Value { file: "case.toml", owner: owner.to_owned(), what });
    let assumed = [
        ("fault_points", head.fault_points.is_empty()),
        ("fault_kinds", head.fault_kinds.is_empty()),
        ("failures", head.failures.is_empty()),
    ];
    if let Some((owner, _)) = assumed.iter().find(|(_, is_empty)| *is_empty) {
        let what =
            "is empty: nothing would be required; name at least one, or leave it out for the usual ones";
        return refuse(owner, what.to_owned());
    }
    if head.failures.contains(&Failure::UnitLoss) {
        let what = "unit_loss is asked for in the search: leave it out and use quorate compose --robust";
        return refuse("failures", what.to_owned());
    }
    if let Some(part) = head.fault_points.iter().find(|part| !(0.0..=1.0).contains(*part)) {
        return refuse("fault_points", format!("{part} must lie from 0 to 1"));
    }
    for (kind, ohm) in FaultKind::ALL.map(|kind| (kind, head.fault_resistance_ohm.of(kind))) {
        if !(ohm.is_finite() && ohm >= 0.0) {
            let what = format!("{} = {ohm} must be a number from 0 on", kind.name());
            return refuse("fault_resistance_ohm", what);
        }
    }
    Ok(())
}

/// Refuses a relay at a unit that may be off: what it sees then would be nothing, and nobody would miss it.
pub(super) fn unit(case: &Case, relay: &Relay, site: &Site) -> Result<(), Error> {
    let holds = |class: &&crate::case::unit::Class| class.units.contains(&site.element);
    match case.classes.iter().find(holds).filter(|_| site.kind == Kind::Unit) {
        Some(class) => {
            let what = format!(
                "unit {:?} is one of class {:?} and may be off: put the relay at its transformer or bus",
                site.element, class.id
            );
            Err(Error::Value { file: "relays.toml", owner: format!("relay {:?}", relay.id), what })
        }
        None => Ok(()),
    }
}

/// The required sensitivity and where it is from, by protection and role.
pub(super) type Required<'a> = HashMap<(&'a str, Role), (f64, &'a str)>;

/// The table of required sensitivities with their sources.
pub(super) fn required(case: &Case) -> Result<Required<'_>, Error> {
    let mut required = HashMap::new();
    for row in &case.requirements.sensitivity {
        let refuse = |what: String| {
            let owner = format!("sensitivity of {:?}", row.protection);
            Err(Error::Value { file: "requirements.toml", owner, what })
        };
        if !(row.k.is_finite() && row.k > 0.0) {
            return refuse(format!("k = {} must be a number above 0", row.k));
        }
        if row.source.trim().is_empty() {
            return refuse("source is empty: say where the number comes from".to_owned());
        }
        if required.insert((row.protection.as_str(), row.role), (row.k, row.source.as_str())).is_some() {
            let id = format!("{} {}", row.protection, row.role.name());
            return Err(Error::Duplicate { file: "requirements.toml", kind: "sensitivity", id });
        }
    }
    Ok(required)
}

/// Refuses a scheme with a group of settings that no stage has.
pub(super) fn groups(case: &Case) -> Result<(), Error> {
    let stages = || case.relays.iter().flat_map(|relay| &relay.stages);
    let known = || stages().flat_map(|stage| stage.groups.keys().map(String::as_str));
    for scheme in &case.schemes {
        if let Some(group) = scheme.group.as_deref().filter(|group| !known().any(|name| name == *group)) {
            let owner = format!("scheme {:?}", scheme.id);
            return Err(unknown("schemes.toml", owner, ("group of settings", group), known()));
        }
    }
    Ok(())
}

/// Looks at every part of a case on its own.
pub(super) fn review(case: &Case, model: &Model, elements: &Elements<'_>) -> Vec<Finding> {
    let mut findings = relays(case, elements);
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

fn relays(case: &Case, elements: &Elements<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for relay in &case.relays {
        if relay.stages.is_empty() {
            findings.push(warn("relay_without_stage").about("relays", &relay.id));
        }
        if elements.get(relay.element()).is_some_and(|element| !element.in_service) {
            let dead = warn("relay_on_dead_element").about("relays", &relay.id);
            findings.push(dead.with("element", relay.element()));
        }
        for stage in &relay.stages {
            let is_active =
                |group: &&String| case.schemes.iter().any(|scheme| scheme.group.as_ref() == Some(*group));
            for group in stage.groups.keys().filter(|group| !is_active(group)) {
                let unused = warn("group_without_scheme").with("group", group.as_str());
                findings.push(unused.about("stages", &format!("{}/{}", relay.id, stage.id)));
            }
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
