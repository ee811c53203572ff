//! Exact derivatives of a tape by its constants: one pass from the root down. Every node has one parent, so its
//! adjoint is assigned, never added up; subtrees without a wanted constant are skipped.

#![expect(
    clippy::inline_always,
    reason = "these loops are compiled for the vector width of their dispatcher"
)]

use crate::dispatch::{Work, dispatch};
use crate::expr::{Bin, Fun};
use crate::kernel;
use crate::tape::{Code, Tape};

/// Which nodes have one of the wanted constants below them.
pub(crate) fn needed(tape: &Tape, wanted: &[usize]) -> Vec<bool> {
    let mut needed = vec![false; tape.syms.len()];
    for i in 0..tape.syms.len() {
        needed[i] = match tape.syms[i].code.arity() {
            0 => wanted.contains(&i),
            1 => needed[i - 1],
            _ => needed[i - 1] || needed[usize::from(tape.left[i])],
        };
    }
    needed
}

/// Registers of a block that [`Tape::forward`] has filled.
pub(crate) struct Block<'a> {
    pub(crate) columns: &'a [&'a [f64]],
    pub(crate) length: usize,
    pub(crate) registers: &'a [f64],
}

impl Tape {
    /// Spreads the adjoint at `root` (already set) to all needed nodes below it.
    pub(crate) fn backward(&self, root: usize, needed: &[bool], block: &Block<'_>, adjoints: &mut [f64]) {
        dispatch(Backward { tape: self, root, needed, block, adjoints });
    }

    /// [`Tape::backward`] for callers that are dispatched themselves.
    #[inline(always)]
    pub(crate) fn backward_here(
        &self,
        root: usize,
        needed: &[bool],
        block: &Block<'_>,
        adjoints: &mut [f64],
    ) {
        let length = block.length;
        for i in (self.first_of(root)..=root).rev() {
            let code = self.syms[i].code;
            if code.arity() == 0 {
                continue;
            }
            if !needed[i] {
                continue;
            }
            let (below, own) = adjoints.split_at_mut(i * length);
            let g = &own[..length];
            let v = &block.registers[i * length..(i + 1) * length];
            let source = |index: usize| match self.syms[index].code {
                Code::Var(c) => &block.columns[usize::from(c)][..length],
                _ => &block.registers[index * length..(index + 1) * length],
            };
            let left = usize::from(self.left[i]);
            if needed[left] {
                let out = &mut below[left * length..(left + 1) * length];
                match code {
                    Code::Bin(op) => binary_left(op, out, g, v, (source(left), source(i - 1))),
                    _ => unary(code, out, g, v, source(left)),
                }
            }
            if let Code::Bin(op) = code
                && needed[i - 1]
            {
                let out = &mut below[(i - 1) * length..i * length];
                binary_right(op, out, g, v, (source(left), source(i - 1)));
            }
        }
    }

    /// The first node of the subtree that ends at `root`.
    fn first_of(&self, root: usize) -> usize {
        let mut at = root;
        while self.syms[at].code.arity() > 0 {
            at = usize::from(self.left[at]);
        }
        at
    }
}

struct Backward<'a> {
    tape: &'a Tape,
    root: usize,
    needed: &'a [bool],
    block: &'a Block<'a>,
    adjoints: &'a mut [f64],
}

impl Work for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.tape.backward_here(self.root, self.needed, self.block, self.adjoints);
    }
}

#[inline(always)]
fn unary(code: Code, out: &mut [f64], g: &[f64], v: &[f64], a: &[f64]) {
    match code {
        Code::Neg => kernel::map(out, g, |g| -g),
        Code::Power(n) => {
            let factor = f64::from(n);
            kernel::power(out, a, i32::from(n) - 1);
            kernel::zip_into(out, g, |p, g| factor * p * g);
        }
        Code::HalfPower(n) => {
            let factor = f64::from(n) + 0.5;
            kernel::half_power(out, a, i32::from(n) - 1);
            kernel::zip_into(out, g, |p, g| factor * p * g);
        }
        Code::Fun(fun) => kernel::function_back(fun, out, g, v, a),
        Code::Const | Code::Var(_) | Code::Bin(_) => {}
    }
}

#[inline(always)]
fn binary_left(op: Bin, out: &mut [f64], g: &[f64], v: &[f64], (a, b): (&[f64], &[f64])) {
    match op {
        Bin::Add | Bin::Sub => out.copy_from_slice(g),
        Bin::Mul => kernel::zip(out, g, b, |g, b| g * b),
        Bin::Div => kernel::zip(out, g, b, |g, b| g / b),
        Bin::Pow => {
            kernel::zip(out, v, a, |v, a| v / a);
            kernel::scale(out, b);
            kernel::scale(out, g);
        }
        Bin::Max => {
            kernel::zip(out, a, b, |a, b| if a > b { 1.0 } else { 0.0 });
            kernel::scale(out, g);
        }
        Bin::Min => {
            kernel::zip(out, a, b, |a, b| if a < b { 1.0 } else { 0.0 });
            kernel::scale(out, g);
        }
    }
}

#[inline(always)]
fn binary_right(op: Bin, out: &mut [f64], g: &[f64], v: &[f64], (a, b): (&[f64], &[f64])) {
    match op {
        Bin::Add => out.copy_from_slice(g),
        Bin::Sub => kernel::map(out, g, |g| -g),
        Bin::Mul => kernel::zip(out, g, a, |g, a| g * a),
        Bin::Div => {
            kernel::zip(out, v, b, |v, b| -v / b);
            kernel::scale(out, g);
        }
        Bin::Pow => {
            kernel::function(Fun::Log, out, a);
            // 0^b stays 0 for every positive b.
            kernel::zip_into(out, v, |log, v| if v == 0.0 { 0.0 } else { log * v });
            kernel::zip_into(out, g, |p, g| if g == 0.0 { 0.0 } else { p * g });
        }
        Bin::Max => {
            kernel::zip(out, a, b, |a, b| if a > b { 0.0 } else { 1.0 });
            kernel::scale(out, g);
        }
        Bin::Min => {
            kernel::zip(out, a, b, |a, b| if a < b { 0.0 } else { 1.0 });
            kernel::scale(out, g);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn agrees_with_differences_for_every_operation() {
        let names = ["x".to_owned(), "y".to_owned()];
        for text in [
            "1.37*x + 0.61",
            "x^1.37 - 0.61*y",
            "(x + 1.37)/(y - 0.61)",
            "exp(-(x*1.37)^2)*sin(0.61 + y)",
            "max(x*1.37, y) + min(0.61, x)",
            "(1.37*x + y)^3*(x + 0.61)^1.5/(y + 1.37)^2",
            "1.37^x - tanh(0.61*y)*(-(1.37 - x))",
        ] {
            let mut tape = Tape::compile(&parse(text, &names).unwrap());
            let wanted: Vec<usize> =
                (0..tape.syms.len()).filter(|&i| tape.syms[i].code == Code::Const).collect();
            let wanted: Vec<usize> =
                wanted.into_iter().filter(|&i| tape.syms[i].value.fract() != 0.0).collect();
            let columns: [&[f64]; 2] = [&[0.3, 1.9], &[0.9, 2.2]];
            let root = tape.syms.len() - 1;
            let mut registers = vec![0.0; tape.syms.len() * 2];
            tape.forward(&columns, 2, &mut registers);
            let mut adjoints = vec![0.0; tape.syms.len() * 2];
            adjoints[root * 2..].fill(1.0);
            let block = Block { columns: &columns, length: 2, registers: &registers };
            tape.backward(root, &needed(&tape, &wanted), &block, &mut adjoints);
            for &i in &wanted {
                let (value, h) = (tape.syms[i].value, 1e-6);
                tape.syms[i].value = value + h;
                let up = tape.eval(&columns);
                tape.syms[i].value = value - h;
                let down = tape.eval(&columns);
                tape.syms[i].value = value;
                for row in 0..2 {
                    let slope = (up[row] - down[row]) / (2.0 * h);
                    let own = adjoints[i * 2 + row];
                    assert!((slope - own).abs() < 1e-7 * (1.0 + slope.abs()), "{text}: {slope} {own}");
                }
            }
        }
    }
}
