//! What a formula must be to be reported: made of the operators given, of the columns allowed, no deeper than allowed,
//! sound in its units, and within the constraints. One place decides, so that nothing can slip past it.

use crate::error::Error;
use crate::expr::{Bin, Fun, Node};
use crate::interval::{Interval, bounds, proven};
use crate::options::{Constraint, OperatorSet, Options};
use crate::table::Table;
use crate::units::{self, Measure, Units};

/// A number added to what is this many times smaller leaves nothing of it but rounding.
const DROWNED: f64 = 1e8;

/// The rules of one search.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    operators: OperatorSet,
    must_use: Vec<u16>,
    forbidden: Vec<bool>,
    max_nesting: usize,
    pub(crate) units: Option<Units>,
    constraints: Vec<Rule>,
    /// The box the inputs span.
    region: Vec<Interval>,
    /// The greatest absolute value of the target.
    most: f64,
}

#[derive(Debug, Clone)]
enum Rule {
    Within(Interval),
    Slope(usize, Interval),
    Defined,
}

impl Rules {
    pub(crate) fn new(table: &Table, options: &Options) -> Result<Self, Error> {
        let index = |option: &str, column: &String| {
            let found = table.names().iter().position(|name| name == column);
            found.ok_or_else(|| Error::UnknownColumn { option: option.to_owned(), column: column.clone() })
        };
        let mut forbidden = vec![false; table.names().len()];
        for column in &options.must_not_use {
            forbidden[index("must_not_use", column)?] = true;
        }
        let mut must_use = Vec::new();
        for column in &options.must_use {
            let j = index("must_use", column)?;
            if forbidden[j] {
                return Err(Error::Contradiction { column: column.clone() });
            }
            must_use.push(j as u16);
        }
        let constraint = |constraint: &Constraint| {
            Ok(match constraint {
                Constraint::AtLeast { value } => Rule::Within(Interval::new(*value, f64::INFINITY)),
                Constraint::AtMost { value } => Rule::Within(Interval::new(f64::NEG_INFINITY, *value)),
                Constraint::Rising { column } => {
                    Rule::Slope(index("constraints", column)?, Interval::new(0.0, f64::INFINITY))
                }
                Constraint::Falling { column } => {
                    Rule::Slope(index("constraints", column)?, Interval::new(f64::NEG_INFINITY, 0.0))
                }
                Constraint::Defined => Rule::Defined,
            })
        };
        Ok(Self {
            operators: options.operators.clone(),
            must_use,
            forbidden,
            max_nesting: options.max_nesting.unwrap_or(usize::MAX),
            units: options.units.as_ref().map(|units| read_units(table, units)).transpose()?,
            constraints: options.constraints.iter().map(constraint).collect::<Result<_, Error>>()?,
            region: table.columns().iter().map(|column| Interval::of(column)).collect(),
            most: table.target().iter().fold(0.0, |most, y| most.max(y.abs())),
        })
    }

    /// Whether a column may be used.
    pub(crate) fn allow_column(&self, column: usize) -> bool {
        !self.forbidden[column]
    }

    /// Whether a formula may be reported; a number alone always may.
    pub(crate) fn allow(&self, node: &Node) -> bool {
        let has = |j: u16| node.count(&|part| matches!(part, Node::Var(v) if *v == j)) > 0;
        if node.count(&|part| matches!(part, Node::Var(_))) == 0 {
            return true;
        }
        let forbidden = |part: &Node| matches!(part, Node::Var(v) if self.forbidden[usize::from(*v)]);
        node.count(&forbidden) == 0
            && self.must_use.iter().all(|&j| has(j))
            && self.made_of_given(node)
            && self.is_sound(node, Some(self.most))
            && nesting(node) <= self.max_nesting
            && self.units.as_ref().is_none_or(|units| units.allow(node))
            && self.constraints.iter().all(|rule| self.keeps(node, rule))
    }

    fn keeps(&self, node: &Node, rule: &Rule) -> bool {
        let inside = |inner: Interval, outer: Interval| outer.low <= inner.low && inner.high <= outer.high;
        match rule {
            Rule::Within(wanted) => {
                proven(node, &self.region, 0, &|b| !b.undefined && inside(b.value, *wanted))
            }
            Rule::Slope(column, wanted) => {
                proven(node, &self.region, *column, &|b| !b.undefined && inside(b.slope, *wanted))
            }
            Rule::Defined => proven(node, &self.region, 0, &|b| !b.undefined),
        }
    }

    /// Whether no negative number has powers that are no whole numbers everywhere, and no part drowns in a number added to
    /// it. The number in the whole formula's own sum is measured by the target.
    fn is_sound(&self, node: &Node, target: Option<f64>) -> bool {
        let size = |node: &Node| {
            let value = bounds(node, &self.region, 0).value;
            value.low.abs().max(value.high.abs())
        };
        let own = match node {
            Node::Bin(Bin::Pow, a, b) => {
                !matches!((&**a, &**b), (Node::Num(c), exponent) if *c < 0.0 && !matches!(exponent, Node::Num(_)))
            }
            Node::Bin(Bin::Add | Bin::Sub, a, b) => match (&**a, &**b) {
                (Node::Num(c), part) | (part, Node::Num(c)) => {
                    c.abs() <= DROWNED * target.unwrap_or_else(|| size(part))
                }
                _ => true,
            },
            _ => true,
        };
        own && node.children().iter().all(|child| self.is_sound(child, None))
    }

    /// Whether the operators given suffice, up to signs and multiplication by numbers.
    fn made_of_given(&self, node: &Node) -> bool {
        let has = |op: Bin| self.operators.has_binary(op);
        let number = |node: &Node| matches!(node, Node::Num(_));
        let own = match node {
            Node::Num(_) | Node::Var(_) | Node::Neg(_) => true,
            Node::Fun(fun, _) => self.operators.has(*fun) || *fun == Fun::Sqrt && has(Bin::Pow),
            Node::Bin(Bin::Add | Bin::Sub, ..) => has(Bin::Add) || has(Bin::Sub),
            Node::Bin(Bin::Mul, a, b) => has(Bin::Mul) || number(a) || number(b),
            Node::Bin(Bin::Div, _, b) => has(Bin::Div) || number(b),
            Node::Bin(Bin::Pow, a, b) => match (&**a, &**b) {
                (_, Node::Num(c)) if c.fract() == 0.0 => {
                    has(Bin::Pow) || has(Bin::Mul) && (*c > 0.0 || has(Bin::Div))
                }
                (_, Node::Num(c)) if (2.0 * c).fract() == 0.0 => {
                    let rooted = self.operators.has(Fun::Sqrt) && (*c > 0.0 || has(Bin::Div));
                    has(Bin::Pow) || rooted && (c.abs() == 0.5 || has(Bin::Mul))
                }
                (Node::Num(_), _) => has(Bin::Pow) || self.operators.has(Fun::Exp),
                _ => has(Bin::Pow),
            },
            Node::Bin(op @ (Bin::Max | Bin::Min), ..) => has(*op),
        };
        own && node.children().iter().all(|child| self.made_of_given(child))
    }
}

fn read_units(table: &Table, given: &crate::options::Units) -> Result<Units, Error> {
    let known = |name: &String| table.names().contains(name) || table.target_name() == name;
    if let Some(unknown) = given.columns.keys().find(|name| !known(name)) {
        return Err(Error::UnknownColumn { option: "units".to_owned(), column: unknown.clone() });
    }
    let of = |name: &str| match given.columns.get(name) {
        Some(text) => units::parse(text).map(Measure::Of),
        None => Ok(Measure::Any),
    };
    Ok(Units {
        columns: table.names().iter().map(|name| of(name)).collect::<Result<_, Error>>()?,
        target: of(table.target_name())?,
        constants: if given.constants_have_units { Measure::Any } else { Measure::Of(units::NONE) },
    })
}

/// How deep functions stand in functions.
fn nesting(node: &Node) -> usize {
    let inner = node.children().iter().map(|child| nesting(child)).max().unwrap_or(0);
    let counts = match node {
        Node::Fun(Fun::Sqrt | Fun::Abs, _) => false,
        Node::Fun(..) => true,
        Node::Bin(Bin::Pow, _, exponent) => !matches!(**exponent, Node::Num(_)),
        _ => false,
    };
    inner + usize::from(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str, change: impl Fn(&mut Options)) -> bool {
        let names = vec!["x".to_owned(), "y".to_owned()];
        let node = crate::parse::parse(text, &names).unwrap();
        let columns = vec![vec![0.5, 1.0, 2.0], vec![1.0, 3.0, 2.0]];
        let table = Table::new(names, columns, "z".into(), vec![1.0, 2.0, 3.0]).unwrap();
        let mut options = Options::default();
        change(&mut options);
        Rules::new(&table, &options).unwrap().allow(&node)
    }

    #[test]
    fn only_given_operators_are_allowed() {
        let given = |names: &'static [&str]| {
            move |options: &mut Options| options.operators = OperatorSet::from_names(names).unwrap()
        };
        assert!(allowed("3*x^2 - y/7 + 1", given(&["add", "mul"])));
        assert!(!allowed("x/y", given(&["add", "mul"])) && !allowed("x^0.5", given(&["add", "mul", "div"])));
        assert!(allowed("sqrt(x)*y^1.5", given(&["mul", "sqrt"])));
        assert!(!allowed("x + y", given(&["mul", "exp"])) && allowed("2^x*y", given(&["mul", "exp"])));
        assert!(!allowed("max(x, 2)", given(&["min", "add"])));
        assert!(allowed("7.5", given(&["sin"])));
    }

    #[test]
    fn columns_and_depth_are_kept() {
        let must = |options: &mut Options| options.must_use = vec!["y".into()];
        assert!(allowed("x*y", must) && !allowed("x + 1", must) && allowed("3.5", must));
        let must_not = |options: &mut Options| options.must_not_use = vec!["y".into()];
        assert!(!allowed("x*y", must_not) && allowed("x + 1", must_not));
        let shallow = |options: &mut Options| options.max_nesting = Some(1);
        assert!(allowed("exp(-x^2) + sin(y)", shallow) && !allowed("exp(sin(x))", shallow));
    }

    #[test]
    fn constraints_hold_between_the_rows_too() {
        let with = |constraint: Constraint| {
            move |options: &mut Options| options.constraints = vec![constraint.clone()]
        };
        assert!(!allowed("1/(x - 1.5)", with(Constraint::Defined)));
        assert!(allowed("1/(x + 1.5)", with(Constraint::Defined)));
        assert!(allowed("(x - 1.5)^2", with(Constraint::AtLeast { value: 0.0 })));
        assert!(!allowed("(x - 1.5)^2 - 0.01", with(Constraint::AtLeast { value: 0.0 })));
        assert!(allowed("exp(-x)", with(Constraint::AtMost { value: 1.0 })));
        let rising = Constraint::Rising { column: "x".into() };
        assert!(allowed("y*x^2 + x", with(rising.clone())) && !allowed("(x - 1)^2", with(rising)));
        assert!(allowed("y/x", with(Constraint::Falling { column: "x".into() })));
    }

    #[test]
    fn numbers_that_drown_the_rest_and_roots_of_negative_ones_are_refused() {
        let any = |_: &mut Options| {};
        assert!(!allowed("(-0.9)^x", any) && allowed("0.9^x", any) && allowed("(-0.9)^2*x", any));
        assert!(!allowed("(x - 4e16)^3", any) && allowed("(x - 400)^3", any));
        assert!(!allowed("3e12 - 3e12*0.999^x", any) && allowed("30 - 30*0.999^x", any));
        // The target goes up to three.
        assert!(allowed("1e6 + x", any) && allowed("(y + 273.15)/x", any));
    }

    #[test]
    fn names_that_are_not_columns_are_refused() {
        let table = Table::new(vec!["x".into()], vec![vec![1.0]], "y".into(), vec![2.0]).unwrap();
        let refused = |change: &dyn Fn(&mut Options)| {
            let mut options = Options::default();
            change(&mut options);
            Rules::new(&table, &options).unwrap_err()
        };
        let unknown = |option: &str, column: &str| Error::UnknownColumn {
            option: option.into(),
            column: column.into(),
        };
        assert_eq!(refused(&|o| o.must_use = vec!["z".into()]), unknown("must_use", "z"));
        assert_eq!(
            refused(&|o| o.constraints = vec![Constraint::Rising { column: "q".into() }]),
            unknown("constraints", "q")
        );
        let both = refused(&|o| (o.must_use, o.must_not_use) = (vec!["x".into()], vec!["x".into()]));
        assert_eq!(both, Error::Contradiction { column: "x".into() });
    }
}
