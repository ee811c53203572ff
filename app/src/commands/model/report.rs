//! What is told of a grid model, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use cgmes::Import;
use comfy_table::CellAlignment;
use network::{Finding, Model, Severity, Topology};
use serde_json::json;

use super::severities;
use crate::commands::form::counted;
use crate::commands::grid;
use crate::grid_file::{hint, words};

/// One JSON object: format, counts, topology, findings.
pub(super) fn json(import: &Import, topology: &Topology<'_>) -> String {
    let counts: BTreeMap<&str, serde_json::Value> = counts(&import.model)
        .into_iter()
        .map(|(kind, [all, out])| (kind, json!({ "count": all, "out_of_service": out })))
        .collect();
    let dangling: Vec<_> = topology
        .dangling()
        .iter()
        .map(|(id, terminal)| json!({ "id": id, "terminal": terminal + 1 }))
        .collect();
    json!({
        "format": import.format.to_string(),
        "name": import.model.name,
        "frequency_hz": import.model.frequency_hz,
        "counts": counts,
        "nodes": topology.nodes().len(),
        "islands": topology.island_count(),
        "dangling": dangling,
        "findings": import.findings,
    })
    .to_string()
}

/// What it is, what is in it, what was noticed and what to do.
pub(super) fn text(import: &Import, topology: &Topology<'_>) -> String {
    let model = &import.model;
    let mut out = String::new();
    let name = model.name.as_deref().map(|name| format!(" “{name}”")).unwrap_or_default();
    let frequency = model.frequency_hz.map(|hz| format!(", {hz} Hz")).unwrap_or_default();
    let _ = writeln!(out, "{}{name}{frequency}\n", import.format);
    let mut table = grid::new();
    table.set_header(["", "count", "out of service"]);
    for (kind, [all, out]) in counts(model) {
        table.add_row([kind.replace('_', " "), all.to_string(), blank_zero(out)]);
    }
    for column in 1..3 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(out, "{}\n", grid::text(&table));
    let _ = writeln!(
        out,
        "{} in {}; {} of branches in service",
        counted(topology.nodes().len(), "electrical node"),
        counted(topology.island_count(), "island"),
        counted(topology.dangling().len(), "open end"),
    );
    if !model.states.is_empty() || !model.schemes.is_empty() {
        let _ = writeln!(
            out,
            "{}, {}",
            counted(model.states.len(), "state"),
            counted(model.schemes.len(), "outage scheme")
        );
    }
    out.push('\n');
    if import.findings.is_empty() {
        out.push_str("Nothing was noticed.\n");
    }
    for (severity, count) in severities(&import.findings) {
        for finding in import.findings.iter().filter(|finding| finding.severity == severity && count > 0) {
            let _ = writeln!(out, "{}: {}", label(severity), words(finding));
            if let Some(hint) = hint(finding) {
                let _ = writeln!(out, "         {hint}");
            }
        }
    }
    out
}

/// One line after a conversion.
pub(super) fn summary(findings: &[Finding], out: &Path) -> String {
    let counts: Vec<String> = severities(findings)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| counted(count, label(severity)))
        .collect();
    let noticed = if counts.is_empty() { "nothing noticed".to_owned() } else { counts.join(", ") };
    format!("{} written; {noticed} (`quorate grid check` tells them)\n", out.display())
}

/// Elements by kind, and how many of them are out of service; kinds that don't occur are left out.
fn counts(model: &Model) -> Vec<(&'static str, [usize; 2])> {
    let mut counts: Vec<(&'static str, [usize; 2])> = Vec::new();
    for entry in model.elements() {
        if counts.last().is_none_or(|(kind, _)| *kind != entry.kind) {
            counts.push((entry.kind, [0, 0]));
        }
        if let Some((_, [all, out])) = counts.last_mut() {
            *all += 1;
            *out += usize::from(!entry.in_service);
        }
    }
    counts
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn blank_zero(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use network::{Line, View};

    use super::*;

    fn import() -> Import {
        let line = Line { in_service: false, ..Line::new("L1", "A", "B") };
        let model = Model::new().frequency(50.0).bus("A", 110.0).bus("B", 110.0).line(line);
        let missing = Finding::new("missing_value", Severity::Warning).about("lines", "L1").field("r1_ohm");
        let missing = missing.with("count", 1usize).with("elements", vec!["L1".to_owned()]);
        Import { model, findings: vec![missing], format: cgmes::Format::Native }
    }

    #[test]
    fn says_what_it_is_what_it_lacks_and_what_to_do() {
        let import = import();
        let view = View::plain(&import.model);
        let text = text(&import, &Topology::of(&view));
        assert!(text.starts_with("Quorate network, 50 Hz\n"), "{text}");
        assert!(text.lines().any(|line| line.split_whitespace().eq(["lines", "1", "1"])), "{text}");
        assert!(text.contains("2 electrical nodes in 2 islands; 0 open ends"), "{text}");
        assert!(text.contains("warning: lines L1 r1_ohm: "), "{text}");
        assert!(!text.contains("missing-value"), "{text}");
    }

    #[test]
    fn programs_get_the_same_as_json() {
        let import = import();
        let view = View::plain(&import.model);
        let value: serde_json::Value = serde_json::from_str(&json(&import, &Topology::of(&view))).unwrap();
        assert_eq!(value["counts"]["lines"], json!({ "count": 1, "out_of_service": 1 }));
        assert_eq!(value["islands"], 2);
        assert_eq!(value["findings"][0]["code"], "missing_value");
    }
}
