//! Takes a rough formula to the form it is shown in: tidied, its constants fitted on all rows, then each constant
//! tried at zero and at the plain values within its error, kept where the description gets shorter.

use crate::expr::{Bin, Fun, Node};
use crate::front::{Judge, Member};
use crate::maths;
use crate::number;
use crate::person;
use crate::refit::{Pace, Refit, Rows, refit};
use crate::table::Table;
use crate::tape::{Code, Tape};

/// Standard errors within which a plain value is tried.
const REACH: f64 = 3.0;
/// Beyond this many rows the constants are fitted on an even sample; errors are always measured on all.
const MAX_ROWS: usize = 4000;
/// The same at the end of a search, when few formulas are left.
const MAX_ROWS_AT_THE_END: usize = 65_536;

/// Up to so many rows constants are made plain in up to so many orders.
const MAX_ORDERS_ROWS: usize = 60;
const MAX_ORDERS: usize = 4;

/// Steps of the first look at a change, and how much longer its description may then be.
const FIRST: Pace = Pace { steps: 5, ..Pace::USUAL };
const FIRST_MARGIN: f64 = 25.0;

/// Fits and polishes formulas against one table.
pub(crate) struct Polisher {
    columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    /// The roots of the weights.
    roots: Option<Vec<f64>>,
    /// Which variables are positive on every row.
    positive: Vec<bool>,
}

impl Polisher {
    pub(crate) fn new(table: &Table) -> Self {
        Self::of_rows(table, MAX_ROWS)
    }

    /// For what is left at the end of a search.
    pub(crate) fn at_the_end(table: &Table) -> Self {
        Self::of_rows(table, MAX_ROWS_AT_THE_END)
    }

    fn of_rows(table: &Table, most: usize) -> Self {
        let stride = table.rows().div_ceil(most).max(1);
        let thin = |column: &[f64]| column.iter().copied().step_by(stride).collect::<Vec<_>>();
        Self {
            columns: table.columns().iter().map(|column| thin(column)).collect(),
            target: thin(table.target()),
            roots: table.weights().map(|w| thin(w).into_iter().map(f64::sqrt).collect()),
            positive: table.columns().iter().map(|column| column.iter().all(|x| *x > 0.0)).collect(),
        }
    }

    /// For errors that grow with the values: what is fitted are ratios. Makes sense to targets of one sign.
    pub(crate) fn of_ratios(mut self) -> Self {
        let mut roots: Vec<f64> = self.target.iter().map(|y| 1.0 / y.abs()).collect();
        if let Some(weights) = &self.roots {
            crate::kernel::scale(&mut roots, weights);
        }
        self.roots = Some(roots);
        self
    }

    /// The formula in a person's form, given the signs of the columns.
    pub(crate) fn tidy(&self, node: &Node) -> Node {
        person::tidy_where(node, &self.positive)
    }

    /// The formula tidied and fitted; where its description is no longer than `limit`, the members on the way to the
    /// shortest one too.
    pub(crate) fn polish(
        &self,
        node: &Node,
        (judge, limit): (&Judge<'_>, f64),
        go_on: &mut dyn FnMut() -> bool,
    ) -> Vec<Member> {
        let Some((fitted, errors)) = self.fit(&self.tidy(node), Pace::USUAL, go_on) else { return vec![] };
        let Some(member) = judge.measured(&fitted) else { return vec![] };
        let promising = member.exact || member.description_length <= limit;
        let mut found = vec![member];
        if promising {
            self.shorten((fitted, errors), &mut found, judge, go_on);
        }
        found.retain(|member| judge.allows(&member.expr.root));
        found
    }

    /// Prunes operations and snaps constants as long as the description gets shorter; what comes up is put beside.
    fn shorten(
        &self,
        (fitted, errors): (Node, Vec<f64>),
        found: &mut Vec<Member>,
        judge: &Judge<'_>,
        go_on: &mut dyn FnMut() -> bool,
    ) {
        let mut state = (fitted, errors);
        while let Some((node, errors, member)) =
            self.pruned(&state.0, (&found[found.len() - 1], judge), go_on)
        {
            found.push(member);
            state = (node, errors);
        }
        let first = found.len();
        let pruned = found[first - 1].clone();
        found.extend(self.all_plainer(state.clone(), &pruned, (judge, 0), go_on));
        if self.target.len() > MAX_ORDERS_ROWS {
            return;
        }
        // With few rows every plain value moves the others far: which one comes first matters.
        let length = |chain: &[Member]| chain.last().map_or(f64::INFINITY, |last| last.description_length);
        for turn in 1..free_constants(&Tape::compile(&state.0)).len().min(MAX_ORDERS) {
            let other = self.all_plainer(state.clone(), &pruned, (judge, turn), go_on);
            if length(&other) < length(&found[first..]) {
                found.truncate(first);
                found.extend(other);
            }
        }
    }

    /// Constants made plain one after the other, beginning with the `turn`th, as long as the description gets shorter.
    fn all_plainer(
        &self,
        mut state: (Node, Vec<f64>),
        from: &Member,
        (judge, mut turn): (&Judge<'_>, usize),
        go_on: &mut dyn FnMut() -> bool,
    ) -> Vec<Member> {
        let mut found: Vec<Member> = Vec::new();
        while let Some((node, errors, member)) =
            self.plainer(&state, (found.last().unwrap_or(from), judge), turn, go_on)
        {
            found.push(member);
            state = (node, errors);
            turn = 0;
        }
        found
    }

    /// The formula with its free constants fitted anew.
    pub(crate) fn fitted(&self, node: &Node, go_on: &mut dyn FnMut() -> bool) -> Option<Node> {
        self.fit(node, Pace::USUAL, go_on).map(|(fitted, _)| fitted)
    }

    /// The first operation that one of its operands can stand for, with a shorter description.
    fn pruned(
        &self,
        node: &Node,
        (current, judge): (&Member, &Judge<'_>),
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<(Node, Vec<f64>, Member)> {
        for pruned in prunings(node) {
            if !go_on() {
                return None;
            }
            let better = self.better(&pruned, (current, judge), go_on);
            if better.as_ref().is_some_and(|(_, _, member)| member.size < current.size) {
                return better;
            }
        }
        None
    }

    /// The changed formula fitted, where its description is shorter. Most changes are found wanting after a few steps.
    fn better(
        &self,
        changed: &Node,
        (current, judge): (&Member, &Judge<'_>),
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<(Node, Vec<f64>, Member)> {
        let (fitted, errors) = self.fit(&self.tidy(changed), FIRST, go_on)?;
        let first = judge.measured(&fitted)?;
        let length = current.description_length;
        if !first.exact && first.description_length > length + FIRST_MARGIN {
            return None;
        }
        let (fitted, errors) =
            if first.exact { (fitted, errors) } else { self.fit(&fitted, Pace::USUAL, go_on)? };
        let member = judge.measured(&fitted)?;
        (member.description_length < length).then_some((fitted, errors, member))
    }

    /// The first change of one constant to a plain value that shortens the description, the least certain first but for
    /// `turn` of them, which come last.
    fn plainer(
        &self,
        (node, errors): &(Node, Vec<f64>),
        (current, judge): (&Member, &Judge<'_>),
        turn: usize,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<(Node, Vec<f64>, Member)> {
        let tape = Tape::compile(node);
        let free = free_constants(&tape);
        let inside_exponentials = tape.syms.iter().any(|sym| sym.code == Code::Fun(Fun::Exp));
        let mut order: Vec<usize> = (0..free.len()).collect();
        let relative = |k: usize| errors.get(k).copied().unwrap_or(0.0) / tape.syms[free[k]].value.abs();
        order.sort_by(|a, b| relative(*b).total_cmp(&relative(*a)));
        order.rotate_left(turn.min(free.len()));
        for k in order {
            let value = tape.syms[free[k]].value;
            let error = errors.get(k).copied().unwrap_or(0.0);
            let reach = (REACH * error).min(0.3 * value.abs()).max(2e-3 * value.abs());
            let mut candidates = number::plain_near(value, reach);
            if current.exact {
                // Typed-in constants have few digits.
                candidates.extend((3..=6).map(|digits| number::round_significant(value, digits)));
            }
            // Exponents are rarely anything but whole or half numbers.
            let half = (2.0 * value).round() / 2.0;
            if (half - value).abs() <= 0.05 * value.abs() && !candidates.contains(&half) {
                candidates.push(half);
            }
            if inside_exponentials && value.abs() < 5.0 {
                // exp(0.693*x) may be 2^x.
                let base = maths::exp(value);
                let bases = number::plain_near(base, base * reach.min(0.1)).into_iter().take(3);
                candidates.extend(bases.filter(|base| *base > 0.0).map(maths::log));
            }
            if REACH * error >= value.abs() {
                candidates.insert(0, 0.0);
            }
            for plain in candidates.into_iter().take(11) {
                let mut changed = tape.clone();
                changed.syms[free[k]].value = plain;
                let better = self.better(&changed.node(changed.syms.len() - 1), (current, judge), go_on);
                if better.is_some() || !go_on() {
                    return better;
                }
            }
        }
        None
    }

    /// The formula with its free constants fitted, and their standard errors in the order of the tape.
    fn fit(&self, node: &Node, pace: Pace, go_on: &mut dyn FnMut() -> bool) -> Option<(Node, Vec<f64>)> {
        let tape = Tape::compile(node);
        let free = free_constants(&tape);
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let places: Vec<Vec<usize>> = free.iter().map(|&i| vec![i]).collect();
        let rows = Rows { columns: &columns, target: &self.target, roots: self.roots.as_deref() };
        let Refit { tape, errors, .. } = refit(tape, &places, rows, pace, go_on)?;
        let fitted = tape.node(tape.syms.len() - 1);
        // Constants that came out plain may let terms merge; then the errors are those of the merged formula.
        let merged = self.tidy(&fitted);
        if merged.size() < fitted.size() { self.fit(&merged, pace, go_on) } else { Some((fitted, errors)) }
    }
}

/// The formula with one operation replaced by one of its operands, in all ways.
fn prunings(node: &Node) -> Vec<Node> {
    let mut all = Vec::new();
    match node {
        Node::Num(_) | Node::Var(_) => {}
        Node::Neg(a) => all.extend(prunings(a).into_iter().map(Node::negated)),
        Node::Fun(fun, a) => {
            all.push((**a).clone());
            all.extend(prunings(a).into_iter().map(|a| Node::fun(*fun, a)));
        }
        Node::Bin(op, a, b) => {
            if !matches!(**a, Node::Num(_)) || *op == Bin::Add {
                all.push((**a).clone());
            }
            if !matches!(**b, Node::Num(_)) {
                all.push((**b).clone());
            }
            all.extend(prunings(a).into_iter().map(|a| Node::bin(*op, a, (**b).clone())));
            all.extend(prunings(b).into_iter().map(|b| Node::bin(*op, (**a).clone(), b)));
        }
    }
    all
}

/// The constants of a tape that are not plain.
pub(crate) fn free_constants(tape: &Tape) -> Vec<usize> {
    let free = |i: &usize| tape.syms[*i].code == Code::Const && !number::is_plain(tape.syms[*i].value);
    (0..tape.syms.len()).filter(free).collect()
}
