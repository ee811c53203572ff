//! The upper regularized incomplete gamma function: a series left of a + 1, Lentz's continued fraction right of it.

use super::stirling::{deviance, error};

const MOST_STEPS: u32 = 200_000;

/// Q(a, x) for a > 0 and x ≥ 0.
pub(super) fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    // xᵃ·e⁻ˣ / Γ(a + 1).
    let front = (-error(a) - deviance(a, x)).exp() / (std::f64::consts::TAU * a).sqrt();
    if x < a + 1.0 { 1.0 - front * series(a, x) } else { front * a * fraction(a, x) }
}

fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut at) = (1.0, 1.0, a);
    for _ in 0..MOST_STEPS {
        at += 1.0;
        term *= x / at;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut value = d;
    for step in 1..MOST_STEPS {
        let k = f64::from(step);
        let numerator = -k * (k - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        let change = d * c;
        value *= change;
        let missing = (change - 1.0).abs();
        if missing < 1e-16 || missing.is_nan() {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_exponential_sum_for_whole_parameters() {
        // Q(3, x) = e⁻ˣ·(1 + x + x²/2).
        for x in [0.2_f64, 2.0, 3.9, 4.1, 50.0] {
            let expected = (-x).exp() * (1.0 + x + 0.5 * x * x);
            assert!((upper(3.0, x) / expected - 1.0).abs() < 1e-13, "{x}");
        }
    }
}
