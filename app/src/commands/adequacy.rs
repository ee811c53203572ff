//! `quorate adequacy`: whether every relay sees its faults in a composition, and by how much.

#![expect(clippy::print_stdout, reason = "prints what it found")]

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use relaying::verdict::Sight;
use serde_json::json;

use super::{Coded, grid};
use crate::case_folder::{CaseFolder, Schemes, composition, remarks};

/// Says whether every relay sees its faults in a composition of units.
#[derive(Args)]
pub(crate) struct Adequacy {
    #[command(flatten)]
    case: CaseFolder,
    /// The composition, as A=2,B=0; the present one if not given.
    #[arg(long, value_name = "CLASS=COUNT,…")]
    units: Option<String>,
    /// One scheme, by its id; all of the case if not given.
    #[arg(long, value_name = "ID")]
    scheme: Option<String>,
    /// How many of the worst checks are shown.
    #[arg(long, value_name = "N", default_value_t = 10)]
    worst: usize,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

impl Adequacy {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let assembly = self.case.open(&Schemes::Own)?;
        let counts = match &self.units {
            Some(text) => composition(&assembly, text)?,
            None => assembly.present(),
        };
        let schemes: Vec<usize> = match &self.scheme {
            None => (0..assembly.schemes.len()).collect(),
            Some(id) => vec![
                assembly
                    .scheme(id)
                    .ok_or_else(|| Coded { code: 2, text: format!("there is no scheme {id:?}") })?,
            ],
        };
        let broken: usize =
            schemes.iter().map(|&scheme| assembly.protection.broken(scheme, &counts).len()).sum();
        let margins = assembly.margins(&schemes, &counts);
        let worst = &margins[..self.worst.min(margins.len())];
        if self.json {
            let value = json!({
                "composition": assembly.name(&counts), "is_adequate": broken == 0, "broken_requirements": broken,
                "checks": margins.len(), "worst": worst, "findings": assembly.findings,
            });
            println!("{value}");
        } else {
            println!("{}", assembly.name(&counts));
            println!("{}", grid::text(&sights(worst)));
            let verdict = if broken == 0 {
                "adequate".to_owned()
            } else {
                format!("not adequate: {broken} requirements are broken")
            };
            println!("\n{verdict}; {} checks in {} schemes", margins.len(), schemes.len());
            print!("{}", remarks(&assembly.findings));
        }
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }
}

/// A table of checks.
pub(crate) fn sights(sights: &[Sight]) -> Table {
    let mut table = grid::new();
    table.set_header([
        "scheme", "relay", "stage", "for", "fault", "kind", "seen", "setting", "k", "needs", "margin",
    ]);
    for sight in sights {
        let figure = |value: f64| format!("{value:.3} {}", sight.unit).trim().to_owned();
        let seen = if sight.is_energized { figure(sight.value) } else { "no source".to_owned() };
        table.add_row([
            sight.scheme.clone(),
            sight.relay.clone(),
            format!("{} {}", sight.stage, sight.condition).trim().to_owned(),
            sight.aim.clone(),
            sight.place(),
            sight.kind.name().to_owned(),
            seen,
            figure(sight.setting),
            format!("{:.3}", sight.k),
            format!("{:.2}", sight.required),
            format!("{:.3}{}", sight.margin, if sight.holds() { "" } else { " ✗" }),
        ]);
    }
    table
}
