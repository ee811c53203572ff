//! What a law depends on, found before its form: columns that only multiply it by a power of them, columns that occur
//! only as a product, a quotient, a sum or a difference (the symmetries of Udrescu, Tegmark 2020), or all in one product.
//! Told by smooth models on all rows at once, so that noise is no obstacle. Each finding is a frame with
//! fewer features to search in.

use crate::expr::{Bin, Node};
use crate::frame::Frame;
use crate::maths;
use crate::smooth::{Coordinates, Quality, Subject, to_unit};
use crate::table::Table;

/// A simpler model of the same degree with an F statistic below this is taken for the truth.
const SIGNIFICANCE: f64 = 2.5;
/// A fuller model follows a curve a little better at the same degree even where nothing is lost; then the simpler one
/// is judged at the higher degree its fewer coordinates can have, unless it leaves more than this many times the
/// variance at the same.
const LOSS_AT_SAME_DEGREE: f64 = 6.0;
/// What is lost already at this degree, with an F statistic beyond all doubt, need not be looked at closer.
const COARSE: usize = 2;
const HOPELESS: f64 = 50.0;
/// From this degree on a fuller model counts as one that follows curves.
const GOOD_DEGREE: usize = 4;
/// Rows looked at.
const ROWS: usize = 500;
/// More columns than this are not looked into: the models would be too coarse to tell.
const MAX_COLUMNS: usize = 12;
/// Products of powers tried for the one a law may be a function of.
const MAX_PRODUCTS: usize = 4000;

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

/// The rows looked at.
struct Look {
    subject: Subject,
    /// The target as it is.
    target: Vec<f64>,
    columns: Vec<(Node, Vec<f64>)>,
}

impl Look {
    fn new(table: &Table, variables: &[usize]) -> Self {
        let stride = table.rows().div_ceil(ROWS);
        let thin = |column: &[f64]| column.iter().copied().step_by(stride).collect::<Vec<f64>>();
        let target = thin(table.target());
        let mut sizes: Vec<f64> = target.iter().map(|y| y.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let median = sizes[sizes.len() / 2].max(f64::MIN_POSITIVE);
        // Near its zeros the logarithm of a law says little about it.
        let weights: Vec<f64> = target.iter().map(|y| y.abs() / (y.abs() + median)).collect();
        let logarithms = target.iter().map(|y| maths::log(y.abs().max(1e-12 * median))).collect();
        let column = |&j: &usize| (Node::Var(j as u16), thin(&table.columns()[j]));
        Self {
            subject: Subject::new(logarithms, &weights),
            target,
            columns: variables.iter().map(column).collect(),
        }
    }

    fn start(&self) -> View {
        let coordinate = |(node, values): &(Node, Vec<f64>)| {
            let logarithmic = values.iter().all(|x| *x > 0.0);
            let values =
                if logarithmic { values.iter().map(|x| maths::log(*x)).collect() } else { values.clone() };
            Coordinate { node: node.clone(), values, logarithmic }
        };
        View { left: self.columns.iter().map(coordinate).collect(), out: vec![] }
    }

    fn quality(&self, view: &View, degree: usize) -> Quality {
        self.subject.fit(&coordinates(view), degree)
    }

    /// Takes out the columns that the law has only a power of.
    fn without_powers(&self, view: View, go_on: &mut dyn FnMut() -> bool) -> View {
        self.simplified(view, go_on, &|view| {
            let logarithmic = |&i: &usize| view.left[i].logarithmic;
            let without = |i: usize| {
                let mut view = view.clone();
                let coordinate = view.left.remove(i);
                view.out.push(coordinate);
                view
            };
            (0..view.left.len()).filter(logarithmic).map(without).collect()
        })
    }

    /// Joins columns that occur only in one product of powers, up to a power taken out.
    fn merged(&self, view: View, go_on: &mut dyn FnMut() -> bool) -> View {
        const POWERS: [(f64, f64); 6] =
            [(1.0, -1.0), (1.0, 1.0), (2.0, -1.0), (1.0, -2.0), (2.0, 1.0), (1.0, 2.0)];
        self.simplified(view, go_on, &|view| {
            let mut all = Vec::new();
            for (i, a) in view.left.iter().enumerate() {
                for (j, b) in view.left.iter().enumerate().skip(i + 1) {
                    if !a.logarithmic || !b.logarithmic {
                        continue;
                    }
                    for (p, q) in POWERS {
                        let mut next = view.clone();
                        next.left.remove(j);
                        next.left[i] = product(&[a.clone(), b.clone()], &[p, q]);
                        next.out.push(b.clone());
                        all.push(next);
                    }
                }
            }
            all
        })
    }

    /// Joins columns that occur only as a sum or a difference.
    fn merged_sums(&self, view: View, go_on: &mut dyn FnMut() -> bool) -> View {
        let values = |node: &Node| self.columns.iter().find(|(own, _)| own == node).map(|(_, values)| values);
        let plain = |coordinate: &Coordinate| match values(&coordinate.node) {
            Some(values) => Coordinate { values: values.clone(), logarithmic: false, ..coordinate.clone() },
            None => coordinate.clone(),
        };
        let view = View { left: view.left.iter().map(plain).collect(), ..view };
        let mut summed = self.simplified(view, go_on, &|view| {
            let mut all = Vec::new();
            for (i, a) in view.left.iter().enumerate() {
                for (j, b) in view.left.iter().enumerate().skip(i + 1) {
                    if a.logarithmic || b.logarithmic {
                        continue;
                    }
                    for (op, sign) in [(Bin::Sub, -1.0), (Bin::Add, 1.0)] {
                        let mut next = view.clone();
                        next.left.remove(j);
                        let values = a.values.iter().zip(&b.values).map(|(a, b)| a + sign * b).collect();
                        let node = Node::bin(op, a.node.clone(), b.node.clone());
                        next.left[i] = Coordinate { node, values, logarithmic: false };
                        all.push(next);
                    }
                }
            }
            all
        });
        for coordinate in &mut summed.left {
            // An even function of a difference is one of its logarithm too.
            let known =
                matches!(coordinate.node, Node::Var(_)) && coordinate.values.iter().any(|v| *v <= 0.0);
            if !coordinate.logarithmic && !known && coordinate.values.iter().all(|v| *v != 0.0) {
                coordinate.values = coordinate.values.iter().map(|v| maths::log(v.abs())).collect();
                coordinate.logarithmic = true;
            }
        }
        summed
    }

    /// Takes the best of the simpler views as long as one loses nothing.
    fn simplified(
        &self,
        mut view: View,
        go_on: &mut dyn FnMut() -> bool,
        simpler: &dyn Fn(&View) -> Vec<View>,
    ) -> View {
        while view.left.len() > 1 && go_on() {
            let degree = self.subject.degree(view.left.len());
            let full = self.quality(&view, degree);
            let coarse = (degree > COARSE).then(|| self.quality(&view, COARSE));
            let mut best: Option<(f64, View)> = None;
            for next in simpler(&view) {
                let is_lost = |coarse: Quality| {
                    self.subject.significance(self.quality(&next, COARSE), coarse) > HOPELESS
                };
                if coarse.is_some_and(is_lost) {
                    continue;
                }
                let simple = self.quality(&next, degree);
                let loss = self.subject.loss(simple, full);
                let at_own_degree = || {
                    let own = self.subject.degree(next.left.len());
                    self.subject.loss(self.quality(&next, own), full) < 1.0
                };
                let close = loss < LOSS_AT_SAME_DEGREE && degree >= GOOD_DEGREE;
                if (self.subject.significance(simple, full) < SIGNIFICANCE || close && at_own_degree())
                    && best.as_ref().is_none_or(|(least, _)| loss < *least)
                {
                    best = Some((loss, next));
                }
                if !go_on() {
                    return view;
                }
            }
            match best {
                Some((_, next)) => view = next,
                None => break,
            }
        }
        view
    }

    /// The view in which the law is a product of powers times a function of one product of powers.
    fn one_product(&self, view: &View, go_on: &mut dyn FnMut() -> bool) -> Option<View> {
        let logs: Vec<&Coordinate> = view.left.iter().filter(|coordinate| coordinate.logarithmic).collect();
        if logs.len() < 2 || logs.len() < view.left.len() {
            return None;
        }
        let linear = Coordinates { curved: vec![], linear: logs.iter().map(|c| c.values.clone()).collect() };
        let lines = self.subject.fit(&linear, 1).rest;
        let mut best: Option<(f64, Vec<f64>)> = None;
        for powers in exponents(logs.len()) {
            if !go_on() {
                return None;
            }
            let view = Coordinates { curved: vec![combined(&logs, &powers)], ..linear.clone() };
            // What bends along a wrong product bends little.
            if self.subject.fit(&view, 4).rest > 0.5 * lines {
                continue;
            }
            let rest = self.subject.fit(&view, 10).rest;
            if rest < 0.05 * lines && best.as_ref().is_none_or(|(least, _)| rest < *least) {
                best = Some((rest, powers));
            }
        }
        let (_, powers) = best?;
        let owned: Vec<Coordinate> = logs.into_iter().cloned().collect();
        // The function takes up a power of the product: one column need not be taken out.
        let absorbed = powers.iter().position(|p| p.abs() == 1.0)?;
        let left = vec![product(&owned, &powers)];
        let out = owned.into_iter().enumerate().filter(|(j, _)| *j != absorbed).map(|(_, c)| c).collect();
        Some(View { left, out })
    }

    /// The view in which what is left is a function of one product of powers, told by the target being smooth along
    /// it: this finds waves too, which no polynomial follows.
    fn collapsed(&self, view: &View, go_on: &mut dyn FnMut() -> bool) -> Option<View> {
        let logs: Vec<&Coordinate> = view.left.iter().filter(|coordinate| coordinate.logarithmic).collect();
        if logs.len() < 2 || logs.len() < view.left.len() {
            return None;
        }
        let powers_out = self.powers_out(view)?;
        let mut target = self.target.clone();
        for (coordinate, power) in view.out.iter().zip(&powers_out) {
            for (y, log) in target.iter_mut().zip(&coordinate.values) {
                *y /= maths::exp(power * log);
            }
        }
        let target = to_unit(&target);
        let mean = target.iter().sum::<f64>() / target.len() as f64;
        let total: f64 = target.iter().map(|y| (y - mean) * (y - mean)).sum();
        let mut best: Option<(f64, Vec<f64>)> = None;
        for powers in exponents(logs.len()) {
            if !go_on() {
                return None;
            }
            let along = combined(&logs, &powers);
            let roughness = |stride: usize| {
                let mut order: Vec<usize> = (0..along.len()).step_by(stride).collect();
                order.sort_by(|&a, &b| along[a].total_cmp(&along[b]).then(a.cmp(&b)));
                let steps: f64 = order.windows(2).map(|w| target[w[1]] - target[w[0]]).map(|d| d * d).sum();
                steps * stride as f64 / (2.0 * total).max(f64::MIN_POSITIVE)
            };
            // Waves are as rough as noise on few rows, all else can be told on some of them.
            if roughness(3) > 0.9 {
                continue;
            }
            let ratio = roughness(1);
            if ratio < 0.3 && best.as_ref().is_none_or(|(least, _)| ratio < *least) {
                best = Some((ratio, powers));
            }
        }
        let (_, powers) = best?;
        let owned: Vec<Coordinate> = logs.into_iter().cloned().collect();
        Some(View { left: vec![product(&owned, &powers)], out: view.out.clone() })
    }

    /// The powers of what is taken out, each a multiple of one half; `None` where one is not.
    fn powers_out(&self, view: &View) -> Option<Vec<f64>> {
        if view.out.is_empty() {
            return Some(vec![]);
        }
        let degree = self.subject.degree(view.left.len());
        let plain = |(power, error): (f64, f64)| {
            let steps = if error > 0.08 { 1.0 } else { 2.0 };
            let rounded = (steps * power).round() / steps;
            ((power - rounded).abs() <= (3.5 * error).max(0.02) && rounded.abs() <= 8.0).then_some(rounded)
        };
        self.subject.slopes(&coordinates(view), degree).into_iter().map(plain).collect()
    }

    /// The factor of the frame: what was taken out, in its powers; one where nothing was.
    fn factor(&self, view: &View) -> Option<Node> {
        let powers = self.powers_out(view)?;
        let mut joined: Vec<(Node, f64)> = Vec::new();
        for (coordinate, power) in view.out.iter().zip(powers) {
            match joined.iter_mut().find(|(node, _)| *node == coordinate.node) {
                Some((_, known)) => *known += power,
                None => joined.push((coordinate.node.clone(), power)),
            }
        }
        joined.retain(|(_, power)| *power != 0.0);
        Some(power_product(&joined))
    }
}

fn coordinates(view: &View) -> Coordinates {
    let values = |all: &[Coordinate]| all.iter().map(|coordinate| coordinate.values.clone()).collect();
    Coordinates { curved: values(&view.left), linear: values(&view.out) }
}

/// Small whole exponents, each direction once, the plainest first.
fn exponents(count: usize) -> Vec<Vec<f64>> {
    let reach = if count <= 5 { 2 } else { 1 };
    let mut all: Vec<Vec<f64>> = vec![vec![]];
    for _ in 0..count {
        let longer = |known: &Vec<f64>| {
            (-reach..=reach)
                .map(|e| known.iter().copied().chain([f64::from(e)]).collect())
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
        if all.len() > 40 * MAX_PRODUCTS {
            return vec![];
        }
    }
    let first = |powers: &[f64]| powers.iter().copied().find(|p| *p != 0.0).unwrap_or(0.0);
    let odd = |powers: &[f64]| powers.iter().any(|p| p.abs() == 1.0);
    let used = |powers: &[f64]| powers.iter().filter(|p| **p != 0.0).count();
    all.retain(|powers| first(powers) > 0.0 && odd(powers) && used(powers) > 1);
    all.sort_by_key(|powers| powers.iter().map(|p| p.abs() as i32).sum::<i32>());
    all.truncate(MAX_PRODUCTS);
    all
}

fn combined(coordinates: &[&Coordinate], powers: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; coordinates[0].values.len()];
    for (coordinate, power) in coordinates.iter().zip(powers) {
        crate::kernel::zip_into(&mut sum, &coordinate.values, |s, z| s + power * z);
    }
    sum
}

fn product(coordinates: &[Coordinate], powers: &[f64]) -> Coordinate {
    let views: Vec<&Coordinate> = coordinates.iter().collect();
    let factors: Vec<(Node, f64)> = coordinates
        .iter()
        .zip(powers)
        .filter(|(_, p)| **p != 0.0)
        .map(|(c, p)| (c.node.clone(), *p))
        .collect();
    Coordinate { node: power_product(&factors), values: combined(&views, powers), logarithmic: true }
}

fn power_product(factors: &[(Node, f64)]) -> Node {
    let raised = |(node, power): &(Node, f64)| {
        if *power == 1.0 { node.clone() } else { Node::bin(Bin::Pow, node.clone(), Node::Num(*power)) }
    };
    let joined = factors.iter().map(raised).reduce(|a, b| Node::bin(Bin::Mul, a, b));
    joined.unwrap_or(Node::Num(1.0))
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
