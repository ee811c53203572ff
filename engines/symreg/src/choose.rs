//! The choice from the front: the shortest description of formula, constants and residuals (Rissanen 1978; for
//! formulas Kronberger, de França et al. 2026). Functions cost more than sums and products, plain constants less than
//! fitted ones, and with few rows every fitted constant costs as in the corrected Akaike criterion.

use std::f64::consts::{LN_2, LN_10};

use crate::expr::{Bin, Fun, Node};
use crate::front::Member;
use crate::number;
use crate::report::{Finding, Reason, Severity, Subject};

/// Added where the rows cannot determine the constants.
pub(crate) const UNDETERMINED: f64 = 1e6;
/// Descriptions this close are a tie, and the smaller formula wins.
pub(crate) const TIE: f64 = 1.0;

/// The sizes of the alphabets a formula is written with.
#[derive(Clone, Copy)]
pub(crate) struct Symbols {
    pub(crate) variables: usize,
    pub(crate) functions: usize,
}

/// The description length in nats; `log_spread` is the logarithm of the residuals' spread over the target's.
pub(crate) fn description_length(node: &Node, log_spread: f64, rows: usize, symbols: &Symbols) -> f64 {
    let n = rows as f64;
    let precision = 0.5 * n.ln() - log_spread.min(0.0);
    let count = Count::of(node, precision);
    let residuals = n * log_spread;
    // The residuals' spread is a fitted number too; a plain constant was chosen, if from few.
    let k = count.free as f64 + 1.0;
    let chosen = k + 0.5 * count.decimals as f64;
    let constants = if n > chosen + 1.0 {
        // A constant must be told to the precision the rows determine it with.
        (0.5 * n.ln() + count.free as f64 * precision)
            .max(chosen + chosen * (chosen + 1.0) / (n - chosen - 1.0))
    } else {
        UNDETERMINED + k
    };
    residuals + constants + count.lengths + symbols.code_length(node)
}

/// The constants of a formula, by how they are told.
#[derive(Default)]
struct Count {
    /// Told to the precision they were fitted with.
    free: usize,
    /// Told as they are written.
    decimals: usize,
    /// What telling the latter takes.
    lengths: f64,
}

impl Count {
    /// Every constant is told in the shorter way.
    fn of(node: &Node, precision: f64) -> Self {
        let mut count = Self::default();
        match node {
            Node::Num(c) => count.number(*c, precision, false),
            other => count.add(other, precision),
        }
        count
    }

    fn add(&mut self, node: &Node, precision: f64) {
        let is_power = matches!(node, Node::Bin(Bin::Pow, ..));
        for child in node.children() {
            match child {
                Node::Num(c) => self.number(*c, precision, is_power),
                other => self.add(other, precision),
            }
        }
    }

    /// A multiple of π to a power, or as one, is no plainer than any other number there.
    fn number(&mut self, c: f64, precision: f64, in_power: bool) {
        let digits = number::digits(c) as f64 * LN_10;
        let written =
            if in_power && number::multiple_of_pi(c).is_some() { digits } else { written_length(c) };
        let plain = number::is_plain(c) && written < digits || written < precision;
        if plain || number::is_short_decimal(c) {
            self.decimals += 1;
            self.lengths += written;
        } else {
            self.free += 1;
        }
    }
}

impl Symbols {
    fn code_length(&self, node: &Node) -> f64 {
        let own = match node {
            Node::Num(_) | Node::Neg(_) => 1.0,
            Node::Var(_) => 1.0 + (self.variables as f64).ln(),
            Node::Bin(Bin::Mul, a, _) if matches!(**a, Node::Num(_)) => 0.5,
            Node::Bin(Bin::Add | Bin::Sub, ..) => 1.5,
            Node::Bin(Bin::Mul, ..) => 2.0,
            // Powers of variables are as rare as functions.
            Node::Bin(Bin::Pow, _, b) if !matches!(**b, Node::Num(_)) => 2.5 + (self.functions as f64).ln(),
            Node::Bin(Bin::Div | Bin::Pow, ..) | Node::Fun(Fun::Sqrt, _) => 2.5,
            Node::Bin(Bin::Max | Bin::Min, ..) => 3.5,
            Node::Fun(fun, _) => 2.5 + (self.functions as f64).ln() + rarity(*fun),
        };
        own + node.children().iter().map(|child| self.code_length(child)).sum::<f64>()
    }
}

/// What a function costs beyond the usual ones, which the formulas people write have far more often (a prior made of
/// such formulas: Guimerà et al. 2020, Science Advances 6, eaav6971): as much as one digit.
fn rarity(fun: Fun) -> f64 {
    match fun {
        Fun::Sqrt | Fun::Exp | Fun::Log | Fun::Sin | Fun::Cos => 0.0,
        _ => LN_10,
    }
}

/// Small whole numbers by their magnitude, decimals by their digits, multiples of π by their factors, other plain
/// constants by a fixed price.
fn written_length(c: f64) -> f64 {
    let digits = number::digits(c) as f64 * LN_10;
    if (2.0 * c).fract() == 0.0 {
        // Whole and half numbers; large ones by mantissa and power of ten.
        (1.0 + c.abs() * if c.fract() == 0.0 { 1.0 } else { 2.0 }).ln().min(1.0 + digits)
    } else if let Some((p, q)) = number::multiple_of_pi(c) {
        digits.min(2.0 + (1.0 + p.abs() as f64).ln() + (q as f64).ln())
    } else if number::is_plain(c) {
        digits.min(3.5)
    } else {
        digits
    }
}

/// The index of the choice: the shortest description; of those that are as good as that a linear formula before any
/// other, then the smallest.
pub(crate) fn choose(front: &[Member]) -> Option<usize> {
    let shortest = front.iter().map(|member| member.description_length).fold(f64::INFINITY, f64::min);
    let ties = || (0..front.len()).filter(|&i| front[i].description_length <= shortest + TIE);
    ties().find(|&i| front[i].expr.root.is_linear()).or_else(|| ties().next())
}

/// How the choice was made.
pub(crate) struct Way {
    /// Rows of the table.
    pub(crate) rows: usize,
    /// By the description's length alone.
    pub(crate) is_by_length: bool,
    /// Not among all formulas.
    pub(crate) is_restricted: bool,
}

/// The reasons for the choice, and what must be said about it.
pub(crate) fn reasons(front: &[Member], chosen: usize, way: &Way) -> (Vec<Reason>, Vec<Finding>) {
    let rows = way.rows;
    let member = &front[chosen];
    let free = member.expr.free_constants();
    let mut reasons = Vec::new();
    let mut findings = Vec::new();
    let constant = member.expr.root.count(&|node| matches!(node, Node::Var(_))) == 0;
    if constant && !member.exact {
        let code = if way.is_restricted { "no-allowed-formula" } else { "nothing-better-than-the-mean" };
        reasons.push(Reason::new(code));
        return (reasons, findings);
    }
    if member.exact {
        reasons.push(Reason::new("exact").with("rows", rows));
    }
    if way.is_by_length {
        reasons.extend(by_length(front, chosen));
    }
    if rows <= 2 * free + 3 {
        let mut finding = Finding::new("interpolates", Severity::Warning);
        finding.subject = Subject { element: Some(chosen), ..Subject::default() };
        findings.push(finding.with("rows", rows).with("constants", free));
    }
    (reasons, findings)
}

/// The choice has the shortest description, and by how many bits; a tie has no runner-up.
fn by_length(front: &[Member], chosen: usize) -> Vec<Reason> {
    let member = &front[chosen];
    let shortest = Reason::new("shortest-description")
        .with("description_length", member.description_length)
        .with("r2", member.r2)
        .with("size", member.size);
    let mut reasons = vec![shortest];
    let rivals = front.iter().enumerate().filter(|(i, _)| *i != chosen);
    if let Some((rival, other)) =
        rivals.min_by(|a, b| a.1.description_length.total_cmp(&b.1.description_length))
    {
        let margin = other.description_length - member.description_length;
        if margin >= 0.0 {
            reasons.push(Reason::new("runner-up").with("element", rival).with("margin", margin / LN_2));
        }
    }
    reasons
}
