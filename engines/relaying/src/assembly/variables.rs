//! What a composition decides, as states of the network: units of classes in service, neutrals earthed; and what a scheme
//! changes.

use network::{Change, Model, State};

use crate::case::Case;
use crate::case::neutral::{Earthing, Neutral};
use crate::case::scheme::Scheme as SchemeData;
use crate::case::unit::are_alike;
use crate::error::Error;

/// All units of all classes in service; checks that classes are what they must be.
pub(crate) fn full_state(case: &Case, model: &Model) -> Result<State, Error> {
    let mut changes = Vec::new();
    let mut seen: Vec<&String> = Vec::new();
    for (at, class) in case.classes.iter().enumerate() {
        let owner = || format!("class {:?}", class.id);
        let fail = |what: String| Error::Value { file: "units.toml", owner: owner(), what };
        if case.classes[..at].iter().any(|other| other.id == class.id) {
            return Err(Error::Duplicate { file: "units.toml", kind: "class", id: class.id.clone() });
        }
        if class.units.is_empty() {
            return Err(fail("has no units".to_owned()));
        }
        let count = class.units.len() as u16;
        if class.must_run > class.at_most.unwrap_or(count).min(count) {
            return Err(fail(format!("must_run = {} is more than may run", class.must_run)));
        }
        if class.present.is_some_and(|present| present > count) {
            return Err(fail(format!("present is more than its {count} units")));
        }
        if !(class.min_mw.is_finite() && class.cost.is_finite()) {
            return Err(fail("min_mw and cost must be numbers".to_owned()));
        }
        let mut first: Option<&network::Unit> = None;
        for id in &class.units {
            if seen.contains(&id) {
                return Err(Error::Duplicate { file: "units.toml", kind: "unit", id: id.clone() });
            }
            seen.push(id);
            let Some(unit) = model.units.iter().find(|unit| unit.id == *id) else {
                let (kind, hint) = ("unit", String::new());
                return Err(Error::Unknown {
                    file: "units.toml",
                    owner: owner(),
                    kind,
                    id: id.clone(),
                    hint,
                });
            };
            let other = first.get_or_insert(unit);
            if other.bus != unit.bus {
                let what =
                    format!("{:?} and {id:?} stand at different buses: make a class of each", other.id);
                return Err(fail(what));
            }
            if !are_alike(other, unit) {
                return Err(fail(format!("{:?} and {id:?} differ: make a class of each", other.id)));
            }
            changes.push(Change::In(id.clone()));
        }
    }
    for (at, neutral) in case.neutrals.iter().enumerate() {
        check_neutral(case, model, at)?;
        changes.push(neutral_change(neutral, Earthing::Earthed));
    }
    Ok(State::new("all units of all classes, all neutrals earthed", changes))
}

/// A neutral is one of a known transformer with a connection to earth, and the only one of it: what two neutrals of a
/// transformer change does not add up.
fn check_neutral(case: &Case, model: &Model, at: usize) -> Result<(), Error> {
    let neutral = &case.neutrals[at];
    let owner = || format!("neutral {:?}", neutral.id);
    let fail = |what: String| Err(Error::Value { file: "units.toml", owner: owner(), what });
    let is_class = case.classes.iter().any(|class| class.id == neutral.id);
    if is_class || case.neutrals[..at].iter().any(|other| other.id == neutral.id) {
        return Err(Error::Duplicate { file: "units.toml", kind: "neutral", id: neutral.id.clone() });
    }
    let Some(windings) = windings(model, &neutral.transformer) else {
        let (id, kind) = (neutral.transformer.clone(), "transformer");
        return Err(Error::Unknown { file: "units.toml", owner: owner(), kind, id, hint: String::new() });
    };
    let winding = neutral.winding.checked_sub(1).and_then(|place| windings.get(place));
    if winding.is_none_or(Option::is_none) {
        let (id, place) = (&neutral.transformer, neutral.winding);
        return fail(format!("winding {place} of {id:?} has no neutral with a connection to earth"));
    }
    if let Some(other) = case.neutrals[..at].iter().find(|other| other.transformer == neutral.transformer) {
        return fail(format!(
            "{:?} is a neutral of the same transformer: one of each can be decided",
            other.id
        ));
    }
    Ok(())
}

/// The change that earths or isolates a neutral.
pub(crate) fn neutral_change(neutral: &Neutral, earthing: Earthing) -> Change {
    let (id, terminal) = (neutral.transformer.clone(), neutral.winding);
    Change::Neutral { id, terminal, earthed: earthing == Earthing::Earthed }
}

/// The neutrals of a transformer's windings.
fn windings(model: &Model, id: &str) -> Option<Vec<Option<network::Neutral>>> {
    let two = model.transformers.iter().find(|t| t.id == id);
    let three = model.transformers3.iter().find(|t| t.id == id);
    two.map(|t| [&t.hv, &t.lv].map(|winding| winding.neutral).to_vec())
        .or(three.map(|t| [&t.hv, &t.mv, &t.lv].map(|winding| winding.neutral).to_vec()))
}

/// Whether a transformer or unit has a neutral that is connected to earth.
pub(crate) fn has_neutral(model: &Model, id: &str) -> bool {
    let is_earthed = |neutral: &Option<network::Neutral>| neutral.is_some_and(|neutral| neutral.earthed);
    let unit = model.units.iter().find(|unit| unit.id == id).map(|unit| is_earthed(&unit.neutral));
    unit.or_else(|| windings(model, id).map(|neutrals| neutrals.iter().any(is_earthed))).unwrap_or(false)
}

pub(crate) fn outage(scheme: &SchemeData, model: &Model) -> State {
    let out = scheme.out.iter().cloned().map(Change::Out);
    let earthed = scheme.earthed.iter().cloned().map(Change::Earthed);
    let windings = |id: &String| {
        let is_it = |transformer: &network::Transformer3| transformer.id == *id;
        if model.units.iter().any(|unit| unit.id == *id) {
            1
        } else {
            2 + usize::from(model.transformers3.iter().any(is_it))
        }
    };
    let isolated = scheme.isolated.iter().flat_map(|id| {
        let neutral = |terminal| Change::Neutral { id: id.clone(), terminal, earthed: false };
        (1..=windings(id)).map(neutral)
    });
    State::new(&scheme.id, out.chain(earthed).chain(isolated).collect())
}
