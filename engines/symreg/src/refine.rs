//! What noise hides from the portfolio: sums for a transformed target and quotients are picked by an error that is not the
//! target's own. The best few of each length are fitted to the target itself, briefly and on the sample; the best of them
//! are worth a polish.

use crate::expr::Node;
use crate::forest;
use crate::frame::Frame;
use crate::levenberg::{Effort, Fitter};
use crate::search::Study;
use crate::tape::{Tape, subtree_sizes};
use crate::transform::Transform;

/// Steps of the brief fit.
const STEPS: usize = 10;

/// A formula for the target of a frame with how many columns it was made of.
pub(crate) struct Rough {
    pub(crate) length: usize,
    pub(crate) node: Node,
}

/// Fits the rough formulas and polishes the best of each length, where it beats the shorter ones.
pub(crate) fn refine(study: &mut Study<'_>, frame: &Frame<'_>, mut rough: Vec<Rough>) {
    rough.sort_by_key(|rough| rough.length);
    let sample = frame.sample(Transform::Identity);
    let mut fitter = Fitter::default();
    let mut best: Vec<(usize, f64, Node)> = Vec::new();
    for Rough { length, node } in rough {
        if !study.show(None) {
            return;
        }
        let Some(syms) = forest::of_node(&node) else { continue };
        let roots = forest::roots(&subtree_sizes(&syms));
        let mut tape = Tape::new(syms);
        study.evaluations += 1;
        let Some(fit) = fitter.fit(&mut tape, &roots, &sample, Effort { steps: STEPS, goal: 1.0 }) else {
            continue;
        };
        if best.iter().any(|(_, error, _)| *error <= fit.error) {
            continue;
        }
        best.retain(|(other, ..)| *other != length);
        best.push((length, fit.error, forest::node(&tape.syms, fit.offset, &fit.coefficients)));
    }
    for (_, _, node) in best {
        let lifted = frame.lifted(Transform::Identity, node);
        if study.is_worth_polishing(&lifted) && study.show(None) {
            study.polish(&lifted);
        }
    }
}
