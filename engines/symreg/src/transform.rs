//! Transforms of the target: many laws are a short sum for the square, the reciprocal or the logarithm of what was
//! measured.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::expr::{Bin, Fun, Node};
use crate::maths;
use crate::options::OperatorSet;

/// Of so many values one may have another sign than the rest.
const NEARLY: usize = 12;

/// What is fitted instead of the target itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    Identity,
    Square,
    Reciprocal,
    Logarithm,
    ReciprocalSquare,
    Root,
    Exponential,
    Sine,
    Cosine,
}

impl Transform {
    /// All transforms, the usual ones first.
    pub(crate) const ALL: [Self; 9] = [
        Self::Identity,
        Self::Square,
        Self::Reciprocal,
        Self::Logarithm,
        Self::ReciprocalSquare,
        Self::Root,
        Self::Exponential,
        Self::Sine,
        Self::Cosine,
    ];

    pub(crate) fn apply(self, y: f64) -> f64 {
        match self {
            Self::Identity => y,
            Self::Square => y * y.abs(),
            Self::Reciprocal => 1.0 / y,
            Self::Logarithm => maths::log(y.abs()),
            Self::ReciprocalSquare => 1.0 / (y * y),
            Self::Root => y.abs().sqrt().copysign(y),
            Self::Exponential => maths::exp(y),
            Self::Sine => libm::sin(y),
            Self::Cosine => libm::cos(y),
        }
    }

    /// How much the error of a transformed target counts, so that it is the target's own error to first order: the
    /// square of dy/dz. Logarithms stay as they are, for errors that grow with the target; so do roots, squares and
    /// angles, which distort little.
    pub(crate) fn weight(self, y: f64, scale: f64) -> f64 {
        match self {
            Self::Identity | Self::Square | Self::Root | Self::Logarithm | Self::Sine | Self::Cosine => 1.0,
            Self::Reciprocal => maths::powi(y / scale, 4),
            Self::ReciprocalSquare => maths::powi(y / scale, 6),
            Self::Exponential => maths::exp(-2.0 * y),
        }
    }

    /// Whether the target can be recovered from its transform, up to one sign for all rows, with the operators given.
    pub(crate) fn suits(self, target: &[f64], operators: &OperatorSet) -> bool {
        let one_sign = target.iter().all(|y| *y > 0.0) || target.iter().all(|y| *y < 0.0);
        // Noise may turn the sign of a few small values.
        let negative = target.iter().filter(|y| **y < 0.0).count();
        let nearly = negative.min(target.len() - negative) * NEARLY <= target.len();
        let within = |low: f64, high: f64| target.iter().all(|y| (low..=high).contains(y));
        match self {
            Self::Identity => true,
            Self::Square => nearly && operators.has(Fun::Sqrt),
            Self::Logarithm => one_sign && operators.has(Fun::Exp),
            Self::ReciprocalSquare => one_sign && operators.has(Fun::Sqrt) && operators.has_binary(Bin::Div),
            Self::Root => nearly,
            Self::Reciprocal => target.iter().all(|y| *y != 0.0) && operators.has_binary(Bin::Div),
            Self::Exponential => within(-30.0, 30.0) && operators.has(Fun::Log),
            Self::Sine => within(-FRAC_PI_2, FRAC_PI_2) && operators.has(Fun::Asin),
            Self::Cosine => within(0.0, PI) && operators.has(Fun::Acos),
        }
    }

    /// The formula for the target, given the one for its transform; `negative` when the target is below zero.
    pub(crate) fn undo(self, inner: Node, negative: bool) -> Node {
        let one_over = |node| Node::bin(Bin::Div, Node::Num(1.0), node);
        let positive = match self {
            Self::Identity => return inner,
            Self::Reciprocal => return one_over(inner),
            Self::Exponential => return Node::fun(Fun::Log, inner),
            Self::Sine => return Node::fun(Fun::Asin, inner),
            Self::Cosine => return Node::fun(Fun::Acos, inner),
            Self::Square if negative => Node::fun(Fun::Sqrt, inner.negated()),
            Self::Square => Node::fun(Fun::Sqrt, inner),
            Self::Logarithm => Node::fun(Fun::Exp, inner),
            Self::ReciprocalSquare => one_over(Node::fun(Fun::Sqrt, inner)),
            Self::Root => Node::bin(Bin::Pow, inner, Node::Num(2.0)),
        };
        if negative { positive.negated() } else { positive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Tape;

    #[test]
    fn every_transform_is_undone() {
        let operators = OperatorSet::from_names(&OperatorSet::known_names()).unwrap();
        for transform in Transform::ALL {
            for target in [[0.3, 0.9, 1.4], [-1.2, -0.5, -0.1]] {
                if !transform.suits(&target, &operators) {
                    continue;
                }
                let undo = Tape::compile(&transform.undo(Node::Var(0), target[0] < 0.0));
                let column: Vec<f64> = target.iter().map(|y| transform.apply(*y)).collect();
                let back = undo.eval(&[&column]);
                assert!(back.iter().zip(target).all(|(a, b)| (a - b).abs() < 1e-14), "{transform:?}");
            }
        }
    }
}
