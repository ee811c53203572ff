//! What was noticed on the way: every kind of trouble once, with its count and the elements it concerns.
//!
//! A grid of a country lacks the same value a thousand times; a thousand findings would hide the ten that matter.

use std::collections::BTreeMap;

use network::{Finding, Severity};

/// Elements a finding names; it counts them all.
const NAMED: usize = 20;

/// One kind of trouble: what, with which collection of the model, in which field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trouble {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) kind: &'static str,
    pub(crate) field: &'static str,
}

impl Trouble {
    /// A value that is missing and that computations will ask for.
    pub(crate) const fn missing(kind: &'static str, field: &'static str) -> Self {
        Self { code: "missing_value", severity: Severity::Warning, kind, field }
    }

    /// Something to know about elements of a collection.
    pub(crate) const fn new(code: &'static str, severity: Severity, kind: &'static str) -> Self {
        Self { code, severity, kind, field: "" }
    }
}

#[derive(Debug, Default)]
struct Cases {
    count: usize,
    elements: Vec<String>,
    details: BTreeMap<&'static str, String>,
}

/// Troubles being counted, and findings of their own.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    troubles: BTreeMap<Trouble, Cases>,
    findings: Vec<Finding>,
}

impl Notes {
    /// One more element with this trouble, by the name messages use.
    pub(crate) fn count(&mut self, trouble: Trouble, element: &str) {
        let cases = self.troubles.entry(trouble).or_default();
        cases.count += 1;
        if cases.elements.len() < NAMED {
            cases.elements.push(element.to_owned());
        }
    }

    /// The same, with what was assumed or seen for the first of them.
    pub(crate) fn count_with(&mut self, trouble: Trouble, element: &str, detail: (&'static str, String)) {
        self.count(trouble, element);
        self.detail(trouble, detail);
    }

    /// One more thing that was seen for the first element with a trouble.
    pub(crate) fn detail(&mut self, trouble: Trouble, (name, text): (&'static str, String)) {
        self.troubles.entry(trouble).or_default().details.entry(name).or_insert(text);
    }

    /// A value that must be there: passes it on, and notes its absence.
    pub(crate) fn wanted<T>(
        &mut self,
        value: Option<T>,
        [kind, field]: [&'static str; 2],
        element: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.count(Trouble::missing(kind, field), element);
        }
        value
    }

    /// A finding of its own.
    pub(crate) fn say(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// All findings: the worst first, then by kind; `size_of` tells how many elements a collection has.
    pub(crate) fn into_findings(self, size_of: impl Fn(&str) -> Option<usize>) -> Vec<Finding> {
        let counted = self.troubles.into_iter().map(|(trouble, cases)| {
            let mut finding = Finding::new(trouble.code, trouble.severity);
            finding.subject.kind = Some(trouble.kind.to_owned());
            finding.subject.field = Some(trouble.field).filter(|field| !field.is_empty()).map(str::to_owned);
            if cases.count == 1 {
                finding.subject.id = cases.elements.first().cloned();
            }
            let finding =
                cases.details.into_iter().fold(finding, |finding, (name, text)| finding.with(name, text));
            let finding = finding.with("count", cases.count).with("elements", cases.elements);
            match size_of(trouble.kind) {
                Some(size) => finding.with("of", size),
                None => finding,
            }
        });
        let mut findings: Vec<Finding> = self.findings.into_iter().chain(counted).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }
}

#[cfg(test)]
mod tests {
    use network::Argument;

    use super::*;

    #[test]
    fn counts_every_element_and_names_the_first() {
        let mut notes = Notes::default();
        for number in 0..30 {
            notes.wanted(None::<f64>, ["lines", "x0_ohm"], &format!("L{number}"));
        }
        let findings = notes.into_findings(|_| Some(40));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].args["count"], Argument::Number(30.0));
        assert_eq!(findings[0].args["of"], Argument::Number(40.0));
        assert!(matches!(&findings[0].args["elements"], Argument::Texts(names) if names.len() == NAMED));
    }

    #[test]
    fn a_single_case_names_its_element_and_the_worst_comes_first() {
        let mut notes = Notes::default();
        notes.count(Trouble::missing("units", "xdss_percent"), "G1");
        notes.count(Trouble::new("left_out", Severity::Error, "lines"), "L1");
        let findings = notes.into_findings(|_| None);
        assert_eq!(findings[0].code, "left_out");
        assert_eq!(findings[1].subject.id.as_deref(), Some("G1"));
    }
}
