//! Gathers what was noticed, in an order that depends on the file alone and never in unbounded number.

use contracts::finding::Finding;

use super::column::Seen;

/// More findings than these help nobody; the rest is counted.
const MAX_FINDINGS: usize = 200;

/// What was noticed while reading a file.
#[derive(Debug, Default)]
pub(super) struct Notes {
    findings: Vec<Finding>,
}

impl Notes {
    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds a finding about cells, if there were any: where the first is and how many there are.
    pub(super) fn add_seen(&mut self, finding: Finding, seen: &Seen) {
        if seen.count > 0 {
            self.add(finding.at_row(seen.line).with("count", seen.count));
        }
    }

    /// The most severe first, then in the order in which they were added.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        if self.findings.len() > MAX_FINDINGS {
            let omitted = self.findings.len() - (MAX_FINDINGS - 1);
            self.findings.truncate(MAX_FINDINGS - 1);
            self.findings.push(Finding::info("findings-omitted").with("count", omitted));
        }
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_it_leaves_out_and_keeps_the_severe() {
        let mut notes = Notes::default();
        for row in 0..300 {
            notes.add(Finding::info("missing-values").at_row(row));
        }
        notes.add(Finding::warning("column-empty"));
        let findings = notes.finish();
        assert_eq!(findings.len(), MAX_FINDINGS);
        assert_eq!(findings[0].code, "column-empty");
        assert_eq!(findings[MAX_FINDINGS - 1].args["count"], 102);
    }
}
