//! Units as exact dimensions: what may be added, compared or put into a function. Exponents are counted in sixtieths,
//! so halves, thirds, quarters and fifths are exact. Sizes of units (km against m) are not looked at, only dimensions.

use crate::error::Error;
use crate::expr::{Bin, Fun, Node};

/// Exponents of m, kg, s, A, K, mol, cd and money in sixtieths.
pub(crate) type Dimension = [i32; 8];

const WHOLE: i32 = 60;
pub(crate) const NONE: Dimension = [0; 8];

/// What is known of the dimension of a part of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// It can have any, since a constant or a column of unknown unit scales it.
    Any,
    Of(Dimension),
}

/// The named units: metre, kilogram, second, ampere, kelvin, mole, candela, money.
const NAMED: [(&str, [i32; 8]); 45] = [
    ("m", [1, 0, 0, 0, 0, 0, 0, 0]),
    ("g", [0, 1, 0, 0, 0, 0, 0, 0]),
    ("t", [0, 1, 0, 0, 0, 0, 0, 0]),
    ("s", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("min", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("h", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("d", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("day", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("a", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("yr", [0, 0, 1, 0, 0, 0, 0, 0]),
    ("A", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("K", [0, 0, 0, 0, 1, 0, 0, 0]),
    ("mol", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("cd", [0, 0, 0, 0, 0, 0, 1, 0]),
    ("EUR", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("USD", [0, 0, 0, 0, 0, 0, 0, 1]),
    ("N", [1, 1, -2, 0, 0, 0, 0, 0]),
    ("Pa", [-1, 1, -2, 0, 0, 0, 0, 0]),
    ("bar", [-1, 1, -2, 0, 0, 0, 0, 0]),
    ("J", [2, 1, -2, 0, 0, 0, 0, 0]),
    ("eV", [2, 1, -2, 0, 0, 0, 0, 0]),
    ("cal", [2, 1, -2, 0, 0, 0, 0, 0]),
    ("W", [2, 1, -3, 0, 0, 0, 0, 0]),
    ("VA", [2, 1, -3, 0, 0, 0, 0, 0]),
    ("var", [2, 1, -3, 0, 0, 0, 0, 0]),
    ("Wh", [2, 1, -2, 0, 0, 0, 0, 0]),
    ("C", [0, 0, 1, 1, 0, 0, 0, 0]),
    ("V", [2, 1, -3, -1, 0, 0, 0, 0]),
    ("ohm", [2, 1, -3, -2, 0, 0, 0, 0]),
    ("Ω", [2, 1, -3, -2, 0, 0, 0, 0]),
    ("S", [-2, -1, 3, 2, 0, 0, 0, 0]),
    ("F", [-2, -1, 4, 2, 0, 0, 0, 0]),
    ("H", [2, 1, -2, -2, 0, 0, 0, 0]),
    ("Wb", [2, 1, -2, -1, 0, 0, 0, 0]),
    ("T", [0, 1, -2, -1, 0, 0, 0, 0]),
    ("Hz", [0, 0, -1, 0, 0, 0, 0, 0]),
    ("Bq", [0, 0, -1, 0, 0, 0, 0, 0]),
    ("lm", [0, 0, 0, 0, 0, 0, 1, 0]),
    ("lx", [-2, 0, 0, 0, 0, 0, 1, 0]),
    ("L", [3, 0, 0, 0, 0, 0, 0, 0]),
    ("l", [3, 0, 0, 0, 0, 0, 0, 0]),
    ("au", [1, 0, 0, 0, 0, 0, 0, 0]),
    ("rad", [0; 8]),
    ("deg", [0; 8]),
    ("%", [0; 8]),
];

const PREFIXES: [&str; 13] = ["da", "k", "M", "G", "T", "P", "h", "d", "c", "m", "u", "µ", "n"];

/// Reads `kg*m^2/s^2`, `kg m^2 s^-2`, `1/s`, `m^(1/2)` or `1`.
pub(crate) fn parse(text: &str) -> Result<Dimension, Error> {
    let refused = |unit: &str| Error::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() };
    let mut total = NONE;
    let mut sign = 1;
    let spaced = text.replace("**", "^").replace('·', "*").replace('*', " * ").replace('/', " / ");
    // The slash of an exponent in brackets belongs to the exponent.
    let joined = rejoined(&spaced);
    let mut words = joined.split_whitespace();
    let mut factors = 0;
    while let Some(mut word) = words.next() {
        if word == "*" || word == "/" {
            sign = if word == "/" { -1 } else { 1 };
            word = words.next().ok_or_else(|| refused(word))?;
        }
        let (name, power) = word.split_once('^').unwrap_or((word, "1"));
        let sixtieths = exponent(power).ok_or_else(|| refused(word))?;
        let named = if name == "1" { NONE } else { named(name).ok_or_else(|| refused(name))? };
        for (total, own) in total.iter_mut().zip(named) {
            *total += sign * own * sixtieths;
        }
        sign = 1;
        factors += 1;
    }
    if factors == 0 { Err(refused("")) } else { Ok(total) }
}

fn rejoined(text: &str) -> String {
    let mut depth = 0;
    let inside = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth > 0 && c == ' ', c)
    };
    text.chars()
        .map(inside)
        .collect::<Vec<_>>()
        .into_iter()
        .filter(|(drop, _)| !drop)
        .map(|(_, c)| c)
        .collect()
}

fn exponent(text: &str) -> Option<i32> {
    let bare = text.trim_start_matches('(').trim_end_matches(')');
    let (p, q) = bare.split_once('/').unwrap_or((bare, "1"));
    let sixtieths = f64::from(WHOLE) * p.parse::<f64>().ok()? / q.parse::<f64>().ok()?;
    (sixtieths.fract() == 0.0 && sixtieths.abs() < 1e4).then_some(sixtieths as i32)
}

fn named(name: &str) -> Option<Dimension> {
    let known = |name: &str| NAMED.iter().find(|(known, _)| *known == name).map(|(_, dimension)| *dimension);
    known(name).or_else(|| PREFIXES.iter().find_map(|prefix| known(name.strip_prefix(prefix)?)))
}

/// Units of a table: of each column, where known, and what its constants may have.
#[derive(Debug, Clone)]
pub(crate) struct Units {
    pub(crate) columns: Vec<Measure>,
    pub(crate) target: Measure,
    /// What a number in a formula measures.
    pub(crate) constants: Measure,
}

impl Units {
    /// Whether a formula for the target makes sense.
    pub(crate) fn allow(&self, node: &Node) -> bool {
        self.measure(node).is_some_and(|measure| same(measure, self.target).is_some())
    }

    /// What a formula measures; `None` where it adds or compares what cannot be.
    pub(crate) fn measure(&self, node: &Node) -> Option<Measure> {
        match node {
            Node::Num(_) => Some(self.constants),
            Node::Var(v) => Some(self.columns[usize::from(*v)]),
            Node::Neg(a) | Node::Fun(Fun::Abs, a) => self.measure(a),
            Node::Fun(Fun::Sqrt, a) => raised(self.measure(a)?, 0.5),
            Node::Fun(_, a) => same(self.measure(a)?, Measure::Of(NONE)).map(|_| Measure::Of(NONE)),
            Node::Bin(Bin::Pow, a, b) => {
                if let Node::Num(c) = **b {
                    return raised(self.measure(a)?, c);
                }
                same(self.measure(a)?, Measure::Of(NONE))?;
                same(self.measure(b)?, Measure::Of(NONE))?;
                Some(Measure::Of(NONE))
            }
            Node::Bin(op, a, b) => {
                let (a, b) = (self.measure(a)?, self.measure(b)?);
                match op {
                    Bin::Mul => Some(product(a, b, 1)),
                    Bin::Div => Some(product(a, b, -1)),
                    _ => same(a, b),
                }
            }
        }
    }
}

/// What both can be.
pub(crate) fn same(a: Measure, b: Measure) -> Option<Measure> {
    match (a, b) {
        (Measure::Any, other) | (other, Measure::Any) => Some(other),
        (a, b) => (a == b).then_some(a),
    }
}

fn product(a: Measure, b: Measure, sign: i32) -> Measure {
    match (a, b) {
        (Measure::Of(mut a), Measure::Of(b)) => {
            for (a, b) in a.iter_mut().zip(b) {
                *a += sign * b;
            }
            Measure::Of(a)
        }
        _ => Measure::Any,
    }
}

/// To a power; `None` where a dimension's exponent would not be a sixtieth.
pub(crate) fn raised(measure: Measure, power: f64) -> Option<Measure> {
    let Measure::Of(mut dimension) = measure else { return Some(Measure::Any) };
    for own in &mut dimension {
        let product = f64::from(*own) * power;
        if product.fract() != 0.0 || product.abs() > 1e6 {
            return None;
        }
        *own = product as i32;
    }
    Some(Measure::Of(dimension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_in_all_their_spellings() {
        let joule = parse("J").unwrap();
        for text in ["kg*m^2/s^2", "kg m^2 s^-2", "N*m", "kW*h", "kg·m**2/s/s", "V*A*s", "MJ"] {
            assert_eq!(parse(text).unwrap(), joule, "{text}");
        }
        assert_eq!(parse("1").unwrap(), NONE);
        assert_eq!(parse("1/s").unwrap(), parse("Hz").unwrap());
        assert_eq!(parse("m^(1/2)").unwrap()[0], 30);
        assert_eq!(parse("kV/kA").unwrap(), parse("ohm").unwrap());
        let error = parse("kg*furlong").unwrap_err();
        assert_eq!(error, Error::UnknownUnit { unit: "furlong".into(), text: "kg*furlong".into() });
        assert!(parse("").is_err() && parse("m^x").is_err() && parse("m/").is_err());
    }

    fn allowed(text: &str, constants: Measure) -> bool {
        let names = ["t".to_owned(), "g".to_owned(), "v".to_owned()];
        let of = |unit: &str| Measure::Of(parse(unit).unwrap());
        let units = Units { columns: vec![of("s"), of("m/s^2"), of("m/s")], target: of("m"), constants };
        units.allow(&crate::parse::parse(text, &names).unwrap())
    }

    #[test]
    fn only_like_things_are_added() {
        let exact = Measure::Of(NONE);
        assert!(allowed("v*t + 0.5*g*t^2", exact));
        assert!(allowed("v^2/(2*g)*exp(-g*t/v)", exact));
        assert!(!allowed("v + t", exact) && !allowed("v*t + 1", exact) && !allowed("v*t*exp(t)", exact));
        assert!(!allowed("v*t^1.01", exact));
        assert!(allowed("sqrt(v^4/g^2)", exact));
        assert!(allowed("2*t + 3*g + 1", Measure::Any) && !allowed("t + g", Measure::Any));
        assert!(allowed("7*exp(2*t)", Measure::Any) && !allowed("7*exp(t)", Measure::Any));
    }
}
