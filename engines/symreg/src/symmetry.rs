//! What a law depends on, found before its form: columns that only multiply it by a power of them, columns that occur
//! only as a product, a quotient, a sum or a difference (the symmetries of Udrescu, Tegmark 2020), or all in one product.
//! Told by smooth models on all rows at once, so that noise is no obstacle. Each finding is a frame with
//! fewer features to search in.

mod along;
mod look;
mod product;

use crate::expr::{Bin, Node};
use crate::frame::Frame;
use crate::smooth::Coordinates;
use crate::table::Table;
use look::Look;

/// More columns than this are not looked into: the models would be too coarse to tell.
const MAX_COLUMNS: usize = 12;

/// A coordinate of the models: a formula and its logarithm or, where it changes sign, itself.
#[derive(Debug, Clone)]
struct Coordinate {
    node: Node,
    values: Vec<f64>,
    /// The values are logarithms.
    logarithmic: bool,
}

/// What has been found so far: coordinates that are left, and formulas of which a power has been taken out.
#[derive(Debug, Clone)]
struct View {
    left: Vec<Coordinate>,
    out: Vec<Coordinate>,
}

impl View {
    fn coordinates(&self) -> Coordinates {
        let values = |all: &[Coordinate]| all.iter().map(|coordinate| coordinate.values.clone()).collect();
        Coordinates { curved: values(&self.left), linear: values(&self.out) }
    }

    /// The same with the reciprocals of what is left: a curve may be short in one and long in the other.
    fn inverted(&self) -> Self {
        let inverted = |coordinate: &Coordinate| Coordinate {
            node: Node::bin(Bin::Pow, coordinate.node.clone(), Node::Num(-1.0)),
            values: coordinate.values.iter().map(|v| -v).collect(),
            ..coordinate.clone()
        };
        Self { left: self.left.iter().map(inverted).collect(), out: self.out.clone() }
    }
}

/// The frames worth searching in, the simplest first; `go_on` is asked between the models.
pub(crate) fn frames<'a>(
    table: &'a Table,
    variables: &[usize],
    go_on: &mut dyn FnMut() -> bool,
) -> Vec<Frame<'a>> {
    if variables.len() < 2 || variables.len() > MAX_COLUMNS || table.rows() < 24 {
        return vec![];
    }
    let look = Look::new(table, variables);
    let mut found: Vec<Frame<'a>> = Vec::new();
    let mut take = |view: &View| {
        let frame = look.factor(view).and_then(|factor| {
            let features = view.left.iter().map(|coordinate| coordinate.node.clone()).collect();
            Frame::new(table, factor, features)
        });
        if let Some(frame) = frame
            && !frame.features().is_empty()
            && !frame.is_plain()
            && !found.iter().any(|known| known.equals(&frame))
        {
            found.push(frame);
        }
    };
    let whole = look.start();
    if let Some(view) = look.one_product(&whole, go_on) {
        take(&view);
        take(&view.inverted());
    }
    let reduced = look.without_powers(whole, go_on);
    let merged = look.merged(reduced.clone(), go_on);
    let shifted = look.merged_sums(merged.clone(), go_on);
    let again = look.merged(look.without_powers(shifted.clone(), go_on), go_on);
    if let Some(view) = look.collapsed(&reduced, go_on) {
        take(&view);
        take(&view.inverted());
    }
    for view in [&again, &shifted, &merged, &reduced] {
        take(view);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{Language, print};
    use crate::parse::parse;
    use crate::tape::Tape;

    /// The features of all frames found for a law, as text.
    fn features(law: &str, noise: f64) -> Vec<String> {
        let names: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).into();
        let mut rng = crate::rng::Rng::stream(11, 0, 0);
        let columns: Vec<Vec<f64>> =
            (0..5).map(|_| (0..400).map(|_| 1.0 + 2.0 * rng.unit()).collect()).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut y = Tape::compile(&parse(law, &names).unwrap()).eval(&views);
        for y in &mut y {
            *y *= 1.0 + noise * rng.normal();
        }
        let table = Table::new(names.clone(), columns, "y".into(), y).unwrap();
        let text = |node: &Node| print(node, &names, Language::Text);
        frames(&table, &[0, 1, 2, 3, 4], &mut || true)
            .iter()
            .map(|frame| {
                let factor = frame.lifted(crate::transform::Transform::Identity, Node::Num(1.0));
                let features: Vec<String> = frame.features().iter().map(text).collect();
                format!("{} | {}", text(&factor), features.join(", "))
            })
            .collect()
    }

    #[test]
    fn finds_what_a_law_depends_on() {
        let found = features("a*b^2/sqrt(c)*(1 + cos(d - e))", 0.0);
        assert!(found.iter().any(|frame| frame.ends_with("| d - e")), "{found:?}");
        let found = features("a^3/(exp(a*b/(c*d)) - 1)/e^2", 0.0);
        assert!(found.iter().any(|frame| frame.ends_with("| a*b*c^(-1)*d^(-1)")), "{found:?}");
        let found = features("e/(exp(a*b/(c*d)) + exp(-a*b/(c*d)))", 0.0);
        assert!(found.iter().any(|frame| frame == "e*1 | a*b*c^(-1)*d^(-1)"), "{found:?}");
        let found = features("e*sqrt(1 - 0.05*a^2/b^2)/(c + d)", 0.0);
        assert!(found.iter().any(|frame| frame.contains("a*b^(-1)")), "{found:?}");
    }

    #[test]
    fn noise_is_no_obstacle() {
        let found = features("a*b^2/c*(1 + (d - e)^2)", 0.01);
        assert!(found.iter().any(|frame| frame.ends_with("| d - e")), "{found:?}");
    }
}
