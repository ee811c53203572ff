//! Which checks must hold together: in a strict case every one that answers for a failure the case assumes; in a
//! functional one, for each fault and failure, one of the stages that then stand in.

use std::collections::BTreeMap;

use network::{Finding, Severity};

use super::{Aim, Builder, Spot};
use crate::case::Coverage;
use crate::case::relay::{Kind, Measures, Role};
use crate::physics::check::{FaultKind, Requirement};
use crate::vocabulary::Failure;

/// A stage that looks at a fault: all its conditions.
struct Watch<'a> {
    relay: &'a str,
    role: Role,
    checks: Vec<u32>,
}

/// The stages that look at a fault, by relay, stage, role and group of settings.
type Watches<'a> = BTreeMap<(&'a str, &'a str, Role, Option<u16>), Vec<u32>>;

impl Builder<'_> {
    pub(super) fn requirements(&mut self, waived: &[bool]) {
        let is_functional = self.case.head.coverage == Coverage::Functional;
        let labels = std::mem::take(&mut self.setup.labels);
        let mut faults: BTreeMap<(u32, FaultKind), Watches<'_>> = BTreeMap::new();
        for (at, label) in labels.iter().enumerate() {
            let check = &self.setup.checks[at];
            match label.aim {
                Aim::Sensitivity(role) if is_functional => {
                    let watches = faults.entry((check.fault, check.kind)).or_default();
                    let key = (label.relay.as_str(), label.stage.as_str(), role, check.group);
                    watches.entry(key).or_default().push(at as u32);
                }
                _ if waived[at] => {}
                Aim::Coordination(_) => self.require(vec![vec![at as u32]], Vec::new()),
                Aim::Sensitivity(role) => {
                    let (relay, spot) = (label.relay.as_str(), check.fault as usize);
                    let assumed = self.case.head.failures.iter().copied();
                    let answers = |failure: &Failure| {
                        role.answers(*failure) && self.is_at_its_place(*failure, relay, spot)
                    };
                    let failures: Vec<Failure> = assumed.filter(answers).collect();
                    if !failures.is_empty() {
                        self.require(vec![vec![at as u32]], failures);
                    }
                }
            }
        }
        for ((fault, kind), watches) in faults {
            let watches: Vec<Watch<'_>> = watches
                .into_iter()
                .map(|((relay, _, role, _), checks)| Watch { relay, role, checks })
                .collect();
            for way in self.ways(fault) {
                self.functional((fault, kind, &way), &watches, waived);
            }
        }
        self.setup.labels = labels;
    }

    /// Whether a failure is looked at where the fault is as it is then: when a breaker fails, those at the line's other
    /// end have opened before its neighbours see to it.
    fn is_at_its_place(&self, failure: Failure, relay: &str, spot: usize) -> bool {
        match &self.setup.spots[spot] {
            Spot::Line { opened: Some(_), .. } => failure == Failure::BreakerFailure,
            Spot::Line { line, opened: None, .. } if failure == Failure::BreakerFailure => {
                !(0..2).any(|end| self.looks_at(relay, line, end))
            }
            _ => true,
        }
    }

    /// The ways by which current reaches a fault: the ends of the faulted element, or the branches at a faulted bus.
    fn ways(&self, fault: u32) -> Vec<Way> {
        let own = |element: &str, end: usize| Way { element: element.to_owned(), end };
        match &self.setup.spots[fault as usize] {
            Spot::Line { line, opened: Some(opened), .. } => vec![own(line, 1 - opened)],
            Spot::Bus(bus) => {
                let here = self.elements.branches_at(bus).filter(|(element, _)| element.in_service);
                here.map(|(element, end)| own(element.id, end)).collect()
            }
            spot => {
                let count = self.elements.get(spot.element()).map_or(0, |element| element.buses.len());
                (0..count).map(|end| own(spot.element(), end)).collect()
            }
        }
    }

    /// For each failure one of the stages that stand in on a way to the fault.
    fn functional(
        &mut self,
        (fault, kind, way): (u32, FaultKind, &Way),
        watches: &[Watch<'_>],
        waived: &[bool],
    ) {
        let spot = self.setup.spots[fault as usize].clone();
        for &failure in &self.case.head.failures {
            let stands_in = |watch: &&Watch<'_>| {
                watch.role.answers(failure) && self.stands_on(watch.relay, watch.role, (&spot, way))
            };
            let standing: Vec<&Watch<'_>> = watches.iter().filter(stands_in).collect();
            let is_opened = matches!(spot, Spot::Line { opened: Some(_), .. });
            match (failure == Failure::BreakerFailure, is_opened) {
                (false, true) => continue,
                // Whoever looks at the failed breaker's bus sees the fault once the other end has opened.
                (true, false) if matches!(spot, Spot::Line { .. }) && !standing.is_empty() => continue,
                _ => {}
            }
            if standing.is_empty() {
                self.nobody((&spot, way), kind, failure);
                continue;
            }
            // A waiver takes its own stage out; the others must still cover the fault.
            let is_waived = |watch: &&Watch<'_>| watch.checks.iter().any(|&at| waived[at as usize]);
            let left = standing.into_iter().filter(|watch| !is_waived(watch));
            let alternatives: Vec<Vec<u32>> = left.map(|watch| watch.checks.clone()).collect();
            if !alternatives.is_empty() {
                self.require(alternatives, vec![failure]);
            }
        }
    }

    fn require(&mut self, alternatives: Vec<Vec<u32>>, failures: Vec<Failure>) {
        self.setup.requirements.push(Requirement { alternatives });
        self.setup.failures.push(failures);
    }

    fn nobody(&mut self, (spot, way): (&Spot, &Way), kind: FaultKind, failure: Failure) {
        let end = self.elements.get(&way.element).map_or("", |element| element.end_name(way.end));
        let end = match spot {
            Spot::Bus(_) => format!("{} {end}", way.element),
            _ => end.to_owned(),
        };
        let of = self.elements.get(spot.element()).map_or(Kind::Bus, |element| element.kind);
        let finding = Finding::new("nobody_covers", Severity::Warning)
            .about(collection(of), spot.element())
            .with("end", end)
            .with("failure", failure.name())
            .with("fault", kind.name());
        if !self.setup.findings.contains(&finding) {
            self.setup.findings.push(finding);
        }
    }

    /// Whether a relay stands in, in a role, on a way to a fault.
    fn stands_on(&self, relay: &str, role: Role, (spot, way): (&Spot, &Way)) -> bool {
        let Some(site) = self.relays.get(relay).and_then(|relay| self.elements.site(relay).ok()) else {
            return false;
        };
        if let Spot::Bus(bus) = spot {
            // The bus's own protection opens all ways; else that of the branch does, at either end.
            return site.element == *bus || site.element == way.element;
        }
        match role {
            Role::Main | Role::NearBackup => {
                let is_whole = site.kind == Kind::Transformer && self.is_differential(relay);
                site.element == way.element && (site.end == way.end || is_whole)
            }
            Role::RemoteBackup => self.looks_at(relay, &way.element, way.end),
        }
    }

    fn is_differential(&self, relay: &str) -> bool {
        let mut stages = self.relays.get(relay).into_iter().flat_map(|relay| &relay.stages);
        stages.any(|stage| stage.measures == Measures::Differential)
    }

    /// Whether a relay elsewhere looks towards the bus of an end: the breaker at that end is what it backs up.
    fn looks_at(&self, relay: &str, element: &str, end: usize) -> bool {
        let site = self.relays.get(relay).and_then(|relay| self.elements.site(relay).ok());
        let bus = self.elements.get(element).and_then(|element| element.buses.get(end));
        let (Some(site), Some(bus)) = (site, bus) else { return false };
        let far = self.elements.get(&site.element).map(|own| own.far_buses(site.end));
        site.element != element && far.is_some_and(|far| far.contains(bus))
    }
}

/// A way by which current reaches a fault.
struct Way {
    element: String,
    end: usize,
}

/// The collection of the network an element is in.
fn collection(kind: Kind) -> &'static str {
    match kind {
        Kind::Line => "lines",
        Kind::Transformer => "transformers",
        Kind::SeriesElement => "series_elements",
        Kind::Unit => "units",
        Kind::Bus => "buses",
    }
}
