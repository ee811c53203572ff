//! `quorate grid`: says what a grid model is and what is wrong with it; turns any format into the native one.

#![expect(clippy::print_stdout, reason = "prints what it found")]

mod report;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use network::{Finding, Severity, Topology, View};

use super::Coded;
use crate::grid_file::Reading;

/// Checks and converts grid models.
#[derive(Args)]
pub(crate) struct Grid {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Says what a model is, what it lacks and what to do about it.
    Check(Check),
    /// Writes a model of any format as a native file.
    Convert(Convert),
}

/// Says what a model is, what it lacks and what to do about it.
#[derive(Args)]
struct Check {
    /// The model: a file, several files of one model, a zip package or a folder.
    #[arg(required = true, value_name = "MODEL")]
    model: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Writes a model of any format as a native file.
#[derive(Args)]
struct Convert {
    /// The model as for `check`, and last the file to write; - for standard output.
    #[arg(required = true, value_name = "MODEL… OUT")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Replaces a file that is there.
    #[arg(long)]
    force: bool,
}

impl Grid {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Check(check) => check.run(),
            Action::Convert(convert) => convert.run(),
        }
    }
}

impl Check {
    fn run(self) -> anyhow::Result<ExitCode> {
        let import = self.reading.open(&self.model)?;
        let view = View::plain(&import.model);
        let topology = Topology::of(&view);
        if self.json {
            println!("{}", report::json(&import, &topology));
        } else {
            print!("{}", report::text(&import, &topology));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Convert {
    fn run(self) -> anyhow::Result<ExitCode> {
        let Some((out, model)) = self.paths.split_last().filter(|(_, model)| !model.is_empty()) else {
            let text = "name the model and then the file to write".to_owned();
            return Err(Coded::unusable(text).into());
        };
        if out.exists() && !self.force {
            let text = format!("{} is there: choose another name or add --force", out.display());
            return Err(Coded::unusable(text).into());
        }
        let import = self.reading.open(model)?;
        write(out, &network::write(&import.model))?;
        if out != Path::new("-") {
            print!("{}", report::summary(&import.findings, out));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write(out: &Path, text: &str) -> anyhow::Result<()> {
    if out == Path::new("-") {
        return std::io::stdout().write_all(text.as_bytes()).context("cannot write to standard output");
    }
    std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))
}

/// How many findings there are of each severity, the worst first.
fn severities(findings: &[Finding]) -> [(Severity, usize); 3] {
    [Severity::Error, Severity::Warning, Severity::Info]
        .map(|severity| (severity, findings.iter().filter(|finding| finding.severity == severity).count()))
}
