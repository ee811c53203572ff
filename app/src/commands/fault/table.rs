//! The tables of `quorate fault` for people, and as comma-separated values.

use std::fmt::Write as _;

use comfy_table::CellAlignment;
use faults::{MachineShare, Measurement, SourceShare};
use network::Severity;
use num_complex::Complex64;

use super::{Computed, Told};
use crate::commands::grid;
use crate::grid_file::words;

const HEAD: [&str; 10] =
    ["place", "type", "I\"k kA", "ip kA", "Ib kA", "Ith kA", "Z1 Ω", "Z2 Ω", "Z0 Ω", "3I0 kA"];

/// Results, then what was noticed and assumed.
pub(super) fn text(told: &Told<'_>, explains: bool) -> String {
    let mut table = grid::new();
    table.set_header(HEAD);
    for result in &told.results {
        table.add_row(row(result));
    }
    for column in 2..HEAD.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut out = format!("{}\n", grid::text(&table));
    for result in told.results.iter().filter(|result| !result.ends.is_empty()) {
        out.push_str(&ends(result));
    }
    if explains {
        out.push_str(&explanation(told));
    } else if told.with_sources {
        for result in &told.results {
            let _ = writeln!(out, "\n{} {}", result.location, result.fault.kind.name());
            out.push_str(&sources(result));
        }
    }
    let noticed = noticed(told);
    if !noticed.is_empty() {
        let _ = write!(out, "\n{noticed}");
    }
    out
}

/// What was noticed and assumed, a line each.
pub(super) fn noticed(told: &Told<'_>) -> String {
    let mut out = String::new();
    for finding in &told.findings {
        let label = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        let _ = writeln!(out, "{label}: {}", words(finding));
    }
    for assumption in &told.assumptions {
        let _ = writeln!(out, "assumed: {}", words(assumption));
    }
    out
}

fn row(result: &Computed) -> [String; 10] {
    let fault = &result.fault;
    let ka = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    let impedances = fault.impedances_ohm();
    let [z1, z2, z0] = std::array::from_fn(|sequence| match impedances[sequence] {
        Some(z) => ohm(z),
        None if fault.lacks[sequence] => "–".to_owned(),
        None => "∞".to_owned(),
    });
    [
        result.location.clone(),
        fault.kind.name().to_owned(),
        ka(fault.ikss_ka),
        ka(fault.ip_ka),
        ka(fault.breaking_ka),
        ka(fault.ith_ka),
        z1,
        z2,
        z0,
        ka(fault.earth_ka().map(Complex64::norm)),
    ]
}

fn ohm(z: Complex64) -> String {
    let sign = if z.im < 0.0 { '−' } else { '+' };
    format!("{:.4} {sign} j{:.4}", z.re, z.im.abs())
}

fn ends(result: &Computed) -> String {
    let mut table = grid::new();
    table.set_header(["branch", "end", "Ia kA", "Ib kA", "Ic kA", "3I0 kA", "Ua kV", "Ub kV", "Uc kV"]);
    let polar = |value: Complex64| format!("{:.4} ∠{:.1}°", value.norm(), value.arg().to_degrees());
    for end in &result.ends {
        let currents = end.phase_currents_ka();
        let mut cells = vec![end.id.clone(), end.end.to_owned()];
        cells.extend(currents.map(polar));
        cells.push(polar(end.residual_ka()));
        match end.phase_voltages_kv() {
            Some(voltages) => cells.extend(voltages.map(polar)),
            None => cells.extend(["open".to_owned(), String::new(), String::new()]),
        }
        table.add_row(cells);
    }
    format!("\n{} {}\n{}\n", result.location, result.fault.kind.name(), grid::text(&table))
}

fn explanation(told: &Told<'_>) -> String {
    let mut out = String::new();
    for result in &told.results {
        let fault = &result.fault;
        let _ = writeln!(out, "\n{} {}", result.location, fault.kind.name());
        let factor = fault.voltage_factor.map(|c| format!(" (c = {c})")).unwrap_or_default();
        let _ = writeln!(out, "  voltage before the fault {:.4} kV to earth{factor}", fault.before_kv.norm());
        if let Some([i1, i2, i0]) = fault.currents_ka {
            let _ = writeln!(
                out,
                "  sequence currents I1 {:.4} kA, I2 {:.4} kA, I0 {:.4} kA",
                i1.norm(),
                i2.norm(),
                i0.norm()
            );
        }
        if let Some(kappa) = fault.kappa {
            let _ = writeln!(out, "  κ {:.4} from R/X {:.5} ({:?})", kappa.value, kappa.rx, kappa.method);
        }
        if let Some([m, n]) = fault.thermal {
            let _ = writeln!(out, "  m {m:.4}, n {n}");
        }
        if fault.converters_ka > 0.0 {
            let _ = writeln!(out, "  converters add {:.4} kA", fault.converters_ka);
        }
        for factor in &fault.station_factors {
            let _ = writeln!(out, "  {} {:.6} ({})", factor.name, factor.value, factor.clause);
        }
        out.push_str(&sources(result));
    }
    out.push_str("\ncircuit\n");
    for element in &told.ingredients {
        let z1 = element.z1_ohm.map(|z1| format!("Z1 {} Ω", ohm(z1))).unwrap_or_default();
        let _ = writeln!(out, "  {} {} {z1}", element.kind, element.id);
        for factor in &element.factors {
            let _ = writeln!(out, "    {} {:.6} ({})", factor.name, factor.value, factor.clause);
        }
    }
    out
}

/// What the sources feed at their own terminals, and by how much the currents of machines decay.
fn sources(result: &Computed) -> String {
    let mut out = String::new();
    let machines = &result.fault.machines;
    let decay = |machine: &MachineShare| format!(": μ {:.4}, q {:.4}", machine.mu, machine.q);
    let Some(sources) = &result.sources else {
        for machine in machines {
            let MachineShare { kind, id, initial_ka, ratio, .. } = machine;
            let decay = decay(machine);
            let _ = writeln!(out, "  {kind} {id} feeds {initial_ka:.4} kA = {ratio:.2} times rated{decay}");
        }
        return out;
    };
    for share in sources {
        let SourceShare { kind, id, ratio, .. } = share;
        let machine = machines.iter().find(|machine| (machine.kind, &machine.id) == (*kind, id));
        let rated = ratio.map(|ratio| format!(" = {ratio:.2} times rated")).unwrap_or_default();
        let decay = machine.map(decay).unwrap_or_default();
        let _ = writeln!(out, "  {kind} {id} feeds {:.4} kA{rated}{decay}", share.initial_ka());
    }
    out
}

/// One line per fault, or per end of a branch where these are asked for.
pub(super) fn csv(told: &Told<'_>) -> String {
    let mut out = String::from(
        "location,type,ikss_ka,ip_ka,i_breaking_ka,ith_ka,r1_ohm,x1_ohm,r2_ohm,x2_ohm,r0_ohm,x0_ohm",
    );
    if told.with_ends {
        out.push_str(",branch,end");
        for name in ["ia", "ib", "ic", "i1", "i2", "i0"] {
            let _ = write!(out, ",{name}_ka,{name}_deg");
        }
    }
    out.push('\n');
    for result in &told.results {
        let fault = &result.fault;
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut cells = vec![quoted(&result.location), fault.kind.name().to_owned()];
        cells.extend([fault.ikss_ka, fault.ip_ka, fault.breaking_ka, fault.ith_ka].map(number));
        for z in fault.impedances_ohm() {
            cells.extend([number(z.map(|z| z.re)), number(z.map(|z| z.im))]);
        }
        let start = cells.join(",");
        if !told.with_ends {
            let _ = writeln!(out, "{start}");
        }
        for end in &result.ends {
            let _ = writeln!(out, "{start},{}", end_cells(end).join(","));
        }
    }
    out
}

fn end_cells(end: &Measurement) -> Vec<String> {
    let mut cells = vec![quoted(&end.id), end.end.to_owned()];
    for current in end.phase_currents_ka().into_iter().chain(end.currents_ka) {
        cells.extend([current.norm().to_string(), current.arg().to_degrees().to_string()]);
    }
    cells
}

/// A text as a cell: in quotes where it must be.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
