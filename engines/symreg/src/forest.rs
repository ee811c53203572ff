//! What the search varies: a forest, the terms of a sum one after the other as postfix code. Every term has an
//! implicit coefficient and the sum an implicit offset, solved in closed form; so a structure is its terms alone.

use crate::expr::{Bin, Node};
use crate::form::{Form, canonical};
use crate::person;
use crate::rng::mix;
use crate::tape::{Code, Sym, Tape, subtree_sizes};

/// Terms at most; more are a different kind of model.
pub(crate) const MAX_TERMS: usize = 7;
/// Constants inside terms at most.
pub(crate) const MAX_CONSTANTS: usize = 8;

/// The ends of the terms.
pub(crate) fn roots(sizes: &[u16]) -> Vec<usize> {
    let mut roots = Vec::with_capacity(MAX_TERMS);
    let mut end = sizes.len();
    while end > 0 {
        roots.push(end - 1);
        end -= usize::from(sizes[end - 1]);
    }
    roots.reverse();
    roots
}

/// Brings a forest to its normal form: numbers carried out, sums split into terms, what only scales or shifts a term
/// taken away, equal terms once. `None` where nothing is left or there is too much of it.
pub(crate) fn normalised(syms: &[Sym]) -> Option<Vec<Sym>> {
    let folded = folded(syms);
    let sizes = subtree_sizes(&folded);
    let mut pending: Vec<(usize, usize)> =
        roots(&sizes).iter().map(|&root| (root + 1 - usize::from(sizes[root]), root)).collect();
    pending.reverse();
    let mut result: Vec<Sym> = Vec::with_capacity(folded.len());
    let mut hashes: Vec<u64> = Vec::new();
    while let Some((first, root)) = pending.pop() {
        let split = || root - usize::from(sizes[root - 1]);
        match folded[root].code {
            Code::Const => {}
            Code::Neg => pending.push((first, root - 1)),
            Code::Bin(Bin::Add | Bin::Sub) => {
                pending.push((split(), root - 1));
                pending.push((first, split() - 1));
            }
            Code::Bin(Bin::Mul) if folded[split() - 1].code == Code::Const => {
                pending.push((split(), root - 1));
            }
            Code::Bin(Bin::Mul | Bin::Div) if folded[root - 1].code == Code::Const => {
                pending.push((first, split() - 1));
            }
            _ => {
                let mut term = folded[first..=root].to_vec();
                if let Code::Bin(Bin::Div) = folded[root].code
                    && folded[first].code == Code::Const
                    && split() == first + 1
                {
                    term.remove(0);
                    let last = term.len() - 1;
                    term[last] = Sym::of(Code::Power(-1));
                }
                let hash = hash(&term);
                if !hashes.contains(&hash) {
                    hashes.push(hash);
                    result.extend_from_slice(&term);
                }
            }
        }
    }
    let constants = result.iter().filter(|sym| sym.code == Code::Const).count();
    let fits = !hashes.is_empty() && hashes.len() <= MAX_TERMS && constants <= MAX_CONSTANTS;
    fits.then_some(result)
}

/// Carries out operations on numbers alone and joins powers of powers.
fn folded(syms: &[Sym]) -> Vec<Sym> {
    let mut out: Vec<Sym> = Vec::with_capacity(syms.len());
    for sym in syms {
        let number = |back: usize, out: &[Sym]| {
            out.len().checked_sub(back).map(|i| out[i]).filter(|s| s.code == Code::Const).map(|s| s.value)
        };
        match sym.code.arity() {
            1 if number(1, &out).is_some() => {
                let value = Tape::new(vec![out[out.len() - 1], *sym]).eval(&[])[0];
                let last = out.len() - 1;
                out[last] = Sym::constant(value);
            }
            2 if number(1, &out).is_some() && number(2, &out).is_some() => {
                let at = out.len() - 2;
                let value = Tape::new(vec![out[at], out[at + 1], *sym]).eval(&[])[0];
                out.truncate(at);
                out.push(Sym::constant(value));
            }
            1 => {
                let joined = match (out.last().map(|s| s.code), sym.code) {
                    (Some(Code::Power(a)), Code::Power(b)) if a.abs() * b.abs() <= 8 => {
                        Some(Code::Power(a * b))
                    }
                    _ => None,
                };
                match joined {
                    Some(code) => {
                        let last = out.len() - 1;
                        out[last] = Sym::of(code);
                        if code == Code::Power(1) {
                            out.pop();
                        }
                    }
                    None => out.push(*sym),
                }
            }
            _ => out.push(*sym),
        }
    }
    out
}

/// What the hash knows of a subtree: as itself, as part of a sum, as part of a product.
#[derive(Clone, Copy)]
struct Seen {
    own: u64,
    sum: u64,
    product: u64,
}

impl Seen {
    fn of(own: u64) -> Self {
        Self { own, sum: mix(own ^ 0x5a5a), product: mix(own ^ 0xc3c3) }
    }
}

/// A hash of the structure: constants without their values, sums and products in any order, terms in any order.
pub(crate) fn hash(syms: &[Sym]) -> u64 {
    const MINUS: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut stack: Vec<Seen> = Vec::with_capacity(16);
    for sym in syms {
        let top = stack.pop();
        let seen = match (sym.code, top) {
            (Code::Const, _) => {
                stack.extend(top);
                Seen::of(0x1111)
            }
            (Code::Var(v), _) => {
                stack.extend(top);
                Seen::of(mix(0x2222 + u64::from(v)))
            }
            (Code::Neg, Some(a)) => Seen { sum: a.sum.wrapping_mul(MINUS), ..a },
            (Code::Power(n), Some(a)) => {
                let product = a.product.wrapping_mul(n as u64);
                Seen { product, ..Seen::of(mix(product ^ 0x3333)) }
            }
            (Code::HalfPower(n), Some(a)) => Seen::of(mix(a.own ^ mix(0x4444_u64.wrapping_add(n as u64)))),
            (Code::Fun(fun), Some(a)) => Seen::of(mix(a.own.wrapping_add(mix(0x5555 + fun as u64)))),
            (Code::Bin(op), Some(b)) => {
                let a = stack.pop().unwrap_or(b);
                match op {
                    Bin::Add | Bin::Sub => {
                        let sign = if op == Bin::Sub { MINUS } else { 1 };
                        let sum = a.sum.wrapping_add(b.sum.wrapping_mul(sign));
                        Seen { sum, ..Seen::of(mix(sum ^ 0x6666)) }
                    }
                    Bin::Mul | Bin::Div => {
                        let product = if op == Bin::Mul {
                            a.product.wrapping_add(b.product)
                        } else {
                            a.product.wrapping_sub(b.product)
                        };
                        Seen { product, ..Seen::of(mix(product ^ 0x3333)) }
                    }
                    Bin::Max | Bin::Min => Seen::of(mix(a.own.wrapping_add(b.own) ^ mix(0x7777 + op as u64))),
                    Bin::Pow => Seen::of(mix(a.own.wrapping_mul(3).wrapping_add(b.own) ^ 0x8888)),
                }
            }
            (_, None) => Seen::of(0),
        };
        stack.push(seen);
    }
    stack.iter().fold(0, |sum, term| sum.wrapping_add(mix(term.own)))
}

/// The formula: offset plus coefficient times term.
pub(crate) fn node(syms: &[Sym], offset: f64, coefficients: &[f64]) -> Node {
    let tape = Tape::new(syms.to_vec());
    let sizes = subtree_sizes(syms);
    let mut sum = Node::Num(offset);
    for (root, c) in roots(&sizes).into_iter().zip(coefficients) {
        let term = Node::bin(Bin::Mul, Node::Num(*c), tape.node(root));
        sum = Node::bin(Bin::Add, sum, term);
    }
    sum
}

/// The forest of a formula, its coefficients and offset left out.
pub(crate) fn of_node(node: &Node) -> Option<Vec<Sym>> {
    let mut syms = Vec::new();
    let terms = match canonical(node, &[]) {
        Form::Sum(terms, _) => terms,
        other => vec![(other, 1.0)],
    };
    for (term, _) in &terms {
        syms.extend(Tape::compile(&person::build(term)).syms);
    }
    normalised(&syms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn forest(text: &str) -> Vec<Sym> {
        let names = ["x".to_owned(), "y".to_owned(), "z".to_owned()];
        normalised(&Tape::compile(&parse(text, &names).unwrap()).syms).unwrap()
    }

    #[test]
    fn the_hash_sees_structures_not_constants_or_order() {
        let same = [
            ("2*x + 3*sin(y)", "sin(y) - 7*x + 1"),
            ("x*y/z", "y*(x/z)"),
            ("exp(x*2.5)", "exp(1.5*x)"),
            ("(x + y + z)^2", "(z + (y + x))^2"),
            ("x*x", "x^2"),
        ];
        for (a, b) in same {
            assert_eq!(hash(&forest(a)), hash(&forest(b)), "{a} {b}");
        }
        for (a, b) in
            [("x - y*x", "x + y*z"), ("x/y", "y/x"), ("sin(x)", "cos(x)"), ("exp(x - y)", "exp(x + y)")]
        {
            assert_ne!(hash(&forest(a)), hash(&forest(b)), "{a} {b}");
        }
    }

    #[test]
    fn normal_form_leaves_out_what_is_solved_in_closed_form() {
        assert_eq!(forest("3 + 2*x - y*5 + x"), [Sym::of(Code::Var(0)), Sym::of(Code::Var(1))]);
        assert_eq!(forest("7/x"), [Sym::of(Code::Var(0)), Sym::of(Code::Power(-1))]);
        assert_eq!(normalised(&[Sym::constant(2.0)]), None);
    }

    #[test]
    fn a_formula_survives_the_way_through_a_forest() {
        let names = ["x".to_owned(), "y".to_owned()];
        let formula = parse("2*x*y + 3*exp(-y) + 1", &names).unwrap();
        let syms = of_node(&formula).unwrap();
        assert_eq!(roots(&subtree_sizes(&syms)).len(), 2);
        let back = node(&syms, 1.0, &[2.0, 3.0]);
        let columns: [&[f64]; 2] = [&[1.0, 2.0], &[0.5, 3.0]];
        let (before, after) = (Tape::compile(&formula).eval(&columns), Tape::compile(&back).eval(&columns));
        assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}
