//! Relays of a draft: at every line end a main stage for earth faults and one for others, and remote backup.

use std::collections::BTreeMap;

use network::{Line, Model};

use super::part::Part;
use super::{SOURCE, Wish};
use crate::case::Case;
use crate::case::relay::{Covers, End, Measures, Relay, Role, Settings, Stage, Time, Zone};
use crate::case::requirement::{Coordination, Sensitivity};
use crate::vocabulary::Criterion;

/// Time of main and of backup stages, s.
const TIMES: [f64; 2] = [0.5, 1.5];
/// Factor between the settings of coordinated stages: customary, 1.1 to 1.3.
const APART: f64 = 1.1;

/// One relay per end of each line of the part, its settings still open.
pub(super) fn relays(model: &Model, part: &Part<'_>, wish: &Wish) -> Vec<Relay> {
    let lines = model.lines.iter().filter(|line| part.has(line));
    lines.flat_map(|line| [End::From, End::To].map(|end| relay(line, end, wish))).collect()
}

fn relay(line: &Line, end: End, wish: &Wish) -> Relay {
    let mut measures = vec![
        (Measures::Phase, "", "stepped current"),
        (Measures::Residual, "I0-", "stepped residual current"),
    ];
    if wish.has_distance {
        measures.push((Measures::Mho, "Z-", "distance"));
    }
    let mut stages = Vec::new();
    for (measures, prefix, protection) in measures {
        let settings = first_settings(measures, line);
        let stage = |name: &str, covers, role, time_s| Stage {
            id: format!("{prefix}{name}"),
            measures,
            protection: protection.to_owned(),
            settings: settings.clone(),
            groups: BTreeMap::new(),
            direction: None,
            undervoltage_start_kv: None,
            parallel: None,
            zones: vec![Zone { covers, role, part: None }],
            time: Some(Time::Definite(time_s)),
        };
        stages.push(stage("II", Covers::Line, Role::Main, TIMES[0]));
        if wish.has_backup {
            stages.push(stage("III", Covers::Next, Role::RemoteBackup, TIMES[1]));
        }
    }
    let id = format!("{}-{}", line.id, end.name());
    Relay { id, line: Some(line.id.clone()), end: Some(end), stages, ..Relay::default() }
}

/// Settings of 1 A or of the line's own impedance, to be scaled by what is seen.
fn first_settings(measures: Measures, line: &Line) -> Settings {
    if measures != Measures::Mho {
        return Settings { pickup_a: Some(1.0), ..Settings::default() };
    }
    let x = line.x1_ohm.filter(|x| *x > 0.0).unwrap_or(1.0);
    let r = line.r1_ohm.unwrap_or(0.0).max(0.05 * x);
    Settings { r_ohm: Some(r), x_ohm: Some(x), ..Settings::default() }
}

/// Customary sensitivities of the drafted stages.
pub(super) fn sensitivities(wish: &Wish) -> Vec<Sensitivity> {
    let row = |protection: &str, role, k| Sensitivity {
        protection: protection.to_owned(),
        role,
        k,
        source: SOURCE.to_owned(),
    };
    let mut rows = Vec::new();
    for (protection, main) in
        [("stepped current", 1.5), ("stepped residual current", 1.5), ("distance", 1.25)]
    {
        if protection != "distance" || wish.has_distance {
            rows.push(row(protection, Role::Main, main));
            if wish.has_backup {
                rows.push(row(protection, Role::RemoteBackup, 1.2));
            }
        }
    }
    rows
}

/// Backup stages with the main stages of the same measure they reach over.
pub(super) fn pairs(case: &Case, model: &Model) -> Vec<Coordination> {
    let lines: BTreeMap<&str, &Line> = model.lines.iter().map(|line| (line.id.as_str(), line)).collect();
    let end_bus = |relay: &Relay, is_far: bool| {
        let line = lines[relay.element()];
        if (relay.end == Some(End::From)) == is_far { &line.to } else { &line.from }
    };
    let mut pairs = Vec::new();
    for slow in &case.relays {
        let next =
            |fast: &&Relay| fast.element() != slow.element() && end_bus(fast, false) == end_bus(slow, true);
        for fast in case.relays.iter().filter(next) {
            for (backup, main) in [("III", "II"), ("I0-III", "I0-II")] {
                let has = |relay: &Relay, id: &str| relay.stages.iter().any(|stage| stage.id == id);
                if has(slow, backup) && has(fast, main) {
                    pairs.push(Coordination {
                        slower: format!("{}/{backup}", slow.id),
                        faster: format!("{}/{main}", fast.id),
                        criterion: Criterion::Current,
                        value: APART,
                        source: SOURCE.to_owned(),
                        first_zone: None,
                    });
                }
            }
        }
    }
    pairs
}
