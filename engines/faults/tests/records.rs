//! The records of `PowerFactory` and pandapower, where their folder is at hand: `QUORATE_SHARED` or `../shared`.
#![expect(clippy::unwrap_used, reason = "a broken record must fail its test")]
#![expect(clippy::print_stderr, reason = "says why it is skipped")]

use std::path::{Path, PathBuf};

use cgmes::{Options as Reading, Source};
use faults::{
    Case, Edition, EmfLevel, Fault, FaultImpedance, FaultKind, LowVoltageTolerance, Measurement, Method,
    Options, PeakMethod, Place, Selection, Study, Wanted,
};
use num_complex::Complex64;
use serde_json::Value;

/// The folder of a kind of records; none where it isn't at hand.
fn folder(name: &str) -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = option_env!("QUORATE_SHARED").map_or(here, PathBuf::from);
    let folder = shared.join("data/grid").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// `PowerFactory`'s minimum currents are of edition 2001 where they differ from pandapower 3.5.6: `K_T` applies to them.
fn edition(case: &Value) -> Edition {
    let differs = case["expected"].as_array().unwrap().iter().any(|own| !own["pandapower_3_5_6"].is_null());
    if case["args"]["case"] == "min" && differs { Edition::E2001 } else { Edition::E2016 }
}

fn options(case: &Value) -> Options {
    let args = &case["args"];
    let mut options = Options::iec_max().method(Method::Iec60909(edition(case)));
    if args["fault"] == "1ph" {
        options.peak = PeakMethod::ThreePhaseKappa;
    }
    if args["case"] == "min" {
        options.case = Case::Min;
    }
    if args["lv_tol_percent"] == 6.0 {
        options.low_voltage = LowVoltageTolerance::Six;
    }
    if args["kappa_method"] == "B" {
        options.peak = PeakMethod::RatioAtFault;
    }
    if let Some(thermal_s) = args["tk_s"].as_f64() {
        options.thermal_s = thermal_s;
    }
    options
}

fn kind(args: &Value) -> FaultKind {
    match args["fault"].as_str() {
        Some("1ph") => FaultKind::Lg,
        Some("2ph") => FaultKind::Ll,
        _ => FaultKind::Lll,
    }
}

/// A computed record: faults at all its buses.
struct Record<'a> {
    study: Study<'a>,
    kind: FaultKind,
    case: Case,
}

impl Record<'_> {
    fn fault(&self, bus: i64) -> Option<Fault> {
        let place = Place::Bus(bus.to_string());
        self.study.fault(&place, self.kind, FaultImpedance::default(), Wanted::ALL).ok()
    }

    fn of_bus(&self, column: &str, bus: i64) -> Option<f64> {
        let fault = self.fault(bus)?;
        match column {
            "ikss_ka" => fault.ikss_ka,
            "ip_ka" => fault.ip_ka,
            "ith_ka" => fault.ith_ka,
            "skss_mw" => fault.skss_mva(),
            "rk_ohm" => Some(fault.thevenin.z1.re),
            "xk_ohm" => Some(fault.thevenin.z1.im),
            "rk0_ohm" => fault.thevenin.z0.map(|z0| z0.re),
            "xk0_ohm" => fault.thevenin.z0.map(|z0| z0.im),
            _ => None,
        }
    }

    fn of_branch(&self, id: &str, column: &str, bus: i64) -> Option<f64> {
        let fault = self.fault(bus)?;
        let ends = self.study.measure(&fault, &Selection::Ids(vec![id.to_owned()])).unwrap();
        let current = |end: &Measurement| end.phase_currents_ka()[0].norm();
        let [first, last] = [ends.first()?, ends.last()?];
        let greatest = current(first).max(current(last));
        let power = |end: &Measurement| {
            let [v, i] = [end.voltages_kv.unwrap_or_default()[0], end.currents_ka[0]];
            v * i.conj() * 3.0
        };
        let voltage = |end: &Measurement| end.voltages_kv.map(|own| own[0]).unwrap_or_default();
        let nominal = fault.nominal_kv / 3f64.sqrt();
        match column {
            "ikss_ka" => Some(greatest),
            "ip_ka" => first.ip_ka.zip(last.ip_ka).map(|(one, other)| one.max(other)),
            "ith_ka" => first.ith_ka.zip(last.ith_ka).map(|(one, other)| one.max(other)),
            "ikss_hv_ka" => Some(current(first)),
            "ikss_lv_ka" => Some(current(last)),
            "p_from_mw" => Some(power(first).re),
            "q_from_mvar" => Some(power(first).im),
            "p_to_mw" => Some(power(last).re),
            "q_to_mvar" => Some(power(last).im),
            "vm_from_pu" => Some(voltage(first).norm() / nominal),
            "vm_to_pu" => Some(voltage(last).norm() / nominal),
            "va_from_degree" => Some(voltage(first).arg().to_degrees()),
            "va_to_degree" => Some(voltage(last).arg().to_degrees()),
            _ => None,
        }
    }

    fn value(&self, (table, column): (&str, &str), row: &Value, args: &Value, buses: &[i64]) -> Option<f64> {
        if table == "res_bus_sc" {
            return self.of_bus(column, row.as_i64()?);
        }
        let element = if table == "res_line_sc" { "line" } else { "trafo" };
        let (index, bus) = match row.as_array() {
            Some(pair) => (pair[0].as_i64()?, pair[1].as_i64()),
            None => (row.as_i64()?, args["bus"].as_i64()),
        };
        let id = format!("{element}:{index}");
        if let Some(bus) = bus {
            self.of_branch(&id, column, bus)
        } else {
            let all = buses.iter().filter_map(|&bus| self.of_branch(&id, column, bus));
            let all: Vec<f64> = all.filter(|value| *value > 1e-9).collect();
            let extreme = match self.case {
                Case::Max => all.into_iter().reduce(f64::max),
                Case::Min => all.into_iter().reduce(f64::min),
            };
            Some(extreme.unwrap_or(0.0))
        }
    }
}

/// What cannot be met from the record's own data, with the reason.
const UNMET: [(&str, usize, &str); 3] = [
    // The least peak and thermal current of a line over all faults, of which the record leaves out some: its initial
    // current is met, and both are 2 % above those of the same fault.
    ("test_sgen__test_min_3ph_branch_results_small_sgen.json", 0, "ip_ka row 0|ith_ka row 0"),
    // T6's star-point reactor of 100 Ω is not in the network's tables.
    ("test_iec60909_4__1ph_published.json", 0, "row 5|row 6"),
    // Superposition on a load flow, not the equivalent voltage source.
    ("test_trafo3w__test_trafo3w_max.json", 1, "row 0|row 1|row 2"),
];

fn is_unmet(name: &str, case: usize, row: &str) -> bool {
    UNMET.iter().any(|(file, at, rows)| *file == name && *at == case && rows.split('|').any(|own| own == row))
}

fn misses_of(name: &str, text: &str) -> (usize, Vec<String>) {
    let record: Value = serde_json::from_str(text).unwrap();
    let mut misses = Vec::new();
    let mut count = 0;
    for (at, case) in record["cases"].as_array().unwrap().iter().enumerate() {
        let args = &case["args"];
        let reading = Reading { part: Some(at + 1), ..Reading::default() };
        let import = cgmes::open(&[Source::new(name, text.as_bytes())], &reading).unwrap();
        let study = Study::of(&import.model, &[], &options(case)).unwrap();
        let record = Record { study, kind: kind(args), case: options(case).case };
        let buses: Vec<i64> =
            case["net"]["bus"].as_array().unwrap().iter().map(|bus| bus["index"].as_i64().unwrap()).collect();
        for expected in case["expected"].as_array().unwrap() {
            let text = |key: &str| expected[key].as_str().unwrap();
            let [relative, absolute] = ["rtol", "atol"].map(|key| expected[key].as_f64().unwrap());
            let rows = expected["rows"].as_array().unwrap();
            for (row, wanted) in rows.iter().zip(expected["values"].as_array().unwrap()) {
                let wanted = wanted.as_f64().unwrap();
                let found = record.value((text("table"), text("column")), row, args, &buses);
                count += 1;
                let is_close = |found: f64| (found - wanted).abs() <= absolute + relative * wanted.abs();
                let of_column = format!("{} row {row}", text("column"));
                let is_known = is_unmet(name, at, &format!("row {row}")) || is_unmet(name, at, &of_column);
                if !found.is_some_and(is_close) && !is_known {
                    misses.push(format!(
                        "{name} case {at} {} {} row {row}: {found:?} instead of {wanted}",
                        text("table"),
                        text("column")
                    ));
                }
            }
        }
    }
    (count, misses)
}

/// How many values of `PowerFactory` and pandapower there are, and those that are not met; none without the folder.
pub(crate) fn powerfactory() -> Option<(usize, Vec<String>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder("pandapower_powerfactory")?)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut misses = Vec::new();
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (checked, missed) = misses_of(&file.file_name().unwrap().to_string_lossy(), &text);
        count += checked;
        misses.extend(missed);
    }
    Some((count, misses))
}

#[test]
fn powerfactory_and_pandapower_are_met() {
    let Some((count, misses)) = powerfactory() else { return };
    eprintln!("{count} values, {} misses", misses.len());
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
}

/// Complex phase values of a record: magnitudes (or real values) with their angles in radians, where given.
fn phasors(record: &Value, column: &str) -> Option<[Complex64; 3]> {
    let list =
        |key: &str| -> Option<Vec<f64>> { record.get(key)?.as_array()?.iter().map(Value::as_f64).collect() };
    let magnitudes = list(column)?;
    let angles = list(&format!("{column}_angle")).or_else(|| list("u_angle").filter(|_| column == "u"));
    Some(std::array::from_fn(|at| match &angles {
        Some(angles) => Complex64::from_polar(magnitudes[at], angles[at]),
        None => Complex64::new(magnitudes[at], 0.0),
    }))
}

/// A set of power-grid-model's: its input, the scenarios, and how near results must be.
struct Set {
    input: Value,
    scenarios: Vec<Value>,
    outputs: Vec<Value>,
    case: Case,
    relative: f64,
}

impl Set {
    fn read(folder: &Path) -> Option<Self> {
        let json = |name: &str| -> Option<Value> {
            serde_json::from_str(&std::fs::read_to_string(folder.join(name)).ok()?).ok()
        };
        let input = json("input.json")?;
        let params = json("params.json")?;
        let case = if params["short_circuit_voltage_scaling"] == "minimum" { Case::Min } else { Case::Max };
        let list = |value: Option<Value>| -> Vec<Value> {
            value.and_then(|value| value["data"].as_array().cloned()).unwrap_or_default()
        };
        let single = json("sc_output.json").map(|value| value["data"].clone());
        let mut scenarios = list(json("update_batch.json"));
        let mut outputs = list(json("sc_output_batch.json"));
        if outputs.is_empty() {
            (scenarios, outputs) = (Vec::new(), single.into_iter().collect());
        }
        let relative = params["rtol"].as_f64().unwrap();
        Some(Self { input, scenarios, outputs, case, relative })
    }

    /// The faults of a scenario: those of the input with the scenario's changes.
    fn faults(&self, scenario: usize) -> Vec<Value> {
        let mut faults = self.input["data"]["fault"].as_array().cloned().unwrap_or_default();
        let changes = self.scenarios.get(scenario).and_then(|own| own["fault"].as_array());
        for change in changes.into_iter().flatten() {
            for fault in faults.iter_mut().filter(|fault| fault["id"] == change["id"]) {
                for (key, value) in change.as_object().unwrap() {
                    fault[key] = value.clone();
                }
            }
        }
        faults.retain(|fault| fault["status"] != 0);
        faults
    }
}

fn kind_and_turns(fault: &Value) -> (FaultKind, u8) {
    let phase = fault["fault_phase"].as_i64().unwrap_or(-1);
    match fault["fault_type"].as_i64() {
        Some(1) => (FaultKind::Lg, u8::try_from((phase.max(1) - 1) % 3).unwrap()),
        // 4 is ab, 5 ac, 6 bc; the first computed is bc.
        Some(kind @ (2 | 3)) => {
            let turns = match phase {
                4 => 2,
                5 => 1,
                _ => 0,
            };
            (if kind == 2 { FaultKind::Ll } else { FaultKind::Llg }, turns)
        }
        _ => (FaultKind::Lll, 0),
    }
}

/// Whether each phase is as expected: relative to the greatest of the three, angles by the phasor.
fn is_near(
    found: [Complex64; 3],
    wanted: [Complex64; 3],
    has_angle: bool,
    relative: f64,
    absolute: f64,
) -> bool {
    let greatest = wanted.iter().map(|value| value.norm()).fold(0.0, f64::max);
    found.iter().zip(&wanted).all(|(found, wanted)| {
        let miss = if has_angle { (found - wanted).norm() } else { (found.norm() - wanted.norm()).abs() };
        miss <= absolute + relative * greatest
    })
}

/// The same of power-grid-model's sets, all phases at both ends; with how many sets of several faults are passed over.
pub(crate) fn power_grid_model() -> Option<(usize, usize, Vec<String>)> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder("power_grid_model")?).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut misses = Vec::new();
    let (mut values, mut passed) = (0, 0);
    for folder in folders {
        let set = Set::read(&folder).unwrap();
        let input = std::fs::read(folder.join("input.json")).unwrap();
        let update = std::fs::read(folder.join("update_batch.json")).unwrap_or_default();
        let mut sources = vec![Source::new("input.json", &input)];
        if !update.is_empty() {
            sources.push(Source::new("update_batch.json", &update));
        }
        let import = cgmes::open(&sources, &Reading::default()).unwrap();
        let options = Options::iec_max().method(Method::EqualEmf(EmfLevel::VoltageFactor)).case(set.case);
        for (at, output) in set.outputs.iter().enumerate() {
            let faults = set.faults(at);
            let [fault] = faults.as_slice() else {
                // Several faults at once are another problem.
                passed += 1;
                continue;
            };
            let state = import.model.overlay(&format!("batch:{at}"));
            let states: Vec<&network::State> = state.into_iter().collect();
            let study = Study::of(&import.model, &states, &options).unwrap();
            let (kind, turns) = kind_and_turns(fault);
            let place = Place::Bus(fault["fault_object"].to_string());
            let part = |key: &str| fault[key].as_f64().unwrap_or(0.0);
            let impedance =
                FaultImpedance { fault_ohm: Complex64::new(part("r_f"), part("x_f")), arc_ohm: 0.0 };
            let found = study.fault(&place, kind, impedance, Wanted::INITIAL).unwrap();
            let mut check =
                |what: String, found: [Complex64; 3], record: &Value, column: &str, scale: f64| {
                    let Some(wanted) = phasors(record, column) else { return };
                    values += 3;
                    let has_angle = record.get(format!("{column}_angle")).is_some();
                    let found =
                        faults::phases(faults::rotate(unphased(found), turns)).map(|value| value * scale);
                    let absolute = if column.starts_with('i') { 1e-3 } else { 1e-7 * scale };
                    if !is_near(found, wanted, has_angle, set.relative, absolute) {
                        misses.push(format!(
                            "{} {at} {kind:?} {what} {column}: {found:?} instead of {wanted:?}",
                            folder.file_name().unwrap().to_string_lossy()
                        ));
                    }
                };
            let of = |component: &str| output[component].as_array().cloned().unwrap_or_default();
            for record in of("fault") {
                let currents = found.phase_currents_ka().unwrap_or_default();
                check(format!("fault {}", record["id"]), currents, &record, "i_f", 1e3);
            }
            let voltages = study.voltages(&found).unwrap();
            for record in of("node") {
                let id = record["id"].to_string();
                let own = voltages.iter().find(|own| own.bus == id);
                if let Some(own) = own {
                    check(format!("node {id}"), faults::phases(own.voltages_kv), &record, "u", 1e3);
                }
            }
            let ends = study.measure(&found, &Selection::Branches).unwrap();
            for component in ["line", "transformer"] {
                for record in of(component) {
                    let id = record["id"].to_string();
                    let own: Vec<&Measurement> = ends.iter().filter(|end| end.id == id).collect();
                    if let [from, to] = own.as_slice() {
                        check(format!("{component} {id}"), from.phase_currents_ka(), &record, "i_from", 1e3);
                        check(format!("{component} {id}"), to.phase_currents_ka(), &record, "i_to", 1e3);
                    }
                }
            }
        }
    }
    Some((values, passed, misses))
}

#[test]
fn power_grid_model_is_met_in_all_phases_at_both_ends() {
    let Some((values, passed, misses)) = power_grid_model() else { return };
    eprintln!("{values} values, {} misses, {passed} sets of several faults passed over", misses.len());
    assert!(misses.is_empty() && values > 10_000, "{values}\n{}", misses[..misses.len().min(60)].join("\n"));
}

/// Sequences of phases a, b and c.
fn unphased([a, b, c]: [Complex64; 3]) -> [Complex64; 3] {
    let turn = Complex64::from_polar(1.0, 120f64.to_radians());
    [a + turn * b + turn.conj() * c, a + turn.conj() * b + turn * c, a + b + c].map(|sum| sum / 3.0)
}
