//! Smooth models of a table: polynomials of a few coordinates, fitted by least squares, and the test whether a simpler
//! set of coordinates fits as well. They say what a law depends on before its form is known.

#![expect(clippy::inline_always, reason = "the loops are compiled for the vector width of their dispatcher")]

use crate::dispatch::{Work, dispatch};
use crate::kernel;
use crate::linear;

/// The highest degree of a model of one coordinate, of two, of three or more.
const MAX_DEGREE: [usize; 3] = [14, 8, 6];
/// A pivot below this fraction of its diagonal marks a dependent column.
const DEPENDENT: f64 = 1e-13;
/// Coefficients at most, whatever the rows would bear.
const MAX_TERMS: usize = 130;

/// What is modelled: a value for each row, and the root of the row's weight.
pub(crate) struct Subject {
    pub(crate) values: Vec<f64>,
    pub(crate) roots: Vec<f64>,
}

/// Coordinates a model is smooth in, and columns it is linear in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Coordinates {
    pub(crate) curved: Vec<Vec<f64>>,
    pub(crate) linear: Vec<Vec<f64>>,
}

/// The quality of a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quality {
    pub(crate) rest: f64,
    pub(crate) parameters: usize,
}

impl Subject {
    pub(crate) fn new(values: Vec<f64>, weights: &[f64]) -> Self {
        let roots: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
        let mut values = values;
        kernel::zip_into(&mut values, &roots, |y, w| y * w);
        Self { values, roots }
    }

    /// The best degree the rows bear for this many coordinates.
    pub(crate) fn degree(&self, coordinates: usize) -> usize {
        let bears = |degree: &usize| terms(coordinates, *degree) <= (self.values.len() / 4).min(MAX_TERMS);
        let most = MAX_DEGREE[coordinates.clamp(1, MAX_DEGREE.len()) - 1];
        (1..=most).rev().find(bears).unwrap_or(1)
    }

    /// The model's columns, weighted: those it is linear in come last. Products of Chebyshev polynomials, so that the
    /// normal equations are well conditioned.
    fn columns(&self, coordinates: &Coordinates, degree: usize) -> Vec<Vec<f64>> {
        // Every column with the degree it has.
        let mut columns = vec![(0, self.roots.clone())];
        for z in &coordinates.curved {
            let polynomials = chebyshev(&to_unit(z), degree);
            for index in 0..columns.len() {
                for (more, values) in polynomials.iter().enumerate().skip(1) {
                    let own = columns[index].0;
                    if own + more > degree {
                        break;
                    }
                    let mut product = columns[index].1.clone();
                    kernel::zip_into(&mut product, values, |a, z| a * z);
                    columns.push((own + more, product));
                }
            }
        }
        let mut columns: Vec<Vec<f64>> = columns.into_iter().map(|(_, column)| column).collect();
        for own in &coordinates.linear {
            let mut column = self.roots.clone();
            kernel::zip_into(&mut column, own, |w, x| w * x);
            columns.push(column);
        }
        columns
    }

    pub(crate) fn fit(&self, coordinates: &Coordinates, degree: usize) -> Quality {
        let columns = self.columns(coordinates, degree);
        let rest = dispatch(Rest { columns: &columns, target: &self.values });
        Quality { rest, parameters: columns.len() }
    }

    /// The slopes of the columns the model is linear in, with their standard errors.
    pub(crate) fn slopes(&self, coordinates: &Coordinates, degree: usize) -> Vec<(f64, f64)> {
        let columns = self.columns(coordinates, degree);
        let solution = linear::solution(&columns, &self.values);
        let free = self.values.len().saturating_sub(columns.len()).max(1);
        let spread = (solution.rest / free as f64).sqrt();
        let from = columns.len() - coordinates.linear.len();
        (from..columns.len()).map(|j| (solution.coefficients[j], spread * solution.unit_error(j))).collect()
    }

    /// The variance a simpler model leaves over that of a fuller one, each by its degrees of freedom: about one where
    /// nothing is lost.
    pub(crate) fn loss(&self, simple: Quality, full: Quality) -> f64 {
        // Below rounding nothing can be told.
        let floor = 1e-22 * kernel::dot(&self.values, &self.values);
        let free = |quality: Quality| self.values.len().saturating_sub(quality.parameters).max(1) as f64;
        ((simple.rest + floor) / free(simple)) / ((full.rest + floor) / free(full)).max(f64::MIN_POSITIVE)
    }

    /// The F statistic of a simpler model against a fuller one of the same degree: about one where nothing is lost.
    pub(crate) fn significance(&self, simple: Quality, full: Quality) -> f64 {
        let fewer = full.parameters.saturating_sub(simple.parameters).max(1) as f64;
        let free = self.values.len().saturating_sub(full.parameters).max(1) as f64;
        let floor = 1e-22 * kernel::dot(&self.values, &self.values);
        ((simple.rest - full.rest).max(0.0) / fewer) / ((full.rest + floor) / free).max(f64::MIN_POSITIVE)
    }
}

/// What columns leave of a target, as a sum of squares: by normal equations, with one turn of refinement.
struct Rest<'a> {
    columns: &'a [Vec<f64>],
    target: &'a [f64],
}

impl Work for Rest<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let k = self.columns.len();
        let mut factor = vec![0.0; k * k];
        for (i, a) in self.columns.iter().enumerate() {
            let (fours, rest) = self.columns[..=i].as_chunks::<4>();
            let (own, own_rest) = factor[i * k..=i * k + i].as_chunks_mut::<4>();
            for (own, [b, c, d, e]) in own.iter_mut().zip(fours) {
                *own = kernel::four_dots(a, [b, c, d, e]);
            }
            for (own, b) in own_rest.iter_mut().zip(rest) {
                *own = kernel::dot(a, b);
            }
        }
        cholesky(&mut factor, k);
        let mut residual = self.target.to_vec();
        for _ in 0..2 {
            let right: Vec<f64> = self.columns.iter().map(|column| kernel::dot(column, &residual)).collect();
            for (c, column) in solved(&factor, right).into_iter().zip(self.columns) {
                kernel::zip_into(&mut residual, column, |r, x| r - c * x);
            }
        }
        kernel::dot(&residual, &residual)
    }
}

/// Cholesky's factor in the lower half; dependent rows are marked by a zero on the diagonal.
#[inline(always)]
fn cholesky(m: &mut [f64], k: usize) {
    for i in 0..k {
        let (above, own) = m.split_at_mut(i * k);
        for j in 0..i {
            let other = &above[j * k..j * k + k];
            let rest = own[j] - kernel::dot(&own[..j], &other[..j]);
            own[j] = if other[j] > 0.0 { rest / other[j] } else { 0.0 };
        }
        let pivot = own[i] - kernel::dot(&own[..i], &own[..i]);
        own[i] = if pivot > DEPENDENT * own[i] { pivot.sqrt() } else { 0.0 };
    }
}

/// Solves with the factor; dependent rows get zero.
#[inline(always)]
fn solved(factor: &[f64], mut x: Vec<f64>) -> Vec<f64> {
    let k = x.len();
    for i in 0..k {
        let row = &factor[i * k..i * k + k];
        let rest = x[i] - kernel::dot(&row[..i], &x[..i]);
        x[i] = if row[i] > 0.0 { rest / row[i] } else { 0.0 };
    }
    for i in (0..k).rev() {
        let row = &factor[i * k..i * k + k];
        x[i] = if row[i] > 0.0 { x[i] / row[i] } else { 0.0 };
        let value = x[i];
        kernel::zip_into(&mut x[..i], &row[..i], |x, f| x - value * f);
    }
    x
}

/// The Chebyshev polynomials up to a degree.
fn chebyshev(z: &[f64], degree: usize) -> Vec<Vec<f64>> {
    let mut all = vec![vec![1.0; z.len()], z.to_vec()];
    for d in 2..=degree {
        let mut next = all[d - 1].clone();
        kernel::zip_into(&mut next, z, |t, z| 2.0 * t * z);
        kernel::zip_into(&mut next, &all[d - 2], |t, before| t - before);
        all.push(next);
    }
    all
}

/// The number of products of up to `degree` of so many coordinates.
fn terms(coordinates: usize, degree: usize) -> usize {
    (1..=degree).fold(1, |product, d| product * (coordinates + d) / d)
}

/// A column brought to [-1, 1].
pub(crate) fn to_unit(column: &[f64]) -> Vec<f64> {
    let (low, high) =
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    let (middle, half) = (0.5 * (low + high), (0.5 * (high - low)).max(f64::MIN_POSITIVE));
    column.iter().map(|x| (x - middle) / half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_which_coordinates_matter() {
        let mut rng = crate::rng::Rng::stream(3, 0, 0);
        let mut draw = || (0..300).map(|_| rng.unit()).collect::<Vec<f64>>();
        let (a, b, c) = (draw(), draw(), draw());
        let y = (0..300).map(|i| (a[i] - b[i]).cos() + 3.0 * c[i]).collect();
        let subject = Subject::new(y, &[1.0; 300]);
        let full = Coordinates { curved: vec![a.clone(), b.clone(), c.clone()], linear: vec![] };
        assert_eq!(subject.degree(3), 5);
        let whole = subject.fit(&full, 5);
        let loss = |curved: Vec<Vec<f64>>, linear: Vec<Vec<f64>>| {
            let degree = subject.degree(curved.len());
            subject.loss(subject.fit(&Coordinates { curved, linear }, degree), whole)
        };
        let difference: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        let sum: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
        assert!(loss(vec![difference.clone(), c.clone()], vec![]) < 1.0);
        assert!(loss(vec![sum, c.clone()], vec![]) > 100.0);
        assert!(loss(vec![difference.clone()], vec![c.clone()]) < 1.0);
        let slopes = subject.slopes(&Coordinates { curved: vec![difference], linear: vec![c] }, 6);
        assert!((slopes[0].0 - 3.0).abs() < 1e-3);
    }

    #[test]
    fn counts_products() {
        assert_eq!((terms(2, 2), terms(9, 2), terms(3, 6)), (6, 55, 84));
    }
}
