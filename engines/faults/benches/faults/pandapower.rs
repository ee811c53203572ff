//! The same grids in pandapower, in one run: it writes each grid to a file, both compute it, times and results beside
//! each other. Its Python environment is made under `target/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cgmes::{Options as Reading, Source};
use faults::{Fault, FaultImpedance, FaultKind, Options, Place, Study, Wanted};
use serde_json::{Value, json};

use super::Wishes;
use super::meter::{answer, child as in_child, peak_mib, times};

/// The version compared with, and what makes it quick.
const PACKAGES: [&str; 2] = ["pandapower==3.5.6", "numba"];

const GRIDS: [&str; 8] =
    ["case9", "case14", "case39", "case118", "case300", "case1354pegase", "case2869pegase", "case9241pegase"];

const KINDS: [FaultKind; 2] = [FaultKind::Lll, FaultKind::Lg];

pub(crate) fn print(wishes: &Wishes) {
    let python = match environment() {
        Ok(python) => python,
        Err(why) => return println!("\nskipped pandapower: {why}"),
    };
    println!(
        "\nBeside pandapower, the same file, I\"k at all buses: CPU ms (ours with preparing), memory MiB"
    );
    println!(
        "{:<18}{:>6}{:>6}{:>12}{:>10}{:>9}{:>12}{:>8}{:>22}",
        "grid", "buses", "type", "pandapower", "here", "times", "pandapower", "here", "greatest difference"
    );
    for grid in GRIDS.into_iter().filter(|grid| wishes.wants(grid)) {
        if let Err(why) = beside(&python, grid) {
            println!("{grid:<18} not measured: {why}");
        }
    }
}

fn beside(python: &Path, grid: &str) -> Result<(), String> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{grid}.json"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/faults/pandapower_peer.py");
    let kinds = KINDS.map(FaultKind::name).join(",");
    let theirs = answer(Command::new(python).arg(script).arg(grid).arg(&file).arg(kinds))?;
    let ours = in_child(&["--beside", &file.to_string_lossy()])?;
    for kind in KINDS.map(FaultKind::name) {
        let cpu = |told: &Value| told[kind]["cpu_ms"].as_f64().unwrap_or(f64::NAN);
        let mib = |told: &Value| told["mib"].as_f64().unwrap_or(f64::NAN);
        let (their, own) = (cpu(&theirs), cpu(&ours));
        println!(
            "{grid:<18}{:>6}{kind:>6}{their:>12.0}{own:>10.1}{:>9.0}{:>12.0}{:>8.0}{:>22}",
            theirs["buses"],
            their / own,
            mib(&theirs),
            mib(&ours),
            difference(&theirs[kind]["ikss_ka"], &ours[kind]["ikss_ka"])
        );
    }
    Ok(())
}

/// The greatest relative difference of the currents both have, and at how many buses.
fn difference(theirs: &Value, ours: &Value) -> String {
    let mut greatest: f64 = 0.0;
    let mut count = 0;
    for (bus, value) in theirs.as_object().into_iter().flatten() {
        if let (Some(their), Some(own)) = (value.as_f64(), ours[bus].as_f64()) {
            greatest = greatest.max((their - own).abs() / their.abs());
            count += 1;
        }
    }
    format!("{greatest:.1e} of {count}")
}

/// Computes a file of pandapower's as it does.
pub(crate) fn child(arguments: &[String]) {
    let text = std::fs::read(&arguments[0]).unwrap();
    let model = cgmes::open(&[Source::new("net.json", &text)], &Reading::default()).unwrap().model;
    drop(text);
    let options = Options::iec_max();
    let mut told = json!({});
    for kind in KINDS {
        let mut faults = Vec::new();
        let spent = times(5, || {
            let study = Study::of(&model, &[], &options).unwrap();
            faults = study.all_buses(&[kind], FaultImpedance::default(), Wanted::INITIAL, &|_| true).unwrap();
        });
        let name = |fault: &Fault| match &fault.place {
            Place::Bus(bus) => bus.clone(),
            Place::Line(point) => point.line.clone(),
        };
        let ikss: serde_json::Map<String, Value> =
            faults.iter().map(|fault| (name(fault), json!(fault.ikss_ka))).collect();
        told[kind.name()] = spent;
        told[kind.name()]["ikss_ka"] = Value::Object(ikss);
    }
    told["mib"] = json!(peak_mib());
    println!("{told}");
}

fn environment() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pandapower");
    let python = folder.join("bin/python");
    let has_it = |python: &Path| {
        let mut tried = Command::new(python);
        tried.args(["-c", "import pandapower, numba"]).stdout(Stdio::null()).stderr(Stdio::null());
        tried.status().is_ok_and(|status| status.success())
    };
    if !has_it(&python) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.trim().lines().next_back().unwrap_or("it said nothing").to_owned())
}
