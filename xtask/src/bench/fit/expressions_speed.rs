//! How fast the crate `dynamic_expressions` evaluates the formulas of our own bench, on one thread: a JSON object a line.
//! Not part of this workspace: the bench builds it in its own folder.

use std::hint::black_box;

use dynamic_expressions::evaluate::EvalOptions;
use dynamic_expressions::expression::PostfixExpr;
use dynamic_expressions::expression_algebra::__apply_postfix;
use dynamic_expressions::node::PNode;
use dynamic_expressions::operator_enum::builtin::*;
use dynamic_expressions::{EvalContext, HasOp, eval_tree_array_into, opset};
use ndarray::Array2;

opset! {
    pub Ops for f64 { Sin, Cos, Exp, Log, Sqrt, Add, Sub, Mul, Div }
}

type Formula = PostfixExpr<f64, Ops, 2>;

const LONG_ENOUGH: f64 = 0.5;

macro_rules! function {
    ($name:ident, $op:ident) => {
        fn $name(x: Formula) -> Formula {
            __apply_postfix::<f64, Ops, 2, 1>(<Ops as HasOp<$op>>::ID, [x])
        }
    };
}
function!(sin, Sin);
function!(cos, Cos);
function!(exp, Exp);
function!(log, Log);
function!(sqrt, Sqrt);

fn var(feature: u16) -> Formula {
    PostfixExpr::new(vec![PNode::Var { feature }], vec![], Default::default())
}

fn num(value: f64) -> Formula {
    PostfixExpr::new(vec![PNode::Const { idx: 0 }], vec![value], Default::default())
}

fn arithmetic() -> Vec<Formula> {
    let (a, b, c, d, e) = (|| var(0), || var(1), || var(2), || var(3), || var(4));
    vec![
        (a() * b() + c()) / (d() - e() * num(0.37)) + (a() - c()) * (b() + d()) * num(1.7),
        (a() + num(2.3) * b() - c() * d()) * (e() + a() * c()) - b() / (c() + num(4.1) * e()),
        a() * b() * c() * d() - e() * (a() + num(1.21) * b()) * (c() - d())
            + a() / (b() + c() + num(0.2) * d()),
        (a() - b()) * (b() - c()) * (c() - d()) * (d() - e())
            + num(0.5) * a() * e()
            + b() * c() / (num(2.2) + d()),
    ]
}

fn mixed() -> Vec<Formula> {
    let (a, b, c, d, e) = (|| var(0), || var(1), || var(2), || var(3), || var(4));
    vec![
        sin(a() * b() + c()) / (d() + num(4.1) * e()) + exp(num(0.1) * a() - c()) * (b() + d()),
        log(a() + num(2.3) * b() + c()) * cos(e() + a() * c()) - b() / sqrt(c() + num(4.1) * e()),
        a() * b() * exp(num(0.2) * c() - d()) - sqrt(e()) * (a() + num(1.21) * b()) * sin(c() - d()),
        cos(a() - b()) * (b() - c()) * log(c() + d())
            + num(0.5) * a() * e()
            + b() * c() / (num(2.2) + d()),
    ]
}

/// Billions of nodes times rows a second, the best of five.
fn rate(formulas: &[Formula], rows: usize) -> f64 {
    let x = Array2::from_shape_fn((5, rows), |(j, i)| 0.5 + ((i * 7919 + j * 104_729) % 2003) as f64 / 1001.5);
    let nodes: usize = formulas.iter().map(|formula| formula.nodes.len()).sum();
    let options = EvalOptions { check_finite: false, early_exit: false };
    let mut contexts: Vec<_> = formulas.iter().map(|_| EvalContext::<f64, 2>::new(rows)).collect();
    let mut out = vec![0.0; rows];
    let mut best: f64 = 0.0;
    for _ in 0..5 {
        let (begun, mut turns, mut spent) = (cpu_seconds(), 0_u64, 0.0);
        while spent < LONG_ENOUGH {
            for _ in 0..500 {
                for (formula, context) in formulas.iter().zip(&mut contexts) {
                    eval_tree_array_into(&mut out, formula, black_box(x.view()), context, &options);
                    black_box(&out);
                }
            }
            turns += 500;
            spent = cpu_seconds() - begun;
        }
        best = best.max(turns as f64 * (nodes * rows) as f64 / spent / 1e9);
    }
    best
}

/// User and system time of this process, from the kernel.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux has it");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("there is one").split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number of ticks");
    (ticks(11) + ticks(12)) / 100.0
}

fn main() {
    for (what, formulas, rows) in [
        ("evaluation, + - * /, 1024 rows", arithmetic(), 1024),
        ("evaluation, mixed, 1024 rows", mixed(), 1024),
        ("evaluation, + - * /, 32 rows", arithmetic(), 32),
    ] {
        println!("{{\"what\":\"{what}\",\"measured\":\"dynamic_expressions {:.2}\"}}", rate(&formulas, rows));
    }
}
