//! Networks beyond the model: feeders by their short-circuit power, equivalents by their impedance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::element::{element, is_yes, yes};

/// What a feeder's network gives at its connection point, for the maximum or the minimum case.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeederLevel {
    /// Initial symmetrical short-circuit power S"kQ in MVA; either this or `ikss_ka`.
    pub sk_mva: Option<f64>,
    /// Initial symmetrical short-circuit current I"kQ in kA.
    pub ikss_ka: Option<f64>,
    /// Ratio `R_Q/X_Q` of the positive sequence.
    pub rx: Option<f64>,
    /// Ratio `X_0Q/X_Q`.
    pub x0x1: Option<f64>,
    /// Ratio `R_0Q/X_0Q`.
    pub r0x0: Option<f64>,
}

impl FeederLevel {
    /// Initial short-circuit current in kA, given or from the power at the bus's nominal voltage.
    pub fn ikss_ka(&self, nominal_kv: f64) -> Option<f64> {
        self.ikss_ka.or_else(|| Some(self.sk_mva? / (3f64.sqrt() * nominal_kv)))
    }
}

/// A network feeder: the rest of the grid, known by its short-circuit power (IEC 60909-0, 6.2).
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feeder {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The connection point.
    pub bus: String,
    /// For maximum currents.
    pub max: Option<FeederLevel>,
    /// For minimum currents.
    pub min: Option<FeederLevel>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Feeder {
    /// A feeder in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }
}

element!(Feeder, "feeders", |this| vec![&this.bus]);

/// An equivalent of a reduced network: impedances to earth behind which an EMF may stand. Ω at the bus's voltage.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The connection point.
    pub bus: String,
    /// Positive-sequence resistance in Ω.
    pub r1_ohm: Option<f64>,
    /// Positive-sequence reactance in Ω.
    pub x1_ohm: Option<f64>,
    /// Negative-sequence resistance in Ω; absent: as positive.
    pub r2_ohm: Option<f64>,
    /// Negative-sequence reactance in Ω; absent: as positive.
    pub x2_ohm: Option<f64>,
    /// Zero-sequence resistance in Ω; absent with the reactance: no path to earth.
    pub r0_ohm: Option<f64>,
    /// Zero-sequence reactance in Ω.
    pub x0_ohm: Option<f64>,
    /// EMF, line to line, in kV.
    pub emf_kv: Option<f64>,
    /// Angle of the EMF in degrees.
    pub emf_deg: Option<f64>,
    /// Active power it delivers in MW.
    pub p_mw: Option<f64>,
    /// Reactive power it delivers in Mvar.
    pub q_mvar: Option<f64>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Equivalent {
    /// An equivalent in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }
}

element!(Equivalent, "equivalents", |this| vec![&this.bus]);
