//! Prints formulas as Typst mathematics (what stands between two dollar signs).

use crate::code::without_sign;
use crate::expr::{Bin, Fun, Node};
use crate::number;

/// Typst mathematics for a formula.
pub(crate) fn print(node: &Node, names: &[String]) -> String {
    write(node, names, 0)
}

/// How tightly a node binds: 0 sum, 1 sign and product, 2 power, 3 atom.
fn binding(node: &Node) -> u8 {
    match node {
        Node::Bin(Bin::Add | Bin::Sub, ..) => 0,
        Node::Neg(_) | Node::Bin(Bin::Mul, ..) => 1,
        Node::Num(c) if *c < 0.0 => 1,
        Node::Num(c) if number::multiple_of_pi(*c).is_some_and(|(p, _)| p != 1) => 1,
        Node::Num(c) if number::decimal(*c).contains('e') => 1,
        Node::Bin(Bin::Pow, ..) => 2,
        _ => 3,
    }
}

fn write(node: &Node, names: &[String], least: u8) -> String {
    let text = bare(node, names);
    if binding(node) < least { format!("({text})") } else { text }
}

fn bare(node: &Node, names: &[String]) -> String {
    let at = |node: &Node, least: u8| write(node, names, least);
    match node {
        Node::Num(c) => constant(*c),
        Node::Var(v) => name(&names[usize::from(*v)]),
        Node::Neg(a) if without_sign(a).is_some() => format!("-({})", bare(a, names)),
        Node::Neg(a) => format!("-{}", at(a, 1)),
        Node::Bin(op @ (Bin::Add | Bin::Sub), a, b) => {
            let minus = *op == Bin::Sub;
            let (turned, b) = match without_sign(b) {
                Some(positive) => (!minus, positive),
                None => (minus, (**b).clone()),
            };
            format!("{} {} {}", at(a, 0), if turned { '-' } else { '+' }, at(&b, 1))
        }
        Node::Bin(Bin::Mul, a, b) => {
            let (left, right) = (at(a, 1), at(b, 2));
            let digits = right.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            format!("{left} {}{right}", if digits { "dot " } else { "" })
        }
        Node::Bin(Bin::Div, a, b) => match without_sign(a) {
            Some(a) => format!("-frac({}, {})", at(&a, 0), at(b, 0)),
            None => format!("frac({}, {})", at(a, 0), at(b, 0)),
        },
        Node::Bin(Bin::Pow, a, b) => {
            let base = if matches!(**a, Node::Fun(..) | Node::Bin(Bin::Div, ..)) {
                format!("({})", bare(a, names))
            } else {
                at(a, 3)
            };
            format!("{base}^({})", at(b, 0))
        }
        Node::Bin(Bin::Max, a, b) => format!("max({}, {})", at(a, 0), at(b, 0)),
        Node::Bin(Bin::Min, a, b) => format!("min({}, {})", at(a, 0), at(b, 0)),
        Node::Fun(Fun::Exp, a) => format!("e^({})", at(a, 0)),
        Node::Fun(fun, a) => format!("{}({})", function(*fun), at(a, 0)),
    }
}

fn function(fun: Fun) -> &'static str {
    match fun {
        Fun::Asin => "arcsin",
        Fun::Acos => "arccos",
        Fun::Atan => "arctan",
        Fun::Erf => r#"op("erf")"#,
        _ => fun.name(),
    }
}

fn constant(c: f64) -> String {
    if c < 0.0 {
        return format!("-{}", constant(-c));
    }
    if !number::is_short_decimal(c)
        && let Some((p, q)) = number::multiple_of_pi(c)
    {
        let top = if p == 1 { "pi".to_owned() } else { format!("{p} pi") };
        return if q == 1 { top } else { format!("frac({top}, {q})") };
    }
    if let Some((p, q)) = number::shown_fraction(c) {
        return format!("frac({p}, {q})");
    }
    match number::decimal(c).split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa} dot 10^({exponent})"),
        None => number::decimal(c),
    }
}

/// One letter stays italic, what follows it after an underscore or as digits is its index; words are upright.
fn name(text: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""));
    let mut letters = text.chars();
    let first = letters.next().filter(char::is_ascii_alphabetic);
    let rest = letters.as_str().trim_start_matches('_');
    match first {
        Some(letter) if text.len() == 1 => letter.to_string(),
        Some(letter) if letters.as_str().starts_with('_') || rest.chars().all(|c| c.is_ascii_digit()) => {
            format!("{letter}_({})", quoted(rest))
        }
        _ => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn writes_what_typst_sets() {
        let names = ["x".to_owned(), "k_max".to_owned(), "semi axis".to_owned()];
        for (formula, expected) in [
            ("2*(x + 1)^3 + 3", "2 (x + 1)^(3) + 3"),
            ("x/(x - 2.5)", "frac(x, x - 2.5)"),
            ("k_max*exp(-x)", r#"k_("max") e^(-x)"#),
            ("365.25*`semi axis`^1.5", r#"365.25 "semi axis"^(1.5)"#),
            ("sqrt(x)*2*pi", "sqrt(x) dot 2 pi"),
            ("x^(2*pi)", "x^(2 pi)"),
            ("x/3 - asin(x)", "frac(x, 3) - arcsin(x)"),
            ("-(x + 1)*x", "-(x + 1) x"),
            ("sin(x)^2", "(sin(x))^(2)"),
        ] {
            assert_eq!(print(&parse(formula, &names).unwrap(), &names), expected, "{formula}");
        }
    }
}
