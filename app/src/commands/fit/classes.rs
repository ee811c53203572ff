//! `quorate fit --group`: one law for several classes of rows, for people.

use std::fmt::Write as _;

use comfy_table::CellAlignment;
use contracts::finding::Finding;
use symreg::ClassOutcome;

use super::report;
use crate::commands::grid;

/// The line that programs read.
pub(super) fn json(outcome: &ClassOutcome, findings: &[Finding]) -> serde_json::Result<String> {
    let mut line = serde_json::to_value(outcome)?;
    line["findings"] = serde_json::to_value(findings)?;
    Ok(line.to_string())
}

/// The laws as a table with the chosen one marked, its numbers for every class, and what was noticed.
pub(super) fn text(outcome: &ClassOutcome, target: &str, findings: &[Finding]) -> String {
    let mut out = String::new();
    let mut laws = grid::new();
    laws.set_header(["", "size", "R²", "mean sq. error", "law"]);
    for (at, law) in outcome.laws.iter().enumerate() {
        let mark = if outcome.chosen == Some(at) { "→" } else { "" };
        let error = if law.exact { "exact".to_owned() } else { format!("{:.3e}", law.mse) };
        let form = law.form.rounded(report::DIGITS).text();
        laws.add_row([mark.to_owned(), law.size.to_string(), report::r2(law.r2), error, form]);
    }
    for column in 1..4 {
        if let Some(column) = laws.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(out, "{}", grid::text(&laws));
    if let Some(law) = outcome.chosen.and_then(|at| outcome.laws.get(at)) {
        let _ = writeln!(out, "\n  {target} = {}\n", law.form.rounded(report::DIGITS).text());
        if !law.numbers.is_empty() {
            let mut numbers = grid::new();
            numbers.set_header(["class", "formula"]);
            for (class, formula) in outcome.classes.iter().zip(&law.formulas) {
                numbers.add_row([class.clone(), formula.rounded(report::DIGITS).text()]);
            }
            let _ = writeln!(out, "{}", grid::text(&numbers));
        }
    }
    out += &report::findings(findings);
    out
}
