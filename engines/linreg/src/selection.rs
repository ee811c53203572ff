//! Which terms to keep: the best subset of every size, found by branch and bound, and the choice among them.

mod leaps;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::Report;
use crate::fit::{Fit, fit};
use crate::inference::{criteria, priced};
use crate::model::Model;
use crate::options::{Basis, Options};
use crate::table::Table;
use crate::term::Term;
use crate::triangle::Triangle;

/// Up to so many terms the search is exhaustive; beyond, terms are added one by one with exchanges.
const EXHAUSTIVE: usize = 30;

/// By what the size is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Akaike's criterion.
    Aic,
    /// Akaike's criterion for small tables.
    Aicc,
    /// Schwarz's criterion.
    Bic,
    /// The mean squared error on each row predicted without it.
    LeaveOneOut,
}

/// The best subset of one size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The terms beside the intercept, as written.
    pub terms: Vec<String>,
    /// The share of the target's variation explained.
    pub r2: Option<f64>,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Akaike's criterion for small tables.
    pub aicc: Option<f64>,
    /// Schwarz's criterion.
    pub bic: Option<f64>,
    /// The mean squared error on each row predicted without it.
    pub left_out_error: Option<f64>,
}

/// The best subsets and the chosen one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// The best subset of each size, from the smallest.
    pub candidates: Vec<Candidate>,
    /// The position of the chosen one.
    pub chosen: usize,
    /// Whether all subsets were considered.
    pub is_exhaustive: bool,
    /// The fit of the chosen one. Its p-values do not know of the choice and are too small.
    pub fit: Fit,
}

/// Finds the best subset of the options' terms.
///
/// # Errors
///
/// As for the fit with all terms.
pub fn select(table: &Table, options: &Options, criterion: Criterion) -> Result<Report<Selection>, Error> {
    let whole = Model::new(table, options)?;
    let forced = usize::from(options.intercept);
    let all: Vec<usize> =
        whole.summary.solution.kept.iter().copied().filter(|&column| column >= forced).collect();
    let system = leaps::System::new(&Triangle::<f64>::of(&whole.design), forced, &all);
    let is_exhaustive = all.len() <= EXHAUSTIVE;
    let subsets = if is_exhaustive { leaps::exhaustive(&system) } else { leaps::stepwise(&system) };
    let mut candidates = Vec::new();
    let mut bases = Vec::new();
    for mut subset in subsets {
        subset.sort_unstable();
        let terms: Vec<Term> = subset.iter().map(|&at| whole.design.terms[all[at]].clone()).collect();
        if terms.is_empty() && !options.intercept {
            continue;
        }
        let reduced = Options { basis: Basis::Terms(terms), ..options.clone() };
        candidates.push(describe(&Model::new(table, &reduced)?));
        bases.push(reduced);
    }
    let chosen = choose(&candidates, criterion);
    let report = fit(table, &bases[chosen])?;
    let value = Selection { candidates, chosen, is_exhaustive, fit: report.value };
    Ok(Report { value, findings: report.findings })
}

fn describe(model: &Model) -> Candidate {
    // Exact subsets of different sizes differ by rounding only: the floor lets the smallest win.
    let floor = model.summary.noise;
    let criteria = if model.summary.residual_squares() <= floor && floor > 0.0 {
        let n = model.summary.rows() as f64;
        let log_likelihood = -0.5 * n * ((std::f64::consts::TAU * floor / n).ln() + 1.0);
        Some(priced(log_likelihood, n, model.summary.width() as f64, true))
    } else {
        criteria(&model.summary)
    };
    Candidate {
        terms: (0..model.summary.width())
            .filter(|&at| !model.summary.term(at).is_intercept())
            .map(|at| model.summary.term(at).text(&model.summary.inputs))
            .collect(),
        r2: (model.summary.total > 0.0).then(|| 1.0 - model.summary.squares / model.summary.total),
        aic: criteria.map(|all| all.aic),
        aicc: criteria.and_then(|all| all.aicc),
        bic: criteria.map(|all| all.bic),
        left_out_error: left_out_error(model).map(|error| error.max(floor / model.summary.rows() as f64)),
    }
}

/// Leave-one-out without refitting: eᵢ/(1 − hᵢ) is the error of row i predicted by the others.
fn left_out_error(model: &Model) -> Option<f64> {
    let parts = model.leverages().into_iter().enumerate().map(|(row, leverage)| {
        let error = model.residuals[row] * model.design.root(row).hi() / (1.0 - leverage);
        error * error
    });
    let mean = parts.sum::<f64>() / model.summary.rows() as f64;
    mean.is_finite().then_some(mean)
}

fn choose(candidates: &[Candidate], criterion: Criterion) -> usize {
    let figure = |candidate: &Candidate| match criterion {
        Criterion::Aic => candidate.aic,
        Criterion::Aicc => candidate.aicc,
        Criterion::Bic => candidate.bic,
        Criterion::LeaveOneOut => candidate.left_out_error,
    };
    let rank = |at: usize| figure(&candidates[at]).unwrap_or(f64::INFINITY);
    (0..candidates.len()).fold(0, |best, at| if rank(at) < rank(best) { at } else { best })
}
