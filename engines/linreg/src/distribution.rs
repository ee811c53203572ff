//! Tail probabilities and quantiles of the distributions that tests and intervals need.
//!
//! Relative accuracy about 1e-13, in the far tails too: all prefactors come from Loader's saddle-point form.

mod beta;
mod gamma;
mod stirling;

/// Probability that |T| exceeds |t|, for Student's T with `dof` degrees of freedom.
pub(crate) fn student_two_sided(t: f64, dof: f64) -> f64 {
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    beta::regularized(0.5 * dof, 0.5, dof / (dof + square), square / (dof + square))
}

/// The t that Student's |T| exceeds with probability `tail`.
pub(crate) fn student_two_sided_quantile(tail: f64, dof: f64) -> f64 {
    let density = |t: f64| {
        let square = t * t;
        2.0 * beta::prefactor(0.5 * dof, 0.5, dof / (dof + square), square / (dof + square)) / t
    };
    quantile(tail, |t| student_two_sided(t, dof), density)
}

/// Probability that a standard normal variable exceeds |z| in magnitude.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    gamma::upper(0.5, 0.5 * z * z)
}

/// The z that a standard normal variable exceeds in magnitude with probability `tail`.
pub(crate) fn normal_two_sided_quantile(tail: f64) -> f64 {
    let density = |z: f64| 2.0 * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    quantile(tail, normal_two_sided, density)
}

/// Probability that F with these degrees of freedom exceeds `f`.
pub(crate) fn fisher_upper(f: f64, numerator: f64, denominator: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    if f.is_infinite() {
        return 0.0;
    }
    let total = denominator + numerator * f;
    beta::regularized(0.5 * denominator, 0.5 * numerator, denominator / total, numerator * f / total)
}

/// Probability that χ² with `dof` degrees of freedom exceeds `value`.
pub(crate) fn chi_squared_upper(value: f64, dof: f64) -> f64 {
    if value <= 0.0 { 1.0 } else { gamma::upper(0.5 * dof, 0.5 * value) }
}

/// Solves `upper(value) = tail` for a falling tail probability: Newton's steps on ln(value), kept in a bracket.
fn quantile(tail: f64, upper: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (1e-300_f64.ln(), 1e300_f64.ln());
    let mut at = 0.0_f64;
    for _ in 0..400 {
        let value = at.exp();
        let probability = upper(value);
        if probability > tail {
            low = at;
        } else {
            high = at;
        }
        // In logarithms of both the tail is nearly straight, so that the steps are good from far away.
        let slope = density(value) * value / probability;
        let step = (probability / tail).ln() / slope;
        let next = if step.is_finite() { at + step } else { f64::NAN };
        let inside = next > low && next < high;
        let next = if inside { next } else { f64::midpoint(low, high) };
        if (next - at).abs() < 4e-16 {
            break;
        }
        at = next;
    }
    at.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expected: f64, tolerance: f64) {
        assert!(((value - expected) / expected).abs() < tolerance, "{value:e} is not {expected:e}");
    }

    #[test]
    fn student_has_its_closed_forms() {
        // dof 1: 1 − 2/π·atan t; dof 2: 1 − t/√(2 + t²).
        for t in [0.1, 1.0, 3.0, 40.0] {
            check(student_two_sided(t, 1.0), (1.0_f64 / t).atan() * std::f64::consts::FRAC_2_PI, 1e-14);
            let root = (2.0 + t * t).sqrt();
            check(student_two_sided(t, 2.0), 2.0 / (root * (root + t)), 1e-13);
        }
    }

    #[test]
    fn quantiles_invert_tails() {
        for dof in [1.0, 2.5, 9.0, 71.0, 1e4, 1e7] {
            for tail in [0.9, 0.5, 0.05, 0.01, 1e-6] {
                check(student_two_sided(student_two_sided_quantile(tail, dof), dof), tail, 1e-12);
            }
        }
        check(normal_two_sided_quantile(0.05), 1.959_963_984_540_054, 1e-14);
        check(student_two_sided_quantile(0.05, 9.0), 2.262_157_162_798_206, 1e-13);
    }

    #[test]
    fn fisher_with_one_degree_is_student_squared() {
        for (t, dof) in [(2.0_f64, 9.0), (17.0, 3.0), (0.3, 1000.0)] {
            check(fisher_upper(t * t, 1.0, dof), student_two_sided(t, dof), 1e-13);
        }
    }

    #[test]
    fn chi_squared_with_two_degrees_is_exponential() {
        for value in [0.01, 1.0, 30.0, 700.0_f64] {
            check(chi_squared_upper(value, 2.0), (-0.5 * value).exp(), 2e-13);
        }
    }

    #[test]
    fn tails_beyond_everything_are_zero() {
        assert_eq!(student_two_sided(f64::INFINITY, 3.0), 0.0);
        assert_eq!(fisher_upper(f64::INFINITY, 3.0, 4.0), 0.0);
        assert_eq!(fisher_upper(0.0, 3.0, 4.0), 1.0);
    }
}
