//! A case as data: what people write down about relays, units, schemes and requirements.
//!
//! A case is a folder of text files (docs/reference/case-format.md): `case.toml`, a network, `relays.toml`,
//! `units.toml`, `schemes.toml`, `requirements.toml`. This module holds their content; who reads files lives
//! elsewhere.

pub mod relay;
pub mod requirement;
pub mod scheme;
pub mod unit;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::physics::check::FaultKind;
use crate::vocabulary::LoadSituation;
use relay::Relay;
use requirement::Requirements;
use scheme::Scheme;
use unit::Class;

/// The newest version of the format.
pub const FORMAT_VERSION: u32 = 1;

/// `case.toml`: what the case is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Version of the format.
    pub quorate_case: u32,
    /// The name people use.
    pub name: String,
    /// The network's file, in any format that can be imported.
    #[serde(default = "network_file")]
    pub network: String,
    /// The load situation the case is about.
    #[serde(default)]
    pub situation: LoadSituation,
    /// A state of the network that is laid over it.
    pub state: Option<String>,
    /// By which rules currents are computed.
    #[serde(default)]
    pub currents: Currents,
    /// Whether every stage must see its faults, or every fault must be seen by someone.
    #[serde(default)]
    pub coverage: Coverage,
    /// Fractions of each protected line at which faults are assumed, from its beginning.
    #[serde(default = "fault_points")]
    pub fault_points: Vec<f64>,
    /// The kinds of faults assumed.
    #[serde(default = "fault_kinds")]
    pub fault_kinds: Vec<FaultKind>,
}

/// By which rules currents are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Currents {
    /// Least currents by IEC 60909-0:2016.
    #[default]
    Iec2016Min,
    /// Greatest currents by IEC 60909-0:2016.
    Iec2016Max,
    /// Least currents by IEC 60909-0:2001.
    Iec2001Min,
    /// Equal EMFs of 1.0 of the nominal voltage.
    EqualEmf,
}

/// When a fault counts as covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Every stage sees every fault of its zones.
    #[default]
    Strict,
    /// At each end one main stage, and one backup stage somewhere.
    Functional,
}

/// All files of a case but the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// `case.toml`.
    pub head: Head,
    /// `relays.toml`.
    pub relays: Vec<Relay>,
    /// `units.toml`.
    pub classes: Vec<Class>,
    /// `schemes.toml`.
    pub schemes: Vec<Scheme>,
    /// `requirements.toml`.
    pub requirements: Requirements,
}

/// `relays.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelayFile {
    /// The relays.
    #[serde(default)]
    pub relay: Vec<Relay>,
}

/// `units.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitFile {
    /// The classes of units.
    #[serde(default)]
    pub class: Vec<Class>,
}

/// `schemes.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeFile {
    /// The outage schemes. The network as it stands is always the first, named `base`.
    #[serde(default)]
    pub scheme: Vec<Scheme>,
}

fn network_file() -> String {
    "network.json".to_owned()
}

fn fault_points() -> Vec<f64> {
    vec![0.1, 0.5, 0.9]
}

fn fault_kinds() -> Vec<FaultKind> {
    FaultKind::ALL.to_vec()
}
