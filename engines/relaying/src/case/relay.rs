//! Relays and their stages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::curve::Shape;
use crate::vocabulary::Failure;

/// A relay at an end of a line, transformer or series element, at the terminals of a unit, or at a bus: one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// The identity, unique in the case.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The line it protects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The transformer it protects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformer: Option<String>,
    /// The series element it protects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_element: Option<String>,
    /// The unit at whose terminals it looks out into the grid; it belongs to no class, as it always runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The bus whose voltage it measures, or that it protects by the sum of all currents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// The end it stands at; none at a unit or bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// Current transformer, primary and secondary A; settings in secondary amperes need it.
    pub ct: Option<[f64; 2]>,
    /// Voltage transformer, primary and secondary V; settings in secondary ohms need both.
    pub vt: Option<[f64; 2]>,
    /// The stages.
    #[serde(default, rename = "stage")]
    pub stages: Vec<Stage>,
}

impl Relay {
    /// What it stands at: its kind and id, by every key that is given.
    pub(crate) fn places(&self) -> Vec<(Kind, &str)> {
        let all = [
            (Kind::Line, &self.line),
            (Kind::Transformer, &self.transformer),
            (Kind::SeriesElement, &self.series_element),
            (Kind::Unit, &self.unit),
            (Kind::Bus, &self.bus),
        ];
        all.into_iter().filter_map(|(kind, id)| Some((kind, id.as_deref()?))).collect()
    }

    /// The element or bus it stands at.
    pub fn element(&self) -> &str {
        self.places().first().map_or("", |(_, id)| id)
    }
}

/// What relays stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line.
    Line,
    /// A transformer with two or three windings.
    Transformer,
    /// A series reactor or capacitor.
    SeriesElement,
    /// A generating unit.
    Unit,
    /// A bus.
    Bus,
}

impl Kind {
    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Transformer => "transformer",
            Self::SeriesElement => "series element",
            Self::Unit => "unit",
            Self::Bus => "bus",
        }
    }
}

/// An end of a line or series element, or a side of a transformer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Where a line or series element begins.
    From,
    /// Where it ends.
    To,
    /// The first winding of a transformer.
    Hv,
    /// The second of three windings.
    Mv,
    /// The last winding.
    Lv,
}

/// What a stage measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measures {
    /// Phase current.
    Phase,
    /// Three times the zero-sequence current.
    Residual,
    /// Negative-sequence current.
    Negative,
    /// Loop impedance, circle through the origin.
    Mho,
    /// Loop impedance, quadrilateral.
    Quadrilateral,
    /// The sum of the currents of all ends, which is that of a fault between them: differential protection of a line,
    /// transformer or bus.
    Differential,
    /// Phase voltage at the relay's bus.
    Undervoltage,
    /// Power of the zero sequence towards the line, `3U0·3I0`.
    ResidualPower,
    /// Power of the negative sequence towards the line, `3U2·3I2`.
    NegativePower,
}

/// One stage of a relay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The identity, unique in the relay.
    pub id: String,
    /// What it measures.
    pub measures: Measures,
    /// Its row in the table of required sensitivities.
    pub protection: String,
    /// The settings as they stand.
    pub settings: Settings,
    /// Settings of other groups, by the group's name.
    #[serde(default)]
    pub groups: BTreeMap<String, Settings>,
    /// Which way it looks; both ways if not given.
    pub direction: Option<Direction>,
    /// The voltage below which it starts, phase to earth, primary kV; always if not given.
    pub undervoltage_start_kv: Option<f64>,
    /// The parallel line whose residual current a distance stage takes into account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel: Option<String>,
    /// What it must see.
    #[serde(default, rename = "zone")]
    pub zones: Vec<Zone>,
    /// How long it takes.
    pub time: Option<Time>,
}

/// A directional element: it looks towards the line. Phase stages compare the positive-sequence current with the
/// voltage before the fault, residual and negative ones their current with the voltage of the same sequence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Direction {
    /// By how much the current lags at the greatest sensitivity, degrees; that of the line's impedance mostly.
    pub lag_deg: f64,
    /// How far to each side it still looks ahead, degrees, below 90.
    #[serde(default = "usual_span")]
    pub within_deg: f64,
}

/// Settings of a stage: those its measure needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Pick-up current, primary A.
    pub pickup_a: Option<f64>,
    /// Pick-up current, secondary A.
    pub pickup_secondary_a: Option<f64>,
    /// Part of half the sum of all ends' currents that a differential protection must exceed beside its pick-up.
    pub bias: Option<f64>,
    /// Pick-up of a power direction element, primary MVA.
    pub pickup_mva: Option<f64>,
    /// Pick-up voltage, phase to earth, primary kV.
    pub pickup_kv: Option<f64>,
    /// Resistive reach, primary Ω.
    pub r_ohm: Option<f64>,
    /// Reactive reach, primary Ω.
    pub x_ohm: Option<f64>,
    /// Resistive reach, secondary Ω.
    pub r_secondary_ohm: Option<f64>,
    /// Reactive reach, secondary Ω.
    pub x_secondary_ohm: Option<f64>,
    /// Residual factor k0, real and imaginary part; from the line's impedances if not given.
    pub k0: Option<[f64; 2]>,
    /// Factor k0m of the parallel line's residual current; from the lines' coupling if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k0m: Option<[f64; 2]>,
}

/// Faults a stage must see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Where.
    pub covers: Covers,
    /// The role it plays there.
    pub role: Role,
    /// The part of a line's length it must see, from the relay; the whole if not given.
    pub part: Option<f64>,
}

/// Where a zone lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// The relay's own line.
    Line,
    /// The relay's own line, transformer, series element or bus.
    Own,
    /// All lines that begin at the far bus; from a transformer, at the buses of its other sides.
    Next,
    /// The lines named.
    Lines(Vec<String>),
    /// The terminals of the transformers named.
    Transformers(Vec<String>),
    /// The buses named.
    Buses(Vec<String>),
}

/// The role of a stage in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Main protection.
    Main,
    /// Backup at the same place.
    NearBackup,
    /// Backup of the neighbours' breakers and protection.
    RemoteBackup,
}

impl Role {
    /// Whether a stage in this role is there for a failure: main stages where nothing fails, near backup where the main
    /// protection does, remote backup for that and for a breaker that stays closed.
    pub fn answers(self, failure: Failure) -> bool {
        match self {
            Self::Main => failure == Failure::None,
            Self::NearBackup => failure == Failure::MainProtectionOut,
            Self::RemoteBackup => matches!(failure, Failure::MainProtectionOut | Failure::BreakerFailure),
        }
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::NearBackup => "near_backup",
            Self::RemoteBackup => "remote_backup",
        }
    }
}

/// How long a stage takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Time {
    /// Always the same, s.
    Definite(f64),
    /// A published curve.
    Inverse {
        /// Its shape.
        shape: Shape,
        /// Its time multiplier.
        multiplier: f64,
    },
    /// A formula in the multiple `m` of the pick-up.
    Formula {
        /// The formula, seconds.
        formula: String,
        /// Its time multiplier.
        #[serde(default = "one")]
        multiplier: f64,
    },
}

/// A little less than a right angle, as measuring errors blur the border.
fn usual_span() -> f64 {
    80.0
}

fn one() -> f64 {
    1.0
}
