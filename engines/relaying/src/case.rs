//! A case as data: what people write down about relays, units, schemes and requirements.
//!
//! A case is a folder of text files (docs/reference/case-format.md): `case.toml`, a network, `relays.toml`,
//! `units.toml`, `schemes.toml`, `requirements.toml`. This module holds their content; who reads files lives
//! elsewhere.

pub mod neutral;
pub mod relay;
pub mod requirement;
pub mod scheme;
pub mod unit;

use faults::FaultKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};
use serde::{Deserialize, Serialize};

use crate::vocabulary::{Failure, LoadSituation};
use neutral::Neutral;
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
    #[schemars(schema_with = "kinds_schema")]
    pub fault_kinds: Vec<FaultKind>,
    /// Resistance at the fault.
    #[serde(default)]
    pub fault_resistance_ohm: Resistances,
    /// What else fails with a fault; stages must see what they then answer for. N-1 of units is asked for in the search.
    #[serde(default = "usual_failures")]
    pub failures: Vec<Failure>,
}

/// Resistances at the fault by its kind, Ω: between the phases, and to earth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Resistances {
    /// Three phases.
    pub lll: f64,
    /// Two phases.
    pub ll: f64,
    /// One phase to earth.
    pub lg: f64,
    /// Two phases to earth.
    pub llg: f64,
}

impl Resistances {
    /// That of a kind of fault.
    pub fn of(&self, kind: FaultKind) -> f64 {
        match kind {
            FaultKind::Lll => self.lll,
            FaultKind::Ll => self.ll,
            FaultKind::Lg => self.lg,
            FaultKind::Llg => self.llg,
        }
    }
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
    /// At each end one main stage, and for each failure one of those that then stand in.
    Functional,
}

/// All files of a case but the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `case.toml`.
    pub head: Head,
    /// `relays.toml`.
    pub relays: Vec<Relay>,
    /// `units.toml`.
    pub classes: Vec<Class>,
    /// The neutrals of `units.toml`.
    pub neutrals: Vec<Neutral>,
    /// `schemes.toml`.
    pub schemes: Vec<Scheme>,
    /// `requirements.toml`.
    pub requirements: Requirements,
}

impl Case {
    /// Out of the content of the files.
    pub fn of(
        head: Head,
        RelayFile { relay: relays }: RelayFile,
        UnitFile { class: classes, neutral: neutrals }: UnitFile,
        SchemeFile { scheme: schemes }: SchemeFile,
        requirements: Requirements,
    ) -> Self {
        Self { head, relays, classes, neutrals, schemes, requirements }
    }
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
    /// The neutrals whose earthing is decided with the units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neutral: Vec<Neutral>,
}

/// `schemes.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeFile {
    /// The outage schemes. The network as it stands is always the first, named `base`.
    #[serde(default)]
    pub scheme: Vec<Scheme>,
}

/// The JSON Schemas of the files, by their names without ending.
pub fn schemas() -> [(&'static str, Schema); 5] {
    [
        ("case", schema_for!(Head)),
        ("relays", schema_for!(RelayFile)),
        ("units", schema_for!(UnitFile)),
        ("schemes", schema_for!(SchemeFile)),
        ("requirements", schema_for!(Requirements)),
    ]
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

fn usual_failures() -> Vec<Failure> {
    vec![Failure::None, Failure::MainProtectionOut]
}

fn kinds_schema(_: &mut SchemaGenerator) -> Schema {
    let names = FaultKind::ALL.map(FaultKind::name);
    json_schema!({"type": "array", "items": {"enum": names}})
}
