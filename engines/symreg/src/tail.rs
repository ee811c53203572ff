//! Where a formula of one variable goes as that goes to infinity: by the leading terms of its parts, never by trying large
//! numbers. What cannot be decided is said to be so.

use std::f64::consts::FRAC_PI_2;

use crate::expr::{Bin, Fun, Node};
use crate::interval::{Interval, bounds};
use crate::series::{BENEATH, CONSTANT, LOG, Order, Series};

/// The behaviour of a part as the variable goes to infinity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tail {
    /// The exponential of a series that grows or falls without end (or of nothing), times a series.
    Known { exponent: Series, factor: Series },
    /// To and fro without end, between these.
    Swings { low: f64, high: f64 },
    /// To and fro, ever farther.
    SwingsWider,
    /// No value from some place on.
    Undefined,
    /// Not decided.
    Unknown,
}

use Tail::{Swings, SwingsWider, Undefined, Unknown};

/// The tail of a formula whose only variable is the first.
pub(crate) fn tail(node: &Node) -> Tail {
    match node {
        Node::Num(c) if c.is_finite() => plain(Series::constant(*c)),
        Node::Num(_) => Unknown,
        Node::Var(_) => plain(Series::of(1.0, Order { power: 1.0, log: 0.0 })),
        Node::Neg(a) => product(plain(Series::constant(-1.0)), tail(a)),
        Node::Fun(fun, a) => function(*fun, tail(a)),
        Node::Bin(op, left, right) => {
            let (a, b) = (tail(left), tail(right));
            match op {
                Bin::Add => sum(a, b),
                Bin::Sub => sum(a, product(plain(Series::constant(-1.0)), b)),
                Bin::Mul => product(a, b),
                Bin::Div => product(a, power(b, -1.0)),
                Bin::Max | Bin::Min => extreme(*op, a, b),
                Bin::Pow => match **right {
                    Node::Num(n) => power(a, n),
                    // a^b = exp(b·log(a)).
                    _ => function(Fun::Exp, product(function(Fun::Log, a), b)),
                },
            }
        }
    }
}

fn plain(factor: Series) -> Tail {
    known(Series { terms: vec![], rest: None }, factor)
}

/// Powers in an exponent that is a logarithm are powers of the variable.
fn known(mut exponent: Series, mut factor: Series) -> Tail {
    if exponent.rest.is_some() {
        return Unknown;
    }
    if let Some(at) = exponent.terms.iter().position(|(_, order)| *order == LOG) {
        let (power, _) = exponent.terms.remove(at);
        factor = factor.times(&Series::of(1.0, Order { power, log: 0.0 }));
    }
    match exponent.leading() {
        // Between the powers of logarithms and those of the variable: rare, and beyond this account.
        Some((_, order)) if order <= LOG => Unknown,
        _ => Tail::Known { exponent, factor },
    }
}

/// What it is beside all powers: where it falls faster than these it is only known to be small.
fn beside_powers(exponent: Series, factor: Series) -> (Series, Series) {
    match exponent.leading() {
        Some((c, _)) if c < 0.0 => (Series { terms: vec![], rest: None }, Series::only_rest(BENEATH)),
        _ => (exponent, factor),
    }
}

fn sum(a: Tail, b: Tail) -> Tail {
    match (a, b) {
        (Tail::Known { exponent: e, factor: f }, Tail::Known { exponent: g, factor: h }) => {
            if f.is_zero() {
                return Tail::Known { exponent: g, factor: h };
            }
            if h.is_zero() {
                return Tail::Known { exponent: e, factor: f };
            }
            let difference = e.plus(&g.scaled(-1.0));
            match difference.leading() {
                None if difference.is_zero() => known(e, f.plus(&h)),
                None => Unknown,
                // The larger one, and something beneath all powers of it.
                Some((c, _)) if c > 0.0 => known(e, f.up_to(BENEATH)),
                Some(_) => known(g, h.up_to(BENEATH)),
            }
        }
        (Swings { low, high }, Swings { low: l, high: h }) => Swings { low: low + l, high: high + h },
        (Swings { low, high }, Tail::Known { exponent, factor })
        | (Tail::Known { exponent, factor }, Swings { low, high }) => {
            let (exponent, factor) = beside_powers(exponent, factor);
            if exponent.terms.is_empty() {
                match factor.limit() {
                    Some(limit) => Swings { low: low + limit, high: high + limit },
                    None if factor.terms.is_empty() => Unknown,
                    None => known(exponent, factor.up_to(CONSTANT)),
                }
            } else {
                known(exponent, factor.up_to(BENEATH))
            }
        }
        (a, b) => worst(&a, &b),
    }
}

fn product(a: Tail, b: Tail) -> Tail {
    match (a, b) {
        (Tail::Known { exponent: e, factor: f }, Tail::Known { exponent: g, factor: h }) => {
            if f.is_zero() || h.is_zero() {
                return plain(Series::constant(0.0));
            }
            known(e.plus(&g), f.times(&h))
        }
        (Swings { low, high }, Swings { low: l, high: h }) => {
            let all = [low * l, low * h, high * l, high * h];
            Swings {
                low: all.into_iter().fold(f64::INFINITY, f64::min),
                high: all.into_iter().fold(f64::NEG_INFINITY, f64::max),
            }
        }
        (Swings { low, high }, Tail::Known { exponent, factor })
        | (Tail::Known { exponent, factor }, Swings { low, high }) => {
            let (exponent, factor) = beside_powers(exponent, factor);
            match factor.limit().filter(|_| exponent.terms.is_empty()) {
                Some(0.0) => match factor.order() {
                    Some(order) => plain(Series::only_rest(order)),
                    None => plain(factor),
                },
                Some(c) => Swings { low: (c * low).min(c * high), high: (c * low).max(c * high) },
                None if factor.terms.is_empty() => Unknown,
                // Where it never comes near zero it grows, to which side it swings.
                None if low < 0.0 && high > 0.0 => SwingsWider,
                None => Unknown,
            }
        }
        (a, b) => worst(&a, &b),
    }
}

/// What is left to say where one part has no value or is not decided.
fn worst(a: &Tail, b: &Tail) -> Tail {
    if *a == Undefined || *b == Undefined { Undefined } else { Unknown }
}

fn power(base: Tail, n: f64) -> Tail {
    if n == 0.0 {
        return plain(Series::constant(1.0));
    }
    match base {
        Tail::Known { exponent, factor } => match factor.leading() {
            Some((c, _)) if c < 0.0 && n.fract() != 0.0 => Undefined,
            Some(_) => factor.power(n).map_or(Unknown, |factor| known(exponent.scaled(n), factor)),
            // What is only known to be small stays small.
            None if n > 0.0 && n.fract() == 0.0 => match factor.rest {
                Some(rest) => known(exponent.scaled(n), Series::only_rest(rest.times(n))),
                None => plain(factor),
            },
            None => Unknown,
        },
        Swings { low, high } => {
            swung(&Node::bin(Bin::Pow, Node::Var(0), Node::Num(n)), Interval::new(low, high))
        }
        other => other,
    }
}

/// A function of what swings, where it is defined everywhere between the bounds.
fn swung(node: &Node, between: Interval) -> Tail {
    let all = bounds(node, &[between], 0);
    if all.undefined { Unknown } else { Swings { low: all.value.low, high: all.value.high } }
}

fn extreme(op: Bin, a: Tail, b: Tail) -> Tail {
    let difference = sum(a.clone(), product(plain(Series::constant(-1.0)), b.clone()));
    match (difference, a, b) {
        (Tail::Known { factor, .. }, a, b) => match factor.leading() {
            Some((c, _)) => {
                if (c > 0.0) == (op == Bin::Max) {
                    a
                } else {
                    b
                }
            }
            None if factor.is_zero() => a,
            None => Unknown,
        },
        (_, a, b) => worst(&a, &b),
    }
}

fn function(fun: Fun, argument: Tail) -> Tail {
    let (exponent, factor) = match argument {
        Tail::Known { exponent, factor } => (exponent, factor),
        Swings { low, high } => return swung(&Node::fun(fun, Node::Var(0)), Interval::new(low, high)),
        SwingsWider if matches!(fun, Fun::Sin | Fun::Cos) => return Swings { low: -1.0, high: 1.0 },
        SwingsWider if matches!(fun, Fun::Log | Fun::Sqrt | Fun::Asin | Fun::Acos) => return Undefined,
        SwingsWider => return Unknown,
        other => return other,
    };
    match fun {
        Fun::Sqrt => return power(known(exponent, factor), 0.5),
        Fun::Log => return logarithm(&exponent, &factor),
        Fun::Abs => {
            return match factor.leading() {
                Some((c, _)) => known(exponent, factor.scaled(c.signum())),
                None => known(exponent, factor),
            };
        }
        Fun::Exp if exponent.terms.is_empty() => return exponential(&factor),
        _ => {}
    }
    let (exponent, factor) = beside_powers(exponent, factor);
    match factor.limit().filter(|_| exponent.terms.is_empty()) {
        Some(limit) => near(fun, limit, &factor),
        None => factor.leading().map_or(Unknown, |(c, _)| far(fun, c.signum(), known(exponent, factor))),
    }
}

fn logarithm(exponent: &Series, factor: &Series) -> Tail {
    match (factor.leading(), factor.log()) {
        (Some((c, _)), _) if c < 0.0 => Undefined,
        (_, Some(log)) => plain(exponent.plus(&log)),
        _ => Unknown,
    }
}

fn exponential(argument: &Series) -> Tail {
    if argument.rest.is_some_and(|rest| rest >= CONSTANT) {
        return Unknown;
    }
    let grows = |order: &Order| *order > CONSTANT;
    let (large, bounded): (Vec<_>, Vec<_>) = argument.terms.iter().partition(|(_, order)| grows(order));
    let bounded = Series { terms: bounded, rest: argument.rest };
    let factor = bounded.exp_of_bounded();
    factor.map_or(Unknown, |factor| known(Series { terms: large, rest: None }, factor))
}

/// A function of what tends to a number: its value there and its slope.
fn near(fun: Fun, limit: f64, argument: &Series) -> Tail {
    let away = argument.plus(&Series::constant(-limit));
    let node = Node::fun(fun, Node::Var(0));
    let there = bounds(&node, &[Interval::new(limit, limit)], 0);
    if there.undefined || !there.value.low.is_finite() {
        return if matches!(fun, Fun::Asin | Fun::Acos) { Undefined } else { Unknown };
    }
    let value = Series::constant(there.value.low);
    let Some(order) = away.order() else { return plain(value) };
    if !there.slope.low.is_finite() {
        // The ends of the arcs are steep: from outside they have no value.
        let outside = away.leading().is_none_or(|(c, _)| c * limit > 0.0);
        return if outside { Undefined } else { plain(value.up_to(order.times(0.5))) };
    }
    plain(value.plus(&away.scaled(there.slope.low)).up_to(order.times(2.0)))
}

/// A function of what grows without end, to the side of the sign.
fn far(fun: Fun, sign: f64, argument: Tail) -> Tail {
    let constant = |c: f64| plain(Series::constant(c));
    let times = |tail: &Tail, c: f64| product(tail.clone(), constant(c));
    match fun {
        Fun::Sin | Fun::Cos => Swings { low: -1.0, high: 1.0 },
        Fun::Asin | Fun::Acos => Undefined,
        Fun::Atan => sum(constant(sign * FRAC_PI_2), times(&power(argument, -1.0), -1.0)),
        Fun::Sinh | Fun::Cosh => {
            let up = function(Fun::Exp, argument.clone());
            let down = function(Fun::Exp, times(&argument, -1.0));
            times(&sum(up, times(&down, if fun == Fun::Sinh { -1.0 } else { 1.0 })), 0.5)
        }
        // tanh(x) = sign·(1 - 2/(exp(2·|x|) + 1)).
        Fun::Tanh => {
            let large = function(Fun::Exp, times(&argument, 2.0 * sign));
            if large == Unknown {
                return plain(Series::constant(sign).up_to(Order { power: 0.0, log: -1.0 }));
            }
            times(&sum(constant(1.0), times(&power(sum(large, constant(1.0)), -1.0), -2.0)), sign)
        }
        Fun::Erf => plain(Series::constant(sign).up_to(BENEATH)),
        // Poles without end; and the exponential of what grows exponentially.
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn of(text: &str) -> Tail {
        tail(&parse(text, &["x".to_owned()]).unwrap())
    }

    fn limit(text: &str) -> Option<f64> {
        match of(text) {
            Tail::Known { exponent, factor } if exponent.terms.is_empty() => factor.limit(),
            Tail::Known { exponent, .. } => exponent.leading().filter(|(c, _)| *c < 0.0).map(|_| 0.0),
            _ => None,
        }
    }

    #[test]
    fn limits_are_those_of_the_textbooks() {
        for (text, expected) in [
            ("(3*x + 1)/(2*x - 5)", 1.5),
            ("x^2*exp(-x) + 7", 7.0),
            ("sqrt(x^2 + 3*x) - x", 1.5),
            ("x*sin(1/x)", 1.0),
            ("(1 + 2/x)^x", 7.389_056_098_930_65),
            ("log(x)/x^0.1 - 2", -2.0),
            ("2.5*atan(x)", 2.5 * FRAC_PI_2),
            ("tanh(0.1*x) + erf(x)", 2.0),
            ("5/(1 + exp(-x))", 5.0),
            ("sin(x)/x", 0.0),
            ("exp(-x)*sin(x) + 4", 4.0),
            ("log(x + 1) - log(x)", 0.0),
            ("(exp(2*x) + 1)/(exp(2*x) - x)", 1.0),
            ("max(x, 3) - x", 0.0),
            ("cosh(x)/sinh(x)", 1.0),
            ("x - x", 0.0),
            ("2^(-x)", 0.0),
        ] {
            let found = limit(text);
            assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{text}: {found:?}");
        }
    }

    #[test]
    fn growth_is_told_by_the_leading_term() {
        let leading = |text: &str| match of(text) {
            Tail::Known { exponent, factor } if exponent.terms.is_empty() => factor.leading(),
            _ => None,
        };
        let order = |power: f64, log: f64| Order { power, log };
        assert_eq!(leading("3*x^2 + 5*x"), Some((3.0, order(2.0, 0.0))));
        assert_eq!(leading("x*log(x) - 4*x"), Some((1.0, order(1.0, 1.0))));
        assert_eq!(leading("exp(2*log(x)) + sin(x)"), Some((1.0, order(2.0, 0.0))));
        assert_eq!(leading("(x + 1)^3 - x^3"), Some((3.0, order(2.0, 0.0))));
        assert_eq!(leading("abs(-2*x)"), Some((2.0, order(1.0, 0.0))));
    }

    #[test]
    fn what_has_no_value_swings_or_is_not_decided_is_said_to() {
        assert_eq!(of("sqrt(3 - x)"), Undefined);
        assert_eq!(of("log(2 - x)*x"), Undefined);
        assert_eq!(of("asin(x)"), Undefined);
        assert_eq!(of("2*sin(x) + 1"), Swings { low: -1.0, high: 3.0 });
        assert_eq!(of("x*cos(x)"), SwingsWider);
        assert_eq!(of("tan(x)"), Unknown);
        assert_eq!(of("exp(exp(x))"), Unknown);
    }
}
