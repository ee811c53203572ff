//! The tables of `quorate fault` for people, and as comma-separated values.

use std::fmt::Write as _;

use comfy_table::CellAlignment;
use faults::{
    Case, Edition, EmfLevel, Ingredient, MachineShare, Measurement, Method, Options, PeakMethod, SourceShare,
};
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
    let mut out = format!("\n{}\n", method(told.options));
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
            let _ = writeln!(
                out,
                "  κ {:.4} from R/X {:.5}: {}",
                kappa.value,
                kappa.rx,
                peak_method(kappa.method)
            );
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
        out.push_str(&circuit(element));
    }
    out
}

/// An element of the circuit with its impedances, neutrals and factors.
fn circuit(element: &Ingredient) -> String {
    let all = [("Z1", element.z1_ohm), ("Z2", element.z2_ohm), ("Z0", element.z0_ohm)];
    let impedances = |all: &[(&str, Option<Complex64>)]| {
        let known = all.iter().filter_map(|(name, z)| Some(format!("{name} {} Ω", ohm((*z)?))));
        known.collect::<Vec<_>>().join(", ")
    };
    let name = if element.name == element.id { String::new() } else { format!(" “{}”", element.name) };
    let mut out =
        format!("  {} {}{name}  {}", element.kind, element.id, impedances(&all)).trim_end().to_owned();
    out.push('\n');
    for pair in &element.pairs {
        let all = [("Z1", Some(pair.z1_ohm)), ("Z0", pair.z0_ohm)];
        let _ = writeln!(out, "    {}  {}", pair.windings.replace('_', "-"), impedances(&all));
    }
    for (end, z) in &element.neutrals {
        let through =
            if *z == Complex64::ZERO { "solidly".to_owned() } else { format!("through {} Ω", ohm(*z)) };
        let _ = writeln!(out, "    neutral {end} earthed {through}");
    }
    for factor in &element.factors {
        let _ = writeln!(out, "    {} {:.6} ({})", factor.name, factor.value, factor.clause);
    }
    out
}

/// The source model in words.
fn method(options: &Options) -> String {
    let case = match options.case {
        Case::Max => "greatest currents (7.1.1)",
        Case::Min => "least currents (7.1.2)",
    };
    match options.method {
        Method::Iec60909(Edition::E2016) => format!("IEC 60909-0:2016, {case}"),
        Method::Iec60909(Edition::E2001) => {
            format!("IEC 60909-0:2001 (K_T for least currents too, c_min 0.95), {case}")
        }
        Method::EqualEmf(EmfLevel::Multiple(multiple)) => {
            format!("equal EMFs of {multiple} times the nominal voltage")
        }
        Method::EqualEmf(EmfLevel::VoltageFactor) => {
            "equal EMFs of c times the nominal voltage, as power-grid-model has them".to_owned()
        }
    }
}

/// How the factor of the peak was found, with the clause.
fn peak_method(method: PeakMethod) -> &'static str {
    match method {
        PeakMethod::RatioAtFault => "method (b), R/X at the fault (IEC 60909-0:2016, 8.1.2)",
        PeakMethod::EquivalentFrequency => {
            "method (c), R/X at 20 Hz of the fault's own loop (IEC 60909-0:2016, 8.1.2)"
        }
        PeakMethod::ThreePhaseKappa => {
            "method (c), R/X at 20 Hz of the three-phase fault (IEC 60909-0:2016, 8.1.2 and 8.1.3)"
        }
    }
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
