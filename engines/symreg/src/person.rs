//! The form a person would write: from the canonical form back to a tree, with the usual order of terms and factors,
//! common factors and equal coefficients taken out, and shifted powers such as `2*(x + 1)^3 + 3` recognised. Of
//! several ways to write a sum the shortest is taken.

use crate::expr::{Bin, Fun, Node};
use crate::form::{self, Form};
use crate::number;

/// Rewrites a formula into a person's form, with the same values up to rounding.
pub(crate) fn tidy(node: &Node) -> Node {
    tidy_where(node, &[])
}

/// [`tidy`] where these variables are known to be positive.
pub(crate) fn tidy_where(node: &Node, positive: &[bool]) -> Node {
    let once = build(&form::canonical(node, positive));
    let twice = build(&form::canonical(&once, positive));
    if twice.size() <= once.size() { twice } else { once }
}

/// A tree for a canonical form.
pub(crate) fn build(form: &Form) -> Node {
    match form {
        Form::Var(v, _) => Node::Var(*v),
        Form::Fun(Fun::Exp, a) => exponential(a),
        Form::Fun(fun, a) => Node::fun(*fun, build(a)),
        Form::Bin(op, a, b) => Node::bin(*op, build(a), build(b)),
        Form::Product(factors) => {
            let written = term(form, 1.0);
            let other = cleared(factors).map(|cleared| build(&cleared));
            other.filter(|other| weight(other) < weight(&written)).unwrap_or(written)
        }
        Form::Sum(terms, c) => {
            let flipped = (*c == 0.0).then(|| flipped(terms)).flatten();
            let terms = flipped.as_ref().unwrap_or(terms);
            let mut best = plain_sum(terms, *c);
            for other in [shifted_power(terms, *c), common_factor(terms, *c), equal_coefficients(terms, *c)] {
                if let Some(other) = other
                    && weight(&other) < weight(&best)
                {
                    best = other;
                }
            }
            best
        }
    }
}

/// `exp(0.0953...*x)` as `1.1^x`.
fn exponential(argument: &Form) -> Node {
    if let Form::Sum(terms, 0.0) = argument
        && let [(inner, k)] = terms.as_slice()
        && !number::is_tidy(*k)
    {
        let base = number::near_plain(crate::maths::exp(*k));
        if number::is_tidy(base) {
            return Node::bin(Bin::Pow, Node::Num(base), build(inner));
        }
    }
    Node::fun(Fun::Exp, build(argument))
}

/// `-x*(y - z)` as `x*(z - y)`.
fn flipped(terms: &[(Form, f64)]) -> Option<Vec<(Form, f64)>> {
    let [(Form::Product(factors), k)] = terms else { return None };
    let difference = |(form, e): &(Form, f64)| {
        matches!(form, Form::Sum(terms, _) if terms.iter().any(|(_, k)| *k < 0.0)) && e.abs() == 1.0
    };
    let at = factors.iter().position(difference).filter(|_| *k < 0.0)?;
    let mut factors = factors.clone();
    factors[at].0 = form::scaled(factors[at].0.clone(), -1.0);
    Some(vec![(Form::Product(factors), -k)])
}

/// `1/(a/x + b)` as `x/(a + b*x)`: a bracket under the line multiplied through by what its terms are divided by.
fn cleared(factors: &[(Form, f64)]) -> Option<Form> {
    let divisor = |form: &Form| match form {
        Form::Product(inner) => inner.iter().find(|(_, e)| *e < 0.0).cloned(),
        _ => None,
    };
    let at = factors.iter().position(|(base, e)| {
        *e == -1.0 && matches!(base, Form::Sum(terms, _) if terms.iter().any(|(f, _)| divisor(f).is_some()))
    })?;
    let mut bracket = factors[at].0.clone();
    let mut rest = Form::Product(vec![]);
    for (_, (base, e)) in factors.iter().enumerate().filter(|(index, _)| *index != at) {
        rest = form::product(rest, form::power(base.clone(), *e));
    }
    for _ in 0..8 {
        let Form::Sum(terms, c) = &bracket else { break };
        let Some((base, e)) = terms.iter().find_map(|(form, _)| divisor(form)) else { break };
        let times = form::power(base, -e);
        let constant = form::scaled(times.clone(), *c);
        bracket = terms.iter().fold(constant, |sum, (form, k)| {
            form::sum(sum, form::scaled(form::product(form.clone(), times.clone()), *k))
        });
        rest = form::product(rest, times);
    }
    // What could not be multiplied away would be tried again without end.
    let left =
        matches!(&bracket, Form::Sum(terms, _) if terms.iter().any(|(form, _)| divisor(form).is_some()));
    (!left).then(|| form::product(rest, form::power(bracket, -1.0)))
}

/// What makes a formula long to read: its size, then fractions within fractions, then how often variables occur.
fn weight(node: &Node) -> (usize, usize, usize) {
    let division = |node: &Node| matches!(node, Node::Bin(Bin::Div, ..));
    let nested =
        node.count(&|node| division(node) && node.children().iter().any(|part| part.count(&division) > 0));
    (node.size(), nested, node.count(&|node| matches!(node, Node::Var(_))))
}

/// Terms in falling degree, the constant last; a positive one comes first where there is one.
fn plain_sum(terms: &[(Form, f64)], c: f64) -> Node {
    let mut ordered: Vec<&(Form, f64)> = terms.iter().collect();
    ordered.sort_by(|a, b| order(&a.0, &b.0));
    let mut signed: Vec<(bool, Node)> = ordered.iter().map(|(f, k)| (*k < 0.0, term(f, k.abs()))).collect();
    if c != 0.0 || signed.is_empty() {
        signed.push((c < 0.0, Node::Num(c.abs())));
    }
    if let Some(positive) = signed.iter().position(|(negative, _)| !negative) {
        let first = signed.remove(positive);
        signed.insert(0, first);
    }
    let mut signed = signed.into_iter();
    let Some((negative, first)) = signed.next() else { return Node::Num(0.0) };
    let mut total = if negative { leading_minus(first) } else { first };
    for (negative, node) in signed {
        total = Node::bin(if negative { Bin::Sub } else { Bin::Add }, total, node);
    }
    total
}

/// The minus goes to the number in front, where there is one.
fn leading_minus(node: Node) -> Node {
    match node {
        Node::Bin(op @ (Bin::Mul | Bin::Div), a, b) if has_leading_number(&a) => {
            Node::bin(op, leading_minus(*a), *b)
        }
        other => other.negated(),
    }
}

fn has_leading_number(node: &Node) -> bool {
    match node {
        Node::Num(_) => true,
        Node::Bin(Bin::Mul | Bin::Div, a, _) => has_leading_number(a),
        _ => false,
    }
}

/// Powers of variables before functions, higher degrees first, then by variable.
fn order(a: &Form, b: &Form) -> std::cmp::Ordering {
    let key = |form: &Form| {
        let (degree, function) = degree(form);
        (function, -degree)
    };
    let by_key = key(a).partial_cmp(&key(b));
    by_key.unwrap_or(std::cmp::Ordering::Equal).then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
}

fn degree(form: &Form) -> (f64, bool) {
    match form {
        Form::Var(..) => (1.0, false),
        Form::Fun(..) | Form::Bin(..) => (0.0, true),
        Form::Sum(terms, _) => {
            terms.iter().map(|(f, _)| degree(f)).fold((0.0, false), |a, b| (a.0.max(b.0), a.1 | b.1))
        }
        Form::Product(factors) => {
            let parts = factors.iter().map(|(f, e)| (degree(f).0 * e, degree(f).1));
            parts.fold((0.0, false), |a, b| (a.0 + b.0, a.1 | b.1))
        }
    }
}

/// A product with a coefficient as a fraction: numbers first, then variables, powers, brackets and functions.
fn term(form: &Form, coefficient: f64) -> Node {
    let factors = match form {
        Form::Product(factors) => factors.clone(),
        other => vec![(other.clone(), 1.0)],
    };
    let (over, under): (Vec<_>, Vec<_>) = factors.into_iter().partition(|(_, e)| *e > 0.0);
    let (mut top, mut bottom) = (coefficient, 1.0);
    if let Some((p, q)) = number::shown_fraction(coefficient) {
        (top, bottom) = (p as f64, q as f64);
    } else if !number::is_plain(coefficient) && number::is_short_decimal(1.0 / coefficient) {
        (top, bottom) = (1.0, 1.0 / coefficient);
    }
    let numerator = chain(over, top, 1.0);
    if under.is_empty() && bottom == 1.0 {
        return numerator;
    }
    Node::bin(Bin::Div, numerator, chain(under, bottom, -1.0))
}

fn chain(mut factors: Vec<(Form, f64)>, coefficient: f64, sign: f64) -> Node {
    let class = |form: &Form| match form {
        Form::Var(..) => 0,
        Form::Product(_) | Form::Sum(..) => 1,
        Form::Fun(..) | Form::Bin(..) => 2,
    };
    factors.sort_by(|a, b| {
        class(&a.0).cmp(&class(&b.0)).then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
    });
    let mut nodes = Vec::new();
    if coefficient != 1.0 || factors.is_empty() {
        nodes.push(Node::Num(coefficient));
    }
    nodes.extend(factors.iter().map(|(f, e)| raised(build(f), e * sign)));
    let mut nodes = nodes.into_iter();
    let first = nodes.next().unwrap_or(Node::Num(1.0));
    nodes.fold(first, |product, factor| Node::bin(Bin::Mul, product, factor))
}

fn raised(base: Node, exponent: f64) -> Node {
    if exponent == 1.0 {
        base
    } else if exponent == 0.5 {
        Node::fun(Fun::Sqrt, base)
    } else {
        Node::bin(Bin::Pow, base, Node::Num(exponent))
    }
}

/// `a*(x + h)^d + c` for a polynomial in one variable that is exactly that.
fn shifted_power(terms: &[(Form, f64)], c: f64) -> Option<Node> {
    let mut variable = None;
    let mut coefficients = [0.0_f64; 9];
    coefficients[0] = c;
    for (form, k) in terms {
        let (base, exponent) = match form {
            Form::Product(factors) if factors.len() == 1 => (&factors[0].0, factors[0].1),
            other => (other, 1.0),
        };
        let known = *variable.get_or_insert(base);
        if known != base || exponent.fract() != 0.0 || !(1.0..=8.0).contains(&exponent) {
            return None;
        }
        coefficients[exponent as usize] = *k;
    }
    let variable = variable?;
    let degree = (1..9).rev().find(|&d| coefficients[d] != 0.0)?;
    if degree < 2 || coefficients[degree - 1] == 0.0 {
        return None;
    }
    let lead = coefficients[degree];
    let shift = coefficients[degree - 1] / (degree as f64 * lead);
    let mut binomial = 1.0;
    for power in (1..degree).rev() {
        binomial = binomial * (power + 1) as f64 / (degree - power) as f64;
        let expected = lead * binomial * crate::maths::powi(shift, (degree - power) as i32);
        if (coefficients[power] - expected).abs() > 1e-9 * expected.abs() {
            return None;
        }
    }
    let rest = c - lead * crate::maths::powi(shift, degree as i32);
    let rest = if rest.abs() <= 1e-9 * (c.abs() + lead.abs()) { 0.0 } else { number::near_plain(rest) };
    let shift = number::near_plain(shift);
    // Every quadratic can be written so; it helps only where the numbers stay whole.
    if degree == 2 && rest != 0.0 && (shift.fract() != 0.0 || rest.fract() != 0.0) {
        return None;
    }
    let bracket = Form::Sum(vec![(variable.clone(), 1.0)], shift);
    Some(plain_sum(&[(Form::Product(vec![(bracket, degree as f64)]), lead)], rest))
}

/// `x*y + x*z` as `x*(y + z)`.
fn common_factor(terms: &[(Form, f64)], c: f64) -> Option<Node> {
    if c != 0.0 || terms.len() < 2 {
        return None;
    }
    let factors = |form: &Form| match form {
        Form::Product(factors) => factors.clone(),
        other => vec![(other.clone(), 1.0)],
    };
    let mut shared = factors(&terms[0].0);
    for (form, _) in &terms[1..] {
        let own = factors(form);
        shared.retain_mut(|(base, exponent)| match own.iter().find(|(other, _)| other == base) {
            Some((_, e)) if e.signum() == exponent.signum() => {
                *exponent = e.abs().min(exponent.abs()).copysign(*e);
                true
            }
            _ => false,
        });
    }
    if shared.is_empty() {
        return None;
    }
    let shared = Form::Product(shared);
    let inverse = form::power(shared.clone(), -1.0);
    let rest = terms.iter().fold(form::number(0.0), |rest, (f, k)| {
        let quotient = form::product(f.clone(), inverse.clone());
        form::sum(rest, form::scaled(quotient, *k))
    });
    let shared_factors = factors(&shared);
    Some(term(&Form::Product(shared_factors.into_iter().chain([(rest, 1.0)]).collect()), 1.0))
}

/// `2.37*x + 2.37*y` as `2.37*(x + y)`.
fn equal_coefficients(terms: &[(Form, f64)], c: f64) -> Option<Node> {
    let magnitude = |k: f64| k.abs();
    let lead = terms
        .iter()
        .map(|(_, k)| magnitude(*k))
        .find(|k| *k != 1.0 && terms.iter().filter(|(_, other)| magnitude(*other) == *k).count() >= 2)?;
    let (equal, other): (Vec<_>, Vec<_>) = terms.iter().cloned().partition(|(_, k)| magnitude(*k) == lead);
    let whole = other.is_empty() && magnitude(c) == lead;
    let sign = if equal.iter().all(|(_, k)| *k < 0.0) { -1.0 } else { 1.0 };
    let inner = equal.iter().map(|(f, k)| (f.clone(), sign * k / lead)).collect();
    let bracket = Form::Sum(inner, if whole { sign * c / lead } else { 0.0 });
    let mut outer = vec![(Form::Product(vec![(bracket, 1.0)]), sign * lead)];
    outer.extend(other);
    Some(plain_sum(&outer, if whole { 0.0 } else { c }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{Language, print};
    use crate::parse::parse;

    fn check(formula: &str, expected: &str) {
        let names = ["x".to_owned(), "y".to_owned(), "z".to_owned()];
        let node = tidy(&parse(formula, &names).unwrap());
        assert_eq!(print(&node, &names, Language::Text), expected);
    }

    #[test]
    fn writes_the_exercise_as_it_was_set() {
        check("2*x^3 + 6*x^2 + 6*x + 5", "2*(x + 1)^3 + 3");
        check("4 + x*3", "3*x + 4");
        check("1 + 3*x*x", "3*x^2 + 1");
    }

    #[test]
    fn keeps_short_forms_short() {
        check("x^2 + 3*x + 2", "x^2 + 3*x + 2");
        check("x^2 + 2*x + 5", "(x + 1)^2 + 4");
        check("x^2 - 2*x + 1", "(x - 1)^2");
        check("x*y + x*z", "x*(y + z)");
        check("2.37*x + 2.37*y - 1", "2.37*(x + y) - 1");
        check("8*x/(2.5 + x)", "8*x/(x + 2.5)");
        check("1 - x", "1 - x");
        check("-3*x/y", "-3*x/y");
        check("exp(2)*exp(x*3)/exp(2)", "exp(3*x)");
        check("x/y/x*z*z", "z^2/y");
    }

    #[test]
    fn merges_what_is_equal_and_respects_domains() {
        check("sqrt(x)*sqrt(x)", "x");
        check("sqrt(x^2)", "sqrt(x^2)");
        check("x - x + y", "y");
        check("sin(-x) + cos(-y)", "cos(y) - sin(x)");
        check("(2*x + 4)*y", "2*y*(x + 2)");
        check("x*(1/3)", "x/3");
        check("0.5*(x + y)^2/z", "0.5*(x + y)^2/z");
        check("max(x + x, y*1)", "max(2*x, y)");
        check("exp(log(x)*2 - y)", "x^2*exp(-y)");
        check("cos(x + pi/2) + sin(y - pi)", "-sin(x) - sin(y)");
        check("exp(0.3*x + log(100))", "100*exp(0.3*x)");
        check("exp(log(1.05)*x)*1000", "1000*1.05^x");
        check("log(7.38905609893065*x^3)", "3*log(x) + 2");
        check("3.2*x/(0.4*x + 1)", "8*x/(x + 2.5)");
        check("1/(0.3125/x + 0.125)", "8*x/(x + 2.5)");
        check("1/(1/x + 1/y)", "x*y/(x + y)");
        check("sin(x + 1 + pi)", "-sin(x + 1)");
        check("-x*(y - z)/2", "0.5*x*(z - y)");
    }

    #[test]
    fn draws_roots_of_what_is_positive() {
        let names = ["m".to_owned(), "v".to_owned(), "c".to_owned()];
        let node = parse("1/sqrt((1 - v^2/c^2)/m^2)", &names).unwrap();
        let tidied = |positive: &[bool]| print(&tidy_where(&node, positive), &names, Language::Text);
        assert_eq!(tidied(&[true, true, true]), "m/sqrt(1 - v^2/c^2)");
        assert!(tidied(&[]).contains("m^2"));
    }

    #[test]
    fn values_stay_the_same() {
        let names = ["x".to_owned(), "y".to_owned(), "z".to_owned()];
        for text in [
            "(3*x + 1)^2*(1.37*y - 2.2)*0.77/(z + 1)",
            "log(2.5*x*y) + 3.3 - exp(x - 1.7)*2.2",
            "(x + y)^2*(y + x)/(x*y)^0.5 - (x*y)^(-1.5)",
            "tanh(-2*x - 1) + atan(y - x)*3 - x/(1 - 2*y/(z + 3))",
        ] {
            let node = parse(text, &names).unwrap();
            let columns: [&[f64]; 3] = [&[0.5, 1.5, 2.5], &[0.3, 2.0, 1.1], &[4.0, 0.2, 1.0]];
            let before = crate::tape::Tape::compile(&node).eval(&columns);
            let after = crate::tape::Tape::compile(&tidy(&node)).eval(&columns);
            for (a, b) in before.iter().zip(&after) {
                assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{text}");
            }
        }
    }
}
