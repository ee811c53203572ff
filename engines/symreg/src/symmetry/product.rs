//! Products of powers of coordinates.

use super::Coordinate;
use crate::expr::{Bin, Node};
use crate::kernel;

/// The sum of logarithms, each times its power.
pub(super) fn combined(coordinates: &[&Coordinate], powers: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; coordinates[0].values.len()];
    for (coordinate, power) in coordinates.iter().zip(powers) {
        kernel::zip_into(&mut sum, &coordinate.values, |s, z| s + power * z);
    }
    sum
}

/// The product as one coordinate.
pub(super) fn product(coordinates: &[Coordinate], powers: &[f64]) -> Coordinate {
    let views: Vec<&Coordinate> = coordinates.iter().collect();
    let factors: Vec<(Node, f64)> = coordinates
        .iter()
        .zip(powers)
        .filter(|(_, p)| **p != 0.0)
        .map(|(c, p)| (c.node.clone(), *p))
        .collect();
    Coordinate { node: power_product(&factors), values: combined(&views, powers), logarithmic: true }
}

/// The product as a formula; one where there are no factors.
pub(super) fn power_product(factors: &[(Node, f64)]) -> Node {
    let raised = |(node, power): &(Node, f64)| {
        if *power == 1.0 { node.clone() } else { Node::bin(Bin::Pow, node.clone(), Node::Num(*power)) }
    };
    let joined = factors.iter().map(raised).reduce(|a, b| Node::bin(Bin::Mul, a, b));
    joined.unwrap_or(Node::Num(1.0))
}
