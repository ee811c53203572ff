//! What a search tells while it runs and when it ends. Codes and numbers, no prose: words are the caller's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::front::{Front, Member};

/// Arguments of a finding or a reason.
pub type Args = BTreeMap<String, Value>;

/// A result with what was noticed on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report<T> {
    /// The result.
    pub value: T,
    /// What was noticed about the table and the result.
    pub findings: Vec<Finding>,
}

/// Something worth knowing about the input or the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is, in kebab case.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// Figures that belong to it.
    pub args: Args,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// The result should be read with it in mind.
    Warning,
    /// The result is not usable.
    Error,
}

/// What a finding is about; all absent means the whole table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// A row, counted from 1.
    pub row: Option<usize>,
    /// A column's name.
    pub column: Option<String>,
    /// A member of the front, by index.
    pub element: Option<usize>,
}

/// Why a formula was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is, in kebab case.
    pub code: String,
    /// Figures that belong to it.
    pub args: Args,
}

/// Where a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Looking at the table.
    Look,
    /// Trying a fixed list of simple forms.
    Portfolio,
    /// Searching over structures.
    Search,
    /// Ended.
    Done,
}

/// What the observer is shown, at least every few milliseconds of work.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Where the search is.
    pub stage: Stage,
    /// Formulas tried so far.
    pub evaluations: u64,
    /// The front, when it has changed since the last event.
    pub front: Option<&'a Front>,
    /// A state to resume from, when there is a new one.
    pub checkpoint: Option<&'a Checkpoint>,
}

/// The observer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// End the search now; what was found so far is the result.
    Stop,
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The formulas no other beats in both size and error, the smallest first.
    pub front: Vec<Member>,
    /// Further good formulas of each size, where more than one was asked for; the smallest first, of equal size the
    /// better first.
    pub alternatives: Vec<Member>,
    /// The engine's choice, an index into the front.
    pub chosen: Option<usize>,
    /// Why it was chosen.
    pub reasons: Vec<Reason>,
    /// Where the search ended: `Done` when it came to its own end, otherwise the stage it was stopped in.
    pub stage: Stage,
    /// Formulas tried.
    pub evaluations: u64,
}

impl Finding {
    pub(crate) fn new(code: &str, severity: Severity) -> Self {
        Self { code: code.to_owned(), severity, subject: Subject::default(), args: Args::new() }
    }

    pub(crate) fn of_column(mut self, name: &str) -> Self {
        self.subject.column = Some(name.to_owned());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

impl Reason {
    pub(crate) fn new(code: &str) -> Self {
        Self { code: code.to_owned(), args: Args::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}
