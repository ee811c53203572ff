//! `quorate compose`: which units must at least run, per scheme, with proof.

#![expect(clippy::print_stdout, reason = "prints what it found")]

mod checkpoint;
mod html;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use relaying::assembly::Assembly;
use relaying::composition::objective::{Criterion, Value};
use relaying::composition::search::{Control, Progress, Task};
use serde_json::json;

use super::adequacy::waivers;
use super::grid;
use crate::case_folder::{CaseFolder, Schemes, class_of, remarks, writable, write};
use checkpoint::Checkpoint;
use rows::{Found, Row, rows, search};

/// Finds the smallest compositions of units with which every protection works, scheme by scheme.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Compose {
    #[command(flatten)]
    case: CaseFolder,
    /// The outage schemes: `case`, `base`, `n-1` (each line out), or a schemes file.
    #[arg(long, value_name = "SCHEMES", default_value = "case")]
    schemes: Schemes,
    /// What makes a composition better; ties go by the next of count, power, cost, distance.
    #[arg(long, value_enum, default_value_t = By::Count)]
    objective: By,
    /// All inclusion-minimal compositions instead of the best one.
    #[arg(long)]
    all: bool,
    /// One composition for all schemes together instead of one per scheme.
    #[arg(long)]
    together: bool,
    /// Compositions that stay adequate when any one unit is lost.
    #[arg(long)]
    robust: bool,
    /// Explains why a unit is needed, or the units of a class; or why a neutral must stand as it does.
    #[arg(long, value_name = "UNIT")]
    explain: Option<String>,
    /// Writes the table as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Writes the proof for `quorate proof check`.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Writes the report as a page that stands alone.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Ctrl-C stops the search and keeps in this file what it has learned; the next run goes on from there.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// The exit code of a search that was stopped.
const STOPPED: u8 = 130;

/// The first criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// The number of units.
    Count,
    /// The least power they produce.
    Mw,
    /// Their price.
    Cost,
    /// The distance to the present composition.
    Distance,
}

impl By {
    fn criteria(self) -> [Criterion; 4] {
        use Criterion::{Cost, Count, Distance, Power};
        match self {
            Self::Count => [Count, Power, Cost, Distance],
            Self::Mw => [Power, Count, Cost, Distance],
            Self::Cost => [Cost, Count, Power, Distance],
            Self::Distance => [Distance, Count, Power, Cost],
        }
    }
}

impl Compose {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (content, assembly) = self.case.content(&self.schemes)?;
        for file in [&self.csv, &self.proof, &self.html, &self.checkpoint].into_iter().flatten() {
            writable(file)?;
        }
        let explained = self.explain.as_deref().map(|name| class_of(&assembly, name)).transpose()?;
        let schemes = (0..assembly.schemes.len()).collect();
        let task = Task { is_robust: self.robust, ..assembly.task(&self.objective.criteria(), schemes) };
        let checkpoint = match &self.checkpoint {
            Some(path) => Some(Checkpoint::new(path.clone(), self.case.digest(&self.schemes)?)?),
            None => None,
        };
        let known = checkpoint.as_ref().map_or_else(|| Ok(Vec::new()), Checkpoint::known)?;
        let bar = indicatif::ProgressBar::new_spinner();
        let watch = |progress: &Progress| {
            bar.set_message(counted(progress));
            bar.tick();
            let is_stopped = checkpoint.as_ref().is_some_and(Checkpoint::is_stopped);
            if is_stopped { Control::Stop } else { Control::Continue }
        };
        let found = search(&assembly, &task, (self.all, self.together), &known, &watch);
        bar.finish_and_clear();
        if let Some(checkpoint) = &checkpoint {
            if found.iter().any(|found| !found.is_proven) {
                return stopped(checkpoint, found);
            }
            checkpoint.finish()?;
        }
        let (rows, certificates) = rows(&assembly, &task, self.all, found);
        if let Some(file) = &self.csv {
            write(file, &rows::csv(&assembly, &rows))?;
        }
        if let Some(file) = &self.proof {
            let lacking =
                "this case has no proof file: it rests on a stage whose time follows a formula of its own";
            let certificates: Option<Vec<_>> = certificates.into_iter().collect();
            let certificates = certificates.ok_or_else(|| anyhow::anyhow!(lacking))?;
            super::proof::store(file, content, certificates)?;
        }
        if let Some(file) = &self.html {
            write(file, &html::page(&assembly, &rows))?;
        }
        if self.json {
            let value = json!({
                "entries": assembly.names(), "rows": rows, "waivers": waivers(&assembly), "findings": assembly.findings,
            });
            println!("{value}");
        } else {
            Self::print(&assembly, &rows, explained);
        }
        Ok(if rows.iter().all(|row| row.counts.is_some()) { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }

    fn print(assembly: &Assembly, rows: &[Row], explained: Option<&str>) {
        let mut table = grid::new();
        let mut head = vec!["scheme".to_owned(), "set".to_owned()];
        head.extend(assembly.names().into_iter().map(str::to_owned));
        head.extend(["units", "MW", "binding check", "margin"].map(str::to_owned));
        table.set_header(head);
        for row in rows {
            table.add_row(row.cells(assembly));
        }
        println!("{}", grid::text(&table));
        for waiver in waivers(assembly) {
            println!("waived: {waiver}");
        }
        for row in rows {
            if let Some(conflict) = &row.conflict {
                println!("\n{}: no composition is adequate. These exclude each other:", row.scheme);
                for line in conflict {
                    println!("  {line}");
                }
            }
        }
        if let Some(class) = explained {
            println!();
            for row in rows.iter().filter(|row| row.counts.is_some()) {
                let need = row.needs.iter().find(|need| need.class == class);
                let is_neutral = assembly.neutrals.iter().any(|neutral| neutral.id == class);
                let free = if is_neutral { "may be earthed or isolated" } else { "is not needed" };
                let why = need.map_or_else(|| format!("{class} {free}"), rows::because);
                let source = need.and_then(|need| need.because.as_ref()).map(|sight| sight.source.as_str());
                let source = source.map(|source| format!(" (required: {source})")).unwrap_or_default();
                println!("{}, set {}: {why}{source}", row.scheme, row.set);
            }
        }
        print!("{}", remarks(&assembly.findings));
    }
}

/// How far a search has come, in words.
fn counted(progress: &Progress) -> String {
    let bound = |value: Option<Value>| value.map_or("?".to_owned(), |value| value.0[0].to_string());
    format!(
        "at least {}, at most {}, {} looked at, {} rules",
        bound(progress.lower),
        bound(progress.upper),
        progress.candidates,
        progress.clauses
    )
}

/// Keeps what was learned and says how far it has come.
fn stopped(checkpoint: &Checkpoint, found: Vec<Found>) -> anyhow::Result<ExitCode> {
    let open = found.iter().filter(|found| !found.is_proven);
    for found in open {
        println!("stopped: {}", counted(&found.progress));
    }
    checkpoint.store(found.into_iter().flat_map(|found| found.clauses).collect())?;
    println!("the same command goes on from here");
    Ok(ExitCode::from(STOPPED))
}
