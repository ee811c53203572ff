//! `quorate case`: starts a case for a network.

#![expect(clippy::print_stdout, reason = "says what it wrote")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use relaying::case::{RelayFile, SchemeFile, UnitFile};
use relaying::draft::{Wish, draft};
use serde::Serialize;

use super::Coded;
use crate::case_folder::write;

/// Starts cases of relays, units and schemes.
#[derive(Args)]
pub(crate) struct Cases {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Drafts a case for a network: for teaching and trying out, never for settings.
    Draft(Draft),
}

/// Drafts a case for a network.
#[derive(Args)]
struct Draft {
    /// The network, in any format that can be imported.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The folder to write, which must not exist.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Schemes with one line out each.
    #[arg(long, value_name = "N", default_value_t = 8)]
    schemes: usize,
    /// Larger units become several machines, MW.
    #[arg(long, value_name = "MW", default_value_t = 250.0)]
    machine_mw: f64,
    /// Leaves remote backup out.
    #[arg(long)]
    no_backup: bool,
}

impl Cases {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Draft(draft) => draft.run(),
        }
    }
}

impl Draft {
    fn run(self) -> anyhow::Result<ExitCode> {
        let bytes =
            std::fs::read(&self.model).with_context(|| format!("cannot read {}", self.model.display()))?;
        let name =
            self.model.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let unusable = |text: String| Coded { code: 2, text };
        let options = cgmes::Options { assume_data: true, ..cgmes::Options::default() };
        let import = cgmes::open(&[cgmes::Source::new(&name, &bytes)], &options)
            .map_err(|error| unusable(error.to_string()))?;
        let wish = Wish {
            name: format!("{name}, drafted"),
            machine_mw: self.machine_mw,
            schemes: self.schemes,
            has_backup: !self.no_backup,
            ..Wish::default()
        };
        let (model, case) = draft(&import.model, &wish).map_err(|error| unusable(error.to_string()))?;
        std::fs::create_dir(&self.folder)
            .with_context(|| format!("cannot make {}", self.folder.display()))?;
        write(&self.folder.join("network.json"), &network::write(&model))?;
        self.toml("case.toml", &case.head)?;
        self.toml("relays.toml", &RelayFile { relay: case.relays.clone() })?;
        self.toml("units.toml", &UnitFile { class: case.classes.clone() })?;
        self.toml("schemes.toml", &SchemeFile { scheme: case.schemes.clone() })?;
        self.toml("requirements.toml", &case.requirements)?;
        println!(
            "{}: {} classes of units, {} relays, {} schemes",
            self.folder.display(),
            case.classes.len(),
            case.relays.len(),
            case.schemes.len() + 1
        );
        Ok(ExitCode::SUCCESS)
    }

    fn toml(&self, file: &str, content: &impl Serialize) -> anyhow::Result<()> {
        write(
            &self.folder.join(file),
            &toml::to_string(content).with_context(|| format!("cannot write {file}"))?,
        )
    }
}
