//! `quorate fit`: finds the formula of a table, without a server.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "prints what it found, and what was noticed beside"
)]

mod classes;
mod form;
mod given;
mod linear;
mod numbers;
mod report;
mod rows;
mod searching;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::RangedU64ValueParser;
use contracts::finding::Finding;
use harness::analysis::finding;
use harness::data_set::Beside;
use harness::problem::Problem;
use harness::processor_time;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use symreg::{Control, Event, Options, Table};

use super::Coded;
use super::stop::{STOPPED, Stop};
use crate::writing::Writing;
use form::Form;
use given::Given;
use linear::Linear;
use report::Answer;
use rows::{Named, Rows};
use searching::Searching;

/// Finds the formula that explains one column of a table by the others.
#[derive(Args)]
pub(crate) struct Fit {
    /// A CSV or TSV file with a header, - for standard input.
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
    /// The column that says how much each row counts.
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// Prints one JSON object as the last line.
    #[arg(long)]
    json: bool,
    /// Prints only the chosen formula, in this form.
    #[arg(long = "as", value_name = "FORM", conflicts_with_all = ["json", "group", "linear"])]
    form: Option<Form>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    searching: Box<Searching>,
    #[command(flatten)]
    own: Given,
    #[command(flatten)]
    linear: Box<Linear>,
}

impl Fit {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let other =
            if self.linear.is_asked { Some("--linear") } else { self.own.given.as_ref().map(|_| "--given") };
        if let (Some(other), Some(flag)) = (other, self.searching.asked()) {
            let text =
                format!("{flag} asks something of a search, {other} makes none: leave one of them out");
            return Err(Coded::unusable(text).into());
        }
        if self.linear.is_asked && self.own.given.is_some() {
            let text =
                "--given fits a formula of your own, --linear a sum of the columns: leave one of them out";
            return Err(Coded::unusable(text).into());
        }
        if self.linear.is_asked {
            return self.fit_linearly();
        }
        if let Some(formula) = &self.own.given {
            return self.fit_given(formula);
        }
        if self.searching.group.is_some() {
            return self.fit_by_class();
        }
        let options = self.options()?;
        let (table, mut findings) = self.table()?;
        let run = self.start()?;
        let found = symreg::search(&table, &options, None, &mut |event| self.watch(event, &run));
        run.bar.finish_and_clear();
        let found = found.map_err(|e| unusable(&self.file, &e))?;
        findings.extend(
            finding::publish_all(&found.findings).map_err(|problem| anyhow::anyhow!(problem.detail))?,
        );
        findings.extend(symbolic::nothing_computed(&found.value));
        let mut goes_on = || !run.stop.is_asked();
        let shares = self.searching.choices.map(|resamples| {
            symreg::choice_shares(&table, &options, &found.value, resamples as usize, &mut goes_on)
        });
        let mut shares = shares.transpose().map_err(|e| unusable(&self.file, &e))?.unwrap_or_default();
        // Those of a part of the resamples would look like those of all.
        if run.stop.is_asked() {
            shares.clear();
        }
        let chosen = found.value.chosen.and_then(|at| found.value.front.get(at)).map(|member| &member.expr);
        if let (Some(form), Some(chosen)) = (self.form, chosen) {
            return Ok(run.told(&alone(form, chosen, &findings)));
        }
        let fitted = found.value.fitted(&table, &mut goes_on);
        let answer = Answer {
            outcome: &found.value,
            shares: &shares,
            fitted: fitted.as_ref(),
            beyond: &chosen.map(|expr| symreg::beyond(expr, &table)).unwrap_or_default(),
            findings: &findings,
        };
        if self.json {
            let (wall, processor_s) = (run.clock.wall_s(), run.clock.processor_s());
            return Ok(run.told(&(report::json(&answer, wall, processor_s) + "\n")));
        }
        Ok(run.told(&report::text(&answer, &table)))
    }

    /// One law with numbers of its own for every class.
    fn fit_by_class(&self) -> anyhow::Result<ExitCode> {
        let options = self.options()?;
        let group = self.searching.group.as_deref().map(Beside::groups);
        let beside: Vec<Beside> =
            self.weights.as_deref().map(Beside::numbers).into_iter().chain(group).collect();
        let Rows { question, numbers, mut noticed } = self.rows(&beside)?;
        let classes =
            symbolic::classes_of(&numbers).map_err(|problem| unusable(&self.file, &told(&problem)))?;
        let table = Table::new(question.inputs, numbers.inputs, question.target, numbers.target);
        let weights = self.weights.as_ref().and_then(|_| numbers.beside.into_iter().next());
        let table = match weights {
            Some(weights) => table.and_then(|table| table.with_weights(weights)),
            None => table,
        };
        let table = table.map_err(|e| unusable(&self.file, &e))?;
        noticed.extend(numbers.findings);
        let run = self.start()?;
        let found = symreg::search_by_class(&table, &classes, &options, &mut |event| self.watch(event, &run));
        run.bar.finish_and_clear();
        let found = found.map_err(|e| unusable(&self.file, &e))?;
        noticed.extend(
            finding::publish_all(&found.findings).map_err(|problem| anyhow::anyhow!(problem.detail))?,
        );
        Ok(run.told(&if self.json {
            classes::json(&found.value, &noticed)? + "\n"
        } else {
            classes::text(&found.value, table.target_name(), &noticed)
        }))
    }

    /// The numbers of a given formula instead of a search.
    fn fit_given(&self, formula: &str) -> anyhow::Result<ExitCode> {
        self.check_time()?;
        let (table, mut findings) = self.table()?;
        let run = self.start()?;
        let mut goes_on = || run.clock.processor_s() < self.time && !run.stop.is_asked();
        let fitted = symreg::fit_given(&table, formula, &self.own.starts(), &mut goes_on);
        run.bar.finish_and_clear();
        let fitted = fitted.map_err(|e| unusable(&self.file, &e))?;
        findings.extend(
            finding::publish_all(&fitted.findings).map_err(|problem| anyhow::anyhow!(problem.detail))?,
        );
        if let Some(form) = self.form {
            return Ok(run.told(&alone(form, &fitted.value.expr, &findings)));
        }
        let beyond = symreg::beyond(&fitted.value.expr, &table);
        Ok(run.told(&if self.json {
            given::json(&fitted.value, &beyond, &findings) + "\n"
        } else {
            given::text(table.target_name(), &fitted.value, &beyond, &findings)
        }))
    }

    /// From here on time counts and Ctrl-C is a wish.
    fn start(&self) -> anyhow::Result<Run> {
        Ok(Run { clock: Clock::start(self.threads), bar: self.bar(), stop: Stop::listen()? })
    }

    fn check_time(&self) -> Result<(), Coded> {
        if self.time > 0.0 && self.time.is_finite() {
            return Ok(());
        }
        Err(Coded::unusable(format!("--time {}: give a number of seconds above 0", self.time)))
    }

    fn options(&self) -> anyhow::Result<Options> {
        self.check_time()?;
        let usage = |text: String| Coded::unusable(text);
        let options = self.searching.options(self.seed, self.weights.as_ref());
        let options = symbolic::options(&options).map_err(|problem| usage(told(&problem)))?;
        let max_evaluations = self.evaluations.unwrap_or(options.max_evaluations);
        Ok(Options { max_evaluations, threads: self.threads, ..options })
    }

    /// A linear fit instead of a search.
    fn fit_linearly(&self) -> anyhow::Result<ExitCode> {
        let options = self.linear.options(self.seed, self.weights.clone());
        let beside = regression::beside(&options);
        let Rows { question, numbers, noticed } = self.rows(&beside)?;
        let result = regression::fit_table(&question, &options, numbers);
        let mut result = result.map_err(|problem| unusable(&self.file, &told(&problem)))?;
        result.findings.splice(0..0, noticed);
        if self.json {
            println!("{}", serde_json::to_string(&result)?);
        } else {
            print!("{}", linear::text(&result, options.confidence));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn rows(&self, beside: &[Beside]) -> anyhow::Result<Rows> {
        let named = Named {
            target: self.target.as_deref(),
            inputs: &self.inputs,
            beside,
            writing: self.writing.upload(),
        };
        rows::read(&self.file, &named)
    }

    fn table(&self) -> anyhow::Result<(Table, Vec<Finding>)> {
        let beside: Vec<Beside> = self.weights.as_deref().map(Beside::numbers).into_iter().collect();
        let Rows { question, mut numbers, mut noticed } = self.rows(&beside)?;
        noticed.extend(numbers.findings);
        let table = Table::new(question.inputs, numbers.inputs, question.target, numbers.target);
        let table = match numbers.beside.pop() {
            Some(weights) => table.and_then(|table| table.with_weights(weights)),
            None => table,
        };
        Ok((table.map_err(|e| unusable(&self.file, &e))?, noticed))
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

    fn watch(&self, event: &Event<'_>, run: &Run) -> Control {
        let spent = run.clock.processor_s() / self.threads as f64;
        run.bar.set_position((spent / self.time * 1000.0).min(1000.0) as u64);
        if let Some(best) = event.front.and_then(|front| front.members().last()) {
            run.bar.set_message(format!("{}   {}", amount(event.evaluations), best.expr.rounded(4).text()));
        }
        if spent < self.time && !run.stop.is_asked() { Control::Continue } else { Control::Stop }
    }
}

/// Work that is watched, and can be stopped.
struct Run {
    clock: Clock,
    bar: ProgressBar,
    stop: Stop,
}

impl Run {
    /// Prints what was found, and says where it is only the best so far.
    fn told(&self, text: &str) -> ExitCode {
        print!("{text}");
        if !self.stop.is_asked() {
            return ExitCode::SUCCESS;
        }
        eprintln!("stopped: this is the best so far");
        ExitCode::from(STOPPED)
    }
}

/// The formula alone; what was noticed goes beside it.
fn alone(form: Form, expr: &symreg::Expr, findings: &[Finding]) -> String {
    eprint!("{}", report::findings(findings));
    form.of(expr) + "\n"
}

/// A whole number within bounds.
fn within<T: TryFrom<u64> + Clone + Send + Sync + 'static>(least: u64, most: u64) -> RangedU64ValueParser<T>
where
    T::Error: std::error::Error + Send + Sync,
{
    RangedU64ValueParser::new().range(least..=most)
}

/// A problem in one line: the options' own words where they are at fault.
fn told(problem: &Problem) -> String {
    let errors: Vec<String> = problem
        .errors
        .iter()
        .map(|error| match &error.field {
            Some(field) => format!("--{}: {}", flag(field), error.message),
            None => error.message.clone(),
        })
        .collect();
    if errors.is_empty() { problem.detail.clone() } else { errors.join("; ") }
}

/// A published field as the flag that sets it.
fn flag(field: &str) -> String {
    let name = field.trim_start_matches("options.").replace('_', "-");
    if name == "operators" { "ops".into() } else { name }
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
    Coded::unusable(format!("{name}: {cause}"))
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
