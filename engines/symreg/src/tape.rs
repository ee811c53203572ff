//! The evaluator: a formula as postfix code, run over blocks of rows so that every loop is over plain slices. Each
//! node has a register of its own; variables are read from their columns in place.

#![expect(
    clippy::inline_always,
    reason = "these loops are compiled for the vector width of their dispatcher"
)]

use crate::dispatch::{Work, dispatch};
use crate::expr::{Bin, Fun, Node};
use crate::kernel;
use crate::maths::{self, Exponent};

/// Rows evaluated at a time; a formula's registers then stay in the first-level cache.
pub(crate) const BLOCK: usize = 256;

/// What one node of the code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Const,
    Var(u16),
    Neg,
    /// An integer power.
    Power(i16),
    /// An integer power times the square root.
    HalfPower(i16),
    Fun(Fun),
    Bin(Bin),
}

/// One node: its code and, for constants, its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sym {
    pub(crate) code: Code,
    pub(crate) value: f64,
}

/// Postfix code with the position of every node's left operand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tape {
    pub(crate) syms: Vec<Sym>,
    /// For binary nodes the index of the left operand; for unary ones the operand's.
    pub(crate) left: Vec<u16>,
}

impl Code {
    pub(crate) fn arity(self) -> usize {
        match self {
            Self::Const | Self::Var(_) => 0,
            Self::Bin(_) => 2,
            _ => 1,
        }
    }
}

impl Sym {
    pub(crate) fn of(code: Code) -> Self {
        Self { code, value: 0.0 }
    }

    pub(crate) fn constant(value: f64) -> Self {
        Self { code: Code::Const, value }
    }
}

impl Tape {
    /// Takes postfix code.
    pub(crate) fn new(syms: Vec<Sym>) -> Self {
        let sizes = subtree_sizes(&syms);
        let left = (0..syms.len())
            .map(|i| match syms[i].code.arity() {
                2 => (i - 1 - usize::from(sizes[i - 1])) as u16,
                1 => (i - 1) as u16,
                _ => i as u16,
            })
            .collect();
        Self { syms, left }
    }

    /// Translates a formula.
    pub(crate) fn compile(node: &Node) -> Self {
        let mut syms = Vec::new();
        emit(node, &mut syms);
        Self::new(syms)
    }

    /// The formula this code stands for.
    pub(crate) fn node(&self, root: usize) -> Node {
        let operand = |tape: &Self| tape.node(usize::from(tape.left[root]));
        match self.syms[root].code {
            Code::Const => Node::Num(self.syms[root].value),
            Code::Var(v) => Node::Var(v),
            Code::Neg => operand(self).negated(),
            Code::Power(-1) => Node::bin(Bin::Div, Node::Num(1.0), operand(self)),
            Code::Power(n) => Node::bin(Bin::Pow, operand(self), Node::Num(f64::from(n))),
            Code::HalfPower(n) => Node::bin(Bin::Pow, operand(self), Node::Num(f64::from(n) + 0.5)),
            Code::Fun(fun) => Node::fun(fun, operand(self)),
            Code::Bin(op) => Node::bin(op, operand(self), self.node(root - 1)),
        }
    }

    /// The value for every row.
    pub(crate) fn eval(&self, columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(1, |column| column.len());
        let mut values = vec![0.0; rows];
        self.eval_into(columns, &mut vec![0.0; self.syms.len() * BLOCK], &mut values);
        values
    }

    /// [`Tape::eval`] with a working space of a block for every node.
    pub(crate) fn eval_into(&self, columns: &[&[f64]], registers: &mut [f64], values: &mut [f64]) {
        if values.len() <= BLOCK {
            self.eval_block(columns, registers, values);
            return;
        }
        for (index, values) in values.chunks_mut(BLOCK).enumerate() {
            let start = index * BLOCK;
            let block: Vec<&[f64]> =
                columns.iter().map(|column| &column[start..start + values.len()]).collect();
            self.eval_block(&block, registers, values);
        }
    }

    fn eval_block(&self, columns: &[&[f64]], registers: &mut [f64], values: &mut [f64]) {
        let (length, root) = (values.len(), self.syms.len() - 1);
        self.forward(columns, length, registers);
        let top = match self.syms[root].code {
            Code::Var(v) => &columns[usize::from(v)][..length],
            _ => &registers[root * length..(root + 1) * length],
        };
        values.copy_from_slice(top);
    }

    /// Computes all nodes for one block; node `i` is left in `registers[i * length..]`.
    pub(crate) fn forward(&self, columns: &[&[f64]], length: usize, registers: &mut [f64]) {
        dispatch(Forward { tape: self, columns, length, registers });
    }

    /// [`Tape::forward`] for callers that are dispatched themselves.
    #[inline(always)]
    pub(crate) fn forward_here(&self, columns: &[&[f64]], length: usize, registers: &mut [f64]) {
        for (i, sym) in self.syms.iter().enumerate() {
            let (done, rest) = registers.split_at_mut(i * length);
            let out = &mut rest[..length];
            let source = |index: usize| match self.syms[index].code {
                Code::Var(v) => &columns[usize::from(v)][..length],
                _ => &done[index * length..(index + 1) * length],
            };
            match sym.code {
                Code::Const => out.fill(sym.value),
                Code::Var(_) => {}
                Code::Neg => kernel::map(out, source(i - 1), |a| -a),
                Code::Power(n) => kernel::power(out, source(i - 1), i32::from(n)),
                Code::HalfPower(n) => kernel::half_power(out, source(i - 1), i32::from(n)),
                Code::Fun(fun) => kernel::function(fun, out, source(i - 1)),
                Code::Bin(op) => kernel::binary(op, out, source(usize::from(self.left[i])), source(i - 1)),
            }
        }
    }
}

struct Forward<'a> {
    tape: &'a Tape,
    columns: &'a [&'a [f64]],
    length: usize,
    registers: &'a mut [f64],
}

impl Work for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.tape.forward_here(self.columns, self.length, self.registers);
    }
}

/// For every node the number of nodes of the subtree that ends there.
pub(crate) fn subtree_sizes(syms: &[Sym]) -> Vec<u16> {
    let mut sizes: Vec<u16> = Vec::with_capacity(syms.len());
    for (i, sym) in syms.iter().enumerate() {
        let size = match sym.code.arity() {
            0 => 1,
            1 => sizes[i - 1] + 1,
            _ => {
                let right = sizes[i - 1];
                sizes[i - 1 - usize::from(right)] + right + 1
            }
        };
        sizes.push(size);
    }
    sizes
}

fn emit(node: &Node, syms: &mut Vec<Sym>) {
    match node {
        Node::Num(c) => syms.push(Sym::constant(*c)),
        Node::Var(v) => syms.push(Sym::of(Code::Var(*v))),
        Node::Neg(a) => {
            emit(a, syms);
            syms.push(Sym::of(Code::Neg));
        }
        Node::Fun(fun, a) => {
            emit(a, syms);
            syms.push(Sym::of(Code::Fun(*fun)));
        }
        Node::Bin(Bin::Pow, a, b) => {
            emit(a, syms);
            let constant = if let Node::Num(c) = **b { maths::exponent(c) } else { Exponent::Real };
            match constant {
                Exponent::Whole(n) => syms.push(Sym::of(Code::Power(n as i16))),
                Exponent::Half(n) => syms.push(Sym::of(Code::HalfPower(n as i16))),
                Exponent::Real => {
                    emit(b, syms);
                    syms.push(Sym::of(Code::Bin(Bin::Pow)));
                }
            }
        }
        Node::Bin(op, a, b) => {
            emit(a, syms);
            emit(b, syms);
            syms.push(Sym::of(Code::Bin(*op)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn evaluates_longer_columns_than_a_block() {
        let names = ["x".to_owned(), "y".to_owned()];
        let node = parse("x^2/y - sin(x)*exp(-y) + max(x, y)^1.5", &names).unwrap();
        let x: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.01 + 0.5).collect();
        let y: Vec<f64> = (0..1000).map(|i| 3.0 - f64::from(i) * 0.002).collect();
        let values = Tape::compile(&node).eval(&[&x, &y]);
        for ((x, y), value) in x.iter().zip(&y).zip(&values) {
            let expected = x * x / y - x.sin() * (-y).exp() + x.max(*y).powf(1.5);
            assert!((value - expected).abs() < 1e-13 * (1.0 + expected.abs()));
        }
    }

    #[test]
    fn translates_there_and_back() {
        let names = ["x".to_owned(), "y".to_owned()];
        let node = parse("-(x - 2.5)/y^3 + log(x*y)^1.5 - x^y", &names).unwrap();
        let tape = Tape::compile(&node);
        assert_eq!(tape.node(tape.syms.len() - 1), node);
    }

    #[test]
    fn a_variable_and_a_number_are_formulas_too() {
        let names = ["x".to_owned()];
        let eval = |text: &str| Tape::compile(&parse(text, &names).unwrap()).eval(&[&[1.0, 2.0]]);
        assert_eq!(eval("x"), vec![1.0, 2.0]);
        assert_eq!(eval("7"), vec![7.0, 7.0]);
    }
}
