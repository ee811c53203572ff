//! What needs no scorer: the laws among the package's cases, and tables of pure noise.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::table::{self, Report};
use super::{Engine, Set, Wishes};
use crate::process;

/// Rows and inputs of a table of noise.
const NOISE: (usize, usize) = (50, 3);
/// The word for «no formula is better than the mean» in the engine's choice.
const MEAN: &str = "mean";

/// Kept rows of a set, by engine, problem and budget.
struct Kept {
    path: PathBuf,
    rows: Vec<Value>,
}

impl Kept {
    fn open(set: &Set, wishes: &Wishes) -> Result<Self> {
        let path = wishes.rows.join(format!("{}.jsonl", set.name));
        let rows = if path.exists() { table::read(&path)? } else { vec![] };
        Ok(Self { path, rows })
    }

    /// The row of a problem, kept or made now; where nothing is run, the last one that any state of the engine made.
    fn row(
        &mut self,
        (engine, problem, budget): (&Engine, &str, &str),
        wanted: &str,
        (file, runs): (&Path, bool),
    ) -> Result<Option<Value>> {
        let seconds: f64 = budget.parse().context("a budget is a number")?;
        let same = |row: &&Value| {
            row["engine"] == engine.name.as_str() && row["problem"] == problem && row["budget"] == seconds
        };
        if let Some(known) = self.rows.iter().find(same) {
            return Ok(Some(known.clone()));
        }
        if !runs {
            let other = |row: &&Value| row["problem"] == problem && row["budget"] == seconds;
            return Ok(self.rows.iter().rfind(other).cloned());
        }
        let out = contract(engine, file, &["--time", budget])?;
        let row = json!({"engine": engine.name, "problem": problem, "budget": seconds, "wanted": wanted, "out": out});
        let mut kept = OpenOptions::new().create(true).append(true).open(&self.path)?;
        writeln!(kept, "{row}").with_context(|| format!("cannot write {}", self.path.display()))?;
        self.rows.push(row.clone());
        Ok(Some(row))
    }
}

/// Runs the engine on a table; the last line it prints is its answer.
pub(super) fn contract(engine: &Engine, file: &Path, options: &[&str]) -> Result<Value> {
    let text = process::output(Command::new(&engine.program).arg(file).args(options))?;
    let line = text.lines().rfind(|line| line.starts_with('{')).context("the engine printed no answer")?;
    serde_json::from_str(line).context("the engine's answer is not JSON")
}

/// The cases of the package: the choice has to be the law beside the table.
pub(super) fn laws(set: &Set, wishes: &Wishes, engine: &Engine, report: &mut Report) -> Result<()> {
    let budget = wishes.budget(set);
    let mut kept = Kept::open(set, wishes)?;
    let cases = process::root().join("engines/symreg/cases");
    let names: BTreeSet<String> = fs::read_dir(&cases)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| cases.join(name).join("expected.txt").exists())
        .collect();
    let mut rows = Vec::new();
    for name in names {
        let wanted = fs::read_to_string(cases.join(&name).join("expected.txt"))?;
        let file = cases.join(&name).join("table.csv");
        let row = kept.row((engine, &name, budget.seconds), wanted.trim(), (&file, wishes.runs_own()))?;
        let Some(row) = row else { continue };
        let good = row["out"]["choice"] == wanted.trim();
        rows.push((row, good));
    }
    println!("{}: {} cases", set.name, rows.len());
    report.add_counted((set.name, set.goal), &rows);
    Ok(())
}

/// Tables whose target has nothing to do with the inputs.
pub(super) fn pure_noise(set: &Set, wishes: &Wishes, engine: &Engine, report: &mut Report) -> Result<()> {
    let budget = wishes.budget(set);
    let mut kept = Kept::open(set, wishes)?;
    let mut rows = Vec::new();
    for seed in 1..=budget.seeds {
        let file = wishes.rows.join("noise.csv");
        fs::write(&file, noise(u64::from(seed)))?;
        let place = (engine, &*format!("noise {seed}"), budget.seconds);
        let Some(row) = kept.row(place, MEAN, (&file, wishes.runs_own()))? else { continue };
        let good = row["out"]["choice"] == MEAN;
        rows.push((row, good));
    }
    println!("{}: {} tables", set.name, rows.len());
    report.add_counted((set.name, set.goal), &rows);
    Ok(())
}

/// A table of normal deviates, by Box and Muller from the splitmix64 stream of the seed.
pub(super) fn noise(seed: u64) -> String {
    let mut state = seed;
    let mut unit = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || (-2.0 * (1.0 - unit()).ln()).sqrt() * (std::f64::consts::TAU * unit()).cos();
    let (rows, inputs) = NOISE;
    let names: Vec<String> = (1..=inputs).map(|input| format!("x{input}")).collect();
    let mut text = format!("{},y\n", names.join(","));
    for _ in 0..rows {
        let cells: Vec<String> = (0..=inputs).map(|_| normal().to_string()).collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_noise_is_the_same_every_time_and_normal() {
        let text = noise(7);
        assert_eq!((text.clone(), text.lines().count()), (noise(7), 51));
        assert_ne!(text, noise(8));
        let cells: Vec<f64> = text
            .lines()
            .skip(1)
            .flat_map(|line| line.split(','))
            .filter_map(|cell| cell.parse().ok())
            .collect();
        let mean = cells.iter().sum::<f64>() / cells.len() as f64;
        let variance = cells.iter().map(|cell| (cell - mean).powi(2)).sum::<f64>() / cells.len() as f64;
        assert!(cells.len() == 200 && mean.abs() < 0.3 && (variance - 1.0).abs() < 0.4, "{mean} {variance}");
    }
}
