//! The columns a sparse sum is picked from: Laurent monomials in the order of their length, then functions of simple
//! arguments and their products with variables, squares of differences.

use crate::expr::{Bin, Fun, Node};
use crate::maths;
use crate::options::OperatorSet;
use crate::tape::Tape;

/// A column of the dictionary: its formula and its values on the sample.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) node: Node,
    pub(crate) values: Vec<f64>,
}

/// Exponents in the order they are tried, with what they add to a monomial's length.
const EXPONENTS: [(f64, u32); 8] =
    [(1.0, 2), (-1.0, 2), (2.0, 3), (-2.0, 4), (3.0, 5), (0.5, 4), (-3.0, 6), (4.0, 6)];

/// The shortest monomials, at most this many.
pub(crate) fn monomials(columns: &[&[f64]], operators: &OperatorSet, limit: usize) -> Vec<Column> {
    let divides = operators.has_binary(Bin::Div);
    let allowed = |variable: usize, exponent: f64| {
        let column = columns[variable];
        (exponent > 0.0 || (divides && column.iter().all(|x| *x != 0.0)))
            && (exponent.fract() == 0.0 || (operators.has(Fun::Sqrt) && column.iter().all(|x| *x >= 0.0)))
    };
    let mut found: Vec<Vec<(usize, f64)>> = Vec::new();
    for length in 2..=14 {
        let before = found.len();
        extend(&mut found, &mut Vec::new(), (0, length), columns.len(), &allowed);
        if found.len() > limit && before > 0 {
            found.truncate(before.max(limit.min(found.len())));
            break;
        }
        if found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    found.iter().filter_map(|factors| column(monomial(factors), columns)).collect()
}

/// Appends all monomials of exactly this length over the variables from the first on.
fn extend(
    found: &mut Vec<Vec<(usize, f64)>>,
    factors: &mut Vec<(usize, f64)>,
    (first, length): (usize, u32),
    variables: usize,
    allowed: &dyn Fn(usize, f64) -> bool,
) {
    if length == 0 {
        found.push(factors.clone());
        return;
    }
    if found.len() > 20_000 {
        return;
    }
    for variable in first..variables {
        for (exponent, cost) in EXPONENTS {
            if cost <= length && allowed(variable, exponent) {
                factors.push((variable, exponent));
                extend(found, factors, (variable + 1, length - cost), variables, allowed);
                factors.pop();
            }
        }
    }
}

fn monomial(factors: &[(usize, f64)]) -> Node {
    let factor = |(variable, exponent): &(usize, f64)| {
        let x = Node::Var(*variable as u16);
        if *exponent == 1.0 { x } else { Node::bin(Bin::Pow, x, Node::Num(*exponent)) }
    };
    let product = factors.iter().map(factor).reduce(|a, b| Node::bin(Bin::Mul, a, b));
    product.unwrap_or(Node::Num(1.0))
}

/// Variables whose waves are multiplied with each other.
const WAVING: usize = 4;

/// No more formulas than this are made to pick from: with many variables there would be millions.
const MADE: usize = 60_000;

/// Functions of simple arguments, alone and times a variable, and squares of differences; at most this many.
pub(crate) fn functions(columns: &[&[f64]], operators: &OperatorSet, limit: usize) -> Vec<Column> {
    let variables: Vec<Node> = (0..columns.len()).map(|j| Node::Var(j as u16)).collect();
    let mut arguments = variables.clone();
    let square = |x: &Node| Node::bin(Bin::Pow, x.clone(), Node::Num(2.0));
    let mut differences = Vec::new();
    for (i, a) in variables.iter().enumerate() {
        for b in &variables[i + 1..] {
            if arguments.len() + differences.len() > MADE / 4 {
                break;
            }
            differences.push(Node::bin(Bin::Sub, a.clone(), b.clone()));
            arguments.push(Node::bin(Bin::Mul, a.clone(), b.clone()));
            if operators.has_binary(Bin::Div) {
                arguments.push(Node::bin(Bin::Div, a.clone(), b.clone()));
                arguments.push(Node::bin(Bin::Div, b.clone(), a.clone()));
            }
        }
    }
    arguments.extend(differences.iter().cloned());
    arguments.extend(variables.iter().map(square));
    let mut nodes: Vec<Node> = differences.iter().map(square).collect();
    for fun in operators.functions.iter().filter(|fun| **fun != Fun::Sqrt) {
        for argument in &arguments {
            if nodes.len() > MADE {
                break;
            }
            nodes.push(Node::fun(*fun, argument.clone()));
            if *fun == Fun::Exp {
                nodes.push(Node::fun(*fun, argument.clone().negated()));
            }
        }
    }
    let simple = nodes.len();
    for i in 0..simple {
        if nodes.len() > MADE {
            break;
        }
        for x in &variables {
            nodes.push(Node::bin(Bin::Mul, x.clone(), nodes[i].clone()));
        }
    }
    // Products of two variables with waves and exponentials of one argument, as in the law of cosines.
    let wave = |node: &&Node| matches!(node, Node::Fun(Fun::Sin | Fun::Cos | Fun::Exp, _));
    let waves: Vec<Node> = nodes[..simple].iter().filter(wave).cloned().collect();
    for (i, a) in variables.iter().enumerate() {
        for b in &variables[i + 1..] {
            if nodes.len() > MADE {
                break;
            }
            let pair =
                |wave: &Node| Node::bin(Bin::Mul, Node::bin(Bin::Mul, a.clone(), b.clone()), wave.clone());
            nodes.extend(waves.iter().map(pair));
        }
    }
    nodes.into_iter().filter_map(|node| column(node, columns)).take(limit).collect()
}

/// Waves, their squares, exponentials and logarithms of single columns and of differences, alone and times the
/// shortest monomials; at most this many.
pub(crate) fn modulated(columns: &[&[f64]], operators: &OperatorSet, limit: usize) -> Vec<Column> {
    let variables: Vec<Node> = (0..columns.len()).map(|j| Node::Var(j as u16)).collect();
    let mut arguments = variables.clone();
    for (i, a) in variables.iter().enumerate() {
        let difference = |b: &Node| Node::bin(Bin::Sub, a.clone(), b.clone());
        arguments.extend(variables[i + 1..].iter().take(limit).map(difference));
    }
    let mut carried: Vec<Node> = Vec::new();
    for fun in [Fun::Cos, Fun::Sin, Fun::Exp, Fun::Log].into_iter().filter(|fun| operators.has(*fun)) {
        for argument in arguments.iter().take(limit) {
            let wave = Node::fun(fun, argument.clone());
            if matches!(fun, Fun::Sin | Fun::Cos) {
                carried.push(Node::bin(Bin::Pow, wave.clone(), Node::Num(2.0)));
            }
            carried.push(wave);
        }
    }
    let mut nodes = carried.clone();
    nodes.extend(products_of_waves(&variables, operators));
    for carrier in monomials(columns, operators, limit / carried.len().max(1)) {
        nodes.extend(carried.iter().map(|wave| Node::bin(Bin::Mul, carrier.node.clone(), wave.clone())));
    }
    nodes.truncate(limit);
    nodes.into_iter().filter_map(|node| column(node, columns)).collect()
}

/// Products of two waves of single variables or of their squares, as where two angles meet.
fn products_of_waves(variables: &[Node], operators: &OperatorSet) -> Vec<Node> {
    let square = |node: &Node| Node::bin(Bin::Pow, node.clone(), Node::Num(2.0));
    let mut waves = Vec::new();
    for x in variables.iter().take(WAVING) {
        for fun in [Fun::Cos, Fun::Sin].into_iter().filter(|fun| operators.has(*fun)) {
            let wave = Node::fun(fun, x.clone());
            waves.extend([square(&wave), wave]);
        }
    }
    let mut products = Vec::new();
    for (i, a) in waves.iter().enumerate() {
        products.extend(waves[i + 1..].iter().map(|b| Node::bin(Bin::Mul, a.clone(), b.clone())));
    }
    products
}

/// For rational functions: the target times the given columns.
pub(crate) fn times_target(columns: &[Column], target: &[f64]) -> Vec<Column> {
    let times = |column: &Column| Column {
        node: column.node.clone(),
        values: column.values.iter().zip(target).map(|(v, y)| v * y).collect(),
    };
    columns.iter().map(times).collect()
}

/// A column for a node, where it is finite on the sample and varies.
pub(crate) fn column(node: Node, columns: &[&[f64]]) -> Option<Column> {
    let values = Tape::compile(&node).eval(columns);
    let usable = values.iter().all(|v| v.is_finite() && v.abs() < 1e100);
    let varies =
        values.iter().any(|v| (v - values[0]).abs() > 1e-12 * maths::pow(values[0] * values[0], 0.5));
    (usable && varies).then_some(Column { node, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_monomials_come_first_and_respect_the_data() {
        let x = [1.0, 2.0, 3.0];
        let z = [0.0, 1.0, -1.0];
        let found = monomials(&[&x, &z], &OperatorSet::default(), 40);
        assert_eq!(found[0].node, Node::Var(0));
        assert!(found.len() >= 20 && found.iter().all(|c| c.values.iter().all(|v| v.is_finite())));
        let texts: Vec<String> = found
            .iter()
            .map(|c| crate::code::print(&c.node, &["x".into(), "z".into()], crate::Language::Text))
            .collect();
        assert!(
            texts.contains(&"x^(-1)*z".to_owned()) && !texts.iter().any(|t| t.contains("z^(-")),
            "{texts:?}"
        );
    }
}
