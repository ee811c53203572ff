//! The search for what fills a template: islands of fillings, the best of each size, whose sums are varied one at a time.
//! Every number is fitted where it stands, since a template may hide its holes from any closed form.

use std::collections::HashSet;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::expr::Node;
use crate::forest;
use crate::mutate::{Flavour, Leaning};
use crate::number;
use crate::refit::{Pace, Rows, refit};
use crate::rng::Rng;
use crate::sample::{SAMPLE, pick};
use crate::search::Study;
use crate::table::Table;
use crate::template::{Filling, Sum, Template};

/// The leanings of the islands.
const ISLANDS: [Leaning; 4] =
    [Leaning::Everything, Leaning::Arithmetic, Leaning::Exponential, Leaning::Trigonometric];
/// Symbols of a filling at most.
const MAX_SIZE: usize = 30;
/// Fillings an island tries in a turn: about a millisecond.
const TURN: usize = 4;
/// Turns between two looks at what the islands found, and in the first round; later ones are longer.
const TURNS_BETWEEN: u64 = 16;
const FIRST_ROUND: u64 = 160;
/// How a filling is fitted during the search, and from how many starts.
const BRIEF: Pace = Pace { steps: 12, damping: 1e-2 };
const STARTS: usize = 3;
/// The same for a template without holes, which is all there is to fit.
const LONG: Pace = Pace { steps: 500, damping: 1e-2 };
const MANY_STARTS: usize = 40;
/// Structures an island remembers.
const MEMORY: usize = 1 << 18;
/// A relative error that is worth an immediate look.
const PROMISING: f64 = 1e-16;
/// Standard errors within which a plain value is tried.
const REACH: f64 = 3.0;

/// A fitted filling with the sum of squares it leaves.
#[derive(Debug, Clone)]
struct Candidate {
    filling: Filling,
    rest: f64,
}

struct Island {
    flavour: Flavour,
    rng: Rng,
    /// The best filling of each size.
    elites: Vec<Option<Candidate>>,
    fresh: Vec<bool>,
    known: HashSet<u64>,
    evaluations: u64,
}

/// Searches from the given round until the observer, the budget or an exact formula ends it.
pub(crate) fn run(study: &mut Study<'_>, template: &Template, mut round: u64) -> Result<(), Error> {
    let sample = study.table.of_rows(&pick(study.table.target(), SAMPLE));
    let threads = study.options.threads.clamp(1, ISLANDS.len());
    let pool =
        ThreadPoolBuilder::new().num_threads(threads).build().map_err(|_| Error::Threads { threads })?;
    let mut promising = PROMISING * sample.target().iter().map(|y| y * y).sum::<f64>();
    while study.goes_on() {
        let before = study.evaluations;
        let mut islands: Vec<Island> =
            (0..ISLANDS.len()).map(|index| Island::new(study, (round, index as u64))).collect();
        let turns = if template.holes == 0 { 1 } else { FIRST_ROUND << round.min(5) };
        for turn in 0..turns {
            work(&mut islands, (template, &sample), &pool);
            study.evaluations = before + islands.iter().map(|island| island.evaluations).sum::<u64>();
            let best = islands.iter().map(Island::fresh_rest).fold(f64::INFINITY, f64::min);
            if best < promising || (turn + 1) % TURNS_BETWEEN == 0 || turn + 1 == turns {
                promising = promising.min(0.01 * best);
                harvest(study, &mut islands, template);
            }
            if !study.show(None) || !study.goes_on() {
                return Ok(());
            }
        }
        if template.holes == 0 {
            return Ok(());
        }
        round += 1;
        let checkpoint = study.checkpoint(round);
        study.show(Some(&checkpoint));
    }
    Ok(())
}

fn work(islands: &mut [Island], (template, sample): (&Template, &Table), pool: &ThreadPool) {
    pool.install(|| {
        islands.par_iter_mut().for_each(|island| {
            for _ in 0..TURN {
                island.try_one(template, sample);
            }
        });
    });
}

/// Fits what is new on all rows looked at and offers it to the front, as it is and with plain numbers.
fn harvest(study: &mut Study<'_>, islands: &mut [Island], template: &Template) {
    let mut found: Vec<Candidate> = islands.iter_mut().flat_map(Island::take_fresh).collect();
    found.sort_by(|a, b| a.filling.size().cmp(&b.filling.size()).then(a.rest.total_cmp(&b.rest)));
    for candidate in found {
        if !study.show(None) {
            return;
        }
        let table = study.table;
        let rows = Fitting { template, table, held: vec![] };
        if let Some(fitted) = rows.fitted(&candidate.filling, Pace::USUAL, &mut || study.show(None)) {
            let node = rows.node(&fitted.0);
            if study.is_worth_polishing(&node) {
                let tidy = study.tidy(&node);
                study.offer(&tidy);
                plainer(study, (template, table), fitted);
            }
        }
    }
}

/// Numbers made plain one after the other, where the description gets shorter.
fn plainer(
    study: &mut Study<'_>,
    (template, table): (&Template, &Table),
    (mut filling, errors): (Filling, Vec<f64>),
) {
    let mut rows = Fitting { template, table, held: vec![] };
    let told = |study: &Study<'_>, node: &Node| {
        let tidy = study.tidy(node);
        study.judge.measured(&tidy).map(|member| (tidy, member.description_length))
    };
    let Some((_, mut shortest)) = told(study, &rows.node(&filling)) else { return };
    for (at, error) in errors.iter().enumerate() {
        let value = *filling.numbers_mut()[at];
        let reach = (REACH * error).min(0.3 * value.abs()).max(1e-9 * value.abs());
        let zero = (REACH * error >= value.abs()).then_some(0.0);
        for plain in zero.into_iter().chain(number::plain_near(value, reach)).take(4) {
            let mut changed = filling.clone();
            *changed.numbers_mut()[at] = plain;
            rows.held.push(at);
            let fitted = rows.fitted(&changed, Pace::USUAL, &mut || study.show(None));
            let shorter = fitted.and_then(|(fitted, _)| {
                let (node, own) = told(study, &rows.node(&fitted)).filter(|(_, own)| *own < shortest)?;
                Some((fitted, node, own))
            });
            if let Some((fitted, node, own)) = shorter {
                (filling, shortest) = (fitted, own);
                study.offer(&node);
                break;
            }
            rows.held.pop();
        }
    }
}

/// Fits fillings on the rows of a table with some of their numbers held.
struct Fitting<'a> {
    template: &'a Template,
    table: &'a Table,
    held: Vec<usize>,
}

impl Fitting<'_> {
    /// The filling fitted, and the standard errors of all its numbers, zero for those that are held.
    fn fitted(
        &self,
        filling: &Filling,
        pace: Pace,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<(Filling, Vec<f64>)> {
        let (tape, places) = self.template.cast(filling);
        let free: Vec<usize> = (0..places.len()).filter(|at| !self.held.contains(at)).collect();
        let own: Vec<Vec<usize>> = free.iter().map(|&at| places[at].clone()).collect();
        let views: Vec<&[f64]> = self.table.columns().iter().map(Vec::as_slice).collect();
        let roots: Option<Vec<f64>> = self.table.weights().map(|w| w.iter().map(|w| w.sqrt()).collect());
        let rows = Rows { columns: &views, target: self.table.target(), roots: roots.as_deref() };
        let refit = refit(tape, &own, rows, pace, go_on)?;
        let mut fitted = filling.clone();
        for (number, places) in fitted.numbers_mut().into_iter().zip(&places) {
            *number = refit.tape.syms[places[0]].value;
        }
        let mut errors = vec![0.0; places.len()];
        for (&at, error) in free.iter().zip(&refit.errors) {
            errors[at] = *error;
        }
        Some((fitted, errors))
    }

    fn node(&self, filling: &Filling) -> Node {
        let (tape, _) = self.template.cast(filling);
        tape.node(tape.syms.len() - 1)
    }
}

impl Island {
    fn new(study: &Study<'_>, (round, index): (u64, u64)) -> Self {
        let allowed = |j: &usize| study.judge.rules.allow_column(*j);
        let variables = (0..study.table.columns().len()).filter(allowed).map(|j| j as u16).collect();
        Self {
            flavour: Flavour::new(ISLANDS[index as usize], &study.options.operators, variables),
            rng: Rng::stream(study.options.seed, round, index),
            elites: vec![None; MAX_SIZE + 1],
            fresh: vec![false; MAX_SIZE + 1],
            known: HashSet::new(),
            evaluations: 0,
        }
    }

    fn fresh_rest(&self) -> f64 {
        let fresh = self.elites.iter().zip(&self.fresh).filter(|(_, fresh)| **fresh);
        fresh.filter_map(|(elite, _)| Some(elite.as_ref()?.rest)).fold(f64::INFINITY, f64::min)
    }

    /// The new elites that leave less than all smaller ones.
    fn take_fresh(&mut self) -> Vec<Candidate> {
        let mut least = f64::INFINITY;
        let mut taken = Vec::new();
        for (elite, fresh) in self.elites.iter().zip(&mut self.fresh) {
            let Some(elite) = elite else { continue };
            if elite.rest < least {
                least = elite.rest;
                if *fresh {
                    taken.push(elite.clone());
                }
            }
            *fresh = false;
        }
        taken
    }

    /// Varies an elite, or makes a filling anew, fits it and keeps it where it is the best of its size.
    fn try_one(&mut self, template: &Template, sample: &Table) {
        let Some(filling) = self.child(template) else { return };
        let size = filling.size();
        if size > MAX_SIZE || !self.is_new(&filling) {
            return;
        }
        self.evaluations += 1;
        let rest = |filling: &Filling| {
            let values = template.cast(filling).0.eval(&views(sample));
            let squares = values.iter().zip(sample.target()).map(|(v, y)| (v - y) * (v - y));
            match sample.weights() {
                Some(weights) => squares.zip(weights).map(|(square, w)| square * w).sum::<f64>(),
                None => squares.sum(),
            }
        };
        let rows = Fitting { template, table: sample, held: vec![] };
        let (starts, pace) = if template.holes == 0 { (MANY_STARTS, LONG) } else { (STARTS, BRIEF) };
        for start in 0..starts {
            let mut begun = filling.clone();
            if start > 0 {
                self.scatter(&mut begun);
            }
            let Some((fitted, _)) = rows.fitted(&begun, pace, &mut || true) else { continue };
            let rest = rest(&fitted);
            if self.elites[size].as_ref().is_none_or(|elite| rest < elite.rest) && rest.is_finite() {
                self.elites[size] = Some(Candidate { filling: fitted, rest });
                self.fresh[size] = true;
            }
        }
    }

    fn child(&mut self, template: &Template) -> Option<Filling> {
        let occupied: Vec<usize> = (0..=MAX_SIZE).filter(|&size| self.elites[size].is_some()).collect();
        if occupied.len() < 2 || self.rng.chance(0.05) {
            return self.fresh_filling(template);
        }
        let draw = |rng: &mut Rng| occupied[rng.below(occupied.len())];
        let (one, other) = (draw(&mut self.rng), draw(&mut self.rng));
        let (Some(parent), Some(other)) = (&self.elites[one], &self.elites[other]) else { return None };
        let mut child = parent.filling.clone();
        let hole = self.rng.below(template.holes.max(1));
        let (own, lent) = (child.sums.get(hole)?, other.filling.sums.get(hole)?);
        let varied = Sum::rough(&self.flavour.mutated(&own.terms, &lent.terms, &mut self.rng))?;
        // What is kept goes on from the parent's fit, what is new begins without weight.
        let kept = |at: usize| own.coefficients.get(at).copied().unwrap_or(0.0);
        let coefficients = (0..varied.coefficients.len()).map(kept).collect();
        child.sums[hole] = Sum { offset: own.offset, coefficients, ..varied };
        Some(child)
    }

    fn fresh_filling(&mut self, template: &Template) -> Option<Filling> {
        let mut sums = Vec::new();
        for _ in 0..template.holes {
            sums.push(Sum::rough(&self.flavour.forest(&mut self.rng))?);
        }
        Some(Filling { parameters: vec![1.0; template.parameters], sums })
    }

    /// Other numbers to start from.
    fn scatter(&mut self, filling: &mut Filling) {
        for number in filling.numbers_mut() {
            *number = self.rng.normal() * crate::maths::exp(self.rng.normal());
        }
    }

    /// Whether the structure has not been tried yet; remembers it.
    fn is_new(&mut self, filling: &Filling) -> bool {
        let hash = filling.sums.iter().fold(0x77, |hash, sum| {
            crate::rng::mix(hash ^ forest::hash(&sum.terms)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        if self.known.len() >= MEMORY {
            self.known.clear();
        }
        self.known.insert(hash)
    }
}

fn views(table: &Table) -> Vec<&[f64]> {
    table.columns().iter().map(Vec::as_slice).collect()
}
