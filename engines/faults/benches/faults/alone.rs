//! MATPOWER's grids with short-circuit data by a fixed rule: preparing, all faults at all buses, what relays see; and
//! that threads change nothing.

use std::fmt::Write;
use std::path::Path;

use cgmes::{Options as Reading, Source};
use faults::{FaultImpedance, FaultKind, Options, Study, Wanted};
use network::Model;
use serde_json::{Value, json};

use super::Wishes;
use super::goals::Goals;
use super::meter::{child as in_child, child_on as in_child_on, peak_mib, times};

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

/// The grid that goals are set for.
const LARGEST: &str = "case9241pegase";

/// What is measured, each from a prepared study but for the fourth.
const COLUMNS: [(&str, &str); 5] = [
    ("import", "read the file"),
    ("prepare", "prepare"),
    ("initial", "I\"k, 4 types"),
    ("all", "+ ip, Ib, Ith"),
    ("relays", "relays × faults"),
];

pub(crate) fn print(folder: &Path, wishes: &Wishes, goals: &mut Goals) {
    println!(
        "\nAll buses, all four types; relays at both ends of branches within 2. CPU/wall in ms, {} threads",
        threads()
    );
    print!("{:<18}{:>6}", "grid", "buses");
    for (_, name) in COLUMNS {
        print!("{name:>20}");
    }
    println!("{:>10}{:>8}", "sights", "MiB");
    for grid in GRIDS.into_iter().filter(|grid| wishes.wants(grid)) {
        match in_child(&["--alone", &folder.join(format!("{grid}.m")).to_string_lossy()]) {
            Ok(told) => {
                line(grid, &told);
                if grid == LARGEST {
                    set_goals(&told, goals);
                }
            }
            Err(why) => {
                println!("{grid:<18} not measured: {why}");
                goals.unknown(grid, &why);
            }
        }
    }
}

/// Goals of the processor's time, which no other program on the machine changes; by the clock it is less.
fn set_goals(told: &Value, goals: &mut Goals) {
    let cpu = |key: &str| told[key]["cpu_ms"].as_f64().unwrap_or(f64::NAN);
    let initial = cpu("prepare") + cpu("initial");
    goals.at_most("9,241 buses: I\"k of all four types everywhere, CPU ms", initial, 250.0);
    goals.at_most("9,241 buses: relays within 2 branches × faults, CPU ms", cpu("relays"), 2000.0);
    let mib = told["mib"].as_f64().unwrap_or(f64::NAN);
    goals.at_most("9,241 buses: memory at the peak of all this, MiB", mib, 1024.0);
}

/// Whether one thread and two give the same, to the last byte of every number.
pub(crate) fn print_threads(folder: &Path, wishes: &Wishes, goals: &mut Goals) {
    println!("\nThe same on one thread and on two, by a sum over all numbers");
    for grid in ["case1354pegase", LARGEST].into_iter().filter(|grid| wishes.wants(grid)) {
        let path = folder.join(format!("{grid}.m"));
        let sum = |threads: &str| {
            let told = in_child_on(threads, &["--bytes", &path.to_string_lossy()])?;
            Ok::<String, String>(told["sum"].as_str().unwrap_or_default().to_owned())
        };
        match (sum("1"), sum("2")) {
            (Ok(one), Ok(two)) => {
                println!("{grid:<18}{one:>20}{two:>20}");
                goals.holds(&format!("{grid}: identical bytes for 1 and 2 threads"), one == two);
            }
            (Err(why), _) | (_, Err(why)) => {
                println!("{grid:<18} not measured: {why}");
                goals.unknown(grid, &why);
            }
        }
    }
}

fn line(grid: &str, told: &Value) {
    print!("{grid:<18}{:>6}", told["buses"].to_string());
    for (key, _) in COLUMNS {
        let part = |which: &str| told[key][which].as_f64().unwrap();
        print!("{:>20}", format!("{:.1}/{:.1}", part("cpu_ms"), part("wall_ms")));
    }
    println!("{:>10}{:>8.0}", told["sights"].to_string(), told["mib"].as_f64().unwrap_or_default());
}

/// Computes everything of one grid and prints a sum over the bytes of all numbers as JSON.
pub(crate) fn bytes(arguments: &[String]) {
    let path = Path::new(&arguments[0]);
    let model = model_of(path);
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let mut sum = Sum::default();
    let none = FaultImpedance::default();
    for fault in study.all_buses(&FaultKind::ALL, none, Wanted::ALL, &|_| true).unwrap() {
        write!(sum, "{fault:?}").unwrap();
    }
    let matrix = study.relay_matrix(&FaultKind::ALL, none, 2).unwrap();
    for sight in (0..matrix.faults.len()).flat_map(|fault| matrix.seen_of(fault)) {
        write!(sum, "{sight:?}").unwrap();
    }
    println!("{}", json!({"sum": format!("{:016x}", sum.0)}));
}

/// A sum over text (Fowler, Noll and Vo: FNV-1a). Numbers are written with as many digits as tell them apart.
pub(crate) struct Sum(pub(crate) u64);

impl Default for Sum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Write for Sum {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 =
            text.bytes().fold(self.0, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Ok(())
    }
}

fn model_of(path: &Path) -> Model {
    let text = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    cgmes::open(&[Source::new(&name, &text)], &reading()).unwrap().model
}

/// MATPOWER's files hold no short-circuit data.
fn reading() -> Reading {
    Reading { assume_data: true, ..Reading::default() }
}

/// Measures one grid and prints what was found as JSON.
pub(crate) fn child(arguments: &[String]) {
    let path = Path::new(&arguments[0]);
    let text = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let read = || cgmes::open(&[Source::new(&name, &text)], &reading()).unwrap().model;
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
