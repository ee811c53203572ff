//! What a caller may ask of a search. The defaults need no thought.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::{Bin, Fun, Node};

/// Options of a search. There is no time limit here: a caller with a clock stops the search through its observer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The seed of the random streams: the same seed, table and budget give the same bytes on any number of threads.
    pub seed: u64,
    /// The largest formula that is reported, in nodes as [`crate::Expr::size`] counts them.
    pub max_size: usize,
    /// What formulas may be made of. Changing signs and multiplying by a number are always allowed; so `x^2` needs
    /// `mul` or `pow`, and `3*x - 4` needs `add` or `sub`.
    pub operators: OperatorSet,
    /// The target is exact: stop at the first formula that fits it to rounding.
    pub noise_free: bool,
    /// Formulas tried at most.
    pub max_evaluations: u64,
    /// Worker threads; they change the time, never the result.
    pub threads: usize,
    /// Columns every formula but the mean must have.
    pub must_use: Vec<String>,
    /// Columns no formula may have.
    pub must_not_use: Vec<String>,
    /// How deep functions may stand in functions: 1 allows `exp(x)`, 2 also `exp(sin(x))`. Powers and roots do not
    /// count. Absent: as deep as they fit.
    pub max_nesting: Option<usize>,
    /// So many formulas of every size are kept, beside the front in [`crate::Outcome::alternatives`]; 1 is the front
    /// alone.
    pub per_size: usize,
    /// The units of the columns: formulas that add or compare what cannot be are never reported.
    pub units: Option<Units>,
    /// The form every formula but the mean must have, such as `a*sin(_) + _`: what it names and the table has no column
    /// for is a number to fit, every `_` a formula to find; `_f` is the same formula wherever it stands. Without any `_`
    /// only the numbers are fitted. Its operators need not be among the given ones.
    pub template: Option<String>,
    /// What every formula but the mean must keep on the whole box the inputs span, not only on the rows.
    pub constraints: Vec<Constraint>,
}

/// Units of a table's columns, as text: `m/s^2`, `kg*m^2`, `kV`, `1`. Only dimensions count, not sizes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Units {
    /// The units of the columns by name, the target's among them; a column that is left out may have any.
    pub columns: BTreeMap<String, String>,
    /// Fitted numbers may carry a unit of their own. Otherwise all numbers are pure numbers, as in most laws of
    /// physics; that leaves much less to search.
    pub constants_have_units: bool,
}

/// A condition on formulas, proven by interval arithmetic on the box that the inputs span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Constraint {
    /// Values are not below this; 0 asks for positive formulas.
    AtLeast {
        /// The bound.
        value: f64,
    },
    /// Values are not above this.
    AtMost {
        /// The bound.
        value: f64,
    },
    /// Values never fall while this column rises.
    Rising {
        /// The column.
        column: String,
    },
    /// Values never rise while this column rises.
    Falling {
        /// The column.
        column: String,
    },
    /// Defined everywhere in the box: no pole, no root or logarithm of what is negative.
    Defined,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            max_size: 40,
            operators: OperatorSet::default(),
            noise_free: false,
            max_evaluations: 20_000_000,
            threads: 1,
            must_use: vec![],
            must_not_use: vec![],
            max_nesting: None,
            per_size: 1,
            units: None,
            template: None,
            constraints: vec![],
        }
    }
}

impl Options {
    /// Whether formulas must keep to rules beside their size and operators.
    pub(crate) fn has_rules(&self) -> bool {
        let Self { must_use, must_not_use, max_nesting, units, template, constraints, .. } = self;
        let columns = !must_use.is_empty() || !must_not_use.is_empty();
        let form = max_nesting.is_some() || units.is_some() || template.is_some();
        columns || form || !constraints.is_empty()
    }

    /// Whether fewer formulas are allowed than by default.
    pub(crate) fn is_restricted(&self) -> bool {
        let default = Self::default();
        self.has_rules() || self.max_size < default.max_size || self.operators != default.operators
    }
}

/// A set of operators and functions, named as in formulas: `add sub mul div pow max min sqrt exp log sin ...`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct OperatorSet {
    pub(crate) binary: Vec<Bin>,
    pub(crate) functions: Vec<Fun>,
}

const BINARY: [(&str, Bin); 7] = [
    ("add", Bin::Add),
    ("sub", Bin::Sub),
    ("mul", Bin::Mul),
    ("div", Bin::Div),
    ("pow", Bin::Pow),
    ("max", Bin::Max),
    ("min", Bin::Min),
];

impl Default for OperatorSet {
    fn default() -> Self {
        Self {
            binary: vec![Bin::Add, Bin::Sub, Bin::Mul, Bin::Div, Bin::Pow],
            functions: vec![
                Fun::Sqrt,
                Fun::Exp,
                Fun::Log,
                Fun::Sin,
                Fun::Cos,
                Fun::Asin,
                Fun::Acos,
                Fun::Atan,
                Fun::Tanh,
            ],
        }
    }
}

impl OperatorSet {
    /// The set of the named operators; an unknown name is returned as the error.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, String> {
        let mut set = Self { binary: vec![], functions: vec![] };
        for name in names {
            let name = name.as_ref();
            if let Some((_, op)) = BINARY.iter().find(|(known, _)| *known == name) {
                set.binary.push(*op);
            } else if let Some(fun) = Fun::ALL.iter().find(|fun| fun.name() == name) {
                set.functions.push(*fun);
            } else {
                return Err(name.to_owned());
            }
        }
        set.binary.sort_unstable();
        set.binary.dedup();
        set.functions.sort_unstable();
        set.functions.dedup();
        Ok(set)
    }

    /// The names of the set's operators.
    pub fn names(&self) -> Vec<&'static str> {
        let binary = BINARY.iter().filter(|(_, op)| self.binary.contains(op)).map(|(name, _)| *name);
        binary.chain(self.functions.iter().map(|fun| fun.name())).collect()
    }

    /// Every name [`OperatorSet::from_names`] knows.
    pub fn known_names() -> Vec<&'static str> {
        BINARY.iter().map(|(name, _)| *name).chain(Fun::ALL.iter().map(|fun| fun.name())).collect()
    }

    /// The set with the operators of a formula.
    pub(crate) fn with_those_of(&self, node: &Node) -> Self {
        let mut set = self.clone();
        match node {
            Node::Fun(fun, _) if !set.has(*fun) => set.functions.push(*fun),
            Node::Bin(op, ..) if !set.has_binary(*op) => set.binary.push(*op),
            _ => {}
        }
        set = node.children().into_iter().fold(set, |set, child| set.with_those_of(child));
        set.binary.sort_unstable();
        set.functions.sort_unstable();
        set
    }

    pub(crate) fn has(&self, fun: Fun) -> bool {
        self.functions.contains(&fun)
    }

    pub(crate) fn has_binary(&self, op: Bin) -> bool {
        self.binary.contains(&op)
    }
}

impl From<OperatorSet> for Vec<String> {
    fn from(set: OperatorSet) -> Self {
        set.names().into_iter().map(str::to_owned).collect()
    }
}

impl TryFrom<Vec<String>> for OperatorSet {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        Self::from_names(&names).map_err(|name| format!("there is no operator '{name}'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_named_both_ways() {
        let set = OperatorSet::from_names(&["sin", "add", "mul", "sin"]).unwrap();
        assert_eq!(set.names(), vec!["add", "mul", "sin"]);
        assert_eq!(OperatorSet::from_names(&["add", "frobnicate"]).unwrap_err(), "frobnicate");
        let all = OperatorSet::known_names();
        assert_eq!(OperatorSet::from_names(&all).unwrap().names(), all);
    }

    #[test]
    fn stored_options_read_back() {
        let options = Options { seed: 9, ..Options::default() };
        let text = serde_json::to_string(&options).unwrap();
        assert_eq!(serde_json::from_str::<Options>(&text).unwrap(), options);
        assert!(serde_json::from_str::<Options>(r#"{"sead":1}"#).is_err());
    }
}
