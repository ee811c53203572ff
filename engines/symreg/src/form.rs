//! A canonical form of formulas: sums of terms with coefficients, products of factors with exponents. Equal parts are
//! merged, numbers are carried out, nothing is expanded. [`crate::person`] turns it back into a tree people read.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::expr::{Bin, Fun, Node};
use crate::maths;
use crate::number::{is_plain, is_tidy, near_plain};

/// A formula in canonical form.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Form {
    /// A variable, and whether it is known to be positive.
    Var(u16, bool),
    Fun(Fun, Box<Form>),
    /// Maximum, minimum and powers whose exponent is not a number.
    Bin(Bin, Box<Form>, Box<Form>),
    /// Factors with exponents; without factors it is one.
    Product(Vec<(Form, f64)>),
    /// Terms with coefficients, and a constant; without terms it is a number.
    Sum(Vec<(Form, f64)>, f64),
}

/// Brings a tree into canonical form. What is known of the variables' signs (nothing beyond the slice's end) decides
/// whether roots may be drawn out of products.
pub(crate) fn canonical(node: &Node, positive: &[bool]) -> Form {
    let canonical = |node: &Node| canonical(node, positive);
    match node {
        Node::Num(c) => number(*c),
        Node::Var(v) => Form::Var(*v, positive.get(usize::from(*v)).copied().unwrap_or(false)),
        Node::Neg(a) => scaled(canonical(a), -1.0),
        Node::Fun(fun, a) => function(*fun, canonical(a)),
        Node::Bin(op, a, b) => {
            let (a, b) = (canonical(a), canonical(b));
            match op {
                Bin::Add => sum(a, b),
                Bin::Sub => sum(a, scaled(b, -1.0)),
                Bin::Mul => product(a, b),
                Bin::Div => product(a, power(b, -1.0)),
                Bin::Pow => match as_number(&b) {
                    Some(exponent) => power(a, exponent),
                    None => Form::Bin(Bin::Pow, Box::new(a), Box::new(b)),
                },
                Bin::Max | Bin::Min => Form::Bin(*op, Box::new(a), Box::new(b)),
            }
        }
    }
}

/// A number as a form.
pub(crate) fn number(c: f64) -> Form {
    Form::Sum(vec![], c)
}

/// The value of a form that is a number.
pub(crate) fn as_number(form: &Form) -> Option<f64> {
    match form {
        Form::Sum(terms, c) if terms.is_empty() => Some(*c),
        Form::Product(factors) if factors.is_empty() => Some(1.0),
        _ => None,
    }
}

/// Splits a numerical coefficient off.
fn split(form: Form) -> (f64, Form) {
    match form {
        Form::Sum(terms, c) if terms.is_empty() => (c, Form::Product(vec![])),
        Form::Sum(mut terms, 0.0) if terms.len() == 1 => match terms.pop() {
            Some((inner, c)) => (c, inner),
            None => (0.0, Form::Product(vec![])),
        },
        other => (1.0, other),
    }
}

/// A form times a number.
pub(crate) fn scaled(form: Form, c: f64) -> Form {
    if c == 0.0 {
        return number(0.0);
    }
    match form {
        Form::Sum(terms, k) => finish_sum(terms.into_iter().map(|(f, a)| (f, a * c)).collect(), k * c),
        Form::Product(factors) if factors.is_empty() => number(c),
        other => finish_sum(vec![(other, c)], 0.0),
    }
}

fn finish_sum(terms: Vec<(Form, f64)>, c: f64) -> Form {
    match terms.as_slice() {
        [(inner, 1.0)] if c == 0.0 => inner.clone(),
        _ => Form::Sum(terms, c),
    }
}

fn terms_of(form: Form) -> (Vec<(Form, f64)>, f64) {
    match form {
        Form::Sum(terms, c) => (terms, c),
        Form::Product(factors) if factors.is_empty() => (vec![], 1.0),
        other => (vec![(other, 1.0)], 0.0),
    }
}

/// The sum of two forms, like terms merged.
pub(crate) fn sum(a: Form, b: Form) -> Form {
    let (mut terms, mut c) = terms_of(a);
    let (more, k) = terms_of(b);
    c += k;
    for (form, coefficient) in more {
        match terms.iter_mut().find(|(known, _)| *known == form) {
            Some((_, known)) => *known += coefficient,
            None => terms.push((form, coefficient)),
        }
    }
    terms.retain(|(_, coefficient)| *coefficient != 0.0);
    if c != 0.0 {
        for (form, coefficient) in &mut terms {
            c += *coefficient * pull_out_of_logarithm(form);
        }
    }
    finish_sum(terms, c)
}

/// `log(c*u)` beside a constant holds one constant too many: it becomes `log(u)`, and log(c) is returned.
fn pull_out_of_logarithm(form: &mut Form) -> f64 {
    if let Form::Fun(Fun::Log, argument) = form
        && let Form::Sum(terms, 0.0) = &**argument
        && let [(inner, c)] = terms.as_slice()
        && *c > 0.0
    {
        let value = maths::log(*c);
        **argument = inner.clone();
        return value;
    }
    0.0
}

/// The product of two forms, equal factors merged.
pub(crate) fn product(a: Form, b: Form) -> Form {
    let ((ca, a), (cb, b)) = (split(a), split(b));
    let mut c = ca * cb;
    if c == 0.0 {
        return number(0.0);
    }
    let mut factors: Vec<(Form, f64)> = Vec::new();
    let mut exponential: Option<Form> = None;
    for (base, exponent) in factors_of(a).into_iter().chain(factors_of(b)) {
        if let Form::Fun(Fun::Exp, argument) = base {
            let argument = scaled(*argument, exponent);
            exponential = Some(match exponential {
                Some(known) => sum(known, argument),
                None => argument,
            });
            continue;
        }
        let (factor, base) = normalised(base, exponent, c);
        c *= factor;
        match factors.iter_mut().find(|(known, _)| *known == base) {
            Some((_, known)) => *known += exponent,
            None => factors.push((base, exponent)),
        }
    }
    factors.retain(|(_, exponent)| *exponent != 0.0);
    if let Some(argument) = exponential {
        let (factor, argument) = pull_out_of_exponential(argument, c);
        c *= factor;
        let exponential = function(Fun::Exp, argument);
        match as_number(&exponential) {
            Some(value) => c *= value,
            None => factors.push((exponential, 1.0)),
        }
    }
    scaled(finish_product(factors), c)
}

fn finish_product(factors: Vec<(Form, f64)>) -> Form {
    match factors.as_slice() {
        [(inner, 1.0)] => inner.clone(),
        _ => Form::Product(factors),
    }
}

fn factors_of(form: Form) -> Vec<(Form, f64)> {
    match form {
        Form::Product(factors) => factors,
        other => vec![(other, 1.0)],
    }
}

/// Takes the leading coefficient out of a sum that is a factor, where that saves a constant or leaves whole numbers.
fn normalised(base: Form, exponent: f64, outer: f64) -> (f64, Form) {
    let Form::Sum(terms, c) = &base else { return (1.0, base) };
    let Some(&(_, lead)) = terms.first() else { return (1.0, base) };
    let mixed = *c > 0.0 || terms.iter().any(|(_, k)| *k > 0.0);
    let lead = if mixed { lead.abs() } else { lead };
    if lead == 1.0 || (lead < 0.0 && exponent.fract() != 0.0) {
        return (1.0, base);
    }
    let numbers = || terms.iter().map(|(_, k)| *k).chain((*c != 0.0).then_some(*c));
    let whole = numbers().all(|k| (k / lead).fract() == 0.0);
    let redundant = outer != 1.0 && numbers().any(|k| !is_plain(k));
    let merged = outer * maths::pow(lead, exponent);
    let worth = outer != 1.0 || (exponent < 0.0 && merged.fract() == 0.0 && lead.fract() != 0.0);
    let short = worth && is_tidy(merged) && numbers().all(|k| is_tidy(k / lead));
    if !whole && !redundant && !short {
        return (1.0, base);
    }
    (maths::pow(lead, exponent), scaled(base, 1.0 / lead))
}

/// `c*exp(u + k)` holds one constant too many unless c is one.
fn pull_out_of_exponential(argument: Form, outer: f64) -> (f64, Form) {
    match argument {
        Form::Sum(terms, k) if outer != 1.0 && k != 0.0 && !terms.is_empty() => {
            (maths::exp(k), finish_sum(terms, 0.0))
        }
        other => (1.0, other),
    }
}

/// A form to a numerical power.
pub(crate) fn power(form: Form, exponent: f64) -> Form {
    if exponent == 0.0 {
        return number(1.0);
    }
    if exponent == 1.0 {
        return form;
    }
    if let Some(c) = as_number(&form) {
        let value = maths::pow(c, exponent);
        if value.is_finite() {
            return number(value);
        }
        return Form::Product(vec![(form, exponent)]);
    }
    let whole = exponent.fract() == 0.0;
    let (c, inner) = split(form);
    if c < 0.0 && !whole {
        return Form::Product(vec![(scaled(inner, c), exponent)]);
    }
    let raised = match inner {
        Form::Product(factors) if whole || can_raise(&factors) => {
            finish_product(factors.into_iter().map(|(f, e)| (f, e * exponent)).collect())
        }
        Form::Fun(Fun::Exp, argument) => function(Fun::Exp, scaled(*argument, exponent)),
        other => finish_product(vec![(other, exponent)]),
    };
    product(number(maths::pow(c, exponent)), raised)
}

/// Whether `(f^e)^p` is `f^(e*p)` for any p: not where e is even, since `sqrt(x^2)` is not x.
fn can_raise(factors: &[(Form, f64)]) -> bool {
    let known = |(form, _): &&(Form, f64)| matches!(form, Form::Var(_, true) | Form::Fun(Fun::Exp, _));
    let unknown: Vec<&(Form, f64)> = factors.iter().filter(|factor| !known(factor)).collect();
    let rest_to_one = unknown.len() == 1 && unknown.len() < factors.len() && unknown[0].1 == 1.0;
    unknown.is_empty()
        || rest_to_one
        || matches!(factors, [(_, e)] if e.fract() != 0.0 || (e / 2.0).fract() != 0.0)
}

/// A function of a form.
pub(crate) fn function(fun: Fun, argument: Form) -> Form {
    if let Some(c) = as_number(&argument) {
        let mut value = [0.0];
        crate::kernel::function(fun, &mut value, &[c]);
        if value[0].is_finite() {
            return number(value[0]);
        }
        if fun != Fun::Sqrt {
            return Form::Fun(fun, Box::new(argument));
        }
    }
    match (fun, argument) {
        (Fun::Sqrt, argument) => power(argument, 0.5),
        (Fun::Log, Form::Fun(Fun::Exp, inner)) | (Fun::Exp, Form::Fun(Fun::Log, inner)) => *inner,
        (Fun::Log, argument) => logarithm(argument),
        (Fun::Exp, argument) => match split(argument) {
            (c, Form::Fun(Fun::Log, inner)) => power(*inner, c),
            (c, inner) => exponential(scaled(inner, c)),
        },
        (Fun::Sin | Fun::Cos, Form::Sum(terms, c)) if quarter_turns(c).is_some() => {
            let (turns, rest) = quarter_turns(c).unwrap_or((0, c));
            turned(fun, finish_sum(terms, rest), turns)
        }
        (Fun::Sin | Fun::Tan | Fun::Asin | Fun::Atan | Fun::Sinh | Fun::Tanh | Fun::Erf, argument)
            if leads_negative(&argument) =>
        {
            scaled(Form::Fun(fun, Box::new(scaled(argument, -1.0))), -1.0)
        }
        (Fun::Cos | Fun::Cosh | Fun::Abs, argument) if leads_negative(&argument) => {
            Form::Fun(fun, Box::new(scaled(argument, -1.0)))
        }
        (fun, argument) => Form::Fun(fun, Box::new(argument)),
    }
}

/// Powers come out of a logarithm, and a factor where that makes it plain.
fn logarithm(argument: Form) -> Form {
    let (c, inner) = split(argument);
    let shift = if c > 0.0 { near_plain(maths::log(c)) } else { 0.0 };
    let (c, shift) = if shift != 0.0 && !is_tidy(c) && is_tidy(shift) { (1.0, shift) } else { (c, 0.0) };
    let value = match inner {
        Form::Product(factors) if c == 1.0 && factors.len() == 1 && can_raise(&factors) => {
            let (base, exponent) = factors[0].clone();
            scaled(Form::Fun(Fun::Log, Box::new(base)), exponent)
        }
        inner => Form::Fun(Fun::Log, Box::new(scaled(inner, c))),
    };
    sum(value, number(shift))
}

/// Logarithms in the argument become factors.
fn exponential(argument: Form) -> Form {
    let Form::Sum(terms, mut c) = argument else { return Form::Fun(Fun::Exp, Box::new(argument)) };
    let mut factor = 1.0;
    if !is_tidy(c) {
        factor = near_plain(maths::exp(c));
        c = 0.0;
    }
    let (logarithms, others): (Vec<_>, Vec<_>) =
        terms.into_iter().partition(|(form, _)| matches!(form, Form::Fun(Fun::Log, _)));
    let rest = Form::Fun(Fun::Exp, Box::new(finish_sum(others, c)));
    logarithms.into_iter().fold(scaled(rest, factor), |result, (form, c)| match form {
        Form::Fun(_, inner) => product(power(*inner, c), result),
        _ => result,
    })
}

/// How many quarter turns, of four, an angle is and what is left: when that is nothing or makes it plain, or when it is
/// more than half a turn.
fn quarter_turns(angle: f64) -> Option<(i64, f64)> {
    // Beyond, a number says nothing of its angle any more.
    if angle.abs() >= 1e12 {
        return None;
    }
    let of_four = |turns: f64| turns.rem_euclid(4.0) as i64;
    let exact = |turns: f64| {
        let rest = near_plain(angle - turns * FRAC_PI_2);
        let gone = rest.abs() <= 1e-15 * angle.abs();
        (turns != 0.0 && (gone || !is_tidy(angle) && is_tidy(rest)))
            .then_some((of_four(turns), if gone { 0.0 } else { rest }))
    };
    let whole = || {
        let turns = 2.0 * (angle / PI).round();
        (angle.abs() > PI && !is_tidy(angle)).then(|| (of_four(turns), angle - turns * FRAC_PI_2))
    };
    [(angle / FRAC_PI_2).round(), 1.0, -1.0, 2.0, -2.0].into_iter().find_map(exact).or_else(whole)
}

/// sin or cos of an angle and some quarter turns.
fn turned(fun: Fun, argument: Form, turns: i64) -> Form {
    let quadrant = (turns + i64::from(fun == Fun::Cos)).rem_euclid(4);
    let turned = function(if quadrant % 2 == 0 { Fun::Sin } else { Fun::Cos }, argument);
    if quadrant >= 2 { scaled(turned, -1.0) } else { turned }
}

fn leads_negative(form: &Form) -> bool {
    matches!(form, Form::Sum(terms, c) if !terms.is_empty() && *c <= 0.0 && terms.iter().all(|(_, k)| *k < 0.0))
}
