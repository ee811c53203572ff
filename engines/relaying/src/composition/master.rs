//! The cheapest composition outside all forbidden regions, with proof: branch and bound on counts.
//!
//! Regions are held as bit sets per class and count, so that one look at a node costs a few words per class: which
//! regions are left behind already, and which classes can still leave the others.

use super::objective::{Objective, Value};
use super::space::{Composition, Region};

/// Forbidden regions of a domain, and the question for the best composition outside them.
#[derive(Debug, Clone)]
pub struct Master {
    domain: Region,
    regions: Vec<Region>,
    /// Per class and count: regions that end below the count.
    ended: Vec<Vec<Bits>>,
    /// Per class and count: regions that begin above the count.
    ahead: Vec<Vec<Bits>>,
}

type Bits = Vec<u64>;

impl Master {
    /// Nothing is forbidden yet.
    pub fn new(domain: Region) -> Self {
        let empty = |region: &Region| {
            region.high.iter().map(|&high| vec![Bits::new(); usize::from(high) + 1]).collect::<Vec<_>>()
        };
        Self { ended: empty(&domain), ahead: empty(&domain), regions: Vec::new(), domain }
    }

    /// All compositions that are asked about.
    pub fn domain(&self) -> &Region {
        &self.domain
    }

    /// The forbidden regions, in the order they came.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Forbids a region.
    pub fn forbid(&mut self, region: Region) {
        let (word, bit) = (self.regions.len() / 64, 1_u64 << (self.regions.len() % 64));
        for class in 0..self.domain.classes() {
            let tables = self.ended[class].iter_mut().zip(&mut self.ahead[class]);
            for (n, (ended, ahead)) in tables.enumerate() {
                for (bits, holds) in [
                    (ended, usize::from(region.high[class]) < n),
                    (ahead, usize::from(region.low[class]) > n),
                ] {
                    if bits.len() <= word {
                        bits.push(0);
                    }
                    bits[word] |= if holds { bit } else { 0 };
                }
            }
        }
        self.regions.push(region);
    }

    /// Forbids everything that has at least the counts of a composition.
    /// The best composition outside all forbidden regions that is better than `bound`; among equals the same one
    /// on every machine. `None` proves that there is none. Stops early at a value of `floor`, which must be known
    /// to be a lower bound.
    pub fn best(
        &self,
        objective: &Objective,
        floor: Option<Value>,
        bound: Option<Value>,
    ) -> Option<Composition> {
        if self.domain.is_empty() {
            return None;
        }
        let mut descent = Descent { master: self, objective, floor, bound, best: None };
        descent.visit(self.domain.clone());
        descent.best
    }
}

/// One branch and bound.
struct Descent<'a> {
    master: &'a Master,
    objective: &'a Objective,
    floor: Option<Value>,
    bound: Option<Value>,
    best: Option<Composition>,
}

/// What a node knows after it was narrowed.
struct Open {
    /// Regions not left behind.
    open: Bits,
    /// Per class: open regions the class can still leave.
    leaving: Vec<Bits>,
}

impl Descent<'_> {
    fn visit(&mut self, mut node: Region) {
        if self.is_done() {
            return;
        }
        let Some(open) = self.narrow(&mut node) else { return };
        let cheapest: Composition = (0..node.classes())
            .map(|class| self.cheapest(class, node.low[class], node.high[class]))
            .collect();
        let value = self.objective.value(&cheapest);
        if self.is_too_dear(value) {
            return;
        }
        let inside = self.regions_around(&cheapest, &open.open);
        if inside.is_empty() {
            self.bound = Some(value);
            self.best = Some(cheapest);
            return;
        }
        if self.is_too_dear(self.raised(value, &node, &cheapest, &inside)) {
            return;
        }
        self.branch(&node, &inside, &open);
    }

    fn is_done(&self) -> bool {
        self.best.is_some() && self.floor.is_some_and(|floor| self.bound.is_some_and(|bound| bound <= floor))
    }

    fn is_too_dear(&self, value: Value) -> bool {
        self.bound.is_some_and(|bound| value >= bound)
    }

    /// Leaves regions that only one class can still leave, until nothing changes. `None`: the node lies in one.
    fn narrow(&self, node: &mut Region) -> Option<Open> {
        loop {
            let open = self.look(node);
            let words = open.open.len();
            let (mut once, mut twice) = (vec![0_u64; words], vec![0_u64; words]);
            for leaving in &open.leaving {
                for word in 0..words {
                    twice[word] |= once[word] & leaving[word];
                    once[word] |= leaving[word];
                }
            }
            if (0..words).any(|word| open.open[word] & !once[word] != 0) {
                return None;
            }
            let mut has_changed = false;
            for word in 0..words {
                let mut single = open.open[word] & once[word] & !twice[word];
                while single != 0 {
                    let region = word * 64 + single.trailing_zeros() as usize;
                    single &= single - 1;
                    has_changed |= self.leave(node, region, &open)?;
                }
            }
            if !has_changed {
                return Some(open);
            }
        }
    }

    fn look(&self, node: &Region) -> Open {
        let words = self.master.regions.len().div_ceil(64);
        let mut open = vec![u64::MAX; words];
        if let (Some(last), used @ 1..) = (open.last_mut(), self.master.regions.len() % 64) {
            *last = (1 << used) - 1;
        }
        let ends = |class: usize| {
            let (low, high) = (usize::from(node.low[class]), usize::from(node.high[class]));
            let (ended, ahead) = (&self.master.ended[class], &self.master.ahead[class]);
            (&ended[low], &ended[high], &ahead[low], &ahead[high])
        };
        for class in 0..node.classes() {
            let (ended_low, _, _, ahead_high) = ends(class);
            for word in 0..words {
                open[word] &= !(ended_low[word] | ahead_high[word]);
            }
        }
        let leaving = (0..node.classes())
            .map(|class| {
                let (_, ended_high, ahead_low, _) = ends(class);
                (0..words).map(|word| open[word] & (ended_high[word] | ahead_low[word])).collect()
            })
            .collect();
        Open { open, leaving }
    }

    /// Leaves a region by the one class that can; whether that changed the node. `None` when no count is left.
    fn leave(&self, node: &mut Region, region: usize, open: &Open) -> Option<bool> {
        let (word, bit) = (region / 64, 1 << (region % 64));
        let class = (0..node.classes()).find(|&class| open.leaving[class][word] & bit != 0)?;
        let (low, high) = self.ends(region, class);
        if low <= node.low[class] && high >= node.high[class] {
            return None;
        }
        if low <= node.low[class] && high >= node.low[class] {
            node.low[class] = high + 1;
            return Some(true);
        }
        if high >= node.high[class] && low <= node.high[class] {
            node.high[class] = low - 1;
            return Some(true);
        }
        Some(false)
    }

    fn ends(&self, region: usize, class: usize) -> (u16, u16) {
        let region = &self.master.regions[region];
        (region.low[class], region.high[class])
    }

    fn cheapest(&self, class: usize, low: u16, high: u16) -> u16 {
        (low..=high).min_by_key(|&n| self.objective.part(class, n)).unwrap_or(low)
    }

    /// Open regions that hold a composition.
    fn regions_around(&self, counts: &[u16], open: &[u64]) -> Vec<usize> {
        let mut around = open.to_vec();
        for (class, &n) in counts.iter().enumerate() {
            let (ended, ahead) =
                (&self.master.ended[class][usize::from(n)], &self.master.ahead[class][usize::from(n)]);
            for word in 0..around.len() {
                around[word] &= !(ended[word] | ahead[word]);
            }
        }
        bits_of(&around)
    }

    /// A lower bound of the node: regions without a class in common must be left one by one, each at its cheapest.
    fn raised(&self, value: Value, node: &Region, cheapest: &[u16], inside: &[usize]) -> Value {
        let mut is_used = vec![false; node.classes()];
        let mut rise = 0_i64;
        let mut order: Vec<(usize, usize)> =
            inside.iter().map(|&region| (self.exits(node, region).len(), region)).collect();
        order.sort_unstable();
        for (_, region) in order {
            let exits = self.exits(node, region);
            if exits.iter().any(|exit| is_used[exit.class]) {
                continue;
            }
            let step = |exit: &Exit| {
                let n = self.cheapest(exit.class, exit.low, exit.high);
                let here = self.objective.part(exit.class, cheapest[exit.class]).0[0];
                self.objective.part(exit.class, n).0[0] - here
            };
            rise += exits.iter().map(step).min().unwrap_or(0);
            for exit in &exits {
                is_used[exit.class] = true;
            }
        }
        if rise == 0 {
            return value;
        }
        // With the first figure raised, the others may fall: each at its least.
        let least = |rank: usize| -> i64 {
            (0..node.classes())
                .map(|class| {
                    (node.low[class]..=node.high[class])
                        .map(|n| self.objective.part(class, n).0[rank])
                        .min()
                        .unwrap_or(0)
                })
                .sum()
        };
        Value([value.0[0] + rise, least(1), least(2), least(3)])
    }

    /// The ways out of a region from a node: ranges of counts of one class each.
    fn exits(&self, node: &Region, region: usize) -> Vec<Exit> {
        let mut exits = Vec::new();
        for class in 0..node.classes() {
            let (low, high) = self.ends(region, class);
            if low > node.low[class] {
                exits.push(Exit { class, low: node.low[class], high: node.high[class].min(low - 1) });
            }
            if high < node.high[class] {
                exits.push(Exit { class, low: node.low[class].max(high + 1), high: node.high[class] });
            }
        }
        exits
    }

    /// Splits a node along the ways out of the region with the fewest of them, the cheapest way first.
    fn branch(&mut self, node: &Region, inside: &[usize], open: &Open) {
        let ways = |region: usize| {
            let (word, bit) = (region / 64, 1 << (region % 64));
            open.leaving.iter().filter(|leaving| leaving[word] & bit != 0).count()
        };
        let Some(&region) = inside.iter().min_by_key(|&&region| (ways(region), region)) else { return };
        let mut exits = self.exits(node, region);
        exits.sort_by_key(|exit| {
            self.objective.part(exit.class, self.cheapest(exit.class, exit.low, exit.high))
        });
        let mut rest = node.clone();
        for exit in exits {
            let mut child = rest.clone();
            child.low[exit.class] = child.low[exit.class].max(exit.low);
            child.high[exit.class] = child.high[exit.class].min(exit.high);
            if !child.is_empty() {
                self.visit(child);
            }
            // What is left keeps away from this way out.
            if exit.low <= rest.low[exit.class] {
                rest.low[exit.class] = rest.low[exit.class].max(exit.high + 1);
            } else {
                rest.high[exit.class] = rest.high[exit.class].min(exit.low - 1);
            }
            if rest.is_empty() {
                return;
            }
        }
    }
}

/// Counts of one class that leave a region.
struct Exit {
    class: usize,
    low: u16,
    high: u16,
}

fn bits_of(bits: &[u64]) -> Vec<usize> {
    let mut found = Vec::new();
    for (word, &bits) in bits.iter().enumerate() {
        let mut rest = bits;
        while rest != 0 {
            found.push(word * 64 + rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::composition::objective::{Criterion, Weights};

    /// Most units per class, two corners per region, prices.
    type Instance = (Vec<u16>, Vec<(Vec<u16>, Vec<u16>)>, Vec<i64>);

    fn cases() -> impl Strategy<Value = Instance> {
        let most = proptest::collection::vec(0_u16..4, 1..5);
        most.prop_flat_map(|most| {
            let corner: Vec<_> = most.iter().map(|&most| 0..=most).collect();
            let regions = proptest::collection::vec((corner.clone(), corner), 0..90);
            let prices = proptest::collection::vec(-2_i64..5, most.len());
            (Just(most), regions, prices)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn finds_the_best_composition_outside_all_regions((most, regions, prices) in cases()) {
            let domain = Region::new(vec![0; most.len()], most.clone());
            let weights: Vec<Weights> = prices
                .iter()
                .map(|&price| Weights { power_kw: price, cost_milli: -price, present: 1, is_unit: true })
                .collect();
            for criteria in [
                &[Criterion::Count, Criterion::Power][..],
                &[Criterion::Power, Criterion::Distance],
                &[Criterion::Distance, Criterion::Cost],
            ] {
                let objective = Objective::new(criteria, &weights, &most);
                let mut master = Master::new(domain.clone());
                for (a, b) in &regions {
                    let low: Vec<u16> = a.iter().zip(b).map(|(a, b)| *a.min(b)).collect();
                    let high: Vec<u16> = a.iter().zip(b).map(|(a, b)| *a.max(b)).collect();
                    master.forbid(Region::new(low, high));
                }
                let is_free =
                    |counts: &Composition| !master.regions().iter().any(|region| region.contains(counts));
                let expected = domain.walk().filter(is_free).map(|counts| objective.value(&counts)).min();
                let found = master.best(&objective, None, None);
                prop_assert_eq!(found.as_ref().map(|counts| objective.value(counts)), expected);
                prop_assert!(found.iter().all(is_free));
                if let Some(value) = expected {
                    prop_assert_eq!(master.best(&objective, None, Some(value)), None);
                    let early = master.best(&objective, Some(value), None);
                    prop_assert_eq!(early.map(|counts| objective.value(&counts)), Some(value));
                }
            }
        }
    }
}
