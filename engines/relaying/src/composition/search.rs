//! The best composition, proven: learn where requirements are broken, ask the master for the best one elsewhere.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::learning::{forbidden, learn, shared};
use super::master::Master;
use super::objective::{Objective, Value};
use super::oracle::{Breach, Clause, Oracle};
use super::sieve::Sieve;
use super::space::{Composition, Region};

/// Broken requirements learned from per scheme and candidate.
pub(super) const LESSONS: usize = 3;

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Task {
    /// All compositions allowed: must-run units in its low corner, must-off units left out of its high one.
    pub domain: Region,
    /// What makes a composition better.
    pub objective: Objective,
    /// The schemes in which the composition must be adequate, all of them.
    pub schemes: Vec<usize>,
    /// Whether it must stay adequate when any one of its units is lost.
    pub is_robust: bool,
    /// How many of the classes are units. Those after them are neutrals, earthed (1) or isolated (0): nobody loses one,
    /// and of two compositions none is smaller for it.
    pub units: usize,
}

impl Task {
    /// The compositions that must be adequate for `counts` to be: itself, and those left after a loss.
    pub fn situations(&self, counts: &[u16]) -> Vec<Composition> {
        let mut all = vec![counts.to_vec()];
        if self.is_robust {
            for class in 0..self.units {
                if counts[class] > 0 {
                    let mut left = counts.to_vec();
                    left[class] -= 1;
                    all.push(left);
                }
            }
        }
        all
    }

    /// The compositions the oracle may be asked about.
    pub(super) fn space(&self) -> Region {
        let mut low = self.domain.low.clone();
        if self.is_robust {
            low[..self.units].iter_mut().for_each(|low| *low = low.saturating_sub(1));
        }
        Region::new(low, self.domain.high.clone())
    }

    /// The compositions with at least these units, their neutrals either way.
    pub fn above(&self, counts: &[u16]) -> Region {
        let neutrals = self.domain.low[self.units..].iter();
        let low = counts[..self.units].iter().chain(neutrals).copied().collect();
        Region::new(low, self.domain.high.clone())
    }

    /// The compositions with these units, their neutrals either way.
    pub(super) fn alike(&self, counts: &[u16]) -> Region {
        let mut alike = self.above(counts);
        alike.high[..self.units].copy_from_slice(&counts[..self.units]);
        alike
    }

    /// The same task judged by the number of units; of those with the same units by what the neutrals weigh.
    pub(super) fn by_count(&self) -> Self {
        Self { objective: self.objective.units_first(self.units), ..self.clone() }
    }

    /// Whether a composition is adequate in all schemes.
    pub fn is_adequate<O: Oracle>(&self, oracle: &O, counts: &[u16]) -> bool {
        self.situations(counts).iter().all(|left| oracle.is_adequate(&self.schemes, left))
    }
}

/// How far a search has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// No adequate composition is better than this.
    pub lower: Option<Value>,
    /// An adequate composition of this value is known.
    pub upper: Option<Value>,
    /// Candidates looked at.
    pub candidates: usize,
    /// Clauses learned.
    pub clauses: usize,
    /// Minimal compositions found so far, when all are wanted.
    pub found: usize,
}

/// What whoever watches a search answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop with what is known.
    Stop,
}

/// Whoever watches a search.
pub type Observer<'a> = &'a (dyn Fn(&Progress) -> Control + Sync);

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The composition is adequate and nothing better is.
    Best(Composition),
    /// No composition of the domain is adequate.
    Infeasible,
    /// It was stopped; the best adequate composition known, if any.
    Stopped(Option<Composition>),
}

/// The result of a search with what proves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub ending: Ending,
    /// Bounds and counters at the end.
    pub progress: Progress,
    /// What was learned: together with the objective the proof, and enough to go on from.
    pub clauses: Vec<Clause>,
}

/// The best composition for all schemes of the task together. `known` clauses, from an earlier search of the same
/// case, are taken as proven. Domains that can be looked at as a whole are; in others clauses are learned.
pub fn best<O: Oracle>(oracle: &O, task: &Task, known: &[Clause], watch: Observer<'_>) -> Answer {
    match Sieve::new(oracle, task, known, watch) {
        Some(sieve) => sieve.best(),
        None => best_by_clauses(oracle, task, known, watch),
    }
}

/// The same for domains of any size: by clauses alone.
pub fn best_by_clauses<O: Oracle>(oracle: &O, task: &Task, known: &[Clause], watch: Observer<'_>) -> Answer {
    let mut search = Search::new(oracle, task, known, watch);
    let ending = search.run();
    search.answer(ending)
}

/// The best composition for each scheme of the task on its own, in the order of the schemes. What the first scheme
/// teaches is offered to all others, which then run side by side.
pub fn best_of_each<O: Oracle>(
    oracle: &O,
    task: &Task,
    known: &[Clause],
    watch: Observer<'_>,
) -> Vec<Answer> {
    each(
        (task, known),
        |task, known| best(oracle, task, known, watch),
        |clause, scheme| shared(oracle, clause, scheme),
    )
}

/// Runs a search for each scheme alone, the first before the others.
pub(super) fn each<T: Send + Taught>(
    (task, known): (&Task, &[Clause]),
    run: impl Fn(&Task, &[Clause]) -> T + Sync,
    share: impl Fn(&Clause, usize) -> Option<Clause> + Sync,
) -> Vec<T> {
    let alone = |scheme: usize| Task { schemes: vec![scheme], ..task.clone() };
    let Some((&first, others)) = task.schemes.split_first() else { return Vec::new() };
    let mut answers = vec![run(&alone(first), known)];
    let lessons = answers[0].clauses().to_vec();
    answers.par_extend(others.par_iter().map(|&scheme| {
        let offered = lessons.iter().filter_map(|clause| share(clause, scheme));
        let known: Vec<Clause> = known.iter().cloned().chain(offered).collect();
        run(&alone(scheme), &known)
    }));
    answers
}

/// A result that carries clauses.
pub(super) trait Taught {
    fn clauses(&self) -> &[Clause];
}

impl Taught for Answer {
    fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}

/// A search under way.
pub(super) struct Search<'a, O> {
    oracle: &'a O,
    task: &'a Task,
    watch: Observer<'a>,
    space: Region,
    pub(super) master: Master,
    pub(super) clauses: Vec<Clause>,
    pub(super) progress: Progress,
    incumbent: Option<Composition>,
}

impl<'a, O: Oracle> Search<'a, O> {
    pub(super) fn new(oracle: &'a O, task: &'a Task, known: &[Clause], watch: Observer<'a>) -> Self {
        let progress = Progress { lower: None, upper: None, candidates: 0, clauses: 0, found: 0 };
        let master = Master::new(task.domain.clone());
        let space = task.space();
        let mut search =
            Self { oracle, task, watch, space, master, clauses: Vec::new(), progress, incumbent: None };
        for clause in known.iter().filter(|clause| task.schemes.contains(&clause.scheme)) {
            search.keep(clause.clone());
        }
        search
    }

    pub(super) fn answer(self, ending: Ending) -> Answer {
        Answer { ending, progress: self.progress, clauses: self.clauses }
    }

    fn run(&mut self) -> Ending {
        self.incumbent = self.descend();
        self.progress.upper = self.incumbent.as_ref().map(|counts| self.task.objective.value(counts));
        loop {
            let Some(candidate) = self.candidate() else { return Ending::Infeasible };
            if let Some(known) = self.incumbent.clone().filter(|_| self.is_closed()) {
                return Ending::Best(known);
            }
            if self.stops() {
                return Ending::Stopped(self.incumbent.clone());
            }
            if self.teach(&candidate) {
                self.progress.upper = self.progress.lower;
                return Ending::Best(candidate);
            }
        }
    }

    /// The best composition that no clause forbids; its value is a lower bound from then on.
    pub(super) fn candidate(&mut self) -> Option<Composition> {
        let candidate = self.master.best(&self.task.objective, self.progress.lower, None)?;
        self.progress.lower = Some(self.task.objective.value(&candidate));
        Some(candidate)
    }

    pub(super) fn stops(&self) -> bool {
        (self.watch)(&self.progress) == Control::Stop
    }

    fn is_closed(&self) -> bool {
        self.progress.upper.zip(self.progress.lower).is_some_and(|(upper, lower)| upper <= lower)
    }

    /// Asks whether a candidate is adequate; if not, learns why.
    pub(super) fn teach(&mut self, candidate: &[u16]) -> bool {
        self.progress.candidates += 1;
        let (oracle, task, space) = (self.oracle, self.task, &self.space);
        for counts in task.situations(candidate) {
            let broken = oracle.broken_schemes(&task.schemes, &counts, LESSONS);
            let lessons: Vec<(usize, Breach)> = worst(broken)
                .into_iter()
                .flat_map(|(scheme, breaches)| breaches.into_iter().map(move |breach| (scheme, breach)))
                .collect();
            if lessons.is_empty() {
                continue;
            }
            let learned: Vec<Clause> = lessons
                .par_iter()
                .map(|(scheme, breach)| learn(oracle, (*scheme, &counts), breach, space))
                .collect();
            for clause in learned {
                self.keep(clause);
            }
            return false;
        }
        true
    }

    fn keep(&mut self, clause: Clause) {
        let known = self.clauses.iter();
        if known.into_iter().any(|known| known.region.covers(&clause.region)) {
            return;
        }
        for region in forbidden(&clause, self.task) {
            self.master.forbid(region);
        }
        self.clauses.push(clause);
        self.progress.clauses = self.clauses.len();
    }

    /// An adequate composition found by taking units from the full one, the dearest first. It need not exist, and
    /// nothing rests on it but the upper bound.
    fn descend(&self) -> Option<Composition> {
        let (task, domain) = (self.task, &self.task.domain);
        let mut counts = domain.high.clone();
        if domain.is_empty() || !task.is_adequate(self.oracle, &counts) {
            return None;
        }
        let mut order: Vec<usize> = (0..counts.len()).collect();
        order.sort_by_key(|&class| (std::cmp::Reverse(task.objective.part(class, counts[class])), class));
        for class in order {
            while counts[class] > domain.low[class] {
                counts[class] -= 1;
                let is_better = task.objective.part(class, counts[class])
                    <= task.objective.part(class, counts[class] + 1);
                if !is_better || !task.is_adequate(self.oracle, &counts) {
                    counts[class] += 1;
                    break;
                }
            }
        }
        Some(counts)
    }
}

/// Learning from every scheme would only repeat the same lesson: the worst few teach.
pub(super) fn worst(mut broken: Vec<(usize, Vec<Breach>)>) -> Vec<(usize, Vec<Breach>)> {
    broken.sort_by(|a, b| a.1[0].margin.total_cmp(&b.1[0].margin).then(a.0.cmp(&b.0)));
    broken.truncate(LESSONS);
    broken
}
