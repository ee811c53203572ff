//! What is connected to one bus and feeds nothing: shunts, loads, earthing transformers with their coils.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::element::{element, is_no, is_yes, yes};

/// A shunt admittance: a reactor or a capacitor bank.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shunt {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus.
    pub bus: String,
    /// Positive-sequence conductance in µS.
    pub g1_us: Option<f64>,
    /// Positive-sequence susceptance in µS, negative for a reactor.
    pub b1_us: Option<f64>,
    /// Zero-sequence conductance in µS; absent with the susceptance: star point not earthed.
    pub g0_us: Option<f64>,
    /// Zero-sequence susceptance in µS.
    pub b0_us: Option<f64>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Shunt {
    /// A shunt in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }
}

element!(Shunt, "shunts", |this| vec![&this.bus]);

/// A load. Short-circuit methods without loads leave it out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus.
    pub bus: String,
    /// Active power it takes in MW.
    pub p_mw: Option<f64>,
    /// Reactive power it takes in Mvar.
    pub q_mvar: Option<f64>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Load {
    /// A load in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }
}

element!(Load, "loads", |this| vec![&this.bus]);

/// A path to earth for the zero sequence alone: an earthing transformer, with a resistor or a Petersen coil.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Earthing {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus.
    pub bus: String,
    /// Zero-sequence resistance per phase in Ω, three times the resistance in the neutral included.
    pub r0_ohm: Option<f64>,
    /// Zero-sequence reactance per phase in Ω, three times the coil's included.
    pub x0_ohm: Option<f64>,
    /// Whether operators open and close it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub switchable: bool,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Earthing {
    /// An earthing transformer in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }
}

element!(Earthing, "earthings", |this| vec![&this.bus]);
