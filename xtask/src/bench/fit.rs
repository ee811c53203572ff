//! `cargo xtask bench fit`: the formula finder against the reference problems in `../shared` (data and scorer, not part
//! of the repository), its own tables of laws and of pure noise, threads, speed; every goal beside what was measured.
//!
//! Without options it takes less than ten minutes of CPU time: one second and one seed for each problem, twenty tables of
//! noise; then two threads, speed beside peers, NIST's sets, statsmodels, which take another five with what has to be built.
//! `--full` takes the budgets and seeds of the goals: less than an hour of it. Finished rows are kept in `target/bench/fit`
//! with the state of the engine that made them, so a run that is broken off goes on where it was, and a second one only
//! makes the table again. Where the present state has no rows of a kind, the last other state's are shown, named so.
//!
//! Options: names of sets (all without any), `--full`, `--kept` (runs nothing, shows what is kept), `--peers` (runs
//! pyoperon, gplearn and the crate `symbolic_regression` beside on core and tables, after ours seed by seed; once run, they stay in
//! the table), `--only-peers` (them alone, in the budgets and seeds of the full run), `--python PROGRAM` (with numpy, scipy
//! and sympy; without it one is made ready in the folder of rows), `--rows FOLDER`.

mod figures;
mod own;
mod scored;
mod table;
mod tools;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// What a state of the engine is the state of.
const SOURCES: &str = "engines/symreg/src";

/// A set of problems under one budget.
struct Set {
    name: &'static str,
    /// What has to be reached.
    goal: &'static str,
    source: Source,
    quick: Budget,
    full: Budget,
}

/// Where the problems of a set are.
enum Source {
    /// Among the reference problems: arguments that pick them, noise levels, whether peers run beside.
    Reference { pick: [&'static str; 2], noise: &'static str, with_peers: bool },
    /// The cases of the package.
    Laws,
    /// Tables without any law.
    Noise,
}

/// CPU seconds for each problem, and seeds; of tables of noise one is made for each seed.
#[derive(Clone, Copy)]
struct Budget {
    seconds: &'static str,
    seeds: u32,
}

const fn budget(seconds: &'static str, seeds: u32) -> Budget {
    Budget { seconds, seeds }
}

const fn reference(name: &'static str, pick: [&'static str; 2], goal: &'static str) -> Set {
    let source = Source::Reference { pick, noise: "0", with_peers: false };
    Set { name, goal, source, quick: budget("1", 1), full: budget("10", 1) }
}

const CORE: [&str; 2] = ["--list", "core40_public.txt"];
const CORE_WITH_PEERS: Source = Source::Reference { pick: CORE, noise: "0", with_peers: true };

/// In the order they are run: what tells most first.
const SETS: [Set; 11] = [
    Set { full: budget("1", 1), ..reference("exercise", ["--select", "^exercise_"], "3 of 3, under 5 ms") },
    Set {
        full: budget("1", 1),
        ..reference("classroom", ["--select", "^classroom_"], "20 of 20, each under 100 ms")
    },
    Set { full: budget("1", 3), source: CORE_WITH_PEERS, ..reference("core40-1s", CORE, "28 of 31") },
    Set {
        source: CORE_WITH_PEERS,
        quick: budget("0", 0),
        full: budget("10", 3),
        ..reference("core40-10s", CORE, "31 of 31 in 3 seeds")
    },
    reference("feynman", ["--select", "^feynman_"], "93 % at 10 s: 80 of 86"),
    reference("strogatz", ["--select", "^strogatz_"], "7 of 7 at 10 s"),
    Set {
        source: Source::Reference {
            pick: ["--list", "noise12_public.txt"],
            noise: "0.001,0.01,0.1",
            with_peers: false,
        },
        full: budget("10", 3),
        ..reference("noise", CORE, "right form 90 / 75 / 50 %")
    },
    Set {
        name: "pure-noise",
        goal: "nothing better than the mean in 95 of 100",
        source: Source::Noise,
        quick: budget("1", 20),
        full: budget("10", 100),
    },
    Set {
        source: Source::Reference { pick: ["--select", "^real_"], noise: "0", with_peers: true },
        ..reference("tables", CORE, "R2 at least Operon's, half the size")
    },
    Set {
        name: "laws",
        goal: "the law is the choice",
        source: Source::Laws,
        quick: budget("1", 1),
        full: budget("1", 1),
    },
    reference("novel", ["--select", "^novel_"], "9 of 9"),
];

/// Runs the sets named, or all.
pub(super) fn command(arguments: &[String]) -> Result<()> {
    let wishes = Wishes::read(arguments)?;
    std::fs::create_dir_all(&wishes.rows)
        .with_context(|| format!("cannot make {}", wishes.rows.display()))?;
    let engine = if wishes.runs_own() { Engine::build()? } else { Engine::named()? };
    let shared = process::root().parent().context("the workspace lies in no folder")?.join("shared");
    let reference = if shared.join("bench/fit/bench.py").exists() {
        Some(scored::Reference::new(shared, &wishes)?)
    } else {
        println!("there is no ../shared/bench/fit beside the workspace: the reference problems are skipped");
        None
    };
    let mut report = table::Report::default();
    let mut scoring = Vec::new();
    for set in SETS.iter().filter(|set| wishes.sets.is_empty() || wishes.sets.iter().any(|s| s == set.name)) {
        match (&set.source, &reference) {
            (Source::Laws, _) => own::laws(set, &wishes, &engine, &mut report)?,
            (Source::Noise, _) => own::pure_noise(set, &wishes, &engine, &mut report)?,
            // A set is scored while the next one runs.
            (Source::Reference { .. }, Some(reference)) => {
                scoring.push((set, reference.run(set, &wishes, &engine)?));
            }
            (Source::Reference { .. }, None) => {}
        }
    }
    if wishes.sets.is_empty() {
        figures::all(&engine, &wishes, &mut report)?;
    }
    for (set, pending) in scoring {
        pending.finish(set, &engine, &mut report)?;
    }
    report.print(&engine.name);
    Ok(())
}

/// What is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    /// Our engine, and the peers where they are asked for.
    Ours,
    PeersAlone,
    /// What is kept is shown.
    Nothing,
}

/// What the caller asked for.
struct Wishes {
    sets: Vec<String>,
    full: bool,
    peers: bool,
    run: Run,
    python: Option<String>,
    rows: PathBuf,
}

impl Wishes {
    fn read(arguments: &[String]) -> Result<Self> {
        let rows = process::target_folder()?.join("bench/fit");
        let mut wishes = Self { sets: vec![], full: false, peers: false, run: Run::Ours, python: None, rows };
        let mut given = arguments.iter();
        while let Some(word) = given.next() {
            let mut value = || given.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--full" => wishes.full = true,
                "--kept" => wishes.run = Run::Nothing,
                "--peers" => wishes.peers = true,
                "--only-peers" => (wishes.peers, wishes.run) = (true, Run::PeersAlone),
                "--python" => wishes.python = Some(value()?.clone()),
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

    fn runs_own(&self) -> bool {
        self.run == Run::Ours
    }

    /// The budget of a set; one that only the full run has keeps it when it is named.
    fn budget(&self, set: &Set) -> Budget {
        let named = self.sets.iter().any(|name| name == set.name);
        if self.full || named && set.quick.seeds == 0 { set.full } else { set.quick }
    }
}

/// The engine behind the scorer's contract.
struct Engine {
    /// A changed engine has another name: rows are kept by it.
    name: String,
    program: PathBuf,
}

impl Engine {
    fn build() -> Result<Self> {
        process::run(process::cargo().args(["build", "--release", "-p", "symreg", "--example", "contract"]))?;
        Self::named()
    }

    fn named() -> Result<Self> {
        let program = process::target_folder()?.join("release/examples/contract");
        Ok(Self { name: format!("quorate-{}", Self::revision()?), program })
    }

    /// The state of the engine's sources: their tree, and what is changed in it.
    fn revision() -> Result<String> {
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            process::output(git.current_dir(process::root()).args(arguments))
        };
        let tree = git(&["rev-parse", "--short=10", &format!("HEAD:{SOURCES}")])?;
        let changed = git(&["diff", "HEAD", "--", SOURCES])?;
        if changed.is_empty() {
            return Ok(tree.trim().to_owned());
        }
        let digest = changed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Ok(format!("{}-{:08x}", tree.trim(), digest >> 32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_set_is_refused_with_the_known_ones() {
        let refused = Wishes::read(&["feinman".to_owned()]).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|text| text.contains("there are exercise, classroom")));
        let wishes = Wishes::read(&["noise".to_owned(), "--peers".to_owned()]).ok();
        assert!(wishes.is_some_and(|wishes| wishes.peers && wishes.sets == ["noise"]));
    }

    #[test]
    fn a_set_of_the_full_run_keeps_its_budget_when_it_is_named() {
        let named = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let wishes = Wishes::read(&words).ok()?;
            let ten = SETS.iter().find(|set| set.name == "core40-10s")?;
            Some(wishes.budget(ten).seeds)
        };
        assert_eq!((named(&[]), named(&["core40-10s"]), named(&["--full"])), (Some(0), Some(3), Some(3)));
    }
}
