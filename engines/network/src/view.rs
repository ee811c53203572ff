//! A model in a state: the model's own values with a state's changes laid over them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::element::Element;
use crate::error::Error;
use crate::model::Model;
use crate::state::{Change, State};
use crate::transformer::{Neutral, Winding};

/// A model with states laid over it; the model isn't copied. Terminals are counted from 0.
///
/// ```
/// use network::{Change, Line, Model, State, View};
///
/// let model = Model::new().bus("A", 110.0).bus("B", 110.0).line(Line::new("L1", "A", "B"));
/// let out = State::new("L1 out", vec![Change::Earthed("L1".to_owned())]);
/// let view = View::of(&model, &[&out])?;
/// assert!(!view.in_service(&model.lines[0]));
/// assert!(view.is_earthed_at_both_ends("L1"));
/// # Ok::<(), network::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct View<'a> {
    model: &'a Model,
    service: BTreeMap<&'a str, bool>,
    earthed: BTreeSet<&'a str>,
    closed: BTreeMap<(&'a str, usize), bool>,
    neutrals: BTreeMap<(&'a str, usize), bool>,
    taps: BTreeMap<(&'a str, usize), f64>,
    emfs: BTreeMap<&'a str, [f64; 2]>,
}

impl<'a> View<'a> {
    /// The model as it stands.
    pub fn plain(model: &'a Model) -> Self {
        Self {
            model,
            service: BTreeMap::new(),
            earthed: BTreeSet::new(),
            closed: BTreeMap::new(),
            neutrals: BTreeMap::new(),
            taps: BTreeMap::new(),
            emfs: BTreeMap::new(),
        }
    }

    /// The model with states laid over it in this order: the last word wins.
    pub fn of(model: &'a Model, states: &[&'a State]) -> Result<Self, Error> {
        check(model, states.iter().copied())?;
        Ok(states.iter().fold(Self::plain(model), |view, state| view.under(state)))
    }

    /// The same with one more state, whose changes are known to fit the model, laid over it.
    #[must_use]
    pub fn under(&self, state: &'a State) -> Self {
        let mut view = self.clone();
        for change in &state.changes {
            view.apply(change);
        }
        view
    }

    /// The model below.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// Whether an element is in service.
    pub fn in_service<E: Element>(&self, element: &E) -> bool {
        self.service.get(element.id()).copied().unwrap_or_else(|| element.in_service())
    }

    /// Whether the breaker of a terminal, or a switch, is closed.
    pub fn is_closed<E: Element>(&self, element: &E, terminal: usize) -> bool {
        self.closed.get(&(element.id(), terminal)).copied().unwrap_or_else(|| element.is_closed(terminal))
    }

    /// Whether an element is in service and connected at a terminal. Buses out of service are left to
    /// [`Topology`](crate::Topology).
    pub fn connects<E: Element>(&self, element: &E, terminal: usize) -> bool {
        self.in_service(element) && self.is_closed(element, terminal)
    }

    /// Whether a line is out of service and earthed at both ends, so that coupled lines induce a current in it.
    pub fn is_earthed_at_both_ends(&self, line: &str) -> bool {
        self.earthed.contains(line)
    }

    /// The neutral of a winding of a transformer with this id: `None` when not connected to earth.
    pub fn winding_neutral(&self, id: &str, terminal: usize, winding: &Winding) -> Option<Neutral> {
        self.neutral(id, terminal, winding.neutral)
    }

    /// A neutral as it is in this state: `None` when not connected to earth.
    pub fn neutral(&self, id: &str, terminal: usize, neutral: Option<Neutral>) -> Option<Neutral> {
        let mut neutral = neutral?;
        neutral.earthed = self.neutrals.get(&(id, terminal)).copied().unwrap_or(neutral.earthed);
        neutral.earthed.then_some(neutral)
    }

    /// The position of a winding's tap changer.
    pub fn tap_position(&self, id: &str, terminal: usize, winding: &Winding) -> Option<f64> {
        self.taps.get(&(id, terminal)).copied().or_else(|| winding.tap?.position)
    }

    /// EMF in kV and its angle in degrees that a state gives a source.
    pub fn emf(&self, id: &str) -> Option<[f64; 2]> {
        self.emfs.get(id).copied()
    }

    fn apply(&mut self, change: &'a Change) {
        match change {
            Change::Out(id) => {
                self.service.insert(id, false);
                self.earthed.remove(id.as_str());
            }
            Change::In(id) => {
                self.service.insert(id, true);
                self.earthed.remove(id.as_str());
            }
            Change::Earthed(id) => {
                self.service.insert(id, false);
                self.earthed.insert(id);
            }
            Change::Open { id, terminal } => {
                self.closed.insert((id, terminal - 1), false);
            }
            Change::Close { id, terminal } => {
                self.closed.insert((id, terminal - 1), true);
            }
            Change::Neutral { id, terminal, earthed } => {
                self.neutrals.insert((id, terminal - 1), *earthed);
            }
            Change::Tap { id, terminal, position } => {
                self.taps.insert((id, terminal - 1), *position);
            }
            Change::Emf { id, kv, deg } => {
                self.emfs.insert(id, [*kv, *deg]);
            }
        }
    }
}

/// Checks that every change of states fits the element it names.
pub(crate) fn check<'s>(model: &Model, states: impl Iterator<Item = &'s State>) -> Result<(), Error> {
    let kinds = kinds(model);
    for state in states {
        for change in &state.changes {
            fits(change, &kinds).map_err(|reason| {
                let (state, id) = (state.id.clone(), change.id().to_owned());
                Error::BadChange { state, id, reason }
            })?;
        }
    }
    Ok(())
}

/// An element's collection and number of terminals.
type Kinds<'a> = HashMap<&'a str, (&'static str, usize)>;

fn kinds(model: &Model) -> Kinds<'_> {
    model.elements().into_iter().map(|entry| (entry.id, (entry.kind, entry.buses.len()))).collect()
}

/// Why a change is impossible for the element it names.
fn fits(change: &Change, kinds: &Kinds<'_>) -> Result<(), &'static str> {
    let Some((kind, terminals)) = kinds.get(change.id()) else { return Err("is no element of the model") };
    let check = |is_right: bool, reason| if is_right { Ok(()) } else { Err(reason) };
    let is_terminal = |terminal: &usize| (1..=*terminals).contains(terminal);
    match change {
        Change::Out(_) | Change::In(_) => Ok(()),
        Change::Earthed(_) => check(*kind == "lines", "is no line"),
        Change::Open { terminal, .. } | Change::Close { terminal, .. } => {
            check(*terminals >= 2 && is_terminal(terminal), "has no such breaker")
        }
        Change::Neutral { terminal, .. } => {
            let has_windings = matches!(*kind, "transformers" | "transformers3" | "units");
            check(has_windings && is_terminal(terminal), "has no such neutral")
        }
        Change::Tap { terminal, position, .. } => {
            let has_windings = matches!(*kind, "transformers" | "transformers3");
            check(has_windings && is_terminal(terminal), "has no such winding")?;
            check(position.is_finite(), "needs a position that is a number")
        }
        Change::Emf { kv, deg, .. } => {
            check(matches!(*kind, "units" | "equivalents"), "is no source with an EMF")?;
            check(*kv > 0.0 && kv.is_finite() && deg.is_finite(), "needs an EMF above 0 kV")
        }
    }
}
