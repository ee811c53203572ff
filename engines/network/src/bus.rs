//! Where elements meet: buses, and the switches between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::element::{element, is_yes, yes};

/// A busbar, a busbar section, or a plain connection point of a node-breaker model.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// Nominal voltage `U_n`, line to line, in kV.
    pub nominal_kv: f64,
    /// Highest voltage for equipment `U_m` in kV (IEC 60909-0, table 1, note: `c_max·U_n` should not exceed it).
    pub highest_kv: Option<f64>,
    /// Lowest permitted operating voltage in kV.
    pub lowest_kv: Option<f64>,
    /// Known operating voltage, line to line, in kV (a load flow or a measurement).
    pub operating_kv: Option<f64>,
    /// Angle of the operating voltage in degrees.
    pub operating_deg: Option<f64>,
    /// The substation's name.
    pub substation: Option<String>,
    /// Other names it is known by, such as name and id of the calculation bus it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Bus {
    /// A bus in service; voltage in kV.
    pub fn new(id: &str, nominal_kv: f64) -> Self {
        Self { id: id.to_owned(), nominal_kv, in_service: true, ..Self::default() }
    }
}

element!(Bus, "buses", |this| vec![&this.id]);

/// What kind of switch it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwitchKind {
    /// Breaks fault currents.
    #[default]
    Breaker,
    /// Isolates without current.
    Disconnector,
    /// Breaks load currents.
    LoadBreak,
    /// A fuse.
    Fuse,
    /// Anything else of no impedance: a bus tie, a jumper.
    Tie,
}

/// A switch between two buses of the same voltage; closed, it makes them one node.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The first bus.
    pub from: String,
    /// The second bus.
    pub to: String,
    /// What it can break.
    #[serde(default)]
    pub kind: SwitchKind,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it is in service; out of service it counts as open.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Switch {
    /// A closed breaker between two buses.
    pub fn new(id: &str, from: &str, to: &str) -> Self {
        Self {
            id: id.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            closed: true,
            in_service: true,
            ..Self::default()
        }
    }
}

element!(Switch, "switches", |this| vec![&this.from, &this.to], closed | this, _terminal | this.closed);
