//! Data by a fixed rule for networks that have none: for speed and for teaching, never for settings.
//!
//! Units: x"d = x2 = 20 % and x0 = 10 % on max(P, 20 MW)/0.85, cos φ 0.85, R/X 0.05, neutral earthed. Branches:
//! r0 = 2·r1, x0 = 3·x1. Transformers: `YNyn0`, both neutrals earthed.

use network::{Line, Neutral, Transformer, Unit, WindingImpedance};

pub(super) fn complete_unit(unit: &mut Unit) {
    let cos_phi = 0.85;
    let mva = unit.p_mw.unwrap_or(0.0).max(20.0) / cos_phi;
    unit.rated_mva = Some(mva);
    unit.cos_phi = Some(cos_phi);
    unit.xdss_percent = Some(20.0);
    unit.x2_percent = Some(20.0);
    unit.x0_percent = Some(10.0);
    unit.neutral = Some(Neutral::SOLID);
    unit.r_ohm = unit.xdss_ohm().map(|x| 0.05 * x);
}

pub(super) fn complete_line(line: &mut Line) {
    line.r0_ohm = line.r1_ohm.map(|r| 2.0 * r);
    line.x0_ohm = line.x1_ohm.map(|x| 3.0 * x);
}

pub(super) fn complete_transformer(transformer: &mut Transformer) {
    if let Some(WindingImpedance::Ohm { r, x }) = transformer.z1 {
        transformer.z0 = Some(WindingImpedance::Ohm { r: 2.0 * r, x: 3.0 * x });
    }
    transformer.hv.neutral = Some(Neutral::SOLID);
    transformer.lv.neutral = Some(Neutral::SOLID);
    transformer.vector_group = "YNyn0".parse().ok();
}
