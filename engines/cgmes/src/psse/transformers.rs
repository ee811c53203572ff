//! Transformers of raw data: a record of four lines with two windings, of five with three.

use network::{
    Severity, TapChanger, Transformer, Transformer3, VectorGroup, Winding, WindingImpedance, WindingPair,
};

use super::Grid;
use super::branches::key;
use super::records::Record;
use crate::cim::notes::Trouble;

/// Where a transformer is in the model, and in what order its windings came.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// Among those with two windings.
    Two { at: usize },
    /// Among those with three windings; the file's winding that became each.
    Three { at: usize, order: [usize; 3] },
}

/// The lines of one transformer.
struct Lines<'r> {
    head: &'r Record,
    impedances: &'r Record,
    windings: Vec<&'r Record>,
}

impl Grid {
    pub(super) fn add_transformers<'r>(&mut self, records: impl Iterator<Item = &'r Record>) {
        let mut records = records;
        while let Some(head) = records.next() {
            let count = if head.bus(2).is_some() { 3 } else { 2 };
            let Some(impedances) = records.next() else {
                self.leave_out("transformers", head);
                return;
            };
            let windings: Vec<&Record> = records.by_ref().take(count).collect();
            let lines = Lines { head, impedances, windings };
            let is_added = lines.windings.len() == count
                && if count == 3 { self.add_three(&lines).is_some() } else { self.add_two(&lines).is_some() };
            if !is_added {
                self.leave_out("transformers", head);
            }
        }
    }

    /// Head: from, to, third, circuit, codes of winding and impedance units, magnetising code and two values, metered end,
    /// name, status, four owners with shares, vector group.
    fn add_two(&mut self, lines: &Lines<'_>) -> Option<()> {
        let head = lines.head;
        let [first, second] = [self.winding(lines, 0)?, self.winding(lines, 1)?];
        let circuit = head.circuit(3);
        let id = format!("{}-{}:{circuit}", first.bus, second.bus);
        if !self.take("transformers", &id) {
            return Some(());
        }
        let rated_mva = lines.impedances.positive(2).unwrap_or(self.base_mva);
        let is_turned = second.rated_kv > first.rated_kv;
        let place = Place::Two { at: self.model.transformers.len() };
        self.transformers.insert(key(&first.bus, &second.bus, circuit), place);
        let [hv, lv] = if is_turned { [second, first] } else { [first, second] };
        let z1 = self.impedance(lines, [0, 1], rated_mva, hv.rated_kv);
        let group = self.group(head, &id, 2).filter(|_| !is_turned);
        self.model.transformers.push(Transformer {
            name: head.text(10).map(str::to_owned),
            rated_mva: Some(rated_mva),
            z1: self.notes.wanted(z1, ["transformers", "z1"], &id),
            vector_group: group,
            in_service: head.number(11) != Some(0.0),
            ..Transformer::new(&id, hv, lv)
        });
        Some(())
    }

    fn add_three(&mut self, lines: &Lines<'_>) -> Option<()> {
        let head = lines.head;
        let mut windings = [self.winding(lines, 0)?, self.winding(lines, 1)?, self.winding(lines, 2)?];
        let status = head.number(11).unwrap_or(1.0);
        // Status 2, 3 and 4 open the second, the third and the first winding.
        for (winding, code) in windings.iter_mut().zip([4.0, 2.0, 3.0]) {
            winding.closed = status != code;
        }
        let circuit = head.circuit(3);
        let id = format!("{}-{}-{}:{circuit}", windings[0].bus, windings[1].bus, windings[2].bus);
        if !self.take("transformers3", &id) {
            return Some(());
        }
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| windings[*b].rated_kv.total_cmp(&windings[*a].rated_kv));
        let first_kv = windings[order[0]].rated_kv;
        // Pairs 1-2, 2-3, 3-1 with three fields each.
        let pair = |a: usize, b: usize| {
            let at = 3 * match (order[a].min(order[b]), order[a].max(order[b])) {
                (0, 1) => 0,
                (1, 2) => 1,
                _ => 2,
            };
            let rated_mva = lines.impedances.positive(at + 2).unwrap_or(self.base_mva);
            let z1 = self.impedance(lines, [at, at + 1], rated_mva, first_kv);
            WindingPair { rated_mva: Some(rated_mva), z1, z0: None }
        };
        let [hv_mv, hv_lv, mv_lv] = [pair(0, 1), pair(0, 2), pair(1, 2)];
        for pair in [hv_mv, hv_lv, mv_lv] {
            self.notes.wanted(pair.z1, ["transformers3", "z1"], &id);
        }
        let name = format!("{}-{}-{}:{circuit}", windings[0].bus, windings[1].bus, windings[2].bus);
        self.transformers.insert(name, Place::Three { at: self.model.transformers3.len(), order });
        let windings = order.map(|at| windings[at].clone());
        let group = self.group(head, &id, 3).filter(|_| order == [0, 1, 2]);
        self.model.transformers3.push(Transformer3 {
            name: head.text(10).map(str::to_owned),
            hv_mv,
            hv_lv,
            mv_lv,
            vector_group: group,
            in_service: status != 0.0,
            ..Transformer3::new(&id, windings)
        });
        Some(())
    }

    /// A winding: its ratio in the unit the head says, its rated voltage (0: the bus's), its angle.
    fn winding(&mut self, lines: &Lines<'_>, number: usize) -> Option<Winding> {
        let (bus, kv) = self.bus(lines.head, number)?;
        let record = lines.windings.get(number)?;
        let rated_kv = record.positive(1).unwrap_or(kv);
        let ratio = record.positive(0);
        let present_kv = match lines.head.number(4) {
            Some(2.0) => ratio,
            Some(3.0) => ratio.map(|ratio| ratio * rated_kv),
            _ => ratio.map(|ratio| ratio * kv),
        };
        let step_percent = present_kv.map_or(0.0, |present| 100.0 * (present / rated_kv - 1.0));
        let step_deg = record.number(2).filter(|deg| *deg != 0.0);
        let mut winding = Winding::new(&bus, rated_kv);
        if step_percent.abs() > 1e-9 || step_deg.is_some() {
            // One step from neutral is the present ratio.
            let (position, step_percent) = (Some(1.0), Some(step_percent));
            winding.tap = Some(TapChanger { position, step_percent, step_deg, ..TapChanger::default() });
        }
        Some(winding)
    }

    /// The impedance of a pair in Ω at the first winding: per unit of the system base (1) or of the pair's (2), or losses in
    /// W and magnitude (3).
    fn impedance(
        &self,
        lines: &Lines<'_>,
        [r, x]: [usize; 2],
        rated_mva: f64,
        kv: f64,
    ) -> Option<WindingImpedance> {
        let (r, x) = (lines.impedances.or_zero(r), lines.impedances.number(x).filter(|x| *x != 0.0)?);
        let (r, x, mva) = match lines.head.number(5) {
            Some(2.0) => (r, x, rated_mva),
            Some(3.0) => {
                let r = r / 1e6 / rated_mva;
                (r, (x * x - r * r).max(0.0).sqrt(), rated_mva)
            }
            _ => (r, x, self.base_mva),
        };
        let base_ohm = kv * kv / mva;
        Some(WindingImpedance::Ohm { r: r * base_ohm, x: x * base_ohm })
    }

    fn group(&mut self, head: &Record, id: &str, windings: usize) -> Option<VectorGroup> {
        let text = head.text(20)?;
        let group = text.parse::<VectorGroup>().ok().filter(|group| group.windings().len() == windings);
        if group.is_none() {
            let trouble = Trouble::new("bad_vector_group", Severity::Warning, "transformers");
            self.notes.count_with(trouble, id, ("found", text.to_owned()));
        }
        group
    }
}
