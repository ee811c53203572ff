//! Formulas: an expression tree with the names of its variables.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::code::{self, Language};
use crate::error::Error;
use crate::latex;
use crate::mathml;
use crate::number;
use crate::parse;
use crate::person;
use crate::tape::Tape;
use crate::typst;

/// A formula over named variables. Reads and prints itself, and evaluates columns of values.
///
/// ```
/// use symreg::Expr;
/// let names = ["x".to_string()];
/// let formula = Expr::parse("2*(x + 1)^3 + 3", &names)?;
/// assert_eq!(formula.eval(&[&[0.0, 1.0]]), vec![5.0, 19.0]);
/// assert_eq!(formula.latex(), r"2 \left(x + 1\right)^{3} + 3");
/// # Ok::<(), symreg::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Expr {
    pub(crate) root: Node,
    pub(crate) names: Arc<[String]>,
}

/// One node of a formula.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Node {
    Num(f64),
    Var(u16),
    Neg(Box<Node>),
    Bin(Bin, Box<Node>, Box<Node>),
    Fun(Fun, Box<Node>),
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Bin {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Max,
    Min,
}

/// Functions of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fun {
    Sqrt,
    Exp,
    Log,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Abs,
    Erf,
}

impl Expr {
    pub(crate) fn new(root: Node, names: Arc<[String]>) -> Self {
        Self { root, names }
    }

    /// Reads infix text: `+ - * / ^ **`, functions, `pi`, the given variable names (in backquotes when they are not
    /// identifiers). Operations between two numbers are carried out.
    pub fn parse(text: &str, names: &[String]) -> Result<Self, Error> {
        Ok(Self { root: parse::parse(text, names)?, names: names.into() })
    }

    /// The names in a formula that are none of those given, in the order they occur; refuses what is no formula.
    pub fn unknown_names(text: &str, names: &[String]) -> Result<Vec<String>, Error> {
        let unknown = parse::unknown_names(text, names);
        parse::parse(text, &[names, &unknown].concat())?;
        Ok(unknown)
    }

    /// The names of the variables, in the order [`Expr::eval`] takes their columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The value for each row of the columns, which must be as many as there are names and of equal length. Outside
    /// the domain (`log(-1)`, `1/0`) it is NaN or infinite as IEEE 754 says; nothing is protected.
    pub fn eval(&self, columns: &[&[f64]]) -> Vec<f64> {
        Tape::compile(&self.root).eval(columns)
    }

    /// Nodes of the tree; a constant that is not plain (such as 2.71436) counts twice, since somebody has to remember it.
    pub fn size(&self) -> usize {
        self.root.size()
    }

    /// The number of constants that are not plain: those that had to be fitted.
    pub fn free_constants(&self) -> usize {
        self.root.count(&|node| matches!(node, Node::Num(c) if !number::is_plain(*c)))
    }

    /// The formula in the form a person would write, with the same values up to rounding.
    #[must_use]
    pub fn simplified(&self) -> Self {
        Self { root: person::tidy(&self.root), names: Arc::clone(&self.names) }
    }

    /// The formula with its constants rounded to this many significant digits; plain constants stay as they are.
    #[must_use]
    pub fn rounded(&self, digits: usize) -> Self {
        let round = |c: f64| if number::is_plain(c) { c } else { number::round_significant(c, digits) };
        Self { root: self.root.map_numbers(&round), names: Arc::clone(&self.names) }
    }

    /// Plain text that [`Expr::parse`] reads back, numbers in full.
    pub fn text(&self) -> String {
        code::print(&self.root, &self.names, Language::Text)
    }

    /// LaTeX mathematics, numbers with six significant digits.
    pub fn latex(&self) -> String {
        latex::print(&self.rounded(6).root, &self.names)
    }

    /// Typst mathematics, without the dollar signs; numbers with six significant digits.
    pub fn typst(&self) -> String {
        typst::print(&self.rounded(6).root, &self.names)
    }

    /// A `MathML` `math` element, numbers with six significant digits.
    pub fn mathml(&self) -> String {
        mathml::print(&self.rounded(6).root, &self.names)
    }

    /// The formula as an expression of a programming language, a spreadsheet or a typesetter, numbers in full.
    pub fn code(&self, language: Language) -> String {
        code::print(&self.root, &self.names, language)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expr({self})")
    }
}

/// The stored form of an [`Expr`]: its text reads back to the same values, bit by bit.
#[derive(Serialize, Deserialize)]
struct Written {
    text: String,
    names: Vec<String>,
}

impl From<Expr> for Written {
    fn from(expr: Expr) -> Self {
        Self { text: expr.text(), names: expr.names.to_vec() }
    }
}

impl TryFrom<Written> for Expr {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self, Error> {
        Self::parse(&written.text, &written.names)
    }
}

impl Node {
    pub(crate) fn bin(op: Bin, left: Self, right: Self) -> Self {
        Self::Bin(op, Box::new(left), Box::new(right))
    }

    pub(crate) fn fun(fun: Fun, argument: Self) -> Self {
        Self::Fun(fun, Box::new(argument))
    }

    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Num(c) => Self::Num(-c),
            Self::Neg(inner) => *inner,
            other => Self::Neg(Box::new(other)),
        }
    }

    pub(crate) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Num(_) | Self::Var(_) => vec![],
            Self::Neg(a) | Self::Fun(_, a) => vec![a],
            Self::Bin(_, a, b) => vec![a, b],
        }
    }

    pub(crate) fn count(&self, wanted: &dyn Fn(&Self) -> bool) -> usize {
        usize::from(wanted(self)) + self.children().iter().map(|child| child.count(wanted)).sum::<usize>()
    }

    pub(crate) fn size(&self) -> usize {
        let own = match self {
            Self::Num(c) if !number::is_plain(*c) => 2,
            _ => 1,
        };
        own + self.children().iter().map(|child| child.size()).sum::<usize>()
    }

    /// The degree of a polynomial in some of the variables; `None` where it is none.
    pub(crate) fn degree(&self, is_one: &dyn Fn(u16) -> bool) -> Option<u32> {
        match self {
            Self::Num(_) => Some(0),
            Self::Var(v) => Some(u32::from(is_one(*v))),
            Self::Neg(a) => a.degree(is_one),
            Self::Fun(_, a) => a.degree(is_one).filter(|degree| *degree == 0),
            Self::Bin(op, a, b) => {
                let (a, b) = (a.degree(is_one)?, b.degree(is_one)?);
                match op {
                    Bin::Add | Bin::Sub => Some(a.max(b)),
                    Bin::Mul => Some(a + b),
                    Bin::Div => (b == 0).then_some(a),
                    Bin::Pow | Bin::Max | Bin::Min => (a == 0 && b == 0).then_some(0),
                }
            }
        }
    }

    /// Whether it is a sum of multiples of variables and a number, or less.
    pub(crate) fn is_linear(&self) -> bool {
        self.degree(&|_| true).is_some_and(|degree| degree <= 1)
    }

    /// The node with the formulas given in place of its variables.
    pub(crate) fn with(&self, features: &[Self]) -> Self {
        match self {
            Self::Num(c) => Self::Num(*c),
            Self::Var(v) => features[usize::from(*v)].clone(),
            Self::Neg(a) => a.with(features).negated(),
            Self::Fun(fun, a) => Self::fun(*fun, a.with(features)),
            Self::Bin(op, a, b) => Self::bin(*op, a.with(features), b.with(features)),
        }
    }

    pub(crate) fn map_numbers(&self, change: &dyn Fn(f64) -> f64) -> Self {
        match self {
            Self::Num(c) => Self::Num(change(*c)),
            Self::Var(v) => Self::Var(*v),
            Self::Neg(a) => Self::Neg(Box::new(a.map_numbers(change))),
            Self::Fun(fun, a) => Self::fun(*fun, a.map_numbers(change)),
            Self::Bin(op, a, b) => Self::bin(*op, a.map_numbers(change), b.map_numbers(change)),
        }
    }
}

impl Fun {
    pub(crate) const ALL: [Self; 14] = [
        Self::Sqrt,
        Self::Exp,
        Self::Log,
        Self::Sin,
        Self::Cos,
        Self::Tan,
        Self::Asin,
        Self::Acos,
        Self::Atan,
        Self::Sinh,
        Self::Cosh,
        Self::Tanh,
        Self::Abs,
        Self::Erf,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqrt => "sqrt",
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Asin => "asin",
            Self::Acos => "acos",
            Self::Atan => "atan",
            Self::Sinh => "sinh",
            Self::Cosh => "cosh",
            Self::Tanh => "tanh",
            Self::Abs => "abs",
            Self::Erf => "erf",
        }
    }
}
