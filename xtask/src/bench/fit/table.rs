//! The report: one table with the goals beside, then the problems that were missed and why.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

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
    /// A line for every engine, budget and noise level of a set; `own` is the engine under test, whose former states
    /// are left out and whose misses are listed.
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
        let former = |row: &&Value| text(row, "engine").starts_with("quorate-") && row["engine"] != own;
        for row in scored.iter().filter(|row| !former(row)) {
            groups.entry(key(row)).or_default().push(row);
        }
        for ((engine, budget, noise), group) in &groups {
            let set = if noise == "0" { name.to_owned() } else { format!("{name} {noise}") };
            let group_key = (engine.clone(), budget.clone(), noise.clone());
            let raw: Vec<&Value> = rows.iter().filter(|row| key(row) == group_key).collect();
            self.lines.push(line((&set, goal), engine, budget, (group, &raw)));
            if engine == own {
                self.bounds.note(&raw);
                let wanted = if noise == "0" { "rec_any" } else { "form_any" };
                let missed = group.iter().filter(|row| row[wanted] != true && row["family"] != "real");
                self.misses.extend(missed.map(|row| format!("{set}: {}", reason(row))));
            }
        }
    }

    /// A line of a set that needs no scorer: how many of the rows are as wanted.
    pub(super) fn add_counted(&mut self, (name, goal): (&str, &str), engine: &str, rows: &[(Value, bool)]) {
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

    /// Prints the table; `own` names the engine's state, whose commit `git log` knows.
    pub(super) fn print(&self, own: &str) {
        println!("\nengine under test: {own}\n");
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
        Some(row["out"]["evaluations"].as_f64()? / seconds)
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
        assert_eq!(report.misses, ["core: p (seed 1, 2.00 s) R2 0.7500 at best"]);
        assert!((report.bounds.peak_mb - 31.5).abs() < 1e-12 && report.lines.len() == 3);
    }
}
