//! The portfolio: simple forms tried in a fixed order before any search. Most laws people measure are among them, and
//! each takes microseconds.

use crate::expr::{Bin, Node};
use crate::linear;
use crate::search::Study;

/// The highest degree of a polynomial that is tried.
const MAX_DEGREE: usize = 6;

/// Tries all forms, asking the observer between them.
pub(crate) fn run(study: &mut Study<'_>) {
    mean(study);
    for variable in 0..study.table.columns().len() {
        if !study.show(None) {
            return;
        }
        polynomials(study, variable);
    }
    if study.show(None) {
        monomial(study);
    }
}

fn mean(study: &mut Study<'_>) {
    let y = study.table.target();
    let (coefficients, _) = linear::solve(&[vec![1.0; y.len()]], y);
    study.evaluations += 1;
    study.polish(&Node::Num(coefficients[0]));
}

fn polynomials(study: &mut Study<'_>, variable: usize) {
    let table = study.table;
    let x = &table.columns()[variable];
    let mut columns = vec![vec![1.0; table.rows()]];
    for degree in 1..=MAX_DEGREE.min(table.rows().saturating_sub(2)) {
        columns.push(x.iter().map(|x| crate::maths::powi(*x, degree as i32)).collect());
        let (coefficients, _) = linear::solve(&columns, table.target());
        study.evaluations += 1;
        let x = Node::Var(variable as u16);
        let term = |(power, c): (usize, &f64)| match power {
            0 => Node::Num(*c),
            1 => Node::bin(Bin::Mul, Node::Num(*c), x.clone()),
            _ => {
                let raised = Node::bin(Bin::Pow, x.clone(), Node::Num(power as f64));
                Node::bin(Bin::Mul, Node::Num(*c), raised)
            }
        };
        let sum = coefficients.iter().enumerate().map(term).reduce(|a, b| Node::bin(Bin::Add, a, b));
        if let Some(sum) = sum {
            study.polish(&sum);
        }
    }
}

/// c · x1^a · x2^b ..., by least squares on the logarithms.
fn monomial(study: &mut Study<'_>) {
    let table = study.table;
    let positive: Vec<usize> =
        (0..table.columns().len()).filter(|&j| table.columns()[j].iter().all(|x| *x > 0.0)).collect();
    if positive.is_empty() || table.rows() < positive.len() + 3 {
        return;
    }
    let negative = table.target().iter().all(|y| *y < 0.0);
    if !negative && !table.target().iter().all(|y| *y > 0.0) {
        return;
    }
    let logarithms = |values: &[f64]| values.iter().map(|v| crate::maths::log(v.abs())).collect::<Vec<f64>>();
    let mut columns = vec![vec![1.0; table.rows()]];
    columns.extend(positive.iter().map(|&j| logarithms(&table.columns()[j])));
    let (coefficients, _) = linear::solve(&columns, &logarithms(table.target()));
    study.evaluations += 1;
    let scale = crate::maths::exp(coefficients[0]) * if negative { -1.0 } else { 1.0 };
    let mut product = Node::Num(scale);
    for (&j, &exponent) in positive.iter().zip(&coefficients[1..]) {
        if exponent.abs() > 1e-9 {
            let raised = Node::bin(Bin::Pow, Node::Var(j as u16), Node::Num(exponent));
            product = Node::bin(Bin::Mul, product, raised);
        }
    }
    study.polish(&product);
}
