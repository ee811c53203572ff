//! A fitted formula with the digits a person would write, printed as text, LaTeX and MathML.

use crate::expression::Expression;
use crate::term::{Term, quoted};

/// `target = expression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    target: String,
    right: Expression,
}

impl Formula {
    pub(crate) fn new(target: &str, right: Expression) -> Self {
        Self { target: target.to_owned(), right }
    }

    /// A linear combination of terms: higher degrees first, the intercept last, zeros left out.
    pub(crate) fn linear(target: &str, names: &[String], parts: &[(&Term, f64)]) -> Self {
        let mut ordered: Vec<&(&Term, f64)> = parts.iter().filter(|(_, value)| *value != 0.0).collect();
        let is_one_polynomial = names.len() == 1;
        ordered.sort_by_key(|(term, _)| {
            let degree = if is_one_polynomial { -term.degree() } else { 0 };
            (term.is_intercept(), degree)
        });
        let mut sum: Vec<Expression> =
            ordered.iter().map(|(term, value)| Expression::multiple(*value, term, names)).collect();
        let right = match sum.len() {
            0 => Expression::Number(0.0),
            1 => sum.remove(0),
            _ => Expression::Sum(sum),
        };
        Self::new(target, right)
    }

    /// The whole equation as text: `y = 3*x + 4`.
    pub fn text(&self) -> String {
        format!("{} = {}", quoted(&self.target), self.right.text())
    }

    /// The right side as text: `3*x + 4`.
    pub fn right_side(&self) -> String {
        self.right.text()
    }

    /// The whole equation as LaTeX.
    pub fn latex(&self) -> String {
        format!("{} = {}", Expression::Name(self.target.clone()).latex(), self.right.latex())
    }

    /// The whole equation as a MathML element.
    pub fn mathml(&self) -> String {
        let left = Expression::Name(self.target.clone()).mathml();
        format!(
            "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mrow>{left}<mo>=</mo>{}</mrow></math>",
            self.right.mathml()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Transform;

    fn formula(parts: &[(&Term, f64)], names: &[&str]) -> Formula {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        Formula::linear("y", &names, parts)
    }

    #[test]
    fn writes_a_line_as_a_person_does() {
        let (one, x) = (Term::intercept(), Term::input(0));
        let check = |slope: f64, intercept: f64, expected: &str| {
            assert_eq!(formula(&[(&one, intercept), (&x, slope)], &["x"]).text(), expected);
        };
        check(3.0, 4.0, "y = 3*x + 4");
        check(-3.0, -42.9, "y = -3*x - 42.9");
        check(1.0, 0.0, "y = x");
        check(-1.0, 2.5, "y = -x + 2.5");
        check(0.0, 0.0, "y = 0");
        check(2.5e-20, 1e15, "y = 2.5e-20*x + 1e15");
    }

    #[test]
    fn writes_powers_from_the_highest_down() {
        let terms = [Term::intercept(), Term::input(0), Term::power(0, 2), Term::power(0, -1)];
        let parts: Vec<_> = terms.iter().zip([1.0, -1.0, 3.0, -2.5]).collect();
        let formula = formula(&parts, &["x"]);
        assert_eq!(formula.text(), "y = 3*x^2 - x - 2.5/x + 1");
        assert_eq!(formula.latex(), "y = 3 \\, x^{2} - x - \\frac{2.5}{x} + 1");
    }

    #[test]
    fn writes_functions_and_awkward_names() {
        let terms = [Term::of(0, Transform::Log), Term::of(1, Transform::Sqrt)];
        let parts: Vec<_> = terms.iter().zip([1.0, -1e-7]).collect();
        let formula = formula(&parts, &["x1", "flow & heat"]);
        assert_eq!(formula.text(), "y = log(x1) - 1e-7*sqrt(`flow & heat`)");
        let latex = "y = \\log\\left(x_{1}\\right) - 1 \\cdot 10^{-7} \\, \\sqrt{\\text{flow \\& heat}}";
        assert_eq!(formula.latex(), latex);
        assert!(formula.mathml().contains("<msqrt><mi>flow &amp; heat</mi></msqrt>"));
    }

    #[test]
    fn writes_balanced_mathml() {
        let terms = [Term::intercept(), Term::power(0, 2)];
        let parts: Vec<_> = terms.iter().zip([-4.0, -3.0]).collect();
        let expected = concat!(
            "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mrow><mi>y</mi><mo>=</mo><mrow><mo>−</mo>",
            "<mrow><mn>3</mn><mo>&#x2062;</mo><msup><mi>x</mi><mn>2</mn></msup></mrow><mo>−</mo><mn>4</mn>",
            "</mrow></mrow></math>"
        );
        assert_eq!(formula(&parts, &["x"]).mathml(), expected);
    }
}
