//! A formula as it is shown: printed by the engine that found it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One formula in the forms that clients need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Formula {
    /// `3*x + 4`; can be parsed again.
    pub text: String,
    /// For documents.
    pub latex: String,
    /// For browsers (MathML Core).
    pub mathml: String,
}

/// A formula in all the forms it can be taken elsewhere in, numbers in full but for what is typeset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FormulaForms {
    /// Plain text; can be parsed again.
    pub text: String,
    /// LaTeX mathematics.
    pub latex: String,
    /// A `MathML` element.
    pub mathml: String,
    /// Typst mathematics, what stands between dollar signs.
    pub typst: String,
    /// An expression of Python, with `import math`.
    pub python: String,
    /// A formula of Excel, the columns as named cells.
    pub excel: String,
    /// An expression of C, with `<math.h>`.
    pub c: String,
    /// An expression of Rust, all variables `f64`; `erf` is that of the crate `libm`.
    pub rust: String,
    /// An expression of JavaScript; `erf` is to be supplied.
    pub javascript: String,
    /// The tree: `["+", ["*", 3, "x"], 4]`.
    pub json: String,
}

/// A formula beside the data it describes, ready to be plotted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Predictions {
    /// The column along the horizontal axis.
    pub x_name: String,
    /// The target.
    pub y_name: String,
    /// Rows of the table, thinned evenly when there are more than asked for.
    pub points: Vec<Prediction>,
    /// The formula between the points; only where it has a single input.
    pub curve: Option<Curve>,
}

/// One row of the table and what the formula says there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Prediction {
    /// Along the horizontal axis.
    pub x: f64,
    /// The target's value.
    pub y: f64,
    /// The formula's value; none where it has none.
    pub predicted: Option<f64>,
    /// Target minus prediction.
    pub residual: Option<f64>,
}

/// A line to draw; places where the formula has no value are left out of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Curve {
    /// Along the horizontal axis, growing.
    pub x: Vec<f64>,
    /// The formula's values.
    pub y: Vec<f64>,
    /// Where the mean of many rows lies, at the probability that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Band>,
    /// Where a single new row lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single: Option<Band>,
}

/// A band along a curve, one value per place of the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Band {
    /// Its lower end.
    pub low: Vec<f64>,
    /// Its upper end.
    pub high: Vec<f64>,
}
