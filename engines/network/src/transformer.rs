//! Transformers with two and three windings: ratings, impedances, connection, neutrals, taps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::element::{element, is_no, is_yes, yes};
use crate::vector_group::VectorGroup;

/// The impedance of a pair of windings: in Ω, or as on the nameplate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WindingImpedance {
    /// In Ω, referred to the rated voltage of the transformer's first (`hv`) winding.
    Ohm {
        /// Resistance.
        r: f64,
        /// Reactance.
        x: f64,
    },
    /// In percent of rated voltage at the rated power of the pair.
    Percent {
        /// Short-circuit voltage `u_k` (its magnitude).
        uk: f64,
        /// Its resistive part `u_R`.
        ur: f64,
    },
}

impl WindingImpedance {
    /// Resistance and reactance in Ω at `rated_kv`, the rated voltage of the first winding; `None` when percents
    /// lack the rated power of the pair or contradict each other (|`u_R`| above |`u_k`|).
    pub fn ohm(self, rated_kv: f64, rated_mva: Option<f64>) -> Option<[f64; 2]> {
        match self {
            Self::Ohm { r, x } => Some([r, x]),
            Self::Percent { uk, ur } => {
                let percent_ohm = rated_kv * rated_kv / rated_mva? / 100.0;
                let ux = ((uk - ur) * (uk + ur)).sqrt();
                // The sign of u_k is that of the reactance.
                ux.is_finite().then(|| [ur * percent_ohm, ux.copysign(uk) * percent_ohm])
            }
        }
    }
}

/// The connection of a winding's neutral to earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Neutral {
    /// Resistance between neutral and earth in Ω; 0 for solid earthing.
    #[serde(default)]
    pub r_ohm: f64,
    /// Reactance between neutral and earth in Ω; a Petersen coil has a large one.
    #[serde(default)]
    pub x_ohm: f64,
    /// Whether the connection is closed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub earthed: bool,
    /// Whether operators open and close it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub switchable: bool,
}

impl Neutral {
    /// Solidly earthed.
    pub const SOLID: Self = Self { r_ohm: 0.0, x_ohm: 0.0, earthed: true, switchable: false };

    /// Earthed through an impedance in Ω.
    pub fn through(r_ohm: f64, x_ohm: f64) -> Self {
        Self { r_ohm, x_ohm, ..Self::SOLID }
    }
}

/// A tap changer and where it stands.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TapChanger {
    /// The present position.
    pub position: Option<f64>,
    /// The position at which the winding has its rated voltage.
    #[serde(default)]
    pub neutral: f64,
    /// The lowest position.
    pub low: Option<f64>,
    /// The highest position.
    pub high: Option<f64>,
    /// Voltage added per step in percent of the winding's rated voltage.
    pub step_percent: Option<f64>,
    /// Angle added per step in degrees.
    pub step_deg: Option<f64>,
    /// Whether it can be moved under load.
    #[serde(default, skip_serializing_if = "is_no")]
    pub on_load: bool,
}

/// One winding of a transformer.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Winding {
    /// The bus it is connected to.
    pub bus: String,
    /// Rated voltage in kV.
    pub rated_kv: f64,
    /// Rated power in MVA (windings of three-winding transformers).
    pub rated_mva: Option<f64>,
    /// How the neutral is connected to earth. Absent: not at all. The neutral of an autotransformer is the first
    /// winding's.
    pub neutral: Option<Neutral>,
    /// The tap changer.
    pub tap: Option<TapChanger>,
    /// Whether its breaker is closed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub closed: bool,
}

impl Winding {
    /// A winding with a closed breaker; voltage in kV.
    pub fn new(bus: &str, rated_kv: f64) -> Self {
        Self { bus: bus.to_owned(), rated_kv, closed: true, ..Self::default() }
    }

    /// The same winding with its neutral connected to earth.
    #[must_use]
    pub fn earthed(mut self, neutral: Neutral) -> Self {
        self.neutral = Some(neutral);
        self
    }
}

/// A known state of operation, for the factors that use it instead of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Voltage `U_b`, line to line, in kV.
    pub u_kv: f64,
    /// Current `I_b` in kA.
    pub i_ka: f64,
    /// Power factor cos `φ_b`.
    pub cos_phi: f64,
    /// Whether the current leads the voltage (underexcited); else it lags.
    #[serde(default, skip_serializing_if = "is_no")]
    pub leading: bool,
}

/// The zero-sequence magnetising branch of a core with a return path for the flux (three limbs).
///
/// The transformer is a T: the short-circuit impedance z0 split by `hv_share`, the magnetising impedance to earth
/// between the parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Magnetizing {
    /// Resistance in Ω at the first winding's rated voltage.
    pub r_ohm: f64,
    /// Reactance in Ω at the first winding's rated voltage.
    pub x_ohm: f64,
    /// The part of z0 on the side of the first winding, 0 to 1.
    pub hv_share: f64,
}

/// A transformer with two windings.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transformer {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The first winding, that of the higher voltage.
    pub hv: Winding,
    /// The second winding.
    pub lv: Winding,
    /// Rated power `S_rT` in MVA.
    pub rated_mva: Option<f64>,
    /// Positive-sequence short-circuit impedance.
    pub z1: Option<WindingImpedance>,
    /// Zero-sequence short-circuit impedance between the windings, whatever their connection lets through.
    pub z0: Option<WindingImpedance>,
    /// Zero-sequence magnetising branch; absent: its impedance is so large that it doesn't count.
    pub magnetizing: Option<Magnetizing>,
    /// How the windings are connected.
    pub vector_group: Option<VectorGroup>,
    /// Range `p_T` of an off-load tap changer in percent (IEC 60909-0, 6.7.2).
    pub pt_percent: Option<f64>,
    /// State of operation before the fault (IEC 60909-0, 6.3.3).
    pub operation: Option<Operation>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Transformer {
    /// A transformer in service, without impedances.
    pub fn new(id: &str, hv: Winding, lv: Winding) -> Self {
        Self { id: id.to_owned(), hv, lv, in_service: true, ..Self::default() }
    }

    /// Positive-sequence impedance in Ω at the first winding's rated voltage.
    pub fn z1_ohm(&self) -> Option<[f64; 2]> {
        self.z1?.ohm(self.hv.rated_kv, self.rated_mva)
    }

    /// Zero-sequence impedance in Ω at the first winding's rated voltage.
    pub fn z0_ohm(&self) -> Option<[f64; 2]> {
        self.z0?.ohm(self.hv.rated_kv, self.rated_mva)
    }

    /// The windings, the first first.
    pub fn windings(&self) -> [&Winding; 2] {
        [&self.hv, &self.lv]
    }

    /// Whether a tap changer can be moved under load.
    pub fn has_on_load_taps(&self) -> bool {
        self.windings().iter().any(|winding| winding.tap.is_some_and(|tap| tap.on_load))
    }
}

element!(
    Transformer,
    "transformers",
    |this| vec![&this.hv.bus, &this.lv.bus],
    closed | this,
    terminal | this.windings().get(terminal).is_some_and(|winding| winding.closed)
);

/// What is known of a pair of windings of a three-winding transformer, the third open.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindingPair {
    /// The power in MVA that percents refer to and that `x_T` of the correction factor uses (IEC 60909-0, 6.3.3).
    pub rated_mva: Option<f64>,
    /// Positive-sequence short-circuit impedance.
    pub z1: Option<WindingImpedance>,
    /// Zero-sequence short-circuit impedance, whatever the connection lets through.
    pub z0: Option<WindingImpedance>,
}

/// A transformer with three windings. Ω of all pairs are at the first winding's rated voltage.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transformer3 {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The first winding, that of the highest voltage (A).
    pub hv: Winding,
    /// The second winding (B).
    pub mv: Winding,
    /// The third winding (C).
    pub lv: Winding,
    /// First and second winding (AB).
    #[serde(default)]
    pub hv_mv: WindingPair,
    /// First and third winding (AC).
    #[serde(default)]
    pub hv_lv: WindingPair,
    /// Second and third winding (BC).
    #[serde(default)]
    pub mv_lv: WindingPair,
    /// How the windings are connected.
    pub vector_group: Option<VectorGroup>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Transformer3 {
    /// A transformer in service, without impedances.
    pub fn new(id: &str, [hv, mv, lv]: [Winding; 3]) -> Self {
        Self { id: id.to_owned(), hv, mv, lv, in_service: true, ..Self::default() }
    }

    /// The windings A, B, C.
    pub fn windings(&self) -> [&Winding; 3] {
        [&self.hv, &self.mv, &self.lv]
    }

    /// The pairs AB, AC, BC.
    pub fn pairs(&self) -> [&WindingPair; 3] {
        [&self.hv_mv, &self.hv_lv, &self.mv_lv]
    }

    /// Positive-sequence impedances of the pairs AB, AC, BC in Ω at the first winding's rated voltage.
    pub fn pairs_z1_ohm(&self) -> [Option<[f64; 2]>; 3] {
        self.pairs().map(|pair| pair.z1.and_then(|z| z.ohm(self.hv.rated_kv, pair.rated_mva)))
    }

    /// Zero-sequence impedances of the pairs AB, AC, BC in Ω at the first winding's rated voltage.
    pub fn pairs_z0_ohm(&self) -> [Option<[f64; 2]>; 3] {
        self.pairs().map(|pair| pair.z0.and_then(|z| z.ohm(self.hv.rated_kv, pair.rated_mva)))
    }
}

element!(
    Transformer3,
    "transformers3",
    |this| vec![&this.hv.bus, &this.mv.bus, &this.lv.bus],
    closed | this,
    terminal | this.windings().get(terminal).is_some_and(|winding| winding.closed)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nameplate_becomes_ohms_at_the_first_winding() {
        // 31.5 MVA, 115 kV, u_k 12 %, u_R 0.5 %: Z = 0.12 · 115² / 31.5 = 50.381 Ω.
        let [r, x] = WindingImpedance::Percent { uk: 12.0, ur: 0.5 }.ohm(115.0, Some(31.5)).unwrap();
        assert!((r - 2.099_206).abs() < 1e-6 && (r.hypot(x) - 50.380_952).abs() < 1e-6, "{r} {x}");
    }

    #[test]
    fn percents_without_rating_stay_missing() {
        assert_eq!(WindingImpedance::Percent { uk: 12.0, ur: 0.5 }.ohm(115.0, None), None);
        assert_eq!(WindingImpedance::Percent { uk: 1.0, ur: 2.0 }.ohm(115.0, Some(10.0)), None);
    }
}
