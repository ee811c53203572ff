//! The search against brute force, on oracles without any shape.

#[path = "referee/compare.rs"]
mod compare;

use compare::{Chance, GO_ON, Tables, tally};
use relaying::composition::master::Master;
use relaying::composition::minimal::all_of_each;
use relaying::composition::search::{Control, Ending, best};

#[test]
fn equals_brute_force_on_a_thousand_small_instances() {
    let tally = tally(1000, 0);
    assert!(tally.infeasible > 100, "{tally:?}");
    assert!(tally.not_monotone > 100, "{tally:?}");
    assert!(tally.neutrals > 80, "{tally:?}");
}

#[test]
fn equals_brute_force_on_large_instances() {
    let tally = tally(0, 60);
    assert_eq!((tally.instances, tally.large), (60, 60));
}

#[test]
fn the_answer_is_the_same_on_any_number_of_threads() {
    for seed in 0..20 {
        let mut chance = Chance(seed * 31 + 3);
        let tables = Tables::chance(&mut chance, (1, 512));
        let task = tables.task(&mut chance);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (best(&tables, &task, &[], GO_ON), all_of_each(&tables, &task, &[], GO_ON)))
        };
        assert_eq!(run(1), run(3));
    }
}

#[test]
fn a_stopped_search_goes_on_from_what_it_learned() {
    let mut stopped = 0;
    for seed in 0..60 {
        let mut chance = Chance(seed * 17 + 11);
        let tables = Tables::chance(&mut chance, (1, 512));
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
    let tables = Tables::chance(&mut chance, (1, 16));
    let mut task = tables.task(&mut chance);
    task.domain.low[0] = task.domain.high[0] + 1;
    assert_eq!(best(&tables, &task, &[], GO_ON).ending, Ending::Infeasible);
    assert_eq!(Master::new(task.domain.clone()).best(&task.objective, None, None), None);
}
