//! Prints formulas as `MathML`, which browsers typeset without any script.

use crate::code::without_sign;
use crate::expr::{Bin, Fun, Node};
use crate::latex::split_index;
use crate::number;

/// A `math` element for a formula.
pub(crate) fn print(node: &Node, names: &[String]) -> String {
    format!(r#"<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>"#, write(node, names, 0))
}

/// How tightly a node binds: 0 sum, 1 sign and product, 2 power, 3 atom.
fn binding(node: &Node) -> u8 {
    match node {
        Node::Bin(Bin::Add | Bin::Sub, ..) => 0,
        Node::Num(c) if *c < 0.0 || number::multiple_of_pi(*c).is_some_and(|(p, _)| p != 1) => 1,
        Node::Num(c) if number::decimal(*c).contains('e') => 1,
        Node::Neg(_) | Node::Bin(Bin::Mul, ..) => 1,
        Node::Bin(Bin::Pow | Bin::Div, ..) | Node::Fun(Fun::Exp, _) => 2,
        _ => 3,
    }
}

fn write(node: &Node, names: &[String], least: u8) -> String {
    let text = bare(node, names);
    if binding(node) < least { bracketed(&text) } else { text }
}

fn row(inner: &str) -> String {
    format!("<mrow>{inner}</mrow>")
}

fn bracketed(inner: &str) -> String {
    row(&format!("<mo>(</mo>{inner}<mo>)</mo>"))
}

fn bare(node: &Node, names: &[String]) -> String {
    match node {
        Node::Num(c) => number_mathml(*c),
        Node::Var(v) => name_mathml(&names[usize::from(*v)]),
        Node::Neg(a) if without_sign(a).is_some() => {
            row(&format!("<mo>−</mo>{}", bracketed(&bare(a, names))))
        }
        Node::Neg(a) => row(&format!("<mo>−</mo>{}", write(a, names, 1))),
        Node::Bin(Bin::Add | Bin::Sub, a, b) => {
            let minus = matches!(node, Node::Bin(Bin::Sub, ..));
            let (turned, b) = match without_sign(b) {
                Some(positive) => (!minus, positive),
                None => (minus, (**b).clone()),
            };
            let sign = if turned { '−' } else { '+' };
            row(&format!("{}<mo>{sign}</mo>{}", write(a, names, 0), write(&b, names, 1)))
        }
        Node::Bin(Bin::Mul, a, b) => {
            let sign = if begins_with_digits(b) { "<mo>⋅</mo>" } else { "<mo>&#x2062;</mo>" };
            row(&format!("{}{sign}{}", write(a, names, 1), write(b, names, 2)))
        }
        Node::Bin(Bin::Div, a, b) => match without_sign(a) {
            Some(a) => row(&format!("<mo>−</mo>{}", fraction(&write(&a, names, 0), &write(b, names, 0)))),
            None => fraction(&write(a, names, 0), &write(b, names, 0)),
        },
        Node::Bin(Bin::Pow, a, b) => {
            let base =
                if matches!(**a, Node::Fun(..)) { bracketed(&bare(a, names)) } else { write(a, names, 3) };
            format!("<msup>{base}{}</msup>", write(b, names, 0))
        }
        Node::Bin(Bin::Max, a, b) => extreme("max", a, b, names),
        Node::Bin(Bin::Min, a, b) => extreme("min", a, b, names),
        Node::Fun(Fun::Sqrt, a) => format!("<msqrt>{}</msqrt>", write(a, names, 0)),
        Node::Fun(Fun::Exp, a) => format!("<msup><mi>e</mi>{}</msup>", write(a, names, 0)),
        Node::Fun(Fun::Abs, a) => row(&format!("<mo>|</mo>{}<mo>|</mo>", write(a, names, 0))),
        Node::Fun(fun, a) => {
            row(&format!("<mi>{}</mi><mo>&#x2061;</mo>{}", function(*fun), bracketed(&write(a, names, 0))))
        }
    }
}

/// Whether a factor begins with a number, which would be read as one with a number before it.
fn begins_with_digits(factor: &Node) -> bool {
    match factor {
        Node::Num(_) => true,
        Node::Bin(Bin::Pow | Bin::Mul, first, _) => begins_with_digits(first),
        _ => false,
    }
}

fn fraction(top: &str, bottom: &str) -> String {
    format!("<mfrac>{top}{bottom}</mfrac>")
}

fn extreme(name: &str, a: &Node, b: &Node, names: &[String]) -> String {
    let arguments = format!("{}<mo>,</mo>{}", write(a, names, 0), write(b, names, 0));
    row(&format!("<mi>{name}</mi><mo>&#x2061;</mo>{}", bracketed(&arguments)))
}

fn function(fun: Fun) -> &'static str {
    match fun {
        Fun::Asin => "arcsin",
        Fun::Acos => "arccos",
        Fun::Atan => "arctan",
        _ => fun.name(),
    }
}

fn number_mathml(c: f64) -> String {
    if c < 0.0 {
        return row(&format!("<mo>−</mo>{}", number_mathml(-c)));
    }
    let digits = |value: i64| format!("<mn>{value}</mn>");
    if !number::is_short_decimal(c)
        && let Some((p, q)) = number::multiple_of_pi(c)
    {
        let pi = "<mi>π</mi>".to_owned();
        let top = if p == 1 { pi } else { row(&format!("{}<mo>&#x2062;</mo>{pi}", digits(p))) };
        return if q == 1 { top } else { fraction(&top, &digits(q)) };
    }
    if let Some((p, q)) = number::shown_fraction(c) {
        return fraction(&digits(p), &digits(q));
    }
    match number::decimal(c).split_once('e') {
        Some((mantissa, exponent)) => row(&format!(
            "<mn>{mantissa}</mn><mo>⋅</mo><msup><mn>10</mn><mn>{}</mn></msup>",
            exponent.replace('-', "−")
        )),
        None => format!("<mn>{}</mn>", number::decimal(c)),
    }
}

fn name_mathml(name: &str) -> String {
    let identifier = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if text.chars().all(|c| c.is_ascii_digit()) {
            format!("<mn>{text}</mn>")
        } else {
            format!("<mi>{text}</mi>")
        }
    };
    match split_index(name) {
        (head, "") => identifier(head),
        (head, index) => format!("<msub>{}{}</msub>", identifier(head), identifier(index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn check(formula: &str, expected: &str) {
        let names = ["x".to_owned(), "a<b".to_owned()];
        let text = print(&parse(formula, &names).unwrap(), &names);
        let inner = text.split_once('>').and_then(|(_, rest)| rest.strip_suffix("</math>")).unwrap();
        assert_eq!(inner, expected);
    }

    #[test]
    fn numbers_beside_each_other_have_a_dot_between() {
        check("120.5*0.7^x", "<mrow><mn>120.5</mn><mo>⋅</mo><msup><mn>0.7</mn><mi>x</mi></msup></mrow>");
    }

    #[test]
    fn writes_elements_a_browser_typesets() {
        check("x^2", "<msup><mi>x</mi><mn>2</mn></msup>");
        check("x - 3", "<mrow><mi>x</mi><mo>−</mo><mn>3</mn></mrow>");
        check("1/sqrt(x)", "<mfrac><mn>1</mn><msqrt><mi>x</mi></msqrt></mfrac>");
        check(
            "(x + 1)^2",
            "<msup><mrow><mo>(</mo><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mo>)</mo></mrow><mn>2</mn></msup>",
        );
    }

    #[test]
    fn escapes_names() {
        check("`a<b`", "<mi>a&lt;b</mi>");
    }
}
