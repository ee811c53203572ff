//! Compositions and regions of compositions: vectors of counts, one entry per class of identical units.

use serde::{Deserialize, Serialize};

/// How many units of each class run, in the order of the classes.
pub type Composition = Vec<u16>;

/// All compositions between two corners, both included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    /// The fewest units of each class.
    pub low: Composition,
    /// The most units of each class.
    pub high: Composition,
}

impl Region {
    /// The region between two corners; classes where `low` exceeds `high` make it empty.
    pub fn new(low: Composition, high: Composition) -> Self {
        debug_assert_eq!(low.len(), high.len());
        Self { low, high }
    }

    /// The region that holds one composition only.
    pub fn point(counts: &[u16]) -> Self {
        Self { low: counts.to_vec(), high: counts.to_vec() }
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.low.len()
    }

    /// Whether no composition lies inside.
    pub fn is_empty(&self) -> bool {
        self.low.iter().zip(&self.high).any(|(low, high)| low > high)
    }

    /// Whether a composition lies inside.
    pub fn contains(&self, counts: &[u16]) -> bool {
        self.low.iter().zip(&self.high).zip(counts).all(|((low, high), n)| low <= n && n <= high)
    }

    /// Whether all of another region lies inside.
    pub fn covers(&self, other: &Self) -> bool {
        self.contains(&other.low) && self.contains(&other.high)
    }

    /// How many compositions lie inside; saturates.
    pub fn size(&self) -> u64 {
        let widths = self.low.iter().zip(&self.high);
        widths.fold(1, |size: u64, (&low, &high)| {
            size.saturating_mul(if low > high { 0 } else { u64::from(high - low) + 1 })
        })
    }

    /// Every composition inside, each a step of one unit in one class from the one before it (a reflected
    /// mixed-radix Gray code), so that whoever evaluates them changes little between two.
    pub fn walk(&self) -> Walk<'_> {
        let classes = self.classes();
        let next = (!self.is_empty()).then(|| self.low.clone());
        Walk { region: self, next, rising: vec![true; classes] }
    }
}

/// The walk through all compositions of a region, see [`Region::walk`].
pub struct Walk<'a> {
    region: &'a Region,
    next: Option<Composition>,
    rising: Vec<bool>,
}

impl Iterator for Walk<'_> {
    type Item = Composition;

    fn next(&mut self) -> Option<Composition> {
        let current = self.next.take()?;
        let mut following = current.clone();
        for class in 0..following.len() {
            let (low, high) = (self.region.low[class], self.region.high[class]);
            let n = following[class];
            if self.rising[class] && n < high {
                following[class] = n + 1;
                self.next = Some(following);
                break;
            }
            if !self.rising[class] && n > low {
                following[class] = n - 1;
                self.next = Some(following);
                break;
            }
            self.rising[class] = !self.rising[class];
        }
        Some(current)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn walks_every_composition_once_and_one_unit_at_a_time() {
        let region = Region::new(vec![0, 1, 2], vec![2, 1, 5]);
        let all: Vec<Composition> = region.walk().collect();
        assert_eq!(all.len() as u64, region.size());
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for pair in all.windows(2) {
            let change: i32 = pair[0].iter().zip(&pair[1]).map(|(a, b)| i32::from(a.abs_diff(*b))).sum();
            assert_eq!(change, 1, "{pair:?}");
        }
        assert!(all.iter().all(|counts| region.contains(counts)));
    }

    #[test]
    fn an_empty_region_holds_nothing() {
        let region = Region::new(vec![1], vec![0]);
        assert!(region.is_empty());
        assert_eq!(region.size(), 0);
        assert_eq!(region.walk().count(), 0);
    }
}
