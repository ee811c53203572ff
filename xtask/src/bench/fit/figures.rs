//! Single figures: the same bytes on two threads, the speed of the evaluator and of the search beside that of peers, and the
//! packages' own comparisons with reference values. Kept with the state of the engine like the rows of the sets, each kind
//! as soon as it is measured.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::own;
use super::table::{self, Report};
use super::{Engine, Wishes, tools};
use crate::process;

/// Formulas tried to compare one thread with two.
const EVALUATIONS: &str = "400000";
/// Relative differences from statsmodels below this are rounding.
const ROUNDING: f64 = 1e-9;
/// pyoperon's loops, in its own language.
const OPERON: &str = include_str!("operon_speed.py");
/// The comparison of figures that are there with those made now.
const SAME: &str = include_str!("same.py");

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

/// A kind of figures, with what measures them.
type Kind = (&'static str, fn(&Engine, &Wishes) -> Result<Vec<Figure>>);

const KINDS: [Kind; 4] =
    [("threads", threads), ("speed", speed), ("reference", reference_values), ("statsmodels", statsmodels)];

/// All figures, measured now or kept.
pub(super) fn all(engine: &Engine, wishes: &Wishes, report: &mut Report) -> Result<()> {
    let path = wishes.rows.join("figures.jsonl");
    let kept = if path.exists() { table::read(&path)? } else { vec![] };
    for (kind, measure) in KINDS {
        let of_kind = |row: &&Value| row["kind"] == kind;
        let own = kept.iter().filter(of_kind).any(|row| row["engine"] == engine.name.as_str());
        if wishes.runs_own() && !own {
            println!("figures: {kind}");
            match measure(engine, wishes) {
                Ok(figures) => keep(&path, (engine, kind), &figures, report)?,
                // What can't be measured here leaves the rest as it is, and is tried again the next time.
                Err(error) => report.add_figure(kind, "", &format!("not measured: {error:#}")),
            }
            continue;
        }
        let last = kept.iter().rfind(of_kind).and_then(|row| row["engine"].as_str());
        let state = if own { Some(engine.name.as_str()) } else { last };
        for row in kept.iter().filter(of_kind).filter(|row| row["engine"].as_str() == state) {
            let word = |field: &str| row[field].as_str().unwrap_or_default();
            let by = if own { String::new() } else { format!(" ({})", state.unwrap_or_default()) };
            report.add_figure(word("what"), word("goal"), &format!("{}{by}", word("measured")));
        }
    }
    Ok(())
}

fn keep(path: &Path, (engine, kind): (&Engine, &str), figures: &[Figure], report: &mut Report) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    for Figure { what, goal, measured } in figures {
        report.add_figure(what, goal, measured);
        let row =
            json!({"engine": engine.name, "kind": kind, "what": what, "goal": goal, "measured": measured});
        writeln!(file, "{row}").with_context(|| format!("cannot write {}", path.display()))?;
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

/// The package's own bench of its loops, and the same of peers: a JSON object a line.
fn speed(_: &Engine, wishes: &Wishes) -> Result<Vec<Figure>> {
    let own = process::output(process::cargo().args(["bench", "-p", "symreg", "--bench", "speed"]))?;
    let mut beside: Vec<Value> = Vec::new();
    for peer in [operon(wishes), expressions(wishes)] {
        match peer {
            Ok(text) => beside.extend(objects(&text)?),
            Err(error) => println!("a peer's speed is not measured: {error:#}"),
        }
    }
    let word = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let figure = |own: &Value| {
        let peers: Vec<String> = beside
            .iter()
            .filter(|peer| peer["what"] == own["what"])
            .map(|peer| word(peer, "measured"))
            .collect();
        let beside = if peers.is_empty() { String::new() } else { format!("; {}", peers.join(", ")) };
        Figure::new(&word(own, "what"), &word(own, "goal"), word(own, "measured") + &beside)
    };
    Ok(objects(&own)?.iter().map(figure).collect())
}

fn operon(wishes: &Wishes) -> Result<String> {
    let python = tools::python(wishes.python.as_deref(), &wishes.rows, &tools::PEERS)?;
    process::output(Command::new(python).args(["-c", OPERON]))
}

fn expressions(wishes: &Wishes) -> Result<String> {
    process::output(&mut Command::new(tools::expressions(&wishes.rows)?))
}

/// The lines that are JSON objects.
fn objects(text: &str) -> Result<Vec<Value>> {
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))).collect()
}

/// The reference sets of NIST and the comparison with statsmodels, as the packages' own tests check them, with the worst
/// that they told.
fn reference_values(_: &Engine, _: &Wishes) -> Result<Vec<Figure>> {
    let mut found = Vec::new();
    let figures = [
        ("symreg", "nist", "NIST nonlinear", "both starts of all open sets"),
        ("linreg", "nist", "NIST linear", "13 digits on all 11 sets, errors 12"),
        ("linreg", "statsmodels", "statsmodels", "errors, intervals and p-values to 1e-10"),
    ];
    for (package, test, what, goal) in figures {
        let mut cargo = process::cargo();
        cargo.args(["test", "--no-fail-fast", "-p", package, "--test", test, "--", "--show-output"]);
        let told = cargo.output().with_context(|| format!("cannot test {package}"))?;
        let text = String::from_utf8_lossy(&told.stdout);
        let ended = |word: &str| {
            text.lines().filter(|line| line.starts_with("test ") && line.ends_with(word)).count()
        };
        let (good, bad) = (ended("... ok"), ended("... FAILED"));
        let worst = worst(&objects(&text)?);
        found.push(Figure::new(what, goal, format!("{good} of {} tests hold{worst}", good + bad)));
    }
    Ok(found)
}

/// The least of all figures of a name where less is worse, the greatest where more is.
fn worst(told: &[Value]) -> String {
    let mut worst: Vec<(String, f64)> = Vec::new();
    for one in told {
        for (field, is_worse) in [("least", f64::lt as fn(&f64, &f64) -> bool), ("most", f64::gt)] {
            let (Some(name), Some(value)) = (one["figure"].as_str(), one[field].as_f64()) else { continue };
            match worst.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) if is_worse(&value, known) => *known = value,
                Some(_) => {}
                None => worst.push((name.to_owned(), value)),
            }
        }
    }
    let short = |value: f64| if value.abs() < 1e-3 { format!("{value:.1e}") } else { format!("{value:.1}") };
    worst.into_iter().fold(String::new(), |told, (name, value)| told + "; " + &name + " " + &short(value))
}

/// The figures that the tests hold the engine to, made anew by the statsmodels of today.
fn statsmodels(_: &Engine, wishes: &Wishes) -> Result<Vec<Figure>> {
    let what = "statsmodels now against the figures of the tests";
    let goal = "the same but for rounding";
    let measured = figures_of_statsmodels(wishes)?;
    Ok(vec![Figure::new(what, goal, measured)])
}

fn figures_of_statsmodels(wishes: &Wishes) -> Result<String> {
    let python = tools::python(wishes.python.as_deref(), &wishes.rows, &tools::STATISTICS)?;
    let cases = process::root().join("engines/linreg/cases");
    let place = wishes.rows.join("statsmodels");
    copy_tables(&cases, &place)?;
    process::output(Command::new(&python).arg(place.join("make_expected.py")))?;
    let mut same = Command::new(&python);
    same.args(["-c", SAME]).arg(&cases).arg(&place).arg(ROUNDING.to_string());
    Ok(process::output(&mut same)?.trim().to_owned())
}

/// The tables and the script that makes the figures, in a folder of their own.
fn copy_tables(cases: &Path, place: &Path) -> Result<()> {
    let copy = |from: &Path, to: &Path| {
        fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
    };
    fs::create_dir_all(place)?;
    copy(&cases.join("make_expected.py"), &place.join("make_expected.py"))?;
    for entry in fs::read_dir(cases)? {
        let folder = entry?.path();
        let (table, Some(name)) = (folder.join("data.csv"), folder.file_name()) else { continue };
        if table.exists() {
            fs::create_dir_all(place.join(name))?;
            copy(&table, &place.join(name).join("data.csv"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_what_tests_told_is_shown() {
        let told =
            objects("x\n{\"figure\":\"digits\",\"least\":13.4}\n{\"figure\":\"digits\",\"least\":12.9}\n");
        assert_eq!(worst(&told.unwrap()), "; digits 12.9");
        let told = objects("{\"figure\":\"error\",\"most\":1e-12}\n{\"figure\":\"error\",\"most\":3e-11}\n");
        assert_eq!(worst(&told.unwrap()), "; error 3.0e-11");
        assert!(objects("{broken").is_err());
    }
}
