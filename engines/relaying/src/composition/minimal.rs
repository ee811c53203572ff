//! All inclusion-minimal compositions, and what may be added to each.
//!
//! An adequate composition is *inclusion-minimal* when no smaller one (component by component) is adequate, and
//! *locally minimal* when no single unit can be dropped. Where more units always help both are the same; here they
//! are not: a composition may be locally minimal although dropping two units at once gives an adequate one again.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::learning::shared;
use super::oracle::{Clause, Oracle};
use super::search::{Ending, Observer, Progress, Search, Task, Taught, each};
use super::sieve::Sieve;
use super::space::{Composition, Region};

/// A region of at most this many compositions above a minimal one is evaluated one by one.
const CONE_POINTS: u64 = 4096;

/// What may be added to an adequate composition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cone {
    /// Per class: units that may be added, one class at a time, with every step adequate.
    pub may_add: Vec<u16>,
    /// Per class: whether the next unit after those would make it inadequate (`false`: there is none left).
    pub must_not_add: Vec<bool>,
    /// Whether any mixture within `may_add` is adequate: evaluated one by one; `None` when there are too many.
    pub is_free: Option<bool>,
}

/// All inclusion-minimal compositions of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Minimal {
    /// The compositions, those with the fewest units first.
    pub compositions: Vec<Composition>,
    /// Whether these are all; `false` when the search was stopped.
    pub is_complete: bool,
    /// Counters at the end.
    pub progress: Progress,
    /// What was learned.
    pub clauses: Vec<Clause>,
}

impl Taught for Minimal {
    fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}

/// All inclusion-minimal compositions for the task's schemes together.
///
/// Candidates come in the order of their number of units, so the first adequate one is inclusion-minimal, and so is
/// each further one outside everything above those found: of any smaller adequate one, it or something below it
/// would have come first.
pub fn all<O: Oracle>(oracle: &O, task: &Task, known: &[Clause], watch: Observer<'_>) -> Minimal {
    let by_count = task.by_count();
    let Some(sieve) = Sieve::new(oracle, &by_count, known, watch) else {
        return all_by_clauses(oracle, task, known, watch);
    };
    let (compositions, is_complete, answer) = sieve.minimal();
    Minimal { compositions, is_complete, progress: answer.progress, clauses: answer.clauses }
}

/// The same for domains of any size: by clauses alone.
pub fn all_by_clauses<O: Oracle>(oracle: &O, task: &Task, known: &[Clause], watch: Observer<'_>) -> Minimal {
    let by_count = task.by_count();
    let mut search = Search::new(oracle, &by_count, known, watch);
    let mut compositions: Vec<Composition> = Vec::new();
    let mut is_complete = true;
    while let Some(candidate) = search.candidate() {
        if search.stops() {
            is_complete = false;
            break;
        }
        if search.teach(&candidate) {
            search.master.forbid(task.above(&candidate));
            compositions.push(candidate);
            search.progress.found = compositions.len();
        }
    }
    let answer = search.answer(Ending::Infeasible);
    Minimal { compositions, is_complete, progress: answer.progress, clauses: answer.clauses }
}

/// All inclusion-minimal compositions of each scheme on its own, in the order of the schemes.
pub fn all_of_each<O: Oracle>(
    oracle: &O,
    task: &Task,
    known: &[Clause],
    watch: Observer<'_>,
) -> Vec<Minimal> {
    each(
        (task, known),
        |task, known| all(oracle, task, known, watch),
        |clause, scheme| shared(oracle, clause, scheme),
    )
}

/// Whether no single unit of an adequate composition can be dropped.
pub fn is_locally_minimal<O: Oracle>(oracle: &O, task: &Task, counts: &[u16]) -> bool {
    droppable(oracle, task, counts).is_empty()
}

/// The classes of which one unit can be dropped from an adequate composition.
pub fn droppable<O: Oracle>(oracle: &O, task: &Task, counts: &[u16]) -> Vec<usize> {
    let can_drop = |&class: &usize| {
        counts[class] > task.domain.low[class] && {
            let mut left = counts.to_vec();
            left[class] -= 1;
            task.is_adequate(oracle, &left)
        }
    };
    (0..task.units).filter(can_drop).collect()
}

/// What may be added to an adequate composition.
pub fn cone<O: Oracle>(oracle: &O, task: &Task, counts: &[u16]) -> Cone {
    let room = |class: usize| {
        let is_unit = class < task.units;
        if is_unit { task.domain.high[class].saturating_sub(counts[class]) } else { 0 }
    };
    let steps = |class: usize| {
        let is_adequate = |&more: &u16| {
            let mut raised = counts.to_vec();
            raised[class] += more;
            task.is_adequate(oracle, &raised)
        };
        (1..=room(class)).take_while(is_adequate).count() as u16
    };
    let may_add: Vec<u16> = (0..counts.len()).into_par_iter().map(steps).collect();
    let must_not_add = may_add.iter().enumerate().map(|(class, &may)| may < room(class)).collect();
    let top = counts.iter().zip(&may_add).map(|(n, may)| n + may).collect();
    let region = Region::new(counts.to_vec(), top);
    let is_free = (region.size() <= CONE_POINTS)
        .then(|| region.walk().par_bridge().all(|above| task.is_adequate(oracle, &above)));
    Cone { may_add, must_not_add, is_free }
}
