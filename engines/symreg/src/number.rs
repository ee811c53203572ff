//! Numbers as people write them: which constants are plain, how they are printed, and the plain values near one.

use std::f64::consts::{E, PI, SQRT_2};

/// Denominators of fractions that count as plain.
const DENOMINATORS: [i64; 8] = [2, 3, 4, 5, 6, 7, 8, 9];

/// Whether a person would write this constant without a second look: a short decimal, a small fraction, a small
/// multiple of π, √2, √3 or e.
pub(crate) fn is_plain(c: f64) -> bool {
    is_short_decimal(c) || fraction(c).is_some() || multiple_of_pi(c).is_some() || is_known_root(c)
}

/// One significant digit, or two below 100; neither tiny nor huge.
pub(crate) fn is_short_decimal(c: f64) -> bool {
    if c == 0.0 {
        return true;
    }
    let a = c.abs();
    if !(1e-4..1e7).contains(&a) {
        return false;
    }
    round_significant(c, 1) == c || (a < 100.0 && round_significant(c, 2) == c)
}

/// Plain, or a decimal of at most four significant digits: what somebody may have typed in.
pub(crate) fn is_tidy(c: f64) -> bool {
    is_plain(c) || round_significant(c, 4) == c
}

/// The number of significant digits of the shortest decimal.
pub(crate) fn digits(c: f64) -> usize {
    let text = format!("{:e}", c.abs());
    text.split('e').next().map_or(0, |mantissa| mantissa.chars().filter(char::is_ascii_digit).count())
}

/// `p/q` with small q, when the constant is exactly that quotient and not a short decimal.
pub(crate) fn fraction(c: f64) -> Option<(i64, i64)> {
    if is_short_decimal(c) || c.abs() > 100.0 {
        return None;
    }
    DENOMINATORS.iter().find_map(|&q| {
        let p = (c * q as f64).round();
        (p != 0.0 && p / q as f64 == c).then_some((p as i64, q))
    })
}

/// The fraction to show for a constant: not where a short decimal says the same.
pub(crate) fn shown_fraction(c: f64) -> Option<(i64, i64)> {
    fraction(c).filter(|_| digits(c) > 4)
}

/// `p·π/q` with small p and q, when the constant is exactly that product.
pub(crate) fn multiple_of_pi(c: f64) -> Option<(i64, i64)> {
    [1, 2, 3, 4, 6, 8].iter().find_map(|&q| {
        let p = (c * q as f64 / PI).round();
        (p != 0.0 && p.abs() <= 16.0 && p * PI / q as f64 == c).then_some((p as i64, q))
    })
}

fn is_known_root(c: f64) -> bool {
    known_roots().iter().any(|&root| c.abs() == root)
}

fn known_roots() -> [f64; 9] {
    [
        SQRT_2,
        3.0_f64.sqrt(),
        5.0_f64.sqrt(),
        0.5_f64.sqrt(),
        PI.sqrt(),
        (2.0 * PI).sqrt(),
        1.0 / (2.0 * PI).sqrt(),
        E,
        1.0 / PI,
    ]
}

/// The value with this many significant digits.
pub(crate) fn round_significant(c: f64, digits: usize) -> f64 {
    format!("{c:.*e}", digits.saturating_sub(1)).parse().unwrap_or(c)
}

/// Plain values within `tolerance` of `c`, the plainest first.
pub(crate) fn plain_near(c: f64, tolerance: f64) -> Vec<f64> {
    let mut candidates = vec![0.0, c.round(), (2.0 * c).round() / 2.0];
    candidates.push(round_significant(c, 1));
    candidates.push(round_significant(c, 2));
    candidates.extend(DENOMINATORS.iter().map(|&q| (c * q as f64).round() / q as f64));
    for q in [1.0, 2.0, 3.0, 4.0, 6.0, 8.0] {
        candidates.push((c * q / PI).round() * PI / q);
    }
    candidates.extend(known_roots().iter().map(|root| root.copysign(c)));
    let mut plain: Vec<f64> = Vec::new();
    for value in candidates {
        if (value - c).abs() <= tolerance && is_plain(value) && !plain.contains(&value) {
            plain.push(value);
        }
    }
    plain
}

/// Takes rounding off a number that came out of sums or functions of plain ones.
pub(crate) fn near_plain(c: f64) -> f64 {
    let reach = 4e-15 * c.abs();
    let decimal = || Some(round_significant(c, 6)).filter(|short| (short - c).abs() <= reach);
    plain_near(c, reach).first().copied().or_else(decimal).unwrap_or(c)
}

/// The shortest decimal that reads back as the same number, with an exponent where that is shorter.
pub(crate) fn decimal(c: f64) -> String {
    let a = c.abs();
    if a != 0.0 && !(1e-4..1e15).contains(&a) { format!("{c:e}") } else { format!("{c}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_plain_from_ugly() {
        for c in
            [0.0, 3.0, -4.0, 0.5, 2.25, 1.0 / 3.0, PI, 2.0 * PI, 0.001, 2000.0, SQRT_2, 0.098, 100.0, 29.0]
        {
            assert!(is_plain(c), "{c}");
        }
        for c in [2.345_67, 1.234_5, 365.256, 360.0, 1e-9, f64::MAX] {
            assert!(!is_plain(c), "{c}");
        }
    }

    #[test]
    fn finds_the_plain_value_near_a_fitted_one() {
        assert_eq!(plain_near(2.999_999_999, 1e-6), vec![3.0]);
        assert_eq!(plain_near(0.333_333_333, 1e-6)[0], 1.0 / 3.0);
        assert_eq!(plain_near(9.424_777_9, 1e-6)[0], 3.0 * PI);
        assert!(plain_near(2.345_67, 1e-9).is_empty());
    }

    #[test]
    fn prints_numbers_that_read_back() {
        for c in [1.0, -0.1, 1e-30, 6.022e23, 123_456.789, 1.0 / 3.0] {
            assert_eq!(decimal(c).parse::<f64>().unwrap(), c);
        }
        assert_eq!(decimal(3.0), "3");
        assert_eq!(decimal(1e-9), "1e-9");
    }
}
