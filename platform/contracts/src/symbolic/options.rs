//! How a formula is searched; the default needs no thought.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What to search.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSearch {
    /// In which data set, in its present version.
    pub data_set_id: Uuid,
    /// The column to explain; the data set's target if not given.
    #[serde(default)]
    pub target: Option<String>,
    /// The columns to explain it by; all other numeric ones if not given.
    #[serde(default)]
    pub inputs: Option<Vec<String>>,
    /// Processor seconds to spend, 10 if not given.
    #[serde(default)]
    #[schema(minimum = 0.1, maximum = 86400)]
    pub time_s: Option<f64>,
    /// The seed of all chance, 1 if not given.
    #[serde(default)]
    pub seed: Option<u64>,
    /// The largest formula, in nodes.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200)]
    pub max_size: Option<u32>,
    /// Whether the target is known without any error.
    #[serde(default)]
    pub noise_free: Option<bool>,
    /// The functions and operators that may appear; the engine's choice if not given.
    #[serde(default)]
    pub operators: Option<Vec<String>>,
    /// How deep functions may stand in functions: 1 allows `exp(x)`, 2 also `exp(sin(x))`.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 20)]
    pub max_nesting: Option<u32>,
    /// Columns that every formula but the mean must have.
    #[serde(default)]
    pub must_use: Vec<String>,
    /// How many formulas of each size are kept, 1 if not given.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 20)]
    pub per_size: Option<u32>,
    /// The column that says how much each row counts.
    #[serde(default)]
    pub weights: Option<String>,
    /// The units of the columns: what can't be added or compared never is.
    #[serde(default)]
    pub units: Option<Units>,
    /// The form that every formula but the mean must have, such as `a*sin(_) + _`: names that are no columns are numbers
    /// to fit, every `_` is a formula to find, `_f` the same formula wherever it stands.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub template: Option<String>,
    /// One law for all classes of rows that this column tells, whose numbers may differ from class to class.
    #[serde(default)]
    pub group: Option<String>,
    /// A formula whose numbers are fitted, with standard errors and intervals, instead of a search: `a*x^b + c`.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub given: Option<String>,
    /// How often the rows are drawn anew to see how often each formula would be chosen; this takes time beside `time_s`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub choices: Option<u32>,
    /// What every formula but the mean must keep between the least and the greatest values of the inputs.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
}

impl NewSearch {
    /// The options with what was not given filled in.
    pub fn options(&self) -> SearchOptions {
        let default = SearchOptions::default();
        SearchOptions {
            time_s: self.time_s.unwrap_or(default.time_s),
            seed: self.seed.unwrap_or(default.seed),
            max_size: self.max_size,
            noise_free: self.noise_free.unwrap_or(default.noise_free),
            operators: self.operators.clone(),
            max_nesting: self.max_nesting,
            must_use: self.must_use.clone(),
            per_size: self.per_size.unwrap_or(default.per_size),
            weights: self.weights.clone(),
            units: self.units.clone(),
            template: self.template.clone(),
            group: self.group.clone(),
            given: self.given.clone(),
            choices: self.choices,
            constraints: self.constraints.clone(),
        }
    }
}

/// How to search.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct SearchOptions {
    /// Processor seconds to spend.
    pub time_s: f64,
    /// The seed of all chance.
    pub seed: u64,
    /// The largest formula, in nodes.
    pub max_size: Option<u32>,
    /// Whether the target is known without any error.
    pub noise_free: bool,
    /// The functions and operators that may appear; the engine's choice if not given.
    pub operators: Option<Vec<String>>,
    /// How deep functions may stand in functions.
    pub max_nesting: Option<u32>,
    /// Columns that every formula but the mean must have.
    pub must_use: Vec<String>,
    /// How many formulas of each size are kept.
    pub per_size: u32,
    /// The column that says how much each row counts.
    pub weights: Option<String>,
    /// The units of the columns.
    pub units: Option<Units>,
    /// The form that every formula but the mean must have.
    pub template: Option<String>,
    /// The column that tells the classes of rows, whose laws may have numbers of their own.
    pub group: Option<String>,
    /// A formula whose numbers are fitted instead of a search.
    pub given: Option<String>,
    /// How often the rows are drawn anew to see how often each formula would be chosen; this takes time beside `time_s`.
    pub choices: Option<u32>,
    /// What every formula but the mean must keep.
    pub constraints: Vec<Constraint>,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            time_s: 10.0,
            seed: 1,
            max_size: None,
            noise_free: false,
            operators: None,
            max_nesting: None,
            must_use: vec![],
            per_size: 1,
            weights: None,
            units: None,
            template: None,
            group: None,
            given: None,
            choices: None,
            constraints: vec![],
        }
    }
}

/// The units of columns, such as `m/s^2`, `kg*m^2`, `kV` or `1`; only dimensions count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Units {
    /// By column, the target among them; a column that is left out may have any.
    pub columns: BTreeMap<String, String>,
    /// Whether fitted numbers may carry a unit of their own.
    pub constants_have_units: bool,
}

/// A condition on formulas, proven between the least and the greatest values of the inputs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Constraint {
    /// Values are not below this.
    AtLeast {
        /// The bound.
        value: f64,
    },
    /// Values are not above this.
    AtMost {
        /// The bound.
        value: f64,
    },
    /// Values never fall while this column rises.
    Rising {
        /// The column.
        column: String,
    },
    /// Values never rise while this column rises.
    Falling {
        /// The column.
        column: String,
    },
    /// Defined everywhere: no pole, no root or logarithm of what is negative.
    Defined,
}
