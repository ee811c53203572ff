//! Transformers of power-grid-model: `u_k` and losses on the rating, windings as codes, earthing on each side.

use network::{
    Connection, GroupWinding, Neutral, Severity, TapChanger, Transformer, Transformer3, VectorGroup, Winding,
    WindingImpedance, WindingPair,
};

use super::Grid;
use crate::cim::notes::Trouble;
use crate::rows::Row;

impl Grid {
    pub(super) fn add_transformers(&mut self) {
        for (id, row) in self.elements("transformer") {
            let Some((from, _)) = self.node(&row, "from_node", "transformer", &id) else { continue };
            let Some((to, _)) = self.node(&row, "to_node", "transformer", &id) else { continue };
            let (Some(u1), Some(u2), Some(sn)) = (row.positive("u1"), row.positive("u2"), row.positive("sn"))
            else {
                self.leave_out("transformer", &id);
                continue;
            };
            let group = group(&row, [["winding_from", ""], ["winding_to", "clock"]]);
            let mut hv = Winding { closed: row.flag("from_status", true), ..Winding::new(&from, u1 / 1e3) };
            let mut lv = Winding { closed: row.flag("to_status", true), ..Winding::new(&to, u2 / 1e3) };
            if let Some(group) = &group {
                earth([&mut hv, &mut lv], group, &row, ["from", "to"]);
            }
            let is_at_lv = row.number("tap_side") == Some(1.0);
            let (winding, volts) = if is_at_lv { (&mut lv, u2) } else { (&mut hv, u1) };
            winding.tap = tap(&row, volts);
            let scale = if is_at_lv { share_of_rated(winding.tap).powi(2) } else { 1.0 };
            self.tap_terminals.insert(id.clone(), 1 + usize::from(is_at_lv));
            let z1 = impedance(&row, sn, scale);
            if row.number("i0").is_some_and(|i0| i0 > 0.0) {
                self.notes.count(Trouble::new("magnetizing_left_out", Severity::Info, "transformers"), &id);
            }
            self.notes.wanted(z1, ["transformers", "z1"], &id);
            self.notes.wanted(group.as_ref(), ["transformers", "vector_group"], &id);
            let is_zigzag = |own: &GroupWinding| own.connection == Connection::Zigzag;
            let has_zigzag = group.as_ref().is_some_and(|group| group.windings().iter().any(is_zigzag));
            let z0 = impedance(&row, sn, if has_zigzag { ZIGZAG * scale } else { scale });
            let (rated_mva, vector_group) = (Some(sn / 1e6), group);
            self.model.transformers.push(Transformer {
                rated_mva,
                z1,
                z0,
                vector_group,
                ..Transformer::new(&id, hv, lv)
            });
        }
    }

    pub(super) fn add_transformers3(&mut self) {
        for (id, row) in self.elements("three_winding_transformer") {
            let mut windings = Vec::new();
            for number in 1..=3 {
                let column = |name: &str| format!("{name}_{number}");
                let Some((node, _)) = self.node(&row, &column("node"), "three_winding_transformer", &id)
                else {
                    break;
                };
                let (Some(volts), Some(va)) =
                    (row.positive(&format!("u{number}")), row.positive(&column("sn")))
                else {
                    self.leave_out("three_winding_transformer", &id);
                    break;
                };
                let closed = row.flag(&column("status"), true);
                windings.push(Winding {
                    rated_mva: Some(va / 1e6),
                    closed,
                    ..Winding::new(&node, volts / 1e3)
                });
            }
            let Ok(mut windings) = <[Winding; 3]>::try_from(windings) else { continue };
            let columns = [["winding_1", ""], ["winding_2", "clock_12"], ["winding_3", "clock_13"]];
            let group = group(&row, columns);
            if let Some(group) = &group {
                earth(windings.each_mut(), group, &row, ["1", "2", "3"]);
            }
            self.notes.wanted(group.as_ref(), ["transformers3", "vector_group"], &id);
            let side = row.number("tap_side").unwrap_or(0.0) as usize;
            if let Some(winding) = windings.get_mut(side) {
                winding.tap = tap(&row, winding.rated_kv * 1e3);
                self.tap_terminals.insert(id.clone(), side + 1);
            }
            let [hv_mv, hv_lv, mv_lv] = pairs(&row, &windings);
            for pair in [hv_mv, hv_lv, mv_lv] {
                self.notes.wanted(pair.z1, ["transformers3", "z1"], &id);
            }
            let transformer = Transformer3::new(&id, windings);
            self.model.transformers3.push(Transformer3 {
                hv_mv,
                hv_lv,
                mv_lv,
                vector_group: group,
                ..transformer
            });
        }
    }
}

/// The zero-sequence impedance of a transformer with a winding in zigzag, as a part of the positive-sequence one.
const ZIGZAG: f64 = 0.1;

/// `u_k` as a share, losses in W, the rating in VA. Both hold at the voltage the second winding has at its tap: `scale` is
/// that over the rated one, squared.
fn impedance(row: &Row, va: f64, scale: f64) -> Option<WindingImpedance> {
    let uk = 100.0 * scale * row.number("uk").filter(|uk| *uk != 0.0)?;
    Some(WindingImpedance::Percent { uk, ur: 100.0 * scale * row.number("pk")? / va })
}

/// The pairs of three windings by the star this tool makes of them: the sizes of impedances are added up, not the
/// impedances, and so are their resistances; the reactances follow. They hold whatever the tap of the first winding.
fn pairs(row: &Row, windings: &[Winding; 3]) -> [WindingPair; 3] {
    let va = [0, 1, 2].map(|at: usize| windings[at].rated_mva.unwrap_or_default() * 1e6);
    let base = (windings[0].rated_kv * 1e3 * share_of_rated(windings[0].tap)).powi(2);
    let pair = |[a, b]: [usize; 2]| {
        let least = va[a].min(va[b]);
        let size = row.number(&format!("uk_{}{}", a + 1, b + 1)).filter(|uk| *uk != 0.0)? * base / least;
        Some([size, row.number(&format!("pk_{}{}", a + 1, b + 1))? * base / (least * least)])
    };
    let places = [[0, 1], [0, 2], [1, 2]];
    let of_pairs = places.map(pair);
    let legs = || {
        let [ab, ac, bc] = of_pairs;
        let ([ab, ac], bc) = ([ab?, ac?], bc?);
        let leg = |one: [f64; 2], other: [f64; 2], opposite: [f64; 2]| {
            let [size, r] = [0, 1].map(|part| (one[part] + other[part] - opposite[part]) / 2.0);
            [r, ((size - r) * (size + r)).max(0.0).sqrt().copysign(size)]
        };
        Some([leg(ab, ac, bc), leg(ab, bc, ac), leg(ac, bc, ab)])
    };
    let legs = legs();
    places.map(|[a, b]| {
        let z1 =
            legs.map(|legs| WindingImpedance::Ohm { r: legs[a][0] + legs[b][0], x: legs[a][1] + legs[b][1] });
        WindingPair { rated_mva: Some(va[a].min(va[b]) / 1e6), z1, z0: z1 }
    })
}

/// The vector group from codes: 0 star, 1 star with neutral, 2 delta, 3 zigzag, 4 zigzag with neutral.
fn group<const N: usize>(row: &Row, columns: [[&str; 2]; N]) -> Option<VectorGroup> {
    let mut windings = Vec::with_capacity(N);
    for [winding, clock] in columns {
        let code = row.number(winding)? as i64;
        let connection = match code {
            0 | 1 => Connection::Star,
            2 => Connection::Delta,
            3 | 4 => Connection::Zigzag,
            _ => return None,
        };
        let clock = if clock.is_empty() {
            Some(0)
        } else {
            row.number(clock).map(|clock| clock.rem_euclid(12.0) as u8)
        };
        windings.push(GroupWinding { connection, neutral: matches!(code, 1 | 4), clock });
    }
    Some(VectorGroup::new(windings))
}

fn earth<const N: usize>(windings: [&mut Winding; N], group: &VectorGroup, row: &Row, sides: [&str; N]) {
    for ((winding, kind), side) in windings.into_iter().zip(group.windings()).zip(sides) {
        if kind.neutral {
            let ohm = |part| row.number(&format!("{part}_grounding_{side}")).unwrap_or(0.0);
            winding.neutral = Some(Neutral::through(ohm("r"), ohm("x")));
        }
    }
}

/// A tap changer whose step is given in V; both are turned so that a higher position is a higher voltage.
fn tap(row: &Row, rated_volts: f64) -> Option<TapChanger> {
    let (low, high) = (row.number("tap_min"), row.number("tap_max"));
    let is_reversed = low.zip(high).is_some_and(|(low, high)| low > high);
    let step_percent = row.number("tap_size")? / rated_volts * 100.0;
    Some(TapChanger {
        position: row.number("tap_pos"),
        neutral: row.number("tap_nom").unwrap_or(0.0),
        low,
        high,
        step_percent: Some(if is_reversed { -step_percent } else { step_percent }),
        step_deg: None,
        on_load: false,
    })
}

/// The voltage of a winding at its tap over the rated one.
fn share_of_rated(tap: Option<TapChanger>) -> f64 {
    let steps = tap.and_then(|tap| Some((tap.position? - tap.neutral) * tap.step_percent? / 100.0));
    1.0 + steps.unwrap_or(0.0)
}
