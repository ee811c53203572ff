//! What connects buses of one voltage: lines and cables, their zero-sequence coupling, series elements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::element::{element, is_yes, yes};

/// A line or cable; values are totals of the whole length, at 20 °C.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus where it begins.
    pub from: String,
    /// The bus where it ends.
    pub to: String,
    /// Length in km.
    pub length_km: Option<f64>,
    /// Positive-sequence resistance at 20 °C in Ω.
    pub r1_ohm: Option<f64>,
    /// Positive-sequence reactance in Ω.
    pub x1_ohm: Option<f64>,
    /// Positive-sequence charging susceptance of both ends together in µS.
    pub b1_us: Option<f64>,
    /// Positive-sequence shunt conductance of both ends together in µS.
    pub g1_us: Option<f64>,
    /// Zero-sequence resistance at 20 °C in Ω.
    pub r0_ohm: Option<f64>,
    /// Zero-sequence reactance in Ω.
    pub x0_ohm: Option<f64>,
    /// Zero-sequence charging susceptance of both ends together in µS.
    pub b0_us: Option<f64>,
    /// Zero-sequence shunt conductance of both ends together in µS.
    pub g0_us: Option<f64>,
    /// Conductor temperature at the end of the fault `θ_e` in °C, for minimum currents (IEC 60909-0, 2.5).
    pub end_temperature_c: Option<f64>,
    /// Permissible continuous current in kA.
    pub rated_ka: Option<f64>,
    /// Whether the breaker at the beginning is closed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub from_closed: bool,
    /// Whether the breaker at the end is closed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub to_closed: bool,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Line {
    /// A line in service, both breakers closed, without data.
    pub fn new(id: &str, from: &str, to: &str) -> Self {
        Self {
            id: id.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            from_closed: true,
            to_closed: true,
            in_service: true,
            ..Self::default()
        }
    }

    /// Whether its positive-sequence impedance is known to be 0: no more than a piece of busbar.
    pub fn has_no_impedance(&self) -> bool {
        self.r1_ohm == Some(0.0) && self.x1_ohm == Some(0.0)
    }

    /// The same line with its positive-sequence impedance in Ω.
    #[must_use]
    pub fn z1(mut self, r1_ohm: f64, x1_ohm: f64) -> Self {
        (self.r1_ohm, self.x1_ohm) = (Some(r1_ohm), Some(x1_ohm));
        self
    }

    /// The same line with its zero-sequence impedance in Ω.
    #[must_use]
    pub fn z0(mut self, r0_ohm: f64, x0_ohm: f64) -> Self {
        (self.r0_ohm, self.x0_ohm) = (Some(r0_ohm), Some(x0_ohm));
        self
    }
}

element!(
    Line,
    "lines",
    |this| vec![&this.from, &this.to],
    closed | this,
    terminal | if terminal == 0 { this.from_closed } else { this.to_closed }
);

/// Zero-sequence mutual coupling of two lines over a common stretch.
///
/// The stretch runs from fraction `from_a` to `to_a` of the first line and beside it from `from_b` to `to_b` of the
/// second, both counted from the line's `from` end. A second line that runs the other way has `from_b` > `to_b`.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coupling {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The first line.
    pub line_a: String,
    /// The second line.
    pub line_b: String,
    /// Mutual resistance of the whole stretch in Ω.
    pub r0m_ohm: f64,
    /// Mutual reactance of the whole stretch in Ω.
    pub x0m_ohm: f64,
    /// Where the stretch begins on the first line, 0 to 1.
    #[serde(default, skip_serializing_if = "is_start")]
    pub from_a: f64,
    /// Where it ends on the first line.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub to_a: f64,
    /// Where it begins on the second line.
    #[serde(default, skip_serializing_if = "is_start")]
    pub from_b: f64,
    /// Where it ends on the second line.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub to_b: f64,
    /// Whether it counts.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Coupling {
    /// Coupling over the whole length of two lines that run the same way, in Ω.
    pub fn new(id: &str, line_a: &str, line_b: &str, [r0m_ohm, x0m_ohm]: [f64; 2]) -> Self {
        Self {
            id: id.to_owned(),
            line_a: line_a.to_owned(),
            line_b: line_b.to_owned(),
            r0m_ohm,
            x0m_ohm,
            to_a: 1.0,
            to_b: 1.0,
            in_service: true,
            ..Self::default()
        }
    }

    /// The same coupling over a part: from and to fractions on the first and on the second line.
    #[must_use]
    pub fn over(mut self, a: [f64; 2], b: [f64; 2]) -> Self {
        ([self.from_a, self.to_a], [self.from_b, self.to_b]) = (a, b);
        self
    }
}

element!(Coupling, "couplings", |_this| vec![]);

/// A series reactor, a series capacitor (negative reactance) or an equivalent branch.
///
/// Ω are those of the `from` bus's nominal voltage; buses of different nominal voltages are coupled by the ratio of
/// these.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesElement {
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
    /// Positive-sequence resistance in Ω.
    pub r1_ohm: Option<f64>,
    /// Positive-sequence reactance in Ω, negative for a capacitor.
    pub x1_ohm: Option<f64>,
    /// Zero-sequence resistance in Ω.
    pub r0_ohm: Option<f64>,
    /// Zero-sequence reactance in Ω.
    pub x0_ohm: Option<f64>,
    /// Positive-sequence resistance seen from the second bus in Ω, where the element isn't reciprocal.
    pub r1_reverse_ohm: Option<f64>,
    /// Positive-sequence reactance seen from the second bus in Ω, where the element isn't reciprocal.
    pub x1_reverse_ohm: Option<f64>,
    /// Zero-sequence resistance seen from the second bus in Ω, where the element isn't reciprocal.
    pub r0_reverse_ohm: Option<f64>,
    /// Zero-sequence reactance seen from the second bus in Ω, where the element isn't reciprocal.
    pub x0_reverse_ohm: Option<f64>,
    /// Whether the breaker at the first bus is closed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub from_closed: bool,
    /// Whether the breaker at the second bus is closed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub to_closed: bool,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl SeriesElement {
    /// A series element in service, without data.
    pub fn new(id: &str, from: &str, to: &str) -> Self {
        Self {
            id: id.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            from_closed: true,
            to_closed: true,
            in_service: true,
            ..Self::default()
        }
    }
}

impl SeriesElement {
    /// Whether its positive-sequence impedance is known to be 0: no more than a piece of busbar.
    pub fn has_no_impedance(&self) -> bool {
        let reverse = [self.r1_reverse_ohm, self.x1_reverse_ohm];
        self.r1_ohm == Some(0.0)
            && self.x1_ohm == Some(0.0)
            && reverse.iter().all(|z| z.unwrap_or(0.0) == 0.0)
    }
}

element!(
    SeriesElement,
    "series_elements",
    |this| vec![&this.from, &this.to],
    closed | this,
    terminal | if terminal == 0 { this.from_closed } else { this.to_closed }
);

fn whole() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_whole(value: &f64) -> bool {
    *value == 1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_start(value: &f64) -> bool {
    *value == 0.0
}
