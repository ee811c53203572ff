//! The search against brute force, on families of adequate compositions without any shape.

use std::collections::HashMap;

use relaying::composition::conflict::conflict;
use relaying::composition::exhaustive::census;
use relaying::composition::master::Master;
use relaying::composition::minimal::{all, all_of_each, cone, is_locally_minimal};
use relaying::composition::objective::{Criterion, Objective, Weights};
use relaying::composition::oracle::{Breach, CheckIx, Oracle};
use relaying::composition::search::{Answer, Control, Ending, Progress, Task, best, best_of_each};
use relaying::composition::space::Region;

/// Margins of checks in every composition of every scheme; a requirement holds when any check of it does.
struct Tables {
    schemes: usize,
    high: Vec<u16>,
    requirements: Vec<Vec<CheckIx>>,
    /// By scheme, check, and place of the composition.
    holds: HashMap<(usize, CheckIx), Vec<bool>>,
}

/// A small generator with full period, so that every test has its own fixed instances.
struct Chance(u64);

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

impl Tables {
    /// Checks like those of relays: helpers, hurters and mixed classes, in products and quotients, some of pure chance.
    fn chance(chance: &mut Chance, limit: u64) -> Self {
        let mut high = Vec::new();
        let mut size = 1;
        for _ in 0..=chance.below(8) {
            let most = 1 + chance.below(3);
            if size * (most + 1) > limit {
                break;
            }
            size *= most + 1;
            high.push(most as u16);
        }
        if high.is_empty() {
            high.push(1);
        }
        let schemes = 1 + chance.below(3) as usize;
        let checks = 1 + chance.below(6) as u32;
        let space = Region::new(vec![0; high.len()], high.clone());
        let mut holds = HashMap::new();
        for scheme in 0..schemes {
            for check in 0..checks {
                let weights: Vec<(f64, f64)> =
                    high.iter().map(|_| (chance.unit() * 2.0 - 0.7, chance.unit())).collect();
                let bar = chance.unit() * 0.8;
                let is_noise = chance.below(12) == 0;
                let mut table = vec![false; space.size() as usize];
                for counts in space.walk() {
                    let (mut over, mut under) = (0.1, 1.0);
                    for (n, (a, b)) in counts.iter().zip(&weights) {
                        over += f64::from(*n) * a;
                        under += f64::from(*n) * b * if over > 0.5 { 1.5 } else { 0.7 };
                    }
                    let value = if is_noise { chance.unit() } else { over / under };
                    table[Self::place(&high, &counts)] = value >= bar;
                }
                holds.insert((scheme, check), table);
            }
        }
        let requirements = (0..=chance.below(4))
            .map(|_| (0..=chance.below(2)).map(|_| chance.below(u64::from(checks)) as CheckIx).collect())
            .collect();
        Self { schemes, high, requirements, holds }
    }

    fn place(high: &[u16], counts: &[u16]) -> usize {
        counts.iter().zip(high).fold(0, |place, (&n, &most)| place * usize::from(most + 1) + usize::from(n))
    }

    fn holds(&self, scheme: usize, check: CheckIx, counts: &[u16]) -> bool {
        self.holds[&(scheme, check)][Self::place(&self.high, counts)]
    }

    fn task(&self, chance: &mut Chance) -> Task {
        let weights: Vec<Weights> = self
            .high
            .iter()
            .map(|&most| Weights {
                power_kw: chance.below(4) as i64,
                cost_milli: chance.below(5) as i64,
                present: chance.below(u64::from(most) + 1) as u16,
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
        }
    }
}

impl Oracle for Tables {
    fn schemes(&self) -> usize {
        self.schemes
    }

    fn breaches(&self, scheme: usize, counts: &[u16], limit: usize) -> Vec<Breach> {
        let is_broken =
            |requirement: &&Vec<CheckIx>| requirement.iter().all(|&check| !self.holds(scheme, check, counts));
        let broken = self.requirements.iter().filter(is_broken).take(limit);
        broken.map(|checks| Breach { checks: checks.clone(), margin: 0.5 }).collect()
    }

    fn fail_throughout(&self, scheme: usize, checks: &[CheckIx], region: &Region) -> bool {
        region.walk().all(|counts| checks.iter().all(|&check| !self.holds(scheme, check, &counts)))
    }

    fn influence(&self, _: usize, _: &[CheckIx], region: &Region) -> Vec<f64> {
        (0..region.classes()).map(|class| (class * 7 % 5) as f64).collect()
    }
}

const GO_ON: &(dyn Fn(&Progress) -> Control + Sync) = &|_| Control::Continue;

/// One instance in every way it can be asked; returns whether it was feasible and whether more units ever hurt.
fn compare(seed: u64, limit: u64) -> (bool, bool) {
    let mut chance = Chance(seed);
    let tables = Tables::chance(&mut chance, limit);
    let task = tables.task(&mut chance);
    let census = census(&tables, &task);

    let answer = best(&tables, &task, &[], GO_ON);
    match (&answer.ending, census.best) {
        (Ending::Best(counts), Some(value)) => {
            assert_eq!(task.objective.value(counts), value, "seed {seed}");
            assert!(task.is_adequate(&tables, counts), "seed {seed}");
            assert_eq!(answer.progress.lower, Some(value));
        }
        (Ending::Infeasible, None) => assert_is_conflict(&tables, &task, &answer),
        (ending, value) => panic!("seed {seed}: {ending:?} instead of {value:?}"),
    }

    let minimal = all(&tables, &task, &answer.clauses, GO_ON);
    let mut found = minimal.compositions.clone();
    found.sort_by_key(|counts| (counts.iter().map(|&n| u32::from(n)).sum::<u32>(), counts.clone()));
    assert_eq!(found, census.minimal, "seed {seed}");
    assert!(found.iter().all(|counts| is_locally_minimal(&tables, &task, counts)));

    let each = best_of_each(&tables, &task, GO_ON);
    let each_minimal = all_of_each(&tables, &task, GO_ON);
    for (scheme, (answer, minimal)) in each.iter().zip(&each_minimal).enumerate() {
        let alone = Task { schemes: vec![scheme], ..task.clone() };
        let census = relaying::composition::exhaustive::census(&tables, &alone);
        let value = match &answer.ending {
            Ending::Best(counts) => Some(task.objective.value(counts)),
            _ => None,
        };
        assert_eq!(value, census.best, "seed {seed}, scheme {scheme}");
        assert_eq!(minimal.compositions.len(), census.minimal.len(), "seed {seed}, scheme {scheme}");
    }
    if let Some(counts) = census.minimal.first() {
        let cone = cone(&tables, &task, counts);
        for class in 0..counts.len() {
            let mut raised = counts.clone();
            raised[class] += cone.may_add[class];
            assert!(task.is_adequate(&tables, &raised), "seed {seed}");
            assert_eq!(cone.must_not_add[class], raised[class] < tables.high[class], "seed {seed}");
            if cone.must_not_add[class] {
                raised[class] += 1;
                assert!(!task.is_adequate(&tables, &raised), "seed {seed}");
            }
        }
    }
    let top_fails = census.best.is_some() && !task.is_adequate(&tables, &task.domain.high);
    (census.best.is_some(), top_fails)
}

fn assert_is_conflict(tables: &Tables, task: &Task, answer: &Answer) {
    let conflict = conflict(task, &answer.clauses);
    assert!(conflict.parties.iter().all(|party| party.without.is_some()) || task.domain.is_empty());
    assert!(conflict.parties.len() <= tables.requirements.len() * tables.schemes);
}

#[test]
fn equals_brute_force_on_a_thousand_small_instances() {
    let ended: Vec<(bool, bool)> = (0..1000).map(|seed| compare(seed * 7919 + 1, 512)).collect();
    let infeasible = ended.iter().filter(|(is_feasible, _)| !is_feasible).count();
    let not_monotone = ended.iter().filter(|(_, top_fails)| *top_fails).count();
    assert!(infeasible > 100, "only {infeasible} infeasible instances");
    assert!(not_monotone > 100, "only {not_monotone} feasible instances in which all units together fail");
}

#[test]
fn equals_brute_force_on_large_instances() {
    for seed in 0..12 {
        compare(seed * 104_729 + 5, 1 << 16);
    }
}

#[test]
fn the_answer_is_the_same_on_any_number_of_threads() {
    for seed in 0..20 {
        let mut chance = Chance(seed * 31 + 3);
        let tables = Tables::chance(&mut chance, 512);
        let task = tables.task(&mut chance);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (best(&tables, &task, &[], GO_ON), all_of_each(&tables, &task, GO_ON)))
        };
        assert_eq!(run(1), run(3));
    }
}

#[test]
fn a_stopped_search_goes_on_from_what_it_learned() {
    let mut stopped = 0;
    for seed in 0..60 {
        let mut chance = Chance(seed * 17 + 11);
        let tables = Tables::chance(&mut chance, 512);
        let task = tables.task(&mut chance);
        let whole = best(&tables, &task, &[], GO_ON);
        let part = best(&tables, &task, &[], &|progress| {
            if progress.candidates < 2 { Control::Continue } else { Control::Stop }
        });
        if matches!(part.ending, Ending::Stopped(_)) {
            stopped += 1;
            assert!(part.progress.lower <= whole.progress.lower || whole.progress.lower.is_none());
        }
        assert_eq!(best(&tables, &task, &part.clauses, GO_ON).ending, whole.ending);
    }
    assert!(stopped > 5, "only {stopped} searches were stopped");
}

#[test]
fn an_impossible_domain_is_infeasible() {
    let mut chance = Chance(1);
    let tables = Tables::chance(&mut chance, 16);
    let mut task = tables.task(&mut chance);
    task.domain.low[0] = task.domain.high[0] + 1;
    assert_eq!(best(&tables, &task, &[], GO_ON).ending, Ending::Infeasible);
    assert_eq!(Master::new(task.domain.clone()).best(&task.objective, None, None), None);
}
