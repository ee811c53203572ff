//! `cargo xtask bench fit`: the formula finder against the reference problems in `../shared` (data and scorer, not part
//! of the repository), with its goals beside. Finished rows are kept, so a run that is broken off goes on where it was.
//!
//! Options: names of sets (all without any), `--peers` (runs pyoperon, gplearn and the crate `symbolic_regression`
//! beside, interleaved, on core and tables), `--python PROGRAM` (with numpy, scipy and sympy), `--rows FOLDER`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;

/// A set of problems under one budget.
struct Set {
    name: &'static str,
    /// Arguments that pick the problems.
    pick: [&'static str; 2],
    seconds: &'static str,
    seeds: &'static str,
    noise: &'static str,
    with_peers: bool,
    goal: &'static str,
}

const fn set(name: &'static str, pick: [&'static str; 2], seconds: &'static str, goal: &'static str) -> Set {
    Set { name, pick, seconds, seeds: "1", noise: "0", with_peers: false, goal }
}

const SETS: [Set; 9] = [
    set("exercise", ["--select", "^exercise_"], "1", "3 of 3, under 5 ms"),
    set("classroom", ["--select", "^classroom_"], "1", "20 of 20, each under 100 ms"),
    Set { seeds: "1,2,3", ..set("core40-1s", ["--list", "core40_public.txt"], "1", "28 of 31") },
    Set {
        seeds: "1,2,3",
        with_peers: true,
        ..set("core40-10s", ["--list", "core40_public.txt"], "10", "31 of 31 in 3 seeds")
    },
    set("feynman", ["--select", "^feynman_"], "10", "93 %"),
    set("strogatz", ["--select", "^strogatz_"], "10", "7 of 7"),
    set("novel", ["--select", "^novel_"], "10", ""),
    Set {
        seeds: "1,2,3",
        noise: "0.001,0.01,0.1",
        ..set("noise", ["--list", "noise12_public.txt"], "10", "right form 90 / 75 / 50 %")
    },
    Set {
        with_peers: true,
        ..set("tables", ["--select", "^real_"], "10", "R2 at least Operon's, half the size")
    },
];

/// Peers behind the scorer's contract.
const PEERS: [(&str, &str); 2] = [("operon", "operon_a.py"), ("gplearn", "gplearn_a.py")];

/// Runs the sets named, or all.
pub(super) fn command(arguments: &[String]) -> Result<()> {
    let shared = process::root().parent().context("the workspace lies in no folder")?.join("shared");
    let scorer = shared.join("bench/fit/bench.py");
    if !scorer.exists() {
        println!("skipped: there is no ../shared/bench/fit beside the workspace");
        return Ok(());
    }
    let wishes = Wishes::read(arguments)?;
    let engine = build()?;
    std::fs::create_dir_all(&wishes.rows).context("cannot make the folder for rows")?;
    let mut lines = Vec::new();
    for set in
        SETS.iter().filter(|set| wishes.sets.is_empty() || wishes.sets.iter().any(|name| name == set.name))
    {
        let rows = wishes.rows.join(format!("{}.jsonl", set.name));
        let scored = wishes.rows.join(format!("{}.scored.jsonl", set.name));
        run(set, &wishes, (&scorer, &shared), (&engine, &rows))?;
        let mut score = Command::new(&wishes.python);
        score.arg(&scorer).arg("score").arg(&rows).arg("--data").arg(shared.join("data/fit"));
        process::output(score.arg("--out").arg(&scored))?;
        lines.extend(summary(set, &read(&scored)?, &read(&rows)?));
    }
    println!(
        "| set | goal | engine | problems | recovered | right form | R2 | size | CPU s | structures/s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for line in &lines {
        println!("{line}");
    }
    Ok(())
}

/// What the caller asked for.
struct Wishes {
    sets: Vec<String>,
    peers: bool,
    python: String,
    rows: PathBuf,
}

impl Wishes {
    fn read(arguments: &[String]) -> Result<Self> {
        let rows = std::env::temp_dir().join("quorate-bench-fit");
        let mut wishes = Self { sets: vec![], peers: false, python: "python3".to_owned(), rows };
        let mut given = arguments.iter();
        while let Some(word) = given.next() {
            let mut value = || given.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--peers" => wishes.peers = true,
                "--python" => value()?.clone_into(&mut wishes.python),
                "--rows" => wishes.rows = PathBuf::from(value()?),
                name if SETS.iter().any(|set| set.name == name) => wishes.sets.push(name.to_owned()),
                other => {
                    let known: Vec<&str> = SETS.iter().map(|set| set.name).collect();
                    bail!("there is no set {other}; there are {}", known.join(", "));
                }
            }
        }
        Ok(wishes)
    }
}

/// The engine behind the scorer's contract.
fn build() -> Result<PathBuf> {
    process::run(process::cargo().args(["build", "--release", "-p", "symreg", "--example", "contract"]))?;
    Ok(process::target_folder()?.join("release/examples/contract"))
}

/// Rows are kept by engine; a changed engine has another name.
fn revision() -> Result<String> {
    let mut git = Command::new("git");
    git.current_dir(process::root()).args(["log", "-1", "--format=%h", "--", "engines/symreg"]);
    Ok(format!("quorate-{}", process::output(&mut git)?.trim()))
}

fn run(
    set: &Set,
    wishes: &Wishes,
    (scorer, shared): (&Path, &Path),
    (engine, rows): (&Path, &Path),
) -> Result<()> {
    let mut bench = Command::new(&wishes.python);
    bench.current_dir(shared.join("bench/fit")).arg(scorer).arg("run");
    bench.arg("--engine").arg(format!("{}={}", revision()?, engine.display()));
    if wishes.peers && set.with_peers {
        let adapters = shared.join("bench/fit/adapters");
        for (name, file) in PEERS {
            let adapter = adapters.join(file);
            bench.arg("--engine").arg(format!("{name}={} {}", wishes.python, adapter.display()));
        }
        if let Some(program) = process::find_program("srrs") {
            bench.arg("--engine").arg(format!("srrs={}", program.display()));
        }
    }
    bench.args(set.pick).args(["--time", set.seconds, "--seeds", set.seeds, "--noise", set.noise]);
    bench.args(["--jobs", "1", "--grace", "60"]).arg("--data").arg(shared.join("data/fit"));
    process::run(bench.arg("--out").arg(rows))
}

fn read(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines().map(|line| serde_json::from_str(line).context("a kept row is not JSON")).collect()
}

/// One line of the table for every engine and noise level.
fn summary(set: &Set, scored: &[Value], raw: &[Value]) -> Vec<String> {
    let key = |row: &Value| {
        let noise = row["noise"].as_f64().unwrap_or_default();
        (row["engine"].as_str().unwrap_or_default().to_owned(), format!("{noise}"))
    };
    let mut groups: BTreeMap<(String, String), Vec<&Value>> = BTreeMap::new();
    for row in scored {
        groups.entry(key(row)).or_default().push(row);
    }
    let line = |((engine, noise), rows): (&(String, String), &Vec<&Value>)| {
        let count = |field: &str| rows.iter().filter(|row| row[field] == true).count();
        let middle = |field: &str| median(rows.iter().filter_map(|row| row[field].as_f64()).collect());
        let own = raw.iter().filter(|row| key(row) == (engine.clone(), noise.clone()));
        let speeds = own.filter_map(|row| {
            let seconds = row["out"]["cpu_s"].as_f64().filter(|s| *s > 0.5)?;
            Some(row["out"]["evaluations"].as_f64()? / seconds)
        });
        let name = if noise == "0" { set.name.to_owned() } else { format!("{} {noise}", set.name) };
        format!(
            "| {name} | {} | {engine} | {} | {} | {} | {:.4} | {:.0} | {:.3} | {:.0} |",
            set.goal,
            rows.len(),
            count("rec_any"),
            count("form_any"),
            middle("r2_own"),
            middle("size_own"),
            middle("cpu_s"),
            median(speeds.collect()),
        )
    };
    groups.iter().map(line).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_counted_by_engine_and_noise() {
        let row = |engine: &str, noise: f64, recovered: bool| {
            json!({"engine": engine, "noise": noise, "rec_any": recovered, "form_any": true, "r2_own": 0.5,
                "size_own": 7, "cpu_s": 2.0})
        };
        let scored = [
            row("ours", 0.0, true),
            row("ours", 0.0, false),
            row("peer", 0.0, false),
            row("ours", 0.1, true),
        ];
        let raw = [json!({"engine": "ours", "noise": 0.0, "out": {"cpu_s": 2.0, "evaluations": 3000}})];
        let lines = summary(&set("core", ["--select", "x"], "1", "28"), &scored, &raw);
        assert_eq!(lines[0], "| core | 28 | ours | 2 | 1 | 2 | 0.5000 | 7 | 2.000 | 1500 |");
        assert!(lines[1].starts_with("| core 0.1 | 28 | ours | 1 | 1 |"), "{lines:?}");
        assert!(lines[2].starts_with("| core | 28 | peer | 1 | 0 |"), "{lines:?}");
    }

    #[test]
    fn an_unknown_set_is_refused_with_the_known_ones() {
        let refused = Wishes::read(&["feinman".to_owned()]).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|text| text.contains("there are exercise, classroom")));
        let wishes = Wishes::read(&["noise".to_owned(), "--peers".to_owned()]).ok();
        assert!(wishes.is_some_and(|wishes| wishes.peers && wishes.sets == ["noise"]));
    }
}
