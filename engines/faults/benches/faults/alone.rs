//! MATPOWER's grids with short-circuit data by a fixed rule: preparing, all faults at all buses, what relays see.

use std::path::Path;

use cgmes::{Options as Reading, Source};
use faults::{FaultImpedance, FaultKind, Options, Study, Wanted};
use serde_json::{Value, json};

use super::Wishes;
use super::meter::{child as in_child, peak_mib, times};

/// The grids, from 9 to 9,241 buses.
const GRIDS: [&str; 9] = [
    "case9",
    "case14",
    "case39",
    "case118",
    "case300",
    "case1354pegase",
    "case_ACTIVSg2000",
    "case2869pegase",
    "case9241pegase",
];

const RUNS: usize = 7;

/// What is measured, with its goal for the largest grid in ms by the clock.
const COLUMNS: [(&str, &str, &str); 5] = [
    ("import", "read the file", ""),
    ("prepare", "prepare", ""),
    ("initial", "I\"k, 4 types", "250 with prepare"),
    ("all", "+ ip, Ib, Ith", ""),
    ("relays", "relays × faults", "2000"),
];

pub(crate) fn print(folder: &Path, wishes: &Wishes) {
    println!(
        "\nAll buses, all four types; relays at both ends of branches within 2. CPU/wall in ms, {} threads",
        threads()
    );
    print!("{:<18}{:>6}", "grid", "buses");
    for (_, name, _) in COLUMNS {
        print!("{name:>20}");
    }
    println!("{:>10}{:>8}", "sights", "MiB");
    for grid in GRIDS.into_iter().filter(|grid| wishes.wants(grid)) {
        match in_child(&["--alone", &folder.join(format!("{grid}.m")).to_string_lossy()]) {
            Ok(told) => line(grid, &told),
            Err(why) => println!("{grid:<18} not measured: {why}"),
        }
    }
    print!("{:<24}", "goal");
    for (_, _, goal) in COLUMNS {
        print!("{goal:>20}");
    }
    println!("{:>10}{:>8}", "", 1024);
}

fn line(grid: &str, told: &Value) {
    print!("{grid:<18}{:>6}", told["buses"]);
    for (key, _, _) in COLUMNS {
        let part = |which: &str| told[key][which].as_f64().unwrap();
        print!("{:>20}", format!("{:.1}/{:.1}", part("cpu_ms"), part("wall_ms")));
    }
    println!("{:>10}{:>8.0}", told["sights"], told["mib"].as_f64().unwrap_or_default());
}

/// Measures one grid and prints what was found as JSON.
pub(crate) fn child(arguments: &[String]) {
    let path = Path::new(&arguments[0]);
    let text = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let reading = Reading { assume_data: true, ..Reading::default() };
    let read = || cgmes::open(&[Source::new(&name, &text)], &reading).unwrap().model;
    let import = times(3, read);
    let model = read();
    let options = Options::iec_max();
    let none = FaultImpedance::default();
    let kinds = &FaultKind::ALL;
    let prepare = times(RUNS, || Study::of(&model, &[], &options).unwrap());
    let study = Study::of(&model, &[], &options).unwrap();
    let initial = times(RUNS, || study.all_buses(kinds, none, Wanted::INITIAL, &|_| true).unwrap());
    let all = times(3, || {
        let fresh = Study::of(&model, &[], &options).unwrap();
        fresh.all_buses(kinds, none, Wanted::ALL, &|_| true).unwrap()
    });
    let mut sights = 0;
    let relays = times(3, || {
        let matrix = study.relay_matrix(kinds, none, 2).unwrap();
        sights = matrix.len();
        matrix
    });
    let told = json!({
        "buses": model.buses.len(),
        "import": import,
        "prepare": prepare,
        "initial": initial,
        "all": all,
        "relays": relays,
        "sights": sights,
        "mib": peak_mib(),
    });
    println!("{told}");
}

fn threads() -> usize {
    rayon::current_num_threads()
}
