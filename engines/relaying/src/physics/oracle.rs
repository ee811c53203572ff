//! The oracle of the search: adequacy of compositions from port matrices, with certified answers about regions.

use std::ops::Range;

use num_complex::Complex64;

use super::check::{Check, FaultKind, Inputs, Requirement, Test};
use super::hull::{HOLDS, fails_throughout, influence};
use super::kernel::{Amperes, LANES, Shift, Split, Sweep, TERMS, lane_of};
use super::point::{Point, Term};
use super::ports::{NEGATIVE, POSITIVE, Ports, Sequence, ZERO};
use super::seen::Drive;
use crate::composition::oracle::{Breach, CheckIx, Oracle};
use crate::composition::space::Region;

/// Port matrices with all checks and requirements.
pub struct Protection {
    ports: Ports,
    checks: Vec<Check>,
    requirements: Vec<Requirement>,
    /// Per base network: positive and zero sequence.
    kappa: Vec<[Split; 2]>,
    rows: Vec<u32>,
    limits: [Vec<f64>; LANES],
    plans: Vec<Plan>,
    /// Per scheme: fault points that are out or that the scheme itself cuts off from all sources. Nothing is required
    /// there.
    dead: Vec<Vec<u32>>,
}

/// What is to be done at one fault point.
#[derive(Debug, Clone, Default)]
struct Plan {
    pairs: Range<usize>,
    /// Requirements the sweep decides, and others.
    swept: Vec<u32>,
    others: Vec<u32>,
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
    /// Between the relay and classes.
    pub left: Vec<Complex64>,
    /// Current at the relay per current of the fault.
    pub kappa: Complex64,
    /// Impedance at the fault point.
    pub z_ff: Complex64,
}

impl Protection {
    /// Arranges checks and requirements for the sweep. All checks of a requirement are at one fault point.
    pub fn new(ports: Ports, checks: Vec<Check>, requirements: Vec<Requirement>) -> Self {
        let mut plans = vec![Plan::default(); ports.fault_kv.len()];
        for (at, pair) in ports.pairs.iter().enumerate() {
            let plan = &mut plans[pair.fault as usize];
            plan.pairs = if plan.pairs.is_empty() { at..at + 1 } else { plan.pairs.start..at + 1 };
        }
        let mut limits: [Vec<f64>; LANES] =
            std::array::from_fn(|_| vec![f64::NEG_INFINITY; ports.pairs.len()]);
        for (at, requirement) in requirements.iter().enumerate() {
            let Some(&first) = requirement.alternatives.iter().flatten().next() else { continue };
            let plan = &mut plans[checks[first as usize].fault as usize];
            let swept: Option<Vec<(usize, u32, f64)>> = (requirement.alternatives.len() == 1
                && ports.is_alike())
            .then(|| {
                requirement.alternatives[0].iter().map(|&check| swept(&checks[check as usize])).collect()
            })
            .flatten();
            let Some(swept) = swept else {
                plan.others.push(at as u32);
                continue;
            };
            plan.swept.push(at as u32);
            for (lane, pair, limit) in swept {
                let slot = &mut limits[lane][pair as usize];
                *slot = slot.max(limit);
            }
        }
        // The sweep need not look at what lies behind the last pair with a limit.
        for plan in &mut plans {
            let is_limited = |&at: &usize| limits.iter().any(|lane| lane[at] > f64::NEG_INFINITY);
            plan.pairs.end = plan.pairs.clone().rev().find(is_limited).map_or(plan.pairs.start, |at| at + 1);
        }
        let kappa =
            ports.bases.iter().map(|base| [POSITIVE, ZERO].map(|s| Split::of(&base[s].kappa))).collect();
        let rows = ports.pairs.iter().map(|pair| pair.row).collect();
        let mut own = Self { ports, checks, requirements, kappa, rows, limits, plans, dead: Vec::new() };
        own.dead = (0..own.ports.schemes.len()).map(|scheme| own.cut_off(scheme)).collect();
        own
    }

    fn cut_off(&self, scheme: usize) -> Vec<u32> {
        let point = Point::new(&self.ports, scheme, &self.ports.high);
        let faults = 0..self.ports.fault_kv.len() as u32;
        let void = &self.ports.schemes[scheme].void_faults;
        let is_cut = |&fault: &u32| {
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
        let (sequence, columns) = (self.ports.sequence(scheme, s), self.ports.columns.len());
        let z_ff = point.impedance(s, check.fault);
        if !z_ff.is_finite() {
            return None;
        }
        let classes = 0..self.ports.classes();
        let towards = |vector: &[Complex64]| -> Vec<Complex64> {
            classes.clone().map(|class| point.transfer(s, vector, class)).collect()
        };
        let pair = check.reading.current;
        let row = pair.map(|pair| sequence.left_of(self.ports.pairs[pair as usize].row, columns));
        Some(Driven {
            control: classes
                .clone()
                .map(|class| towards(&sequence.control[class * columns..][..columns]))
                .collect(),
            right: towards(sequence.right_of(check.fault, columns)),
            left: row.map_or_else(|| vec![Complex64::ZERO; classes.len()], towards),
            kappa: pair.map_or(Complex64::ZERO, |pair| point.kappa(s, pair)),
            z_ff,
        })
    }

    /// The pairs of a fault point that the sweep looks at.
    pub(super) fn swept_pairs(&self, fault: u32) -> Range<usize> {
        self.plans[fault as usize].pairs.clone()
    }

    /// The squared limit of a lane of a pair.
    pub(super) fn limit(&self, lane: usize, pair: usize) -> f64 {
        self.limits[lane][pair]
    }

    /// Fault points with something to sweep in a scheme, in blocks of about so many pairs. `None` when there are
    /// requirements the sweep cannot decide.
    pub(super) fn blocks(&self, scheme: usize, most: usize) -> Option<Vec<Vec<u32>>> {
        let mut blocks: Vec<(usize, Vec<u32>)> = Vec::new();
        for (fault, plan) in self.plans.iter().enumerate() {
            if !plan.others.is_empty() {
                return None;
            }
            if plan.swept.is_empty() || self.dead[scheme].binary_search(&(fault as u32)).is_ok() {
                continue;
            }
            match blocks.last_mut() {
                Some((count, block)) if *count + plan.pairs.len() <= most => {
                    *count += plan.pairs.len();
                    block.push(fault as u32);
                }
                _ => blocks.push((plan.pairs.len(), vec![fault as u32])),
            }
        }
        Some(blocks.into_iter().map(|(_, block)| block).collect())
    }

    /// How many pairs the sweep looks at in a scheme.
    pub fn pair_count(&self, scheme: usize) -> usize {
        let is_live = |fault: &usize| self.dead[scheme].binary_search(&(*fault as u32)).is_err();
        (0..self.plans.len()).filter(is_live).map(|fault| self.plans[fault].pairs.len()).sum()
    }

    /// Fault points that are out in a scheme or that it cuts off from all sources.
    pub fn dead(&self, scheme: usize) -> &[u32] {
        &self.dead[scheme]
    }

    /// The outcomes of checks in a scheme and composition, one by one.
    pub fn outcomes(&self, scheme: usize, counts: &[u16], checks: &[CheckIx]) -> Vec<Outcome> {
        let point = Point::new(&self.ports, scheme, counts);
        checks.iter().map(|&check| self.outcome(check, &point.inputs(&self.checks[check as usize]))).collect()
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

    /// Calls back with every broken requirement of a scheme and composition.
    fn assess(&self, scheme: usize, counts: &[u16], found: &mut dyn FnMut(u32, Breach)) {
        let point = Point::new(&self.ports, scheme, counts);
        let projected = [POSITIVE, ZERO]
            .map(|s| Projected::new(&self.ports, self.ports.sequence(scheme, s), &point.terms[s]));
        let mut kappa = [Split::default(), Split::default()];
        for (fault, plan) in self.plans.iter().enumerate() {
            let fault = fault as u32;
            if plan.swept.is_empty() && plan.others.is_empty()
                || self.dead[scheme].binary_search(&fault).is_ok()
            {
                continue;
            }
            let admittance = [POSITIVE, NEGATIVE, ZERO].map(|s| point.fault(s, fault));
            let is_alike = self.ports.is_alike();
            if !plan.swept.is_empty() {
                for (own, projected) in projected.iter().enumerate() {
                    let base = &self.kappa[self.ports.schemes[scheme].base][own];
                    self.shift(base, projected, (&plan.pairs, fault), &mut kappa[own]);
                }
                let amperes = amperes(admittance, self.ports.fault_kv[fault as usize]);
                let sweep = Sweep {
                    positive: (&kappa[0].re, &kappa[0].im),
                    zero: (&kappa[1].re, &kappa[1].im),
                    step: None,
                    limits: std::array::from_fn(|lane| &self.limits[lane][plan.pairs.clone()]),
                    amperes: &amperes,
                };
                if sweep.least() < 0.0 {
                    self.breaches_of(&plan.swept, &point, found);
                }
            }
            debug_assert!(is_alike || plan.swept.is_empty());
            self.breaches_of(&plan.others, &point, found);
        }
    }

    fn shift(
        &self,
        base: &Split,
        projected: &Projected,
        (pairs, fault): (&Range<usize>, u32),
        kappa: &mut Split,
    ) {
        kappa.re.clear();
        kappa.im.clear();
        kappa.re.extend_from_slice(&base.re[pairs.clone()]);
        kappa.im.extend_from_slice(&base.im[pairs.clone()]);
        let (terms, from) = (projected.terms, fault as usize * projected.terms);
        Shift {
            kappa: (&mut kappa.re, &mut kappa.im),
            rows: &self.rows[pairs.clone()],
            left: &projected.left,
            right: (&projected.right.re[from..from + terms], &projected.right.im[from..from + terms]),
        }
        .apply();
    }

    fn breaches_of(&self, requirements: &[u32], point: &Point<'_>, found: &mut dyn FnMut(u32, Breach)) {
        for &requirement in requirements {
            if let Some(breach) = self.breach(requirement, point) {
                found(requirement, breach);
            }
        }
    }

    /// Whether a check can be made in a scheme: its relays are in service, its fault point has a source.
    pub fn is_live(&self, scheme: usize, check: CheckIx) -> bool {
        let check = &self.checks[check as usize];
        let idle = &self.ports.schemes[scheme].idle_rows;
        let is_idle = |pair: u32| idle.binary_search(&self.ports.pairs[pair as usize].row).is_ok();
        let other = check.other().and_then(|other| other.current);
        let mut pairs = [check.reading.current, check.reading.voltage, other].into_iter().flatten();
        let is_active = check.group.is_none_or(|group| group == self.ports.schemes[scheme].group);
        is_active && self.dead[scheme].binary_search(&check.fault).is_err() && !pairs.any(is_idle)
    }

    /// How a requirement is broken: in each alternative the worst check. Alternatives that need a relay which is out
    /// are none; a requirement without any other is not made in the scheme.
    fn breach(&self, requirement: u32, point: &Point<'_>) -> Option<Breach> {
        let mut checks = Vec::new();
        let mut best = 0.0_f64;
        let alternatives = &self.requirements[requirement as usize].alternatives;
        let is_live =
            |alternative: &&Vec<u32>| alternative.iter().all(|&check| self.is_live(point.scheme, check));
        for alternative in alternatives.iter().filter(is_live) {
            let margin = |&check: &u32| {
                (self.outcome(check, &point.inputs(&self.checks[check as usize])).margin, check)
            };
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

    /// For each requirement made in a scheme the check that decides it and its margin.
    pub fn requirement_margins(&self, scheme: usize, counts: &[u16]) -> Vec<(CheckIx, f64)> {
        let point = Point::new(&self.ports, scheme, counts);
        let margin = |check: CheckIx| {
            let inputs = point.inputs(&self.checks[check as usize]);
            (check, self.outcome(check, &inputs).margin)
        };
        let deciding = |requirement: &Requirement| {
            let live = requirement
                .alternatives
                .iter()
                .filter(|alternative| alternative.iter().all(|&check| self.is_live(scheme, check)));
            let worst = live.filter_map(|alternative| {
                alternative.iter().map(|&check| margin(check)).min_by(|a, b| a.1.total_cmp(&b.1))
            });
            worst.max_by(|a, b| a.1.total_cmp(&b.1))
        };
        self.requirements.iter().filter_map(deciding).collect()
    }

    /// Every broken requirement with how it is broken.
    pub fn broken(&self, scheme: usize, counts: &[u16]) -> Vec<(u32, Breach)> {
        let mut broken = Vec::new();
        self.assess(scheme, counts, &mut |requirement, breach| broken.push((requirement, breach)));
        broken
    }
}

/// Lane, pair and squared limit of a check the sweep can decide.
fn swept(check: &Check) -> Option<(usize, u32, f64)> {
    let Test::AtLeast(limit) = check.test else { return None };
    if check.group.is_some() || check.resistance_ohm != 0.0 {
        return None;
    }
    let limit = limit * HOLDS;
    Some((lane_of(check)?, check.reading.current?, limit * limit))
}

pub(super) fn amperes(fault: [Complex64; 3], fault_kv: f64) -> Amperes {
    let inputs =
        Inputs { fault, current: None, voltage: None, other: None, fault_kv, relay_kv: 0.0, is_alike: true };
    FaultKind::ALL
        .map(|kind| Drive::new(kind, &inputs, 0.0).map_or([Complex64::ZERO; 3], |drive| drive.amperes()))
}

/// Rows and fault points projected on the terms of a composition.
struct Projected {
    terms: usize,
    left: Split,
    right: Split,
}

impl Projected {
    fn new(ports: &Ports, sequence: &Sequence, terms: &[Term]) -> Self {
        let columns = ports.columns.len();
        let count = terms.len().next_multiple_of(TERMS);
        let project = |vectors: &[Complex64], is_right: bool| {
            let mut split = Split::zero(vectors.len() / columns.max(1) * count);
            for (at, vector) in vectors.chunks_exact(columns.max(1)).enumerate() {
                for (k, term) in terms.iter().enumerate() {
                    let seen = term.project(vector) * if is_right { term.weight } else { Complex64::ONE };
                    (split.re[at * count + k], split.im[at * count + k]) = (seen.re, seen.im);
                }
            }
            split
        };
        Self { terms: count, left: project(&sequence.left, false), right: project(&sequence.right, true) }
    }
}

impl Oracle for Protection {
    fn schemes(&self) -> usize {
        self.ports.schemes.len()
    }

    fn breaches(&self, scheme: usize, counts: &[u16], limit: usize) -> Vec<Breach> {
        let mut breaches: Vec<(u32, Breach)> = self.broken(scheme, counts);
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

    fn fail_throughout(&self, scheme: usize, checks: &[CheckIx], region: &Region) -> bool {
        checks.iter().all(|&check| {
            self.is_live(scheme, check)
                && fails_throughout(&self.ports, scheme, &self.checks[check as usize], region)
        })
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
