//! The nearest place to each side of a range where a formula of one variable runs off to infinity or ceases to have a
//! value. Interval arithmetic says where neither can be; what is left is halved until it is a point.

use crate::expr::Node;
use crate::interval::{Interval, bounds};
use crate::number;
use crate::tape::Tape;

/// How far is looked, in widths of the range, and steps on the way, each longer than the last.
const REACH: f64 = 100.0;
const STEPS: i32 = 24;
/// Boxes looked at on one side.
const BOXES: usize = 20_000;
/// A box this narrow, relative to where it is or to the range, is a point.
const POINT: f64 = 1e-13;
/// Wider than this, by the range, a stretch without values is one.
const STRETCH: f64 = 1e-6;

/// A place where a formula breaks down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Edge {
    /// It runs off to infinity.
    Pole(f64),
    /// It has no value between these; infinite where there was no end within reach.
    Hole(f64, f64),
}

/// What was found on one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Found {
    Edge(Edge),
    /// None within reach, for certain.
    Nothing,
    /// The boxes ran out.
    Undecided,
}

/// The nearest edge above the range, or below it; `node` has the first variable only.
pub(crate) fn nearest(node: &Node, range: Interval, above: bool) -> Found {
    if above {
        return Side::new(node, range).nearest();
    }
    // The same formula read from right to left.
    let turned = node.with(&[Node::Var(0).negated()]);
    let mirrored = Interval::new(-range.high, -range.low);
    match Side::new(&turned, mirrored).nearest() {
        Found::Edge(Edge::Pole(at)) => Found::Edge(Edge::Pole(0.0 - at)),
        Found::Edge(Edge::Hole(from, to)) => Found::Edge(Edge::Hole(0.0 - to, 0.0 - from)),
        other => other,
    }
}

/// What is above a range.
struct Side<'a> {
    node: &'a Node,
    tape: Tape,
    from: f64,
    /// The width of the range.
    width: f64,
    boxes: usize,
}

/// What is known of a box.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sound,
    /// No point that was looked at has a value.
    Empty,
    Point,
}

impl<'a> Side<'a> {
    fn new(node: &'a Node, range: Interval) -> Self {
        let width = range.high - range.low;
        let width = if width > 0.0 { width } else { range.high.abs().max(1.0) };
        Self { node, tape: Tape::compile(node), from: range.high, width, boxes: 0 }
    }

    fn nearest(&mut self) -> Found {
        // Each step twice as long as the last but the first few: fine near the range, coarse far from it.
        let end = |i: i32| self.from + self.width * REACH * 2.0_f64.powi(i - STEPS);
        let ends: Vec<f64> = [self.from].into_iter().chain((1..=STEPS).map(end)).collect();
        let mut open: Vec<(f64, f64)> = ends.windows(2).rev().map(|pair| (pair[0], pair[1])).collect();
        // The bad stretch that is being followed.
        let mut bad: Option<(f64, f64)> = None;
        while let Some((low, high)) = open.pop() {
            self.boxes += 1;
            if self.boxes > BOXES {
                return Found::Undecided;
            }
            match self.kind(low, high) {
                Some(Kind::Sound) => {
                    if let Some(edge) = bad.take().and_then(|stretch| self.edge(stretch)) {
                        return Found::Edge(edge);
                    }
                }
                Some(Kind::Empty | Kind::Point) => bad = Some((bad.map_or(low, |(from, _)| from), high)),
                None => {
                    let middle = 0.5 * (low + high);
                    open.push((middle, high));
                    open.push((low, middle));
                }
            }
        }
        let endless = bad.map(|(from, _)| (from, f64::INFINITY));
        endless.and_then(|stretch| self.edge(stretch)).map_or(Found::Nothing, Found::Edge)
    }

    /// What a box is; `None` where it has to be halved.
    fn kind(&self, low: f64, high: f64) -> Option<Kind> {
        if !bounds(self.node, &[Interval::new(low, high)], 0).undefined {
            return Some(Kind::Sound);
        }
        let length = high - low;
        if length <= POINT * low.abs().max(high.abs()).max(self.width) {
            return Some(Kind::Point);
        }
        let points: Vec<f64> = (0..=8).map(|i| low + length * f64::from(i) / 8.0).collect();
        self.values(&points).iter().all(|v| v.is_nan()).then_some(Kind::Empty)
    }

    /// What a stretch that is not sound is; `None` where the formula passes through it.
    fn edge(&self, (from, to): (f64, f64)) -> Option<Edge> {
        let room = 4.0 * POINT * from.abs().max(self.width);
        if to - from > STRETCH * self.width {
            return Some(Edge::Hole(
                plain_within(from, room),
                if to.is_finite() { plain_within(to, room) } else { to },
            ));
        }
        let at = plain_within(0.5 * (from + to), (to - from) + room);
        let away = |distance: f64| {
            let d = distance * self.width;
            let values = self.values(&[at - d, at + d]);
            values.into_iter().filter(|v| !v.is_nan()).fold(0.0, |a: f64, v| a.max(v.abs()))
        };
        // It grows by as much or more with every step towards a pole, even towards one of a logarithm.
        let [far, near, nearer] = [1e-3, 1e-6, 1e-9].map(away);
        let grows = near > far && nearer - near >= 0.9 * (near - far);
        grows.then_some(Edge::Pole(at))
    }

    fn values(&self, points: &[f64]) -> Vec<f64> {
        self.tape.eval(&[points])
    }
}

/// The plainest number within reach, the number itself where there is none.
fn plain_within(c: f64, reach: f64) -> f64 {
    number::plain_near(c, reach).first().copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn found(text: &str, above: bool) -> Found {
        let node = parse(text, &["x".to_owned()]).unwrap();
        nearest(&node, Interval::new(1.0, 2.0), above)
    }

    #[test]
    fn the_nearest_pole_to_each_side_is_found() {
        let pole = |text: &str, above: bool| match found(text, above) {
            Found::Edge(Edge::Pole(at)) => at,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(pole("1/(x - 2.3)", true), 2.3);
        assert_eq!(pole("3/((x - 2.5)*(x - 7))", true), 2.5);
        // A pole of even order, where nothing changes its sign.
        assert_eq!(pole("1/(x - 12)^2 + x", true), 12.0);
        assert_eq!(pole("5/x^2 - x", false), 0.0);
        assert!((pole("tan(x)", true) - 1.5 * std::f64::consts::PI).abs() < 1e-9);
        assert!((pole("1/(x^2 - 7.123)", true) - 7.123_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn where_values_end_is_found() {
        assert_eq!(found("sqrt(x - 0.3)", false), Found::Edge(Edge::Hole(f64::NEG_INFINITY, 0.3)));
        assert_eq!(found("log(5 - x) + x", true), Found::Edge(Edge::Hole(5.0, f64::INFINITY)));
        assert_eq!(found("sqrt((x - 3)*(x - 4))", true), Found::Edge(Edge::Hole(3.0, 4.0)));
    }

    #[test]
    fn what_is_sound_is_proven_to_be() {
        for text in
            ["x^3 - 2*x", "1/(1 + x^2)", "exp(-x)*sin(3*x)", "sqrt(x^2)", "x/(x^2 - x + 1)", "abs(x - 5)"]
        {
            assert_eq!((found(text, true), found(text, false)), (Found::Nothing, Found::Nothing), "{text}");
        }
    }
}
