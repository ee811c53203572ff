//! From a case to checks: which relay must see which fault, and what that means in primary kA, kV and Ω.

mod coordination;
mod coverage;
mod elements;
mod parallel;
mod review;
mod settings;
mod spot;
mod waivers;
mod zones;

use std::collections::HashMap;

use network::{Finding, Model, Severity, State};
use num_complex::Complex64;

use crate::case::relay::{Relay, Role, Settings, Stage};
use crate::case::requirement::Waiver;
use crate::case::{Case, FORMAT_VERSION};
use crate::error::Error;
use crate::physics::check::{Check, FaultKind, Requirement};
use crate::vocabulary::Failure;
use elements::Elements;
pub use elements::Site;
use settings::{Setting, setting};
pub use spot::Spot;
pub use waivers::is_day;

/// What a check stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The relay.
    pub relay: String,
    /// The stage.
    pub stage: String,
    /// What the check is about.
    pub aim: Aim,
    /// Which of the stage's conditions the check is.
    pub condition: Condition,
    /// The kind of fault.
    pub kind: FaultKind,
    /// The fault place.
    pub spot: Spot,
    /// The unit of what is read: `kA`, `kV`, `MVA`, or empty for a ratio of reaches.
    pub unit: &'static str,
    /// The setting in that unit; 1 for reaches.
    pub setting: f64,
    /// The required factor.
    pub required: f64,
    /// Where the required factor comes from.
    pub source: String,
    /// Whether a waiver takes the check out of what is required.
    pub is_waived: bool,
}

impl Label {
    /// The check in words.
    pub fn words(&self) -> String {
        let condition = if self.condition == Condition::PickUp { "" } else { " " };
        let stage = format!("{}/{}{condition}{}", self.relay, self.stage, self.condition.name());
        format!("{stage} for {} on {}", self.kind.name(), self.spot.words())
    }
}

/// A condition of a stage; all of them must hold for it to see a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It picks up.
    PickUp,
    /// Its undervoltage start does.
    Start,
    /// Its directional element looks that way.
    Direction,
}

impl Condition {
    /// The condition beside a stage's name; nothing for the pick-up.
    pub fn name(self) -> &'static str {
        match self {
            Self::PickUp => "",
            Self::Start => "start",
            Self::Direction => "direction",
        }
    }
}

/// What a check is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// Sensitivity in a role.
    Sensitivity(Role),
    /// Coordination with another stage, `relay/stage`.
    Coordination(String),
}

/// A case, laid out for computing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Setup {
    /// Fault places.
    pub spots: Vec<Spot>,
    /// Places relays measure at.
    pub sites: Vec<Site>,
    /// Pairs of a site and a spot, in the order of the spots.
    pub pairs: Vec<(usize, usize)>,
    /// Checks; pairs of current rows are numbered as `pairs`, those of voltage rows follow in the same order.
    pub checks: Vec<Check>,
    /// What each check stands for.
    pub labels: Vec<Label>,
    /// Requirements on checks.
    pub requirements: Vec<Requirement>,
    /// For each requirement the failures it answers for; none for coordination.
    pub failures: Vec<Vec<Failure>>,
    /// Waivers that hold: the checks they take out of the requirements.
    pub waived: Vec<(Waiver, usize)>,
    /// Groups of settings; the first is the settings as they stand.
    pub groups: Vec<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Setup {
    /// Lays out a case. `today` decides which waivers still hold.
    pub fn of(case: &Case, model: &Model, today: &str) -> Result<Self, Error> {
        if case.head.quorate_case != FORMAT_VERSION {
            return Err(Error::Version { found: case.head.quorate_case, known: FORMAT_VERSION });
        }
        let mut builder = Builder::new(case, model)?;
        for relay in &case.relays {
            for stage in &relay.stages {
                builder.stage(relay, stage)?;
            }
        }
        for rule in &case.requirements.coordination {
            builder.coordination(rule)?;
        }
        builder.finish(today)
    }

    /// What opens for faults on its way alone, each once.
    pub(crate) fn openings(&self) -> Vec<State> {
        let mut openings: Vec<State> = Vec::new();
        for state in self.spots.iter().filter_map(Spot::opening) {
            if !openings.iter().any(|known| known.changes == state.changes) {
                openings.push(state);
            }
        }
        openings
    }

    /// The current at a pair per current of the fault, out of that into the element at its bus: behind the instrument
    /// transformers of an end the fault adds its own.
    pub(crate) fn current(&self, (site, spot): (usize, usize), into: Complex64) -> Complex64 {
        let (site, spot) = (&self.sites[site], &self.spots[spot]);
        let own = if spot.is_behind(&site.element, site.end) { 1.0 } else { 0.0 };
        (into + own) * site.sign()
    }
}

/// A check whose readings name sites, not yet pairs.
struct Draft {
    spot: usize,
    check: Check,
    label: Label,
}

struct Builder<'a> {
    case: &'a Case,
    elements: Elements<'a>,
    model: &'a Model,
    relays: HashMap<&'a str, &'a Relay>,
    required: review::Required<'a>,
    setup: Setup,
    drafts: Vec<Draft>,
}

impl<'a> Builder<'a> {
    fn new(case: &'a Case, model: &'a Model) -> Result<Self, Error> {
        let elements = Elements::of(model);
        let mut relays = HashMap::new();
        for relay in &case.relays {
            if relays.insert(relay.id.as_str(), relay).is_some() {
                return Err(Error::Duplicate { file: "relays.toml", kind: "relay", id: relay.id.clone() });
            }
            let site = elements.site(relay)?;
            review::unit(case, relay, &site)?;
        }
        let required = review::required(case)?;
        review::head(&case.head)?;
        review::groups(case)?;
        let findings = review::review(case, model, &elements);
        let mut setup = Setup { groups: vec![String::new()], findings, ..Setup::default() };
        for scheme in &case.schemes {
            if let Some(group) = &scheme.group
                && !setup.groups.contains(group)
            {
                setup.groups.push(group.clone());
            }
        }
        Ok(Self { case, model, elements, relays, required, setup, drafts: Vec::new() })
    }

    fn stage(&mut self, relay: &'a Relay, stage: &'a Stage) -> Result<(), Error> {
        for group in 0..self.setup.groups.len() {
            let name = self.setup.groups[group].clone();
            let settings = stage.groups.get(&name).unwrap_or(&stage.settings);
            let is_own = stage.groups.contains_key(&name);
            if group > 0 && !is_own {
                continue;
            }
            // Where other groups replace the settings, those as they stand hold in their own group only.
            let is_replaced = self.setup.groups.iter().any(|group| stage.groups.contains_key(group));
            let active = (is_own || is_replaced).then_some(group as u16);
            let own = self.setting(relay, stage, settings)?;
            let mut conditions = vec![(Condition::PickUp, own)];
            conditions.extend(Setting::conditions(relay, stage)?);
            let conditions = Conditions { all: conditions, active };
            for zone in &stage.zones {
                self.zone((relay, stage), zone, &conditions)?;
            }
            if is_replaced && group == 0 {
                // Groups without settings of their own keep those as they stand.
                for other in 1..self.setup.groups.len() {
                    if !stage.groups.contains_key(&self.setup.groups[other]) {
                        let conditions = Conditions { active: Some(other as u16), ..conditions.clone() };
                        for zone in &stage.zones {
                            self.zone((relay, stage), zone, &conditions)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// A stage's settings as they act where its relay stands.
    fn setting(&self, relay: &Relay, stage: &Stage, settings: &Settings) -> Result<Setting, Error> {
        let site = self.elements.site(relay)?;
        let line = self.elements.get(&site.element).and_then(|element| element.line);
        let network = (&self.model.couplings[..], &self.model.lines[..]);
        setting((relay, stage), settings, (site.kind, line, network))
    }

    fn site(&mut self, site: Site) -> u32 {
        if let Some(at) = self.setup.sites.iter().position(|known| *known == site) {
            return at as u32;
        }
        self.setup.sites.push(site);
        self.setup.sites.len() as u32 - 1
    }

    fn spot(&mut self, spot: Spot) -> usize {
        // New spots come next to each other: look from the end.
        if let Some(at) = self.setup.spots.iter().rposition(|known| *known == spot) {
            return at;
        }
        self.setup.spots.push(spot);
        self.setup.spots.len() - 1
    }

    fn finish(mut self, today: &str) -> Result<Setup, Error> {
        let named =
            |draft: &Draft| draft.check.pairs().map(|site| (draft.spot, site as usize)).collect::<Vec<_>>();
        let mut wanted: Vec<(usize, usize)> = self.drafts.iter().flat_map(named).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let place: HashMap<(usize, usize), u32> =
            wanted.iter().enumerate().map(|(at, &pair)| (pair, at as u32)).collect();
        let currents = wanted.len() as u32;
        for Draft { spot, mut check, label } in std::mem::take(&mut self.drafts) {
            check.fault = spot as u32;
            check.number(currents, &|site| place[&(spot, site as usize)]);
            self.setup.checks.push(check);
            self.setup.labels.push(label);
        }
        self.setup.pairs = wanted.into_iter().map(|(spot, site)| (site, spot)).collect();
        let waived = self.waived(today)?;
        self.requirements(&waived);
        if self.setup.requirements.is_empty() {
            self.setup.findings.push(Finding::new("nothing_required", Severity::Warning));
        }
        Ok(self.setup)
    }
}

/// What a stage needs to see a fault, with the group of settings it holds in.
#[derive(Clone)]
struct Conditions {
    all: Vec<(Condition, Setting)>,
    active: Option<u16>,
}

/// An id that leads nowhere, with the nearest that does.
fn unknown<'b>(
    file: &'static str,
    owner: String,
    (kind, id): (&'static str, &str),
    known: impl Iterator<Item = &'b str>,
) -> Error {
    let nearest = known.map(|name| (distance(name, id), name)).min();
    let hint = match nearest {
        Some((steps, name)) if steps <= 2 => format!("; did you mean {name:?}?"),
        _ => String::new(),
    };
    Error::Unknown { file, owner, kind, id: id.to_owned(), hint }
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let least = (corner + usize::from(letter != *other)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], least);
        }
    }
    row[b.len()]
}
