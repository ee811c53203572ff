//! Prints formulas as one line of infix text: for people and for programming languages.

use std::f64::consts::PI;

use crate::expr::{Bin, Fun, Node};
use crate::number;

/// A form of text a formula can be printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// The engine's own text, which it reads back.
    Text,
    /// Python with `import math`.
    Python,
    /// C with `<math.h>`.
    C,
    /// Rust, all variables `f64`.
    Rust,
    /// JavaScript.
    JavaScript,
    /// An Excel formula; variables are named cells.
    Excel,
    /// A tree in JSON: `["+", ["*", 3, "x"], 4]`.
    Json,
}

/// How tightly a piece of text binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

/// Prints a formula in a language.
pub(crate) fn print(node: &Node, names: &[String], language: Language) -> String {
    if language == Language::Json {
        return json(node, names);
    }
    let text = Printer { names, language }.write(node).0;
    if language == Language::Excel { format!("={text}") } else { text }
}

struct Printer<'a> {
    names: &'a [String],
    language: Language,
}

impl Printer<'_> {
    fn write(&self, node: &Node) -> (String, Binding) {
        match node {
            Node::Num(c) => self.number(*c),
            Node::Var(v) => (self.name(&self.names[usize::from(*v)]), Binding::Atom),
            Node::Neg(a) => {
                let inner = self.within(a, Binding::Product);
                // A spreadsheet takes the sign before the power: -x^2 is (-x)^2 there.
                let is_first = self.language == Language::Excel && inner.contains('^');
                let inner = if inner.starts_with('-') || is_first { format!("({inner})") } else { inner };
                (format!("-{inner}"), Binding::Sign)
            }
            Node::Fun(fun, a) => self.call(*fun, a),
            Node::Bin(Bin::Add | Bin::Sub, a, b) => self.sum(node, a, b),
            Node::Bin(Bin::Mul, a, b) => {
                let (a, b) = (self.within(a, Binding::Product), self.within(b, Binding::Power));
                (format!("{a}*{b}"), Binding::Product)
            }
            Node::Bin(Bin::Div, a, b) => {
                let (a, b) = (self.within(a, Binding::Product), self.within(b, Binding::Power));
                (format!("{a}/{b}"), Binding::Product)
            }
            Node::Bin(Bin::Pow, a, b) => self.power(a, b),
            Node::Bin(Bin::Max, a, b) => self.extreme("max", a, b),
            Node::Bin(Bin::Min, a, b) => self.extreme("min", a, b),
        }
    }

    /// The text of an operand, in brackets where it binds less than needed.
    fn within(&self, node: &Node, least: Binding) -> String {
        let (text, binding) = self.write(node);
        if binding < least { format!("({text})") } else { text }
    }

    /// A sum; what is added with a minus sign is subtracted.
    fn sum(&self, node: &Node, a: &Node, b: &Node) -> (String, Binding) {
        let left = self.within(a, Binding::Sum);
        let mut turned = matches!(node, Node::Bin(Bin::Sub, ..));
        let mut b = b.clone();
        while let Some(positive) = without_sign(&b) {
            (turned, b) = (!turned, positive);
        }
        let right = self.within(&b, Binding::Product);
        let right = if right.starts_with('-') { format!("({right})") } else { right };
        (format!("{left} {} {right}", if turned { '-' } else { '+' }), Binding::Sum)
    }

    fn power(&self, a: &Node, b: &Node) -> (String, Binding) {
        let plain = |node: &Node| self.write(node).0;
        let whole = if let Node::Num(c) = b { c.fract() == 0.0 && c.abs() < 100.0 } else { false };
        match self.language {
            Language::C => (format!("pow({}, {})", plain(a), plain(b)), Binding::Atom),
            Language::JavaScript => (format!("Math.pow({}, {})", plain(a), plain(b)), Binding::Atom),
            Language::Rust if whole => {
                let n = plain(b).replace(".0", "");
                (format!("{}.powi({n})", self.receiver(a)), Binding::Atom)
            }
            Language::Rust => (format!("{}.powf({})", self.receiver(a), plain(b)), Binding::Atom),
            _ => {
                let sign = if self.language == Language::Python { "**" } else { "^" };
                let (a, b) = (self.within(a, Binding::Atom), self.within(b, Binding::Atom));
                (format!("{a}{sign}{b}"), Binding::Power)
            }
        }
    }

    /// What a method is called on: Rust has to know what kind of number it is.
    fn receiver(&self, node: &Node) -> String {
        match node {
            Node::Num(c) if *c < 0.0 => format!("(-{})", self.receiver(&Node::Num(-c))),
            Node::Num(_) => {
                let text = self.write(node).0;
                if text.ends_with("_f64") { text } else { format!("{text}_f64") }
            }
            _ => self.within(node, Binding::Atom),
        }
    }

    fn extreme(&self, name: &str, a: &Node, b: &Node) -> (String, Binding) {
        let (left, right) = (self.write(a).0, self.write(b).0);
        let text = match self.language {
            Language::C => format!("f{name}({left}, {right})"),
            Language::Rust => format!("{}.{name}({right})", self.receiver(a)),
            Language::JavaScript => format!("Math.{name}({left}, {right})"),
            Language::Excel => format!("{}({left}, {right})", name.to_uppercase()),
            _ => format!("{name}({left}, {right})"),
        };
        (text, Binding::Atom)
    }

    fn call(&self, fun: Fun, argument: &Node) -> (String, Binding) {
        let inner = self.write(argument).0;
        let name = fun.name();
        let text = match (self.language, fun) {
            (Language::Python, Fun::Abs) => format!("abs({inner})"),
            (Language::Python, _) => format!("math.{name}({inner})"),
            (Language::C, Fun::Abs) => format!("fabs({inner})"),
            (Language::Rust, Fun::Erf) => format!("libm::erf({inner})"),
            (Language::Rust, Fun::Log) => format!("{}.ln()", self.receiver(argument)),
            (Language::Rust, _) => format!("{}.{name}()", self.receiver(argument)),
            (Language::JavaScript, Fun::Erf) => format!("erf({inner})"),
            (Language::JavaScript, _) => format!("Math.{name}({inner})"),
            (Language::Excel, Fun::Log) => format!("LN({inner})"),
            (Language::Excel, _) => format!("{}({inner})", name.to_uppercase()),
            _ => format!("{name}({inner})"),
        };
        (text, Binding::Atom)
    }

    fn number(&self, c: f64) -> (String, Binding) {
        if c < 0.0 {
            let (text, binding) = self.number(-c);
            return (format!("-{text}"), binding.min(Binding::Sign));
        }
        if let Some(symbolic) = self.symbolic(c) {
            return symbolic;
        }
        let decimal = number::decimal(c);
        let text = match self.language {
            Language::Rust | Language::C if !decimal.contains(['.', 'e']) => format!("{decimal}.0"),
            Language::Rust => format!("{decimal}_f64"),
            _ => decimal,
        };
        (text, Binding::Atom)
    }

    /// Multiples of π and small fractions, which only text for people shows as such.
    fn symbolic(&self, c: f64) -> Option<(String, Binding)> {
        if self.language != Language::Text {
            return None;
        }
        if !number::is_short_decimal(c)
            && !self.names.iter().any(|name| name == "pi")
            && let Some((p, q)) = number::multiple_of_pi(c)
        {
            let top = if p == 1 { "pi".to_owned() } else { format!("{p}*pi") };
            let exact = p as f64 * PI / q as f64 == c;
            return match (exact, p, q) {
                (false, ..) => None,
                (_, 1, 1) => Some((top, Binding::Atom)),
                (_, _, 1) => Some((top, Binding::Product)),
                _ => Some((format!("{top}/{q}"), Binding::Product)),
            };
        }
        number::shown_fraction(c).map(|(p, q)| (format!("{p}/{q}"), Binding::Product))
    }

    fn name(&self, name: &str) -> String {
        let identifier = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if identifier {
            name.to_owned()
        } else if self.language == Language::Text {
            format!("`{name}`")
        } else {
            let letter = |c: char| if c.is_alphanumeric() { c } else { '_' };
            let cleaned: String = name.chars().map(letter).collect();
            if cleaned.starts_with(|c: char| c.is_alphabetic()) { cleaned } else { format!("_{cleaned}") }
        }
    }
}

/// A negative node with its sign turned; `None` for one that shows no leading minus.
pub(crate) fn without_sign(node: &Node) -> Option<Node> {
    match node {
        Node::Num(c) if *c < 0.0 => Some(Node::Num(-c)),
        Node::Neg(a) => Some((**a).clone()),
        Node::Bin(op @ (Bin::Mul | Bin::Div), a, b) => {
            without_sign(a).map(|a| Node::Bin(*op, Box::new(a), b.clone()))
        }
        _ => None,
    }
}

fn json(node: &Node, names: &[String]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let list = |head: &str, parts: &[&Node]| {
        let parts: Vec<String> = parts.iter().map(|part| json(part, names)).collect();
        format!("[\"{head}\",{}]", parts.join(","))
    };
    match node {
        Node::Num(c) => number::decimal(*c),
        Node::Var(v) => quoted(&names[usize::from(*v)]),
        Node::Neg(a) => list("neg", &[a]),
        Node::Fun(fun, a) => list(fun.name(), &[a]),
        Node::Bin(op, a, b) => {
            let head = match op {
                Bin::Add => "+",
                Bin::Sub => "-",
                Bin::Mul => "*",
                Bin::Div => "/",
                Bin::Pow => "^",
                Bin::Max => "max",
                Bin::Min => "min",
            };
            list(head, &[a, b])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn check(formula: &str, language: Language, expected: &str) {
        let names = ["x".to_owned(), "semi axis".to_owned()];
        assert_eq!(print(&parse(formula, &names).unwrap(), &names, language), expected);
    }

    #[test]
    fn writes_only_the_brackets_that_are_needed() {
        for text in [
            "3*x + 4",
            "2*(x + 1)^3 + 3",
            "x - (3 - x)",
            "x/(3*x)",
            "x/3*x",
            "-x^2",
            "(-x)^2",
            "x^(-2)",
            "(x^2)^3",
            "x^x^2",
            "2*pi*x",
            "sin(pi/3 + x)",
            "x^(1/3)",
            "max(x, -1)",
            "-(x + 1)*x",
            "`semi axis`^1.5",
            "x - 2*x",
        ] {
            let written = if text == "x^x^2" { "x^(x^2)" } else { text };
            check(text, Language::Text, written);
        }
    }

    #[test]
    fn writes_programs() {
        let formula = "2*x^3 - log(x)/3 + max(x, 1.5)";
        check(formula, Language::Python, "2*x**3 - math.log(x)/3 + max(x, 1.5)");
        check(formula, Language::C, "2.0*pow(x, 3.0) - log(x)/3.0 + fmax(x, 1.5)");
        check(formula, Language::Rust, "2.0*x.powi(3) - x.ln()/3.0 + x.max(1.5_f64)");
        check(formula, Language::JavaScript, "2*Math.pow(x, 3) - Math.log(x)/3 + Math.max(x, 1.5)");
        check(formula, Language::Excel, "=2*x^3 - LN(x)/3 + MAX(x, 1.5)");
        check("3*x + 4", Language::Json, r#"["+",["*",3,"x"],4]"#);
        check("`semi axis`", Language::Python, "semi_axis");
        check("2^x + max(-3, x)", Language::Rust, "2.0_f64.powf(x) + (-3.0_f64).max(x)");
        check("-x^2*3 - x^2", Language::Excel, "=-(x^2)*3 - x^2");
        check("-2*x^2", Language::Excel, "=-2*x^2");
    }
}
