//! `quorate case`: checks a case, or starts one for a network.

#![expect(clippy::print_stdout, reason = "says what it wrote")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use relaying::case::{RelayFile, SchemeFile, UnitFile};
use relaying::draft::{Around, Wish, draft};
use serde::Serialize;
use serde_json::json;

use super::Coded;
use super::form::counted;
use crate::case_folder::{CaseFolder, Schemes, remarks, write};
use crate::grid_file::Reading;

/// Checks and starts cases of relays, units and schemes.
#[derive(Args)]
pub(crate) struct Cases {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Reads a case and says what was noticed about it.
    Check(Check),
    /// Drafts a case for a network: for teaching and trying out, never for settings.
    Draft(Draft),
}

/// Reads a case and says what was noticed about it.
#[derive(Args)]
struct Check {
    #[command(flatten)]
    case: CaseFolder,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Drafts a case for a network.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Draft {
    /// The network, in any format that can be imported.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The folder to write, which must not exist.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// Name of the case; the network's if not given.
    #[arg(long)]
    name: Option<String>,
    /// Schemes with one line out each.
    #[arg(long, value_name = "N", default_value_t = 8)]
    schemes: usize,
    /// Larger units become several machines, MW.
    #[arg(long, value_name = "MW", default_value_t = 250.0)]
    machine_mw: f64,
    /// Smaller units stay as they stand in the network, MW.
    #[arg(long, value_name = "MW", default_value_t = 0.0)]
    least_mw: f64,
    /// Feeders without a least short-circuit power get this part of their greatest, 0 to 1.
    #[arg(long, value_name = "PART")]
    feeder_min: Option<f64>,
    /// Relays and units only around this bus.
    #[arg(long, value_name = "BUS")]
    around: Option<String>,
    /// How many lines away from that bus.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "around")]
    lines: usize,
    /// Leaves remote backup out.
    #[arg(long)]
    no_backup: bool,
    /// Adds distance stages.
    #[arg(long)]
    distance: bool,
    /// Adds coordination of remote backup with the neighbours' main stages.
    #[arg(long)]
    coordination: bool,
    /// Lets every second class leave its neutral earthed, and adds a scheme with an isolated one.
    #[arg(long)]
    neutrals: bool,
}

impl Cases {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Check(check) => check.run(),
            Action::Draft(draft) => draft.run(),
        }
    }
}

impl Check {
    fn run(self) -> anyhow::Result<ExitCode> {
        let assembly = self.case.open(&Schemes::Own)?;
        let units: usize = assembly.classes.iter().map(|class| class.units.len()).sum();
        let (classes, schemes) = (assembly.classes.len(), assembly.schemes.len());
        let neutrals = assembly.neutrals.len();
        let (checks, requirements) = (assembly.setup.labels.len(), assembly.protection.requirements().len());
        if self.json {
            let counts = json!({
                "name": assembly.title, "units": units, "classes": classes, "neutrals": neutrals,
                "schemes": schemes, "checks": checks,
                "requirements": requirements, "findings": assembly.findings,
            });
            println!("{counts}");
        } else {
            let parts = [counted(units, "unit"), counted(classes, "class"), counted(schemes, "scheme")];
            let neutrals = match neutrals {
                0 => String::new(),
                neutrals => format!("{}, ", counted(neutrals, "neutral")),
            };
            println!("{}: {} in {}, {neutrals}{}", assembly.title, parts[0], parts[1], parts[2]);
            println!("{} in {}", counted(checks, "check"), counted(requirements, "requirement"));
            print!("{}", remarks(&assembly.findings));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Draft {
    fn run(self) -> anyhow::Result<ExitCode> {
        let import = self.reading.open(std::slice::from_ref(&self.model))?;
        let stem = || self.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let named = || import.model.name.clone().unwrap_or_else(stem);
        let wish = Wish {
            name: self.name.clone().unwrap_or_else(|| format!("{}, drafted", named())),
            machine_mw: self.machine_mw,
            least_mw: self.least_mw,
            schemes: self.schemes,
            has_backup: !self.no_backup,
            has_distance: self.distance,
            has_coordination: self.coordination,
            has_neutrals: self.neutrals,
            feeder_min: self.feeder_min,
            around: self.around.clone().map(|bus| Around { bus, lines: self.lines }),
            ..Wish::default()
        };
        let (model, case) = draft(&import.model, &wish)
            .map_err(|error| Coded::unusable(format!("{}: {error}", self.model.display())))?;
        std::fs::create_dir(&self.folder)
            .map_err(|error| Coded::unusable(format!("cannot make {}: {error}", self.folder.display())))?;
        write(&self.folder.join("network.json"), &network::write(&model))?;
        self.toml("case.toml", &case.head)?;
        self.toml("relays.toml", &RelayFile { relay: case.relays.clone() })?;
        self.toml("units.toml", &UnitFile { class: case.classes.clone(), neutral: case.neutrals.clone() })?;
        self.toml("schemes.toml", &SchemeFile { scheme: case.schemes.clone() })?;
        self.toml("requirements.toml", &case.requirements)?;
        println!(
            "{}: {} in {}, {}, {}",
            self.folder.display(),
            counted(case.classes.iter().map(|class| class.units.len()).sum(), "unit"),
            counted(case.classes.len(), "class"),
            counted(case.relays.len(), "relay"),
            counted(case.schemes.len() + 1, "scheme")
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
