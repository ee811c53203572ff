//! The regularized incomplete beta function, by a continued fraction.

use super::stirling::{deviance, error};

/// Enough for parameters up to about 1e9, since the fraction converges in O(√max(a, b)).
const MOST_STEPS: u32 = 200_000;

/// xᵃ·yᵇ / B(a, b) for x + y = 1.
pub(super) fn prefactor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return 0.0;
    }
    let sum = a + b;
    let exponent = error(sum) - error(a) - error(b) - deviance(a, sum * x) - deviance(b, sum * y);
    exponent.exp() * (a * b / (sum * std::f64::consts::TAU)).sqrt()
}

/// `I_x(a, b)`, with y = 1 − x given so that neither tail loses digits.
pub(super) fn regularized(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = prefactor(a, b, x, y);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x, y)
    } else {
        1.0 - front * fraction(b, a, y, x)
    }
}

/// The even part of the usual fraction (Didonato and Morris 1992, BFRAC): no cancellation for large parameters.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let lambda = (a + b) * y - b;
    let denominator = |n: f64| {
        n + n * (b - n) * x / (a + 2.0 * n - 1.0)
            + (a + n) / (a + 2.0 * n + 1.0) * (lambda + 1.0 + n * (1.0 + y))
    };
    let mut value = away_from_zero(denominator_start(a, lambda));
    let (mut c, mut d) = (value, 0.0);
    for step in 1..MOST_STEPS {
        let n = f64::from(step);
        let below = a + 2.0 * n - 1.0;
        let numerator = (a + n - 1.0) / below * ((a + b + n - 1.0) / below) * n * (b - n) * x * x;
        let beta = denominator(n);
        d = 1.0 / away_from_zero(beta + numerator * d);
        c = away_from_zero(beta + numerator / c);
        let change = c * d;
        value *= change;
        let missing = (change - 1.0).abs();
        if missing < 1e-16 || missing.is_nan() {
            break;
        }
    }
    1.0 / value
}

/// The first denominator, where the general one would divide by a − 1.
fn denominator_start(a: f64, lambda: f64) -> f64 {
    a / (a + 1.0) * (lambda + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tails_make_one() {
        for (a, b, x) in [(0.5, 0.5, 0.3), (35.5, 0.5, 0.97), (4.0, 9.0, 0.2), (1e5, 3.0, 0.999_97)] {
            let sum = regularized(a, b, x, 1.0 - x) + regularized(b, a, 1.0 - x, x);
            assert!((sum - 1.0).abs() < 1e-13, "{a} {b} {x}: {sum}");
        }
    }

    #[test]
    fn is_a_polynomial_for_whole_parameters() {
        // I_x(2, 3) = 6x² − 8x³ + 3x⁴.
        for x in [0.01_f64, 0.4, 0.9] {
            let expected = x * x * (6.0 - 8.0 * x + 3.0 * x * x);
            assert!((regularized(2.0, 3.0, x, 1.0 - x) / expected - 1.0).abs() < 1e-13);
        }
    }
}
