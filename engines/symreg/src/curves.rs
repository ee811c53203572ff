//! Curves of one variable with constants inside: exponentials, waves, saturation, bells. Each is started from a few
//! places in the scale of the data, waves from a scan of frequencies.

use std::f64::consts::PI;

use crate::expr::Node;
use crate::forest;
use crate::levenberg::{Effort, Fitter};
use crate::options::OperatorSet;
use crate::parse::parse;
use crate::sample::Sample;
use crate::tape::{Tape, subtree_sizes};

/// Steps of a fit; the curves are few and worth it.
const STEPS: usize = 60;

/// A fitted curve and its relative error.
pub(crate) struct Curve {
    pub(crate) node: Node,
    pub(crate) error: f64,
}

/// Fits all curves of the variable; `show` is asked between them and may end it.
pub(crate) fn fitted(
    variable: usize,
    sample: &Sample,
    operators: &OperatorSet,
    show: &mut dyn FnMut(u64) -> bool,
) -> Vec<Curve> {
    let x = &sample.columns[variable];
    let (low, high) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    let span = high - low;
    if span <= 0.0 {
        return vec![];
    }
    let mut fitter = Fitter::default();
    let mut curves = Vec::new();
    for starts in families(low, span, sample.rows) {
        let mut best: Option<Curve> = None;
        let mut tried = 0;
        for text in &starts {
            let Some(curve) = fit(text, variable, sample, (&mut fitter, operators)) else { continue };
            tried += 1;
            if best.as_ref().is_none_or(|known| curve.error < known.error) {
                best = Some(curve);
            }
        }
        curves.extend(best);
        if !show(tried) {
            break;
        }
    }
    curves
}

fn fit(
    text: &str,
    variable: usize,
    sample: &Sample,
    (fitter, operators): (&mut Fitter, &OperatorSet),
) -> Option<Curve> {
    let node = parse(text, &["x".to_owned()]).ok()?;
    if node.count(&|node| matches!(node, Node::Fun(fun, _) if !operators.has(*fun))) > 0 {
        return None;
    }
    let mut syms = forest::normalised(&Tape::compile(&node).syms)?;
    for sym in &mut syms {
        if let crate::tape::Code::Var(v) = &mut sym.code {
            *v = variable as u16;
        }
    }
    let roots = forest::roots(&subtree_sizes(&syms));
    let mut tape = Tape::new(syms);
    let fit = fitter.fit(&mut tape, &roots, sample, Effort { steps: STEPS, goal: 1.0 })?;
    Some(Curve { node: forest::node(&tape.syms, fit.offset, &fit.coefficients), error: fit.error })
}

/// Families of curves as texts with starting constants, the scale and place of the data put in.
fn families(low: f64, span: f64, rows: usize) -> Vec<Vec<String>> {
    let rates = [-25.0, -8.0, -3.0, -1.0, -0.3, 0.3, 1.0, 3.0, 25.0].map(|k| k / span);
    let most = low.abs().max((low + span).abs());
    let widths = [-30.0, -8.0, -2.0, -0.5, 0.5].map(|k| k / (most * most));
    let places = [0.1, 0.3, 0.5, 0.7, 0.9].map(|k| low + k * span);
    let shifts = [0.03, 0.3, 1.0, 4.0].map(|k| k * span - low);
    // On either side of the data.
    let poles: Vec<f64> = shifts.into_iter().chain(shifts.map(|s| -(s + 2.0 * low + span))).collect();
    let each =
        |values: &[f64], write: &dyn Fn(f64) -> String| values.iter().map(|v| write(*v)).collect::<Vec<_>>();
    let pairs = |write: &dyn Fn(f64, f64) -> String| {
        let widths = [2.0, 6.0, 20.0].map(|k| k / span);
        places.iter().flat_map(|p| widths.map(|w| write(*p, w))).collect::<Vec<_>>()
    };
    let frequencies: Vec<f64> = (1..=(rows / 2).clamp(4, 60)).map(|k| k as f64 * PI / span).collect();
    let mut all = vec![
        each(&rates, &|k| format!("exp({k:?}*x)")),
        each(&widths, &|k| format!("exp({k:?}*x^2)")),
        each(&rates, &|k| format!("x*exp({k:?}*x)")),
        each(&rates, &|k| format!("x + exp({k:?}*x)")),
        each(&poles, &|s| format!("1/(x + {s:?})")),
        each(&shifts, &|s| format!("log(x + {s:?})")),
        each(&shifts, &|s| format!("sqrt(x + {s:?})")),
        each(&shifts, &|s| format!("x/(x^2 + {:?})", s * s)),
        each(&shifts, &|s| format!("1/(x^2 + {:?})", s * s)),
        each(&[-1.7, -0.7, 0.3, 0.7, 1.3, 1.7, 2.6], &|p| format!("x^{p:?}")),
        each(&[0.7, 1.3, 2.3], &|p| {
            format!("1/(1 + {:?}*x^{p:?})", 1.0 / crate::maths::pow(span.max(1e-9), p))
        }),
        pairs(&|p, w| format!("1/(1 + exp({:?}*x - {:?}))", -w, -w * p)),
        pairs(&|p, w| format!("exp({:?}*(x - {p:?})^2)", -w * w / 4.0)),
        pairs(&|p, w| format!("tanh({w:?}*(x - {p:?}))")),
        pairs(&|p, w| format!("atan({w:?}*(x - {p:?}))")),
        each(&rates, &|k| format!("1/(exp({k:?}*x) - 1)")),
        each(&rates, &|k| format!("x/(exp({k:?}*x) - 1)")),
        each(&rates, &|k| format!("x^3/(exp({k:?}*x) - 1)")),
        each(&rates, &|k| format!("1/(exp({k:?}*x) + exp({:?}*x))", -k)),
        each(&rates, &|k| format!("x^2*exp({k:?}*x)")),
        each(&frequencies, &|f| format!("sin({f:?}*x)^2/x^2")),
        each(&frequencies, &|f| format!("sin({f:?}*x)/x")),
        each(&frequencies, &|f| format!("sin({f:?}*x + 0.5)")),
        each(&frequencies, &|f| format!("x + sin({f:?}*x + 0.5)")),
    ];
    for k in [0.5, 2.0] {
        all.push(each(&frequencies, &|f| format!("exp({:?}*x)*sin({f:?}*x + 0.5)", -k / span)));
    }
    all.push(each(&frequencies, &|f| format!("x*sin({f:?}*x + 0.5)")));
    all.push(each(&rates, &|k| format!("exp({k:?}*x) + exp({:?}*x)", 2.5 * k)));
    all
}
