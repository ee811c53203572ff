//! How a linear fit is made; the default needs no thought.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to fit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// What the fit minimises.
    pub method: FitMethod,
    /// The terms that are made of the inputs.
    pub shape: Shape,
    /// The highest power: 2 for powers and polynomials, 3 for splines if not given.
    #[schema(minimum = 1, maximum = 10)]
    pub degree: Option<u32>,
    /// Knots of each input of a spline; as many as the data ask for if not given.
    #[schema(minimum = 0, maximum = 50)]
    pub knots: Option<u32>,
    /// Whether a constant term belongs to the model.
    pub intercept: bool,
    /// The column that says how much each row counts (inverse variances up to a factor).
    pub weights: Option<String>,
    /// The column with the known standard error of each row's target.
    pub error_bars: Option<String>,
    /// How the standard errors of the coefficients are found.
    pub errors: Errors,
    /// The column that names groups of rows that may depend on each other.
    pub groups: Option<String>,
    /// How often the fit is repeated for errors by resampling, 2000 if not given.
    #[schema(minimum = 100, maximum = 100_000)]
    pub resamples: Option<u32>,
    /// Chooses the best subset of the terms by this criterion.
    pub subset: Option<Criterion>,
    /// The strength of the penalty of ridge, lasso and elastic net; chosen by cross-validation if not given.
    #[schema(minimum = 0)]
    pub penalty: Option<f64>,
    /// Where the elastic net lies between ridge (0) and lasso (1); 0.5 if not given.
    #[schema(minimum = 0, maximum = 1)]
    pub mix: Option<f64>,
    /// Tests whether these inputs matter: the fit is compared with the one without them.
    pub compare_without: Vec<String>,
    /// The probability of the intervals.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1)]
    pub confidence: f64,
    /// The seed of all chance (resampling, trimmed squares).
    pub seed: u64,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            method: FitMethod::LeastSquares,
            shape: Shape::Linear,
            degree: None,
            knots: None,
            intercept: true,
            weights: None,
            error_bars: None,
            errors: Errors::Classical,
            groups: None,
            resamples: None,
            subset: None,
            penalty: None,
            mix: None,
            compare_without: vec![],
            confidence: 0.95,
            seed: 1,
        }
    }
}

/// What a fit minimises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FitMethod {
    /// The squares of the residuals.
    #[default]
    LeastSquares,
    /// Squares of small residuals, sizes of large ones.
    Huber,
    /// Squares of small residuals; very large ones do not count.
    Bisquare,
    /// The squares of the better half of the rows.
    TrimmedSquares,
    /// The median of the slopes between rows; one input.
    TheilSen,
    /// Squares, and the squares of the coefficients.
    Ridge,
    /// Squares, and the sizes of the coefficients: superfluous ones vanish.
    Lasso,
    /// Between ridge and lasso.
    ElasticNet,
}

impl FitMethod {
    /// Whether outlying rows can't drag it along.
    pub fn is_robust(self) -> bool {
        matches!(self, Self::Huber | Self::Bisquare | Self::TrimmedSquares | Self::TheilSen)
    }

    /// Whether it holds coefficients small.
    pub fn is_penalised(self) -> bool {
        matches!(self, Self::Ridge | Self::Lasso | Self::ElasticNet)
    }
}

/// The terms made of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Each input as it is.
    #[default]
    Linear,
    /// The powers of each input.
    Powers,
    /// The powers and products of the inputs.
    Polynomial,
    /// Smoothly joined pieces of each input.
    Spline,
}

/// How the standard errors of the coefficients are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Errors {
    /// The scatter is the same everywhere.
    #[default]
    Classical,
    /// The scatter may differ from row to row (White).
    Hc0,
    /// The same, corrected for few rows.
    Hc1,
    /// The same with residuals over √(1 − leverage).
    Hc2,
    /// The same with residuals over 1 − leverage: the safest for small tables.
    Hc3,
    /// Rows of one group may depend on each other.
    Clustered,
    /// No assumption: the fit is repeated on resampled rows.
    Bootstrap,
}

/// By what terms are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Akaike's.
    Aic,
    /// Akaike's for small tables.
    Aicc,
    /// Schwarz's.
    Bic,
    /// The error on each row predicted without it.
    LeaveOneOut,
}
