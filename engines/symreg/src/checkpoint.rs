//! The state a search can be resumed from. It is taken between rounds, whose islands start from the front and a
//! random stream of their own; so a front and a round number are all it takes, and resuming repeats an uninterrupted
//! run bit by bit.

use serde::{Deserialize, Serialize};

use crate::enumerate::Proof;
use crate::expr::Expr;
use crate::options::Options;
use crate::rng::mix;
use crate::table::Table;

/// A state to resume from; opaque but for storing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Table and options this belongs to.
    pub(crate) fingerprint: u64,
    /// The next round.
    pub(crate) round: u64,
    pub(crate) evaluations: u64,
    /// Evaluations when the first exact formula was seen.
    pub(crate) exact_at: Option<u64>,
    /// Up to which size all formulas were tried.
    #[serde(default)]
    pub(crate) proof: Option<Proof>,
    pub(crate) front: Vec<Expr>,
    /// What else is kept of each size.
    pub(crate) alternatives: Vec<Expr>,
    /// Those whose constants fit the ratios to the target.
    #[serde(default)]
    pub(crate) in_proportion: Vec<Expr>,
}

impl Checkpoint {
    /// Formulas tried when it was taken.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }
}

/// A number that tells tables and options apart; budgets and threads may differ.
pub(crate) fn fingerprint(table: &Table, options: &Options) -> u64 {
    let mut hash = mix(options.seed ^ 0x51);
    let mut take = |bits: u64| hash = mix(hash ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let lasting = Options { max_evaluations: 0, threads: 1, ..options.clone() };
    let text = serde_json::to_string(&lasting).unwrap_or_default();
    for byte in text.bytes() {
        take(u64::from(byte));
    }
    for byte in table.names().iter().flat_map(|name| name.bytes().chain([0])) {
        take(u64::from(byte));
    }
    for value in
        table.columns().iter().flatten().chain(table.target()).chain(table.weights().unwrap_or_default())
    {
        take(value.to_bits());
    }
    hash
}
