//! A person's digits: as few as keep the loss within an allowance.

/// The most significant digits that mean anything.
const MOST_DIGITS: usize = 17;

/// The value with so many significant decimal digits.
pub(crate) fn to_digits(value: f64, digits: usize) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    format!("{value:.precision$e}", precision = digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// Rounds coefficients so that ‖R·δ‖² stays below the allowed loss, R being the triangle of their columns.
///
/// All coefficients get the same number of digits first; then each loses what it can do without. A coefficient
/// whose whole contribution is below the allowance becomes 0.
pub(crate) fn round(values: &[f64], triangle: &[Vec<f64>], allowed: f64) -> Vec<f64> {
    let mut digits = vec![MOST_DIGITS; values.len()];
    for common in 1..=MOST_DIGITS {
        digits.fill(common);
        let rounded: Vec<f64> = values.iter().map(|&value| to_digits(value, common)).collect();
        if loss(&change(values, &rounded, triangle)) <= allowed {
            break;
        }
    }
    let mut rounded: Vec<f64> =
        values.iter().zip(&digits).map(|(&value, &count)| to_digits(value, count)).collect();
    let mut moved = change(values, &rounded, triangle);
    for at in 0..values.len() {
        for count in 0..digits[at] {
            let candidate = if count == 0 { 0.0 } else { to_digits(values[at], count) };
            let step = candidate - rounded[at];
            let tried: Vec<f64> =
                moved.iter().zip(triangle).map(|(part, row)| part + row[at] * step).collect();
            if loss(&tried) <= allowed {
                rounded[at] = candidate;
                moved = tried;
                break;
            }
        }
    }
    rounded
}

fn change(values: &[f64], rounded: &[f64], triangle: &[Vec<f64>]) -> Vec<f64> {
    triangle
        .iter()
        .map(|row| {
            row.iter().zip(values.iter().zip(rounded)).map(|(entry, (old, new))| entry * (new - old)).sum()
        })
        .collect()
}

fn loss(moved: &[f64]) -> f64 {
    moved.iter().map(|part| part * part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(size: usize) -> Vec<Vec<f64>> {
        (0..size).map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect()).collect()
    }

    #[test]
    fn keeps_as_few_digits_as_the_loss_allows() {
        assert_eq!(round(&[std::f64::consts::PI, 2.0], &identity(2), 2e-3), [3.1, 2.0]);
        assert_eq!(round(&[42.924_6, -3.000_000_1], &identity(2), 1e-6), [42.925, -3.0]);
    }

    #[test]
    fn keeps_every_digit_of_a_law_without_scatter() {
        assert_eq!(round(&[0.1 + 0.2, 1.0 / 3.0], &identity(2), 0.0), [0.1 + 0.2, 1.0 / 3.0]);
    }

    #[test]
    fn reads_through_rounding_noise() {
        assert_eq!(round(&[2.999_999_999_999_999_6, 1e-16], &identity(2), 1e-30), [3.0, 0.0]);
    }
}
