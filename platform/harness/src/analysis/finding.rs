//! The engines' findings in published words.

use contracts::finding::Finding;
use serde::Serialize;
use serde_json::{Value, json};

use crate::problem::{Problem, Result};

/// What an engine noticed, published. Engines know nothing of each other and of the published language; their
/// findings have one form: `{code, severity, subject: {row, column, element}, args}`.
pub fn publish(finding: &impl Serialize) -> Result<Finding> {
    let mut told = serde_json::to_value(finding).map_err(|e| Problem::internal(&e))?;
    if let Some(code) = told["code"].as_str() {
        told["code"] = json!(code.replace('_', "-"));
    }
    // An engine's argument says of which kind it is.
    for value in told["args"].as_object_mut().into_iter().flat_map(|args| args.values_mut()) {
        let kind = ["number", "text", "texts"].into_iter().find(|kind| value.get(kind).is_some());
        if let Some(kind) = kind {
            *value = value[kind].take();
        }
    }
    // An element may be named by its place.
    if let Value::Number(place) = &told["subject"]["element"] {
        told["subject"]["element"] = json!(place.to_string());
    }
    serde_json::from_value(told).map_err(|e| Problem::internal(&e))
}

/// All of them.
pub fn publish_all(findings: &[impl Serialize]) -> Result<Vec<Finding>> {
    findings.iter().map(publish).collect()
}

#[cfg(test)]
mod tests {
    use contracts::finding::Severity;

    use super::*;

    #[test]
    fn codes_are_in_kebab_case_and_elements_are_texts() {
        let told = json!({"code": "dependent_term", "severity": "warning",
            "subject": {"row": 3, "column": null, "element": 2}, "args": {"on": ["a", "b"], "of": {"text": "c"}, "factor": {"number": 2.5}}});
        let finding = publish(&told).unwrap();
        assert_eq!((finding.code.as_str(), finding.severity), ("dependent-term", Severity::Warning));
        assert_eq!((finding.subject.row, finding.subject.element.as_deref()), (Some(3), Some("2")));
        assert_eq!(finding.args["on"], json!(["a", "b"]));
        assert_eq!((&finding.args["of"], &finding.args["factor"]), (&json!("c"), &json!(2.5)));
    }
}
