//! Further starts for the fit of a given formula. Parameters it is linear in need none: for any values of the others
//! they are solved in closed form (Golub, Pereyra 1973). The others are tried in other scales, since a start's usual
//! fault is its unit.

use crate::expr::Node;

/// The scales the parameters that are not linear are tried in, beside their own.
pub(crate) const SCALES: [f64; 7] = [1.0, 0.1, 10.0, 0.01, 100.0, 0.001, 1000.0];

/// The parameters, variables from `first` on, that the formula is linear in together: the first of every product.
pub(crate) fn linear_parameters(form: &Node, first: usize, count: usize) -> Vec<bool> {
    let mut linear = vec![false; count];
    for parameter in 0..count {
        linear[parameter] = true;
        let is_one = |v: u16| usize::from(v).checked_sub(first).is_some_and(|k| linear[k]);
        linear[parameter] = form.degree(&is_one).is_some_and(|degree| degree <= 1);
    }
    linear
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn tells_the_parameters_a_formula_is_linear_in() {
        let names = ["x", "a", "b", "c", "d"].map(str::to_owned);
        let linear = |text: &str| linear_parameters(&parse(text, &names).unwrap(), 1, 4);
        assert_eq!(linear("a + b*exp(-c*x) + d*x^2"), [true, true, false, true]);
        assert_eq!(linear("a*(1 - exp(-b*x))/(c + x)"), [true, false, false, true]);
        // Of a product the first is linear, of a power none.
        assert_eq!(linear("a*b*x + (c*x)^2 + x/d"), [true, false, false, false]);
    }
}
