//! The report: one table with the goals beside, then the problems that were missed and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::SOURCES;
use crate::process;

/// Lines of the table and of the list of misses.
#[derive(Default)]
pub(super) struct Report {
    lines: Vec<String>,
    misses: Vec<String>,
    bounds: Bounds,
}

/// The most any row took: memory, and what an observer waited.
#[derive(Default)]
struct Bounds {
    peak_mb: f64,
    first_event_s: f64,
    silence_s: f64,
    after_stop_s: f64,
}

impl Bounds {
    fn note(&mut self, rows: &[&Value]) {
        let most = |field: &str, known: f64| {
            rows.iter().filter_map(|row| row["out"][field].as_f64()).fold(known, f64::max)
        };
        *self = Self {
            peak_mb: most("peak_mb", self.peak_mb),
            first_event_s: most("first_event_s", self.first_event_s),
            silence_s: most("longest_silence_s", self.silence_s),
            after_stop_s: most("after_stop_s", self.after_stop_s),
        };
    }
}

impl Report {
    /// A line for every engine, budget and noise level of a set; `own` is the engine under test, whose misses are listed.
    /// Where it has no rows, those of the last other state are shown.
    pub(super) fn add_scored(
        &mut self,
        (name, goal): (&str, &str),
        own: &str,
        scored: &[Value],
        rows: &[Value],
    ) {
        let mut groups: BTreeMap<(String, String, String), Vec<&Value>> = BTreeMap::new();
        let key = |row: &Value| {
            let number = |field: &str| row[field].as_f64().unwrap_or_default().to_string();
            (text(row, "engine"), number("budget"), number("noise"))
        };
        for row in scored {
            groups.entry(key(row)).or_default().push(row);
        }
        let is_own = |engine: &str| engine.starts_with("quorate-");
        let shown = |(engine, budget, noise): &(String, String, String)| {
            let kind = |row: &&Value| {
                let (other, b, n) = key(row);
                is_own(&other) && b == *budget && n == *noise
            };
            let present = scored.iter().filter(kind).any(|row| row["engine"] == own);
            let last = scored.iter().rfind(kind).map(|row| text(row, "engine"));
            !is_own(engine) || engine == own || !present && last.as_ref() == Some(engine)
        };
        groups.retain(|key, _| shown(key));
        for ((engine, budget, noise), group) in &groups {
            let set = if noise == "0" { name.to_owned() } else { format!("{name} {noise}") };
            let group_key = (engine.clone(), budget.clone(), noise.clone());
            let raw: Vec<&Value> = rows.iter().filter(|row| key(row) == group_key).collect();
            self.lines.push(line((&set, goal), engine, budget, (group, &raw)));
            if is_own(engine) {
                self.bounds.note(&raw);
                let wanted = if noise == "0" { "rec_any" } else { "form_any" };
                let missed = group.iter().filter(|row| row[wanted] != true && row["family"] != "real");
                let by = if engine == own { String::new() } else { format!(" ({engine})") };
                self.misses.extend(missed.map(|row| format!("{set}, {budget} s: {}{by}", reason(row))));
            }
        }
    }

    /// How often the choice of each engine is worse on the test rows than least squares on all columns.
    pub(super) fn add_lines(
        &mut self,
        own: &str,
        scored: &[Value],
        lines: &BTreeMap<String, f64>,
        below: f64,
    ) {
        let mut engines: BTreeMap<(String, String), Vec<(String, f64)>> = BTreeMap::new();
        for row in scored {
            let problem = text(row, "problem");
            let key = format!("{problem} {}", row["seed"].as_u64().unwrap_or_default());
            let Some(line) = lines.get(&key) else { continue };
            let lost = line - row["r2_own"].as_f64().unwrap_or(f64::NEG_INFINITY);
            let budget = row["budget"].as_f64().unwrap_or_default().to_string();
            engines.entry((text(row, "engine"), budget)).or_default().push((problem, lost));
        }
        engines.retain(|(engine, _), _| !engine.starts_with("quorate-") || engine == own);
        for ((engine, budget), losses) in engines {
            let worse: Vec<&(String, f64)> = losses.iter().filter(|(_, lost)| *lost > below).collect();
            let (count, of) = (worse.len(), losses.len());
            self.lines.push(format!(
                "| tables below least squares - {below} | none | {engine} | {budget} | {of} | {count} | - | - | - | - | - |"
            ));
            if engine == own {
                let told = worse.iter().map(|(problem, lost)| {
                    format!("tables, {budget} s: the choice for {problem} is {lost:.3} below least squares on the test rows")
                });
                self.misses.extend(told);
            }
        }
    }

    /// A line of a set that needs no scorer: how many of the rows are as wanted.
    pub(super) fn add_counted(&mut self, (name, goal): (&str, &str), rows: &[(Value, bool)]) {
        let mut engines: Vec<String> = rows.iter().map(|(row, _)| text(row, "engine")).collect();
        engines.sort_unstable();
        engines.dedup();
        if rows.is_empty() {
            return;
        }
        let engine = engines.join(" and ");
        let seconds: Vec<f64> = rows.iter().filter_map(|(row, _)| row["out"]["cpu_s"].as_f64()).collect();
        let good = rows.iter().filter(|(_, good)| *good).count();
        let raw: Vec<&Value> = rows.iter().map(|(row, _)| row).collect();
        self.bounds.note(&raw);
        let budget = raw.first().map_or(0.0, |row| row["budget"].as_f64().unwrap_or_default());
        let most = seconds.iter().copied().fold(0.0, f64::max);
        self.lines.push(format!(
            "| {name} | {goal} | {engine} | {budget} | {} | {good} | - | - | - | {:.3} / {most:.3} | {} |",
            rows.len(),
            median(seconds),
            speed(&raw),
        ));
        for (row, _) in rows.iter().filter(|(_, good)| !good) {
            let (found, wanted) = (text(&row["out"], "choice"), text(row, "wanted"));
            self.misses.push(format!("{name}: {} chose {found} instead of {wanted}", text(row, "problem")));
        }
    }

    /// A line with one measured figure.
    pub(super) fn add_figure(&mut self, name: &str, goal: &str, measured: &str) {
        self.lines.push(format!("| {name} | {goal} | {measured} | | | | | | | | |"));
    }

    /// The states of the engine in the table.
    fn states(&self) -> impl Iterator<Item = String> {
        let words = self.lines.iter().flat_map(|line| line.split([' ', '|', '(', ')']));
        let states: BTreeSet<String> =
            words.filter(|word| word.starts_with("quorate-")).map(str::to_owned).collect();
        states.into_iter()
    }

    /// Prints the table; `own` names the engine's state, with its commit.
    pub(super) fn print(&self, own: &str) {
        println!("\nengine under test: {own}");
        for state in self.states().filter(|state| state != own) {
            println!(
                "another state: {state}, commit {}",
                commit(&state).unwrap_or_else(|| "unknown".to_owned())
            );
        }
        println!("its commit: {}\n", commit(own).unwrap_or_else(|| "none yet".to_owned()));
        println!(
            "| set | goal | engine or figure | budget, CPU s | problems | recovered | right form | R2 | size | CPU s: median / most | structures/s |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for line in &self.lines {
            println!("{line}");
        }
        let Bounds { peak_mb, first_event_s, silence_s, after_stop_s } = &self.bounds;
        let figures = [
            ("peak memory", "under 200 MB", format!("{peak_mb:.0} MB")),
            ("first event, CPU", "10 ms", format!("{:.1} ms", 1e3 * first_event_s)),
            ("longest silence, CPU", "50 ms", format!("{:.0} ms", 1e3 * silence_s)),
            ("from stop to result, CPU", "50 ms", format!("{:.0} ms", 1e3 * after_stop_s)),
        ];
        for (what, goal, measured) in figures {
            println!("| {what} | {goal} | {measured} | | | | | | | | |");
        }
        println!("\nMissed ({}):", self.misses.len());
        for miss in &self.misses {
            println!("- {miss}");
        }
    }
}

/// The first commit with this state of the engine's sources.
fn commit(state: &str) -> Option<String> {
    let git = |arguments: &[&str]| {
        process::output(Command::new("git").current_dir(process::root()).args(arguments)).ok()
    };
    let wanted = state.strip_prefix("quorate-")?;
    let commits = git(&["log", "--format=%h", "-n", "300", "--", SOURCES])?;
    let has = |commit: &&str| {
        git(&["rev-parse", "--short=10", &format!("{commit}:{SOURCES}")])
            .is_some_and(|tree| tree.trim() == wanted)
    };
    commits.lines().rfind(has).map(str::to_owned)
}

fn line(
    (set, goal): (&str, &str),
    engine: &str,
    budget: &str,
    (scored, raw): (&[&Value], &[&Value]),
) -> String {
    let count = |field: &str| scored.iter().filter(|row| row[field] == true).count();
    let middle = |field: &str| median(scored.iter().filter_map(|row| row[field].as_f64()).collect());
    let most = scored.iter().filter_map(|row| row["cpu_s"].as_f64()).fold(0.0, f64::max);
    format!(
        "| {set} | {goal} | {engine} | {budget} | {} | {} | {} | {:.4} | {:.0} | {:.3} / {most:.3} | {} |",
        scored.len(),
        count("rec_any"),
        count("form_any"),
        middle("r2_own"),
        middle("size_own"),
        middle("cpu_s"),
        speed(raw),
    )
}

/// Structures a second, over the rows that took long enough to tell.
fn speed(rows: &[&Value]) -> String {
    let speed = |row: &&Value| {
        let seconds = row["out"]["cpu_s"].as_f64().filter(|seconds| *seconds > 0.5)?;
        let evaluations = &row["out"]["evaluations"];
        // Operon counts for each of its evaluators; the one that fits comes last.
        let evaluations = evaluations.as_f64().or_else(|| evaluations.as_array()?.last()?.as_f64())?;
        Some(evaluations / seconds)
    };
    let speeds: Vec<f64> = rows.iter().filter_map(speed).collect();
    if speeds.is_empty() { "-".to_owned() } else { format!("{:.0}", median(speeds)) }
}

/// What came instead of the law.
fn reason(row: &Value) -> String {
    let (problem, seed) = (text(row, "problem"), row["seed"].as_u64().unwrap_or_default());
    let seconds = row["cpu_s"].as_f64().unwrap_or_default();
    let best = row["r2_top"].as_f64().unwrap_or(f64::NEG_INFINITY);
    let what = match row["error"].as_str() {
        Some(error) => error.to_owned(),
        None if 1.0 - best < 1e-9 => "fits to the last digits in another form".to_owned(),
        None if best > 0.999 => format!("comes close, 1 - R2 = {:.1e}, not to the form", 1.0 - best),
        None => format!("R2 {best:.4} at best"),
    };
    format!("{problem} (seed {seed}, {seconds:.2} s) {what}")
}

pub(super) fn read(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines().map(|line| serde_json::from_str(line).context("a kept row is not JSON")).collect()
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
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
    fn what_the_present_state_lacks_is_shown_of_the_last_one() {
        let row = |engine: &str, budget: f64| json!({"engine": engine, "noise": 0.0, "budget": budget, "problem": "p", "seed": 1, "rec_any": true});
        let scored =
            [row("quorate-a", 10.0), row("quorate-b", 10.0), row("quorate-a", 1.0), row("quorate-c", 1.0)];
        let mut report = Report::default();
        report.add_scored(("core", "28"), "quorate-c", &scored, &[]);
        let engines: Vec<&str> = report.lines.iter().filter_map(|line| line.split('|').nth(3)).collect();
        assert_eq!(engines, [" quorate-b ", " quorate-c "]);
    }

    #[test]
    fn rows_are_counted_by_engine_and_noise_without_former_states() {
        let row = |engine: &str, noise: f64, recovered: bool| {
            json!({"engine": engine, "noise": noise, "budget": 1.0, "problem": "p", "seed": 1, "rec_any": recovered,
                "form_any": true, "r2_own": 0.5, "r2_top": 0.75, "size_own": 7, "cpu_s": 2.0})
        };
        let scored = [
            row("quorate-b", 0.0, true),
            row("quorate-b", 0.0, false),
            row("peer", 0.0, false),
            row("quorate-b", 0.1, true),
            row("quorate-a", 0.0, true),
        ];
        let rows = [json!({"engine": "quorate-b", "noise": 0.0, "budget": 1.0,
            "out": {"cpu_s": 2.0, "evaluations": 3000, "peak_mb": 31.5}})];
        let mut report = Report::default();
        report.add_scored(("core", "28"), "quorate-b", &scored, &rows);
        let ours = "| core | 28 | quorate-b | 1 | 2 | 1 | 2 | 0.5000 | 7 | 2.000 / 2.000 | 1500 |";
        assert_eq!(report.lines[1], ours);
        assert!(report.lines[0].starts_with("| core | 28 | peer | 1 | 1 | 0 |"), "{:?}", report.lines);
        assert!(report.lines[2].starts_with("| core 0.1 | 28 | quorate-b | 1 | 1 | 1 |"));
        assert_eq!(report.misses, ["core, 1 s: p (seed 1, 2.00 s) R2 0.7500 at best"]);
        assert!((report.bounds.peak_mb - 31.5).abs() < 1e-12 && report.lines.len() == 3);
    }
}
