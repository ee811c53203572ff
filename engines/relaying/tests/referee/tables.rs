//! Random oracles without any shape, as tables, and what every composition one by one says of them.

use std::collections::HashMap;

use relaying::composition::objective::{Criterion, Objective, Value, Weights};
use relaying::composition::oracle::{Breach, CheckIx, Oracle};
use relaying::composition::search::Task;
use relaying::composition::space::{Composition, Region};

/// A small generator with full period, so that every test has its own fixed instances.
pub(crate) struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = self.0 ^ (self.0 >> 29);
        x.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn unit(&mut self) -> f64 {
        self.below(1 << 30) as f64 / f64::from(1 << 30)
    }
}

/// One bit per composition, in mixed-radix order.
type Bits = Vec<u64>;

/// Checks as tables over all compositions. A requirement holds when any check of it does.
pub(crate) struct Tables {
    pub schemes: usize,
    pub high: Vec<u16>,
    pub requirements: Vec<Vec<CheckIx>>,
    size: usize,
    strides: Vec<usize>,
    /// By scheme and check.
    holds: HashMap<(usize, CheckIx), Bits>,
    /// Compositions with at least, and with at most, so many units of a class.
    at_least: Vec<Vec<Bits>>,
    at_most: Vec<Vec<Bits>>,
}

/// What all compositions together say.
pub(crate) struct Census {
    pub best: Option<Value>,
    /// The inclusion-minimal ones, those with the fewest units first, then in the order of their counts.
    pub minimal: Vec<Composition>,
}

impl Tables {
    /// Checks like those of relays: helpers, hurters and mixed classes, in products and quotients, some of pure chance.
    /// `sizes` bounds the number of compositions; classes are added up to nine, or to the lower bound.
    pub(crate) fn chance(chance: &mut Chance, sizes: (u64, u64)) -> Self {
        let mut high = Vec::new();
        let mut size = 1;
        let wanted = 1 + chance.below(9);
        while (high.len() as u64) < wanted || size < sizes.0 {
            let most = 1 + chance.below(3);
            let most = if size * (most + 1) > sizes.1 { 1 } else { most };
            if size * (most + 1) > sizes.1 {
                break;
            }
            size *= most + 1;
            high.push(most as u16);
        }
        let schemes = 1 + chance.below(3) as usize;
        let checks = 1 + chance.below(6) as u32;
        let requirements = (0..=chance.below(4))
            .map(|_| (0..=chance.below(2)).map(|_| chance.below(u64::from(checks)) as CheckIx).collect())
            .collect();
        let mut own = Self::empty(schemes, high, requirements);
        for scheme in 0..schemes {
            for check in 0..checks {
                let table = own.table(chance);
                own.holds.insert((scheme, check), table);
            }
        }
        own
    }

    fn empty(schemes: usize, high: Vec<u16>, requirements: Vec<Vec<CheckIx>>) -> Self {
        let size = high.iter().map(|&most| usize::from(most) + 1).product();
        let mut strides = vec![1; high.len()];
        for class in (1..high.len()).rev() {
            strides[class - 1] = strides[class] * (usize::from(high[class]) + 1);
        }
        let (at_least, at_most, holds) = (Vec::new(), Vec::new(), HashMap::new());
        let mut own = Self { schemes, high, requirements, size, strides, holds, at_least, at_most };
        let masks = |is_in: &dyn Fn(u16, u16) -> bool| -> Vec<Vec<Bits>> {
            let of = |class: usize, n: u16| own.bits(&mut |place| is_in(own.count(place, class), n));
            own.high
                .iter()
                .enumerate()
                .map(|(class, &most)| (0..=most).map(|n| of(class, n)).collect())
                .collect()
        };
        let (at_least, at_most) = (masks(&|count, n| count >= n), masks(&|count, n| count <= n));
        (own.at_least, own.at_most) = (at_least, at_most);
        own
    }

    fn table(&self, chance: &mut Chance) -> Bits {
        let weights: Vec<(f64, f64)> =
            self.high.iter().map(|_| (chance.unit() * 2.0 - 0.7, chance.unit())).collect();
        let bar = chance.unit() * 0.8;
        // Where chance alone decides no region is large: only few compositions may do so.
        let is_noise = chance.below(12) == 0 && self.size < 1 << 10;
        self.bits(&mut |place| {
            let (mut over, mut under) = (0.1, 1.0);
            for (class, (a, b)) in weights.iter().enumerate() {
                let n = f64::from(self.count(place, class));
                over += n * a;
                under += n * b * if over > 0.5 { 1.5 } else { 0.7 };
            }
            if is_noise { chance.unit() >= bar } else { over / under >= bar }
        })
    }

    fn bits(&self, is_in: &mut dyn FnMut(usize) -> bool) -> Bits {
        let mut bits = vec![0; self.size.div_ceil(64)];
        for place in 0..self.size {
            bits[place / 64] |= u64::from(is_in(place)) << (place % 64);
        }
        bits
    }

    fn count(&self, place: usize, class: usize) -> u16 {
        (place / self.strides[class] % (usize::from(self.high[class]) + 1)) as u16
    }

    fn counts(&self, place: usize) -> Composition {
        (0..self.high.len()).map(|class| self.count(place, class)).collect()
    }

    fn place(&self, counts: &[u16]) -> usize {
        counts.iter().zip(&self.strides).map(|(&n, stride)| usize::from(n) * stride).sum()
    }

    fn holds(&self, scheme: usize, check: CheckIx, place: usize) -> bool {
        has(&self.holds[&(scheme, check)], place)
    }

    pub(crate) fn task(&self, chance: &mut Chance) -> Task {
        // The last classes of one are neutrals in every second instance.
        let can_be = self.high.iter().rev().take_while(|&&most| most == 1).count();
        let neutrals = if chance.below(2) == 0 { chance.below(can_be as u64 + 1) as usize } else { 0 };
        let units = self.high.len() - neutrals;
        let weights: Vec<Weights> = self
            .high
            .iter()
            .enumerate()
            .map(|(class, &most)| {
                let is_unit = class < units;
                Weights {
                    power_kw: chance.below(4) as i64 * i64::from(is_unit),
                    cost_milli: chance.below(5) as i64 * i64::from(is_unit),
                    present: chance.below(u64::from(most) + 1) as u16,
                    is_unit,
                }
            })
            .collect();
        let mut criteria = [Criterion::Count, Criterion::Power, Criterion::Cost, Criterion::Distance];
        let turn = chance.below(4) as usize;
        criteria.rotate_left(turn);
        let low = self.high.iter().map(|_| u16::from(chance.below(6) == 0)).collect();
        Task {
            domain: Region::new(low, self.high.clone()),
            objective: Objective::new(&criteria, &weights, &self.high),
            schemes: (0..self.schemes).collect(),
            is_robust: chance.below(4) == 0,
            units,
        }
    }

    /// Every composition, one by one.
    pub(crate) fn census(&self, task: &Task) -> Census {
        let is_kept = |place: usize| {
            let keeps = |scheme: &usize| {
                let mut requirements = self.requirements.iter();
                requirements.all(|checks| checks.iter().any(|&check| self.holds(*scheme, check, place)))
            };
            task.schemes.iter().all(keeps)
        };
        let kept = self.bits(&mut |place| is_kept(place));
        let is_adequate = |place: usize| {
            let lost =
                |class: usize| self.count(place, class) == 0 || has(&kept, place - self.strides[class]);
            has(&kept, place) && (!task.is_robust || (0..task.units).all(lost))
        };
        let in_domain = |place: usize| {
            (0..self.high.len()).all(|class| self.count(place, class) >= task.domain.low[class])
        };
        let adequate = self.bits(&mut |place| in_domain(place) && is_adequate(place));
        // Smaller units come before greater ones: what lies above adequate ones is known in one go. All states of the
        // neutrals lie side by side; the one nearest to the present stands for them.
        let states: usize = self.high[task.units..].iter().map(|&most| usize::from(most) + 1).product();
        let switched = |place: usize| -> i64 {
            (task.units..self.high.len())
                .map(|class| task.objective.part(class, self.count(place, class)).0.iter().sum::<i64>())
                .sum()
        };
        let mut above = vec![false; self.size / states];
        let mut is_any = vec![false; self.size / states];
        let mut minimal = Vec::new();
        let mut best = None;
        for units in 0..self.size / states {
            let own = units * states..(units + 1) * states;
            let below = (0..task.units).filter(|&class| self.count(own.start, class) > 0);
            let mut steps = below.map(|class| (own.start - self.strides[class]) / states);
            above[units] = steps.any(|below| above[below] || is_any[below]);
            let adequate = own.filter(|&place| has(&adequate, place));
            let mut nearest = None;
            for place in adequate {
                let value = task.objective.value(&self.counts(place));
                best = Some(best.map_or(value, |best: Value| best.min(value)));
                let key = (switched(place), place);
                nearest = Some(nearest.map_or(key, |nearest: (i64, usize)| nearest.min(key)));
            }
            is_any[units] = nearest.is_some();
            if let Some((_, place)) = nearest.filter(|_| !above[units]) {
                minimal.push(self.counts(place));
            }
        }
        minimal.sort_by_key(|counts| (counts[..task.units].iter().sum::<u16>(), counts.clone()));
        Census { best, minimal }
    }
}

fn has(bits: &Bits, place: usize) -> bool {
    bits[place / 64] >> (place % 64) & 1 == 1
}

impl Oracle for Tables {
    fn schemes(&self) -> usize {
        self.schemes
    }

    fn breaches(&self, scheme: usize, counts: &[u16], limit: usize) -> Vec<Breach> {
        let place = self.place(counts);
        let is_broken =
            |requirement: &&Vec<CheckIx>| requirement.iter().all(|&check| !self.holds(scheme, check, place));
        let broken = self.requirements.iter().filter(is_broken).take(limit);
        broken.map(|checks| Breach { checks: checks.clone(), margin: 0.5 }).collect()
    }

    fn fail_at(&self, scheme: usize, checks: &[CheckIx], counts: &[u16]) -> bool {
        let place = self.place(counts);
        checks.iter().all(|&check| !self.holds(scheme, check, place))
    }

    fn fail_throughout(&self, scheme: usize, checks: &[CheckIx], region: &Region) -> bool {
        let tables: Vec<&Bits> = checks.iter().map(|&check| &self.holds[&(scheme, check)]).collect();
        let masks: Vec<&Bits> = (0..region.classes())
            .flat_map(|class| {
                let (low, high) = (region.low[class], region.high[class]);
                let least = (low > 0).then(|| &self.at_least[class][usize::from(low)]);
                let most = (high < self.high[class]).then(|| &self.at_most[class][usize::from(high)]);
                least.into_iter().chain(most)
            })
            .collect();
        (0..self.size.div_ceil(64)).all(|word| {
            let inside = masks.iter().fold(u64::MAX, |inside, mask| inside & mask[word]);
            inside == 0 || tables.iter().all(|table| inside & table[word] == 0)
        })
    }

    fn influence(&self, _: usize, _: &[CheckIx], region: &Region) -> Vec<f64> {
        (0..region.classes()).map(|class| (class * 7 % 5) as f64).collect()
    }
}
