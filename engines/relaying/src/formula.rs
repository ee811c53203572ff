//! A formula in one variable, `m`, for inverse-time curves of one's own: numbers, + - * / ^, brackets, and the
//! functions exp, log (natural), sqrt.

use thiserror::Error as ThisError;

/// What is wrong with a formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("formula {text:?}, character {at}: expected {expected}")]
pub struct FormulaError {
    /// The formula.
    pub text: String,
    /// The place, counted from 1.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// A parsed formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    text: String,
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Multiple,
    Binary(u8, Box<(Node, Node)>),
    Call(Function, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Function {
    Negate,
    Exp,
    Log,
    Sqrt,
}

impl Formula {
    /// Reads a formula.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let mut reader = Reader { text: text.as_bytes(), at: 0, depth: 0 };
        let root = reader.sum().and_then(|root| reader.end().map(|()| root));
        let root =
            root.map_err(|expected| FormulaError { text: text.to_owned(), at: reader.at + 1, expected })?;
        Ok(Self { text: text.to_owned(), root })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value at a multiple.
    pub fn value(&self, multiple: f64) -> f64 {
        value(&self.root, multiple)
    }
}

fn value(node: &Node, m: f64) -> f64 {
    match node {
        Node::Number(number) => *number,
        Node::Multiple => m,
        Node::Binary(sign, sides) => {
            let (a, b) = (value(&sides.0, m), value(&sides.1, m));
            match sign {
                b'+' => a + b,
                b'-' => a - b,
                b'*' => a * b,
                b'/' => a / b,
                _ => a.powf(b),
            }
        }
        Node::Call(function, inner) => {
            let inner = value(inner, m);
            match function {
                Function::Negate => -inner,
                Function::Exp => inner.exp(),
                Function::Log => inner.ln(),
                Function::Sqrt => inner.sqrt(),
            }
        }
    }
}

/// Deeper nesting is refused, so that no text can exhaust the stack.
const DEEPEST: usize = 60;

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

type Read = Result<Node, &'static str>;

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn end(&mut self) -> Result<(), &'static str> {
        self.peek().map_or(Ok(()), |_| Err("an operator or the end"))
    }

    fn sum(&mut self) -> Read {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("less nesting");
        }
        let mut left = self.product()?;
        while let Some(sign @ (b'+' | b'-')) = self.peek() {
            self.at += 1;
            left = Node::Binary(sign, Box::new((left, self.product()?)));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Read {
        let mut left = self.signed()?;
        while let Some(sign @ (b'*' | b'/')) = self.peek() {
            self.at += 1;
            left = Node::Binary(sign, Box::new((left, self.signed()?)));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Read {
        if self.peek() != Some(b'-') {
            return self.power();
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("less nesting");
        }
        let inner = self.signed()?;
        self.depth -= 1;
        Ok(Node::Call(Function::Negate, Box::new(inner)))
    }

    fn power(&mut self) -> Read {
        let left = self.atom()?;
        if self.peek() != Some(b'^') {
            return Ok(left);
        }
        self.at += 1;
        Ok(Node::Binary(b'^', Box::new((left, self.signed()?))))
    }

    fn atom(&mut self) -> Read {
        match self.peek() {
            Some(b'(') => self.bracket(),
            Some(first) if first.is_ascii_digit() || first == b'.' => self.number(),
            Some(first) if first.is_ascii_alphabetic() => self.name(),
            _ => Err("a number, `m`, a function or a bracket"),
        }
    }

    fn bracket(&mut self) -> Read {
        self.at += 1;
        let inner = self.sum()?;
        if self.peek() != Some(b')') {
            return Err("`)`");
        }
        self.at += 1;
        Ok(inner)
    }

    fn number(&mut self) -> Read {
        let start = self.at;
        while let Some(letter) = self.text.get(self.at) {
            let is_exponent_sign = matches!(letter, b'+' | b'-')
                && matches!(self.text[self.at - 1], b'e' | b'E')
                && self.at > start;
            if !(letter.is_ascii_digit() || matches!(letter, b'.' | b'e' | b'E') || is_exponent_sign) {
                break;
            }
            self.at += 1;
        }
        let text = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        text.parse().map(Node::Number).map_err(|_| "a number")
    }

    fn name(&mut self) -> Read {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_alphanumeric) {
            self.at += 1;
        }
        let function = match &self.text[start..self.at] {
            b"m" => return Ok(Node::Multiple),
            b"exp" => Function::Exp,
            b"log" => Function::Log,
            b"sqrt" => Function::Sqrt,
            _ => {
                self.at = start;
                return Err("`m`, exp, log or sqrt");
            }
        };
        if self.peek() != Some(b'(') {
            return Err("`(`");
        }
        Ok(Node::Call(function, Box::new(self.bracket()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_precedence_and_functions() {
        for (text, expected) in [
            ("1 + 2*m^2", 9.0),
            ("-m^2", -4.0),
            ("2^-1", 0.5),
            ("(1 - m) * 3", -3.0),
            ("sqrt(m*8) / exp(0) + log(1)", 4.0),
            ("1e-1 + 2E2", 200.1),
        ] {
            assert!((Formula::parse(text).unwrap().value(2.0) - expected).abs() < 1e-12, "{text}");
        }
    }

    #[test]
    fn says_where_a_formula_is_wrong() {
        for (text, at) in
            [("", 1), ("1 +", 4), ("x + 1", 1), ("(m", 3), ("m m", 3), ("sin(m)", 1), ("1..2", 5)]
        {
            assert_eq!(Formula::parse(text).unwrap_err().at, at, "{text}");
        }
        assert!(Formula::parse(&"(".repeat(100_000)).is_err());
        assert!(Formula::parse(&"-".repeat(100_000)).is_err());
    }
}
