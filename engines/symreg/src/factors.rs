//! Laws that are products: the logarithm of the target as a sum of logarithms of variables, of sums and differences of
//! two or three of them, and of what stands in an exponential.

use crate::beam::{self, Choice, Reach};
use crate::dictionary::{Column, column};
use crate::expr::{Bin, Fun, Node};
use crate::options::OperatorSet;
use crate::sample::Sample;
use crate::tape::Tape;

/// Columns beside the logarithms of the variables at most.
const LIMIT: usize = 1800;
/// Factors beside powers of variables at most.
const DEPTH: usize = 3;
/// No more brackets than this are made to pick from: with many variables there would be millions.
const MADE: usize = 60_000;

/// The columns a logarithm is picked from, and the exact or best choices of every length.
pub(crate) fn search(
    sample: &Sample,
    operators: &OperatorSet,
    go_on: &mut dyn FnMut() -> bool,
) -> (Vec<Column>, Vec<Choice>) {
    let views: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
    let variables: Vec<Node> = (0..views.len()).map(|j| Node::Var(j as u16)).collect();
    let logarithm = |node: &Node| logarithm(node, &views);
    let mut columns: Vec<Column> = variables.iter().filter_map(logarithm).collect();
    let powers = columns.len();
    let others = brackets(&variables, operators);
    columns.extend(others.iter().filter_map(logarithm).take(LIMIT));
    columns.extend(exponents(&variables, operators).into_iter().filter_map(|node| column(node, &views)));
    let values: Vec<&[f64]> = columns.iter().map(|column| column.values.as_slice()).collect();
    let reach = Reach { depth: DEPTH, width: 12, first: powers };
    let found = beam::search(&values, sample, reach, go_on);
    let best = found.into_iter().filter_map(|choices| choices.into_iter().next()).collect();
    (columns, best)
}

/// What a law may have a power of, beside variables.
fn brackets(variables: &[Node], operators: &OperatorSet) -> Vec<Node> {
    let bin = |op, a: &Node, b: &Node| Node::bin(op, a.clone(), b.clone());
    let square = |x: &Node| Node::bin(Bin::Pow, x.clone(), Node::Num(2.0));
    let one = Node::Num(1.0);
    let mut nodes = Vec::new();
    for (i, a) in variables.iter().enumerate() {
        for op in [Bin::Add, Bin::Sub] {
            nodes.push(bin(op, &one, a));
            nodes.push(bin(op, &one, &square(a)));
        }
        for b in &variables[i + 1..] {
            if nodes.len() > MADE {
                break;
            }
            for op in [Bin::Add, Bin::Sub] {
                nodes.push(bin(op, a, b));
                nodes.push(bin(op, &square(a), &square(b)));
                nodes.push(bin(op, &one, &bin(Bin::Mul, a, b)));
            }
            nodes.push(square(&bin(Bin::Sub, a, b)));
        }
    }
    for fun in [Fun::Sin, Fun::Cos].into_iter().filter(|fun| operators.has(*fun)) {
        for (i, a) in variables.iter().enumerate() {
            nodes.push(square(&Node::fun(fun, a.clone())));
            nodes.push(square(&Node::fun(fun, bin(Bin::Mul, &Node::Num(0.5), a))));
            for b in &variables[i + 1..] {
                if nodes.len() > 2 * MADE {
                    break;
                }
                nodes.push(square(&Node::fun(fun, bin(Bin::Sub, a, b))));
                nodes.push(square(&Node::fun(fun, bin(Bin::Mul, a, b))));
                nodes.push(square(&Node::fun(fun, bin(Bin::Mul, &Node::Num(0.5), &bin(Bin::Mul, a, b)))));
            }
        }
    }
    if variables.len() <= 7 {
        nodes.extend(beats(variables, operators));
    }
    for (i, a) in variables.iter().enumerate() {
        for (j, b) in variables.iter().enumerate().skip(i + 1) {
            for c in &variables[j + 1..] {
                if nodes.len() > MADE {
                    return nodes;
                }
                nodes.push(bin(Bin::Add, &bin(Bin::Add, a, b), c));
                nodes.push(bin(Bin::Add, &bin(Bin::Add, &square(a), &square(b)), &square(c)));
            }
        }
    }
    nodes
}

/// Waves of a difference of two times a third, as where two frequencies meet.
fn beats(variables: &[Node], operators: &OperatorSet) -> Vec<Node> {
    let bin = |op, a: &Node, b: &Node| Node::bin(op, a.clone(), b.clone());
    let mut nodes = Vec::new();
    for fun in [Fun::Sin, Fun::Cos].into_iter().filter(|fun| operators.has(*fun)) {
        for (i, a) in variables.iter().enumerate() {
            for b in &variables[i + 1..] {
                for c in variables.iter().filter(|c| *c != a && *c != b) {
                    let beat = bin(Bin::Mul, &bin(Bin::Sub, a, b), c);
                    for argument in [beat.clone(), bin(Bin::Mul, &Node::Num(0.5), &beat)] {
                        nodes.push(Node::bin(Bin::Pow, Node::fun(fun, argument), Node::Num(2.0)));
                    }
                }
            }
        }
    }
    nodes
}

/// What may stand in an exponential.
fn exponents(variables: &[Node], operators: &OperatorSet) -> Vec<Node> {
    let mut nodes: Vec<Node> = variables.to_vec();
    for (i, a) in variables.iter().enumerate() {
        nodes.push(Node::bin(Bin::Pow, a.clone(), Node::Num(2.0)));
        for (j, b) in variables.iter().enumerate() {
            if j > i {
                nodes.push(Node::bin(Bin::Mul, a.clone(), b.clone()));
            }
            if j != i && operators.has_binary(Bin::Div) {
                nodes.push(Node::bin(Bin::Div, a.clone(), b.clone()));
            }
        }
    }
    nodes
}

/// The logarithm of a node of one sign, with its sign turned where it is negative.
fn logarithm(node: &Node, columns: &[&[f64]]) -> Option<Column> {
    let values = Tape::compile(node).eval(columns);
    let positive = if values.iter().all(|v| *v > 0.0) {
        node.clone()
    } else if values.iter().all(|v| *v < 0.0) {
        match node {
            Node::Bin(Bin::Sub, a, b) => Node::Bin(Bin::Sub, b.clone(), a.clone()),
            _ => node.clone().negated(),
        }
    } else {
        return None;
    };
    column(Node::fun(Fun::Log, positive), columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::transform::Transform;

    #[test]
    fn finds_the_factors_of_a_product() {
        let mut rng = crate::rng::Rng::stream(8, 0, 0);
        let names = ["m".to_owned(), "v".to_owned(), "c".to_owned()];
        let draw =
            |low: f64, rng: &mut crate::rng::Rng| (0..60).map(|_| low + rng.unit()).collect::<Vec<f64>>();
        let columns = [draw(1.0, &mut rng), draw(0.5, &mut rng), draw(3.0, &mut rng)];
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let y = Tape::compile(&parse("3*m^2/sqrt(c^2 - v^2)*v", &names).unwrap()).eval(&views);
        let sample = Sample::new(&views, (&y, None), Transform::Logarithm, 128);
        let (columns, found) = search(&sample, &OperatorSet::default(), &mut || true);
        let last = found.last().unwrap();
        assert!(last.error < 1e-20 && last.columns.len() == 4, "{last:?}");
        assert!(columns.len() > 20);
    }
}
