//! Fault points with their pairs, laid out for the sweep. The lanes of a vector are fault points, so that what a fault
//! point needs is computed once for a whole vector; the first pairs of eight fault points lie side by side, then their
//! second ones, and so on. Fault points with as many pairs stand together.

use std::ops::Range;

use super::kernel::{LANES, Limits, NO_LIMIT, is_plain};
use super::phasors::{Phasors, Vector, WIDTH};
use super::split::Split;

/// The slots of some fault points; a slot is a place for a pair, and eight of them are swept at a time.
#[derive(Debug, Clone, Default)]
pub(super) struct Tile {
    /// The fault points.
    pub(super) faults: Vec<u32>,
    /// Eight fault points each, in their order.
    pub(super) groups: Vec<Group>,
    /// The pair of each slot; a fault point with fewer pairs than its neighbours repeats its last one.
    pub(super) pairs: Vec<u32>,
    /// The row of each slot.
    pub(super) rows: Vec<u32>,
    /// Limits, by eight slots.
    pub(super) limits: Vec<Limits>,
    /// Whether the limits use only the usual lanes.
    pub(super) is_plain: bool,
    /// Pairs with limits.
    pub(super) pair_count: usize,
    pending: Vec<Place>,
}

/// Where the slots of eight fault points lie, counted by eights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    start: u32,
    /// Where the slots with limits end; those that are only read follow.
    limited: u32,
    end: u32,
}

impl Group {
    /// The slots with limits.
    pub(super) fn limited(self) -> Range<usize> {
        self.start as usize..self.limited as usize
    }

    /// All slots.
    pub(super) fn all(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A pair: its number, its row, its squared limits.
pub(super) type Entry = (u32, u32, [f64; LANES]);

/// A fault point with its pairs: those with limits, and others that are read too.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) fault: u32,
    pub(super) kv: f64,
    pub(super) limited: Vec<Entry>,
    pub(super) read: Vec<Entry>,
}

impl Place {
    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.limited.len() + self.read.len()
    }

    /// Those with as many pairs have the same.
    pub(super) fn depth(&self) -> (usize, usize) {
        (self.limited.len(), self.read.len())
    }
}

impl Tile {
    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.pending.iter().map(Place::len).sum()
    }

    /// Adds a fault point with at least one pair.
    pub(super) fn push(&mut self, place: Place) {
        self.pending.push(place);
    }

    /// To be called when all fault points are in.
    pub(super) fn finished(mut self) -> Self {
        let mut places = std::mem::take(&mut self.pending);
        places.sort_by_key(Place::depth);
        for group in places.chunks(WIDTH) {
            let start = self.limits.len() as u32;
            self.lay(group, |place| &place.limited);
            let limited = self.limits.len() as u32;
            self.lay(group, |place| &place.read);
            self.groups.push(Group { start, limited, end: self.limits.len() as u32 });
        }
        for place in &places {
            self.faults.push(place.fault);
            self.pair_count += place.limited.len();
        }
        self.is_plain = is_plain(&self.limits);
        self
    }

    fn lay(&mut self, group: &[Place], entries: impl Fn(&Place) -> &Vec<Entry>) {
        let depth = group.iter().map(|place| entries(place).len()).max().unwrap_or(0);
        for at in 0..depth {
            let mut limits = [Vector([NO_LIMIT; WIDTH]); LANES];
            for lane in 0..WIDTH {
                let place = &group[lane.min(group.len() - 1)];
                let own = entries(place).get(at).filter(|_| lane < group.len());
                let any = place.limited.last().or(place.read.last());
                let (pair, row) = own.or(any).map_or((0, 0), |entry| (entry.0, entry.1));
                self.pairs.push(pair);
                self.rows.push(row);
                for (limits, &limit) in limits.iter_mut().zip(own.iter().flat_map(|entry| &entry.2)) {
                    limits.0[lane] = if limit < 0.0 { NO_LIMIT } else { limit / (place.kv * place.kv) };
                }
            }
            self.limits.push(limits);
        }
    }

    /// The slots that belong to a fault point; the others only fill the last vectors.
    pub(super) fn own_slots(&self) -> impl Iterator<Item = usize> {
        let faults = self.faults.len();
        let slots = self.groups.iter().enumerate().flat_map(|(number, group)| {
            let all = group.all();
            (all.start * WIDTH..all.end * WIDTH).map(move |slot| (number, slot))
        });
        slots.filter(move |(group, slot)| group * WIDTH + slot % WIDTH < faults).map(|(_, slot)| slot)
    }

    /// One value per slot out of a table by rows.
    pub(super) fn spread(&self, by_row: &Split, slots: &mut Vec<Phasors>) {
        slots.clear();
        slots.extend(self.rows.chunks_exact(WIDTH).map(|rows| {
            let of = |part: &[f64]| Vector(std::array::from_fn(|lane| part[rows[lane] as usize]));
            Phasors { re: of(&by_row.re), im: of(&by_row.im) }
        }));
    }
}
