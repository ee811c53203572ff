//! All small structures, each once: every formula of variables, ones, operators and functions up to a size that the budget
//! allows, scaled and shifted in closed form. What is left behind is a proof: no such formula fits the rows better.
//!
//! Subformulas are kept with their values, so that a structure costs one operation on the rows; those that have equal
//! values are one.

#![expect(clippy::inline_always, reason = "the loops are compiled for the vector width of their dispatcher")]

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::dispatch::{Work, dispatch};
use crate::expr::{Bin, Fun, Node};
use crate::frame::Frame;
use crate::kernel;
use crate::options::OperatorSet;
use crate::rng::mix;
use crate::sample::Sample;
use crate::search::Study;
use crate::tape::{Code, Sym, Tape};
use crate::transform::Transform;

/// Subformulas kept at most: some twenty megabytes.
const MAX_KEPT: usize = 16_000;
/// Symbols at most, where there are few operators.
const MAX_SIZE: usize = 12;
/// Rows that tell two subformulas apart.
const TELLING: usize = 16;
/// What the target is correlated with beside itself.
const TRANSFORMS: [Transform; 4] =
    [Transform::Identity, Transform::Logarithm, Transform::Reciprocal, Transform::Square];
/// Structures between two looks at whether to go on: a few milliseconds.
const LOOK: u64 = 4096;
/// A relative error that is worth a polish whatever the front has.
const HIT: f64 = 1e-13;

/// All formulas of up to a size were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// Symbols of the formula without its scale and offset.
    pub(crate) size: usize,
    pub(crate) structures: u64,
}

/// A subformula with its values on the sample.
struct Part {
    syms: Vec<Sym>,
    values: Vec<f64>,
}

/// The best structure of its size for an aim.
struct Found {
    syms: Vec<Sym>,
    size: usize,
    aim: usize,
    error: f64,
}

/// Tries all structures in a frame, sizes as a whole, up to `limit` structures; the best are polished.
pub(crate) fn run(study: &mut Study<'_>, frame: &Frame<'_>, limit: u64) -> Proof {
    let operators = study.options.operators.clone();
    let samples: Vec<Option<Sample>> = TRANSFORMS
        .iter()
        .map(|transform| transform.suits(frame.target(), &operators).then(|| frame.sample(*transform)))
        .map(|sample| sample.filter(|sample| sample.total > 0.0))
        .collect();
    let Some(plain) = &samples[0] else { return Proof { size: 0, structures: 0 } };
    let mut trial = Trial::new(plain.padded(), &samples);
    let mut sizes = vec![vec![], leaves(plain)];
    for leaf in sizes[1].iter().filter(|leaf| leaf.syms[0].code != Code::Const) {
        trial.score(&leaf.values, &leaf.syms);
    }
    while sizes.len() <= MAX_SIZE {
        let Some(next) = grown(study, &sizes, &operators, (&mut trial, limit)) else { break };
        sizes.push(next);
    }
    study.evaluations += trial.tried;
    let proof = Proof { size: sizes.len() - 1, structures: trial.tried };
    for Found { syms, aim, error, .. } in trial.best {
        if study.stopped {
            break;
        }
        let has_offset = aim < TRANSFORMS.len();
        let (transform, sample) =
            if has_offset { (TRANSFORMS[aim], &samples[aim]) } else { (TRANSFORMS[0], &samples[0]) };
        let Some(node) = sample.as_ref().and_then(|sample| scaled(&syms, sample, has_offset)) else {
            continue;
        };
        let lifted = frame.lifted(transform, node);
        if transform == Transform::Identity {
            study.offer(&lifted);
        }
        if (error < HIT || study.is_worth_polishing(&lifted)) && study.show(None) {
            study.polish(&lifted);
        }
    }
    proof
}

/// The variables and one.
fn leaves(sample: &Sample) -> Vec<Part> {
    let variable = |(v, values): (usize, &Vec<f64>)| Part {
        syms: vec![Sym::of(Code::Var(v as u16))],
        values: values.clone(),
    };
    let mut parts: Vec<Part> = sample.columns.iter().enumerate().map(variable).collect();
    parts.push(Part { syms: vec![Sym::constant(1.0)], values: vec![1.0; sample.padded()] });
    parts
}

/// All formulas of the next size; `None` where there are too many.
fn grown(
    study: &mut Study<'_>,
    sizes: &[Vec<Part>],
    operators: &OperatorSet,
    (trial, limit): (&mut Trial<'_>, u64),
) -> Option<Vec<Part>> {
    let size = sizes.len();
    let (unary, binary) = (unary(operators), binary(operators));
    let splits = || (1..size - 1).map(|left| (left, size - 1 - left));
    let pairs: usize = splits().map(|(left, right)| sizes[left].len() * sizes[right].len()).sum();
    let count = unary.len() * sizes[size - 1].len() + binary.len() * pairs;
    let kept: usize = sizes.iter().map(Vec::len).sum();
    if trial.tried + count as u64 > limit || kept > MAX_KEPT {
        return None;
    }
    let mut next = Vec::new();
    for part in &sizes[size - 1] {
        if trial.is_time_to_look() && !study.show(None) {
            return None;
        }
        for code in &unary {
            trial.offer(*code, (part, part), MAX_KEPT - kept, &mut next);
        }
    }
    for (left, right) in splits() {
        for a in &sizes[left] {
            for b in &sizes[right] {
                if trial.is_time_to_look() && !study.show(None) {
                    return None;
                }
                for op in &binary {
                    // What commutes is tried once.
                    if left >= right || !matches!(op, Bin::Add | Bin::Mul) {
                        trial.offer(Code::Bin(*op), (a, b), MAX_KEPT - kept, &mut next);
                    }
                }
            }
        }
    }
    Some(next)
}

fn unary(operators: &OperatorSet) -> Vec<Code> {
    let mut codes = Vec::new();
    if operators.has_binary(Bin::Mul) || operators.has_binary(Bin::Pow) {
        codes.extend([Code::Power(2), Code::Power(3)]);
    }
    if operators.has_binary(Bin::Div) {
        codes.push(Code::Power(-1));
    }
    codes.extend(operators.functions.iter().filter(|fun| **fun != Fun::Abs).map(|fun| Code::Fun(*fun)));
    codes
}

fn binary(operators: &OperatorSet) -> Vec<Bin> {
    let wanted = |op: &Bin| !matches!(op, Bin::Pow | Bin::Max | Bin::Min);
    operators.binary.iter().copied().filter(wanted).collect()
}

/// A transform of the target to correlate with.
struct Aim<'a> {
    /// The centred target times the weights.
    target: Vec<f64>,
    weights: Vec<f64>,
    /// The weights over their sum, for what may have an offset.
    share: Option<&'a [f64]>,
    total: f64,
}

/// What structures are tried against.
struct Trial<'a> {
    aims: Vec<Option<Aim<'a>>>,
    known: HashSet<u64>,
    best: Vec<Found>,
    tried: u64,
    /// When the next look at whether to go on is due.
    next_look: u64,
    values: Vec<f64>,
}

impl<'a> Trial<'a> {
    fn new(rows: usize, samples: &'a [Option<Sample>]) -> Self {
        let aim = |sample: &'a Sample| {
            let mut target = sample.target.clone();
            kernel::scale(&mut target, &sample.mask);
            let weights = sample.mask.iter().map(|m| m * m).collect();
            Aim { target, weights, share: Some(&sample.share), total: sample.total }
        };
        // The target itself by a scale alone: the shortest formulas have no room for an offset.
        let alone = |sample: &'a Sample| {
            let Aim { mut target, weights, total, .. } = aim(sample);
            kernel::zip_into(&mut target, &weights, |y, w| y + sample.mean * w);
            let total = total + sample.mean * sample.mean * kernel::sum(&weights);
            Aim { target, weights, share: None, total }
        };
        let mut aims: Vec<Option<Aim<'a>>> = samples.iter().map(|sample| sample.as_ref().map(aim)).collect();
        aims.push(samples[0].as_ref().map(alone));
        Self { aims, known: HashSet::new(), best: vec![], tried: 0, next_look: LOOK, values: vec![0.0; rows] }
    }

    fn is_time_to_look(&mut self) -> bool {
        let due = self.tried >= self.next_look;
        if due {
            self.next_look = self.tried + LOOK;
        }
        due
    }

    /// Tries an operation on known parts; what is new is scored and kept.
    fn offer(&mut self, code: Code, (a, b): (&Part, &Part), room: usize, next: &mut Vec<Part>) {
        self.tried += 1;
        let mut values = std::mem::take(&mut self.values);
        let usable = dispatch(Apply { code, a: &a.values, b: &b.values, out: &mut values });
        if usable && self.known.insert(fingerprint(&values)) {
            let mut syms = a.syms.clone();
            if matches!(code, Code::Bin(_)) {
                syms.extend_from_slice(&b.syms);
            }
            syms.push(Sym::of(code));
            self.score(&values, &syms);
            if next.len() < room {
                next.push(Part { syms, values: values.clone() });
            }
        }
        self.values = values;
    }

    /// Keeps the structure where it is the best of its size for an aim.
    fn score(&mut self, values: &[f64], syms: &[Sym]) {
        let size = syms.len();
        for (at, aim) in self.aims.iter().enumerate() {
            let Some(aim) = aim else { continue };
            let (left, along) = dispatch(Correlate { values, aim });
            if left <= 0.0 {
                continue;
            }
            let error = 1.0 - along * along / (left * aim.total);
            let place = self.best.iter_mut().find(|found| found.size == size && found.aim == at);
            match place {
                Some(found) if found.error <= error => {}
                Some(found) => *found = Found { syms: syms.to_vec(), size, aim: at, error },
                None => self.best.push(Found { syms: syms.to_vec(), size, aim: at, error }),
            }
        }
    }
}

/// A number for the values on a few rows, rounding aside.
fn fingerprint(values: &[f64]) -> u64 {
    let stride = values.len().div_ceil(TELLING);
    let coarse = |v: &f64| (v.to_bits() + (1 << 19)) >> 20;
    values
        .iter()
        .step_by(stride)
        .fold(0x51, |hash, v| mix(hash ^ coarse(v)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The structure with the scale that fits best, and the offset where it may have one.
fn scaled(syms: &[Sym], sample: &Sample, has_offset: bool) -> Option<Node> {
    let tape = Tape::new(syms.to_vec());
    let term = tape.node(syms.len() - 1);
    let columns: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
    let values = tape.eval(&columns);
    let mean = if has_offset { kernel::dot(&values, &sample.share) } else { 0.0 };
    let centred: Vec<f64> = values.iter().zip(&sample.mask).map(|(v, m)| (v - mean) * m).collect();
    let rest = if has_offset { 0.0 } else { sample.mean * kernel::dot(&centred, &sample.mask) };
    let slope = (kernel::dot(&centred, &sample.target) + rest) / kernel::dot(&centred, &centred);
    let scaled = Node::bin(Bin::Mul, Node::Num(slope), term);
    if !has_offset {
        return slope.is_finite().then_some(scaled);
    }
    slope.is_finite().then(|| Node::bin(Bin::Add, Node::Num(sample.mean - slope * mean), scaled))
}

/// One operation on the rows; false where a value is not finite, huge, or all are equal.
struct Apply<'a> {
    code: Code,
    a: &'a [f64],
    b: &'a [f64],
    out: &'a mut [f64],
}

impl Work for Apply<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        match self.code {
            Code::Power(n) => kernel::power(self.out, self.a, i32::from(n)),
            Code::Fun(fun) => kernel::function(fun, self.out, self.a),
            Code::Bin(op) => kernel::binary(op, self.out, self.a, self.b),
            _ => return false,
        }
        let first = self.out[0];
        let small = self.out.iter().all(|v| v.abs() < 1e100);
        small && self.out.iter().any(|v| (v - first).abs() > 1e-12 * first.abs())
    }
}

/// The sum of squares of the centred values, and their scalar product with the target.
struct Correlate<'a> {
    values: &'a [f64],
    aim: &'a Aim<'a>,
}

impl Work for Correlate<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run(self) -> (f64, f64) {
        let Aim { target, weights, share, .. } = self.aim;
        let mean = share.map_or(0.0, |share| kernel::dot(self.values, share));
        let (mut left, mut along) = ([0.0; 8], [0.0; 8]);
        let (values, _) = self.values.as_chunks::<8>();
        let ((targets, _), (weights, _)) = (target.as_chunks::<8>(), weights.as_chunks::<8>());
        for ((v, t), w) in values.iter().zip(targets).zip(weights) {
            for i in 0..8 {
                let centred = v[i] - mean;
                left[i] += w[i] * centred * centred;
                along[i] += centred * t[i];
            }
        }
        (left.iter().sum(), along.iter().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::Judge;
    use crate::options::Options;
    use crate::report::Control;
    use crate::table::Table;

    fn proven(operators: &[&str], law: impl Fn(f64) -> f64, limit: u64) -> (Proof, Vec<f64>) {
        let x: Vec<f64> = (0..24).map(|i| 0.4 + 0.11 * f64::from(i)).collect();
        let y = x.iter().map(|x| law(*x)).collect();
        let table = Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap();
        let operators = OperatorSet::from_names(operators).unwrap();
        let options = Options { operators, ..Options::default() };
        let judge = Judge::new(&table, &options).unwrap();
        let mut observe = |_: &crate::report::Event<'_>| Control::Continue;
        let mut study = Study::new((&table, &table, &options), judge, &mut observe);
        let frame = Frame::plain(&table, &[0]);
        let proof = run(&mut study, &frame, limit);
        (proof, study.front.members().iter().map(|member| member.mse).collect())
    }

    #[test]
    fn a_small_law_is_among_all_structures() {
        let (proof, errors) =
            proven(&["add", "mul", "div", "sin", "exp"], |x| 3.0 * x.exp() / (1.0 + x.sin()) + 2.0, 100_000);
        assert!(proof.size >= 6, "{proof:?}");
        assert!(errors.contains(&0.0), "{errors:?}");
    }

    #[test]
    fn sizes_are_tried_as_a_whole() {
        let tried = |operators: &[&str], limit: u64| proven(operators, f64::sqrt, limit).0;
        // The square and the cube of x and of one; of these four only two vary and go on.
        assert_eq!(tried(&["add", "mul"], 4), Proof { size: 2, structures: 4 });
        // Their squares and cubes, and the sums and products of x and one in all orders.
        assert_eq!(tried(&["add", "mul"], 4 + 4 + 8), Proof { size: 3, structures: 16 });
        assert_eq!(tried(&["add", "mul"], 4 + 4 + 7).size, 2);
        assert_eq!(tried(&[], 1000), Proof { size: MAX_SIZE, structures: 0 });
    }
}
