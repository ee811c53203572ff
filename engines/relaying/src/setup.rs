//! From a case to checks: which relay must see which fault, and what that means in primary kA, kV and Ω.

mod coordination;
mod coverage;
mod review;
mod settings;

use std::collections::HashMap;

use network::{Finding, Line, Model, Severity};

use crate::case::relay::{Covers, End, Measures, Relay, Role, Stage, Zone};
use crate::case::requirement::Waiver;
use crate::case::{Case, FORMAT_VERSION};
use crate::error::Error;
use crate::physics::check::{Check, FaultKind, Measure, Reading, Requirement, Test};
use crate::vocabulary::Failure;
use settings::{Setting, setting};

/// A fault place: a fraction of a line's length, from its beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// The line.
    pub line: String,
    /// The fraction.
    pub fraction: f64,
}

/// A place relays measure at: an end of a line, 0 where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The line.
    pub line: String,
    /// The end.
    pub end: usize,
}

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
    /// The unit of what is read: `kA`, `kV`, or empty for a ratio of reaches.
    pub unit: &'static str,
    /// The setting in that unit; 1 for reaches.
    pub setting: f64,
    /// The required factor.
    pub required: f64,
    /// Where the required factor comes from.
    pub source: String,
}

impl Label {
    /// The check in words.
    pub fn words(&self) -> String {
        let condition = if self.condition == Condition::PickUp { "" } else { " " };
        let stage = format!("{}/{}{condition}{}", self.relay, self.stage, self.condition.name());
        format!("{stage} for {} on {} at {}", self.kind.name(), self.spot.line, self.spot.fraction)
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
}

/// A check that still names its sites and spots.
struct Draft {
    site: usize,
    spot: usize,
    other: Option<usize>,
    check: Check,
    label: Label,
}

struct Builder<'a> {
    case: &'a Case,
    lines: HashMap<&'a str, &'a Line>,
    at_bus: HashMap<&'a str, Vec<&'a Line>>,
    relays: HashMap<&'a str, &'a Relay>,
    required: HashMap<(&'a str, Role), (f64, &'a str)>,
    setup: Setup,
    drafts: Vec<Draft>,
}

impl<'a> Builder<'a> {
    fn new(case: &'a Case, model: &'a Model) -> Result<Self, Error> {
        let lines: HashMap<&str, &Line> = model.lines.iter().map(|line| (line.id.as_str(), line)).collect();
        let mut at_bus: HashMap<&str, Vec<&Line>> = HashMap::new();
        for line in &model.lines {
            at_bus.entry(&line.from).or_default().push(line);
            at_bus.entry(&line.to).or_default().push(line);
        }
        let mut relays = HashMap::new();
        for relay in &case.relays {
            if relays.insert(relay.id.as_str(), relay).is_some() {
                return Err(Error::Duplicate { file: "relays.toml", kind: "relay", id: relay.id.clone() });
            }
            if !lines.contains_key(relay.line.as_str()) {
                let owner = format!("relay {:?}", relay.id);
                return Err(unknown("relays.toml", owner, ("line", &relay.line), lines.keys().copied()));
            }
        }
        let mut required = HashMap::new();
        for row in &case.requirements.sensitivity {
            let owner = || format!("sensitivity of {:?}", row.protection);
            if !(row.k.is_finite() && row.k > 0.0) {
                let what = format!("k = {} must be a number above 0", row.k);
                return Err(Error::Value { file: "requirements.toml", owner: owner(), what });
            }
            if row.source.trim().is_empty() {
                let what = "source is empty: say where the number comes from".to_owned();
                return Err(Error::Value { file: "requirements.toml", owner: owner(), what });
            }
            if required.insert((row.protection.as_str(), row.role), (row.k, row.source.as_str())).is_some() {
                let id = format!("{} {}", row.protection, row.role.name());
                return Err(Error::Duplicate { file: "requirements.toml", kind: "sensitivity", id });
            }
        }
        review::head(&case.head)?;
        review::groups(case)?;
        let findings = review::review(case, model);
        let mut setup = Setup { groups: vec![String::new()], findings, ..Setup::default() };
        for scheme in &case.schemes {
            if let Some(group) = &scheme.group
                && !setup.groups.contains(group)
            {
                setup.groups.push(group.clone());
            }
        }
        Ok(Self { case, lines, at_bus, relays, required, setup, drafts: Vec::new() })
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
            let own = setting(relay, stage, settings, self.lines[relay.line.as_str()])?;
            let mut conditions = vec![(Condition::PickUp, own)];
            conditions.extend(Setting::conditions(relay, stage)?);
            for zone in &stage.zones {
                self.zone((relay, stage), zone, (&conditions, active))?;
            }
            if is_replaced && group == 0 {
                // Groups without settings of their own keep those as they stand.
                for other in 1..self.setup.groups.len() {
                    if !stage.groups.contains_key(&self.setup.groups[other]) {
                        for zone in &stage.zones {
                            self.zone((relay, stage), zone, (&conditions, Some(other as u16)))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn zone(
        &mut self,
        (relay, stage): (&'a Relay, &'a Stage),
        zone: &Zone,
        (conditions, group): (&[(Condition, Setting)], Option<u16>),
    ) -> Result<(), Error> {
        let owner = format!("{}/{}", relay.id, stage.id);
        let Some(&(required, source)) = self.required.get(&(stage.protection.as_str(), zone.role)) else {
            let finding = Finding::new("no_required_sensitivity", Severity::Warning)
                .about("stages", &owner)
                .with("protection", stage.protection.as_str())
                .with("role", zone.role.name());
            if !self.setup.findings.contains(&finding) {
                self.setup.findings.push(finding);
            }
            return Ok(());
        };
        let site = self.site(relay);
        for (line, part) in self.covered(relay, zone)? {
            for fraction in self.fractions(relay, line, part) {
                let spot = self.spot(line, fraction);
                for kind in kinds(stage.measures, &self.case.head.fault_kinds) {
                    for (condition, setting) in conditions {
                        // A directional element has an angle, not a sensitivity.
                        let required = if *condition == Condition::Direction { 1.0 } else { required };
                        let label = Label {
                            relay: relay.id.clone(),
                            stage: stage.id.clone(),
                            aim: Aim::Sensitivity(zone.role),
                            condition: *condition,
                            kind,
                            spot: self.setup.spots[spot].clone(),
                            unit: setting.unit(),
                            setting: setting.pickup,
                            required,
                            source: source.to_owned(),
                        };
                        self.draft((site, spot), (setting.sensitivity(required), group), label);
                    }
                }
            }
        }
        Ok(())
    }

    fn draft(
        &mut self,
        (site, spot): (usize, usize),
        ((measure, test), group): ((Measure, Test), Option<u16>),
        label: Label,
    ) {
        let reading = Reading { measure, current: None, voltage: None };
        let resistance_ohm = self.case.head.fault_resistance_ohm.of(label.kind);
        let far = matches!(test, Test::Biased { .. }).then(|| {
            let Site { line, end } = self.setup.sites[site].clone();
            self.site_at(Site { line, end: 1 - end })
        });
        let check = Check { fault: 0, kind: label.kind, resistance_ohm, reading, test, group };
        self.drafts.push(Draft { site, spot, other: far, check, label });
    }

    /// The lines of a zone, each with the part of its length that is meant.
    fn covered(&self, relay: &Relay, zone: &Zone) -> Result<Vec<(&'a Line, f64)>, Error> {
        let own = self.lines[relay.line.as_str()];
        let far = if relay.end == End::From { own.to.as_str() } else { own.from.as_str() };
        let part = zone.part.unwrap_or(1.0);
        let lines: Vec<&Line> = match &zone.covers {
            Covers::Line => vec![own],
            Covers::Next => {
                self.at_bus[far].iter().copied().filter(|line| line.id != own.id && line.in_service).collect()
            }
            Covers::Lines(ids) => {
                let find = |id: &String| {
                    let owner = format!("relay {:?}", relay.id);
                    let missing = || unknown("relays.toml", owner, ("line", id), self.lines.keys().copied());
                    self.lines.get(id.as_str()).copied().ok_or_else(missing)
                };
                ids.iter().map(find).collect::<Result<_, _>>()?
            }
        };
        Ok(lines.into_iter().map(|line| (line, part)).collect())
    }

    /// Fault places on a line within a part of its length, counted from the side the relay looks from.
    fn fractions(&self, relay: &Relay, line: &Line, part: f64) -> Vec<f64> {
        let own = self.lines[relay.line.as_str()];
        let far = if relay.end == End::From { &own.to } else { &own.from };
        let is_forward = if line.id == own.id { relay.end == End::From } else { line.from == *far };
        let is_meant = |fraction: &f64| {
            let from_relay = if is_forward { *fraction } else { 1.0 - fraction };
            from_relay <= part + 1e-9
        };
        self.case.head.fault_points.iter().copied().filter(is_meant).collect()
    }

    fn site(&mut self, relay: &Relay) -> usize {
        self.site_at(Site { line: relay.line.clone(), end: usize::from(relay.end == End::To) })
    }

    fn site_at(&mut self, site: Site) -> usize {
        if let Some(at) = self.setup.sites.iter().position(|known| *known == site) {
            return at;
        }
        self.setup.sites.push(site);
        self.setup.sites.len() - 1
    }

    fn spot(&mut self, line: &Line, fraction: f64) -> usize {
        let is_it = |spot: &Spot| spot.line == line.id && spot.fraction == fraction;
        // New spots come next to each other: look from the end.
        if let Some(at) = self.setup.spots.iter().rposition(is_it) {
            return at;
        }
        self.setup.spots.push(Spot { line: line.id.clone(), fraction });
        self.setup.spots.len() - 1
    }

    fn finish(mut self, today: &str) -> Result<Setup, Error> {
        let mut wanted: Vec<(usize, usize)> = Vec::new();
        for draft in &self.drafts {
            wanted.push((draft.spot, draft.site));
            wanted.extend(draft.other.map(|site| (draft.spot, site)));
        }
        wanted.sort_unstable();
        wanted.dedup();
        let place: HashMap<(usize, usize), u32> =
            wanted.iter().enumerate().map(|(at, &pair)| (pair, at as u32)).collect();
        let currents = wanted.len() as u32;
        for draft in std::mem::take(&mut self.drafts) {
            let pair = place[&(draft.spot, draft.site)];
            let mut check = draft.check;
            check.fault = draft.spot as u32;
            check.reading.current = Some(pair);
            check.reading.voltage = check.reading.measure.needs_voltage().then_some(currents + pair);
            if let (
                Some(site),
                Test::RatioAtMost(_, other)
                | Test::Slower { first: other, .. }
                | Test::Biased { far: other, .. },
            ) = (draft.other, &mut check.test)
            {
                other.current = Some(place[&(draft.spot, site)]);
            }
            if let Test::Biased { near, .. } = &mut check.test {
                near.current = Some(pair);
            }
            self.setup.checks.push(check);
            self.setup.labels.push(draft.label);
        }
        self.setup.pairs = wanted.into_iter().map(|(spot, site)| (site, spot)).collect();
        let waived = self.waived(today)?;
        self.requirements(&waived);
        if self.setup.requirements.is_empty() {
            self.setup.findings.push(Finding::new("nothing_required", Severity::Warning));
        }
        Ok(self.setup)
    }

    /// Which checks waivers take out.
    fn waived(&mut self, today: &str) -> Result<Vec<bool>, Error> {
        let mut waived = vec![false; self.setup.checks.len()];
        for waiver in &self.case.requirements.waiver {
            check_waiver(waiver)?;
            if waiver.expires.as_str() < today {
                let finding = Finding::new("waiver_expired", Severity::Warning)
                    .about("stages", &waiver.stage)
                    .with("expires", waiver.expires.as_str());
                self.setup.findings.push(finding);
                continue;
            }
            let mut count = 0;
            for (label, waived) in self.setup.labels.iter().zip(&mut waived) {
                let is_line = waiver.line.as_ref().is_none_or(|line| *line == label.spot.line);
                if is_line && format!("{}/{}", label.relay, label.stage) == waiver.stage {
                    *waived = true;
                    count += 1;
                }
            }
            self.setup.waived.push((waiver.clone(), count));
            if count == 0 {
                let finding = Finding::new("waiver_without_breach", Severity::Warning);
                self.setup.findings.push(finding.about("waivers", &waiver.stage));
            }
        }
        Ok(waived)
    }
}

/// The kinds of fault a stage is there for.
fn kinds(measures: Measures, assumed: &[FaultKind]) -> Vec<FaultKind> {
    let is_meant = |kind: &FaultKind| match measures {
        Measures::Phase | Measures::Undervoltage => *kind != FaultKind::Lg,
        Measures::Residual | Measures::ResidualPower => matches!(kind, FaultKind::Lg | FaultKind::Llg),
        Measures::Negative | Measures::NegativePower => *kind != FaultKind::Lll,
        Measures::Mho | Measures::Quadrilateral | Measures::Differential => true,
    };
    assumed.iter().copied().filter(is_meant).collect()
}

fn check_waiver(waiver: &Waiver) -> Result<(), Error> {
    let owner = || format!("waiver of {:?}", waiver.stage);
    if !is_day(&waiver.expires) {
        let what = format!("expires = {:?} must be a day as 2026-12-31", waiver.expires);
        return Err(Error::Value { file: "requirements.toml", owner: owner(), what });
    }
    if waiver.author.trim().is_empty() || waiver.reason.trim().is_empty() {
        let what = "author and reason must not be empty".to_owned();
        return Err(Error::Value { file: "requirements.toml", owner: owner(), what });
    }
    Ok(())
}

/// Whether a text is a day of the Gregorian calendar, as 2026-12-31.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |text: &str, length: usize| {
        let is_number = text.len() == length && text.bytes().all(|letter| letter.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| is_number)
    };
    let [year, month, day] = parts[..] else { return false };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
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
