//! One island of the search: a grid of elites, one for each size, number of constants and number of functions, varied
//! at random. An island depends on nothing but its seed and what it starts from, so islands can run on any thread.

use crate::expr::Fun;
use crate::forest;
use crate::levenberg::{Effort, Fit, Fitter};
use crate::mutate::Flavour;
use crate::rng::Rng;
use crate::sample::Sample;
use crate::tape::{Code, Sym, Tape, subtree_sizes};
use crate::transform::Transform;

/// Steps of a fit during the search.
const STEPS: usize = 12;
/// Symbols of a structure at most, its coefficients counted.
const MAX_SIZE: usize = 40;
const CONSTANT_CELLS: usize = forest::MAX_CONSTANTS + 1;
const FUNCTION_CELLS: usize = 5;
/// Structures remembered; a power of two.
const MEMORY: usize = 1 << 18;
/// Structures with constants are tried this often, from different starts.
const TRIES: u64 = 3;

/// The best structure of its kind.
#[derive(Debug, Clone)]
struct Elite {
    syms: Vec<Sym>,
    error: f64,
    score: f64,
}

/// What an island looks at: a frame, by index, and the transform of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outlook {
    pub(crate) frame: usize,
    pub(crate) transform: Transform,
}

/// A structure good enough to be looked at by the front.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) syms: Vec<Sym>,
    pub(crate) fit: Fit,
    pub(crate) outlook: Outlook,
}

/// A grid of elites with its random stream.
#[derive(Debug)]
pub(crate) struct Island {
    flavour: Flavour,
    pub(crate) outlook: Outlook,
    rng: Rng,
    grid: Vec<Option<Elite>>,
    occupied: Vec<usize>,
    /// Hashes of structures tried, with the number of tries in the low bits.
    memory: Vec<u64>,
    fitter: Fitter,
    /// The best error of each size, and those not yet handed over.
    best: [f64; MAX_SIZE + 1],
    fresh: Vec<Option<Candidate>>,
    pub(crate) evaluations: u64,
}

impl Island {
    pub(crate) fn new(flavour: Flavour, outlook: Outlook, rng: Rng) -> Self {
        Self {
            flavour,
            outlook,
            rng,
            grid: vec![None; (MAX_SIZE + 1) * CONSTANT_CELLS * FUNCTION_CELLS],
            occupied: Vec::new(),
            memory: vec![0; MEMORY],
            fitter: Fitter::default(),
            best: [f64::INFINITY; MAX_SIZE + 1],
            fresh: vec![None; MAX_SIZE + 1],
            evaluations: 0,
        }
    }

    /// Starts from a structure found elsewhere.
    pub(crate) fn seed(&mut self, syms: &[Sym], sample: &Sample) {
        self.consider(syms, sample);
    }

    /// Works until about this many node-rows are evaluated.
    pub(crate) fn work(&mut self, sample: &Sample, budget: usize) {
        let mut spent = 0;
        while spent < budget {
            let child = self.child();
            spent += 600 + self.consider(&child, sample);
        }
    }

    /// What became the best of its size since the last call.
    pub(crate) fn take_fresh(&mut self) -> Vec<Candidate> {
        self.fresh.iter_mut().filter_map(Option::take).collect()
    }

    /// The least error among what is not yet handed over.
    pub(crate) fn fresh_error(&self) -> f64 {
        self.fresh.iter().flatten().map(|candidate| candidate.fit.error).fold(f64::INFINITY, f64::min)
    }

    fn child(&mut self) -> Vec<Sym> {
        if self.occupied.len() < 8 || self.rng.chance(0.02) {
            return self.flavour.forest(&mut self.rng);
        }
        let parent = self.parent();
        let other = self.occupied[self.rng.below(self.occupied.len())];
        match (&self.grid[parent], &self.grid[other]) {
            (Some(parent), Some(other)) => self.flavour.mutated(&parent.syms, &other.syms, &mut self.rng),
            _ => self.flavour.forest(&mut self.rng),
        }
    }

    /// A cell at random, or the best of four by error and size.
    fn parent(&mut self) -> usize {
        let draw = |rng: &mut Rng| self.occupied[rng.below(self.occupied.len())];
        let mut chosen = draw(&mut self.rng);
        if self.rng.chance(0.5) {
            return chosen;
        }
        let score = |cell: usize| self.grid[cell].as_ref().map_or(f64::INFINITY, |elite| elite.score);
        for _ in 0..3 {
            let other = draw(&mut self.rng);
            if score(other) < score(chosen) {
                chosen = other;
            }
        }
        chosen
    }

    /// Fits a structure unless it is known, and keeps it where it is the best of its cell. Returns the work done.
    fn consider(&mut self, syms: &[Sym], sample: &Sample) -> usize {
        if syms.len() > MAX_SIZE {
            return 0;
        }
        let Some(syms) = forest::normalised(syms) else { return 0 };
        let sizes = subtree_sizes(&syms);
        let roots = forest::roots(&sizes);
        let size = syms.len() + 2 * roots.len();
        if size > MAX_SIZE {
            return 0;
        }
        let constants = syms.iter().filter(|sym| sym.code == Code::Const).count();
        if self.known(forest::hash(&syms), constants) {
            return 0;
        }
        let counts = |sym: &&Sym| match sym.code {
            Code::Fun(Fun::Log) => self.outlook.transform != Transform::Logarithm,
            Code::Fun(_) | Code::HalfPower(_) => true,
            _ => false,
        };
        let functions = syms.iter().filter(counts).count();
        let cell = (size * CONSTANT_CELLS + constants) * FUNCTION_CELLS + functions.min(FUNCTION_CELLS - 1);
        let goal = self.grid[cell].as_ref().map_or(1.0, |elite| elite.error);
        let mut tape = Tape::new(syms);
        let length = tape.syms.len();
        self.evaluations += 1;
        let fit = self.fitter.fit(&mut tape, &roots, sample, Effort { steps: STEPS, goal });
        let Some(fit) = fit else { return length * sample.padded() };
        let work = length * sample.padded() * (3 * fit.passes);
        if fit.error < 0.999_999 && fit.error < goal {
            self.keep(cell, size, tape.syms, &fit);
        }
        work
    }

    fn keep(&mut self, cell: usize, size: usize, syms: Vec<Sym>, fit: &Fit) {
        if self.grid[cell].is_none() {
            self.occupied.push(cell);
        }
        if fit.error < self.best[size] * 0.999 {
            self.best[size] = fit.error;
            let better_than_smaller = self.best[..size].iter().all(|smaller| fit.error < *smaller);
            if better_than_smaller {
                let candidate = Candidate { syms: syms.clone(), fit: fit.clone(), outlook: self.outlook };
                self.fresh[size] = Some(candidate);
            }
        }
        let score = crate::maths::log(fit.error.max(1e-30)) + 0.05 * size as f64;
        self.grid[cell] = Some(Elite { syms, error: fit.error, score });
    }

    /// Whether a structure has been tried often enough; remembers this try.
    fn known(&mut self, hash: u64, constants: usize) -> bool {
        let slot = &mut self.memory[(hash >> 40) as usize % MEMORY];
        if *slot & !3 != hash & !3 {
            *slot = (hash & !3) | 1;
            return false;
        }
        let tries = *slot & 3;
        if constants == 0 || tries >= TRIES {
            return true;
        }
        *slot += 1;
        false
    }
}
