//! A first case for a network: units in classes, relays at every line end, zones, outage schemes, settings.
//!
//! Deterministic and documented, for teaching, tests and benches, and to start a case of one's own from; never for
//! settings of a real grid. Every stage picks up at 0.98 of the least current (or reach) it sees in its zones, over
//! two compositions of a planner and all schemes, divided by the required factor: in those compositions the case is
//! adequate, in others as it happens.

use network::{Model, Unit};

use crate::assembly::Assembly;
use crate::case::relay::{Covers, End, Measures, Relay, Role, Settings, Stage, Time, Zone};
use crate::case::requirement::{Requirements, Sensitivity};
use crate::case::scheme::Scheme;
use crate::case::unit::Class;
use crate::case::{Case, Coverage, Currents, FORMAT_VERSION, Head};
use crate::error::Error;
use crate::physics::check::FaultKind;
use crate::vocabulary::LoadSituation;

/// What a draft should contain.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Name of the case.
    pub name: String,
    /// The greatest machine a unit is left in; larger ones become several alike, MW.
    pub machine_mw: f64,
    /// Schemes with one line out each, evenly chosen.
    pub schemes: usize,
    /// Faults at these fractions of each line.
    pub fault_points: Vec<f64>,
    /// Whether remote backup is part of it.
    pub has_backup: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            name: "drafted case".to_owned(),
            machine_mw: 250.0,
            schemes: 8,
            fault_points: vec![0.1, 0.5, 0.9],
            has_backup: true,
        }
    }
}

/// Where the drafted requirements come from.
const SOURCE: &str = "drafted: customary value, to be replaced by the rule that holds for the grid";
/// A stage that would pick up below this sees no fault worth a stage, A.
const LEAST_A: f64 = 60.0;
/// Distance from the limit in the planner's compositions.
const SLACK: f64 = 0.98;

/// Drafts a case. Large units of the network become several machines; the network to be stored with the case is
/// returned too.
pub fn draft(model: &Model, wish: &Wish) -> Result<(Model, Case), Error> {
    let (model, classes) = machines(model, wish.machine_mw);
    let mut case = Case {
        head: Head {
            quorate_case: FORMAT_VERSION,
            name: wish.name.clone(),
            network: "network.json".to_owned(),
            situation: LoadSituation::SummerMin,
            state: None,
            currents: Currents::Iec2016Min,
            coverage: Coverage::Strict,
            fault_points: wish.fault_points.clone(),
            fault_kinds: FaultKind::ALL.to_vec(),
        },
        relays: relays(&model, wish.has_backup),
        classes,
        schemes: schemes(&model, wish.schemes),
        requirements: Requirements { sensitivity: sensitivities(), ..Requirements::default() },
    };
    let assembly = Assembly::of(&case, &model, "0000-00-00")?;
    set(&mut case, &assembly);
    Ok((model, case))
}

/// Splits units into machines; units of one bus and size are a class.
fn machines(model: &Model, machine_mw: f64) -> (Model, Vec<Class>) {
    let mut split = model.clone();
    split.units.clear();
    let mut classes: Vec<Class> = Vec::new();
    for unit in &model.units {
        let (Some(mva), true) = (unit.rated_mva, unit.in_service) else {
            split.units.push(unit.clone());
            continue;
        };
        let mw = mva * unit.cos_phi.unwrap_or(0.85);
        let count = (mw / machine_mw).ceil().clamp(1.0, 4.0);
        let machine = |at: usize| Unit {
            id: format!("{}.{}", unit.id, at + 1),
            mrid: None,
            rated_mva: Some(mva / count),
            r_ohm: unit.r_ohm.map(|r| r * count),
            p_mw: unit.p_mw.map(|p| p / count),
            q_mvar: unit.q_mvar.map(|q| q / count),
            ..unit.clone()
        };
        let own: Vec<Unit> = (0..count as usize).map(machine).collect();
        classes.push(Class {
            id: unit.id.clone(),
            plant: Some(unit.plant.clone().unwrap_or_else(|| unit.bus.clone())),
            units: own.iter().map(|unit| unit.id.clone()).collect(),
            min_mw: (0.4 * mw / count).round(),
            cost: (20.0 + (classes.len() * 7 % 11) as f64) * (0.4 * mw / count).round(),
            ..Class::default()
        });
        split.units.extend(own);
    }
    // Blocks and states name units that are several machines now.
    split.blocks.clear();
    split.states.clear();
    split.schemes.clear();
    (split, classes)
}

fn relays(model: &Model, has_backup: bool) -> Vec<Relay> {
    let zone = |covers, role| Zone { covers, role, part: None };
    let stage = |id: &str, measures, protection: &str, zones: Vec<Zone>, time_s: f64| Stage {
        id: id.to_owned(),
        measures,
        protection: protection.to_owned(),
        settings: Settings { pickup_a: Some(1.0), ..Settings::default() },
        groups: std::collections::BTreeMap::new(),
        directional: true,
        zones,
        time: Some(Time::Definite(time_s)),
    };
    let mut relays = Vec::new();
    for line in model.lines.iter().filter(|line| line.in_service) {
        for end in [End::From, End::To] {
            let own = || vec![zone(Covers::Line, Role::Main)];
            let next = || vec![zone(Covers::Next, Role::RemoteBackup)];
            let mut stages = vec![
                stage("II", Measures::Phase, "stepped current", own(), 0.5),
                stage("I0-II", Measures::Residual, "stepped residual current", own(), 0.5),
            ];
            if has_backup {
                stages.push(stage("III", Measures::Phase, "stepped current", next(), 1.5));
                stages.push(stage("I0-III", Measures::Residual, "stepped residual current", next(), 1.5));
            }
            let side = if end == End::From { "from" } else { "to" };
            relays.push(Relay {
                id: format!("{}-{side}", line.id),
                name: None,
                line: line.id.clone(),
                end,
                ct: None,
                vt: None,
                stages,
            });
        }
    }
    relays
}

fn sensitivities() -> Vec<Sensitivity> {
    let row = |protection: &str, role, k| Sensitivity {
        protection: protection.to_owned(),
        role,
        k,
        source: SOURCE.to_owned(),
    };
    ["stepped current", "stepped residual current"]
        .into_iter()
        .flat_map(|name| [row(name, Role::Main, 1.5), row(name, Role::RemoteBackup, 1.2)])
        .collect()
}

/// Lines out, evenly chosen among those that leave the grid in one piece.
fn schemes(model: &Model, count: usize) -> Vec<Scheme> {
    let lines: Vec<&network::Line> = model.lines.iter().filter(|line| line.in_service).collect();
    let able: Vec<&network::Line> =
        lines.iter().copied().filter(|line| keeps_together(model, &line.id)).collect();
    let count = count.min(able.len());
    (0..count)
        .map(|at| {
            let line = able[at * able.len() / count];
            Scheme {
                id: format!("{}-out", line.id),
                name: Some(format!("line {} out", line.id)),
                out: vec![line.id.clone()],
                ..Scheme::default()
            }
        })
        .collect()
}

fn keeps_together(model: &Model, out: &str) -> bool {
    let state = network::State::new("out", vec![network::Change::Out(out.to_owned())]);
    let (plain, changed) = (network::View::plain(model), network::View::of(model, &[&state]));
    let islands = |view: &network::View<'_>| network::Topology::of(view).island_count();
    changed.is_ok_and(|changed| islands(&changed) == islands(&plain))
}

/// Sets every stage by what it sees; stages that see next to nothing are left out.
fn set(case: &mut Case, assembly: &Assembly) {
    let most: Vec<u16> = case.classes.iter().map(|class| class.units.len() as u16).collect();
    let planner = |turn: usize| -> Vec<u16> {
        most.iter().enumerate().map(|(at, &n)| if at % 3 == turn { n / 2 } else { n.div_ceil(2) }).collect()
    };
    let all: Vec<u32> = (0..assembly.setup.labels.len() as u32).collect();
    let mut least: std::collections::BTreeMap<(&str, &str), f64> = std::collections::BTreeMap::new();
    for counts in [planner(0), planner(1)] {
        for scheme in 0..assembly.schemes.len() {
            let outcomes = assembly.protection.outcomes(scheme, &counts, &all);
            for (check, (label, outcome)) in all.iter().zip(assembly.setup.labels.iter().zip(outcomes)) {
                if assembly.protection.is_live(scheme, *check) {
                    let slot = least.entry((&label.relay, &label.stage)).or_insert(f64::INFINITY);
                    *slot = slot.min(outcome.value / label.required);
                }
            }
        }
    }
    for relay in &mut case.relays {
        let pickup =
            |stage: &Stage| least.get(&(relay.id.as_str(), stage.id.as_str())).copied().unwrap_or(0.0);
        let pickups: Vec<f64> =
            relay.stages.iter().map(|stage| (pickup(stage) * SLACK * 1000.0).floor()).collect();
        let mut stages = Vec::new();
        for (stage, pickup_a) in relay.stages.iter().zip(pickups) {
            if pickup_a >= LEAST_A && pickup_a.is_finite() {
                let settings = Settings { pickup_a: Some(pickup_a), ..Settings::default() };
                stages.push(Stage { settings, ..stage.clone() });
            }
        }
        relay.stages = stages;
    }
    case.relays.retain(|relay| !relay.stages.is_empty());
}
