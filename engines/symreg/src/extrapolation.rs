//! What a formula does outside the data, in plain statements: for every input, the others at their medians, where it goes as
//! that input grows or falls without end, and the nearest place where it breaks down on the way.

use crate::edges::{Edge, Found, nearest};
use crate::expr::{Bin, Expr, Fun, Node};
use crate::interval::Interval;
use crate::number;
use crate::report::Reason;
use crate::series::Order;
use crate::table::Table;
use crate::tail::{Tail, tail};

/// Significant digits of what is told.
const DIGITS: usize = 4;

/// What the formula does outside the rows of the table, a statement each. A statement names its `input`, and by `end`
/// (`+∞`, `-∞` or `±∞`) where that goes. The codes:
///
/// - `beyond-tends-to` a `value`; `beyond-grows-like` a `term` in the input;
/// - `beyond-faster-than-powers`, to the side of the `sign`; `beyond-swings` between `low` and `high`;
///   `beyond-swings-wider` without bounds;
/// - `beyond-pole` at a place `at`; `beyond-no-value` from `from` to `to`, or without end where one is missing;
/// - `beyond-not-decided` where the arithmetic of leading terms does not tell.
///
/// Inputs that are 0 or 1 on every row, such as those of texts, are left out.
///
/// ```
/// use symreg::{Expr, Table, beyond};
/// let x = vec![3.0, 4.0, 5.0];
/// let table = Table::new(vec!["x".into()], vec![x], "y".into(), vec![1.4, 1.3, 1.2])?;
/// let told = beyond(&Expr::parse("(x + 1)/(x - 2.3)", table.names())?, &table);
/// assert_eq!((told[0].code.as_str(), &told[0].args["at"]), ("beyond-pole", &2.3.into()));
/// assert_eq!((told[1].code.as_str(), &told[1].args["value"]), ("beyond-tends-to", &1.0.into()));
/// # Ok::<(), symreg::Error>(())
/// ```
pub fn beyond(expr: &Expr, table: &Table) -> Vec<Reason> {
    let has = |j: usize| expr.root.count(&|node| matches!(node, Node::Var(v) if usize::from(*v) == j)) > 0;
    let used: Vec<usize> = (0..table.columns().len()).filter(|&j| has(j)).collect();
    let held: Vec<Node> = table.columns().iter().map(|column| Node::Num(median(column))).collect();
    let mut told = Vec::new();
    for &input in used.iter().filter(|&&j| !is_indicator(&table.columns()[j])) {
        let mut features = held.clone();
        features[input] = Node::Var(0);
        let along = Along {
            node: expr.root.with(&features),
            range: Interval::of(&table.columns()[input]),
            name: &table.names()[input],
            others: used.len() - 1,
        };
        told.extend(along.statements());
    }
    told
}

fn is_indicator(column: &[f64]) -> bool {
    column.iter().all(|x| *x == 0.0 || *x == 1.0) && column.iter().any(|x| *x != column[0])
}

fn median(column: &[f64]) -> f64 {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The formula along one input.
struct Along<'a> {
    node: Node,
    range: Interval,
    name: &'a str,
    /// Other inputs that are held.
    others: usize,
}

impl Along<'_> {
    fn statements(&self) -> Vec<Reason> {
        let mut told = Vec::new();
        let mut ends = Vec::new();
        for above in [false, true] {
            let found = nearest(&self.node, self.range, above);
            told.extend(self.of_edge(found));
            let endless = match found {
                Found::Edge(Edge::Hole(from, to)) => from.is_infinite() || to.is_infinite(),
                _ => false,
            };
            ends.push((!endless).then(|| self.of_tail(above)));
        }
        match (ends.remove(0), ends.remove(0)) {
            (Some(below), Some(above)) if below == above => told.push(below.with("end", "±∞")),
            (below, above) => {
                told.extend(below.map(|told| told.with("end", "-∞")));
                told.extend(above.map(|told| told.with("end", "+∞")));
            }
        }
        told
    }

    fn statement(&self, code: &str) -> Reason {
        Reason::new(code).with("input", self.name).with("others", self.others)
    }

    fn of_edge(&self, found: Found) -> Option<Reason> {
        let Found::Edge(edge) = found else { return None };
        Some(match edge {
            Edge::Pole(at) => self.statement("beyond-pole").with("at", at).with("at_text", shown(at)),
            Edge::Hole(from, to) => {
                let told = self.statement("beyond-no-value");
                let told = if from.is_finite() { told.with("from", from) } else { told };
                let told = if to.is_finite() { told.with("to", to) } else { told };
                let kind = match (from.is_finite(), to.is_finite()) {
                    (true, true) => "between",
                    (true, false) => "above",
                    _ => "below",
                };
                told.with("kind", kind).with("from_text", shown(from)).with("to_text", shown(to))
            }
        })
    }

    /// Where it goes as the input goes to one end.
    fn of_tail(&self, above: bool) -> Reason {
        let node = if above { self.node.clone() } else { self.node.with(&[Node::Var(0).negated()]) };
        let undecided = || self.statement("beyond-not-decided");
        match tail(&node) {
            Tail::Known { exponent, factor } => match (exponent.leading(), factor.leading()) {
                (Some((rate, _)), _) if rate < 0.0 => self.tends_to(0.0),
                (Some(_), Some((c, _))) => {
                    self.statement("beyond-faster-than-powers").with("sign", if c > 0.0 { "+" } else { "-" })
                }
                (Some(_), None) => undecided(),
                (None, leading) => match (factor.limit(), leading) {
                    (Some(limit), _) => self.tends_to(limit),
                    (None, Some((c, order))) => {
                        self.statement("beyond-grows-like").with("term", self.term(c, order, above))
                    }
                    (None, None) => undecided(),
                },
            },
            Tail::Swings { low, high } => self
                .statement("beyond-swings")
                .with("low", low)
                .with("high", high)
                .with("low_text", shown(low))
                .with("high_text", shown(high)),
            Tail::SwingsWider => self.statement("beyond-swings-wider"),
            Tail::Undefined => self.statement("beyond-no-value").with("kind", "far"),
            Tail::Unknown => undecided(),
        }
    }

    fn tends_to(&self, value: f64) -> Reason {
        self.statement("beyond-tends-to").with("value", value).with("value_text", shown(value))
    }

    /// The leading term as a formula of the input, which is negative below.
    fn term(&self, c: f64, order: Order, above: bool) -> String {
        let whole = order.power.fract() == 0.0;
        let sign = if !above && whole && order.power % 2.0 != 0.0 { -1.0 } else { 1.0 };
        let size = if above { Node::Var(0) } else { Node::fun(Fun::Abs, Node::Var(0)) };
        let power = |base: Node, n: f64| match n {
            0.0 => None,
            1.0 => Some(base),
            n => Some(Node::bin(Bin::Pow, base, Node::Num(number::round_significant(n, DIGITS)))),
        };
        let own = power(if whole { Node::Var(0) } else { size.clone() }, order.power);
        let log = power(Node::fun(Fun::Log, size), order.log);
        let coefficient = number::round_significant(sign * c, DIGITS);
        let shown = Some(Node::Num(coefficient)).filter(|_| (coefficient.abs() - 1.0).abs() > 0.0);
        let product = [shown, own, log].into_iter().flatten().reduce(|a, b| Node::bin(Bin::Mul, a, b));
        let product = product.unwrap_or(Node::Num(coefficient));
        let product = if coefficient == -1.0 { product.negated() } else { product };
        Expr::new(product, [self.name.to_owned()].into()).text()
    }
}

/// A number as people read it.
fn shown(c: f64) -> String {
    number::decimal(number::round_significant(c, DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements in short.
    fn told(text: &str) -> Vec<String> {
        let names: Vec<String> = vec!["x".into(), "k".into(), "g".into()];
        let columns = vec![vec![1.0, 1.5, 2.0], vec![3.0, 1.0, 2.0], vec![0.0, 1.0, 1.0]];
        let table = Table::new(names.clone(), columns, "y".into(), vec![1.0; 3]).unwrap();
        let short = |reason: Reason| {
            let text = |name: &str| {
                reason.args.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
            };
            let parts = ["input", "end", "kind", "at_text", "from", "to", "value_text", "term", "sign"];
            let parts: Vec<String> = parts.into_iter().filter_map(text).collect();
            format!("{} {}", reason.code.trim_start_matches("beyond-"), parts.join(" "))
        };
        beyond(&Expr::parse(text, &names).unwrap(), &table).into_iter().map(short).collect()
    }

    #[test]
    fn a_formula_is_followed_to_both_ends() {
        assert_eq!(told("2*x + 3"), ["grows-like x ±∞ 2*x"]);
        assert_eq!(told("-x^2 + 3"), ["grows-like x ±∞ -x^2"]);
        assert_eq!(told("x^1.5"), ["no-value x below 0.0", "grows-like x +∞ x^1.5"]);
        assert_eq!(told("3*exp(x)"), ["tends-to x -∞ 0", "faster-than-powers x +∞ +"]);
        let both = ["grows-like x -∞ x*log(abs(x))", "grows-like x +∞ x*log(x)"];
        assert_eq!(told("x*log(abs(x))"), both);
        assert_eq!(told("1/(x - 2.3)"), ["pole x 2.3", "tends-to x ±∞ 0"]);
        assert_eq!(told("x*abs(x)"), ["grows-like x -∞ -x^2", "grows-like x +∞ x^2"]);
        assert_eq!(told("tan(x)").last().unwrap(), "not-decided x ±∞");
    }

    #[test]
    fn other_inputs_are_held_at_their_medians_and_texts_are_no_axis() {
        // k is held at 2, x at 1.5.
        assert_eq!(
            told("5*x/(k + x) + g"),
            ["pole x -2", "tends-to x ±∞ 6", "pole k -1.5", "tends-to k ±∞ 1"]
        );
    }
}
