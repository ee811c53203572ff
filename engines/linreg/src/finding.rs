//! What an analysis noticed about its data: codes with typed arguments, words are made elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A result with what was noticed on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report<T> {
    /// The result.
    pub value: T,
    /// What was noticed, in the order of discovery.
    pub findings: Vec<Finding>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// The result must be read with care.
    Warning,
    /// The result is of no use as it stands.
    Error,
}

/// Where in the table a finding sits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The row, counted from 1.
    pub row: Option<usize>,
    /// The column's name.
    pub column: Option<String>,
    /// Another named part: a term, an option.
    pub element: Option<String>,
}

/// An argument of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// A number.
    Number(f64),
    /// A text, for example a column's name.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

/// One thing noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was noticed, a stable snake-case code.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where it sits.
    pub subject: Subject,
    /// The figures that belong to it.
    pub args: BTreeMap<String, Argument>,
}

impl Finding {
    /// A finding without subject and arguments.
    pub(crate) fn new(code: &str, severity: Severity) -> Self {
        Self { code: code.to_owned(), severity, subject: Subject::default(), args: BTreeMap::new() }
    }

    /// The same finding about a column.
    pub(crate) fn column(mut self, name: &str) -> Self {
        self.subject.column = Some(name.to_owned());
        self
    }

    /// The same finding about a term.
    pub(crate) fn element(mut self, name: &str) -> Self {
        self.subject.element = Some(name.to_owned());
        self
    }

    /// The same finding about a row, counted from 1.
    pub(crate) fn row(mut self, row: usize) -> Self {
        self.subject.row = Some(row);
        self
    }

    /// The same finding with one more argument.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Argument>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

impl From<f64> for Argument {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<usize> for Argument {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<&str> for Argument {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<Vec<String>> for Argument {
    fn from(value: Vec<String>) -> Self {
        Self::Texts(value)
    }
}
