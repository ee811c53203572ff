//! Which checks must hold together: in a strict case every one that answers for a failure the case assumes; in a
//! functional one, for each fault and failure, one of the stages that then stand in.

use std::collections::BTreeMap;

use network::{Finding, Severity};

use super::{Aim, Builder};
use crate::case::Coverage;
use crate::case::relay::{End, Role};
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
                    let assumed = self.case.head.failures.iter().copied();
                    let failures: Vec<Failure> = assumed.filter(|&failure| role.answers(failure)).collect();
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
            for end in [End::From, End::To] {
                self.functional((fault, kind, end), &watches, waived);
            }
        }
        self.setup.labels = labels;
    }

    /// For each failure one of the stages that stand in at an end of the faulted line.
    fn functional(
        &mut self,
        (fault, kind, end): (u32, FaultKind, End),
        watches: &[Watch<'_>],
        waived: &[bool],
    ) {
        let line = self.setup.spots[fault as usize].line.clone();
        for &failure in &self.case.head.failures {
            let stands_in = |watch: &&Watch<'_>| {
                watch.role.answers(failure)
                    && match watch.role {
                        Role::Main | Role::NearBackup => self.is_at(watch.relay, &line, end),
                        Role::RemoteBackup => self.looks_at(watch.relay, &line, end),
                    }
            };
            let standing: Vec<&Watch<'_>> = watches.iter().filter(stands_in).collect();
            if standing.is_empty() {
                self.nobody((&line, end), kind, failure);
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

    fn nobody(&mut self, (line, end): (&str, End), kind: FaultKind, failure: Failure) {
        let finding = Finding::new("nobody_covers", Severity::Warning)
            .about("lines", line)
            .with("end", if end == End::From { "from" } else { "to" })
            .with("failure", failure.name())
            .with("fault", kind.name());
        if !self.setup.findings.contains(&finding) {
            self.setup.findings.push(finding);
        }
    }

    fn is_at(&self, relay: &str, line: &str, end: End) -> bool {
        self.relays.get(relay).is_some_and(|relay| relay.line == line && relay.end == end)
    }

    /// Whether a relay on another line looks towards the bus of an end: the breaker at that end is what it backs up.
    fn looks_at(&self, relay: &str, line: &str, end: End) -> bool {
        let bus = |line: &str, end: End| {
            self.lines
                .get(line)
                .map(|line| if end == End::From { line.from.as_str() } else { line.to.as_str() })
        };
        self.relays.get(relay).is_some_and(|relay| {
            let far = if relay.end == End::From { End::To } else { End::From };
            relay.line != line && bus(&relay.line, far) == bus(line, end)
        })
    }
}
