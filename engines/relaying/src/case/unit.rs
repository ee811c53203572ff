//! Classes of generating units: alike, at one bus, and so only counted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Units that are alike: same bus, same data, same earthing. A block counts with its transformer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The identity, unique in the case.
    pub id: String,
    /// The plant.
    pub plant: Option<String>,
    /// The units of the network that belong to it.
    pub units: Vec<String>,
    /// Whether the block transformers stay connected, as earthing sources, when units are off.
    #[serde(default)]
    pub stays_earthed: bool,
    /// Least power of a running unit, MW.
    #[serde(default)]
    pub min_mw: f64,
    /// Price of a running unit, in any unit of money per hour.
    #[serde(default)]
    pub cost: f64,
    /// How many run at present; all if not given.
    pub present: Option<u16>,
    /// How many must run.
    #[serde(default)]
    pub must_run: u16,
    /// How many may run at most; all if not given.
    pub at_most: Option<u16>,
}
