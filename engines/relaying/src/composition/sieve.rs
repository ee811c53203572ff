//! The best composition by elimination: every composition of the domain is looked at.
//!
//! Few checks decide. What fails in some compositions becomes a rule (a scheme and its failing checks), and each rule is
//! asked at all compositions left: a handful of numbers instead of all pairs of all schemes. What no rule excludes is
//! asked in full, the best first; so the first adequate one is the best, and everything better was evaluated and fails.
//! Nothing is assumed of neighbours, no bounds are needed; memory is one bit per composition.

use std::collections::HashSet;
use std::ops::Range;

use super::lattice::{Judge, Lattice};
use super::objective::Value;
use super::oracle::{Clause, Oracle, Probe, Rule};
use super::search::{Answer, Control, Ending, LESSONS, Observer, Progress, Task, worst};
use super::space::{Composition, Region};

/// Compositions asked in full where a level is reached first: the rules they teach few others outlive.
const FIRST: u64 = 256;
/// Compositions asked in full between two rounds.
const NEXT: u64 = 15;
/// Compositions by which the levels are chosen.
const LEVELS: u64 = 4096;

/// An elimination under way.
pub(super) struct Sieve<'a, O> {
    oracle: &'a O,
    task: &'a Task,
    watch: Observer<'a>,
    left: Lattice<'a>,
    /// Levels to come, the last one first.
    levels: Vec<i64>,
    /// Below this level every rule was asked at all compositions.
    horizon: i64,
    rules: Vec<Clause>,
    /// Compositions known to be adequate.
    adequate: HashSet<Composition>,
    /// Whether only what is minimal is looked for: nothing above what is adequate.
    wants_minimal: bool,
    progress: Progress,
}

/// What asking a composition in full found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Adequate,
    Excluded,
    Stopped,
}

impl<'a, O: Oracle> Sieve<'a, O> {
    /// Begins with all compositions of a task but those in known clauses. None if there are too many.
    pub(super) fn new(oracle: &'a O, task: &'a Task, known: &[Clause], watch: Observer<'a>) -> Option<Self> {
        let left = Lattice::full(task.space(), &task.objective)?;
        let levels = levels(&left, task);
        let progress = Progress { lower: None, upper: None, candidates: 0, clauses: 0, found: 0 };
        let mut sieve = Self {
            oracle,
            task,
            watch,
            left,
            levels,
            horizon: i64::MIN,
            rules: Vec::new(),
            adequate: HashSet::new(),
            wants_minimal: false,
            progress,
        };
        for clause in known.iter().filter(|clause| task.schemes.contains(&clause.scheme)) {
            sieve.left.clear(&clause.region);
            sieve.add(clause.clone());
        }
        Some(sieve)
    }

    /// The best composition.
    pub(super) fn best(mut self) -> Answer {
        let ending = loop {
            let Some(candidate) = self.candidate() else { break Ending::Infeasible };
            match self.round(&candidate) {
                Found::Stopped => break Ending::Stopped(self.incumbent()),
                Found::Adequate => {
                    self.progress.upper = self.progress.lower;
                    break Ending::Best(candidate);
                }
                Found::Excluded => {}
            }
        };
        self.answer(ending)
    }

    /// All minimal compositions, for a task that judges by count, and whether they are all.
    pub(super) fn minimal(mut self) -> (Vec<Composition>, bool, Answer) {
        self.wants_minimal = true;
        let mut compositions = Vec::new();
        let mut is_complete = true;
        while let Some(candidate) = self.candidate() {
            match self.round(&candidate) {
                Found::Stopped => {
                    is_complete = false;
                    break;
                }
                Found::Adequate => {
                    self.left.clear(&self.task.above(&candidate));
                    compositions.push(candidate);
                    self.progress.found = compositions.len();
                }
                Found::Excluded => {}
            }
        }
        (compositions, is_complete, self.answer(Ending::Infeasible))
    }

    /// The best composition that rules leave.
    pub(super) fn left_by(mut self, rules: &[Rule]) -> Option<Composition> {
        let region = Region::point(&self.task.domain.low);
        for (scheme, checks) in rules {
            self.add(Clause { scheme: *scheme, checks: checks.clone(), region: region.clone() });
        }
        self.settled()
    }

    /// Rules that leave nothing, few of those given: each is taken for the best composition the ones before it leave.
    pub(super) fn core(mut self, rules: &[Clause]) -> Vec<Clause> {
        while let Some(candidate) = self.settled() {
            let situations = self.task.situations(&candidate);
            let excludes = |rule: &&Clause| {
                situations.iter().any(|counts| self.oracle.fail_at(rule.scheme, &rule.checks, counts))
            };
            let Some(rule) = rules.iter().find(excludes).cloned() else { break };
            let from = self.rules.len();
            self.add(rule);
            if from == self.rules.len() {
                break;
            }
            self.strike(from, i64::MIN..self.horizon);
        }
        self.rules
    }

    fn answer(self, ending: Ending) -> Answer {
        Answer { ending, progress: self.progress, clauses: self.rules }
    }

    fn incumbent(&self) -> Option<Composition> {
        let value = |counts: &&Composition| (self.task.objective.value(counts), (*counts).clone());
        self.adequate.iter().min_by_key(value).cloned()
    }

    /// The best composition left at the levels reached, and those above as far as they must be.
    fn candidate(&mut self) -> Option<Composition> {
        loop {
            let (value, candidate) = self.first()?;
            if value.0[0] < self.horizon {
                self.progress.lower = Some(value);
                return Some(candidate);
            }
            self.rise(value.0[0]);
            // Whoever stops while rules are learned stops again when the candidate is asked.
            self.learn_from(FIRST);
        }
    }

    /// The best composition that the rules known leave.
    fn settled(&mut self) -> Option<Composition> {
        loop {
            let (value, candidate) = self.first()?;
            if value.0[0] < self.horizon {
                return Some(candidate);
            }
            self.rise(value.0[0]);
        }
    }

    fn first(&self) -> Option<(Value, Composition)> {
        let (task, left) = (self.task, &self.left);
        left.best(|counts| {
            task.domain.contains(counts)
                && (!task.is_robust || task.situations(counts).iter().all(|situation| left.has(situation)))
        })
    }

    /// Asks the rules at the levels up to the next that holds one.
    fn rise(&mut self, level: i64) {
        let reached = self.horizon;
        while self.horizon <= level {
            self.horizon = self.levels.pop().unwrap_or(i64::MAX);
        }
        self.strike(0, reached..self.horizon);
    }

    /// Asks a candidate and a few others; what they teach is asked everywhere.
    fn round(&mut self, candidate: &[u16]) -> Found {
        let from = self.rules.len();
        let found = self.ask(candidate);
        if found == Found::Excluded {
            self.strike(from, i64::MIN..self.horizon);
            return self.learn_from(NEXT);
        }
        found
    }

    /// Asks some of those left at the levels reached; what they teach is asked at all of them.
    fn learn_from(&mut self, wanted: u64) -> Found {
        let from = self.rules.len();
        let samples = self.left.sample(self.reach(), wanted);
        let found = self.learn(samples, from);
        self.strike(from, i64::MIN..self.horizon);
        found
    }

    /// Levels from here on are of no interest: dearer than an adequate composition, and no situation of a cheaper one.
    fn reach(&self) -> i64 {
        let upper = self.progress.upper.filter(|_| !self.task.is_robust);
        upper.map_or(self.horizon, |upper| self.horizon.min(upper.0[0].saturating_add(1)))
    }

    /// Asks compositions that no rule from a place on excludes.
    fn learn(&mut self, compositions: Vec<Composition>, from: usize) -> Found {
        let mut panel = Panel::new(self.oracle);
        for counts in compositions {
            panel.extend(&self.rules[from..]);
            let is_open = self.left.has(&counts) && self.task.domain.contains(&counts);
            if !is_open || self.task.situations(&counts).iter().any(|counts| panel.excludes(counts)) {
                continue;
            }
            if let Found::Stopped = self.ask(&counts) {
                return Found::Stopped;
            }
        }
        Found::Excluded
    }

    /// Asks a composition in full.
    fn ask(&mut self, counts: &[u16]) -> Found {
        if self.adequate.contains(counts) {
            return Found::Adequate;
        }
        if (self.watch)(&self.progress) == Control::Stop {
            return Found::Stopped;
        }
        self.progress.candidates += 1;
        for situation in self.task.situations(counts) {
            let broken = self.oracle.broken_schemes(&self.task.schemes, &situation, LESSONS);
            if broken.is_empty() {
                continue;
            }
            self.left.remove(&situation);
            for (scheme, breaches) in worst(broken) {
                for breach in breaches {
                    self.add(Clause { scheme, checks: breach.checks, region: Region::point(&situation) });
                }
            }
            return Found::Excluded;
        }
        self.keep(counts);
        Found::Adequate
    }

    fn add(&mut self, rule: Clause) {
        let is_known = |known: &Clause| (known.scheme, &known.checks) == (rule.scheme, &rule.checks);
        if !self.rules.iter().any(is_known) {
            self.rules.push(rule);
            self.progress.clauses = self.rules.len();
        }
    }

    fn keep(&mut self, counts: &[u16]) {
        self.adequate.insert(counts.to_vec());
        if self.wants_minimal {
            let alike = self.task.alike(counts);
            let rivals: Vec<Composition> = alike.walk().filter(|counts| self.left.has(counts)).collect();
            self.left.clear(&self.task.above(counts));
            for rival in &rivals {
                self.left.restore(rival);
            }
            return;
        }
        let value = self.task.objective.value(counts);
        self.progress.upper = Some(self.progress.upper.map_or(value, |known| known.min(value)));
    }

    /// Takes out whatever the rules from a place on exclude at some levels.
    fn strike(&mut self, from: usize, levels: Range<i64>) {
        let (oracle, rules) = (self.oracle, &self.rules[from..]);
        let levels = levels.start..levels.end.min(self.reach());
        if rules.is_empty() || levels.is_empty() {
            return;
        }
        let start = || {
            let mut panel = Panel::new(oracle);
            panel.extend(rules);
            panel
        };
        self.left.strike(levels, start);
    }
}

/// Levels to work up to one after the other, the last one first: each holds about four times as many compositions as
/// the one before. What is left after a loss may be dearer, if what counts is the distance: then there is one level.
fn levels(left: &Lattice<'_>, task: &Task) -> Vec<i64> {
    if task.is_robust {
        return vec![i64::MAX];
    }
    let samples = left.sample(i64::MAX, LEVELS);
    let mut all: Vec<i64> = samples.iter().map(|counts| task.objective.value(counts).0[0]).collect();
    all.sort_unstable();
    let part = |part: usize| all.get(all.len() / part).map(|level| level + 1);
    let mut levels: Vec<i64> = [4, 16, 64, 256].into_iter().filter_map(part).collect();
    levels.dedup();
    levels.insert(0, i64::MAX);
    levels
}

/// Rules asked one after the other, those first that excluded the compositions before.
struct Panel<'a, O> {
    oracle: &'a O,
    probes: Vec<Option<Box<dyn Probe + 'a>>>,
    order: Vec<usize>,
    rules: Vec<Rule>,
}

impl<'a, O: Oracle> Panel<'a, O> {
    fn new(oracle: &'a O) -> Self {
        Self { oracle, probes: Vec::new(), order: Vec::new(), rules: Vec::new() }
    }

    /// Takes up the rules it has not got yet of a list that only grows.
    fn extend(&mut self, rules: &[Clause]) {
        for rule in &rules[self.rules.len()..] {
            self.order.push(self.rules.len());
            self.probes.push(None);
            self.rules.push(rule.rule());
        }
    }

    fn probe(&mut self, at: usize) -> &mut (dyn Probe + 'a) {
        let rule = self.order[at];
        let (scheme, checks) = &self.rules[rule];
        self.probes[rule].get_or_insert_with(|| self.oracle.probe(*scheme, checks)).as_mut()
    }

    /// The first of some rules that does; it goes to the front.
    fn is_any(&mut self, most: usize, mut does: impl FnMut(&mut (dyn Probe + 'a)) -> bool) -> bool {
        for at in 0..self.order.len().min(most) {
            if does(self.probe(at)) {
                self.order[..=at].rotate_right(1);
                return true;
            }
        }
        false
    }
}

/// Rules tried on a box.
const TRIED: usize = 3;

impl<O: Oracle> Judge for Panel<'_, O> {
    fn excludes(&mut self, counts: &[u16]) -> bool {
        self.is_any(usize::MAX, |probe| probe.fail_at(counts))
    }

    fn excludes_all(&mut self, region: &Region) -> bool {
        self.is_any(TRIED, |probe| {
            probe.fail_at(&region.low) && probe.fail_at(&region.high) && probe.fail_throughout(region)
        })
    }
}
