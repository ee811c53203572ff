//! Laws along one product of powers: in all columns, or in what is left when powers have been taken out.

use super::look::Look;
use super::product::{combined, product};
use super::{Coordinate, View};
use crate::maths;
use crate::smooth::{Coordinates, to_unit};

/// Products of powers tried for the one a law may be a function of.
const MAX_PRODUCTS: usize = 4000;

impl Look {
    /// The view in which the law is a product of powers times a function of one product of powers.
    pub(super) fn one_product(&self, view: &View, go_on: &mut dyn FnMut() -> bool) -> Option<View> {
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
    pub(super) fn collapsed(&self, view: &View, go_on: &mut dyn FnMut() -> bool) -> Option<View> {
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
