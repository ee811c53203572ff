//! Units become machines of usual size, and machines that are alike become classes.

use network::{Model, Unit};

use super::Wish;
use super::part::Part;
use crate::case::unit::{Class, are_alike};

/// The part of a unit's power below which it cannot run, where the network doesn't say.
const LEAST_LOAD: f64 = 0.4;
/// The most machines a unit becomes.
const MOST_MACHINES: f64 = 4.0;

/// Splits units of the part into machines; those of one bus and with the same data are a class.
pub(super) fn machines(model: &Model, part: &Part<'_>, wish: &Wish) -> (Model, Vec<Class>) {
    let mut split = model.clone();
    split.units.clear();
    let mut classes: Vec<(Unit, Class)> = Vec::new();
    for unit in &model.units {
        let usable = unit.in_service && part.holds(&unit.bus);
        let Some(mva) = unit.rated_mva.filter(|_| usable) else {
            split.units.push(unit.clone());
            continue;
        };
        let mw = mva * unit.cos_phi.unwrap_or(0.85);
        if mw < wish.least_mw {
            split.units.push(unit.clone());
            continue;
        }
        let is_block = model.blocks.iter().any(|block| block.unit == unit.id);
        let count = if is_block { 1.0 } else { (mw / wish.machine_mw).ceil().clamp(1.0, MOST_MACHINES) };
        let machine = Unit {
            mrid: None,
            rated_mva: Some(mva / count),
            r_ohm: unit.r_ohm.map(|r| r * count),
            p_mw: unit.p_mw.map(|p| p / count),
            q_mvar: unit.q_mvar.map(|q| q / count),
            min_mw: unit.min_mw.map(|p| p / count),
            max_mw: unit.max_mw.map(|p| p / count),
            ..unit.clone()
        };
        let id = |at: usize| if count > 1.0 { format!("{}.{at}", unit.id) } else { unit.id.clone() };
        let ids: Vec<String> = (1..=count as usize).map(id).collect();
        split.units.extend(ids.iter().map(|id| Unit { id: id.clone(), ..machine.clone() }));
        if let Some((_, class)) = classes.iter_mut().find(|(other, _)| are_alike(other, &machine)) {
            class.units.extend(ids);
        } else {
            let class = class(unit, ids, mw / count, (classes.len(), wish));
            classes.push((machine, class));
        }
    }
    // States and schemes of the network name units that are several machines now.
    split.states.clear();
    split.schemes.clear();
    (split, classes.into_iter().map(|(_, class)| class).collect())
}

fn class(unit: &Unit, units: Vec<String>, mw: f64, (at, wish): (usize, &Wish)) -> Class {
    let least = unit.min_mw.filter(|min| *min > 0.0);
    let min_mw = least.map_or(LEAST_LOAD * mw, |min| min.min(mw)).round();
    Class {
        id: unit.id.clone(),
        plant: Some(unit.plant.clone().unwrap_or_else(|| unit.bus.clone())),
        units,
        stays_earthed: wish.has_neutrals && at % 2 == 1,
        min_mw,
        // Prices from 20 to 30 per MWh, spread so that count, power and cost do not agree.
        cost: (20.0 + (at * 7 % 11) as f64) * min_mw,
        ..Class::default()
    }
}
