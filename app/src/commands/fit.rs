//! `quorate fit`: finds the formula of a table, without a server.

#![expect(clippy::print_stdout, reason = "prints what it found")]

mod report;

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::RangedU64ValueParser;
use contracts::finding::Finding;
use contracts::table::Values;
use harness::analysis::finding;
use harness::processor_time;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use symreg::{Control, Event, OperatorSet, Options, Table};

use super::Coded;

/// Finds the formula that explains one column of a table by the others.
#[derive(Args)]
pub(crate) struct Fit {
    /// A CSV or TSV file with a header, - for standard input; delimiter and decimal sign are found out.
    file: PathBuf,
    /// The column to explain; the last one with numbers if not given.
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// The columns to explain it by; all others with numbers if not given.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    inputs: Vec<String>,
    /// Processor seconds to spend per thread.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, allow_negative_numbers = true)]
    time: f64,
    /// Threads; they change the time, never the result of the same work.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = within::<usize>(1, 256))]
    threads: usize,
    /// The seed of all chance.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Formulas to try at most, a budget that is the same on every machine.
    #[arg(long, value_name = "N", value_parser = within::<u64>(1, u64::MAX / 4))]
    evaluations: Option<u64>,
    /// The target is exact: stop at the first formula that fits it to rounding.
    #[arg(long)]
    noise_free: bool,
    /// What formulas may be made of: add, sub, mul, div, pow, sqrt, exp, log, sin, …
    #[arg(long = "ops", value_name = "NAME,…", value_delimiter = ',')]
    operators: Vec<String>,
    /// The largest formula, in nodes.
    #[arg(long, value_name = "N", value_parser = within::<usize>(1, 1000))]
    max_size: Option<usize>,
    /// Prints one JSON object as the last line.
    #[arg(long)]
    json: bool,
}

impl Fit {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let options = self.options()?;
        let (table, mut findings) = self.table()?;
        let clock = Clock::start(self.threads);
        let bar = self.bar();
        let found = symreg::search(&table, &options, None, &mut |event| self.watch(event, &clock, &bar));
        bar.finish_and_clear();
        let found = found.map_err(|e| unusable(&self.file, &e))?;
        findings.extend(
            finding::publish_all(&found.findings).map_err(|problem| anyhow::anyhow!(problem.detail))?,
        );
        if self.json {
            println!("{}", report::json(&found.value, clock.wall_s(), clock.processor_s()));
        } else {
            print!("{}", report::text(&found.value, &table, &findings));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn options(&self) -> anyhow::Result<Options> {
        let usage = |text: String| Coded { code: 2, text };
        if !(self.time > 0.0 && self.time.is_finite()) {
            return Err(usage(format!("--time {}: give a number of seconds above 0", self.time)).into());
        }
        let default = Options::default();
        let operators = if self.operators.is_empty() {
            default.operators
        } else {
            OperatorSet::from_names(&self.operators).map_err(|unknown| {
                let known = OperatorSet::known_names().join(", ");
                usage(format!("--ops: there is no '{unknown}'; there are {known}"))
            })?
        };
        Ok(Options {
            seed: self.seed,
            max_size: self.max_size.unwrap_or(default.max_size),
            operators,
            noise_free: self.noise_free,
            max_evaluations: self.evaluations.unwrap_or(u64::MAX / 4),
            threads: self.threads,
        })
    }

    fn table(&self) -> anyhow::Result<(Table, Vec<Finding>)> {
        let (table, mut findings) =
            catalogue::read_table(self.open()?).map_err(|e| unusable(&self.file, &e))?;
        let numeric: Vec<&str> = table
            .columns()
            .iter()
            .filter(|c| matches!(c.values, Values::Numbers(_)))
            .map(|c| c.name.as_str())
            .collect();
        let wrong = |text: String| unusable(&self.file, &text);
        let check = |name: &str| match (numeric.contains(&name), table.column(name).is_some()) {
            (true, _) => Ok(()),
            (false, true) => Err(wrong(format!("the column '{name}' does not hold numbers"))),
            (false, false) => {
                Err(wrong(format!("there is no column '{name}'; numbers are in {}", numeric.join(", "))))
            }
        };
        let target = self.target.as_deref().or(numeric.last().copied());
        let target = target.ok_or_else(|| wrong("there is no column of numbers".into()))?.to_owned();
        check(&target)?;
        let inputs: Vec<String> = if self.inputs.is_empty() {
            numeric.iter().filter(|n| **n != target).map(|n| (*n).to_owned()).collect()
        } else {
            self.inputs.clone()
        };
        for (place, input) in inputs.iter().enumerate() {
            check(input)?;
            if *input == target {
                return Err(wrong(format!("--inputs: '{input}' is what is to be explained")).into());
            }
            if inputs[..place].contains(input) {
                return Err(wrong(format!("--inputs: '{input}' is named twice")).into());
            }
        }
        let columns: Vec<&[f64]> =
            inputs.iter().chain([&target]).filter_map(|name| table.numbers(name)).collect();
        let complete: Vec<usize> =
            (0..table.rows()).filter(|&row| columns.iter().all(|c| c[row].is_finite())).collect();
        let dropped = table.rows() - complete.len();
        if dropped > 0 {
            let finding = Finding::warning("incomplete-rows-left-out");
            findings.push(finding.with("count", dropped).with("kept", complete.len()));
        }
        let mut picked: Vec<Vec<f64>> =
            columns.iter().map(|column| complete.iter().map(|&row| column[row]).collect()).collect();
        let values = picked.pop().unwrap_or_default();
        let table = Table::new(inputs, picked, target, values).map_err(|e| unusable(&self.file, &e))?;
        Ok((table, findings))
    }

    fn open(&self) -> anyhow::Result<Box<dyn Read>> {
        if self.file.as_os_str() == "-" {
            return Ok(Box::new(std::io::stdin().lock()));
        }
        let file = std::fs::File::open(&self.file)
            .map_err(|e| unusable(&self.file, &format!("cannot open it: {e}")))?;
        Ok(Box::new(file))
    }

    fn bar(&self) -> ProgressBar {
        let bar = ProgressBar::new(1000);
        let style = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_draw_target(if self.json {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        bar
    }

    fn watch(&self, event: &Event<'_>, clock: &Clock, bar: &ProgressBar) -> Control {
        let spent = clock.processor_s() / self.threads as f64;
        bar.set_position((spent / self.time * 1000.0).min(1000.0) as u64);
        if let Some(best) = event.front.and_then(|front| front.members().last()) {
            bar.set_message(format!("{}   {}", amount(event.evaluations), best.expr.rounded(4).text()));
        }
        if spent < self.time { Control::Continue } else { Control::Stop }
    }
}

/// A whole number within bounds.
fn within<T: TryFrom<u64> + Clone + Send + Sync + 'static>(least: u64, most: u64) -> RangedU64ValueParser<T>
where
    T::Error: std::error::Error + Send + Sync,
{
    RangedU64ValueParser::new().range(least..=most)
}

/// A number of formulas for people.
fn amount(evaluations: u64) -> String {
    match evaluations {
        0..10_000 => format!("{evaluations} formulas"),
        10_000..10_000_000 => format!("{}k formulas", evaluations / 1000),
        _ => format!("{}M formulas", evaluations / 1_000_000),
    }
}

fn unusable(file: &std::path::Path, cause: &dyn std::fmt::Display) -> Coded {
    let is_input = file.as_os_str() == "-";
    let name = if is_input { "standard input".into() } else { file.display().to_string() };
    Coded { code: 2, text: format!("{name}: {cause}") }
}

/// Wall and processor time since the start.
struct Clock {
    wall: Instant,
    processor: f64,
    is_single: bool,
}

impl Clock {
    fn start(threads: usize) -> Self {
        let is_single = threads <= 1;
        Self { wall: Instant::now(), processor: Self::now(is_single), is_single }
    }

    fn now(is_single: bool) -> f64 {
        if is_single { processor_time::of_this_thread() } else { processor_time::of_this_process() }
    }

    fn processor_s(&self) -> f64 {
        Self::now(self.is_single) - self.processor
    }

    fn wall_s(&self) -> Duration {
        self.wall.elapsed()
    }
}
