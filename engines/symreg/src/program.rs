//! A formula made ready to be evaluated many times: translated once, its working space kept.

use crate::expr::Expr;
use crate::tape::{BLOCK, Tape};

/// A formula with the working space of its evaluation.
///
/// ```
/// use symreg::Expr;
/// let mut program = Expr::parse("x^2 + 1", &["x".to_string()])?.program();
/// let mut values = [0.0; 3];
/// program.eval_into(&[&[1.0, 2.0, 3.0]], &mut values);
/// assert_eq!(values, [2.0, 5.0, 10.0]);
/// # Ok::<(), symreg::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Program {
    tape: Tape,
    registers: Vec<f64>,
}

impl Expr {
    /// The formula ready to be evaluated many times; [`Expr::eval`] makes it ready every time.
    pub fn program(&self) -> Program {
        let tape = Tape::compile(&self.root);
        let registers = vec![0.0; tape.syms.len() * BLOCK];
        Program { tape, registers }
    }
}

impl Program {
    /// The value for each row, as [`Expr::eval`] gives it; the columns are as long as `values`.
    pub fn eval_into(&mut self, columns: &[&[f64]], values: &mut [f64]) {
        self.tape.eval_into(columns, &mut self.registers, values);
    }

    /// The operations and operands a row takes.
    pub fn nodes(&self) -> usize {
        self.tape.syms.len()
    }
}
