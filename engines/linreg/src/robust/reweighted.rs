//! M-estimates by iteratively reweighted least squares with the MAD as scale (Huber and Ronchetti 2009, chapter 7).

use super::Estimate;
use crate::design::Design;
use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::inference::Reference;
use crate::model::Model;
use crate::options::Options;
use crate::order::median;
use crate::solve::{Solution, solve};
use crate::table::Table;

/// The 75th percentile of the normal distribution: makes the MAD a standard deviation.
pub(super) const MAD_OF_NORMAL: f64 = 0.674_489_750_196_081_7;
const MOST_ROUNDS: usize = 1000;

/// How residuals count, in scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    Huber,
    Bisquare,
}

impl Loss {
    /// Both constants give 95 % efficiency for normal residuals.
    fn tuning(self) -> f64 {
        match self {
            Self::Huber => 1.345,
            Self::Bisquare => 4.685,
        }
    }

    fn weight(self, z: f64) -> f64 {
        let c = self.tuning();
        match self {
            Self::Huber => (c / z.abs()).min(1.0),
            Self::Bisquare if z.abs() <= c => (1.0 - (z / c).powi(2)).powi(2),
            Self::Bisquare => 0.0,
        }
    }

    /// The derivative of z·weight(z).
    fn slope(self, z: f64) -> f64 {
        let c = self.tuning();
        match self {
            _ if z.abs() > c => 0.0,
            Self::Huber => 1.0,
            Self::Bisquare => {
                let square = (z / c).powi(2);
                (1.0 - square) * (1.0 - 5.0 * square)
            }
        }
    }
}

pub(super) fn estimate(table: &Table, options: &Options, loss: Loss) -> Result<Estimate, Error> {
    let model = Model::new(table, options)?;
    let noise = model.summary.noise.sqrt() / (model.summary.rows() as f64).sqrt();
    let mut design = Design::new(table, &options.positions(table.names())?, options)?;
    let (mut residuals, mut solution) = (model.residuals.clone(), model.summary.solution.clone());
    let mut scale = mad(&residuals);
    let mut weights = vec![1.0; residuals.len()];
    for _ in 0..MOST_ROUNDS {
        if scale <= noise {
            break;
        }
        weights = residuals.iter().map(|residual| loss.weight(residual / scale)).collect();
        design.reweigh(weights.iter().map(|&weight| DoubleDouble::from(weight).sqrt()).collect());
        let (next, left) = solve(&design, options.precision);
        let settled = next.kept == solution.kept && unchanged(&next, &solution);
        (solution, residuals) = (next, left);
        scale = mad(&residuals);
        if settled {
            break;
        }
    }
    let (std_errors, intervals) = errors(&model, &solution, &residuals, (loss, scale), options.confidence);
    Ok(Estimate {
        inputs: model.summary.inputs.clone(),
        terms: solution.kept.iter().map(|&column| model.design.terms[column].clone()).collect(),
        values: solution.coefficients.iter().map(|value| value.hi()).collect(),
        std_errors,
        intervals,
        scale,
        weights,
        residuals,
    })
}

/// The median absolute residual as a standard deviation.
fn mad(residuals: &[f64]) -> f64 {
    median(&mut residuals.iter().map(|residual| residual.abs()).collect::<Vec<f64>>()) / MAD_OF_NORMAL
}

fn unchanged(a: &Solution, b: &Solution) -> bool {
    let parts = a.coefficients.iter().zip(&b.coefficients);
    parts.into_iter().all(|(a, b)| (a.hi() - b.hi()).abs() <= 1e-14 * a.hi().abs())
}

type Intervals = Option<Vec<(f64, f64)>>;

/// Huber's first covariance with its correction for small tables (Huber 1981, 7.6).
fn errors(
    model: &Model,
    solution: &Solution,
    residuals: &[f64],
    (loss, scale): (Loss, f64),
    confidence: f64,
) -> (Option<Vec<f64>>, Intervals) {
    let same = model.summary.solution.kept == solution.kept;
    if !same || model.summary.dof() == 0 || scale <= 0.0 {
        return (None, None);
    }
    let n = residuals.len() as f64;
    let slopes: Vec<f64> = residuals.iter().map(|residual| loss.slope(residual / scale)).collect();
    let mean = slopes.iter().sum::<f64>() / n;
    let variance = slopes.iter().map(|slope| (slope - mean).powi(2)).sum::<f64>() / n;
    let correction = 1.0 + model.summary.width() as f64 / n * variance / (mean * mean);
    let squares: f64 = residuals.iter().map(|&r| (r / scale * loss.weight(r / scale)).powi(2)).sum();
    let factor = correction * scale / mean * (squares / model.summary.dof() as f64).sqrt();
    let quantile = Reference::Normal.quantile(confidence);
    let errors: Vec<f64> = model
        .summary
        .solution
        .root
        .iter()
        .map(|row| factor * row.iter().map(|part| part * part).sum::<f64>().sqrt())
        .collect();
    let intervals = solution
        .coefficients
        .iter()
        .zip(&errors)
        .map(|(value, error)| (value.hi() - quantile * error, value.hi() + quantile * error))
        .collect();
    (Some(errors), Some(intervals))
}
