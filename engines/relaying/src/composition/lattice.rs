//! One bit for every composition of a domain: those that nothing excludes yet.
//!
//! Compositions that agree in the outer classes form a block of whole words; blocks are worked on side by side. A
//! composition's level is the first figure of its value: work can be limited to levels.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};

use rayon::prelude::*;

use super::objective::{Objective, Value};
use super::space::{Composition, Region};

/// The most compositions held: 32 MiB of bits.
const MOST: u64 = 1 << 28;
/// Compositions a block has at least, where there are as many.
const BLOCK: usize = 4096;

/// The compositions left of a domain.
pub(super) struct Lattice<'a> {
    frame: Frame<'a>,
    bits: Vec<u64>,
}

impl<'a> Lattice<'a> {
    /// All compositions of a domain; none if there are too many to hold.
    pub(super) fn full(domain: Region, objective: &'a Objective) -> Option<Self> {
        if domain.size() > MOST {
            return None;
        }
        let is_any = usize::from(!domain.is_empty());
        let frame = Frame::new(domain, objective);
        let mut block = vec![u64::MAX; frame.words()];
        if let (Some(last), used @ 1..) = (block.last_mut(), frame.values.len() % 64) {
            *last = (1 << used) - 1;
        }
        let bits = block.repeat(is_any * frame.blocks);
        Some(Self { frame, bits })
    }

    /// Whether a composition is left.
    pub(super) fn has(&self, counts: &[u16]) -> bool {
        self.frame.domain.contains(counts) && {
            let (word, bit) = self.frame.place_of(counts);
            self.bits[word] & bit != 0
        }
    }

    /// Takes out a composition of the domain.
    pub(super) fn remove(&mut self, counts: &[u16]) {
        let (word, bit) = self.frame.place_of(counts);
        self.bits[word] &= !bit;
    }

    /// Puts a composition of the domain back.
    pub(super) fn restore(&mut self, counts: &[u16]) {
        let (word, bit) = self.frame.place_of(counts);
        self.bits[word] |= bit;
    }

    /// Takes out all of a region.
    pub(super) fn clear(&mut self, region: &Region) {
        let meets = |block: &Block<'_>| {
            let ends = region.low.iter().zip(&region.high).zip(&block.counts);
            ends.take(block.frame.outer).all(|((low, high), n)| low <= n && n <= high)
        };
        self.sift(meets, || (), |(), block, place| !region.contains(block.at(place)));
    }

    /// Takes out what is excluded of some levels: whole boxes where that is certain, or else one by one. Whoever judges
    /// starts once per thread's share and may remember the composition before, from which the next one differs most
    /// often in the last classes only.
    pub(super) fn strike<J: Judge>(&mut self, levels: Range<i64>, start: impl Fn() -> J + Sync) {
        let frame = &self.frame;
        let blocks = self.bits.par_chunks_mut(frame.words()).enumerate();
        blocks.for_each_init(&start, |judge, (number, words)| {
            let block = Block::new(frame, number);
            let (least, most) = frame.inner;
            if block.level + least < levels.end && block.level + most >= levels.start {
                let mut region = frame.domain.clone();
                region.low[..frame.outer].copy_from_slice(&block.counts[..frame.outer]);
                region.high[..frame.outer].copy_from_slice(&block.counts[..frame.outer]);
                let places = 0..frame.values.len();
                Strike { block, words, levels: &levels, judge }.visit(frame.outer, places, &mut region);
            }
        });
    }

    fn sift<S>(
        &mut self,
        meets: impl Fn(&Block<'_>) -> bool + Sync,
        start: impl Fn() -> S + Sync,
        keeps: impl Fn(&mut S, &mut Block<'_>, usize) -> bool + Sync,
    ) {
        let frame = &self.frame;
        let blocks = self.bits.par_chunks_mut(frame.words()).enumerate();
        blocks.for_each_init(&start, |state, (number, words)| {
            let mut block = Block::new(frame, number);
            if meets(&block) {
                for (at, word) in words.iter_mut().enumerate() {
                    for place in places(at, *word) {
                        if !keeps(state, &mut block, place) {
                            *word &= !(1 << (place % 64));
                        }
                    }
                }
            }
        });
    }

    /// The best that is left and allowed; among equals the first in the order of their counts.
    pub(super) fn best(&self, is_allowed: impl Fn(&[u16]) -> bool + Sync) -> Option<(Value, Composition)> {
        let frame = &self.frame;
        let known = AtomicI64::new(i64::MAX);
        let of_block = |(number, words): (usize, &[u64])| {
            let mut block = Block::new(frame, number);
            let mut best: Option<(Value, Composition)> = None;
            if block.level + frame.inner.0 > known.load(Ordering::Relaxed) {
                return None;
            }
            for place in words.iter().enumerate().flat_map(|(at, &word)| places(at, word)) {
                if block.level_of(place) > known.load(Ordering::Relaxed) {
                    continue;
                }
                let value = block.value + frame.values[place];
                if best.as_ref().is_none_or(|(known, _)| value < *known) && is_allowed(block.at(place)) {
                    known.fetch_min(value.0[0], Ordering::Relaxed);
                    best = Some((value, block.counts.clone()));
                }
            }
            best
        };
        self.bits.par_chunks(frame.words()).enumerate().filter_map(of_block).min()
    }

    /// How many are left below a level.
    pub(super) fn count(&self, below: i64) -> u64 {
        let of_block = |(number, words): (usize, &[u64])| self.below(number, words, below).count() as u64;
        self.bits.par_chunks(self.frame.words()).enumerate().map(of_block).sum()
    }

    /// About so many of those left below a level, spread over all of them.
    pub(super) fn sample(&self, below: i64, wanted: u64) -> Vec<Composition> {
        let one_of = (self.count(below) / wanted.max(1)).max(1);
        let size = self.frame.values.len();
        let of_block = |(number, words): (usize, &[u64])| -> Vec<Composition> {
            let mut block = Block::new(&self.frame, number);
            let is_meant = |place: &usize| scattered((number * size + place) as u64).is_multiple_of(one_of);
            let meant = self.below(number, words, below).filter(is_meant);
            meant.map(|place| block.at(place).to_vec()).collect()
        };
        self.bits.par_chunks(self.frame.words()).enumerate().flat_map_iter(of_block).collect()
    }

    /// The places of a block that are left below a level.
    fn below<'w>(&'w self, number: usize, words: &'w [u64], below: i64) -> impl Iterator<Item = usize> + 'w {
        let block = Block::new(&self.frame, number);
        let words = if block.level + self.frame.inner.0 < below { words } else { &[] };
        let all = words.iter().enumerate().flat_map(|(at, &word)| places(at, word));
        all.filter(move |&place| block.level_of(place) < below)
    }
}

/// Who knows what is excluded.
pub(super) trait Judge {
    /// Whether a composition is.
    fn excludes(&mut self, counts: &[u16]) -> bool;

    /// Whether it is certain that all of a region is.
    fn excludes_all(&mut self, region: &Region) -> bool;
}

/// So few compositions are judged one by one.
const FEW: u32 = 48;

/// A block that is struck.
struct Strike<'a, 's, J> {
    block: Block<'a>,
    words: &'s mut [u64],
    levels: &'s Range<i64>,
    judge: &'s mut J,
}

impl<J: Judge> Strike<'_, '_, J> {
    /// A box of the block: the classes before `class` have one count each, and its places follow one another.
    fn visit(&mut self, class: usize, places: Range<usize>, region: &mut Region) {
        let left: u32 = parts(&places).map(|(word, mask)| (self.words[word] & mask).count_ones()).sum();
        if left <= FEW || class == region.classes() {
            return self.one_by_one(&places);
        }
        if self.judge.excludes_all(region) {
            for (word, mask) in parts(&places) {
                self.words[word] &= !mask;
            }
            return;
        }
        let (low, high) = (region.low[class], region.high[class]);
        let stride = places.len() / (usize::from(high - low) + 1);
        for n in low..=high {
            (region.low[class], region.high[class]) = (n, n);
            let first = places.start + usize::from(n - low) * stride;
            self.visit(class + 1, first..first + stride, region);
        }
        (region.low[class], region.high[class]) = (low, high);
    }

    fn one_by_one(&mut self, range: &Range<usize>) {
        for (word, mask) in parts(range) {
            for place in places(word, self.words[word] & mask) {
                let is_meant = self.levels.contains(&self.block.level_of(place));
                if is_meant && self.judge.excludes(self.block.at(place)) {
                    self.words[word] &= !(1 << (place % 64));
                }
            }
        }
    }
}

/// The words of a range of places, each with its bits.
fn parts(places: &Range<usize>) -> impl Iterator<Item = (usize, u64)> + use<> {
    let Range { start, end } = *places;
    (start / 64..end.div_ceil(64)).map(move |word| {
        let (first, last) = (start.max(word * 64) - word * 64, end.min(word * 64 + 64) - word * 64);
        (word, (u64::MAX >> (64 - (last - first))) << first)
    })
}

/// The places of a word's bits.
fn places(at: usize, word: u64) -> impl Iterator<Item = usize> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let place = (rest != 0).then(|| at * 64 + rest.trailing_zeros() as usize);
        rest &= rest.wrapping_sub(1);
        place
    })
}

/// A number that looks like chance.
fn scattered(number: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 16
}

/// How numbers of blocks and places stand for counts.
struct Frame<'a> {
    domain: Region,
    objective: &'a Objective,
    /// Classes that number the blocks; the others number the places in a block.
    outer: usize,
    /// Per class: from one composition to the next with one unit more, in blocks or in places.
    strides: Vec<usize>,
    blocks: usize,
    /// What each place of a block adds to the block's value.
    values: Vec<Value>,
    /// The least and the most of their first figures.
    inner: (i64, i64),
}

impl<'a> Frame<'a> {
    fn new(domain: Region, objective: &'a Objective) -> Self {
        let width = |class: usize| usize::from(domain.high[class].saturating_sub(domain.low[class])) + 1;
        let mut strides = vec![0; domain.classes()];
        let (mut places, mut outer) = (1, domain.classes());
        while outer > 0 && places < BLOCK {
            outer -= 1;
            strides[outer] = places;
            places *= width(outer);
        }
        let mut blocks = 1;
        for class in (0..outer).rev() {
            strides[class] = blocks;
            blocks *= width(class);
        }
        let mut own = Self { domain, objective, outer, strides, blocks, values: Vec::new(), inner: (0, 0) };
        let mut counts = own.domain.low.clone();
        for place in 0..places {
            own.set(outer..counts.len(), place, &mut counts);
            own.values.push(own.value(outer..counts.len(), &counts));
        }
        let levels = own.values.iter().map(|value| value.0[0]);
        own.inner =
            levels.fold((i64::MAX, i64::MIN), |(least, most), level| (least.min(level), most.max(level)));
        own
    }

    fn value(&self, classes: Range<usize>, counts: &[u16]) -> Value {
        classes.fold(Value::ZERO, |sum, class| {
            // An empty domain may lie outside of what has a value.
            let n = counts[class].min(self.domain.high[class]);
            sum + self.objective.part(class, n)
        })
    }

    fn words(&self) -> usize {
        self.values.len().div_ceil(64)
    }

    fn place_of(&self, counts: &[u16]) -> (usize, u64) {
        let steps = |classes: Range<usize>| -> usize {
            classes
                .map(|class| usize::from(counts[class] - self.domain.low[class]) * self.strides[class])
                .sum()
        };
        let (block, place) = (steps(0..self.outer), steps(self.outer..counts.len()));
        (block * self.words() + place / 64, 1 << (place % 64))
    }

    fn set(&self, classes: Range<usize>, number: usize, counts: &mut [u16]) {
        let mut rest = number;
        for class in classes {
            let (low, stride) = (self.domain.low[class], self.strides[class]);
            counts[class] = low + (rest / stride) as u16;
            rest %= stride;
        }
    }
}

/// A block that is looked at.
struct Block<'a> {
    frame: &'a Frame<'a>,
    counts: Composition,
    value: Value,
    level: i64,
}

impl<'a> Block<'a> {
    fn new(frame: &'a Frame<'a>, number: usize) -> Self {
        let mut counts = frame.domain.low.clone();
        frame.set(0..frame.outer, number, &mut counts);
        let value = frame.value(0..frame.outer, &counts);
        Self { frame, counts, value, level: value.0[0] }
    }

    fn level_of(&self, place: usize) -> i64 {
        self.level + self.frame.values[place].0[0]
    }

    /// The composition at a place.
    fn at(&mut self, place: usize) -> &[u16] {
        let classes = self.frame.outer..self.counts.len();
        self.frame.set(classes, place, &mut self.counts);
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::composition::objective::{Criterion, Weights};

    /// Many blocks, the last word of each not full, a price that makes some units welcome.
    fn objective() -> (Region, Objective) {
        let domain = Region::new(vec![1, 0, 0, 2, 0, 0], vec![3, 4, 6, 4, 8, 12]);
        let weigh = |price: &i64| Weights { power_kw: *price, cost_milli: 0, present: 1, is_unit: true };
        let weights: Vec<Weights> = [3, -2, 5, 1, 4, 7].iter().map(weigh).collect();
        (domain.clone(), Objective::new(&[Criterion::Power, Criterion::Count], &weights, &domain.high))
    }

    /// Keeps every third count of a class.
    struct Threes {
        knows_boxes: bool,
    }

    impl Judge for Threes {
        fn excludes(&mut self, counts: &[u16]) -> bool {
            !counts[4].is_multiple_of(3)
        }

        fn excludes_all(&mut self, region: &Region) -> bool {
            self.knows_boxes && region.low[4] == region.high[4] && !region.low[4].is_multiple_of(3)
        }
    }

    fn all(lattice: &Lattice<'_>) -> BTreeSet<Composition> {
        lattice.frame.domain.walk().filter(|counts| lattice.has(counts)).collect()
    }

    #[test]
    fn holds_every_composition_until_it_is_taken_out() {
        let (domain, objective) = objective();
        let mut lattice = Lattice::full(domain.clone(), &objective).unwrap();
        assert_eq!(lattice.count(i64::MAX), domain.size());
        let mut expected: BTreeSet<Composition> = domain.walk().collect();
        let region = Region::new(vec![2, 1, 0, 2, 0, 3], vec![3, 4, 5, 3, 8, 9]);
        lattice.clear(&region);
        expected.retain(|counts| !region.contains(counts));
        let level = |counts: &[u16]| objective.value(counts).0[0];
        lattice.strike(10..40, || Threes { knows_boxes: false });
        expected.retain(|counts| !(10..40).contains(&level(counts)) || counts[4] % 3 == 0);
        assert_eq!(all(&lattice), expected);
        let below = expected.iter().filter(|counts| level(counts) < 25).count();
        assert_eq!(lattice.count(25), below as u64);
        let best = expected.iter().map(|counts| (objective.value(counts), counts.clone())).min();
        assert_eq!(lattice.best(|_| true), best);
        let even = |counts: &[u16]| counts.iter().sum::<u16>() % 2 == 1;
        let best = expected.iter().filter(|counts| even(counts));
        let best = best.map(|counts| (objective.value(counts), counts.clone())).min();
        assert_eq!(lattice.best(even), best);
        let counts = best.unwrap().1;
        lattice.remove(&counts);
        assert!(!lattice.has(&counts));
        lattice.restore(&counts);
        assert!(lattice.has(&counts));
    }

    #[test]
    fn whole_boxes_and_single_compositions_leave_the_same() {
        let (domain, objective) = objective();
        let [boxes, single] = [true, false].map(|knows_boxes| {
            let mut lattice = Lattice::full(domain.clone(), &objective).unwrap();
            lattice.strike(i64::MIN..i64::MAX, || Threes { knows_boxes });
            all(&lattice)
        });
        assert_eq!(boxes, single);
        assert_eq!(boxes.len() as u64, domain.size() / 3);
    }

    #[test]
    fn samples_are_spread_over_what_is_left() {
        let (domain, objective) = objective();
        let lattice = Lattice::full(domain, &objective).unwrap();
        let samples = lattice.sample(60, 200);
        assert!((100..400).contains(&samples.len()), "{}", samples.len());
        assert!(samples.iter().all(|counts| objective.value(counts).0[0] < 60));
        for class in [1, 2, 4] {
            assert!(samples.iter().map(|counts| counts[class]).collect::<BTreeSet<_>>().len() > 3);
        }
    }

    #[test]
    fn what_is_too_large_or_empty_is_told() {
        let large = Region::new(vec![0; 30], vec![1; 30]);
        let objective = Objective::count(&large.high);
        assert!(Lattice::full(large, &objective).is_none());
        let empty = Region::new(vec![2, 0], vec![1, 3]);
        let objective = Objective::count(&[2, 3]);
        assert_eq!(Lattice::full(empty, &objective).unwrap().best(|_| true), None);
    }
}
