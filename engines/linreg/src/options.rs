//! What a person may ask of a fit; the default needs no thought.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::term::{Factor, Term, Transform};

/// The choices of a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The inputs to use, in this order; `None` uses all of them.
    pub inputs: Option<Vec<String>>,
    /// Whether a constant term belongs to the model.
    pub intercept: bool,
    /// The terms made of the inputs.
    pub basis: Basis,
    /// How much each row counts.
    pub weighting: Weighting,
    /// How the standard errors are found.
    pub covariance: Covariance,
    /// The probability of the confidence intervals.
    pub confidence: f64,
    /// The arithmetic of the decomposition.
    pub precision: Precision,
}

/// The terms of the model beside the intercept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// Each input as it is.
    Linear,
    /// All powers of each input up to the degree, without products.
    Powers {
        /// The highest power.
        degree: u32,
    },
    /// All products of powers up to the total degree.
    Polynomial {
        /// The highest total degree.
        degree: u32,
    },
    /// The terms as given; [`Factor::input`] counts the inputs of the fit.
    Terms(Vec<Term>),
}

/// How much each row counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// All rows alike.
    Equal,
    /// Known relative weights (inverse variances up to a factor).
    Weights(Vec<f64>),
    /// Known standard errors of the target: the errors of the coefficients follow from them, not from the residuals.
    ErrorBars(Vec<f64>),
}

/// How the standard errors of the coefficients are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covariance {
    /// The scatter is the same everywhere.
    Classical,
    /// White's estimator, for scatter that differs from row to row.
    Hc0,
    /// The same with n/(n − p).
    Hc1,
    /// Residuals over √(1 − leverage).
    Hc2,
    /// Residuals over 1 − leverage: the safest for small tables.
    Hc3,
    /// Rows of one group may depend on each other; the group of each row (Liang and Zeger 1986, with the correction
    /// for few groups).
    Clustered(Vec<u32>),
}

impl Covariance {
    /// How many groups there are, where rows are grouped.
    pub(crate) fn groups(&self) -> Option<usize> {
        let Self::Clustered(groups) = self else { return None };
        Some(groups.iter().collect::<BTreeSet<_>>().len())
    }
}

/// The arithmetic of the decomposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Double-double where the table is small or ill-conditioned, f64 elsewhere.
    Automatic,
    /// f64 with one refined solution.
    Double,
    /// About 32 digits.
    DoubleDouble,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            inputs: None,
            intercept: true,
            basis: Basis::Linear,
            weighting: Weighting::Equal,
            covariance: Covariance::Classical,
            confidence: 0.95,
            precision: Precision::Automatic,
        }
    }
}

impl Options {
    /// The positions of the inputs to use.
    pub(crate) fn positions(&self, available: &[String]) -> Result<Vec<usize>, Error> {
        match &self.inputs {
            None => Ok((0..available.len()).collect()),
            Some(names) => {
                let mut positions = Vec::with_capacity(names.len());
                for name in names {
                    let position = available
                        .iter()
                        .position(|candidate| candidate == name)
                        .ok_or_else(|| Error::UnknownInput { name: name.clone() })?;
                    if positions.contains(&position) {
                        return Err(Error::DuplicateName { name: name.clone() });
                    }
                    positions.push(position);
                }
                Ok(positions)
            }
        }
    }

    /// The terms for so many inputs, the intercept first.
    pub(crate) fn terms(&self, inputs: usize) -> Vec<Term> {
        let intercept = self.intercept.then(Term::intercept);
        intercept.into_iter().chain(self.basis.terms(inputs)).collect()
    }

    /// Refuses options outside their range.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.confidence > 0.0 && self.confidence < 1.0 {
            return Ok(());
        }
        Err(Error::BadOption {
            option: "confidence",
            value: self.confidence,
            range: "above 0 and below 1, for example 0.95",
        })
    }
}

impl Basis {
    fn terms(&self, inputs: usize) -> Vec<Term> {
        match self {
            Self::Linear => (0..inputs).map(Term::input).collect(),
            Self::Powers { degree } => (0..inputs)
                .flat_map(|input| (1..=*degree as i32).map(move |exponent| Term::power(input, exponent)))
                .collect(),
            Self::Polynomial { degree } => products(inputs, *degree as i32),
            Self::Terms(terms) => terms.clone(),
        }
    }
}

/// All products of powers with a total degree from 1 to `degree`, by growing total degree.
fn products(inputs: usize, degree: i32) -> Vec<Term> {
    let mut all = Vec::new();
    let mut layer = vec![(Term::intercept(), 0)];
    for _ in 0..degree {
        let mut next = Vec::new();
        for (term, first) in &layer {
            for input in *first..inputs {
                next.push((times(term, input), input));
            }
        }
        all.extend(next.iter().map(|(term, _)| term.clone()));
        layer = next;
    }
    all
}

fn times(term: &Term, input: usize) -> Term {
    let mut factors = term.factors.clone();
    match factors.last_mut() {
        Some(Factor { input: last, transform: Transform::Power(exponent) }) if *last == input => {
            *exponent += 1;
        }
        _ => factors.push(Factor { input, transform: Transform::Power(1) }),
    }
    Term { factors }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polynomial_of_two_inputs_has_all_products() {
        let names = ["a".to_owned(), "b".to_owned()];
        let options = Options { basis: Basis::Polynomial { degree: 2 }, ..Options::default() };
        let texts: Vec<String> = options.terms(2).iter().map(|term| term.text(&names)).collect();
        assert_eq!(texts, ["intercept", "a", "b", "a^2", "a*b", "b^2"]);
    }

    #[test]
    fn powers_have_no_products() {
        let names = ["a".to_owned(), "b".to_owned()];
        let options = Options { basis: Basis::Powers { degree: 2 }, intercept: false, ..Options::default() };
        let texts: Vec<String> = options.terms(2).iter().map(|term| term.text(&names)).collect();
        assert_eq!(texts, ["a", "a^2", "b", "b^2"]);
    }
}
