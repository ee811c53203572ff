//! Runs the engine under the command-line contract of formula-finding benches:
//! `contract TRAIN.csv --time SECONDS --threads N --seed S [--noise-free] [--ops add,sub,...] [--max-size N]`.
//! The last line on stdout is one JSON object with the front and the choice, how long the observer waited for the first
//! event and at most between two, how long the end took after a stop, and the memory held at most. Time is CPU time
//! per thread.

use std::error::Error;
use std::time::Instant;

use serde_json::json;
use symreg::{Control, OperatorSet, Options, Outcome, Table, search};

struct Arguments {
    path: String,
    seconds: f64,
    options: Options,
}

#[expect(clippy::print_stdout, reason = "the contract is a line on stdout")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let table = read(&std::fs::read_to_string(&arguments.path)?)?;
    let start = Instant::now();
    let mut waits = Waits { seen: own_seconds(), ..Waits::default() };
    let report = search(&table, &arguments.options, None, &mut |_| waits.hear(&arguments))?;
    let after_stop = waits.stopped.map(|at| own_seconds() - at);
    let outcome = report.value;
    let front: Vec<_> = outcome
        .front
        .iter()
        .map(|m| json!({"expr": m.expr.text(), "size": m.size, "mse": m.mse, "dl": m.description_length}))
        .collect();
    let line = json!({
        "engine": "quorate", "version": env!("CARGO_PKG_VERSION"),
        "wall_s": start.elapsed().as_secs_f64(), "cpu_s": cpu_seconds(),
        "first_event_s": waits.first, "longest_silence_s": waits.longest, "after_stop_s": after_stop, "evaluations": outcome.evaluations, "front": front, "best": outcome.chosen,
        "reasons": outcome.reasons, "findings": report.findings, "choice": choice(&outcome), "peak_mb": peak_mb(),
    });
    println!("{line}");
    Ok(())
}

/// How long the observer waited.
#[derive(Default)]
struct Waits {
    seen: f64,
    first: Option<f64>,
    longest: f64,
    stopped: Option<f64>,
}

impl Waits {
    fn hear(&mut self, arguments: &Arguments) -> Control {
        let now = own_seconds();
        let wait = now - self.seen;
        self.seen = now;
        self.first.get_or_insert(wait);
        self.longest = self.longest.max(wait);
        if cpu_seconds() < arguments.seconds * arguments.options.threads as f64 {
            return Control::Continue;
        }
        self.stopped.get_or_insert(now);
        Control::Stop
    }
}

/// The choice with four digits, or that nothing is better than the mean.
fn choice(outcome: &Outcome) -> String {
    let is_mean = |code: &str| matches!(code, "nothing-better-than-the-mean" | "no-allowed-formula");
    if outcome.reasons.iter().any(|reason| is_mean(&reason.code)) {
        return "mean".to_owned();
    }
    outcome.chosen.map_or_else(String::new, |index| outcome.front[index].expr.rounded(4).text())
}

/// The most memory this process has held, from the kernel; none where there is no such file.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// The time the first thread of this process has run, from the kernel, to the nanosecond; zero where there is no such file.
fn own_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).map_or(0.0, |ns| ns / 1e9)
}

/// User and system time of this process, from the kernel; wall time where there is no such file.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let path = given.next().ok_or("contract TRAIN.csv --time SECONDS ...")?;
    let mut result = Arguments { path, seconds: 10.0, options: Options::default() };
    result.options.max_evaluations = u64::MAX;
    while let Some(flag) = given.next() {
        let options = &mut result.options;
        let mut value = || given.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--time" => result.seconds = value()?.parse()?,
            "--threads" => options.threads = value()?.parse()?,
            "--seed" => options.seed = value()?.parse()?,
            "--max-size" => options.max_size = value()?.parse()?,
            "--evaluations" => options.max_evaluations = value()?.parse()?,
            "--ops" => {
                let names: Vec<String> = value()?.split(',').map(str::to_owned).collect();
                options.operators = OperatorSet::from_names(&names)?;
            }
            "--noise-free" => options.noise_free = true,
            other => return Err(format!("unknown flag {other}").into()),
        }
    }
    Ok(result)
}

fn read(text: &str) -> Result<Table, Box<dyn Error>> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut names: Vec<String> =
        lines.next().ok_or("the table is empty")?.split(',').map(|name| name.trim().to_owned()).collect();
    let mut columns = vec![Vec::new(); names.len()];
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line.split(',')) {
            column.push(cell.trim().parse::<f64>()?);
        }
    }
    let target = columns.pop().ok_or("no columns")?;
    let target_name = names.pop().ok_or("no names")?;
    Ok(Table::new(names, columns, target_name, target)?)
}
