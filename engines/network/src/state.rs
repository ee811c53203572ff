//! States and outage schemes: named lists of changes that are laid over a model without copying it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// One thing that differs from the model as it stands.
///
/// Terminals are counted from 1: a line begins at 1 and ends at 2, a transformer's windings are 1 to 3.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// The element with this id is out of service.
    Out(String),
    /// The element with this id is in service.
    In(String),
    /// The line with this id is out of service and earthed at both ends.
    Earthed(String),
    /// The breaker of a terminal, or a switch, is open.
    Open {
        /// The element or switch.
        id: String,
        /// The terminal, counted from 1.
        #[serde(default = "first")]
        terminal: usize,
    },
    /// The breaker of a terminal, or a switch, is closed.
    Close {
        /// The element or switch.
        id: String,
        /// The terminal, counted from 1.
        #[serde(default = "first")]
        terminal: usize,
    },
    /// The neutral of a transformer's winding or of a unit is connected to earth, or not.
    Neutral {
        /// The transformer or unit.
        id: String,
        /// The winding, counted from 1.
        #[serde(default = "first")]
        terminal: usize,
        /// Whether it is connected.
        earthed: bool,
    },
    /// A tap changer stands elsewhere.
    Tap {
        /// The transformer.
        id: String,
        /// The winding, counted from 1.
        #[serde(default = "first")]
        terminal: usize,
        /// The position.
        position: f64,
    },
    /// A source has another EMF.
    Emf {
        /// The unit or equivalent.
        id: String,
        /// The EMF, line to line, in kV.
        kv: f64,
        /// Its angle in degrees.
        #[serde(default)]
        deg: f64,
    },
}

impl Change {
    /// The id of the element that changes.
    pub fn id(&self) -> &str {
        match self {
            Self::Out(id)
            | Self::In(id)
            | Self::Earthed(id)
            | Self::Open { id, .. }
            | Self::Close { id, .. }
            | Self::Neutral { id, .. }
            | Self::Tap { id, .. }
            | Self::Emf { id, .. } => id,
        }
    }
}

/// A named overlay: a situation such as summer minimum, or an outage scheme such as a line out and earthed.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The identity, unique among states and schemes.
    pub id: String,
    /// The name people use.
    pub name: Option<String>,
    /// What differs; later changes win.
    pub changes: Vec<Change>,
}

impl State {
    /// A state of some changes.
    pub fn new(id: &str, changes: Vec<Change>) -> Self {
        Self { id: id.to_owned(), name: None, changes }
    }
}

fn first() -> usize {
    1
}
