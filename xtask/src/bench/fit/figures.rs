//! Single figures: the same bytes on two threads, the speed of the evaluator and of the search, and the packages' own
//! comparisons with reference values. Kept with the state of the engine like the rows of the sets.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::own;
use super::table::{self, Report};
use super::{Engine, Wishes};
use crate::process;

/// Formulas tried to compare one thread with two.
const EVALUATIONS: &str = "400000";

/// What others reach, recorded on one core with AVX-512 when the goals were set: loops compiled without an interpreter, the
/// crate `dynamic_expressions` 0.10, pyoperon 0.6 (single precision).
const RECORDED: [(&str, &str); 4] = [
    ("evaluation, + - * /, 1024 rows", " (recorded: ceiling 35, dynamic_expressions 12.9, Operon 4.4)"),
    ("evaluation, mixed, 1024 rows", " (recorded: dynamic_expressions 1.2, Operon 3.0)"),
    ("evaluation, + - * /, 32 rows", " (recorded: dynamic_expressions 1.2, Operon 0.27)"),
    ("structures fitted, 128 rows", " (recorded: Operon 13,000/s)"),
];

/// Something measured.
struct Figure {
    what: String,
    goal: String,
    measured: String,
}

impl Figure {
    fn new(what: &str, goal: &str, measured: String) -> Self {
        Self { what: what.to_owned(), goal: goal.to_owned(), measured }
    }
}

/// All figures, measured now or kept.
pub(super) fn all(engine: &Engine, wishes: &Wishes, report: &mut Report) -> Result<()> {
    let path = wishes.rows.join("figures.jsonl");
    let kept = if path.exists() { table::read(&path)? } else { vec![] };
    let own = |row: &&Value| row["engine"] == engine.name.as_str();
    let present = kept.iter().filter(own).count() > 0;
    if wishes.runs_own() && wishes.full && !present {
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        for figures in [threads(engine, wishes)?, speed()?, reference_values()?] {
            for Figure { what, goal, measured } in figures {
                report.add_figure(&what, &goal, &measured);
                let row = json!({"engine": engine.name, "what": what, "goal": goal, "measured": measured});
                writeln!(file, "{row}").with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        return Ok(());
    }
    let state =
        if present { Some(engine.name.as_str()) } else { kept.last().and_then(|row| row["engine"].as_str()) };
    for row in kept.iter().filter(|row| row["engine"].as_str() == state) {
        let word = |field: &str| row[field].as_str().unwrap_or_default();
        let by = if present { String::new() } else { format!(" ({})", state.unwrap_or_default()) };
        report.add_figure(word("what"), word("goal"), &format!("{}{by}", word("measured")));
    }
    Ok(())
}

/// One thread against two under the same budget of evaluations: the same answer, and how much sooner.
fn threads(engine: &Engine, wishes: &Wishes) -> Result<Vec<Figure>> {
    let file = wishes.rows.join("threads.csv");
    fs::write(&file, own::noise(1))?;
    let run = |threads: &str| -> Result<(f64, Value)> {
        let begun = Instant::now();
        let options = ["--time", "600", "--evaluations", EVALUATIONS, "--threads", threads];
        let out = own::contract(engine, &file, &options)?;
        Ok((begun.elapsed().as_secs_f64(), out))
    };
    let ((one, first), (two, second)) = (run("1")?, run("2")?);
    let answer = |out: &Value| json!([out["front"], out["best"], out["reasons"], out["evaluations"]]);
    let same = if answer(&first) == answer(&second) { "the same answer" } else { "ANOTHER ANSWER" };
    let measured = format!("{:.2} x by the wall clock, {same}", one / two);
    Ok(vec![Figure::new("two threads", "1.9 x, the same bytes", measured)])
}

/// The package's own bench of its loops: a JSON object a line.
fn speed() -> Result<Vec<Figure>> {
    let text = process::output(process::cargo().args(["bench", "-p", "symreg", "--bench", "speed"]))?;
    let lines = text.lines().filter(|line| line.starts_with('{'));
    let read = |line: &str| -> Result<Figure> {
        let figure: Value = serde_json::from_str(line).context("a figure is not JSON")?;
        let word = |field: &str| figure[field].as_str().unwrap_or_default().to_owned();
        let beside = RECORDED.iter().find(|(what, _)| *what == word("what")).map_or("", |(_, told)| told);
        Ok(Figure::new(&word("what"), &format!("{}{beside}", word("goal")), word("measured")))
    };
    lines.map(read).collect()
}

/// The reference sets of NIST and the comparison with statsmodels, as the packages' own tests check them.
fn reference_values() -> Result<Vec<Figure>> {
    let mut found = Vec::new();
    let figures = [
        ("symreg", "nist", "NIST nonlinear", "both starts of all open sets"),
        ("linreg", "nist", "NIST linear", "13 digits on all 11 sets, errors 12"),
        ("linreg", "statsmodels", "statsmodels", "errors, intervals and p-values to 1e-10"),
    ];
    for (package, test, what, goal) in figures {
        let mut cargo = process::cargo();
        cargo.args(["test", "--release", "--no-fail-fast", "-p", package, "--test", test]);
        let told = cargo.output().with_context(|| format!("cannot test {package}"))?;
        let text = String::from_utf8_lossy(&told.stdout);
        let ended = |word: &str| {
            text.lines().filter(|line| line.starts_with("test ") && line.ends_with(word)).count()
        };
        let (good, bad) = (ended("... ok"), ended("... FAILED"));
        found.push(Figure::new(what, goal, format!("{good} of {} tests hold", good + bad)));
    }
    Ok(found)
}
