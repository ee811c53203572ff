//! Where a formula breaks down inside the box that the inputs span: poles between the rows, roots and logarithms of
//! what is negative. Interval arithmetic says where all is well; otherwise points between the rows say what is not.

use crate::expr::{Bin, Node};
use crate::interval::{Interval, proven};
use crate::table::Table;
use crate::tape::Tape;

/// Points looked at.
const POINTS: usize = 1024;

/// What is wrong with a formula between the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// What it divides by changes its sign.
    Pole,
    /// It has no value somewhere.
    Undefined,
}

/// The trouble that was found; `None` where there is none or none could be found.
pub(crate) fn trouble(node: &Node, table: &Table) -> Option<Trouble> {
    let region: Vec<Interval> = table.columns().iter().map(|column| Interval::of(column)).collect();
    if proven(node, &region, 0, &|bounds| !bounds.undefined) {
        return None;
    }
    let columns = points(&region);
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let turns = |divisor: &Node| {
        let values = Tape::compile(divisor).eval(&views);
        values.iter().any(|v| *v > 0.0) && values.iter().any(|v| *v < 0.0)
    };
    if divisors(node).into_iter().any(turns) {
        return Some(Trouble::Pole);
    }
    let broken = Tape::compile(node).eval(&views).iter().any(|v| !v.is_finite());
    broken.then_some(Trouble::Undefined)
}

/// Everything the formula divides by.
fn divisors(node: &Node) -> Vec<&Node> {
    let own = match node {
        Node::Bin(Bin::Div, _, b) => Some(&**b),
        Node::Bin(Bin::Pow, a, b) if matches!(**b, Node::Num(c) if c < 0.0) => Some(&**a),
        _ => None,
    };
    own.into_iter().chain(node.children().into_iter().flat_map(divisors)).collect()
}

/// Points spread evenly over the box by a Kronecker sequence with square roots of primes.
fn points(region: &[Interval]) -> Vec<Vec<f64>> {
    let prime = |n: &usize| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let primes = (2..).filter(prime);
    region
        .iter()
        .zip(primes)
        .map(|(side, prime)| {
            let step = (prime as f64).sqrt();
            (0..POINTS).map(|i| side.low + (step * i as f64).fract() * (side.high - side.low)).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn poles_and_holes_between_the_rows_are_found() {
        let names = vec!["x".to_owned(), "y".to_owned()];
        let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 3.0, 4.0]];
        let table = Table::new(names.clone(), columns, "z".into(), vec![1.0; 3]).unwrap();
        let found = |text: &str| trouble(&parse(text, &names).unwrap(), &table);
        assert_eq!(found("1/(x - 1.5)"), Some(Trouble::Pole));
        assert_eq!(found("(x - y)^(-1)"), Some(Trouble::Pole));
        assert_eq!(found("sqrt(x - 0.3) + y"), Some(Trouble::Undefined));
        assert_eq!(found("1/(x^2 - x + 1)"), None);
        assert_eq!(found("log(y)/(1 + x)"), None);
    }
}
