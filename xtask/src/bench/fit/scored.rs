//! The sets of reference problems: run and scored by the outside scorer, which keeps finished rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::table::{self, Report};
use super::{Engine, Run, Set, Source, Wishes, tools};
use crate::process;

/// What peers have on real tables, whatever ours has: the goal compares ours with them at a tenth of their time.
const PEER_SECONDS: &str = "10";
/// Below least squares on all columns by more than this is a miss.
const BELOW: f64 = 0.01;
/// The comparison with least squares, in Python for the scorer's own splits.
const LINES: &str = include_str!("lines.py");

/// The reference problems and their scorer.
pub(super) struct Reference {
    shared: PathBuf,
    python: String,
    /// Peers by name, with the command that runs each.
    peers: Vec<(String, String)>,
}

/// A set that is being scored: our rows and the peers', in files of their own.
pub(super) struct Scoring {
    files: Vec<(Child, PathBuf, PathBuf)>,
    /// Least squares on all columns by problem and seed, for real tables.
    lines: BTreeMap<String, f64>,
}

impl Reference {
    pub(super) fn new(shared: PathBuf, wishes: &Wishes) -> Result<Self> {
        let packages = if wishes.peers { tools::PEERS.as_slice() } else { &tools::SCORER };
        let python = tools::python(wishes.python.as_deref(), &wishes.rows, packages)?;
        let adapters = shared.join("bench/fit/adapters");
        let mut peers = Vec::new();
        if wishes.peers {
            let own = tools::adapters(&adapters, &wishes.rows)?;
            for (name, file) in [("operon", "operon_a.py"), ("gplearn", "gplearn_a.py")] {
                peers.push((name.to_owned(), format!("{python} {}", own.join(file).display())));
            }
            let program = tools::crate_peer(&adapters.join("srrs"), &wishes.rows)?;
            peers.push(("srrs".to_owned(), program.display().to_string()));
        }
        Ok(Self { shared, python, peers })
    }

    /// Runs a set and starts scoring it.
    pub(super) fn run(&self, set: &Set, wishes: &Wishes, engine: &Engine) -> Result<Scoring> {
        let Source::Reference { pick, with_peers, .. } = &set.source else {
            bail!("{} has no rows", set.name)
        };
        let budget = wishes.budget(set);
        let rows = wishes.rows.join(format!("{}.jsonl", set.name));
        let of_peers = wishes.rows.join(format!("{}.peers.jsonl", set.name));
        let own = [(engine.name.clone(), engine.program.display().to_string())];
        for seed in 1..=budget.seeds.max(if wishes.run == Run::PeersAlone { set.full.seeds } else { 0 }) {
            if wishes.runs_own() {
                self.run_engines(set, &own, (budget.seconds, seed), &rows)?;
            }
            if *with_peers && !self.peers.is_empty() && wishes.run != Run::Nothing {
                let seconds = if pick[1].contains("real") { PEER_SECONDS } else { set.full.seconds };
                self.run_engines(set, &self.peers, (seconds, seed), &of_peers)?;
            }
        }
        let mut files = Vec::new();
        for rows in [rows, of_peers].into_iter().filter(|rows| rows.exists()) {
            let scored = rows.with_extension("scored.jsonl");
            let mut score = Command::new(&self.python);
            score.arg(self.scorer()).arg("score").arg(&rows).arg("--data").arg(self.data());
            score.arg("--out").arg(&scored).stdout(Stdio::null());
            files.push((score.spawn().context("cannot start the scorer")?, rows, scored));
        }
        let lines = if pick[1].contains("real") { self.lines(set.full.seeds)? } else { BTreeMap::new() };
        Ok(Scoring { files, lines })
    }

    /// Least squares on all columns, on the same splits of the real tables.
    fn lines(&self, seeds: u32) -> Result<BTreeMap<String, f64>> {
        let mut lines = Command::new(&self.python);
        lines.args(["-c", LINES]).arg(self.shared.join("bench/fit")).arg(self.data()).arg(seeds.to_string());
        let text = process::output(&mut lines)?;
        serde_json::from_str(text.trim()).context("the comparison with least squares told no JSON")
    }

    fn run_engines(
        &self,
        set: &Set,
        engines: &[(String, String)],
        (seconds, seed): (&str, u32),
        rows: &Path,
    ) -> Result<()> {
        let Source::Reference { pick, noise, .. } = set.source else { return Ok(()) };
        let mut bench = Command::new(&self.python);
        bench.current_dir(self.shared.join("bench/fit")).arg(self.scorer()).arg("run");
        for (name, command) in engines {
            bench.arg("--engine").arg(format!("{name}={command}"));
        }
        bench.args(pick).args(["--time", seconds, "--seeds", &seed.to_string(), "--noise", noise]);
        bench.args(["--jobs", "1", "--grace", "100", "--data"]).arg(self.data());
        println!("{}: {seconds} s, seed {seed}", set.name);
        process::run(bench.arg("--out").arg(rows))
    }

    fn scorer(&self) -> PathBuf {
        self.shared.join("bench/fit/bench.py")
    }

    fn data(&self) -> PathBuf {
        self.shared.join("data/fit")
    }
}

impl Scoring {
    /// Waits for the scorer and puts the set into the report.
    pub(super) fn finish(self, set: &Set, engine: &Engine, report: &mut Report) -> Result<()> {
        let (mut rows, mut scored) = (vec![], vec![]);
        for (mut scorer, raw, of_raw) in self.files {
            let status = scorer.wait().context("the scorer was started")?;
            if !status.success() {
                bail!("scoring {} failed ({status})", set.name);
            }
            rows.extend(table::read(&raw)?);
            scored.extend(table::read(&of_raw)?);
        }
        report.add_scored((set.name, set.goal), &engine.name, &scored, &rows);
        if !self.lines.is_empty() {
            report.add_lines(&engine.name, &scored, &self.lines, BELOW);
        }
        Ok(())
    }
}
