//! The rows looked at through smooth models: which columns a law has only a power of, and which occur only together.

use super::product::{power_product, product};
use super::{Coordinate, View};
use crate::expr::{Bin, Node};
use crate::maths;
use crate::smooth::{Quality, Subject};
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

/// The rows looked at.
pub(super) struct Look {
    pub(super) subject: Subject,
    /// The target as it is.
    pub(super) target: Vec<f64>,
    columns: Vec<(Node, Vec<f64>)>,
}

impl Look {
    pub(super) fn new(table: &Table, variables: &[usize]) -> Self {
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

    pub(super) fn start(&self) -> View {
        let coordinate = |(node, values): &(Node, Vec<f64>)| {
            let logarithmic = values.iter().all(|x| *x > 0.0);
            let values =
                if logarithmic { values.iter().map(|x| maths::log(*x)).collect() } else { values.clone() };
            Coordinate { node: node.clone(), values, logarithmic }
        };
        View { left: self.columns.iter().map(coordinate).collect(), out: vec![] }
    }

    fn quality(&self, view: &View, degree: usize) -> Quality {
        self.subject.fit(&view.coordinates(), degree)
    }

    /// Takes out the columns that the law has only a power of.
    pub(super) fn without_powers(&self, view: View, go_on: &mut dyn FnMut() -> bool) -> View {
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
    pub(super) fn merged(&self, view: View, go_on: &mut dyn FnMut() -> bool) -> View {
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
    pub(super) fn merged_sums(&self, view: View, go_on: &mut dyn FnMut() -> bool) -> View {
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

    /// The powers of what is taken out, each a multiple of one half; `None` where one is not.
    pub(super) fn powers_out(&self, view: &View) -> Option<Vec<f64>> {
        if view.out.is_empty() {
            return Some(vec![]);
        }
        let degree = self.subject.degree(view.left.len());
        let plain = |(power, error): (f64, f64)| {
            let steps = if error > 0.08 { 1.0 } else { 2.0 };
            let rounded = (steps * power).round() / steps;
            ((power - rounded).abs() <= (3.5 * error).max(0.02) && rounded.abs() <= 8.0).then_some(rounded)
        };
        self.subject.slopes(&view.coordinates(), degree).into_iter().map(plain).collect()
    }

    /// The factor of the frame: what was taken out, in its powers; one where nothing was.
    pub(super) fn factor(&self, view: &View) -> Option<Node> {
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
