//! What a linear fit found: coefficients, quality, checks of its assumptions, and what the options asked for beside.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finding::Finding;
use crate::formula::Formula;

/// What a fit found; what does not apply to the method is empty.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct FitResult {
    /// The function, in a person's digits.
    pub formula: Formula,
    /// Each term.
    pub coefficients: Vec<Coefficient>,
    /// Share of the target's variance that is explained.
    pub r2: Option<f64>,
    /// The same, corrected for the number of terms.
    pub adjusted_r2: Option<f64>,
    /// Root of the mean squared residual.
    pub rmse: f64,
    /// Root of the squared residuals over the degrees of freedom.
    pub residual_std_error: Option<f64>,
    /// Rows.
    pub n: u64,
    /// Rows minus terms.
    pub dof: u64,
    /// F statistic against the mean.
    pub f_statistic: Option<f64>,
    /// Its p-value.
    pub f_p: Option<f64>,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Akaike's criterion for small tables.
    #[serde(default)]
    pub aicc: Option<f64>,
    /// The Bayesian criterion.
    pub bic: Option<f64>,
    /// The logarithm of the likelihood.
    #[serde(default)]
    pub log_likelihood: Option<f64>,
    /// How nearly the terms depend on each other; 1 is not at all.
    #[serde(default)]
    pub condition_number: Option<f64>,
    /// The scatter of the rows that agree, of a robust method.
    #[serde(default)]
    pub scale: Option<f64>,
    /// The strength of the penalty, given or chosen.
    #[serde(default)]
    pub penalty: Option<f64>,
    /// The assumptions that were tested.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// The rows that move the fit most, the strongest first.
    #[serde(default)]
    pub influential: Vec<RowInfluence>,
    /// Simple forms of a single input, the best first.
    #[serde(default)]
    pub forms: Vec<RankedForm>,
    /// The best subset of each size, where one was to be chosen.
    #[serde(default)]
    pub subsets: Vec<Subset>,
    /// The penalties that were tried.
    #[serde(default)]
    pub path: Vec<PathPoint>,
    /// The fit against the one without some inputs.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// A polynomial of one input in orthogonal terms.
    #[serde(default)]
    pub orthogonal: Option<OrthogonalBasis>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// One term of a fit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Coefficient {
    /// `intercept`, else the term as written.
    pub term: String,
    /// Its factor.
    pub value: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
    /// Value over standard error.
    pub t: Option<f64>,
    /// Two-sided p-value of t.
    pub p: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// By how much its variance grows because other terms say nearly the same.
    #[serde(default)]
    pub inflation: Option<f64>,
}

/// One assumption behind a fit, tested; the words are in the catalogue under `check-<code>`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Check {
    /// The test: `breusch-pagan`, `white`, `durbin-watson`, `jarque-bera`, `reset`, `lack-of-fit`.
    pub code: String,
    /// The test's statistic.
    pub statistic: f64,
    /// The probability of so large a statistic if the assumption holds, where the test has one.
    pub p: Option<f64>,
    /// Whether there is no reason to doubt the assumption (p of 0.01 or more).
    pub holds: bool,
}

/// What one row does to a fit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RowInfluence {
    /// The row of the data set, from 1.
    pub row: u64,
    /// Target minus prediction.
    pub residual: f64,
    /// How strongly it pulls its own prediction, from 0 to 1.
    pub leverage: f64,
    /// The residual over its standard error, judged by the other rows.
    pub studentized: Option<f64>,
    /// How far all predictions move without it (Cook's distance).
    pub cook: Option<f64>,
}

/// A simple form of one input.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RankedForm {
    /// `line`, `quadratic`, `exponential`, `power`, `logarithmic` or `reciprocal`.
    pub code: String,
    /// The form with its coefficients.
    pub formula: Formula,
    /// Share of the target's variance that it explains.
    pub r2: Option<f64>,
    /// Root of the mean squared residual.
    pub rmse: f64,
    /// Akaike's criterion for small tables.
    pub aicc: Option<f64>,
    /// Its share of the evidence among the forms.
    pub weight: f64,
}

/// The best subset of one size.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Subset {
    /// The terms beside the intercept.
    pub terms: Vec<String>,
    /// Share of the target's variance that they explain.
    pub r2: Option<f64>,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Akaike's criterion for small tables.
    pub aicc: Option<f64>,
    /// Schwarz's criterion.
    pub bic: Option<f64>,
    /// The mean squared error on each row predicted without it.
    pub left_out_error: Option<f64>,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// One penalty that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PathPoint {
    /// The penalty.
    pub strength: f64,
    /// The mean squared error on rows left out.
    pub error: f64,
    /// The standard error of that mean.
    pub error_deviation: f64,
    /// Terms that are left.
    pub terms: u64,
}

/// A fit against a smaller one.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Comparison {
    /// The terms that only the larger fit has.
    pub added: Vec<String>,
    /// The F statistic of the added terms.
    pub f_statistic: Option<f64>,
    /// The probability of so large an F if they had no influence.
    pub f_p: Option<f64>,
    /// Twice the difference of the log-likelihoods.
    pub likelihood_ratio: Option<f64>,
    /// Its probability.
    pub likelihood_ratio_p: Option<f64>,
    /// AIC of the smaller fit minus that of the larger.
    pub aic_gain: Option<f64>,
    /// The same by BIC.
    pub bic_gain: Option<f64>,
}

/// A polynomial in terms that do not disturb each other.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct OrthogonalBasis {
    /// What the terms are: `P1 = x - 5`, ….
    pub polynomials: Vec<String>,
    /// Their coefficients; p says whether the data need that degree.
    pub coefficients: Vec<Coefficient>,
}
