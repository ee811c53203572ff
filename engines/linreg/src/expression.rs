//! A formula as it is printed: a small tree with one printer each for text, LaTeX and MathML.

use crate::term::{Factor, Term, Transform, quoted};

/// A printable expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// A number that has its final digits.
    Number(f64),
    /// A column.
    Name(String),
    /// A sum; negative numbers and products with a negative first factor print as differences.
    Sum(Vec<Expression>),
    /// A product.
    Product(Vec<Expression>),
    /// A quotient.
    Quotient(Box<Expression>, Box<Expression>),
    /// A power.
    Power(Box<Expression>, Box<Expression>),
    /// A function of one or two arguments.
    Call(&'static str, Vec<Expression>),
}

/// How tightly an expression binds, for parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Power,
    Atom,
}

impl Expression {
    /// number · term, without a factor 1.
    pub(crate) fn multiple(number: f64, term: &Term, names: &[String]) -> Self {
        let (above, below): (Vec<_>, Vec<_>) = term.factors.iter().partition(|factor| !is_below(factor));
        let mut parts: Vec<Self> = above.iter().map(|factor| of_factor(factor, names)).collect();
        if number != 1.0 || parts.is_empty() {
            parts.insert(0, Self::Number(number));
        }
        let numerator = Self::product(parts);
        if below.is_empty() {
            return numerator;
        }
        let divisor = Self::product(below.iter().map(|factor| of_factor(factor, names)).collect());
        Self::Quotient(Box::new(numerator), Box::new(divisor))
    }

    /// A product that is its only factor if there is just one.
    pub(crate) fn product(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 { parts.remove(0) } else { Self::Product(parts) }
    }

    /// base ^ exponent.
    pub(crate) fn power(base: Self, exponent: f64) -> Self {
        if exponent == 1.0 {
            return base;
        }
        Self::Power(Box::new(base), Box::new(Self::Number(exponent)))
    }

    fn binding(&self) -> Binding {
        match self {
            Self::Sum(_) => Binding::Sum,
            Self::Number(value) if *value < 0.0 => Binding::Sum,
            Self::Product(_) | Self::Quotient(..) => Binding::Product,
            Self::Power(..) => Binding::Power,
            Self::Number(_) | Self::Name(_) | Self::Call(..) => Binding::Atom,
        }
    }

    /// The same with the opposite sign, if it begins with a negative number.
    fn without_minus(&self) -> Option<Self> {
        match self {
            Self::Number(value) if *value < 0.0 => Some(Self::Number(-value)),
            Self::Product(parts) => {
                let first = parts.first()?.without_minus()?;
                let rest = &parts[1..];
                let kept =
                    if first == Self::Number(1.0) && !rest.is_empty() { Vec::new() } else { vec![first] };
                Some(Self::product(kept.into_iter().chain(rest.iter().cloned()).collect()))
            }
            Self::Quotient(above, below) => {
                above.without_minus().map(|above| Self::Quotient(Box::new(above), below.clone()))
            }
            _ => None,
        }
    }

    /// As plain text, which the formula engines can read back.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(value) => number_text(*value),
            Self::Name(name) => quoted(name),
            Self::Sum(parts) => sum(parts, " + ", " - ", "-", Self::text),
            Self::Product(_) if self.without_minus().is_some() => self.negated("-", Self::text),
            Self::Product(parts) => join(parts, "*", |part| part.text_above(Binding::Product)),
            Self::Quotient(above, below) => {
                format!("{}/{}", above.text_above(Binding::Product), below.text_above(Binding::Power))
            }
            Self::Power(base, exponent) => {
                format!("{}^{}", base.text_above(Binding::Atom), exponent.text_above(Binding::Atom))
            }
            Self::Call(function, arguments) => format!("{function}({})", join(arguments, ", ", Self::text)),
        }
    }

    fn text_above(&self, least: Binding) -> String {
        if self.binding() < least { format!("({})", self.text()) } else { self.text() }
    }

    fn negated(&self, minus: &str, print: impl Fn(&Self) -> String) -> String {
        self.without_minus().map_or_else(String::new, |positive| format!("{minus}{}", print(&positive)))
    }

    /// As LaTeX.
    pub(crate) fn latex(&self) -> String {
        match self {
            Self::Number(value) => number_parts(*value).map_or_else(
                || number_text(*value),
                |(mantissa, exponent)| format!("{mantissa} \\cdot 10^{{{exponent}}}"),
            ),
            Self::Name(name) => latex_name(name),
            Self::Sum(parts) => sum(parts, " + ", " - ", "-", Self::latex),
            Self::Product(_) if self.without_minus().is_some() => self.negated("-", Self::latex),
            Self::Product(parts) => join(parts, " \\, ", |part| part.latex_above(Binding::Product)),
            Self::Quotient(above, below) => format!("\\frac{{{}}}{{{}}}", above.latex(), below.latex()),
            Self::Power(base, exponent) => {
                format!("{}^{{{}}}", base.latex_above(Binding::Atom), exponent.latex())
            }
            Self::Call("sqrt", arguments) => format!("\\sqrt{{{}}}", join(arguments, ", ", Self::latex)),
            Self::Call("exp", arguments) => format!("e^{{{}}}", join(arguments, ", ", Self::latex)),
            Self::Call(function, arguments) => {
                format!("\\{function}\\left({}\\right)", join(arguments, ", ", Self::latex))
            }
        }
    }

    fn latex_above(&self, least: Binding) -> String {
        let is_raised = matches!(self, Self::Number(value) if number_parts(*value).is_some());
        if self.binding() < least || (is_raised && least == Binding::Atom) || self.is_raised_call(least) {
            format!("\\left({}\\right)", self.latex())
        } else {
            self.latex()
        }
    }

    /// exp prints as a power in LaTeX and MathML, so it needs parentheses as the base of another power.
    fn is_raised_call(&self, least: Binding) -> bool {
        least == Binding::Atom && matches!(self, Self::Call("exp", _))
    }

    /// As presentation MathML, without the `math` element around it.
    pub(crate) fn mathml(&self) -> String {
        match self {
            Self::Number(value) => number_mathml(*value),
            Self::Name(name) => format!("<mi>{}</mi>", escaped(name)),
            Self::Sum(parts) => {
                let inner = sum(parts, "<mo>+</mo>", "<mo>−</mo>", "<mo>−</mo>", Self::mathml);
                format!("<mrow>{inner}</mrow>")
            }
            Self::Product(_) if self.without_minus().is_some() => {
                format!("<mrow>{}</mrow>", self.negated("<mo>−</mo>", Self::mathml))
            }
            Self::Product(parts) => {
                format!(
                    "<mrow>{}</mrow>",
                    join(parts, "<mo>&#x2062;</mo>", |part| part.mathml_above(Binding::Product))
                )
            }
            Self::Quotient(above, below) => format!("<mfrac>{}{}</mfrac>", above.mathml(), below.mathml()),
            Self::Power(base, exponent) => {
                format!("<msup>{}{}</msup>", base.mathml_above(Binding::Atom), exponent.mathml())
            }
            Self::Call("sqrt", arguments) => format!("<msqrt>{}</msqrt>", join(arguments, "", Self::mathml)),
            Self::Call("exp", arguments) => {
                format!("<msup><mi>e</mi>{}</msup>", join(arguments, "", Self::mathml))
            }
            Self::Call(function, arguments) => {
                let inner = join(arguments, "<mo>,</mo>", Self::mathml);
                format!("<mrow><mi>{function}</mi><mo>&#x2061;</mo><mo>(</mo>{inner}<mo>)</mo></mrow>")
            }
        }
    }

    fn mathml_above(&self, least: Binding) -> String {
        if self.binding() < least || self.is_raised_call(least) {
            format!("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", self.mathml())
        } else {
            self.mathml()
        }
    }
}

/// Whether a factor prints below the fraction line.
fn is_below(factor: &Factor) -> bool {
    matches!(factor.transform, Transform::Power(exponent) if exponent < 0)
}

fn of_factor(factor: &Factor, names: &[String]) -> Expression {
    let name = Expression::Name(names[factor.input].clone());
    match factor.transform {
        Transform::Power(exponent) => Expression::power(name, f64::from(exponent.abs())),
        Transform::Sqrt => Expression::Call("sqrt", vec![name]),
        Transform::Log => Expression::Call("log", vec![name]),
        Transform::Exp => Expression::Call("exp", vec![name]),
        Transform::Hinge { knot, degree } => {
            let moved = Expression::Sum(vec![name, Expression::Number(-knot)]);
            let piece = Expression::Call("max", vec![moved, Expression::Number(0.0)]);
            Expression::power(piece, f64::from(degree))
        }
    }
}

fn sum(
    parts: &[Expression],
    plus: &str,
    minus: &str,
    sign: &str,
    print: impl Fn(&Expression) -> String,
) -> String {
    let mut all = String::new();
    for part in parts {
        let positive = part.without_minus();
        all += match (all.is_empty(), positive.is_some()) {
            (true, true) => sign,
            (true, false) => "",
            (false, true) => minus,
            (false, false) => plus,
        };
        all += &print(positive.as_ref().unwrap_or(part));
    }
    all
}

fn join(parts: &[Expression], separator: &str, print: impl Fn(&Expression) -> String) -> String {
    parts.iter().map(print).collect::<Vec<_>>().join(separator)
}

/// Digits and power of ten of a number that a person would write so.
fn number_parts(value: f64) -> Option<(String, i32)> {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e15).contains(&size) {
        return None;
    }
    let printed = format!("{value:e}");
    let (mantissa, exponent) = printed.split_once('e')?;
    Some((mantissa.to_owned(), exponent.parse().ok()?))
}

fn number_text(value: f64) -> String {
    number_parts(value)
        .map_or_else(|| format!("{value}"), |(mantissa, exponent)| format!("{mantissa}e{exponent}"))
}

fn number_mathml(value: f64) -> String {
    if value < 0.0 {
        return format!("<mrow><mo>−</mo>{}</mrow>", number_mathml(-value));
    }
    number_parts(value).map_or_else(
        || format!("<mn>{value}</mn>"),
        |(mantissa, exponent)| {
            let power = number_mathml(f64::from(exponent));
            format!("<mrow><mn>{mantissa}</mn><mo>⋅</mo><msup><mn>10</mn>{power}</msup></mrow>")
        },
    )
}

/// One letter with a number after it is a letter with an index; longer names stand upright.
fn latex_name(name: &str) -> String {
    let letters: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = &name[letters.len()..];
    if letters.len() == 1 && rest.chars().all(|next| next.is_ascii_digit()) {
        return if rest.is_empty() { letters } else { format!("{letters}_{{{rest}}}") };
    }
    let mut escaped = String::new();
    for character in name.chars() {
        match character {
            '\\' => escaped += "\\textbackslash{}",
            '^' => escaped += "\\textasciicircum{}",
            '~' => escaped += "\\textasciitilde{}",
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    format!("\\text{{{escaped}}}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
