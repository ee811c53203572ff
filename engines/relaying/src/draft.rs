//! A first case for a network: units in classes, relays at every line end, zones, outage schemes, settings.
//!
//! Deterministic and documented (docs/tasks/draft-a-case.md), for teaching, tests and benches, and to start a case of
//! one's own from; never for settings of a real grid. Every stage is set so that in two compositions of a planner and
//! in all schemes it sees what it must with 2 % to spare: there the case is adequate, elsewhere as it happens.

mod machines;
mod part;
mod relays;
mod schemes;
mod settings;

use network::{FeederLevel, Model};

use crate::assembly::Assembly;
use crate::case::requirement::{Requirements, Sensitivity};
use crate::case::{Case, Coverage, Currents, FORMAT_VERSION, Head, Resistances};
use crate::error::Error;
use crate::physics::check::FaultKind;
use crate::vocabulary::{Failure, LoadSituation};
use part::Part;

/// What a draft should contain.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether something is drafted")]
pub struct Wish {
    /// Name of the case.
    pub name: String,
    /// The greatest machine a unit is left in; larger ones become several alike, MW.
    pub machine_mw: f64,
    /// Units below this power stay as they stand in the network, MW.
    pub least_mw: f64,
    /// Schemes with one line out each, evenly chosen.
    pub schemes: usize,
    /// Faults at these fractions of each line.
    pub fault_points: Vec<f64>,
    /// Whether remote backup is part of it.
    pub has_backup: bool,
    /// Whether relays have distance stages too.
    pub has_distance: bool,
    /// Whether remote backup is coordinated with the neighbours' main stages by current.
    pub has_coordination: bool,
    /// Whether every second class leaves its neutral earthed when its units are off, and the last scheme isolates the
    /// neutral of a transformer.
    pub has_neutrals: bool,
    /// The part of its greatest short-circuit power a feeder has at least, where the network doesn't say; without it
    /// such feeders take no part.
    pub feeder_min: Option<f64>,
    /// Relays and units only around a bus; everywhere if not given.
    pub around: Option<Around>,
}

/// A part of a network: all buses a number of lines away from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// The bus.
    pub bus: String,
    /// How many lines away; transformers and switches don't count.
    pub lines: usize,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            name: "drafted case".to_owned(),
            machine_mw: 250.0,
            least_mw: 0.0,
            schemes: 8,
            fault_points: vec![0.1, 0.5, 0.9],
            has_backup: true,
            has_distance: false,
            has_coordination: false,
            has_neutrals: false,
            feeder_min: None,
            around: None,
        }
    }
}

/// Where the drafted requirements come from.
const SOURCE: &str = "drafted: customary value, to be replaced by the rule that holds for the grid";

/// Drafts a case. Large units of the network become several machines; the network to be stored with the case is
/// returned too.
pub fn draft(model: &Model, wish: &Wish) -> Result<(Model, Case), Error> {
    let part = Part::of(model, wish.around.as_ref())?;
    let (mut model, classes) = machines::machines(model, &part, wish);
    weaken_feeders(&mut model, wish);
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
            fault_resistance_ohm: Resistances::default(),
            failures: vec![Failure::None, Failure::MainProtectionOut],
        },
        relays: relays::relays(&model, &part, wish),
        classes,
        neutrals: Vec::new(),
        schemes: schemes::schemes(&model, &part, wish),
        requirements: Requirements { sensitivity: relays::sensitivities(wish), ..Requirements::default() },
    };
    let assembly = Assembly::of(&case, &model, TODAY)?;
    settings::set(&mut case, &assembly);
    // Where no stage sees enough, nothing is required.
    let is_used = |row: &Sensitivity| {
        let mut stages = case.relays.iter().flat_map(|relay| &relay.stages);
        stages.any(|stage| {
            stage.protection == row.protection && stage.zones.iter().any(|zone| zone.role == row.role)
        })
    };
    case.requirements.sensitivity.retain(is_used);
    if wish.has_coordination {
        case.requirements.coordination = relays::pairs(&case, &model);
        let assembly = Assembly::of(&case, &model, TODAY)?;
        settings::keep_what_holds(&mut case, &assembly);
    }
    Ok((model, case))
}

fn weaken_feeders(model: &mut Model, wish: &Wish) {
    let Some(part) = wish.feeder_min else { return };
    for feeder in model.feeders.iter_mut().filter(|feeder| feeder.min.is_none()) {
        feeder.min = feeder.max.map(|max| FeederLevel {
            sk_mva: max.sk_mva.map(|mva| mva * part),
            ikss_ka: max.ikss_ka.map(|ka| ka * part),
            ..max
        });
    }
}

/// A draft has no waivers: any day will do.
const TODAY: &str = "0000-00-00";
