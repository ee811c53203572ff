//! The sets of reference problems: run and scored by the outside scorer, which keeps finished rows.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::table::{self, Report};
use super::{Budget, Engine, Set, Source, Wishes, tools};
use crate::process;

/// What peers have on real tables, whatever ours has: the goal compares ours with them at a tenth of their time.
const PEER_SECONDS: &str = "10";

/// The reference problems and their scorer.
pub(super) struct Reference {
    shared: PathBuf,
    python: String,
    /// Peers by name, with the command that runs each.
    peers: Vec<(String, String)>,
}

/// A set that is being scored.
pub(super) struct Scoring {
    scorer: Child,
    rows: PathBuf,
    scored: PathBuf,
}

impl Reference {
    pub(super) fn new(shared: PathBuf, wishes: &Wishes) -> Result<Self> {
        let python = tools::python(wishes.python.as_deref(), &wishes.rows, wishes.peers)?;
        let adapters = shared.join("bench/fit/adapters");
        let mut peers = Vec::new();
        if wishes.peers {
            for (name, file) in [("operon", "operon_a.py"), ("gplearn", "gplearn_a.py")] {
                peers.push((name.to_owned(), format!("{python} {}", adapters.join(file).display())));
            }
            let program = tools::crate_peer(&adapters.join("srrs"), &wishes.rows)?;
            peers.push(("srrs".to_owned(), program.display().to_string()));
        }
        Ok(Self { shared, python, peers })
    }

    /// Runs a set and starts scoring it.
    pub(super) fn run(&self, set: &Set, wishes: &Wishes, engine: &Engine) -> Result<Scoring> {
        let budget = wishes.budget(set);
        let rows = wishes.rows.join(format!("{}.jsonl", set.name));
        let scored = wishes.rows.join(format!("{}.scored.jsonl", set.name));
        let own = [(engine.name.clone(), engine.program.display().to_string())];
        if self.peers_run_in(set) {
            let seconds = if budget.seconds == "1" { PEER_SECONDS } else { budget.seconds };
            if seconds == budget.seconds {
                let all: Vec<_> = own.into_iter().chain(self.peers.iter().cloned()).collect();
                self.run_engines(set, &all, budget, &rows)?;
            } else {
                self.run_engines(set, &own, budget, &rows)?;
                self.run_engines(set, &self.peers, Budget { seconds, ..budget }, &rows)?;
            }
        } else {
            self.run_engines(set, &own, budget, &rows)?;
        }
        let mut score = Command::new(&self.python);
        score.arg(self.scorer()).arg("score").arg(&rows).arg("--data").arg(self.data());
        score.arg("--out").arg(&scored).stdout(Stdio::null());
        let scorer = score.spawn().context("cannot start the scorer")?;
        Ok(Scoring { scorer, rows, scored })
    }

    fn peers_run_in(&self, set: &Set) -> bool {
        !self.peers.is_empty() && matches!(set.source, Source::Reference { with_peers: true, .. })
    }

    fn run_engines(
        &self,
        set: &Set,
        engines: &[(String, String)],
        budget: Budget,
        rows: &Path,
    ) -> Result<()> {
        let Source::Reference { pick, noise, .. } = set.source else { return Ok(()) };
        let seeds: Vec<String> = (1..=budget.seeds).map(|seed| seed.to_string()).collect();
        let mut bench = Command::new(&self.python);
        bench.current_dir(self.shared.join("bench/fit")).arg(self.scorer()).arg("run");
        for (name, command) in engines {
            bench.arg("--engine").arg(format!("{name}={command}"));
        }
        bench.args(pick).args(["--time", budget.seconds, "--seeds", &seeds.join(","), "--noise", noise]);
        bench.args(["--jobs", "1", "--grace", "20", "--data"]).arg(self.data());
        println!("{}: {} s, {} seed(s)", set.name, budget.seconds, budget.seeds);
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
    pub(super) fn finish(mut self, set: &Set, engine: &Engine, report: &mut Report) -> Result<()> {
        let status = self.scorer.wait().context("the scorer was started")?;
        if !status.success() {
            bail!("scoring {} failed ({status})", set.name);
        }
        let (rows, scored) = (table::read(&self.rows)?, table::read(&self.scored)?);
        report.add_scored((set.name, set.goal), &engine.name, &scored, &rows);
        Ok(())
    }
}
