//! Transformers of pandapower, two and three windings, with their zero-sequence columns.

use network::{
    Connection, GroupWinding, Magnetizing, Neutral, Severity, TapChanger, Transformer, Transformer3,
    VectorGroup, Winding, WindingImpedance, WindingPair,
};

use super::{Grid, name};
use crate::cim::notes::Trouble;
use crate::rows::Row;

impl Grid {
    pub(super) fn add_transformers(&mut self) {
        for (id, row) in self.elements("trafo") {
            let Some(hv_bus) = self.bus(&row, "hv_bus", "trafo", &id) else { continue };
            let Some(lv_bus) = self.bus(&row, "lv_bus", "trafo", &id) else { continue };
            let (Some(hv_kv), Some(lv_kv)) = (row.positive("vn_hv_kv"), row.positive("vn_lv_kv")) else {
                self.leave_out("trafo", &id);
                continue;
            };
            let parallel = row.positive("parallel").unwrap_or(1.0);
            let rated_mva = row.positive("sn_mva").map(|mva| mva * parallel);
            let group = self.group(&row, &["shift_degree"], ["transformers", &id]);
            let z1 = percent(&row, "vk_percent", "vkr_percent");
            let z0 = self.zero_sequence(&row, z1, &id);
            let mut transformer = Transformer {
                name: name(&row),
                rated_mva,
                z1: self.notes.wanted(z1, ["transformers", "z1"], &id),
                z0,
                magnetizing: magnetizing(&row, group.as_ref(), [hv_kv, parallel, self.mag0_unit]),
                pt_percent: row.number("pt_percent"),
                in_service: row.flag("in_service", true),
                ..Transformer::new(&id, Winding::new(&hv_bus, hv_kv), Winding::new(&lv_bus, lv_kv))
            };
            if let Some(group) = &group {
                let windings = [&mut transformer.hv, &mut transformer.lv];
                let ohm = |column| row.number(column).unwrap_or(0.0) / parallel;
                earth(windings, group, [ohm("rn_ohm"), ohm("xn_ohm")]);
            }
            let tap = tap(&row, row.flag("oltc", false));
            match row.text("tap_side") {
                Some("hv") => transformer.hv.tap = tap,
                Some("lv") => transformer.lv.tap = tap,
                _ => {}
            }
            transformer.vector_group = group;
            self.notes.wanted(rated_mva, ["transformers", "rated_mva"], &id);
            self.model.transformers.push(transformer);
        }
    }

    pub(super) fn add_transformers3(&mut self) {
        for (id, row) in self.elements("trafo3w") {
            let mut windings = Vec::new();
            for [bus, kv, mva] in [
                ["hv_bus", "vn_hv_kv", "sn_hv_mva"],
                ["mv_bus", "vn_mv_kv", "sn_mv_mva"],
                ["lv_bus", "vn_lv_kv", "sn_lv_mva"],
            ] {
                let Some(bus) = self.bus(&row, bus, "trafo3w", &id) else { break };
                let Some(rated_kv) = row.positive(kv) else {
                    self.leave_out("trafo3w", &id);
                    break;
                };
                windings.push(Winding { rated_mva: row.positive(mva), ..Winding::new(&bus, rated_kv) });
            }
            let Ok(mut windings) = <[Winding; 3]>::try_from(windings) else { continue };
            let ratings = [&windings[0], &windings[1], &windings[2]].map(|winding| winding.rated_mva);
            let group = self.group(&row, &["shift_mv_degree", "shift_lv_degree"], ["transformers3", &id]);
            if let Some(group) = &group {
                earth(windings.each_mut(), group, [0.0; 2]);
            }
            let is_at_star = row.flag("tap_at_star_point", false);
            let side = ["hv", "mv", "lv"].iter().position(|side| row.text("tap_side") == Some(side));
            if let Some(side) = side {
                windings[side].tap = tap(&row, false);
                if is_at_star && row.number("tap_pos") != row.number("tap_neutral") {
                    self.notes
                        .count(Trouble::new("tap_at_star_point", Severity::Warning, "transformers3"), &id);
                }
            }
            // vk_hv is HV-MV, vk_mv MV-LV, vk_lv HV-LV, each on the smaller rating of its pair.
            let mut pair = |side: &str, a: usize, b: usize| {
                let z = |zero: &str| {
                    percent(&row, &format!("vk{zero}_{side}_percent"), &format!("vkr{zero}_{side}_percent"))
                };
                let rated_mva = ratings[a].zip(ratings[b]).map(|(a, b)| a.min(b));
                let [z1, z0] = [(z(""), "z1"), (z("0"), "z0")]
                    .map(|(value, field)| self.notes.wanted(value, ["transformers3", field], &id));
                WindingPair { rated_mva, z1, z0 }
            };
            let [hv_mv, mv_lv, hv_lv] = [pair("hv", 0, 1), pair("mv", 1, 2), pair("lv", 0, 2)];
            self.model.transformers3.push(Transformer3 {
                name: name(&row),
                hv_mv,
                hv_lv,
                mv_lv,
                vector_group: group,
                in_service: row.flag("in_service", true),
                ..Transformer3::new(&id, windings)
            });
        }
    }

    /// Zero-sequence impedance; 0 means missing, and pandapower then takes the positive-sequence one.
    fn zero_sequence(
        &mut self,
        row: &Row,
        z1: Option<WindingImpedance>,
        id: &str,
    ) -> Option<WindingImpedance> {
        if row.number("vk0_percent") == Some(0.0) && z1.is_some() {
            self.notes.count(Trouble::new("assumed_z0_is_z1", Severity::Warning, "transformers"), id);
            return z1;
        }
        self.notes.wanted(percent(row, "vk0_percent", "vkr0_percent"), ["transformers", "z0"], id)
    }

    /// The vector group, completed by clock numbers where the file has the shifts beside it.
    fn group(&mut self, row: &Row, shifts: &[&str], [kind, id]: [&str; 2]) -> Option<VectorGroup> {
        let kind = if kind == "transformers" { "transformers" } else { "transformers3" };
        let text = self.notes.wanted(row.text("vector_group"), [kind, "vector_group"], id)?;
        let Some(group) =
            text.parse::<VectorGroup>().ok().filter(|group| group.windings().len() == shifts.len() + 1)
        else {
            let trouble = Trouble::new("bad_vector_group", Severity::Warning, kind);
            self.notes.count_with(trouble, id, ("found", text.to_owned()));
            return None;
        };
        let mut windings: Vec<GroupWinding> = group.windings().to_vec();
        for (winding, shift) in windings[1..].iter_mut().zip(shifts) {
            winding.clock = winding.clock.or_else(|| clock(row.number(shift)?));
        }
        Some(VectorGroup::new(windings))
    }
}

/// The clock number of a shift in degrees, where it is one.
fn clock(shift_deg: f64) -> Option<u8> {
    let hours = (shift_deg / 30.0).rem_euclid(12.0);
    (hours.fract() == 0.0).then_some(hours as u8)
}

fn percent(row: &Row, uk: &str, ur: &str) -> Option<WindingImpedance> {
    let uk = row.number(uk).filter(|uk| *uk != 0.0)?;
    Some(WindingImpedance::Percent { uk, ur: row.number(ur)? })
}

/// Earths the neutrals a vector group brings out; an impedance belongs to the first of them.
fn earth<const N: usize>(windings: [&mut Winding; N], group: &VectorGroup, neutral_ohm: [f64; 2]) {
    let [mut r_ohm, mut x_ohm] = neutral_ohm;
    for (winding, kind) in windings.into_iter().zip(group.windings()) {
        if kind.neutral {
            winding.neutral = Some(Neutral::through(r_ohm, x_ohm));
            [r_ohm, x_ohm] = [0.0; 2];
        }
    }
}

/// The magnetising branch as pandapower's short circuits count it: in series with the whole z0 where only one star is
/// earthed and nothing else closes the path, as a T where both are, not at all beside a delta.
fn magnetizing(
    row: &Row,
    group: Option<&VectorGroup>,
    [hv_kv, parallel, unit]: [f64; 3],
) -> Option<Magnetizing> {
    let group = group?;
    let is_delta = |winding: &GroupWinding| winding.connection == Connection::Delta;
    if group.windings().iter().any(is_delta) {
        return None;
    }
    let hv_share = match [group.windings()[0].neutral, group.windings()[1].neutral] {
        [true, true] => row.number("si0_hv_partial")?,
        [true, false] => 1.0,
        [false, true] => 0.0,
        [false, false] => return None,
    };
    let z0 = row.positive("vk0_percent").or_else(|| row.positive("vk_percent"))? / 100.0;
    let ratio = row.positive("mag0_percent")? * unit;
    let z_ohm = z0 * ratio * hv_kv * hv_kv / row.positive("sn_mva")? / parallel;
    let rx = row.number("mag0_rx")?;
    let x_ohm = z_ohm / rx.hypot(1.0);
    Some(Magnetizing { r_ohm: rx * x_ohm, x_ohm, hv_share })
}

fn tap(row: &Row, on_load: bool) -> Option<TapChanger> {
    Some(TapChanger {
        position: row.number("tap_pos"),
        neutral: row.number("tap_neutral")?,
        low: row.number("tap_min"),
        high: row.number("tap_max"),
        step_percent: row.number("tap_step_percent"),
        step_deg: row.number("tap_step_degree").filter(|deg| *deg != 0.0),
        on_load,
    })
}
