//! The search and brute force, asked the same in every way.

mod tables;

use relaying::composition::conflict::conflict;
use relaying::composition::minimal::{all, all_by_clauses, all_of_each, cone, is_locally_minimal};
use relaying::composition::oracle::Oracle as _;
use relaying::composition::search::{
    Answer, Control, Ending, Progress, Task, best, best_by_clauses, best_of_each,
};

pub(crate) use tables::{Chance, Tables};

pub(crate) const GO_ON: &(dyn Fn(&Progress) -> Control + Sync) = &|_| Control::Continue;

/// What was compared.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub instances: usize,
    /// With at least 2^14 compositions.
    pub large: usize,
    pub infeasible: usize,
    /// Feasible ones in which all units together are not adequate.
    pub not_monotone: usize,
    /// With neutrals beside the units.
    pub neutrals: usize,
}

/// Compares so many small instances and large ones; panics at the first difference.
pub(crate) fn tally(small: u64, large: u64) -> Tally {
    let mut tally = Tally::default();
    let small = (0..small).map(|seed| (seed * 7919 + 1, (1, 512)));
    let large = (0..large).map(|seed| (seed * 104_729 + 5, (1 << 14, 1 << 16)));
    for (seed, sizes) in small.chain(large) {
        let (is_feasible, top_fails, has_neutrals) = compare(seed, sizes);
        tally.instances += 1;
        tally.neutrals += usize::from(has_neutrals);
        tally.large += usize::from(sizes.0 > 1);
        tally.infeasible += usize::from(!is_feasible);
        tally.not_monotone += usize::from(top_fails);
    }
    tally
}

/// One instance in every way it can be asked; returns whether it was feasible, whether more units ever hurt, and whether
/// there were neutrals.
pub(crate) fn compare(seed: u64, sizes: (u64, u64)) -> (bool, bool, bool) {
    let mut chance = Chance(seed);
    let tables = Tables::chance(&mut chance, sizes);
    let task = tables.task(&mut chance);
    let census = tables.census(&task);

    let answers = [best(&tables, &task, &[], GO_ON), best_by_clauses(&tables, &task, &[], GO_ON)];
    for answer in &answers {
        match (&answer.ending, census.best) {
            (Ending::Best(counts), Some(value)) => {
                assert_eq!(task.objective.value(counts), value, "seed {seed}");
                assert!(task.is_adequate(&tables, counts), "seed {seed}");
                assert_eq!(answer.progress.lower, Some(value));
            }
            (Ending::Infeasible, None) => assert_is_conflict(&tables, &task, answer),
            (ending, value) => panic!("seed {seed}: {ending:?} instead of {value:?}"),
        }
    }

    let known = &answers[0].clauses;
    for minimal in [all(&tables, &task, known, GO_ON), all_by_clauses(&tables, &task, known, GO_ON)] {
        let mut found = minimal.compositions.clone();
        found.sort_by_key(|counts| (counts[..task.units].iter().sum::<u16>(), counts.clone()));
        assert_eq!(found, census.minimal, "seed {seed}");
        assert!(found.iter().all(|counts| is_locally_minimal(&tables, &task, counts)));
    }

    let each = best_of_each(&tables, &task, &[], GO_ON);
    let each_minimal = all_of_each(&tables, &task, &[], GO_ON);
    for (scheme, (answer, minimal)) in each.iter().zip(&each_minimal).enumerate() {
        let alone = Task { schemes: vec![scheme], ..task.clone() };
        let census = tables.census(&alone);
        let value = match &answer.ending {
            Ending::Best(counts) => Some(task.objective.value(counts)),
            _ => None,
        };
        assert_eq!(value, census.best, "seed {seed}, scheme {scheme}");
        assert_eq!(minimal.compositions.len(), census.minimal.len(), "seed {seed}, scheme {scheme}");
    }
    if let Some(counts) = census.minimal.first() {
        assert_is_cone(&tables, &task, counts);
    }
    let top_fails = census.best.is_some() && !task.is_adequate(&tables, &task.domain.high);
    (census.best.is_some(), top_fails, task.units < tables.high.len())
}

fn assert_is_cone(tables: &Tables, task: &Task, counts: &[u16]) {
    let cone = cone(tables, task, counts);
    for class in 0..task.units {
        let mut raised = counts.to_vec();
        raised[class] += cone.may_add[class];
        assert!(task.is_adequate(tables, &raised));
        assert_eq!(cone.must_not_add[class], raised[class] < tables.high[class]);
        if cone.must_not_add[class] {
            raised[class] += 1;
            assert!(!task.is_adequate(tables, &raised));
        }
    }
}

/// The requirements of a conflict exclude each other, and all but any one of them don't.
fn assert_is_conflict(tables: &Tables, task: &Task, answer: &Answer) {
    let conflict = conflict(tables, task, &answer.clauses);
    assert!(conflict.is_irreducible);
    let keeps = |counts: &Vec<u16>, without: Option<usize>| {
        let mut parties = conflict.parties.iter().enumerate().filter(|(at, _)| Some(*at) != without);
        parties.all(|(_, party)| {
            let holds = |left: &Vec<u16>| !tables.fail_at(party.scheme, &party.checks, left);
            task.situations(counts).iter().all(holds)
        })
    };
    assert!(!task.domain.walk().any(|counts| keeps(&counts, None)));
    for (at, party) in conflict.parties.iter().enumerate() {
        assert!(keeps(party.without.as_ref().expect("it was found"), Some(at)));
    }
}
