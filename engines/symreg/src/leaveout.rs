//! How well a formula predicts rows it has not seen: the errors when each row is left out in turn, from the leverages of
//! the rows on the formula's fitted constants (exact for linear ones; Allen 1974, Cook, Weisberg 1982).

use crate::expr::Node;
use crate::gradient::{Block, needed};
use crate::kernel;
use crate::table::Table;
use crate::tape::{Code, Tape};

/// Beyond this many rows one of them left out says nothing new.
const MAX_ROWS: usize = 4000;
/// A row that fits itself to this degree cannot be predicted by the others.
const OWN: f64 = 1.0 - 1e-9;

/// What rows left out tell of one formula against another.
pub(crate) struct Comparison {
    /// By how much less of the target's variance the second misses the rows left out; the first, where negative.
    pub(crate) gain: f64,
    /// The logarithm of the likelihood of the rows left out under the second over that under the first, in nats.
    pub(crate) nats: f64,
    /// The first's advantage in standard deviations (Vuong 1989).
    pub(crate) sigmas: f64,
}

/// Compares two formulas on rows left out; `None` where either cannot predict one.
pub(crate) fn compare(first: &[f64], second: &[f64], variance: f64) -> Option<Comparison> {
    let n = first.len() as f64;
    let mean = |errors: &[f64]| kernel::dot(errors, errors) / n;
    let (a, b) = (mean(first), mean(second));
    if !a.is_finite() || !b.is_finite() || a <= 0.0 || b <= 0.0 {
        return None;
    }
    let own = 0.5 * (b / a).ln();
    let advantages: Vec<f64> =
        first.iter().zip(second).map(|(e, f)| own - 0.5 * e * e / a + 0.5 * f * f / b).collect();
    let spread = advantages.iter().map(|l| (l - own) * (l - own)).sum::<f64>().sqrt();
    Some(Comparison {
        gain: (a - b) / variance,
        nats: -n * own,
        sigmas: n * own / spread.max(f64::MIN_POSITIVE),
    })
}

/// The errors of rows when each is left out in turn; infinite where a row determines a constant alone.
pub(crate) fn errors(node: &Node, table: &Table) -> Vec<f64> {
    let n = table.rows();
    let columns: Vec<&[f64]> = table.columns().iter().map(Vec::as_slice).collect();
    let tape = Tape::compile(node);
    let root = tape.syms.len() - 1;
    let mut residual = tape.eval(&columns);
    kernel::zip_into(&mut residual, table.target(), |value, y| y - value);
    let roots: Option<Vec<f64>> = table.weights().map(|weights| weights.iter().map(|w| w.sqrt()).collect());
    if let Some(roots) = &roots {
        kernel::scale(&mut residual, roots);
    }
    // A number that came out plain was fitted too.
    let free: Vec<usize> = (0..tape.syms.len()).filter(|&at| tape.syms[at].code == Code::Const).collect();
    let mut leverages = vec![0.0; n];
    if !free.is_empty() && n <= MAX_ROWS && tape.syms[root].code != Code::Const {
        let mut registers = vec![0.0; tape.syms.len() * n];
        tape.forward(&columns, n, &mut registers);
        let mut adjoints = vec![0.0; tape.syms.len() * n];
        match &roots {
            Some(roots) => adjoints[root * n..].copy_from_slice(roots),
            None => adjoints[root * n..].fill(1.0),
        }
        let block = Block { columns: &columns, length: n, registers: &registers };
        tape.backward(root, &needed(&tape, &free), &block, &mut adjoints);
        let slopes = free.iter().map(|&at| &adjoints[at * n..(at + 1) * n]);
        for direction in orthonormal(slopes) {
            kernel::zip_into(&mut leverages, &direction, |h, q| h + q * q);
        }
    } else if tape.syms[root].code == Code::Const {
        leverages.fill(1.0 / n as f64);
    }
    if leverages.iter().any(|h| h.is_nan() || *h > OWN) {
        return vec![f64::INFINITY; n];
    }
    kernel::zip_into(&mut residual, &leverages, |e, h| e / (1.0 - h));
    residual
}

/// Orthonormal directions of what the columns span.
fn orthonormal<'a>(columns: impl Iterator<Item = &'a [f64]>) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for column in columns {
        let mut rest = column.to_vec();
        let before = kernel::dot(&rest, &rest).sqrt();
        for _ in 0..2 {
            for direction in &basis {
                let part = kernel::dot(direction, &rest);
                kernel::zip_into(&mut rest, direction, |r, d| r - part * d);
            }
        }
        let norm = kernel::dot(&rest, &rest).sqrt();
        if norm > 1e-11 * before {
            kernel::zip_into(&mut rest, column, |r, _| r / norm);
            basis.push(rest);
        }
    }
    basis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear;

    #[test]
    fn a_linear_formula_predicts_as_if_each_row_were_left_out() {
        let x: Vec<f64> = (0..9).map(|i| f64::from(i * i) * 0.3 + 1.0).collect();
        let y: Vec<f64> = (0..9).map(|i| 2.0 + f64::from(i * 7 % 5) + 0.7 * f64::from(i)).collect();
        let columns = [vec![1.0; 9], x.clone()];
        let (c, _) = linear::solve(&columns, &y);
        let sum = |a, b| Node::bin(crate::expr::Bin::Add, a, b);
        let product = |a, b| Node::bin(crate::expr::Bin::Mul, a, b);
        let line = sum(Node::Num(c[0]), product(Node::Num(c[1]), Node::Var(0)));
        let table = Table::new(vec!["x".into()], vec![x.clone()], "y".into(), y.clone()).unwrap();
        let mut squares = 0.0;
        for out in 0..9 {
            let without = |column: &[f64]| {
                let kept = column.iter().enumerate().filter(|(i, _)| *i != out);
                kept.map(|(_, v)| *v).collect::<Vec<f64>>()
            };
            let (c, _) = linear::solve(&[vec![1.0; 8], without(&x)], &without(&y));
            squares += (y[out] - c[0] - c[1] * x[out]).powi(2);
        }
        let left_out = errors(&line, &table);
        assert!((kernel::dot(&left_out, &left_out) - squares).abs() < 1e-12 * 9.0);
    }

    #[test]
    fn a_formula_that_predicts_as_well_has_no_advantage() {
        let first: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 11) - 5.0).collect();
        let second: Vec<f64> = (0..40).map(|i| f64::from(i * 5 % 11) - 5.0).collect();
        let same = compare(&first, &second, 10.0).unwrap();
        assert!(same.sigmas.abs() < 1.0 && same.nats.abs() < 1.0 && same.gain.abs() < 0.05);
        let half: Vec<f64> = second.iter().map(|e| 0.3 * e).collect();
        let better = compare(&half, &first, 10.0).unwrap();
        assert!(better.sigmas > 4.0 && better.nats < -40.0 && better.gain < -0.8);
        assert!(compare(&first, &[f64::INFINITY; 40], 10.0).is_none());
    }
}
