//! What was noticed about a network's data: codes with typed arguments, words are made elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

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
    /// Results that need the value must be read with care.
    Warning,
    /// Computations that need the element are impossible.
    Error,
}

/// What a finding is about.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The kind of the element: a collection of the model, such as `lines`.
    pub kind: Option<String>,
    /// The element's id in the model, or what the source file calls it.
    pub id: Option<String>,
    /// The field, as the native format or the source file calls it.
    pub field: Option<String>,
    /// The source file.
    pub file: Option<String>,
    /// The line of the source file, counted from 1.
    pub line: Option<usize>,
}

/// An argument of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// A number.
    Number(f64),
    /// A text.
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
    /// What it is about.
    pub subject: Subject,
    /// The figures that belong to it.
    pub args: BTreeMap<String, Argument>,
}

impl Finding {
    /// A finding without subject and arguments.
    pub fn new(code: &str, severity: Severity) -> Self {
        Self { code: code.to_owned(), severity, subject: Subject::default(), args: BTreeMap::new() }
    }

    /// The same finding about an element of a collection.
    #[must_use]
    pub fn about(mut self, kind: &str, id: &str) -> Self {
        self.subject.kind = Some(kind.to_owned());
        self.subject.id = Some(id.to_owned());
        self
    }

    /// The same finding about one field.
    #[must_use]
    pub fn field(mut self, name: &str) -> Self {
        self.subject.field = Some(name.to_owned());
        self
    }

    /// The same finding about a place in a file; the line is counted from 1.
    #[must_use]
    pub fn at(mut self, file: &str, line: Option<usize>) -> Self {
        self.subject.file = Some(file.to_owned());
        self.subject.line = line;
        self
    }

    /// The same finding with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Argument>) -> Self {
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

impl From<String> for Argument {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<String>> for Argument {
    fn from(value: Vec<String>) -> Self {
        Self::Texts(value)
    }
}
