//! What a search found, for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use comfy_table::CellAlignment;
use contracts::finding::{Finding, Severity};
use contracts::words;
use serde_json::{Value, json};
use symreg::{Fitted, Member, Outcome, Reason, Table};

use super::numbers;
use crate::commands::grid;

/// More digits are noise for people; programs get all of them.
pub(super) const DIGITS: usize = 6;

/// What a search found.
pub(super) struct Answer<'a> {
    pub(super) outcome: &'a Outcome,
    /// In how many resamples each formula would have been the choice; empty where nobody asked.
    pub(super) shares: &'a [f64],
    /// What is known of the chosen formula's numbers.
    pub(super) fitted: Option<&'a Fitted>,
    /// What the chosen formula does outside the data.
    pub(super) beyond: &'a [Reason],
    pub(super) findings: &'a [Finding],
}

/// The line that programs read: ../shared/bench/fit calls it the contract.
pub(super) fn json(answer: &Answer<'_>, wall: Duration, processor_s: f64) -> String {
    let Answer { outcome, shares, fitted, beyond, findings } = answer;
    let told = |members: &[Member]| -> Vec<Value> {
        let one = |m: &Member| json!({ "expr": m.expr.text(), "size": m.size, "mse": m.mse, "r2": m.r2, "exact": m.exact });
        members.iter().map(one).collect()
    };
    json!({
        "engine": "quorate",
        "version": env!("CARGO_PKG_VERSION"),
        "wall_s": wall.as_secs_f64(),
        "cpu_s": processor_s,
        "evaluations": outcome.evaluations,
        "front": told(&outcome.front),
        "best": outcome.chosen,
        "stage": outcome.stage,
        "choice_shares": shares,
        "alternatives": told(&outcome.alternatives),
        "reasons": outcome.reasons,
        "uncertainty": fitted.map(numbers::json),
        "beyond": beyond,
        "findings": findings,
    })
    .to_string()
}

/// The front as a table with the chosen formula marked, what is known of its numbers, why it is the choice, and what it
/// does outside the data.
pub(super) fn text(answer: &Answer<'_>, table: &Table) -> String {
    let Answer { outcome, shares, fitted, beyond, findings } = answer;
    let mut out = String::new();
    let mut grid = grid::new();
    grid.set_header(["", "size", "R²", "mean sq. error", "formula"]);
    for (at, member) in outcome.front.iter().enumerate() {
        let mark = if outcome.chosen == Some(at) { "→" } else { "" };
        let error = if member.exact { "exact".to_owned() } else { format!("{:.3e}", member.mse) };
        let formula = member.expr.rounded(DIGITS).text();
        grid.add_row([mark.to_owned(), member.size.to_string(), r2(member.r2), error, formula]);
    }
    for column in 1..4 {
        if let Some(column) = grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(out, "{}", grid::text(&grid));
    if !outcome.alternatives.is_empty() {
        let _ = writeln!(out, "\nfurther formulas");
        for member in &outcome.alternatives {
            let formula = member.expr.rounded(DIGITS).text();
            let _ = writeln!(out, "{:>4}  {:.3e}  {formula}", member.size, member.mse);
        }
    }
    if let Some(chosen) = outcome.chosen.and_then(|at| outcome.front.get(at)) {
        let _ = writeln!(out, "\n  {} = {}\n", table.target_name(), chosen.expr.rounded(DIGITS).text());
    }
    if let Some(fitted) = fitted {
        let _ = writeln!(out, "{}", numbers::text(fitted));
    }
    for (member, share) in outcome.front.iter().zip(*shares).filter(|(_, share)| **share > 0.0) {
        let formula = member.expr.rounded(DIGITS).text();
        let _ = writeln!(out, "chosen in {:.0} % of the resamples: {formula}", 100.0 * share);
    }
    for reason in &outcome.reasons {
        let _ = writeln!(out, "{}", words::reason(&reason.code, &reason.args));
    }
    out += &numbers::beyond(beyond);
    out += &self::findings(findings);
    out
}

/// What was noticed, a line each.
pub(super) fn findings(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let place = finding.subject.row.map(|row| format!("row {row}: ")).unwrap_or_default();
        let _ = writeln!(out, "{}: {place}{}", severity(finding.severity), words::finding(finding));
    }
    out
}

pub(super) fn r2(value: f64) -> String {
    // A share that rounds to 1 without being 1 would say too much.
    if value < 1.0 && value > 0.999_95 { format!("1 - {:.0e}", 1.0 - value) } else { format!("{value:.4}") }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use symreg::{Control, Options, search};

    use super::*;

    #[test]
    fn programs_are_told_what_people_are() {
        let x: Vec<f64> = (0..8).map(f64::from).collect();
        let y = x.iter().map(|x| 3.0 * x + 1.0).collect();
        let table = Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap();
        let options = Options { max_evaluations: 2000, noise_free: true, ..Options::default() };
        let found = search(&table, &options, None, &mut |_| Control::Continue).unwrap().value;
        let answer = Answer {
            outcome: &found,
            shares: &[],
            fitted: None,
            beyond: &[],
            findings: &[Finding::warning("few-rows")],
        };
        let line = json(&answer, Duration::ZERO, 0.0);
        let told: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["reasons"][0]["code"], "exact");
        assert_eq!(told["findings"][0]["code"], "few-rows");
        assert!(told["alternatives"].is_array() && told["front"].is_array());
    }
}
