//! a·e^(b·x) and a·x^b by Levenberg-Marquardt in the target's own units, from the straight line in logarithms.

use super::Fitted;
use crate::rounding;
use crate::table::Table;

const MOST_STEPS: usize = 200;

/// A curve that is a factor times a shape with one exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Exponential,
    Power,
}

impl Shape {
    /// What the exponent multiplies: ln(curve/a) = b·u.
    fn argument(self, x: f64) -> f64 {
        match self {
            Self::Exponential => x,
            Self::Power => x.ln(),
        }
    }
}

/// `None` where the shape is not defined for the inputs or nothing finite fits.
pub(super) fn fit(table: &Table, shape: Shape) -> Option<Fitted> {
    let u: Vec<f64> = table.columns()[0].iter().map(|&x| shape.argument(x)).collect();
    if u.iter().any(|value| !value.is_finite()) || u.iter().all(|&value| value == u[0]) {
        return None;
    }
    // Centred arguments keep factor and exponent apart; e^(b·centre) goes back into the factor at the end.
    let centre = u.iter().sum::<f64>() / u.len() as f64;
    let moved: Vec<f64> = u.iter().map(|value| value - centre).collect();
    let y = table.target();
    let (factor, exponent) = refine(&moved, y, start(&moved, y)?)?;
    let parameters = vec![factor * (-exponent * centre).exp(), exponent];
    if !parameters.iter().all(|value| value.is_finite()) || parameters[0] == 0.0 {
        return None;
    }
    let squares = squares(&moved, y, factor, exponent);
    let triangle = triangle(&u, &parameters);
    let dof = y.len() as f64 - 2.0;
    let noise = super::rounding_noise(table);
    let allowed = squares * (1e-3_f64).min(0.25 / dof) + noise;
    let rounded = rounding::round(&parameters, &triangle, allowed);
    let (r11, r12, r22) = (triangle[0][0], triangle[0][1], triangle[1][1]);
    let errors = [(1.0 / r11).hypot(r12 / (r11 * r22)), 1.0 / r22.abs()];
    let scatter = (squares / dof).sqrt();
    Some(Fitted {
        parameters,
        rounded,
        std_errors: Some(errors.iter().map(|error| error * scatter).collect()),
        squares,
    })
}

/// The straight line through ln|y|, weighted by y² so that it comes close to the fit in y; rows of the rarer sign
/// are left out.
fn start(u: &[f64], y: &[f64]) -> Option<(f64, f64)> {
    let positive: f64 = y.iter().filter(|&&y| y > 0.0).sum();
    let negative: f64 = -y.iter().filter(|&&y| y < 0.0).sum::<f64>();
    let sign = if positive >= negative { 1.0 } else { -1.0 };
    let largest = y.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let rows: Vec<(f64, f64, f64)> = u
        .iter()
        .zip(y)
        .filter(|&(_, &y)| y * sign > 0.0)
        .map(|(&u, &y)| (u, (y * sign).ln(), (y / largest).powi(2)))
        .collect();
    let weight: f64 = rows.iter().map(|(_, _, w)| w).sum();
    let mean_u = rows.iter().map(|(u, _, w)| u * w).sum::<f64>() / weight;
    let mean_l = rows.iter().map(|(_, l, w)| l * w).sum::<f64>() / weight;
    let spread: f64 = rows.iter().map(|(u, _, w)| w * (u - mean_u).powi(2)).sum();
    let along: f64 = rows.iter().map(|(u, l, w)| w * (u - mean_u) * (l - mean_l)).sum();
    let exponent = if spread > 0.0 { along / spread } else { 0.0 };
    let factor = sign * (mean_l - exponent * mean_u).exp();
    (factor.is_finite() && exponent.is_finite()).then_some((factor, exponent))
}

fn squares(u: &[f64], y: &[f64], factor: f64, exponent: f64) -> f64 {
    u.iter().zip(y).map(|(u, y)| (y - factor * (exponent * u).exp()).powi(2)).sum()
}

/// Levenberg-Marquardt with Marquardt's scaling; two unknowns, so the normal equations are solved by Cramer's rule.
fn refine(u: &[f64], y: &[f64], (mut factor, mut exponent): (f64, f64)) -> Option<(f64, f64)> {
    let mut now = squares(u, y, factor, exponent);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        let (mut aa, mut ab, mut bb, mut ar, mut br) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (u, y) in u.iter().zip(y) {
            let shape = (exponent * u).exp();
            let (by_factor, by_exponent, rest) = (shape, factor * u * shape, y - factor * shape);
            aa += by_factor * by_factor;
            ab += by_factor * by_exponent;
            bb += by_exponent * by_exponent;
            ar += by_factor * rest;
            br += by_exponent * rest;
        }
        let mut settled = true;
        for _ in 0..30 {
            let (a, b) = (aa * (1.0 + damping), bb * (1.0 + damping));
            let determinant = a * b - ab * ab;
            let (da, db) = ((ar * b - br * ab) / determinant, (br * a - ar * ab) / determinant);
            let next = squares(u, y, factor + da, exponent + db);
            if next < now {
                settled = da.abs() <= 1e-15 * factor.abs() && db.abs() <= 1e-15 * exponent.abs();
                (factor, exponent, now) = (factor + da, exponent + db, next);
                damping = (damping * 0.1).max(1e-15);
                break;
            }
            damping *= 10.0;
        }
        if settled {
            break;
        }
    }
    now.is_finite().then_some((factor, exponent))
}

/// The triangle of the derivatives by factor and exponent.
fn triangle(u: &[f64], parameters: &[f64]) -> Vec<Vec<f64>> {
    let by_factor: Vec<f64> = u.iter().map(|u| (parameters[1] * u).exp()).collect();
    let by_exponent: Vec<f64> =
        u.iter().zip(&by_factor).map(|(u, shape)| parameters[0] * u * shape).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let first = dot(&by_factor, &by_factor).sqrt();
    let shared = dot(&by_factor, &by_exponent) / first;
    let rest: Vec<f64> = by_exponent.iter().zip(&by_factor).map(|(b, a)| b - shared / first * a).collect();
    vec![vec![first, shared], vec![0.0, dot(&rest, &rest).sqrt()]]
}
