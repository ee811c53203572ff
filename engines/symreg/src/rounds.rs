//! The search over structures: islands of different leanings work side by side in short turns; now and then the best
//! of each is polished for the front. After a round every island starts anew, every other one from the front.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::expr::{Fun, Node};
use crate::forest;
use crate::island::{Candidate, Island};
use crate::mutate::{Flavour, Leaning};
use crate::rng::Rng;
use crate::sample::{SAMPLE, Sample};
use crate::search::Study;
use crate::tape::{Code, Sym};
use crate::transform::Transform;

/// Node-rows an island evaluates in a turn: about a millisecond.
const TURN: usize = 1_000_000;
/// Turns between two looks at what the islands found.
const TURNS_BETWEEN: u64 = 12;
/// Turns of the first round; later ones are longer.
const FIRST_ROUND: u64 = 120;
/// A relative error that is worth an immediate look.
const PROMISING: f64 = 1e-16;

/// The islands' leanings and transforms.
const ISLANDS: [(Leaning, Transform); 8] = [
    (Leaning::Everything, Transform::Identity),
    (Leaning::Arithmetic, Transform::Identity),
    (Leaning::Exponential, Transform::Identity),
    (Leaning::Trigonometric, Transform::Identity),
    (Leaning::Factors, Transform::Logarithm),
    (Leaning::Everything, Transform::Square),
    (Leaning::Everything, Transform::Reciprocal),
    (Leaning::Factors, Transform::Logarithm),
];

/// Searches from the given round until the observer, the budget or an exact formula ends it.
pub(crate) fn run(study: &mut Study<'_>, mut round: u64) -> Result<(), Error> {
    let threads = study.options.threads.clamp(1, ISLANDS.len());
    let pool = match threads {
        1 => None,
        _ => Some(
            ThreadPoolBuilder::new().num_threads(threads).build().map_err(|_| Error::Threads { threads })?,
        ),
    };
    let samples = [Transform::Identity, Transform::Square, Transform::Reciprocal, Transform::Logarithm]
        .map(|transform| sample(study, transform));
    while study.goes_on() {
        let start = study.evaluations;
        let mut islands = settle(study, round, &samples);
        let turns = FIRST_ROUND << (round / 2).min(3);
        for turn in 0..turns {
            work(&mut islands, &samples, pool.as_ref());
            study.evaluations = start + islands.iter().map(|island| island.evaluations).sum::<u64>();
            let promising = islands.iter().any(|island| island.fresh_error() < PROMISING);
            if (promising || (turn + 1) % TURNS_BETWEEN == 0 || turn + 1 == turns)
                && !harvest(study, &mut islands, &samples)
            {
                return Ok(());
            }
            if !study.show(None) || !study.goes_on() {
                return Ok(());
            }
        }
        round += 1;
        let checkpoint = study.checkpoint(round);
        study.show(Some(&checkpoint));
    }
    Ok(())
}

fn sample(study: &Study<'_>, transform: Transform) -> Sample {
    let transform = if transform.suits(study.table.target(), &study.options.operators) {
        transform
    } else {
        Transform::Identity
    };
    Sample::new(&study.judge.columns(), study.table.target(), transform, SAMPLE)
}

/// New islands, every other one seeded with the front.
fn settle(study: &Study<'_>, round: u64, samples: &[Sample; 4]) -> Vec<Island> {
    let varying = |column: &Vec<f64>| column.iter().any(|v| *v != column[0]);
    let variables: Vec<u16> = (0..study.table.columns().len())
        .filter(|&j| varying(&study.table.columns()[j]))
        .map(|j| j as u16)
        .collect();
    if variables.is_empty() {
        return vec![];
    }
    let seeds: Vec<_> =
        study.front.members().iter().filter_map(|member| forest::of_node(&member.expr.root)).collect();
    let settle = |(index, (leaning, transform)): (usize, &(Leaning, Transform))| {
        let transform = if transform.suits(study.table.target(), &study.options.operators) {
            *transform
        } else {
            Transform::Identity
        };
        // Factors make sense to the logarithm only.
        let plain = transform == Transform::Identity && *leaning == Leaning::Factors;
        let leaning = if plain { Leaning::Everything } else { *leaning };
        let flavour = Flavour::new(leaning, &study.options.operators, variables.clone());
        let mut island =
            Island::new(flavour, transform, Rng::stream(study.options.seed, round, index as u64));
        if transform == Transform::Logarithm {
            let positive = |v: &&u16| study.table.columns()[usize::from(**v)].iter().all(|x| *x > 0.0);
            let logarithm = |v: &u16| [Sym::of(Code::Var(*v)), Sym::of(Code::Fun(Fun::Log))];
            let power_law: Vec<Sym> = variables.iter().filter(positive).flat_map(logarithm).collect();
            island.seed(&power_law, &samples[transform as usize]);
        }
        if transform == Transform::Identity && (round + index as u64) % 2 == 1 {
            for seed in &seeds {
                island.seed(seed, &samples[0]);
            }
        }
        island
    };
    ISLANDS.iter().enumerate().map(settle).collect()
}

fn work(islands: &mut [Island], samples: &[Sample; 4], pool: Option<&ThreadPool>) {
    let turn = |island: &mut Island| island.work(&samples[island.transform() as usize], TURN);
    match pool {
        Some(pool) => pool.install(|| islands.par_iter_mut().for_each(turn)),
        None => islands.iter_mut().for_each(turn),
    }
}

/// Passes what the islands found on to each other and polishes it, the smallest first; false when the observer says
/// stop.
fn harvest(study: &mut Study<'_>, islands: &mut [Island], samples: &[Sample; 4]) -> bool {
    let fresh: Vec<Vec<Candidate>> = islands.iter_mut().map(Island::take_fresh).collect();
    for (index, island) in islands.iter_mut().enumerate() {
        let transform = island.transform();
        let others =
            fresh.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, found)| found);
        for candidate in others.filter(|candidate| candidate.transform == transform) {
            island.seed(&candidate.syms, &samples[island.transform() as usize]);
        }
    }
    let mut found: Vec<(f64, Node)> =
        fresh.iter().flatten().map(|candidate| (candidate.fit.error, formula(study, candidate))).collect();
    found.sort_by(|a, b| a.1.size().cmp(&b.1.size()).then(a.0.total_cmp(&b.0)));
    for (_, node) in found {
        if study.is_worth_polishing(&node) {
            study.polish(&node);
            if !study.show(None) {
                return false;
            }
        }
    }
    true
}

/// The formula for the target itself.
fn formula(study: &Study<'_>, candidate: &Candidate) -> Node {
    let inner = forest::node(&candidate.syms, candidate.fit.offset, &candidate.fit.coefficients);
    candidate.transform.undo(inner, study.table.target()[0] < 0.0)
}
