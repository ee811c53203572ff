//! The terms of a linear model: products of simple transforms of inputs, exact to 32 digits where they can be.

use serde::{Deserialize, Serialize};

use crate::double_double::DoubleDouble;

/// What a factor does to its input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Transform {
    /// A whole power; 1 is the input itself.
    Power(i32),
    /// The square root.
    Sqrt,
    /// The natural logarithm.
    Log,
    /// The exponential function.
    Exp,
    /// max(x − knot, 0) to a power: one piece of a spline.
    Hinge {
        /// Where the piece begins.
        knot: f64,
        /// Its degree.
        degree: u32,
    },
}

/// A transform of one input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// The input's position among the inputs of the fit.
    pub input: usize,
    /// What is done to it.
    pub transform: Transform,
}

/// A product of factors; the empty product is the intercept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The factors.
    pub factors: Vec<Factor>,
}

impl Transform {
    /// Its value in 32 digits; logarithm and exponential carry only 16.
    fn evaluate(self, x: f64) -> DoubleDouble {
        match self {
            Self::Power(exponent) => {
                let power = DoubleDouble::from(x).powi(exponent.unsigned_abs());
                if exponent < 0 { DoubleDouble::from(1.0) / power } else { power }
            }
            Self::Sqrt if x < 0.0 => DoubleDouble::from(f64::NAN),
            Self::Sqrt => DoubleDouble::from(x).sqrt(),
            Self::Log => DoubleDouble::from(x.ln()),
            Self::Exp => DoubleDouble::from(x.exp()),
            Self::Hinge { knot, .. } if x <= knot => DoubleDouble::default(),
            Self::Hinge { knot, degree } => DoubleDouble::of_sum(x, -knot).powi(degree),
        }
    }

    fn text(self, name: &str) -> String {
        match self {
            Self::Power(1) => name.to_owned(),
            Self::Power(-1) => format!("1/{name}"),
            Self::Power(exponent) if exponent < 0 => format!("1/{name}^{}", exponent.unsigned_abs()),
            Self::Power(exponent) => format!("{name}^{exponent}"),
            Self::Sqrt => format!("sqrt({name})"),
            Self::Log => format!("log({name})"),
            Self::Exp => format!("exp({name})"),
            Self::Hinge { knot, degree: 1 } => format!("max({name} - {knot}, 0)"),
            Self::Hinge { knot, degree } => format!("max({name} - {knot}, 0)^{degree}"),
        }
    }
}

impl Term {
    /// The constant term.
    pub fn intercept() -> Self {
        Self::default()
    }

    /// An input as it is.
    pub fn input(input: usize) -> Self {
        Self::power(input, 1)
    }

    /// A whole power of an input.
    pub fn power(input: usize, exponent: i32) -> Self {
        Self::of(input, Transform::Power(exponent))
    }

    /// A transform of an input.
    pub fn of(input: usize, transform: Transform) -> Self {
        Self { factors: vec![Factor { input, transform }] }
    }

    /// Whether this is the constant term.
    pub fn is_intercept(&self) -> bool {
        self.factors.is_empty()
    }

    /// The name of the term: `intercept`, `x`, `x^2`, `a*b`.
    pub fn text(&self, names: &[String]) -> String {
        if self.is_intercept() {
            return "intercept".to_owned();
        }
        let parts: Vec<String> =
            self.factors.iter().map(|factor| factor.transform.text(&quoted(&names[factor.input]))).collect();
        parts.join("*")
    }

    /// The sum of the powers, by which terms are ordered in print.
    pub(crate) fn degree(&self) -> i32 {
        self.factors
            .iter()
            .map(|factor| match factor.transform {
                Transform::Power(exponent) => exponent,
                Transform::Hinge { degree, .. } => degree as i32,
                _ => 1,
            })
            .sum()
    }

    /// The input's position if the term is that input and nothing else.
    pub(crate) fn plain_input(&self) -> Option<usize> {
        match self.factors.as_slice() {
            [Factor { input, transform: Transform::Power(1) }] => Some(*input),
            _ => None,
        }
    }

    /// Its value for one row of inputs; NaN where it is not defined.
    pub(crate) fn evaluate(&self, value_of: impl Fn(usize) -> f64) -> DoubleDouble {
        match self.factors.as_slice() {
            [] => DoubleDouble::from(1.0),
            [only] => only.transform.evaluate(value_of(only.input)),
            factors => factors.iter().fold(DoubleDouble::from(1.0), |product, factor| {
                product * factor.transform.evaluate(value_of(factor.input))
            }),
        }
    }
}

/// A name as it stands in a formula: bare where it reads as one word, else between backticks.
pub(crate) fn quoted(name: &str) -> String {
    let mut characters = name.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if starts_well && characters.all(|next| next.is_alphanumeric() || next == '_') {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('`', "'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_a_person_writes_them() {
        let names = ["x".to_owned(), "flow rate".to_owned()];
        let check = |term: Term, expected: &str| assert_eq!(term.text(&names), expected);
        check(Term::intercept(), "intercept");
        check(Term::input(1), "`flow rate`");
        check(Term::power(0, 3), "x^3");
        check(Term::power(0, -2), "1/x^2");
        check(Term::of(0, Transform::Hinge { knot: 2.5, degree: 3 }), "max(x - 2.5, 0)^3");
        let both = Term { factors: [Term::input(0), Term::input(1)].concat_factors() };
        check(both, "x*`flow rate`");
    }

    trait ConcatFactors {
        fn concat_factors(&self) -> Vec<Factor>;
    }

    impl ConcatFactors for [Term; 2] {
        fn concat_factors(&self) -> Vec<Factor> {
            self.iter().flat_map(|term| term.factors.clone()).collect()
        }
    }

    #[test]
    fn powers_carry_the_digits_a_plain_power_loses() {
        let cube = Term::power(0, 3).evaluate(|_| 1.1);
        let plain = 1.1_f64 * 1.1 * 1.1;
        assert!((cube.hi() - plain).abs() < 1e-15);
        assert!(cube.lo() != 0.0);
    }

    #[test]
    fn is_not_a_number_where_it_is_not_defined() {
        for transform in [Transform::Sqrt, Transform::Log] {
            assert!(Term::of(0, transform).evaluate(|_| -1.0).hi().is_nan());
        }
    }
}
