//! Random networks against OpenDSS, in steps. Each step's row is kept below the target folder with a sum over the code
//! it was computed by, so that a run broken off goes on; what a whole run found is kept beside the bench.

#[path = "../../tests/opendss/machines.rs"]
mod machines;
#[path = "../../tests/opendss/peer.rs"]
mod peer;
#[path = "../../tests/opendss/run.rs"]
mod run;
#[path = "../../tests/opendss/sketch.rs"]
mod sketch;

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::alone::Sum;
use super::goals::Goals;
use super::kept;

/// Networks where no number is given.
const NETWORKS: u64 = 10_000;

const STEP: u64 = 250;

const KEPT: &str = "opendss";

/// What came of some steps.
#[derive(Default)]
struct Total {
    networks: u64,
    faults: u64,
    greatest: f64,
    misses: usize,
    refused: usize,
}

impl Total {
    fn add(&mut self, row: &Value) {
        let count = |key: &str| row[key].as_u64().unwrap_or_default();
        let list = |key: &str| row[key].as_array().map_or(0, Vec::len);
        self.networks += count("end") - count("start");
        self.faults += count("faults");
        self.greatest = self.greatest.max(row["greatest"].as_f64().unwrap_or(f64::NAN));
        self.misses += list("misses");
        self.refused += list("refused");
    }
}

pub(crate) fn print(arguments: &[String]) {
    let networks = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(NETWORKS);
    let mut peer = match peer::Peer::start() {
        Ok(peer) => peer,
        Err(reason) => {
            println!("skipped: OpenDSS can't be installed: {reason}");
            return;
        }
    };
    println!("networks    faults   differences above 1e-6 (goal 0)   greatest   refused as resonating");
    let kept = kept();
    let mut total = Total::default();
    for start in (0..networks).step_by(STEP as usize) {
        let end = (start + STEP).min(networks);
        let is_it = |row: &&Value| row["start"] == start && row["end"] == end;
        let row = kept.iter().find(is_it).cloned().unwrap_or_else(|| step(&mut peer, start, end));
        for line in ["misses", "refused"].iter().flat_map(|key| row[key].as_array().into_iter().flatten()) {
            println!("{}", line.as_str().unwrap_or_default());
        }
        total.add(&row);
        let Total { faults, greatest, misses, refused, .. } = total;
        println!("{end:>8}{faults:>10}{misses:>34}{greatest:>11.1e}{refused:>24}");
    }
    if networks >= NETWORKS {
        keep(&total);
    }
}

/// What a whole run found, as it is kept.
fn keep(total: &Total) {
    let Total { networks, faults, greatest, misses, refused } = total;
    kept::write(
        KEPT,
        &json!({
            "networks": networks,
            "faults": faults,
            "greatest": greatest,
            "misses": misses,
            "refused": refused,
        }),
    );
}

/// Tells of the last whole run.
pub(crate) fn print_kept(goals: &mut Goals) {
    const WHAT: &str = "OpenDSS: differences above 1e-6 in random networks";
    println!("\nRandom networks against OpenDSS (cargo xtask bench faults --opendss)");
    let Some((result, commit)) = kept::read(KEPT) else {
        println!("    not run");
        return goals.unknown(WHAT, "not run");
    };
    let count = |key: &str| result[key].as_u64().unwrap_or_default();
    let [networks, faults, misses, refused] = ["networks", "faults", "misses", "refused"].map(count);
    let greatest = result["greatest"].as_f64().unwrap_or(f64::NAN);
    println!(
        "    {networks} networks, {faults} faults: {misses} differences above 1e-6, the greatest {greatest:.1e}; {refused} \
         resonate; at {commit}"
    );
    for note in result["notes"].as_array().into_iter().flatten() {
        println!("    {}", note.as_str().unwrap_or_default());
    }
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    goals.none_of(WHAT, size(misses), size(faults));
    goals.at_least("OpenDSS: random networks", networks as f64, NETWORKS as f64);
}

/// Runs a step and keeps its row.
fn step(peer: &mut peer::Peer, start: u64, end: u64) -> Value {
    let tally = run::run(peer, start..end);
    let row = json!({
        "code": code(),
        "start": start,
        "end": end,
        "faults": tally.faults,
        "greatest": tally.greatest,
        "misses": tally.misses,
        "refused": tally.refused,
    });
    let mut file = OpenOptions::new().create(true).append(true).open(rows()).unwrap();
    writeln!(file, "{row}").unwrap();
    row
}

fn rows() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("opendss-rows.jsonl")
}

/// The rows of this code.
fn kept() -> Vec<Value> {
    let text = fs::read_to_string(rows()).unwrap_or_default();
    let rows = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let code = code();
    rows.filter(|row| row["code"] == code).collect()
}

/// A sum over the code that the rows depend on.
fn code() -> String {
    let folders = ["src", "tests/opendss", "../network/src"];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)))
        .collect();
    files.sort();
    let mut sum = Sum::default();
    for file in files {
        sum.write_str(&fs::read_to_string(file).unwrap()).unwrap();
    }
    format!("{:016x}", sum.0)
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}
