//! The reference words of protection studies: the six enumerations that other systems exchange by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of a setting (`SetValueType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// A current, A.
    Current,
    /// A voltage, kV.
    Voltage,
    /// An impedance, Ω.
    Impedance,
    /// A power, MVA.
    Power,
    /// A time, s.
    Time,
    /// An angle, degrees.
    Angle,
}

/// A load situation (`SystemLoadSituation`): which sources, loads and neutrals are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum LoadSituation {
    /// Winter, greatest load.
    WinterMax,
    /// Winter, least load.
    WinterMin,
    /// Summer, greatest load.
    SummerMax,
    /// Summer, least load: the hardest for sensitivity.
    #[default]
    SummerMin,
}

/// By what two stages must be coordinated (`NonCoordinationCriterionType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The currents both see, against their settings.
    Current,
    /// The reach with infeed: the stage must not see faults the other leaves to its neighbours.
    Impedance,
    /// The times both take at the currents they see.
    Time,
    /// The power both see.
    Power,
}

/// What else fails with the fault (`FailureType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Nothing.
    #[default]
    None,
    /// A breaker stays closed: remote backup must see the fault after those at the line's other end have opened.
    BreakerFailure,
    /// The main protection is out: backup at the same place must see the fault.
    MainProtectionOut,
    /// A running unit is lost.
    UnitLoss,
}

impl Failure {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BreakerFailure => "breaker_failure",
            Self::MainProtectionOut => "main_protection_out",
            Self::UnitLoss => "unit_loss",
        }
    }
}

/// Why a breach is accepted (`EventExcludeConditions`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// The risk is accepted.
    AcceptedRisk,
    /// A setting will be changed.
    SettingPending,
    /// The situation lasts a short time.
    ShortTime,
    /// Another protection covers it.
    CoveredElsewhere,
}
