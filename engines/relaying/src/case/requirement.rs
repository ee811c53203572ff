//! What is required, each row with its source: sensitivities, coordination, and what is waived.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::relay::Role;
use crate::vocabulary::{Criterion, Exclusion};

/// `requirements.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// The table of required sensitivities.
    #[serde(default)]
    pub sensitivity: Vec<Sensitivity>,
    /// Pairs of stages that must be coordinated.
    #[serde(default)]
    pub coordination: Vec<Coordination>,
    /// Breaches that are accepted.
    #[serde(default)]
    pub waiver: Vec<Waiver>,
}

/// A required sensitivity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sensitivity {
    /// The protection, as stages name it.
    pub protection: String,
    /// The role.
    pub role: Role,
    /// The required ratio of what is seen to the setting.
    pub k: f64,
    /// Where the number comes from.
    pub source: String,
}

/// Two stages that must be coordinated, for faults on what the relay of the first to trip protects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordination {
    /// The stage that must wait, as `relay/stage`.
    pub slower: String,
    /// The stage that must trip first.
    pub faster: String,
    /// By what.
    pub criterion: Criterion,
    /// The interval in s (time), or the factor between the settings (current, power, impedance).
    pub value: f64,
    /// Where the number comes from.
    pub source: String,
    /// The part of the faster relay's line its first zone covers: reaches end there, times are compared up to there.
    pub first_zone: Option<f64>,
}

/// A breach that is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The stage, as `relay/stage`.
    pub stage: String,
    /// The line, transformer, series element or bus the fault is on; all if not given.
    pub line: Option<String>,
    /// Why.
    pub condition: Exclusion,
    /// Who accepted it.
    pub author: String,
    /// The reason in words.
    pub reason: String,
    /// The last day it holds, as year-month-day.
    pub expires: String,
}
