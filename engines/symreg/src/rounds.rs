//! The search over structures: islands of different leanings work side by side in short turns; now and then the best
//! of each is polished for the front. After a round every island starts anew, every other one from the front.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::expr::{Fun, Node};
use crate::forest;
use crate::frame::Frame;
use crate::island::{Candidate, Island, Outlook};
use crate::mutate::{Flavour, Leaning};
use crate::rng::Rng;
use crate::sample::Sample;
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

/// The leanings and transforms of islands in a simpler frame, and how many frames have such. Rounds in the simpler
/// frames and in the plain one take turns.
const IN_FRAMES: [(Leaning, Transform); 5] = [
    (Leaning::Everything, Transform::Identity),
    (Leaning::Exponential, Transform::Identity),
    (Leaning::Trigonometric, Transform::Identity),
    (Leaning::Factors, Transform::Logarithm),
    (Leaning::Everything, Transform::Reciprocal),
];
const FRAMES: usize = 2;

/// What an island is made of.
struct Post {
    leaning: Leaning,
    outlook: Outlook,
}

/// Everything islands start from.
struct Ground<'a> {
    frames: Vec<Frame<'a>>,
    posts: Vec<Post>,
    samples: Vec<(Outlook, Sample)>,
}

impl<'a> Ground<'a> {
    fn new(study: &Study<'a>) -> Self {
        let table = study.table;
        let varying = |&j: &usize| table.columns()[j].iter().any(|v| *v != table.columns()[j][0]);
        let allowed = |j: &usize| study.judge.rules.allow_column(*j);
        let variables: Vec<usize> = (0..table.columns().len()).filter(varying).filter(allowed).collect();
        let mut ground =
            Self { frames: vec![Frame::plain(table, &variables)], posts: vec![], samples: vec![] };
        if variables.is_empty() {
            return ground;
        }
        let mut simpler = study.frames.clone();
        simpler.sort_by_key(|frame| frame.features().len());
        ground.frames.extend(simpler.into_iter().take(FRAMES));
        for index in 0..ground.frames.len() {
            let posts: &[(Leaning, Transform)] = if index == 0 { &ISLANDS } else { &IN_FRAMES };
            for &(leaning, transform) in posts {
                let suits = transform.suits(ground.frames[index].target(), &study.options.operators);
                let transform = if suits { transform } else { Transform::Identity };
                // Factors make sense to the logarithm only.
                let plain = !suits && leaning == Leaning::Factors;
                let leaning = if plain { Leaning::Everything } else { leaning };
                ground.settle(leaning, Outlook { frame: index, transform });
            }
        }
        ground
    }

    fn settle(&mut self, leaning: Leaning, outlook: Outlook) {
        if !self.samples.iter().any(|(known, _)| *known == outlook) {
            self.samples.push((outlook, self.frames[outlook.frame].sample(outlook.transform)));
        }
        self.posts.push(Post { leaning, outlook });
    }

    /// The rows of an outlook that was settled.
    fn sample(&self, outlook: Outlook) -> Option<&Sample> {
        self.samples.iter().find(|(known, _)| *known == outlook).map(|(_, sample)| sample)
    }
}

/// Searches from the given round until the observer, the budget or an exact formula ends it.
pub(crate) fn run(study: &mut Study<'_>, mut round: u64) -> Result<(), Error> {
    let ground = Ground::new(study);
    let threads = study.options.threads.clamp(1, ground.posts.len().max(1));
    let pool = match threads {
        1 => None,
        _ => Some(
            ThreadPoolBuilder::new().num_threads(threads).build().map_err(|_| Error::Threads { threads })?,
        ),
    };
    while study.goes_on() {
        let start = study.evaluations;
        let mut islands = settle(study, round, &ground);
        if islands.is_empty() {
            return Ok(());
        }
        let cycle = if ground.frames.len() > 1 { 4 } else { 2 };
        let turns = FIRST_ROUND << (round / cycle).min(3);
        for turn in 0..turns {
            work(&mut islands, &ground, pool.as_ref());
            study.evaluations = start + islands.iter().map(|island| island.evaluations).sum::<u64>();
            let promising = islands.iter().any(|island| island.fresh_error() < PROMISING);
            if (promising || (turn + 1) % TURNS_BETWEEN == 0 || turn + 1 == turns)
                && !harvest(study, &mut islands, &ground)
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

/// New islands, every other one seeded with the front.
fn settle(study: &Study<'_>, round: u64, ground: &Ground<'_>) -> Vec<Island> {
    let names = &ground.frames[0];
    let seeds: Vec<_> = study
        .front
        .members()
        .iter()
        .filter_map(|member| forest::of_node(&names.taken_back(&member.expr.root)?))
        .collect();
    let settle = |(index, post): (usize, &Post)| {
        let sample = ground.sample(post.outlook)?;
        let variables: Vec<u16> = (0..sample.columns.len() as u16).collect();
        let flavour = Flavour::new(post.leaning, &study.options.operators, variables.clone());
        let mut island =
            Island::new(flavour, post.outlook, Rng::stream(study.options.seed, round, index as u64));
        if post.outlook.transform == Transform::Logarithm {
            let positive = |v: &&u16| sample.columns[usize::from(**v)].iter().all(|x| *x > 0.0);
            let logarithm = |v: &u16| [Sym::of(Code::Var(*v)), Sym::of(Code::Fun(Fun::Log))];
            let power_law: Vec<Sym> = variables.iter().filter(positive).flat_map(logarithm).collect();
            island.seed(&power_law, sample);
        }
        let plain = Outlook { frame: 0, transform: Transform::Identity };
        let turn = if ground.frames.len() > 1 { round / 2 } else { round };
        if post.outlook == plain && (turn + index as u64) % 2 == 1 {
            for seed in &seeds {
                island.seed(seed, sample);
            }
        }
        Some(island)
    };
    let in_frames = ground.frames.len() > 1 && round.is_multiple_of(2);
    let on_duty = |(_, post): &(usize, &Post)| (post.outlook.frame > 0) == in_frames;
    ground.posts.iter().enumerate().filter(on_duty).filter_map(settle).collect()
}

fn work(islands: &mut [Island], ground: &Ground<'_>, pool: Option<&ThreadPool>) {
    let turn = |island: &mut Island| {
        if let Some(sample) = ground.sample(island.outlook) {
            island.work(sample, TURN);
        }
    };
    match pool {
        Some(pool) => pool.install(|| islands.par_iter_mut().for_each(turn)),
        None => islands.iter_mut().for_each(turn),
    }
}

/// Passes what the islands found on to each other and polishes it, the smallest first; false when the observer says
/// stop.
fn harvest(study: &mut Study<'_>, islands: &mut [Island], ground: &Ground<'_>) -> bool {
    let fresh: Vec<Vec<Candidate>> = islands.iter_mut().map(Island::take_fresh).collect();
    for (index, island) in islands.iter_mut().enumerate() {
        let outlook = island.outlook;
        let Some(sample) = ground.sample(outlook) else { continue };
        let others =
            fresh.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, found)| found);
        for candidate in others.filter(|candidate| candidate.outlook == outlook) {
            island.seed(&candidate.syms, sample);
        }
    }
    let mut found: Vec<(f64, Node)> =
        fresh.iter().flatten().map(|candidate| (candidate.fit.error, formula(ground, candidate))).collect();
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
fn formula(ground: &Ground<'_>, candidate: &Candidate) -> Node {
    let inner = forest::node(&candidate.syms, candidate.fit.offset, &candidate.fit.coefficients);
    ground.frames[candidate.outlook.frame].lifted(candidate.outlook.transform, inner)
}
