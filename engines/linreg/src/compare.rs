//! Whether a larger model explains more than chance would: nested models side by side.

use serde::{Deserialize, Serialize};

use crate::distribution::{chi_squared_upper, fisher_upper};
use crate::error::Error;
use crate::inference::criteria;
use crate::model::Model;
use crate::options::{Basis, Options};
use crate::table::Table;
use crate::term::Term;

/// A smaller model against the larger one it is part of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The terms that only the larger model has.
    pub added: Vec<String>,
    /// How many coefficients they are.
    pub degrees: usize,
    /// The F test of the added terms; `None` where the larger model leaves no residuals.
    pub f_statistic: Option<f64>,
    /// The probability of so large an F if the added terms had no influence.
    pub f_p: Option<f64>,
    /// Twice the difference of the log-likelihoods.
    pub likelihood_ratio: Option<f64>,
    /// Its probability by χ², good for many rows.
    pub likelihood_ratio_p: Option<f64>,
    /// AIC of the smaller model minus that of the larger; above 0 the larger one is worth its terms.
    pub aic_gain: Option<f64>,
    /// The same by BIC.
    pub bic_gain: Option<f64>,
}

/// Compares the fit of the options with the same fit without all terms that use one of the inputs.
///
/// # Errors
///
/// As for the fit; an input the fit does not have; nothing left in the smaller model.
pub fn compare_without(table: &Table, options: &Options, inputs: &[String]) -> Result<Comparison, Error> {
    let positions = options.positions(table.names())?;
    let mut left_out = Vec::with_capacity(inputs.len());
    for name in inputs {
        let place = positions.iter().position(|&position| table.names()[position] == *name);
        left_out.push(place.ok_or_else(|| Error::UnknownInput { name: name.clone() })?);
    }
    let uses = |term: &Term| term.factors.iter().any(|factor| left_out.contains(&factor.input));
    let terms = options.terms(positions.len()).into_iter().filter(|term| !term.is_intercept() && !uses(term));
    compare(table, options, &Basis::Terms(terms.collect()))
}

/// Compares the fit of the options with the same fit on a smaller basis.
///
/// # Errors
///
/// As for the fit; a smaller basis with a term that the larger one has not ([`Error::NotNested`]).
pub fn compare(table: &Table, options: &Options, smaller: &Basis) -> Result<Comparison, Error> {
    let large = Model::new(table, options)?;
    let reduced = Options { basis: smaller.clone(), ..options.clone() };
    let small = Model::new(table, &reduced)?;
    let names = &large.summary.inputs;
    if let Some(foreign) = small.summary.terms.iter().find(|term| !large.summary.terms.contains(term)) {
        return Err(Error::NotNested { term: foreign.text(names) });
    }
    let added = large.summary.terms.iter().filter(|term| !small.summary.terms.contains(term));
    let added: Vec<String> = added.map(|term| term.text(names)).collect();
    let degrees = large.summary.width() - small.summary.width();
    let (left, dof) = (large.summary.residual_squares(), large.summary.dof());
    let gain = (small.summary.residual_squares() - left).max(0.0);
    let scatters = degrees > 0 && dof > 0 && left > large.summary.noise;
    let f = scatters.then(|| gain / degrees as f64 / (left / dof as f64));
    let (before, after) = (criteria(&small.summary), criteria(&large.summary));
    let both = before.zip(after).filter(|_| scatters);
    let ratio = both.map(|(before, after)| 2.0 * (after.log_likelihood - before.log_likelihood));
    Ok(Comparison {
        added,
        degrees,
        f_statistic: f,
        f_p: f.map(|f| fisher_upper(f, degrees as f64, dof as f64)),
        likelihood_ratio: ratio,
        likelihood_ratio_p: ratio.map(|ratio| chi_squared_upper(ratio, degrees as f64)),
        aic_gain: both.map(|(before, after)| before.aic - after.aic),
        bic_gain: both.map(|(before, after)| before.bic - after.bic),
    })
}
