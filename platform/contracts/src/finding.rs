//! What a service noticed about data: a code with typed arguments, never prose.
//!
//! The words are in the message catalogues (`messages/<context>.en.ftl`), under `finding-<code>`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// One thing noticed about data.
///
/// ```
/// use contracts::finding::Finding;
///
/// let finding = Finding::warning("number-expected").in_column("pressure").at_row(17).with("value", "n.d.");
/// assert_eq!(finding.subject.row, Some(17));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What was noticed, in kebab case; stable for ever.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    #[serde(default)]
    pub subject: Subject,
    /// What the words need: numbers and short texts.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub args: BTreeMap<String, Value>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// The result may be worse for it.
    Warning,
    /// The data can't be used as they are.
    Error,
}

/// Where a finding is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// The line of the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The name of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The id of an element of a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
}

impl Finding {
    /// A finding of any severity, about the whole.
    pub fn new(code: &str, severity: Severity) -> Self {
        Self { code: code.to_owned(), severity, subject: Subject::default(), args: BTreeMap::new() }
    }

    /// Good to know.
    pub fn info(code: &str) -> Self {
        Self::new(code, Severity::Info)
    }

    /// The result may be worse for it.
    pub fn warning(code: &str) -> Self {
        Self::new(code, Severity::Warning)
    }

    /// The data can't be used as they are.
    pub fn error(code: &str) -> Self {
        Self::new(code, Severity::Error)
    }

    /// Names the row.
    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.subject.row = Some(row);
        self
    }

    /// Names the column.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.subject.column = Some(column.to_owned());
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_published_json() {
        let finding =
            Finding::warning("missing-values").in_column("x").at_row(3).with("count", 2).with("text", "NA");
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(
            json,
            r#"{"code":"missing-values","severity":"warning","subject":{"row":3,"column":"x"},"args":{"count":2,"text":"NA"}}"#
        );
        assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding);
    }
}
