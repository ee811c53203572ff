//! Why no composition is adequate: a smallest set of clauses that leaves nothing, and what giving up one would win.

use serde::{Deserialize, Serialize};

use super::learning::forbidden;
use super::master::Master;
use super::oracle::{CheckIx, Clause};
use super::search::Task;
use super::space::Composition;

/// Requirements that cannot hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The requirements, each by its scheme and checks; without any one of them the rest could hold, as far as the
    /// clauses known say.
    pub parties: Vec<Party>,
}

/// One requirement of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The scheme.
    pub scheme: usize,
    /// The checks that fail.
    pub checks: Vec<CheckIx>,
    /// The best composition if this requirement were given up.
    pub without: Option<Composition>,
}

/// Shrinks the clauses of an infeasible task to requirements of which none can be left out.
pub fn conflict(task: &Task, clauses: &[Clause]) -> Conflict {
    let mut parties: Vec<(usize, Vec<CheckIx>)> = Vec::new();
    for clause in clauses {
        let party = (clause.scheme, clause.checks.clone());
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    let mut at = 0;
    while at < parties.len() {
        let mut fewer = parties.clone();
        fewer.remove(at);
        if rest(task, clauses, &fewer).is_none() {
            parties = fewer;
        } else {
            at += 1;
        }
    }
    let without = |at: usize| {
        let mut fewer = parties.clone();
        fewer.remove(at);
        rest(task, clauses, &fewer)
    };
    let parties = (0..parties.len())
        .map(|at| Party { scheme: parties[at].0, checks: parties[at].1.clone(), without: without(at) })
        .collect();
    Conflict { parties }
}

/// The best composition that only the clauses of some requirements forbid.
fn rest(task: &Task, clauses: &[Clause], parties: &[(usize, Vec<CheckIx>)]) -> Option<Composition> {
    let mut master = Master::new(task.domain.clone());
    let is_kept =
        |clause: &&Clause| parties.iter().any(|(s, checks)| *s == clause.scheme && *checks == clause.checks);
    for clause in clauses.iter().filter(is_kept) {
        for region in forbidden(clause, task.is_robust, &task.domain) {
            master.forbid(region);
        }
    }
    master.best(&task.objective, None, None)
}
