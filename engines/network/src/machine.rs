//! What feeds faults at a bus by rotating or through power electronics: units, blocks, motors, converters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::element::{element, is_no, is_yes, yes};
use crate::transformer::{Neutral, Operation};

/// The kind of a synchronous machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A turbo generator (round rotor).
    Turbo,
    /// A salient-pole generator.
    SalientPole,
    /// A synchronous condenser: no active power.
    Condenser,
}

/// A generating unit: a synchronous generator or condenser. Percents are of its own rated impedance `U_rG²/S_rG`.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus of its terminals.
    pub bus: String,
    /// What kind of machine it is.
    pub kind: Option<UnitKind>,
    /// Rated voltage `U_rG` in kV.
    pub rated_kv: Option<f64>,
    /// Rated apparent power `S_rG` in MVA.
    pub rated_mva: Option<f64>,
    /// Rated power factor cos `φ_rG`.
    pub cos_phi: Option<f64>,
    /// Saturated subtransient reactance x"d in percent.
    pub xdss_percent: Option<f64>,
    /// Negative-sequence reactance x2 in percent.
    pub x2_percent: Option<f64>,
    /// Zero-sequence reactance x0 in percent.
    pub x0_percent: Option<f64>,
    /// Synchronous reactance `x_d` in percent.
    pub xd_percent: Option<f64>,
    /// Stator resistance `R_G` in Ω.
    pub r_ohm: Option<f64>,
    /// Negative-sequence resistance in Ω.
    pub r2_ohm: Option<f64>,
    /// Zero-sequence resistance in Ω.
    pub r0_ohm: Option<f64>,
    /// Range `p_G` of the voltage regulation in percent of the rated voltage.
    pub pg_percent: Option<f64>,
    /// How the neutral is connected to earth. Absent: not at all.
    pub neutral: Option<Neutral>,
    /// State of operation before the fault, from which an EMF follows.
    pub operation: Option<Operation>,
    /// EMF behind x"d, line to line, in kV, where it is given outright.
    pub emf_kv: Option<f64>,
    /// Angle of that EMF in degrees.
    pub emf_deg: Option<f64>,
    /// Active power it delivers in MW.
    pub p_mw: Option<f64>,
    /// Reactive power it delivers in Mvar.
    pub q_mvar: Option<f64>,
    /// Least active power in MW.
    pub min_mw: Option<f64>,
    /// Greatest active power in MW.
    pub max_mw: Option<f64>,
    /// The plant it stands in.
    pub plant: Option<String>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Unit {
    /// A unit in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }

    /// Rated impedance `U_rG²/S_rG` in Ω.
    pub fn rated_ohm(&self) -> Option<f64> {
        Some(self.rated_kv? * self.rated_kv? / self.rated_mva?)
    }

    /// Saturated subtransient reactance X"d in Ω.
    pub fn xdss_ohm(&self) -> Option<f64> {
        Some(self.xdss_percent? / 100.0 * self.rated_ohm()?)
    }
}

element!(Unit, "units", |this| vec![&this.bus]);

/// A power-station block: a unit and its own transformer, which IEC 60909 corrects together (`K_S`, `K_SO`).
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The unit.
    pub unit: String,
    /// The transformer, one of `transformers`.
    pub transformer: String,
    /// Whether the transformer has an on-load tap changer; absent: as its `tap` says.
    pub on_load_taps: Option<bool>,
    /// Whether the transformer stays energised when the unit is off, as an earthing source.
    pub stays_energized: Option<bool>,
    /// Whether it counts as a block.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Block {
    /// A block of a unit and a transformer.
    pub fn new(id: &str, unit: &str, transformer: &str) -> Self {
        Self {
            id: id.to_owned(),
            unit: unit.to_owned(),
            transformer: transformer.to_owned(),
            in_service: true,
            ..Self::default()
        }
    }
}

element!(Block, "blocks", |_this| vec![]);

/// An asynchronous machine, motor or generator.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Motor {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus of its terminals.
    pub bus: String,
    /// Rated voltage `U_rM` in kV.
    pub rated_kv: Option<f64>,
    /// Rated mechanical power `P_rM` in MW.
    pub rated_mw: Option<f64>,
    /// Rated apparent power `S_rM` in MVA; absent: `P_rM/(η` cos φ).
    pub rated_mva: Option<f64>,
    /// Rated power factor cos `φ_rM`.
    pub cos_phi: Option<f64>,
    /// Rated efficiency `η_rM` in percent.
    pub efficiency_percent: Option<f64>,
    /// Pairs of poles.
    pub pole_pairs: Option<u32>,
    /// Ratio of locked-rotor to rated current `I_LR/I_rM`.
    pub ilr_irm: Option<f64>,
    /// Ratio `R_M/X_M`; absent: as IEC 60909-0 says by voltage and power.
    pub rx: Option<f64>,
    /// Active power it takes in MW; negative when it generates.
    pub p_mw: Option<f64>,
    /// Reactive power it takes in Mvar.
    pub q_mvar: Option<f64>,
    /// Whether it is fed by a static converter drive that brakes by reversing (IEC 60909-0, 6.10).
    #[serde(default, skip_serializing_if = "is_no")]
    pub reversing_drive: bool,
    /// Whether it is driven, a generator: it counts where motors don't.
    #[serde(default, skip_serializing_if = "is_no")]
    pub generates: bool,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Motor {
    /// A machine in service, without data.
    pub fn new(id: &str, bus: &str) -> Self {
        Self { id: id.to_owned(), bus: bus.to_owned(), in_service: true, ..Self::default() }
    }

    /// Rated apparent power in MVA, given or from power, efficiency and power factor.
    pub fn apparent_mva(&self) -> Option<f64> {
        let from_power = || Some(self.rated_mw? / (self.efficiency_percent? / 100.0 * self.cos_phi?));
        self.rated_mva.or_else(from_power)
    }
}

element!(Motor, "motors", |this| vec![&this.bus]);

/// How a converter feeds a fault (IEC 60909-0:2016, 6.8 and 6.9).
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ConverterKind {
    /// Through a full-size converter: a source of current.
    Full {
        /// Greatest positive-sequence source current `I_skPF` for three-phase faults in kA.
        i_sk_ka: Option<f64>,
        /// Angle of that current to the voltage in degrees, where it is known.
        i_sk_deg: Option<f64>,
    },
    /// A doubly fed asynchronous generator: an impedance.
    DoublyFed {
        /// Highest instantaneous current `i_WDmax` in kA (peak).
        i_max_ka: Option<f64>,
        /// Factor `κ_WD` of that peak.
        kappa: Option<f64>,
        /// Ratio `R_WD/X_WD`.
        rx: Option<f64>,
    },
}

/// A source behind power electronics: wind, solar, storage.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Converter {
    /// The identity, unique in the model.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// The identifier of CIM.
    pub mrid: Option<String>,
    /// The bus it feeds. Currents and impedances are those at this bus.
    pub bus: String,
    /// How it feeds a fault.
    pub kind: ConverterKind,
    /// Rated voltage in kV.
    pub rated_kv: Option<f64>,
    /// Rated apparent power in MVA.
    pub rated_mva: Option<f64>,
    /// Active power it delivers in MW.
    pub p_mw: Option<f64>,
    /// Reactive power it delivers in Mvar.
    pub q_mvar: Option<f64>,
    /// Whether it is in service.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub in_service: bool,
}

impl Converter {
    /// A converter in service, without ratings.
    pub fn new(id: &str, bus: &str, kind: ConverterKind) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            mrid: None,
            bus: bus.to_owned(),
            kind,
            rated_kv: None,
            rated_mva: None,
            p_mw: None,
            q_mvar: None,
            in_service: true,
        }
    }
}

element!(Converter, "converters", |this| vec![&this.bus]);
