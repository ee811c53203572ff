//! `quorate adequacy`: whether every relay sees its faults in a composition, and by how much.

#![expect(clippy::print_stdout, reason = "prints what it found")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use relaying::assembly::Assembly;
use relaying::case::requirement::Waiver;
use relaying::composition::minimal::droppable;
use relaying::composition::objective::{Criterion, Objective};
use relaying::composition::search::{Control, Ending, Task, best};
use relaying::verdict::{Covered, Sight};
use serde::Serialize;
use serde_json::json;

use super::form::counted;
use super::{Coded, grid};
use crate::case_folder::{CaseFolder, Schemes, composition, remarks};

/// Says whether every relay sees its faults in a composition of units.
#[derive(Args)]
pub(crate) struct Adequacy {
    #[command(flatten)]
    case: CaseFolder,
    /// The composition, as A=2,B=0, with neutrals as N1=earthed or N1=isolated; the present one if not given.
    #[arg(long, value_name = "CLASS=COUNT,…")]
    units: Option<String>,
    /// One scheme, by its id; all of the case if not given.
    #[arg(long, value_name = "ID")]
    scheme: Option<String>,
    /// How many of the worst checks are shown.
    #[arg(long, value_name = "N", default_value_t = 10)]
    worst: usize,
    /// Says which units may go off, one at a time; or what to start and stop until everything is adequate again.
    #[arg(long)]
    advise: bool,
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
            Some(id) => {
                vec![assembly.scheme(id).ok_or_else(|| Coded::unusable(no_scheme(&assembly, id)))?]
            }
        };
        let broken: usize =
            schemes.iter().map(|&scheme| assembly.protection.broken(scheme, &counts).len()).sum();
        let advice = self.advise.then(|| Advice::of(&assembly, &schemes, &counts, broken == 0));
        let margins = assembly.margins(&schemes, &counts);
        let worst = &margins[..self.worst.min(margins.len())];
        let covered = assembly.covered(&schemes, &counts);
        if self.json {
            let value = json!({
                "composition": assembly.name(&counts), "is_adequate": broken == 0, "broken_requirements": broken,
                "checks": assembly.setup.labels.len(), "checks_made": margins.len(), "schemes": schemes.len(),
                "coverage": covered, "waivers": waivers(&assembly), "worst": worst, "advice": advice, "findings": assembly.findings,
            });
            println!("{value}");
        } else {
            println!("{}", assembly.name(&counts));
            println!("{}", grid::text(&sights(worst)));
            let verdict = if broken == 0 {
                "adequate".to_owned()
            } else {
                format!("not adequate; broken: {}", counted(broken, "requirement"))
            };
            let checks = counted(assembly.setup.labels.len(), "check");
            let (made, schemes) = (counted(margins.len(), "time"), counted(schemes.len(), "scheme"));
            println!("\n{verdict}; {checks}, made {made} in {schemes}");
            for Covered { failure, required, broken } in &covered {
                let what = match failure.as_str() {
                    "none" => "where nothing else fails".to_owned(),
                    "coordination" => failure.clone(),
                    failure => format!("with {}", failure.replace('_', " ")),
                };
                println!("  {what}: {} of {} kept", required - broken, counted(*required, "requirement"));
            }
            for waiver in waivers(&assembly) {
                println!("  waived: {waiver}");
            }
            if let Some(advice) = &advice {
                println!("{}", advice.words());
            }
            print!("{}", remarks(&assembly.findings));
        }
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
    }
}

/// What can be done from a composition.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Advice {
    /// One unit of any of these classes may go off.
    MayGoOff(Vec<String>),
    /// The nearest adequate composition: units to start and to stop, by class; neutrals to earth and to isolate.
    Nearest {
        start: BTreeMap<String, u16>,
        stop: BTreeMap<String, u16>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        earth: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        isolate: Vec<String>,
    },
    /// No composition is adequate.
    Nothing,
}

impl Advice {
    fn of(assembly: &Assembly, schemes: &[usize], counts: &[u16], is_adequate: bool) -> Self {
        let mut weights = assembly.weights();
        weights.iter_mut().zip(counts).for_each(|(weight, &n)| weight.present = n);
        let criteria = [Criterion::Distance, Criterion::Count, Criterion::Power, Criterion::Cost];
        let task = assembly.task(&criteria, schemes.to_vec());
        let objective = Objective::new(&criteria, &weights, &task.domain.high);
        let task = Task { objective, ..task };
        let id = |class: usize| assembly.names()[class].to_owned();
        if is_adequate {
            let may = droppable(&assembly.protection, &task, counts);
            return Self::MayGoOff(may.into_iter().map(id).collect());
        }
        match best(&assembly.protection, &task, &[], &|_| Control::Continue).ending {
            Ending::Best(nearest) => {
                let risen = |places: std::ops::Range<usize>, from: &[u16], to: &[u16]| {
                    let risen = places.filter(|&at| to[at] > from[at]);
                    risen.map(|at| (id(at), to[at] - from[at])).collect::<BTreeMap<String, u16>>()
                };
                let (units, neutrals) = (0..task.units, task.units..counts.len());
                let turned = |from, to| risen(neutrals.clone(), from, to).into_keys().collect();
                Self::Nearest {
                    start: risen(units.clone(), counts, &nearest),
                    stop: risen(units.clone(), &nearest, counts),
                    earth: turned(counts, &nearest),
                    isolate: turned(&nearest, counts),
                }
            }
            Ending::Infeasible | Ending::Stopped(_) => Self::Nothing,
        }
    }

    fn words(&self) -> String {
        let list = |units: &BTreeMap<String, u16>| -> String {
            let parts: Vec<String> = units.iter().map(|(class, n)| format!("{n} × {class}")).collect();
            if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
        };
        match self {
            Self::MayGoOff(classes) if classes.is_empty() => "no unit may go off".to_owned(),
            Self::MayGoOff(classes) => format!("may go off, one at a time: {}", classes.join(", ")),
            Self::Nearest { start, stop, earth, isolate } => {
                let turned = [("earth", earth), ("isolate", isolate)].into_iter();
                let turned = turned.filter(|(_, neutrals)| !neutrals.is_empty());
                let turned: Vec<String> =
                    turned.map(|(verb, neutrals)| format!("; {verb} {}", neutrals.join(", "))).collect();
                let turned = turned.concat();
                format!("nearest adequate composition: start {}; stop {}{turned}", list(start), list(stop))
            }
            Self::Nothing => "no composition is adequate".to_owned(),
        }
    }
}

/// What waivers take out of the requirements, each as a sentence.
pub(crate) fn waivers(assembly: &Assembly) -> Vec<String> {
    let sentence = |(waiver, checks): &(Waiver, usize)| {
        let Waiver { stage, author, reason, expires, .. } = waiver;
        let line = waiver.line.as_ref().map(|line| format!(" on {line}")).unwrap_or_default();
        format!("{} of {stage}{line} until {expires}, by {author}: {reason}", counted(*checks, "check"))
    };
    assembly.setup.waived.iter().map(sentence).collect()
}

fn no_scheme(assembly: &Assembly, id: &str) -> String {
    let known: Vec<&str> = assembly.schemes.iter().map(|scheme| scheme.id.as_str()).collect();
    format!("there is no scheme {id:?}; there are {}", known.join(", "))
}

/// A table of checks.
pub(crate) fn sights(sights: &[Sight]) -> Table {
    let mut table = grid::new();
    table.set_header([
        "scheme", "relay", "stage", "for", "fault", "kind", "seen", "setting", "k", "needs", "margin",
    ]);
    for sight in sights {
        let figure = |value: f64| format!("{value:.3} {}", sight.unit).trim().to_owned();
        let mark = match (sight.holds(), sight.is_waived) {
            (true, _) => "",
            (false, false) => " ✗",
            (false, true) => " ✗ waived",
        };
        let seen = if sight.is_energized { figure(sight.value) } else { "no source".to_owned() };
        table.add_row([
            sight.scheme.clone(),
            sight.relay.clone(),
            format!("{} {}", sight.stage, sight.condition).trim().to_owned(),
            sight.aim.clone(),
            sight.place.clone(),
            sight.kind.name().to_owned(),
            seen,
            figure(sight.setting),
            format!("{:.3}", sight.k),
            format!("{:.2}", sight.required),
            format!("{:.3}{mark}", sight.margin),
        ]);
    }
    table
}
