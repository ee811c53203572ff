//! `cargo xtask bench faults`: published results, then times on MATPOWER's grids with data added by a fixed rule.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run says so by failing")]
#![expect(clippy::print_stdout, reason = "prints the table")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use cgmes::{Options as Reading, Source};
use faults::{Fault, FaultImpedance, FaultKind, Options, Place, Selection, Study, Wanted};
use rayon::prelude::*;
use serde_json::Value;

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

/// Runs of which the median counts.
const RUNS: usize = 5;

fn main() {
    published();
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = option_env!("QUORATE_SHARED").map_or(here, PathBuf::from);
    let folder = shared.join("data/grid/matpower");
    if !folder.is_dir() {
        println!("\nskipped the grids: {} is not there; set QUORATE_SHARED", folder.display());
        return;
    }
    println!("\nwall time in ms, median of {RUNS}, {} threads", rayon::current_num_threads());
    println!(
        "grid                 buses  prepare   all buses  + peak, Ith  relay × fault   pairs    peak MiB"
    );
    for grid in GRIDS {
        times(&folder, grid);
    }
}

/// What is taken from a fault.
type Quantity = fn(&Fault) -> Option<f64>;

/// IEC TR 60909-4, clause 6: the greatest difference from what is printed, in kA.
fn published() {
    let model = network::read(include_str!("../cases/iec-tr-60909-4/network.json")).unwrap();
    let expected: Value =
        serde_json::from_str(include_str!("../cases/iec-tr-60909-4/expected.json")).unwrap();
    let columns: [(FaultKind, &str, Quantity); 5] = [
        (FaultKind::Lll, "ikss_ka", |fault| fault.ikss_ka),
        (FaultKind::Lll, "ip_ka", |fault| fault.ip_ka),
        (FaultKind::Lll, "i_breaking_ka", |fault| fault.breaking_ka),
        (FaultKind::Lg, "ikss_ka", |fault| fault.ikss_ka),
        (FaultKind::Lg, "ip_20hz_ka", |fault| fault.ip_ka),
    ];
    println!("IEC TR 60909-4, clause 6            values   greatest difference kA");
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    for (kind, column, quantity) in columns {
        let values = expected[kind.name()][column].as_object().unwrap();
        let miss = |(bus, value): (&String, &Value)| {
            let place = Place::Bus(bus.clone());
            let fault = study.fault(&place, kind, FaultImpedance::default(), Wanted::ALL).unwrap();
            (quantity(&fault).unwrap() - value.as_f64().unwrap()).abs()
        };
        let greatest = values.iter().map(miss).fold(0.0, f64::max);
        println!("{:<5}{column:<31}{:>6}{greatest:>15.6}", kind.name(), values.len());
    }
}

fn times(folder: &Path, grid: &str) {
    let name = format!("{grid}.m");
    let Ok(text) = std::fs::read(folder.join(&name)) else {
        println!("{grid:<20} not there");
        return;
    };
    let reading = Reading { assume_data: true, ..Reading::default() };
    let model = cgmes::open(&[Source::new(&name, &text)], &reading).unwrap().model;
    let options = Options::iec_max();
    let prepare = median(|| Study::of(&model, &[], &options).unwrap());
    let study = Study::of(&model, &[], &options).unwrap();
    let none = FaultImpedance::default();
    let all = |wanted| study.all_buses(&FaultKind::ALL, none, wanted, &|_| true).unwrap();
    let initial = median(|| all(Wanted::INITIAL));
    let complete = median(|| all(Wanted { peak: true, breaking: false, thermal: true }));
    let mut pairs = 0;
    let matrix = median(|| {
        pairs = relays_by_faults(&study);
        pairs
    });
    println!(
        "{grid:<20}{:>6}{prepare:>9.1}{initial:>12.1}{complete:>14.1}{matrix:>15.1}{pairs:>9}{:>11}",
        model.buses.len(),
        peak_mib()
    );
}

/// What relays within two branches see of every fault of every type: the number of relays and faults that meet.
fn relays_by_faults(study: &Study<'_>) -> usize {
    let faults =
        study.all_buses(&FaultKind::ALL, FaultImpedance::default(), Wanted::INITIAL, &|_| true).unwrap();
    faults.par_iter().map(|fault| study.measure(fault, &Selection::Within(2)).unwrap().len()).sum()
}

/// The median wall time in ms.
fn median<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// The greatest memory this process had, where the system tells it.
fn peak_mib() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string())
}
