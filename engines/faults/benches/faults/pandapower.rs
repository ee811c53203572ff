//! The same grids in pandapower, in one run: it writes each grid to a file, both compute it, times, memory and results
//! beside each other. Its Python environment is made under `target/`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cgmes::{Options as Reading, Source};
use faults::{Fault, FaultImpedance, FaultKind, Options, Place, Study, Wanted};
use serde_json::{Value, json};

use super::Wishes;
use super::goals::Goals;
use super::meter::{child as in_child, peak_mib, times};

/// The version compared with, and what makes it quick.
const PACKAGES: [&str; 2] = ["pandapower==3.5.6", "numba"];

const GRIDS: [&str; 8] =
    ["case9", "case14", "case39", "case118", "case300", "case1354pegase", "case2869pegase", "case9241pegase"];

const KINDS: [FaultKind; 2] = [FaultKind::Lll, FaultKind::Lg];

/// Seconds of the processor that one grid and kind may take.
const SECONDS: u32 = 60;

/// How many times faster than today's tools: two orders of magnitude.
const FASTER: f64 = 100.0;

/// From this size on the goal holds: below, the other's time is that of starting to compute.
const LARGE: u64 = 1000;

pub(crate) fn print(wishes: &Wishes, goals: &mut Goals) {
    let grids: Vec<&str> = GRIDS.into_iter().filter(|grid| wishes.wants(grid)).collect();
    if grids.is_empty() {
        return;
    }
    println!(
        "\nBeside {}, the same file, I\"k at all buses: CPU ms (ours with preparing), memory MiB",
        PACKAGES[0]
    );
    println!(
        "{:<18}{:>6}{:>6}{:>12}{:>10}{:>9}{:>12}{:>8}{:>22}",
        "grid", "buses", "type", "pandapower", "here", "times", "pandapower", "here", "greatest difference"
    );
    if let Err(why) = beside(&grids, goals) {
        println!("not measured: {why}");
        goals.unknown("times faster than pandapower", &why);
    }
}

/// Prints a row for each answer as it comes; a computation that was given up bounds the ratio from below (`>`).
fn beside(grids: &[&str], goals: &mut Goals) -> Result<(), String> {
    let python = environment()?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut peer = Command::new(python);
    peer.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/faults/pandapower_peer.py")).arg(folder);
    peer.args([SECONDS.to_string(), grids.join(","), KINDS.map(FaultKind::name).join(",")]);
    let mut running = peer.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let answers = running.stdout.take().ok_or("it has no output")?;
    for line in BufReader::new(answers).lines() {
        let line = line.map_err(|error| error.to_string())?;
        let theirs: Value = serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
        let text = |key: &str| theirs[key].as_str().unwrap_or_default();
        let file = folder.join(format!("{}.json", text("grid")));
        let ours = in_child(&["--beside", &file.to_string_lossy(), text("kind")])?;
        row(&theirs, &ours, goals);
    }
    let status = running.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("its program ended with {status}")) }
}

fn row(theirs: &Value, ours: &Value, goals: &mut Goals) {
    let number = |told: &Value, key: &str| told[key].as_f64().unwrap_or(f64::NAN);
    let [their_ms, own_ms] = [theirs, ours].map(|told| number(told, "cpu_ms"));
    let [their_mib, own_mib] = [theirs, ours].map(|told| number(told, "mib"));
    let [grid, kind] = ["grid", "kind"].map(|key| theirs[key].as_str().unwrap_or_default());
    let buses = theirs["buses"].as_u64().unwrap_or_default();
    let failed = theirs["error"].as_str();
    let times = their_ms / own_ms;
    let (mark, last) = match failed {
        Some(error) => (">", error.to_owned()),
        None => ("", difference(&theirs["ikss_ka"], &ours["ikss_ka"])),
    };
    println!(
        "{grid:<18}{buses:>6}{kind:>6}{:>12}{own_ms:>10.1}{:>9}{their_mib:>12.0}{own_mib:>8.0}  {last:>20}",
        format!("{mark}{their_ms:.0}"),
        format!("{mark}{times:.0}"),
    );
    if buses >= LARGE {
        // What was given up would have taken longer: the ratio is a lower bound.
        let bound = if failed.is_some() { ", at least: it was given up" } else { "" };
        let what = format!("times faster than pandapower: {grid}, {kind}{bound}");
        goals.at_least(&what, times, FASTER);
    }
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

/// Computes a file of pandapower's as it does: one kind of fault at all buses.
pub(crate) fn child(arguments: &[String]) {
    let text = std::fs::read(&arguments[0]).unwrap();
    let kind = KINDS.into_iter().find(|kind| kind.name() == arguments[1]).unwrap();
    let model = cgmes::open(&[Source::new("net.json", &text)], &Reading::default()).unwrap().model;
    drop(text);
    let options = Options::iec_max();
    let mut faults = Vec::new();
    let mut told = times(5, || {
        let study = Study::of(&model, &[], &options).unwrap();
        faults = study.all_buses(&[kind], FaultImpedance::default(), Wanted::INITIAL, &|_| true).unwrap();
    });
    let name = |fault: &Fault| match &fault.place {
        Place::Bus(bus) => bus.clone(),
        Place::Line(point) => point.line.clone(),
    };
    let ikss: serde_json::Map<String, Value> =
        faults.iter().map(|fault| (name(fault), json!(fault.ikss_ka))).collect();
    told["ikss_ka"] = Value::Object(ikss);
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
