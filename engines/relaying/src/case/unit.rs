//! Classes of generating units: alike, at one bus, and so only counted.

use network::Unit;
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
    /// Whether the class's earthing stays when its units are off: their neutrals in the zero sequence go on as if all
    /// ran, as those of block transformers that stay energised.
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

/// Whether relays see no difference between two units: same bus, and the same data their impedances follow from.
pub(crate) fn are_alike(one: &Unit, other: &Unit) -> bool {
    let figures = |unit: &Unit| {
        [
            unit.rated_kv,
            unit.rated_mva,
            unit.cos_phi,
            unit.xdss_percent,
            unit.x2_percent,
            unit.x0_percent,
            unit.r_ohm,
            unit.r0_ohm,
        ]
    };
    one.bus == other.bus && figures(one) == figures(other) && one.neutral == other.neutral
}
