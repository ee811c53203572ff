//! What to tell people: margins, binding checks, why a unit is needed, what a conflict is about.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::assembly::Assembly;
use crate::case::neutral::{Earthing, Neutral};
use crate::case::unit::Class;
use crate::composition::oracle::CheckIx;
use crate::composition::search::Task;
use crate::composition::space::Composition;
use crate::physics::check::FaultKind;
use crate::physics::oracle::Outcome;
use crate::setup::Aim;
use crate::vocabulary::Failure;

/// A check in a scheme and composition, with all its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// The scheme.
    pub scheme: String,
    /// The relay.
    pub relay: String,
    /// The stage.
    pub stage: String,
    /// Which of the stage's conditions it is: empty for the pick-up, `start` or `direction`.
    pub condition: String,
    /// What is asked: `main`, `near_backup`, `remote_backup`, or the stage it is coordinated with.
    pub aim: String,
    /// The faulted line, transformer, series element or bus.
    pub element: String,
    /// The place, as a fraction of a line's length.
    pub fraction: Option<f64>,
    /// The place in words.
    pub place: String,
    /// The kind of fault.
    pub kind: FaultKind,
    /// What is seen, in `unit`.
    pub value: f64,
    /// `kA`, `kV`, or empty for a ratio of reaches.
    pub unit: String,
    /// The setting, in `unit`.
    pub setting: f64,
    /// Sensitivity k, or what there is of what coordination asks: a factor, or seconds.
    pub k: f64,
    /// What k must be.
    pub required: f64,
    /// k over what it must be: the check holds from 1 on.
    pub margin: f64,
    /// Where the requirement comes from.
    pub source: String,
    /// Whether the fault place has a source at all.
    pub is_energized: bool,
    /// Whether a waiver takes the check out of what is required.
    pub is_waived: bool,
}

/// A margin from which on a check holds: 1 less rounding.
const HOLDS: f64 = 1.0 - 1e-9;

impl Sight {
    /// Whether the check holds.
    pub fn holds(&self) -> bool {
        self.margin >= HOLDS
    }
}

/// What is required for a failure, over some schemes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The failure, or `coordination`.
    pub failure: String,
    /// How many requirements are made.
    pub required: usize,
    /// How many of them are broken.
    pub broken: usize,
}

impl Covered {
    fn new(failure: &str) -> Self {
        Self { failure: failure.to_owned(), required: 0, broken: 0 }
    }
}

/// A unit and why it must run, or a neutral and why it must stand as it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// The class, or the neutral.
    pub class: String,
    /// How the neutral stands; none of a class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earthing: Option<Earthing>,
    /// The worst check that fails otherwise; none if it must be so by the case.
    pub because: Option<Sight>,
}

impl Assembly {
    /// One check with its figures.
    pub fn sight(&self, scheme: usize, counts: &[u16], check: CheckIx) -> Sight {
        self.told(scheme, check, self.protection.outcomes(scheme, counts, &[check])[0])
    }

    fn told(&self, scheme: usize, check: CheckIx, outcome: Outcome) -> Sight {
        let label = &self.setup.labels[check as usize];
        let aim = match &label.aim {
            Aim::Sensitivity(role) => role.name().to_owned(),
            Aim::Coordination(other) => other.clone(),
        };
        Sight {
            scheme: self.schemes[scheme].id.clone(),
            relay: label.relay.clone(),
            stage: label.stage.clone(),
            condition: label.condition.name().to_owned(),
            aim,
            element: label.spot.element().to_owned(),
            fraction: label.spot.fraction(),
            place: label.spot.words(),
            kind: label.kind,
            value: outcome.value,
            unit: label.unit.to_owned(),
            setting: label.setting,
            k: outcome.margin * label.required,
            required: label.required,
            margin: outcome.margin,
            source: label.source.clone(),
            is_energized: outcome.is_energized,
            is_waived: label.is_waived,
        }
    }

    /// The margins of all checks in the schemes, the worst first.
    pub fn margins(&self, schemes: &[usize], counts: &[u16]) -> Vec<Sight> {
        let count = self.protection.checks().len() as CheckIx;
        let mut sights: Vec<Sight> = schemes
            .par_iter()
            .flat_map_iter(|&scheme| {
                let live: Vec<CheckIx> =
                    (0..count).filter(|&check| self.protection.is_live(scheme, check)).collect();
                let outcomes = self.protection.outcomes(scheme, counts, &live);
                live.into_iter().zip(outcomes).map(move |(check, outcome)| self.told(scheme, check, outcome))
            })
            .collect();
        sights.sort_by(|a, b| a.margin.total_cmp(&b.margin));
        sights
    }

    /// The requirement with the least margin in the schemes: the check that decides it.
    pub fn binding(&self, schemes: &[usize], counts: &[u16]) -> Option<Sight> {
        let least = |&scheme: &usize| {
            let margins = self.protection.requirement_margins(scheme, counts);
            first_least(margins.into_iter().map(|(_, check, margin)| (scheme, check, margin)).collect())
        };
        let worst = first_least(schemes.par_iter().filter_map(least).collect())?;
        Some(self.sight(worst.0, counts, worst.1))
    }

    /// What is required for each failure the case assumes, and for coordination, and how much of it is broken.
    pub fn covered(&self, schemes: &[usize], counts: &[u16]) -> Vec<Covered> {
        let failures = [Failure::None, Failure::MainProtectionOut, Failure::BreakerFailure];
        let mut all: Vec<Covered> =
            failures.map(Failure::name).into_iter().chain(["coordination"]).map(Covered::new).collect();
        for &scheme in schemes {
            for (requirement, _, margin) in self.protection.requirement_margins(scheme, counts) {
                let own = &self.setup.failures[requirement];
                let is_meant =
                    |at: usize| failures.get(at).map_or(own.is_empty(), |failure| own.contains(failure));
                for (_, covered) in all.iter_mut().enumerate().filter(|(at, _)| is_meant(*at)) {
                    covered.required += 1;
                    covered.broken += usize::from(margin < HOLDS);
                }
            }
        }
        all.retain(|covered| covered.required > 0);
        all
    }

    /// The worst broken requirement in the schemes, if any is broken.
    pub fn worst_breach(&self, task: &Task, counts: &[u16]) -> Option<Sight> {
        let breach = |&scheme: &usize| {
            let broken = self.protection.broken(scheme, counts);
            let worst = broken.into_iter().min_by(|a, b| a.1.margin.total_cmp(&b.1.margin))?;
            Some((scheme, worst.1))
        };
        let all: Vec<_> = task.schemes.par_iter().filter_map(breach).collect();
        let (scheme, breach) = all.into_iter().min_by(|a, b| a.1.margin.total_cmp(&b.1.margin))?;
        let sights = breach.checks.iter().map(|&check| self.sight(scheme, counts, check));
        sights.max_by(|a, b| a.margin.total_cmp(&b.margin))
    }

    /// For each class that runs: what fails with one unit less; for each neutral: what fails with it the other way.
    /// Neutrals that may be either way are left out.
    pub fn needs(&self, task: &Task, counts: &[u16]) -> Vec<Need> {
        let mut needs = Vec::new();
        for class in (0..self.classes.len()).filter(|&class| counts[class] > 0) {
            let mut left: Composition = counts.to_vec();
            left[class] -= 1;
            let is_free = left[class] >= task.domain.low[class];
            let because = is_free.then(|| self.fails(task, &left)).flatten();
            needs.push(Need { class: self.classes[class].id.clone(), earthing: None, because });
        }
        for (at, neutral) in self.neutrals.iter().enumerate() {
            let place = self.classes.len() + at;
            let mut turned: Composition = counts.to_vec();
            turned[place] = 1 - counts[place];
            let is_free = task.domain.low[place] < task.domain.high[place];
            let because = is_free.then(|| self.fails(task, &turned)).flatten();
            if because.is_some() || !is_free {
                let earthing = Some(Earthing::of(counts[place]));
                needs.push(Need { class: neutral.id.clone(), earthing, because });
            }
        }
        needs
    }

    /// The worst check that fails in a composition or after the loss of a unit that it must survive.
    fn fails(&self, task: &Task, counts: &[u16]) -> Option<Sight> {
        task.situations(counts).iter().find_map(|situation| self.worst_breach(task, situation))
    }

    /// A composition in words: units as counts per class, and how the neutrals stand.
    pub fn name(&self, counts: &[u16]) -> String {
        let (units, neutrals) = counts.split_at(self.classes.len());
        let part = |(class, n): (&Class, &u16)| format!("{}×{n}", class.id);
        let running = self.classes.iter().zip(units).filter(|(_, n)| **n > 0);
        let parts: Vec<String> = running.map(part).collect();
        let running = if parts.is_empty() { "no unit".to_owned() } else { parts.join(" + ") };
        let stands = |(neutral, &n): (&Neutral, &u16)| format!("{} {}", neutral.id, Earthing::of(n).name());
        let neutrals = self.neutrals.iter().zip(neutrals).map(stands);
        std::iter::once(running).chain(neutrals).collect::<Vec<String>>().join(", ")
    }
}

/// The least margin; of those that are equal but for rounding the first.
fn first_least(margins: Vec<(usize, CheckIx, f64)>) -> Option<(usize, CheckIx, f64)> {
    let least = margins.iter().map(|entry| entry.2).min_by(f64::total_cmp)?;
    margins.into_iter().find(|entry| entry.2 <= least * (1.0 + 1e-9))
}
