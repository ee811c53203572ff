//! Which numbers of a file can be quantities of a grid; others would overflow in the first product.

/// The greatest number that can be a quantity, in any unit that is used.
const GREATEST: f64 = 1e15;
/// The least number but 0 that can.
const LEAST: f64 = 1e-30;

/// A number that can be a quantity; what is too small to matter in any unit is 0.
pub(crate) fn quantity(number: f64) -> Option<f64> {
    (number.abs() <= GREATEST).then_some(if number.abs() < LEAST { 0.0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_overflow_is_no_quantity() {
        assert_eq!(quantity(-12.5), Some(-12.5));
        assert_eq!(quantity(1e-300), Some(0.0));
        for number in [f64::NAN, f64::INFINITY, -1e300] {
            assert_eq!(quantity(number), None);
        }
    }
}
