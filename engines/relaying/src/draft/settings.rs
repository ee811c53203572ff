//! Settings of a draft, from what the stages see in a planner's compositions.

use std::collections::{HashMap, HashSet};

use crate::assembly::Assembly;
use crate::case::Case;
use crate::case::relay::{Settings, Stage};
use crate::setup::Aim;

/// A stage that would pick up below this sees no fault worth a stage, A.
const LEAST_A: f64 = 60.0;
/// A reach beyond this many times the line is no reach any more.
const MOST_REACH: f64 = 8.0;
/// Distance from the limit in the planner's compositions.
const SLACK: f64 = 0.98;

/// The planner's two compositions: about half the units of each class, and in every third class fewer.
fn planned(case: &Case) -> [Vec<u16>; 2] {
    let most: Vec<u16> = case.classes.iter().map(|class| class.units.len() as u16).collect();
    [0, 1].map(|turn| {
        let count = |(at, &n): (usize, &u16)| if at % 3 == turn { n / 2 } else { n.div_ceil(2) };
        most.iter().enumerate().map(count).collect()
    })
}

/// Calls back with every check that is made in a planner's composition: its number, margin and value.
fn seen(case: &Case, assembly: &Assembly, found: &mut dyn FnMut(usize, f64, f64)) {
    let all: Vec<u32> = (0..assembly.setup.labels.len() as u32).collect();
    for counts in planned(case) {
        for scheme in 0..assembly.schemes.len() {
            let outcomes = assembly.protection.outcomes(scheme, &counts, &all);
            for (&check, outcome) in all.iter().zip(outcomes) {
                if assembly.protection.is_live(scheme, check) {
                    found(check as usize, outcome.margin, outcome.value);
                }
            }
        }
    }
}

/// Sets every stage by the least it sees over what it must; stages that see next to nothing are left out.
pub(super) fn set(case: &mut Case, assembly: &Assembly) {
    let labels = &assembly.setup.labels;
    // Every check is seen in every scheme: its stage is looked up once.
    let mut stages: HashMap<(&str, &str), usize> = HashMap::new();
    let stage_of: Vec<usize> = labels
        .iter()
        .map(|label| {
            let next = stages.len();
            *stages.entry((&label.relay, &label.stage)).or_insert(next)
        })
        .collect();
    let mut least = vec![f64::INFINITY; stages.len()];
    seen(case, assembly, &mut |check, _, value| {
        let slot = &mut least[stage_of[check]];
        *slot = slot.min(value / labels[check].required);
    });
    for relay in &mut case.relays {
        let id = relay.id.clone();
        relay.stages.retain_mut(|stage| {
            let least = stages.get(&(id.as_str(), stage.id.as_str())).map(|&at| least[at]);
            let settings =
                least.filter(|least| least.is_finite()).and_then(|least| settings(stage, least * SLACK));
            settings.is_some_and(|settings| {
                stage.settings = settings;
                true
            })
        });
    }
    case.relays.retain(|relay| !relay.stages.is_empty());
}

/// A pick-up of so many kA, or the first reach over so many times of it. Rounded to the safe side.
fn settings(stage: &Stage, least: f64) -> Option<Settings> {
    let mut settings = stage.settings.clone();
    if let (Some(r), Some(x)) = (settings.r_ohm, settings.x_ohm) {
        let times = 1.0 / least;
        let up = |ohm: f64| (ohm * times * 100.0).ceil() / 100.0;
        (settings.r_ohm, settings.x_ohm) = (Some(up(r)), Some(up(x)));
        return (times > 0.0 && times <= MOST_REACH).then_some(settings);
    }
    let pickup_a = (least * 1000.0).floor();
    settings.pickup_a = Some(pickup_a);
    (pickup_a >= LEAST_A && pickup_a.is_finite()).then_some(settings)
}

/// Leaves out pairs of stages that are not coordinated in a planner's composition.
pub(super) fn keep_what_holds(case: &mut Case, assembly: &Assembly) {
    let mut broken: HashSet<(String, String)> = HashSet::new();
    seen(case, assembly, &mut |check, margin, _| {
        let label = &assembly.setup.labels[check];
        if let (Aim::Coordination(faster), true) = (&label.aim, margin < 1.0) {
            broken.insert((format!("{}/{}", label.relay, label.stage), faster.clone()));
        }
    });
    case.requirements
        .coordination
        .retain(|pair| !broken.contains(&(pair.slower.clone(), pair.faster.clone())));
}
