//! Neutrals whose earthing may be decided together with the units.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The neutral of a transformer's winding that operators earth or isolate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Neutral {
    /// The identity, unique among classes and neutrals of the case.
    pub id: String,
    /// The transformer.
    pub transformer: String,
    /// The winding, counted from 1.
    #[serde(default = "first")]
    pub winding: usize,
    /// How it stands at present.
    #[serde(default)]
    pub present: Earthing,
    /// How it must stand; either way if not given.
    pub must_be: Option<Earthing>,
}

/// How a neutral stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Earthing {
    /// Without a connection to earth.
    Isolated,
    /// Connected to earth, as the network says.
    #[default]
    Earthed,
}

impl Earthing {
    /// What stands for it in a composition: 0 or 1.
    pub fn count(self) -> u16 {
        u16::from(self == Self::Earthed)
    }

    /// What a composition's 0 or 1 stands for.
    pub fn of(count: u16) -> Self {
        if count == 0 { Self::Isolated } else { Self::Earthed }
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Earthed => "earthed",
        }
    }
}

fn first() -> usize {
    1
}
