//! The front: the formulas that no other one beats in both size and error.

use serde::{Deserialize, Serialize};

use crate::choose::{Symbols, description_length};
use crate::error::Error;
use crate::expr::{Expr, Node};
use crate::kernel;
use crate::maths;
use crate::options::Options;
use crate::rules::Rules;
use crate::table::Table;
use crate::tape::Tape;

/// Residuals at this fraction of the target are rounding.
const EXACT: f64 = 1e-11;
/// A larger formula must lower the error by this fraction to stay in the front.
const GAIN: f64 = 1e-6;

/// One formula of the front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The formula.
    pub expr: Expr,
    /// Its size, see [`Expr::size`].
    pub size: usize,
    /// The mean squared error on the table.
    pub mse: f64,
    /// The share of the target's variance it explains.
    pub r2: f64,
    /// The length of the description of formula, constants and residuals, in nats; the least is the best.
    pub description_length: f64,
    /// Whether it fits every row to rounding.
    pub exact: bool,
}

/// Formulas in growing size and falling error.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Front {
    members: Vec<Member>,
}

impl Front {
    /// The members, the smallest first.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Takes a formula in where [`Front::would_take`] it; removes those it beats. Says whether it was taken.
    pub(crate) fn offer(&mut self, member: Member) -> bool {
        if !self.would_take(&member) {
            return false;
        }
        let kept = |other: &Member| {
            other.size < member.size
                || other.mse < member.mse - GAIN * member.mse && other.size != member.size
        };
        self.members.retain(kept);
        let at = self.members.partition_point(|other| other.size < member.size);
        self.members.insert(at, member);
        true
    }

    /// Whether a formula would be taken: it has less error than every smaller one, and of those of its size the
    /// shortest description, so that no overfitted one keeps a plain one out.
    pub(crate) fn would_take(&self, member: &Member) -> bool {
        self.members.iter().take_while(|other| other.size <= member.size).all(|other| {
            if other.size == member.size {
                member.description_length < other.description_length
            } else {
                member.mse < other.mse - GAIN * other.mse
            }
        })
    }
}

/// Measures formulas against the table.
#[derive(Clone)]
pub(crate) struct Judge<'a> {
    table: &'a Table,
    /// Mean square deviation of the target from its mean.
    pub(crate) variance: f64,
    /// Errors up to this are rounding; they count as this, so that rounding never decides between formulas.
    pub(crate) floor: f64,
    symbols: Symbols,
    max_size: usize,
    pub(crate) rules: Rules,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(table: &'a Table, options: &Options) -> Result<Self, Error> {
        Ok(Self::with_rules(table, options, Rules::new(table, options)?))
    }

    /// The judge of a part of a table, by the rules of the whole.
    pub(crate) fn with_rules(table: &'a Table, options: &Options, rules: Rules) -> Self {
        let y = table.target();
        let mean_of = |values: &[f64]| weighted_mean(values, table.weights());
        let mean = mean_of(y);
        let variance = mean_of(&y.iter().map(|y| (y - mean) * (y - mean)).collect::<Vec<_>>());
        let square = mean_of(&y.iter().map(|y| y * y).collect::<Vec<_>>());
        let rounding = (EXACT * EXACT * square).max(f64::MIN_POSITIVE);
        let floor = if variance > rounding { rounding.min(1e-12 * variance) } else { rounding };
        let symbols =
            Symbols { variables: table.columns().len(), functions: options.operators.functions.len().max(1) };
        Self { table, variance, floor, symbols, max_size: options.max_size, rules }
    }

    pub(crate) fn columns(&self) -> Vec<&'a [f64]> {
        self.table.columns().iter().map(Vec::as_slice).collect()
    }

    /// Whether all targets are above zero, or all below.
    pub(crate) fn has_one_sign(&self) -> bool {
        let y = self.table.target();
        y.iter().all(|y| *y > 0.0) || y.iter().all(|y| *y < 0.0)
    }

    /// Whether the target does not vary beyond rounding.
    pub(crate) fn is_constant(&self) -> bool {
        self.variance <= self.floor
    }

    /// The mean squared error, or `None` where the formula is not finite on every row.
    fn mse(&self, values: &[f64]) -> Option<f64> {
        let mut residuals = values.to_vec();
        kernel::zip_into(&mut residuals, self.table.target(), |value, y| (value - y) * (value - y));
        let mse = weighted_mean(&residuals, self.table.weights());
        mse.is_finite().then_some(mse)
    }

    /// The logarithm of the residuals' spread relative to the target's, in nats a row: the better of a constant
    /// error and, where all values have the target's one sign, of an error in proportion to the value.
    fn log_spread(&self, values: &[f64], mse: f64) -> f64 {
        let constant = 0.5 * (mse.max(self.floor) / self.variance.max(self.floor)).ln();
        let y = self.table.target();
        let n = y.len() as f64;
        if mse <= self.floor || !values.iter().zip(y).all(|(v, y)| v / y > 0.0 && y.is_finite()) {
            return constant;
        }
        let ratios: Vec<f64> = values.iter().zip(y).map(|(v, y)| maths::log(v / y)).map(|r| r * r).collect();
        let ratio = weighted_mean(&ratios, self.table.weights());
        let scale: f64 = y.iter().map(|y| maths::log(y.abs())).sum();
        let proportional = 0.5 * ratio.max(EXACT * EXACT).ln() + scale / n - 0.5 * self.variance.ln();
        constant.min(proportional)
    }

    /// The mean squared error of values, and the logarithm of their residuals' spread; `None` where they are not finite.
    pub(crate) fn error_and_spread(&self, values: &[f64]) -> Option<(f64, f64)> {
        let error = self.mse(values)?;
        Some((error, self.log_spread(values, error)))
    }

    /// The length of the description of a formula that leaves such a spread.
    pub(crate) fn length(&self, node: &Node, log_spread: f64) -> f64 {
        description_length(node, log_spread, self.table.rows(), &self.symbols)
    }

    /// A member of the front for a formula as it stands; `None` where it is not finite or too large.
    pub(crate) fn member(&self, node: &Node) -> Option<Member> {
        self.allows(node).then(|| self.measured(node)).flatten()
    }

    /// Whether a formula may be reported.
    pub(crate) fn allows(&self, node: &Node) -> bool {
        node.size() <= self.max_size && self.rules.allow(node)
    }

    /// [`Judge::member`] for a formula on the way to one that keeps the rules: a polynomial is long before its
    /// coefficients turn out to be plain.
    pub(crate) fn measured(&self, node: &Node) -> Option<Member> {
        let size = node.size();
        if size > 2 * self.max_size {
            return None;
        }
        let values = Tape::compile(node).eval(&self.columns());
        let error = self.mse(&values)?;
        let exact = error <= self.floor;
        let mse = if exact { 0.0 } else { error };
        let r2 = if exact { 1.0 } else { 1.0 - error / self.variance };
        let spread = self.log_spread(&values, error);
        let description_length = description_length(node, spread, self.table.rows(), &self.symbols);
        let expr = Expr::new(node.clone(), self.table.shared_names());
        Some(Member { expr, size, mse, r2, description_length, exact })
    }
}

/// Puts a formula at a place in the front, where it keeps the order of sizes and errors; says whether it does.
pub(crate) fn replace(members: &mut [Member], at: usize, member: Member) -> bool {
    let above =
        at.checked_sub(1).is_none_or(|i| members[i].size < member.size && members[i].mse > member.mse);
    let below = members.get(at + 1).is_none_or(|next| member.size < next.size && member.mse > next.mse);
    if above && below {
        members[at] = member;
    }
    above && below
}

/// Puts a formula into the front in place of those that beat it, and returns its index.
pub(crate) fn insert(members: &mut Vec<Member>, member: Member) -> usize {
    let stays = |other: &Member| {
        other.size < member.size && other.mse > member.mse
            || other.size > member.size && other.mse < member.mse
    };
    members.retain(stays);
    let at = members.partition_point(|other| other.size < member.size);
    members.insert(at, member);
    at
}

/// The mean of values that count by weight.
pub(crate) fn weighted_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let sum = weights.map_or_else(|| kernel::sum(values), |weights| kernel::dot(values, weights));
    sum / values.len() as f64
}
