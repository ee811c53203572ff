//! Branches of MATPOWER: lines, and transformers where there is a ratio or a change of voltage.

use network::{Line, Severity, Switch, SwitchKind, TapChanger, Transformer, Winding, WindingImpedance};

use super::assumption::{complete_line, complete_transformer};
use super::matrices::{Case, Row};
use super::{Grid, whole};
use crate::cim::notes::Trouble;

/// A branch between known buses; impedances per unit of the system base.
struct Branch {
    id: String,
    from: String,
    to: String,
    from_kv: f64,
    to_kv: f64,
    r: f64,
    x: f64,
    b: f64,
    ratio: f64,
    angle_deg: f64,
    in_service: bool,
}

impl Branch {
    /// Columns of `mpc.branch`: from, to, r, x, b, three ratings, ratio, angle, status.
    fn of(grid: &Grid, row: &Row, number: usize) -> Option<Self> {
        let bus = |column| {
            let bus = whole(row.value(column))?;
            grid.nominal_kv.get(&bus).map(|kv| (bus.clone(), *kv))
        };
        let ((from, from_kv), (to, to_kv)) = (bus(0)?, bus(1)?);
        Some(Self {
            id: format!("branch:{number}"),
            from,
            to,
            from_kv,
            to_kv,
            r: row.value(2)?,
            x: row.value(3)?,
            b: row.value(4).unwrap_or(0.0),
            ratio: row.value(8).unwrap_or(0.0),
            angle_deg: row.value(9).unwrap_or(0.0),
            in_service: row.value(10).is_none_or(|status| status != 0.0),
        })
    }

    fn name(&self) -> String {
        format!("{}-{}", self.from, self.to)
    }
}

impl Grid {
    pub(super) fn add_branches(&mut self, case: &Case) {
        for (row, number) in case.branches.iter().zip(1..) {
            let Some(branch) = Branch::of(self, row, number) else {
                self.leave_out("lines", &format!("branch:{number}"));
                continue;
            };
            if branch.ratio != 0.0 || branch.angle_deg != 0.0 || branch.from_kv != branch.to_kv {
                self.add_transformer(&branch);
            } else if branch.r == 0.0 && branch.x == 0.0 {
                self.add_tie(&branch);
            } else {
                self.add_line(&branch);
            }
        }
    }

    /// No impedance at all: the buses are one node.
    fn add_tie(&mut self, branch: &Branch) {
        self.notes.count(Trouble::new("zero_impedance_as_switch", Severity::Info, "switches"), &branch.id);
        let tie = Switch::new(&branch.id, &branch.from, &branch.to);
        self.model.switches.push(Switch {
            name: Some(branch.name()),
            kind: SwitchKind::Tie,
            in_service: branch.in_service,
            ..tie
        });
    }

    fn add_line(&mut self, branch: &Branch) {
        let base_ohm = branch.from_kv * branch.from_kv / self.base_mva;
        let mut line = Line {
            name: Some(branch.name()),
            r1_ohm: Some(branch.r * base_ohm),
            x1_ohm: Some(branch.x * base_ohm),
            b1_us: Some(branch.b / base_ohm * 1e6),
            in_service: branch.in_service,
            ..Line::new(&branch.id, &branch.from, &branch.to)
        };
        if self.assumes_data {
            complete_line(&mut line);
        }
        self.notes.wanted(line.r0_ohm, ["lines", "r0_ohm"], &branch.id);
        self.notes.wanted(line.x0_ohm, ["lines", "x0_ohm"], &branch.id);
        self.model.lines.push(line);
    }

    /// The impedance lies behind the tap at the `from` bus; the winding of the higher voltage becomes the first.
    fn add_transformer(&mut self, branch: &Branch) {
        if branch.b != 0.0 {
            self.notes.count(Trouble::new("charging_left_out", Severity::Info, "transformers"), &branch.id);
        }
        let [mut from, to] = [(&branch.from, branch.from_kv), (&branch.to, branch.to_kv)]
            .map(|(bus, kv)| Winding::new(bus, kv));
        let off_nominal = if branch.ratio == 0.0 { 0.0 } else { branch.ratio - 1.0 };
        if off_nominal != 0.0 || branch.angle_deg != 0.0 {
            // One step from neutral is the present ratio: cases don't say how many there are.
            from.tap = Some(TapChanger {
                position: Some(1.0),
                step_percent: Some(100.0 * off_nominal),
                step_deg: Some(branch.angle_deg).filter(|deg| *deg != 0.0),
                ..TapChanger::default()
            });
        }
        let [hv, lv] = if from.rated_kv >= to.rated_kv { [from, to] } else { [to, from] };
        let base_ohm = hv.rated_kv * hv.rated_kv / self.base_mva;
        let mut transformer = Transformer {
            name: Some(branch.name()),
            z1: Some(WindingImpedance::Ohm { r: branch.r * base_ohm, x: branch.x * base_ohm }),
            in_service: branch.in_service,
            ..Transformer::new(&branch.id, hv, lv)
        };
        if self.assumes_data {
            complete_transformer(&mut transformer);
        }
        self.notes.wanted(transformer.rated_mva, ["transformers", "rated_mva"], &branch.id);
        self.notes.wanted(transformer.z0, ["transformers", "z0"], &branch.id);
        self.notes.wanted(transformer.vector_group.as_ref(), ["transformers", "vector_group"], &branch.id);
        self.model.transformers.push(transformer);
    }
}
