//! The oracle of the search: adequacy of compositions from port matrices, with certified answers about regions.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use num_complex::Complex64;
use rayon::prelude::*;

use super::check::{Check, Inputs, Requirement};
use super::hull::{Base, HOLDS, fails_throughout, influence};
use super::layout::Layout;
use super::point::Point;
use super::ports::{POSITIVE, Ports};
use super::probe::Probe;
use super::seen::Drive;
use super::situation::{SWEPT, Shown, Transfers, Work, project};
use super::tile::Tile;
use crate::composition::oracle::{Breach, CheckIx, Oracle, Probe as Question};
use crate::composition::space::Region;

/// Breaches looked for in a scheme when a few of the worst are wanted: near the limit there are no more, far from it any
/// will do.
const ENOUGH: usize = 24;
/// So near the limit two computations may differ: a fresh one decides.
const UNSURE: f64 = 1e-9;
/// So many checks are worth the look at all pairs at once.
const MANY: usize = 64;

/// Port matrices with all checks and requirements.
pub struct Protection {
    ports: Ports,
    checks: Vec<Check>,
    requirements: Vec<Requirement>,
    layout: Layout,
    /// Per base network: what changes do to rows and fault points. None where the negative sequence is its own.
    transfers: Vec<[Transfers; 2]>,
    /// Per scheme: fault points that are out or that the scheme itself cuts off from all sources. Nothing is required
    /// there.
    dead: Vec<Vec<u32>>,
}

/// The outcome of one check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// What was read: kA, kV or a ratio of reaches.
    pub value: f64,
    /// The margin: the check holds from 1 on.
    pub margin: f64,
    /// Whether the fault point has a source at all.
    pub is_energized: bool,
}

impl Outcome {
    /// Whether the check holds.
    pub fn holds(&self) -> bool {
        self.margin >= HOLDS
    }
}

/// The port matrices between a check's fault point, its relay and the classes, in a scheme with all units.
pub struct Driven {
    /// Class by class.
    pub control: Vec<Vec<Complex64>>,
    /// Between fault point and classes.
    pub right: Vec<Complex64>,
    /// Impedance at the fault point.
    pub z_ff: Complex64,
    /// Per pair the check reads: between the relay and classes, and at the relay per current of the fault.
    pub rows: Vec<(Vec<Complex64>, Complex64)>,
}

impl Protection {
    /// Arranges checks and requirements for the sweep. All checks of a requirement are at one fault point.
    pub fn new(ports: Ports, checks: Vec<Check>, requirements: Vec<Requirement>) -> Self {
        let layout = Layout::new(&ports, &checks, &requirements);
        let columns = ports.columns.len();
        let transfers = if ports.is_alike() {
            let of = |base: &[super::ports::Sequence; 3]| {
                SWEPT.map(|s| Transfers::new(&base[s], &layout.rows, columns))
            };
            ports.bases.iter().map(of).collect()
        } else {
            Vec::new()
        };
        let mut own = Self { ports, checks, requirements, layout, transfers, dead: Vec::new() };
        own.dead = (0..own.ports.schemes.len()).map(|scheme| own.cut_off(scheme)).collect();
        own
    }

    fn cut_off(&self, scheme: usize) -> Vec<u32> {
        let point = Point::new(&self.ports, scheme, &self.ports.high);
        let faults = 0..self.ports.fault_kv.len() as u32;
        let void = &self.ports.schemes[scheme].void_faults;
        let is_cut = |&fault: &u32| {
            let own = point.opened_for(fault);
            let point = own.as_ref().unwrap_or(&point);
            void.binary_search(&fault).is_ok() || point.fault(POSITIVE, fault) == Complex64::ZERO
        };
        faults.filter(is_cut).collect()
    }

    /// The port matrices.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// All checks.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// All requirements.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The port matrices a check rests on in a scheme and sequence. `None` where its fault point has no path to earth.
    pub fn driven_by(&self, scheme: usize, check: CheckIx, s: usize) -> Option<Driven> {
        let check = &self.checks[check as usize];
        let point = Point::new(&self.ports, scheme, &self.ports.high);
        let point = point.opened_for(check.fault).unwrap_or(point);
        let (sequence, columns) = (self.ports.sequence(scheme, s), self.ports.columns.len());
        let z_ff = point.impedance(s, check.fault);
        if !z_ff.is_finite() {
            return None;
        }
        let classes = 0..self.ports.classes();
        let towards = |vector: &[Complex64]| -> Vec<Complex64> {
            classes.clone().map(|class| point.transfer(s, vector, class)).collect()
        };
        let row = |pair: u32| {
            let left = sequence.left_of(self.ports.pairs[pair as usize].row, columns);
            (towards(left), point.kappa(s, pair))
        };
        Some(Driven {
            control: classes
                .clone()
                .map(|class| towards(&sequence.control[class * columns..][..columns]))
                .collect(),
            right: towards(sequence.right_of(check.fault, columns)),
            rows: check.pairs().map(row).collect(),
            z_ff,
        })
    }

    /// Tiles of about so many slots with all that is required in a scheme. `None` when there are requirements the sweep
    /// cannot decide.
    pub(super) fn tiles(&self, scheme: usize, most: usize) -> Option<Vec<Tile>> {
        let is_live = |fault: u32| self.dead[scheme].binary_search(&fault).is_err();
        let idle = &self.ports.schemes[scheme].idle_rows;
        self.layout.tiles_for(&self.ports, (idle, &is_live), most)
    }

    /// How many pairs the sweep looks at in a scheme.
    pub fn pair_count(&self, scheme: usize) -> usize {
        self.tiles(scheme, usize::MAX).map_or(0, |tiles| tiles.iter().map(|tile| tile.pair_count).sum())
    }

    /// Fault points that are out in a scheme or that it cuts off from all sources.
    pub fn dead(&self, scheme: usize) -> &[u32] {
        &self.dead[scheme]
    }

    /// The outcomes of checks in a scheme and composition.
    pub fn outcomes(&self, scheme: usize, counts: &[u16], checks: &[CheckIx]) -> Vec<Outcome> {
        let point = Point::new(&self.ports, scheme, counts);
        if checks.len() < MANY || self.transfers.is_empty() {
            let one = |&check: &u32| self.outcome(check, &point.inputs(&self.checks[check as usize]));
            return checks.iter().map(one).collect();
        }
        let shown = self.shown(&[scheme], counts);
        let base = self.ports.schemes[scheme].base;
        let terms = project(&point, &self.transfers[base], true);
        let after = |(tile, before): (&Tile, &Shown)| before.after(tile, &terms, &mut Work::default());
        let shown: Vec<Shown> = self.layout.tiles.par_iter().zip(&shown[&base]).map(after).collect();
        let one = |&check: &u32| {
            let own = &self.checks[check as usize];
            if !self.ports.opened[own.fault as usize].is_empty() {
                return self.outcome(check, &point.inputs(own));
            }
            let (tile, at) = self.layout.places[own.fault as usize];
            let place = (&self.layout.tiles[tile as usize], at as usize);
            let inputs = shown[tile as usize].inputs(&self.ports, place, (own, &self.layout.slots));
            self.outcome(check, &inputs)
        };
        checks.par_iter().map(one).collect()
    }

    fn outcome(&self, check: CheckIx, inputs: &Inputs<Complex64>) -> Outcome {
        let check = &self.checks[check as usize];
        if inputs.fault[POSITIVE] == Complex64::ZERO {
            return Outcome { value: 0.0, margin: 0.0, is_energized: false };
        }
        let drive = Drive::new(check.kind, inputs, check.resistance_ohm);
        let value = drive.and_then(|drive| check.value(&drive, inputs)).map_or(0.0, |value| value.low);
        let margin = check.margin(inputs).map_or(0.0, |margin| margin.low);
        Outcome { value, margin, is_energized: true }
    }

    /// A composition on the base networks of some schemes, before outages, tile by tile.
    fn shown(&self, schemes: &[usize], counts: &[u16]) -> BTreeMap<usize, Vec<Shown>> {
        let mut bases: BTreeMap<usize, usize> = BTreeMap::new();
        for &scheme in schemes {
            bases.entry(self.ports.schemes[scheme].base).or_insert(scheme);
        }
        let on = |(base, scheme): (usize, usize)| {
            let point = Point::new(&self.ports, scheme, counts);
            let terms = project(&point, &self.transfers[base], false);
            let sequences = SWEPT.map(|s| &self.ports.bases[base][s]);
            let of = |tile: &Tile| Shown::base(sequences, tile).after(tile, &terms, &mut Work::default());
            (base, self.layout.tiles.par_iter().map(of).collect())
        };
        bases.into_iter().map(on).collect()
    }

    /// Calls back with broken requirements of a scheme, until told to stop.
    fn assess(
        &self,
        (scheme, counts): (usize, &[u16]),
        shown: Option<&[Shown]>,
        found: &mut dyn FnMut(u32, Breach) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let point = Point::new(&self.ports, scheme, counts);
        let Some(shown) = shown else {
            let requirements = self.layout.plans.iter().enumerate();
            let live = requirements.filter(|(fault, _)| self.is_fed(scheme, *fault as u32));
            for &requirement in live.flat_map(|(_, plan)| plan.swept.iter().chain(&plan.others)) {
                if let Some(breach) = self.breach(scheme, requirement, &|check| point.inputs(check)) {
                    found(requirement, breach)?;
                }
            }
            return ControlFlow::Continue(());
        };
        for &fault in self.layout.apart.iter().filter(|&&fault| self.is_fed(scheme, fault)) {
            for &requirement in &self.layout.plans[fault as usize].others {
                if let Some(breach) = self.breach(scheme, requirement, &|check| point.inputs(check)) {
                    found(requirement, breach)?;
                }
            }
        }
        let terms = project(&point, &self.transfers[self.ports.schemes[scheme].base], true);
        for (tile, before) in self.layout.tiles.iter().zip(shown) {
            let mut work = Work::default();
            let changed;
            let now = if terms.iter().all(Vec::is_empty) {
                before
            } else {
                changed = before.after(tile, &terms, &mut work);
                &changed
            };
            let failing = now.failing(tile, &mut work);
            for (at, &fault) in tile.faults.iter().enumerate() {
                let plan = &self.layout.plans[fault as usize];
                let fails = failing.binary_search(&at).is_ok();
                if (!fails && plan.others.is_empty()) || !self.is_fed(scheme, fault) {
                    continue;
                }
                let inputs = |check: &Check| now.inputs(&self.ports, (tile, at), (check, &self.layout.slots));
                let swept = if fails { &plan.swept[..] } else { &[] };
                for &requirement in swept.iter().chain(&plan.others) {
                    if let Some(breach) = self.breach(scheme, requirement, &inputs) {
                        found(requirement, breach)?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn is_fed(&self, scheme: usize, fault: u32) -> bool {
        self.dead[scheme].binary_search(&fault).is_err()
    }

    /// The worst of the breaches of a scheme.
    fn worst(&self, place: (usize, &[u16]), shown: Option<&[Shown]>, limit: usize) -> Vec<Breach> {
        let mut breaches: Vec<(u32, Breach)> = Vec::new();
        let _ = self.assess(place, shown, &mut |requirement, breach| {
            breaches.push((requirement, breach));
            if breaches.len() < ENOUGH.max(limit) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        breaches.sort_by(|a, b| a.1.margin.total_cmp(&b.1.margin).then(a.0.cmp(&b.0)));
        // One lesson per fault point: its neighbours would teach the same.
        let mut kept: Vec<Breach> = Vec::new();
        let mut faults: Vec<u32> = Vec::new();
        for (_, breach) in breaches {
            let fault = self.checks[breach.checks[0] as usize].fault;
            if kept.len() < limit && !faults.contains(&fault) {
                faults.push(fault);
                kept.push(breach);
            }
        }
        kept
    }

    /// Whether a check can be made in a scheme: its relays are in service, its fault point has a source.
    pub fn is_live(&self, scheme: usize, check: CheckIx) -> bool {
        let check = &self.checks[check as usize];
        let idle = &self.ports.schemes[scheme].idle_rows;
        let is_idle = |pair: u32| idle.binary_search(&self.ports.pairs[pair as usize].row).is_ok();
        let is_active = check.group.is_none_or(|group| group == self.ports.schemes[scheme].group);
        is_active
            && self.dead[scheme].binary_search(&check.fault).is_err()
            && !check.needed_pairs().any(is_idle)
    }

    /// How a requirement is broken: in each alternative the worst check. Alternatives that need a relay which is out
    /// are none; a requirement without any other is not made in the scheme.
    fn breach(
        &self,
        scheme: usize,
        requirement: u32,
        inputs: &dyn Fn(&Check) -> Inputs<Complex64>,
    ) -> Option<Breach> {
        let mut checks = Vec::new();
        let mut best = 0.0_f64;
        let alternatives = &self.requirements[requirement as usize].alternatives;
        let is_live = |alternative: &&Vec<u32>| alternative.iter().all(|&check| self.is_live(scheme, check));
        for alternative in alternatives.iter().filter(is_live) {
            let margin =
                |&check: &u32| (self.outcome(check, &inputs(&self.checks[check as usize])).margin, check);
            let worst = alternative.iter().map(margin).min_by(|a, b| a.0.total_cmp(&b.0))?;
            if worst.0 >= HOLDS {
                return None;
            }
            best = best.max(worst.0);
            checks.push(worst.1);
        }
        checks.sort_unstable();
        checks.dedup();
        (!checks.is_empty()).then_some(Breach { checks, margin: best })
    }

    /// Each requirement made in a scheme with the check that decides it and its margin.
    pub fn requirement_margins(&self, scheme: usize, counts: &[u16]) -> Vec<(usize, CheckIx, f64)> {
        let all: Vec<CheckIx> = (0..self.checks.len() as CheckIx).collect();
        let outcomes = self.outcomes(scheme, counts, &all);
        let margin = |check: CheckIx| (check, outcomes[check as usize].margin);
        let deciding = |(at, requirement): (usize, &Requirement)| {
            let live = requirement
                .alternatives
                .iter()
                .filter(|alternative| alternative.iter().all(|&check| self.is_live(scheme, check)));
            let worst = live.filter_map(|alternative| {
                alternative.iter().map(|&check| margin(check)).min_by(|a, b| a.1.total_cmp(&b.1))
            });
            worst.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(check, margin)| (at, check, margin))
        };
        self.requirements.iter().enumerate().filter_map(deciding).collect()
    }

    /// Every broken requirement with how it is broken.
    pub fn broken(&self, scheme: usize, counts: &[u16]) -> Vec<(u32, Breach)> {
        let mut broken = Vec::new();
        let shown = self.shown_for(&[scheme], counts);
        let _ = self.assess((scheme, counts), self.on(&shown, scheme), &mut |requirement, breach| {
            broken.push((requirement, breach));
            ControlFlow::Continue(())
        });
        broken
    }

    fn shown_for(&self, schemes: &[usize], counts: &[u16]) -> BTreeMap<usize, Vec<Shown>> {
        if self.transfers.is_empty() { BTreeMap::new() } else { self.shown(schemes, counts) }
    }

    fn on<'s>(&self, shown: &'s BTreeMap<usize, Vec<Shown>>, scheme: usize) -> Option<&'s [Shown]> {
        shown.get(&self.ports.schemes[scheme].base).map(Vec::as_slice)
    }
}

impl Oracle for Protection {
    fn schemes(&self) -> usize {
        self.ports.schemes.len()
    }

    fn breaches(&self, scheme: usize, counts: &[u16], limit: usize) -> Vec<Breach> {
        let shown = self.shown_for(&[scheme], counts);
        self.worst((scheme, counts), self.on(&shown, scheme), limit)
    }

    fn broken_schemes(&self, schemes: &[usize], counts: &[u16], limit: usize) -> Vec<(usize, Vec<Breach>)> {
        let shown = self.shown_for(schemes, counts);
        let broken = |&scheme: &usize| {
            let breaches = self.worst((scheme, counts), self.on(&shown, scheme), limit);
            (!breaches.is_empty()).then_some((scheme, breaches))
        };
        schemes.par_iter().filter_map(broken).collect()
    }

    fn is_adequate(&self, schemes: &[usize], counts: &[u16]) -> bool {
        let shown = self.shown_for(schemes, counts);
        schemes.par_iter().all(|&scheme| {
            let mut first = |_: u32, _: Breach| ControlFlow::Break(());
            self.assess((scheme, counts), self.on(&shown, scheme), &mut first).is_continue()
        })
    }

    fn fail_at(&self, scheme: usize, checks: &[CheckIx], counts: &[u16]) -> bool {
        let outcomes = self.outcomes(scheme, counts, checks);
        let fails = |(&check, outcome): (&CheckIx, &Outcome)| self.is_live(scheme, check) && !outcome.holds();
        checks.iter().zip(&outcomes).all(fails)
    }

    fn fail_throughout(&self, scheme: usize, checks: &[CheckIx], region: &Region) -> bool {
        checks.iter().all(|&check| {
            self.is_live(scheme, check)
                && fails_throughout(&self.ports, scheme, &self.checks[check as usize], region)
        })
    }

    fn probe<'a>(&'a self, scheme: usize, checks: &[CheckIx]) -> Box<dyn Question + 'a> {
        let is_live = checks.iter().all(|&check| self.is_live(scheme, check));
        let probe = |&number: &CheckIx| {
            let check = &self.checks[number as usize];
            (number, Probe::new(&self.ports, Base::new(&self.ports, scheme, check), check))
        };
        let each = if is_live { checks.iter().map(probe).collect() } else { Vec::new() };
        Box::new(Probes { protection: self, scheme, each })
    }

    fn influence(&self, scheme: usize, checks: &[CheckIx], _: &Region) -> Vec<f64> {
        let mut most = vec![0.0_f64; self.ports.classes()];
        for &check in checks {
            let moved = influence(&self.ports, scheme, &self.checks[check as usize]);
            most.iter_mut().zip(moved).for_each(|(most, moved)| *most = most.max(moved));
        }
        most
    }
}

/// All checks of a rule; none if one of them can't be made.
struct Probes<'a> {
    protection: &'a Protection,
    scheme: usize,
    each: Vec<(CheckIx, Probe<'a>)>,
}

impl Question for Probes<'_> {
    fn fail_at(&mut self, counts: &[u16]) -> bool {
        let (protection, scheme) = (self.protection, self.scheme);
        let fails = |(check, probe): &mut (CheckIx, Probe<'_>)| match probe.margin(counts) {
            Some(margin) if (margin - HOLDS).abs() > UNSURE => margin < HOLDS,
            _ => protection.fail_at(scheme, &[*check], counts),
        };
        !self.each.is_empty() && self.each.iter_mut().all(fails)
    }

    fn fail_throughout(&mut self, region: &Region) -> bool {
        !self.each.is_empty() && self.each.iter().all(|(_, probe)| probe.fails_throughout(region))
    }
}
