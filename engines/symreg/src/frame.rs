//! A frame: one way to look at the table. The target divided by a known factor is sought as a formula of features,
//! which are columns or short formulas of them. In a good frame a law of nine variables is one of two.

use std::borrow::Cow;

use crate::expr::{Bin, Node};
use crate::sample::{SAMPLE, Sample};
use crate::table::Table;
use crate::tape::Tape;
use crate::transform::Transform;

const ONE: Node = Node::Num(1.0);

/// A factor taken out and the features that are left.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'a> {
    /// One in a frame that takes nothing out.
    factor: Node,
    features: Vec<Node>,
    columns: Vec<Cow<'a, [f64]>>,
    target: Cow<'a, [f64]>,
    weights: Option<&'a [f64]>,
}

impl<'a> Frame<'a> {
    /// The table as it is, with these of its columns.
    pub(crate) fn plain(table: &'a Table, variables: &[usize]) -> Self {
        Self {
            factor: ONE,
            features: variables.iter().map(|&j| Node::Var(j as u16)).collect(),
            columns: variables.iter().map(|&j| Cow::Borrowed(table.columns()[j].as_slice())).collect(),
            target: Cow::Borrowed(table.target()),
            weights: table.weights(),
        }
    }

    /// The target over a factor as a formula of the features; `None` where a value is not finite.
    pub(crate) fn new(table: &'a Table, factor: Node, features: Vec<Node>) -> Option<Self> {
        let views: Vec<&[f64]> = table.columns().iter().map(Vec::as_slice).collect();
        let eval = |node: &Node| Tape::compile(node).eval(&views);
        let columns: Vec<Vec<f64>> = features.iter().map(eval).collect();
        let mut target = table.target().to_vec();
        for (y, f) in target.iter_mut().zip(eval(&factor)) {
            *y /= f;
        }
        let finite = columns.iter().chain([&target]).all(|column| column.iter().all(|v| v.is_finite()));
        let columns = columns.into_iter().map(Cow::Owned).collect();
        finite.then_some(Self {
            factor,
            features,
            columns,
            target: Cow::Owned(target),
            weights: table.weights(),
        })
    }

    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(AsRef::as_ref).collect()
    }

    pub(crate) fn target(&self) -> &[f64] {
        &self.target
    }

    pub(crate) fn features(&self) -> &[Node] {
        &self.features
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.factor == ONE && self.features.iter().all(|node| matches!(node, Node::Var(_)))
    }

    /// A formula of the table in the features of a plain frame; `None` where it has a column that is not among them.
    pub(crate) fn taken_back(&self, node: &Node) -> Option<Node> {
        Some(match node {
            Node::Num(c) => Node::Num(*c),
            Node::Var(_) => Node::Var(self.features.iter().position(|feature| feature == node)? as u16),
            Node::Neg(a) => self.taken_back(a)?.negated(),
            Node::Fun(fun, a) => Node::fun(*fun, self.taken_back(a)?),
            Node::Bin(op, a, b) => Node::bin(*op, self.taken_back(a)?, self.taken_back(b)?),
        })
    }

    /// Whether another frame says the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.factor == other.factor && self.features == other.features
    }

    /// The rows to fit on.
    pub(crate) fn sample(&self, transform: Transform) -> Sample {
        Sample::new(&self.columns(), (&self.target, self.weights), transform, SAMPLE)
    }

    /// The formula for this frame's target in its features, given one for the transformed target.
    pub(crate) fn undone(&self, transform: Transform, inner: Node) -> Node {
        let negative = self.target.iter().filter(|y| **y < 0.0).count();
        transform.undo(inner, 2 * negative > self.target.len())
    }

    /// The formula for the table's target, given one for the transformed target of this frame.
    pub(crate) fn lifted(&self, transform: Transform, inner: Node) -> Node {
        let own = self.undone(transform, inner).with(&self.features);
        if self.factor == ONE { own } else { Node::bin(Bin::Mul, self.factor.clone(), own) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn what_is_found_in_a_frame_is_a_formula_of_the_table() {
        let names = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let columns = vec![vec![1.0, 2.0, 3.0], vec![2.0, 5.0, 1.0], vec![0.5, 0.25, 4.0]];
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let law = parse("c^2*(3 + (a - b)^2)", &names).unwrap();
        let y = Tape::compile(&law).eval(&views);
        let table = Table::new(names.clone(), columns.clone(), "y".into(), y.clone()).unwrap();
        let factor = parse("c^2", &names).unwrap();
        let frame = Frame::new(&table, factor, vec![parse("a - b", &names).unwrap()]).unwrap();
        let inner = parse("3 + d^2", &["d".to_owned()]).unwrap();
        let values = Tape::compile(&frame.lifted(Transform::Identity, inner)).eval(&views);
        assert!(values.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(!frame.is_plain() && Frame::plain(&table, &[0, 2]).is_plain());
    }
}
