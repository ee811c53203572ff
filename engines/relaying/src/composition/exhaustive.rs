//! The referee: every composition of the domain, one by one. A real method for small domains.

use rayon::prelude::*;

use super::objective::Value;
use super::oracle::Oracle;
use super::search::Task;
use super::space::Composition;

/// What all compositions together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Census {
    /// How many compositions are adequate.
    pub adequate: usize,
    /// The best value among them.
    pub best: Option<Value>,
    /// The inclusion-minimal ones, those with the fewest units first, then in the order of their counts.
    pub minimal: Vec<Composition>,
    /// How many are locally minimal.
    pub locally_minimal: usize,
}

/// Evaluates every composition of the task's domain.
pub fn census<O: Oracle>(oracle: &O, task: &Task) -> Census {
    let every: Vec<Composition> = task.domain.walk().collect();
    let mut adequate: Vec<Composition> =
        every.into_par_iter().filter(|counts| task.is_adequate(oracle, counts)).collect();
    let by_count = task.by_count().objective;
    adequate.sort_by_key(|counts| (by_count.value(counts), counts.clone()));
    let mut minimal: Vec<Composition> = Vec::new();
    for counts in &adequate {
        if !minimal.iter().any(|below| task.above(below).contains(counts)) {
            minimal.push(counts.clone());
        }
    }
    let all: std::collections::HashSet<&Composition> = adequate.iter().collect();
    let is_locally_minimal = |counts: &&Composition| {
        (0..task.units).all(|class| {
            counts[class] == task.domain.low[class] || {
                let mut left = (*counts).clone();
                left[class] -= 1;
                !all.contains(&left)
            }
        })
    };
    Census {
        adequate: adequate.len(),
        best: adequate.iter().map(|counts| task.objective.value(counts)).min(),
        locally_minimal: adequate.iter().filter(is_locally_minimal).count(),
        minimal,
    }
}
