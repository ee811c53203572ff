//! The portfolio: simple forms tried in a fixed order before any search. Most laws people measure are among them, and
//! each takes microseconds.

use crate::beam::{self, Choice, Reach};
use crate::curves;
use crate::dictionary::{self, Column};
use crate::enumerate;
use crate::expr::{Bin, Node};
use crate::factors;
use crate::frame::Frame;
use crate::linear;
use crate::refine::{Rough, refine};
use crate::sample::Sample;
use crate::search::Study;
use crate::subsets;
use crate::transform::Transform;

/// The highest degree of a polynomial that is tried.
const MAX_DEGREE: usize = 6;

/// A relative error on the sample that is worth a fit on all rows.
const HIT: f64 = 1e-14;

/// Structures tried one and all, and the simpler frames that they are tried in too.
const MAX_STRUCTURES: u64 = 200_000;
const FRAMES: usize = 2;

/// What all short sums are tried for.
const ALL_SUMS_FOR: [Transform; 4] =
    [Transform::Identity, Transform::Square, Transform::Reciprocal, Transform::Logarithm];

/// Rows a linear formula is picked on.
const LINE_ROWS: usize = 1024;
/// Nodes of a term with a fitted coefficient: sum, product, variable, coefficient.
const TERM_SIZE: usize = 5;

/// Of each length so many formulas are tried that were picked by an error other than the target's.
const ROUGH_SUMS: usize = 2;
const ROUGH_QUOTIENTS: usize = 8;

/// How large the dictionaries are and how far the beam looks, from one level to the next.
struct Level {
    monomials: usize,
    functions: usize,
    rational: usize,
    modulated: usize,
    reach: Reach,
}

const LEVELS: [Level; 3] = [
    Level {
        monomials: 60,
        functions: 0,
        rational: 20,
        modulated: 0,
        reach: Reach { depth: 4, width: 20, first: 0 },
    },
    Level {
        monomials: 300,
        functions: 250,
        rational: 60,
        modulated: 400,
        reach: Reach { depth: 5, width: 12, first: 0 },
    },
    Level {
        monomials: 1500,
        functions: 2500,
        rational: 250,
        modulated: 1000,
        reach: Reach { depth: 6, width: 10, first: 0 },
    },
];

/// Tries all forms, the simple ones first, until one is exact.
pub(crate) fn run(study: &mut Study<'_>) {
    let plain = Frame::plain(study.table, &study.variables);
    mean(study);
    for &variable in &study.variables.clone() {
        if !study.show(None) {
            return;
        }
        polynomials(study, variable);
    }
    lines(study);
    monomial(study);
    simple(study, &plain);
    if study.is_solved() || study.stopped {
        return;
    }
    study.look_for_frames();
    let frames = std::mem::take(&mut study.frames);
    for frame in &frames {
        if !study.is_solved() {
            simple(study, frame);
        }
    }
    for level in &LEVELS[1..] {
        for frame in frames.iter().chain([&plain]) {
            if study.is_solved() || !study.show(None) {
                break;
            }
            sparse(study, frame, level);
        }
    }
    let limit = MAX_STRUCTURES.min(study.options.max_evaluations / 8);
    if !study.is_solved() && !study.stopped {
        study.proof = Some(enumerate::run(study, &plain, limit));
    }
    for frame in frames.iter().take(FRAMES) {
        if !study.is_solved() && !study.stopped {
            enumerate::run(study, frame, limit / 4);
        }
    }
    study.frames = frames;
}

/// Sums of columns, the best of each length: what every other formula has to predict better than.
pub(crate) fn lines(study: &mut Study<'_>) {
    let frame = Frame::plain(study.table, &study.variables);
    let rows = (study.table.target(), study.table.weights());
    let sample = Sample::new(&frame.columns(), rows, Transform::Identity, LINE_ROWS);
    if sample.total <= 0.0 {
        return;
    }
    let padded: Vec<&[f64]> = sample.columns.iter().map(Vec::as_slice).collect();
    let features = (0..padded.len()).map(|feature| Node::Var(feature as u16));
    let columns: Vec<Column> = features.filter_map(|node| dictionary::column(node, &padded)).collect();
    let depth = columns.len().min(study.options.max_size / TERM_SIZE);
    let found = found(study, &columns, &sample, Reach { depth, width: 8, first: 0 });
    for choice in found.iter().filter_map(|choices| choices.first()) {
        let node = frame.lifted(Transform::Identity, combination(&columns, choice, &sample, columns.len()));
        study.keep_line(&node);
        try_out(study, &node, choice.error);
    }
}

/// The first level of sums and quotients, products, and curves where there is one feature.
fn simple(study: &mut Study<'_>, frame: &Frame<'_>) {
    if !study.show(None) {
        return;
    }
    sparse(study, frame, &LEVELS[0]);
    if !study.is_solved() {
        product(study, frame);
        curves_of_one_variable(study, frame);
    }
}

/// Sums of few terms for the target and its transforms, and quotients of such sums.
fn sparse(study: &mut Study<'_>, frame: &Frame<'_>, level: &Level) {
    let operators = &study.options.operators;
    let plain = frame.sample(Transform::Identity);
    let views: Vec<&[f64]> = plain.columns.iter().map(Vec::as_slice).collect();
    let mut dictionary = dictionary::monomials(&views, operators, level.monomials);
    let quotient = operators.has_binary(Bin::Div) && plain.rows > 6;
    let mut rational = dictionary.clone();
    rational.truncate(if quotient { level.rational } else { 0 });
    let modulated = dictionary::modulated(&views, operators, level.modulated);
    rational.extend(modulated.iter().take(if quotient { level.modulated } else { 0 }).cloned());
    dictionary.extend(dictionary::functions(&views, operators, level.functions));
    dictionary.extend(modulated);
    let mut rough = Vec::new();
    for transform in Transform::ALL {
        if !transform.suits(frame.target(), operators) {
            continue;
        }
        let sample = frame.sample(transform);
        if sample.total <= 0.0 {
            continue;
        }
        let found = found(study, &dictionary, &sample, level.reach);
        let combine = |choice: &Choice| combination(&dictionary, choice, &sample, dictionary.len());
        try_choices(study, &found, &|choice| frame.lifted(transform, combine(choice)));
        if level.functions == 0 && ALL_SUMS_FOR.contains(&transform) && !study.is_solved() {
            let views: Vec<&[f64]> = dictionary.iter().map(|column| column.values.as_slice()).collect();
            let all = subsets::search(&views, &sample);
            try_choices(study, &all, &|choice| frame.lifted(transform, combine(choice)));
        }
        if transform != Transform::Identity {
            rough.extend(first(&found, ROUGH_SUMS, &|choice| frame.undone(transform, combine(choice))));
        }
        if study.stopped {
            return;
        }
    }
    // The first level's quotients cost nothing and may be shorter than what is exact already.
    if quotient && (level.functions == 0 || !study.is_solved()) {
        rough.extend(quotients(study, (frame, &rational), Transform::Identity, level.reach));
        for transform in [Transform::Square, Transform::Cosine] {
            if !study.is_solved() && transform.suits(frame.target(), operators) {
                rough.extend(quotients(study, (frame, &rational), transform, level.reach));
            }
        }
    }
    if !study.is_solved() {
        refine(study, frame, rough);
    }
}

/// Products of powers, of sums and differences, and of exponentials.
fn product(study: &mut Study<'_>, frame: &Frame<'_>) {
    if !Transform::Logarithm.suits(frame.target(), &study.options.operators) || study.stopped {
        return;
    }
    let sample = frame.sample(Transform::Logarithm);
    if sample.total <= 0.0 {
        return;
    }
    let (columns, found) = factors::search(&sample, &study.options.operators, &mut || study.show(None));
    study.evaluations += found.len() as u64;
    for choice in found {
        let node = combination(&columns, &choice, &sample, columns.len());
        try_out(study, &frame.lifted(Transform::Logarithm, node), choice.error);
    }
}

/// Quotients of sums of few terms: `y*q = p` is linear in the coefficients of p and q. Returns the best few as they are.
fn quotients(
    study: &mut Study<'_>,
    (frame, over): (&Frame<'_>, &[Column]),
    transform: Transform,
    reach: Reach,
) -> Vec<Rough> {
    let sample = frame.sample(transform);
    let raw: Vec<f64> = sample
        .target
        .iter()
        .zip(&sample.mask)
        .map(|(y, m)| if *m > 0.0 { y / m + sample.mean } else { sample.mean })
        .collect();
    let mut columns = over.to_vec();
    columns.extend(dictionary::times_target(over, &raw));
    let found = found(study, &columns, &sample, reach);
    let combine = |choice: &Choice| combination(&columns, choice, &sample, over.len());
    try_choices(study, &found, &|choice| frame.lifted(transform, combine(choice)));
    first(&found, ROUGH_QUOTIENTS, &|choice| frame.undone(transform, combine(choice)))
}

/// The choices of every length.
fn found(study: &mut Study<'_>, columns: &[Column], sample: &Sample, reach: Reach) -> Vec<Vec<Choice>> {
    let views: Vec<&[f64]> = columns.iter().map(|column| column.values.as_slice()).collect();
    let found = beam::search(&views, sample, reach, &mut || study.show(None));
    study.evaluations += (found.len() * reach.width) as u64;
    found
}

/// Tries the best choices of every length, and all that are exact.
fn try_choices(study: &mut Study<'_>, found: &[Vec<Choice>], formula: &dyn Fn(&Choice) -> Node) {
    for choices in found {
        for (rank, choice) in choices.iter().enumerate() {
            if rank == 0 || choice.error < HIT {
                try_out(study, &formula(choice), choice.error);
            }
        }
    }
}

/// The first few choices of every length.
fn first(found: &[Vec<Choice>], count: usize, formula: &dyn Fn(&Choice) -> Node) -> Vec<Rough> {
    let of_length = |choices: &Vec<Choice>| {
        let rough = |choice: &Choice| Rough { length: choice.columns.len(), node: formula(choice) };
        choices.iter().take(count).map(rough).collect::<Vec<_>>()
    };
    found.iter().flat_map(of_length).collect()
}

/// The fitted sum of the chosen columns; those from `below` on stand in the denominator.
fn combination(columns: &[Column], choice: &Choice, sample: &Sample, below: usize) -> Node {
    let raw: Vec<f64> = sample.target.iter().zip(&sample.mask).map(|(y, m)| y + sample.mean * m).collect();
    let masked = |values: &[f64]| values.iter().zip(&sample.mask).map(|(v, m)| v * m).collect::<Vec<_>>();
    let mut matrix = vec![sample.mask.clone()];
    matrix.extend(choice.columns.iter().map(|&j| masked(&columns[j].values)));
    let (coefficients, _) = linear::solve(&matrix, &raw);
    let mut numerator = Node::Num(coefficients[0]);
    let mut denominator = Node::Num(1.0);
    for (&j, c) in choice.columns.iter().zip(&coefficients[1..]) {
        let term = |c: f64| Node::bin(Bin::Mul, Node::Num(c), columns[j].node.clone());
        if j < below {
            numerator = Node::bin(Bin::Add, numerator, term(*c));
        } else {
            denominator = Node::bin(Bin::Add, denominator, term(-c));
        }
    }
    if denominator == Node::Num(1.0) { numerator } else { Node::bin(Bin::Div, numerator, denominator) }
}

fn try_out(study: &mut Study<'_>, node: &Node, error: f64) {
    if (error < HIT || study.is_worth_polishing(node)) && study.show(None) {
        study.polish(node);
    }
}

fn curves_of_one_variable(study: &mut Study<'_>, frame: &Frame<'_>) {
    if frame.features().len() != 1 {
        return;
    }
    let sample = frame.sample(Transform::Identity);
    let operators = &study.options.operators;
    let mut show = |tried: u64| {
        study.evaluations += tried;
        study.show(None)
    };
    for curve in curves::fitted(0, &sample, operators, &mut show) {
        try_out(study, &frame.lifted(Transform::Identity, curve.node), curve.error);
    }
}

/// The mean: what every formula has to beat.
pub(crate) fn mean(study: &mut Study<'_>) {
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
        study.variables.iter().copied().filter(|&j| table.columns()[j].iter().all(|x| *x > 0.0)).collect();
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
