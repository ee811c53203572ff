//! Prints formulas as LaTeX mathematics.

use crate::code::without_sign;
use crate::expr::{Bin, Fun, Node};
use crate::number;

/// LaTeX for a formula.
pub(crate) fn print(node: &Node, names: &[String]) -> String {
    write(node, names, 0)
}

/// How tightly a node binds: 0 sum, 1 sign and product, 2 power, 3 atom.
fn binding(node: &Node) -> u8 {
    match node {
        Node::Bin(Bin::Add | Bin::Sub, ..) => 0,
        Node::Num(c) if *c < 0.0 || number::multiple_of_pi(*c).is_some_and(|(p, _)| p != 1) => 1,
        Node::Neg(_) | Node::Bin(Bin::Mul, ..) => 1,
        Node::Num(c) if number::decimal(*c).contains('e') => 1,
        Node::Bin(Bin::Pow | Bin::Div, ..) => 2,
        _ => 3,
    }
}

fn write(node: &Node, names: &[String], least: u8) -> String {
    let text = bare(node, names);
    if binding(node) < least { format!(r"\left({text}\right)") } else { text }
}

fn bare(node: &Node, names: &[String]) -> String {
    match node {
        Node::Num(c) => number_latex(*c),
        Node::Var(v) => name_latex(&names[usize::from(*v)]),
        Node::Neg(a) if without_sign(a).is_some() => format!(r"-\left({}\right)", bare(a, names)),
        Node::Neg(a) => format!("-{}", write(a, names, 1)),
        Node::Bin(Bin::Add | Bin::Sub, a, b) => {
            let minus = matches!(node, Node::Bin(Bin::Sub, ..));
            let (turned, b) = match without_sign(b) {
                Some(positive) => (!minus, positive),
                None => (minus, (**b).clone()),
            };
            let sign = if turned { '-' } else { '+' };
            format!("{} {sign} {}", write(a, names, 0), write(&b, names, 1))
        }
        Node::Bin(Bin::Mul, a, b) => {
            let (left, right) = (write(a, names, 1), write(b, names, 2));
            let digits = right.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            if digits { format!(r"{left} \cdot {right}") } else { format!("{left} {right}") }
        }
        Node::Bin(Bin::Div, a, b) => match without_sign(a) {
            Some(a) => format!(r"-\frac{{{}}}{{{}}}", write(&a, names, 0), write(b, names, 0)),
            None => format!(r"\frac{{{}}}{{{}}}", write(a, names, 0), write(b, names, 0)),
        },
        Node::Bin(Bin::Pow, a, b) => {
            let base = if matches!(**a, Node::Fun(..)) {
                format!(r"\left({}\right)", bare(a, names))
            } else {
                write(a, names, 3)
            };
            format!("{base}^{{{}}}", write(b, names, 0))
        }
        Node::Bin(Bin::Max, a, b) => {
            format!(r"\max\left({}, {}\right)", write(a, names, 0), write(b, names, 0))
        }
        Node::Bin(Bin::Min, a, b) => {
            format!(r"\min\left({}, {}\right)", write(a, names, 0), write(b, names, 0))
        }
        Node::Fun(fun, a) => function(*fun, &write(a, names, 0)),
    }
}

fn function(fun: Fun, argument: &str) -> String {
    match fun {
        Fun::Sqrt => format!(r"\sqrt{{{argument}}}"),
        Fun::Abs => format!(r"\left|{argument}\right|"),
        Fun::Exp => format!("e^{{{argument}}}"),
        Fun::Asin => format!(r"\arcsin\left({argument}\right)"),
        Fun::Acos => format!(r"\arccos\left({argument}\right)"),
        Fun::Atan => format!(r"\arctan\left({argument}\right)"),
        Fun::Erf => format!(r"\operatorname{{erf}}\left({argument}\right)"),
        _ => format!(r"\{}\left({argument}\right)", fun.name()),
    }
}

fn number_latex(c: f64) -> String {
    if c < 0.0 {
        return format!("-{}", number_latex(-c));
    }
    if !number::is_short_decimal(c)
        && let Some((p, q)) = number::multiple_of_pi(c)
    {
        let top = if p == 1 { r"\pi".to_owned() } else { format!(r"{p} \pi") };
        return if q == 1 { top } else { format!(r"\frac{{{top}}}{{{q}}}") };
    }
    if let Some((p, q)) = number::shown_fraction(c) {
        return format!(r"\frac{{{p}}}{{{q}}}");
    }
    match number::decimal(c).split_once('e') {
        Some((mantissa, exponent)) => format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
        None => number::decimal(c),
    }
}

/// One letter stays italic, with its digits or the part after an underscore as index; words are upright.
fn name_latex(name: &str) -> String {
    let escape = |text: &str| {
        let mut escaped = String::new();
        for c in text.chars() {
            match c {
                '_' | '%' | '&' | '#' | '$' | '{' | '}' => escaped.extend(['\\', c]),
                '\\' => escaped.push_str(r"\backslash "),
                '~' => escaped.push_str(r"\sim "),
                '^' => escaped.push_str(r"\wedge "),
                ' ' => escaped.push_str(r"\ "),
                _ => escaped.push(c),
            }
        }
        escaped
    };
    let upright = |text: &str| {
        if text.chars().count() == 1 || text.chars().all(|c| c.is_ascii_digit()) {
            escape(text)
        } else {
            format!(r"\mathrm{{{}}}", escape(text))
        }
    };
    let (head, index) = split_index(name);
    match index {
        "" => upright(head),
        index => format!("{}_{{{}}}", upright(head), upright(index)),
    }
}

/// Splits `x1` and `v_max` into a name and its index; `log_reynolds` is a name of two words.
pub(crate) fn split_index(name: &str) -> (&str, &str) {
    if let Some((head, index)) = name.split_once('_')
        && (1..=2).contains(&head.chars().count())
        && !index.is_empty()
    {
        return (head, index);
    }
    let head = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if head.chars().count() == 1 && head.len() < name.len() {
        (head, &name[head.len()..])
    } else {
        (name, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn check(formula: &str, expected: &str) {
        let names = [
            "x".to_owned(),
            "v_max".to_owned(),
            "x12".to_owned(),
            "cost %".to_owned(),
            "log_reynolds".to_owned(),
        ];
        assert_eq!(print(&parse(formula, &names).unwrap(), &names), expected);
    }

    #[test]
    fn writes_what_a_book_would_show() {
        check("2*(x + 1)^3 + 3", r"2 \left(x + 1\right)^{3} + 3");
        check("-3*x/(x + 2.5)", r"-\frac{3 x}{x + 2.5}");
        check("x - 3*x", "x - 3 x");
        check("sin(2*pi*x)", r"\sin\left(2 \pi x\right)");
        check("x^(1/3)*exp(-x)", r"x^{\frac{1}{3}} e^{-x}");
        check("v_max*x12/`cost %`", r"\frac{v_{\mathrm{max}} x_{12}}{\mathrm{cost\ \%}}");
        check("log_reynolds^2", r"\mathrm{log\_reynolds}^{2}");
        check("sqrt(x)*1e-12", r"\sqrt{x} \left(1 \cdot 10^{-12}\right)");
        check("x*2", r"x \cdot 2");
        check("sin(x)^2", r"\left(\sin\left(x\right)\right)^{2}");
    }
}
