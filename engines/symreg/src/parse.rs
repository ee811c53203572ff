//! Reads formulas: a recursive-descent parser for infix text with `^` or `**`, functions and backquoted names.

use std::f64::consts::PI;

use crate::error::Error;
use crate::expr::{Bin, Fun, Node};
use crate::maths;

/// Deeper nesting than this is refused, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 200;

/// Reads a formula over the given names.
pub(crate) fn parse(text: &str, names: &[String]) -> Result<Node, Error> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, names, depth: 0 };
    let node = parser.sum()?;
    parser.skip_space();
    if parser.at < parser.chars.len() {
        return Err(parser.error("unexpected character"));
    }
    Ok(node)
}

/// The names in a formula that are neither known nor functions, in the order they occur.
pub(crate) fn unknown_names(text: &str, known: &[String]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let word = |c: char| is_word(c) || c.is_numeric();
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let quoted = chars[at] == '`';
        if chars[at].is_ascii_digit() || chars[at] == '.' {
            // A number's exponent is no name.
            at += chars[at..].iter().take_while(|c| word(**c) || **c == '.').count();
            continue;
        }
        if !quoted && !is_word(chars[at]) {
            at += 1;
            continue;
        }
        let start = at + usize::from(quoted);
        let inside = |c: char| if quoted { c != '`' } else { word(c) };
        let end = start + chars[start..].iter().take_while(|c| inside(**c)).count();
        let name: String = chars[start..end].iter().collect();
        let call = !quoted && chars[end..].iter().find(|c| !c.is_whitespace()) == Some(&'(');
        if !call && name != "pi" && !name.is_empty() && !known.contains(&name) && !found.contains(&name) {
            found.push(name);
        }
        at = end + usize::from(quoted);
    }
    found
}

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    names: &'a [String],
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, reason: &str) -> Error {
        Error::Syntax { position: self.at + 1, reason: reason.to_owned() }
    }

    fn skip_space(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Result<Node, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        let mut left = self.product()?;
        loop {
            if self.take('+') {
                left = fold(Bin::Add, left, self.product()?);
            } else if self.take('-') {
                left = fold(Bin::Sub, left, self.product()?);
            } else {
                self.depth -= 1;
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Node, Error> {
        let mut left = self.signed()?;
        loop {
            if self.peek() == Some('*') && self.chars.get(self.at + 1) != Some(&'*') {
                self.at += 1;
                left = fold(Bin::Mul, left, self.signed()?);
            } else if self.take('/') {
                left = fold(Bin::Div, left, self.signed()?);
            } else {
                return Ok(left);
            }
        }
    }

    fn signed(&mut self) -> Result<Node, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        let node = if self.take('-') {
            self.signed()?.negated()
        } else if self.take('+') {
            self.signed()?
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn power(&mut self) -> Result<Node, Error> {
        let base = self.atom()?;
        let stars = self.peek() == Some('*') && self.chars.get(self.at + 1) == Some(&'*');
        if stars {
            self.at += 2;
        } else if !self.take('^') {
            return Ok(base);
        }
        Ok(fold(Bin::Pow, base, self.signed()?))
    }

    fn atom(&mut self) -> Result<Node, Error> {
        match self.peek() {
            None => Err(self.error("the formula ends too early")),
            Some('(') => {
                self.at += 1;
                let node = self.sum()?;
                self.closing()?;
                Ok(node)
            }
            Some('`') => {
                let start = self.at + 1;
                let length = self.chars[start..].iter().position(|&c| c == '`');
                let length = length.ok_or_else(|| self.error("the closing backquote is missing"))?;
                let name: String = self.chars[start..start + length].iter().collect();
                let node = self.variable(&name)?;
                self.at = start + length + 1;
                Ok(node)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if is_word(c) => self.word(),
            Some(_) => Err(self.error("a number, a name or a bracket was expected")),
        }
    }

    fn closing(&mut self) -> Result<(), Error> {
        if self.take(')') { Ok(()) } else { Err(self.error("a closing bracket was expected")) }
    }

    fn number(&mut self) -> Result<Node, Error> {
        let start = self.at;
        while let Some(&c) = self.chars.get(self.at) {
            let sign =
                matches!(c, '+' | '-') && matches!(self.chars[self.at - 1], 'e' | 'E') && self.at > start;
            let exponent = matches!(c, 'e' | 'E')
                && self.chars.get(self.at + 1).is_some_and(|n| n.is_ascii_digit() || matches!(n, '+' | '-'));
            if !(c.is_ascii_digit() || c == '.' || sign || exponent) {
                break;
            }
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Node::Num(value)),
            _ => Err(Error::Syntax { position: start + 1, reason: format!("'{text}' is not a number") }),
        }
    }

    fn word(&mut self) -> Result<Node, Error> {
        let start = self.at;
        while self.chars.get(self.at).is_some_and(|&c| is_word(c) || c.is_numeric()) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        if self.peek() == Some('(') && !self.names.contains(&word) {
            self.at += 1;
            return self.call(&word, start);
        }
        self.variable(&word).map_err(|_| Error::Syntax {
            position: start + 1,
            reason: format!("'{word}' is neither a variable nor a function"),
        })
    }

    fn variable(&self, name: &str) -> Result<Node, Error> {
        match self.names.iter().position(|n| n == name) {
            Some(index) => Ok(Node::Var(index as u16)),
            None if name == "pi" => Ok(Node::Num(PI)),
            None => Err(self.error(&format!("there is no variable '{name}'"))),
        }
    }

    fn call(&mut self, word: &str, start: usize) -> Result<Node, Error> {
        let first = self.sum()?;
        let two = matches!(word, "pow" | "max" | "min");
        let second = if two {
            if !self.take(',') {
                return Err(self.error(&format!("'{word}' takes two arguments")));
            }
            Some(self.sum()?)
        } else {
            None
        };
        self.closing()?;
        let power = |exponent: f64| fold(Bin::Pow, first.clone(), Node::Num(exponent));
        match (word, second) {
            ("pow", Some(second)) => Ok(fold(Bin::Pow, first, second)),
            ("max", Some(second)) => Ok(Node::bin(Bin::Max, first, second)),
            ("min", Some(second)) => Ok(Node::bin(Bin::Min, first, second)),
            ("square", _) => Ok(power(2.0)),
            ("cube", _) => Ok(power(3.0)),
            ("inv", _) => Ok(fold(Bin::Div, Node::Num(1.0), first)),
            ("neg", _) => Ok(first.negated()),
            ("ln", _) => Ok(Node::fun(Fun::Log, first)),
            (name, _) => match Fun::ALL.iter().find(|fun| fun.name() == name) {
                Some(fun) => Ok(Node::fun(*fun, first)),
                None => Err(Error::Syntax {
                    position: start + 1,
                    reason: format!("there is no function '{name}'"),
                }),
            },
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Carries out an operation between two numbers, so that `1/3` and `2*pi` are constants.
fn fold(op: Bin, left: Node, right: Node) -> Node {
    if let (Node::Num(a), Node::Num(b)) = (&left, &right) {
        let value = match op {
            Bin::Add => a + b,
            Bin::Sub => a - b,
            Bin::Mul => a * b,
            Bin::Div => a / b,
            Bin::Pow => maths::pow(*a, *b),
            Bin::Max => a.max(*b),
            Bin::Min => a.min(*b),
        };
        if value.is_finite() {
            return Node::Num(value);
        }
    }
    Node::bin(op, left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_names_it_does_not_know() {
        let known = ["x".to_owned(), "semi axis".to_owned()];
        let found =
            unknown_names("k*exp(-2.5e-3*x) + `semi axis`^n1 + 2*pi*sin (x + `phase shift`) - k", &known);
        assert_eq!(found, ["k", "n1", "phase shift"]);
    }
}
