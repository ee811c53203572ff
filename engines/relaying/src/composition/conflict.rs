//! Why no composition is adequate: requirements that exclude each other, none of which can be left out, and what giving
//! up one would win.

use serde::{Deserialize, Serialize};

use super::learning::{forbidden, learn};
use super::master::Master;
use super::oracle::{Breach, CheckIx, Clause, Oracle, Rule};
use super::search::{Control, Task};
use super::sieve::Sieve;
use super::space::Composition;

/// Candidates looked at to find out whether a requirement can be left out.
const PATIENCE: usize = 100;

/// Requirements that cannot hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The requirements, each by its scheme and checks; those first that win most by being given up.
    pub parties: Vec<Party>,
    /// Whether each can be kept with all the others but one: then none can be left out. `false` when looking for such
    /// compositions took too long; the requirements exclude each other all the same.
    pub is_irreducible: bool,
}

/// One requirement of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The scheme.
    pub scheme: usize,
    /// The checks that fail.
    pub checks: Vec<CheckIx>,
    /// The best composition that keeps all other requirements of the conflict.
    pub without: Option<Composition>,
}

/// Shrinks what makes a task infeasible to requirements of which none can be left out.
pub fn conflict<O: Oracle>(oracle: &O, task: &Task, clauses: &[Clause]) -> Conflict {
    let mut rules: Vec<Rule> = Vec::new();
    for clause in clauses {
        let rule = clause.rule();
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    // First by what is known already, then by asking.
    if let Some(sieve) = Sieve::new(oracle, task, &[], &|_| Control::Continue) {
        rules = sieve.core(clauses).iter().map(Clause::rule).collect();
    }
    let mut at = 0;
    while at < rules.len() {
        let rest = without(&rules, at);
        if free(oracle, task, clauses, &rest).is_none() {
            rules = rest;
        } else {
            at += 1;
        }
    }
    let mut known = clauses.to_vec();
    let mut parties = Vec::new();
    let mut is_irreducible = true;
    let mut at = 0;
    while at < rules.len() {
        let rest = without(&rules, at);
        let (scheme, checks) = rules[at].clone();
        match kept(oracle, task, &mut known, &rest) {
            Kept::Never => rules = rest,
            found => {
                is_irreducible &= matches!(found, Kept::By(_));
                let without = if let Kept::By(counts) = found { Some(counts) } else { None };
                parties.push(Party { scheme, checks, without });
                at += 1;
            }
        }
    }
    parties.sort_by_key(|party| {
        let value = party.without.as_ref().map(|counts| task.objective.value(counts));
        (value.is_none(), value)
    });
    Conflict { parties, is_irreducible }
}

fn without(rules: &[Rule], at: usize) -> Vec<Rule> {
    let mut rest = rules.to_vec();
    rest.remove(at);
    rest
}

/// The best composition that rules leave, as far as is known: where every composition can be looked at, the best that
/// keeps them.
fn free<O: Oracle>(oracle: &O, task: &Task, clauses: &[Clause], rules: &[Rule]) -> Option<Composition> {
    if let Some(sieve) = Sieve::new(oracle, task, &[], &|_| Control::Continue) {
        return sieve.left_by(rules);
    }
    let mut master = Master::new(task.domain.clone());
    for clause in clauses.iter().filter(|clause| rules.contains(&clause.rule())) {
        for region in forbidden(clause, task) {
            master.forbid(region);
        }
    }
    master.best(&task.objective, None, None)
}

/// How rules can be kept.
enum Kept {
    /// By this composition, the best that does.
    By(Composition),
    /// By none.
    Never,
    /// It was not found out.
    Unknown,
}

/// Whether rules can be kept together; what is learned on the way joins what is known.
fn kept<O: Oracle>(oracle: &O, task: &Task, known: &mut Vec<Clause>, rules: &[Rule]) -> Kept {
    for _ in 0..PATIENCE {
        let Some(candidate) = free(oracle, task, known, rules) else { return Kept::Never };
        let broken = task.situations(&candidate).into_iter().find_map(|counts| {
            let is_broken = |(scheme, checks): &&Rule| oracle.fail_at(*scheme, checks, &counts);
            rules.iter().find(is_broken).map(|rule| (counts.clone(), rule))
        });
        let Some((counts, (scheme, checks))) = broken else { return Kept::By(candidate) };
        let breach = Breach { checks: checks.clone(), margin: 0.0 };
        known.push(learn(oracle, (*scheme, &counts), &breach, &task.space()));
    }
    Kept::Unknown
}
