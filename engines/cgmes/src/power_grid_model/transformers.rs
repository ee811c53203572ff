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
            let z1 = impedance(&row, ["uk", "pk"], sn);
            let group = group(&row, [["winding_from", ""], ["winding_to", "clock"]]);
            let mut hv = Winding { closed: row.flag("from_status", true), ..Winding::new(&from, u1 / 1e3) };
            let mut lv = Winding { closed: row.flag("to_status", true), ..Winding::new(&to, u2 / 1e3) };
            if let Some(group) = &group {
                earth([&mut hv, &mut lv], group, &row, ["from", "to"]);
            }
            let is_at_lv = row.number("tap_side") == Some(1.0);
            let (winding, volts) = if is_at_lv { (&mut lv, u2) } else { (&mut hv, u1) };
            winding.tap = tap(&row, volts);
            self.tap_terminals.insert(id.clone(), 1 + usize::from(is_at_lv));
            if row.number("i0").is_some_and(|i0| i0 > 0.0) {
                self.notes.count(Trouble::new("magnetizing_left_out", Severity::Info, "transformers"), &id);
            }
            self.notes.wanted(z1, ["transformers", "z1"], &id);
            self.notes.wanted(group.as_ref(), ["transformers", "vector_group"], &id);
            // The zero-sequence impedance is the positive-sequence one.
            let (z0, rated_mva, vector_group) = (z1, Some(sn / 1e6), group);
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
            let ratings = [0, 1, 2].map(|at: usize| windings[at].rated_mva.unwrap_or_default());
            let pair = |a: usize, b: usize| {
                let rated_mva = ratings[a].min(ratings[b]);
                let (uk, pk) = (format!("uk_{}{}", a + 1, b + 1), format!("pk_{}{}", a + 1, b + 1));
                let z = impedance(&row, [&uk, &pk], rated_mva * 1e6);
                WindingPair { rated_mva: Some(rated_mva), z1: z, z0: z }
            };
            let [hv_mv, hv_lv, mv_lv] = [pair(0, 1), pair(0, 2), pair(1, 2)];
            for pair in [hv_mv, hv_lv, mv_lv] {
                self.notes.wanted(pair.z1, ["transformers3", "z1"], &id);
            }
            self.notes.wanted(group.as_ref(), ["transformers3", "vector_group"], &id);
            let side = row.number("tap_side").unwrap_or(0.0) as usize;
            if let Some(winding) = windings.get_mut(side) {
                winding.tap = tap(&row, winding.rated_kv * 1e3);
                self.tap_terminals.insert(id.clone(), side + 1);
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

/// `u_k` as a share, losses in W, the rating in VA.
fn impedance(row: &Row, [uk, pk]: [&str; 2], va: f64) -> Option<WindingImpedance> {
    let uk = 100.0 * row.number(uk).filter(|uk| *uk != 0.0)?;
    Some(WindingImpedance::Percent { uk, ur: 100.0 * row.number(pk)? / va })
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
