//! Theil-Sen: the median slope between pairs of rows, with Sen's interval from Kendall's rank distribution.

use super::Estimate;
use super::reweighted::MAD_OF_NORMAL;
use crate::error::Error;
use crate::inference::Reference;
use crate::options::{Basis, Options};
use crate::order::median;
use crate::table::Table;
use crate::term::Term;

/// Up to so many rows all pairs are taken (2 million slopes); beyond, each row meets this many others.
const ALL_PAIRS: usize = 2000;

pub(super) fn estimate(table: &Table, options: &Options) -> Result<Estimate, Error> {
    options.check()?;
    let positions = options.positions(table.names())?;
    let &[position] = positions.as_slice() else {
        return Err(refused("inputs", positions.len()));
    };
    if !options.intercept || options.basis != Basis::Linear {
        return Err(refused("terms", options.terms(1).len()));
    }
    let (x, y) = (&table.columns()[position], table.target());
    let mut slopes = slopes(x, y);
    if slopes.is_empty() {
        return Err(Error::TooFewRows { rows: 1, coefficients: 2 });
    }
    let slope = median(&mut slopes);
    let (low, high) = interval(&mut slopes, x, y, options.confidence);
    let intercept = median(&mut x.iter().zip(y).map(|(x, y)| y - slope * x).collect::<Vec<f64>>());
    let residuals: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - intercept - slope * x).collect();
    let scale =
        median(&mut residuals.iter().map(|residual| residual.abs()).collect::<Vec<f64>>()) / MAD_OF_NORMAL;
    Ok(Estimate {
        inputs: vec![table.names()[position].clone()],
        terms: vec![Term::intercept(), Term::input(0)],
        values: vec![intercept, slope],
        std_errors: None,
        intervals: Some(vec![(f64::NAN, f64::NAN), (low, high)]),
        scale,
        weights: vec![1.0; x.len()],
        residuals,
    })
}

fn refused(option: &'static str, count: usize) -> Error {
    Error::BadOption { option, value: count as f64, range: "one input and an intercept for Theil-Sen" }
}

/// Slopes between rows with different x; in a long table of rows that are far apart in x.
fn slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]).then(a.cmp(&b)));
    let slope = |a: usize, b: usize| (x[a] < x[b]).then(|| (y[b] - y[a]) / (x[b] - x[a]));
    let rows = order.len();
    if rows <= ALL_PAIRS {
        return (0..rows)
            .flat_map(|low| (low + 1..rows).map(move |high| (low, high)))
            .filter_map(|(low, high)| slope(order[low], order[high]))
            .collect();
    }
    // 16 partners per row, a third to two thirds of the table away.
    let step = rows / 48;
    (0..rows)
        .flat_map(|low| (0..16).map(move |k| (low, low + rows / 3 + k * step)))
        .filter(|&(_, high)| high < rows)
        .filter_map(|(low, high)| slope(order[low], order[high]))
        .collect()
}

/// Sen's interval: the ranks that Kendall's S would reach by chance (Sen 1968); wide open for partial pairs.
fn interval(slopes: &mut [f64], x: &[f64], y: &[f64], confidence: f64) -> (f64, f64) {
    if x.len() > ALL_PAIRS {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let n = x.len() as f64;
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties(x) - ties(y)) / 18.0;
    let reach = Reference::Normal.quantile(confidence) * variance.max(0.0).sqrt();
    let count = slopes.len() as f64;
    let lower = (0.5 * (count - reach)).round_ties_even() - 1.0;
    let upper = (0.5 * (count + reach)).round_ties_even();
    slopes.sort_by(f64::total_cmp);
    let at = |rank: f64| slopes[rank.clamp(0.0, count - 1.0) as usize];
    (at(lower), at(upper))
}

/// Σ k(k − 1)(2k + 5) over groups of equal values.
fn ties(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| {
            let k = group.len() as f64;
            k * (k - 1.0) * (2.0 * k + 5.0)
        })
        .sum()
}
