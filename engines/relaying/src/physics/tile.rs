//! Fault points with their pairs, laid out for the sweep. The lanes of a vector are fault points, so that what a fault
//! point needs is computed once for a whole vector; the first pairs of eight fault points lie side by side, then their
//! second ones, and so on. Fault points with as many pairs stand together.

use super::kernel::{LANES, NO_LIMIT, WIDTH, is_plain};
use super::split::Split;

/// The slots of some fault points.
#[derive(Debug, Clone, Default)]
pub(super) struct Tile {
    /// The fault points.
    pub(super) faults: Vec<u32>,
    /// Where the slots of each eight fault points begin, and where the last ones end.
    pub(super) starts: Vec<u32>,
    /// Where their slots with limits end; those that are only read follow.
    pub(super) ends: Vec<u32>,
    /// The pair of each slot; a fault point with fewer pairs than its neighbours repeats its last one.
    pub(super) pairs: Vec<u32>,
    /// The row of each slot.
    pub(super) rows: Vec<u32>,
    /// Squared limits, lane by lane.
    pub(super) limits: [Vec<f64>; LANES],
    /// Squared voltage before the fault, by fault points, padded.
    pub(super) squared_kv: Vec<f64>,
    /// Whether the limits use only the usual lanes.
    pub(super) is_plain: bool,
    /// Pairs with limits.
    pub(super) pair_count: usize,
    pending: Vec<Place>,
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

impl Tile {
    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.pending.iter().map(|place| place.limited.len() + place.read.len()).sum()
    }

    /// Adds a fault point with at least one pair.
    pub(super) fn push(&mut self, place: Place) {
        self.pending.push(place);
    }

    /// To be called when all fault points are in.
    pub(super) fn finished(mut self) -> Self {
        let mut places = std::mem::take(&mut self.pending);
        places.sort_by_key(|place| (place.limited.len(), place.read.len()));
        self.starts.push(0);
        for group in places.chunks(WIDTH) {
            self.lay(group, |place| &place.limited);
            self.ends.push(self.pairs.len() as u32);
            self.lay(group, |place| &place.read);
            self.starts.push(self.pairs.len() as u32);
        }
        for place in &places {
            self.faults.push(place.fault);
            self.squared_kv.push(place.kv * place.kv);
            self.pair_count += place.limited.len();
        }
        self.squared_kv.resize(places.len().next_multiple_of(WIDTH), 1.0);
        self.is_plain = is_plain(&self.limits);
        self
    }

    fn lay(&mut self, group: &[Place], entries: impl Fn(&Place) -> &Vec<Entry>) {
        let depth = group.iter().map(|place| entries(place).len()).max().unwrap_or(0);
        for at in 0..depth {
            for lane in 0..WIDTH {
                let place = &group[lane.min(group.len() - 1)];
                let own = entries(place).get(at).filter(|_| lane < group.len());
                let any = place.limited.last().or(place.read.last());
                let (pair, row) = own.or(any).map_or((0, 0), |entry| (entry.0, entry.1));
                self.pairs.push(pair);
                self.rows.push(row);
                for (which, limits) in self.limits.iter_mut().enumerate() {
                    limits.push(own.map_or(NO_LIMIT, |entry| entry.2[which]));
                }
            }
        }
    }

    /// The slots that belong to a fault point; the others only fill the last vectors.
    pub(super) fn own_slots(&self) -> impl Iterator<Item = usize> {
        let (groups, faults) = (self.starts.windows(2).enumerate(), self.faults.len());
        let slots =
            groups.flat_map(|(group, ends)| (ends[0]..ends[1]).map(move |slot| (group, slot as usize)));
        slots.filter(move |(group, slot)| group * WIDTH + slot % WIDTH < faults).map(|(_, slot)| slot)
    }

    /// One value per slot out of a table by rows.
    pub(super) fn spread(&self, by_row: &Split, slots: &mut Split) {
        slots.re.clear();
        slots.im.clear();
        slots.re.extend(self.rows.iter().map(|&row| by_row.re[row as usize]));
        slots.im.extend(self.rows.iter().map(|&row| by_row.im[row as usize]));
    }
}
