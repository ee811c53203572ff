//! How checks and requirements are laid out for the sweep: what it decides by limits, what it only reads.

use std::collections::BTreeMap;

use num_complex::Complex64;

use super::check::{Check, Measure, Requirement, Test};
use super::hull::HOLDS;
use super::kernel::{LANES, NO_LIMIT, lane_of};
use super::phasors::WIDTH;
use super::ports::Ports;
use super::tile::{Entry, Place, Tile};

/// Slots of a tile: its numbers stay in the second-level cache.
const TILE: usize = 2048;

/// The layout of a case.
pub(super) struct Layout {
    /// All fault points with requirements.
    pub(super) tiles: Vec<Tile>,
    /// The slot of each pair in its tile.
    pub(super) slots: Vec<u32>,
    /// The rows in use; those of the tiles' slots are counted by this.
    pub(super) rows: Vec<u32>,
    /// What is required at each fault point.
    pub(super) plans: Vec<Plan>,
    /// Tile and place in it of each fault point.
    pub(super) places: Vec<(u32, u32)>,
    /// Fault points that have something opened before: they see a network of their own and lie in no tile.
    pub(super) apart: Vec<u32>,
}

/// What is required at one fault point.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// Requirements that are limits of single pairs.
    pub(super) swept: Vec<u32>,
    /// Others.
    pub(super) others: Vec<u32>,
    /// Squared limits of pairs.
    limits: BTreeMap<u32, [f64; LANES]>,
    /// Pairs that are read only.
    read: Vec<u32>,
}

impl Layout {
    /// Lays out a case.
    pub(super) fn new(ports: &Ports, checks: &[Check], requirements: &[Requirement]) -> Self {
        let mut plans = vec![Plan::default(); ports.fault_kv.len()];
        for (at, requirement) in requirements.iter().enumerate() {
            let Some(&first) = requirement.alternatives.iter().flatten().next() else { continue };
            let fault = checks[first as usize].fault as usize;
            let plan = &mut plans[fault];
            let is_plain = ports.is_alike() && ports.opened[fault].is_empty();
            let is_single = requirement.alternatives.len() == 1 && is_plain;
            let limits = || -> Option<Vec<(usize, u32, f64)>> {
                let limit = |&check: &u32| limit_of(ports, &checks[check as usize]);
                requirement.alternatives[0].iter().map(limit).collect()
            };
            if let Some(limits) = is_single.then(limits).flatten() {
                plan.swept.push(at as u32);
                for (lane, pair, limit) in limits {
                    let slot = &mut plan.limits.entry(pair).or_insert([NO_LIMIT; LANES])[lane];
                    *slot = slot.max(limit);
                }
            } else {
                plan.others.push(at as u32);
            }
        }
        let apart = |fault: u32| !ports.opened[fault as usize].is_empty();
        for check in checks.iter().filter(|check| !apart(check.fault)) {
            // What is waived can still be asked for.
            let plan = &mut plans[check.fault as usize];
            let pairs = check.pairs().take(if limit_of(ports, check).is_some() { 1 } else { usize::MAX });
            plan.read.extend(pairs.filter(|pair| !plan.limits.contains_key(pair)));
        }
        let mut rows: Vec<u32> = plans
            .iter()
            .flat_map(|plan| plan.limits.keys().chain(&plan.read))
            .map(|&pair| ports.pairs[pair as usize].row)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        let (slots, places) = (vec![u32::MAX; ports.pairs.len()], vec![(0, 0); plans.len()]);
        let apart = (0..plans.len() as u32).filter(|&fault| apart(fault)).collect();
        let mut own = Self { tiles: Vec::new(), slots, rows, plans, places, apart };
        own.tiles = cut(&own.in_use(ports, &|fault| Some(own.entries(ports, fault))), TILE);
        for (number, tile) in own.tiles.iter().enumerate() {
            for (at, &fault) in tile.faults.iter().enumerate() {
                own.places[fault as usize] = (number as u32, at as u32);
            }
            for slot in tile.own_slots() {
                own.slots[tile.pairs[slot] as usize] = slot as u32;
            }
        }
        own
    }

    /// Tiles of a scheme for the sweep alone, with the rows of the port matrices. `None` when there is more to decide.
    pub(super) fn tiles_for(
        &self,
        ports: &Ports,
        (idle, is_live): (&[u32], &dyn Fn(u32) -> bool),
        most: usize,
    ) -> Option<Vec<Tile>> {
        if self.plans.iter().any(|plan| !plan.others.is_empty()) {
            return None;
        }
        let row = |pair: u32| ports.pairs[pair as usize].row;
        let entries = |fault: u32| {
            let limits = self.plans[fault as usize].limits.iter();
            let of = limits.filter(|(pair, _)| idle.binary_search(&row(**pair)).is_err());
            let entries: Vec<Entry> = of.map(|(&pair, &limits)| (pair, row(pair), limits)).collect();
            (!entries.is_empty() && is_live(fault)).then_some((entries, Vec::new()))
        };
        let mut places = self.in_use(ports, &entries);
        // Neighbours in a tile then have as many pairs: no lane waits for another.
        places.sort_by_key(Place::depth);
        Some(cut(&places, most))
    }

    fn entries(&self, ports: &Ports, fault: u32) -> (Vec<Entry>, Vec<Entry>) {
        let plan = &self.plans[fault as usize];
        let row =
            |pair: u32| self.rows.binary_search(&ports.pairs[pair as usize].row).unwrap_or_default() as u32;
        let limited = plan.limits.iter().map(|(&pair, &limits)| (pair, row(pair), limits)).collect();
        let mut read: Vec<u32> =
            plan.read.iter().copied().filter(|pair| !plan.limits.contains_key(pair)).collect();
        read.sort_unstable();
        read.dedup();
        (limited, read.into_iter().map(|pair| (pair, row(pair), [NO_LIMIT; LANES])).collect())
    }

    /// Fault points with something required at them.
    fn in_use(&self, ports: &Ports, entries: &Entries<'_>) -> Vec<Place> {
        let plans = self.plans.iter().enumerate();
        let used = plans.filter(|(_, plan)| !(plan.limits.is_empty() && plan.read.is_empty()));
        let place = |(fault, _): (usize, &Plan)| {
            let (limited, read) = entries(fault as u32)?;
            Some(Place { fault: fault as u32, kv: ports.fault_kv[fault], limited, read })
        };
        used.filter_map(place).collect()
    }
}

/// Tiles of about so many slots, of whole vectors of fault points.
fn cut(places: &[Place], most: usize) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let mut tile = Tile::default();
    for group in places.chunks(WIDTH) {
        let pairs: usize = group.iter().map(Place::len).sum();
        if tile.len() > 0 && tile.len().saturating_add(pairs) > most {
            tiles.push(std::mem::take(&mut tile).finished());
        }
        for place in group {
            tile.push(place.clone());
        }
    }
    if tile.len() > 0 {
        tiles.push(tile.finished());
    }
    tiles
}

/// The pairs of a fault point: those with limits and those read only; none if it is left out.
type Entries<'a> = dyn Fn(u32) -> Option<(Vec<Entry>, Vec<Entry>)> + 'a;

/// Lane, pair and squared limit of a check the sweep can decide.
fn limit_of(ports: &Ports, check: &Check) -> Option<(usize, u32, f64)> {
    let Test::AtLeast(limit) = check.test else { return None };
    // The sweep knows phases by one clock only.
    let turn = check.reading.current.map(|pair| ports.pairs[pair as usize].turn);
    let is_turned = turn != Some(Complex64::ONE) && check.reading.measure == Measure::Phase;
    if check.group.is_some() || is_turned {
        return None;
    }
    let (lane, share) = lane_of(check)?;
    let limit = limit * HOLDS;
    Some((lane, check.reading.current?, limit * limit / share))
}
