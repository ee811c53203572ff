//! `quorate fit --given`: the numbers of a formula somebody wrote, with their standard errors and intervals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use contracts::finding::Finding;
use serde_json::json;
use symreg::{Fitted, Reason};

use super::{numbers, report};

/// What can be asked of a given formula.
#[derive(Args)]
#[command(next_help_heading = "With a formula of your own")]
pub(super) struct Given {
    /// Fits the numbers of this formula instead of searching one, such as 'a*x^b + c': names that are no columns.
    #[arg(long, value_name = "FORMULA")]
    pub(super) given: Option<String>,
    /// Where the fit of a number begins, such as a=2.5; several starts are tried for those that have none.
    #[arg(long = "start", requires = "given", value_name = "NAME=VALUE", value_parser = start)]
    starts: Vec<(String, f64)>,
}

fn start(text: &str) -> Result<(String, f64), String> {
    let parts =
        text.split_once('=').and_then(|(name, value)| Some((name.trim(), value.trim().parse().ok()?)));
    let (name, value) = parts
        .filter(|(name, value): &(&str, f64)| !name.is_empty() && value.is_finite())
        .ok_or_else(|| format!("'{text}' is no NAME=VALUE, such as a=2.5"))?;
    Ok((name.to_owned(), value))
}

impl Given {
    pub(super) fn starts(&self) -> BTreeMap<String, f64> {
        self.starts.iter().cloned().collect()
    }
}

/// The fit for people: the formula, its quality, its numbers with their intervals, what it does outside the data, what was
/// noticed.
pub(super) fn text(target: &str, fitted: &Fitted, beyond: &[Reason], findings: &[Finding]) -> String {
    let mut out = format!("\n  {target} = {}\n\n", fitted.expr.rounded(report::DIGITS).text());
    let _ = write!(out, "R² {}, {}", report::r2(fitted.r2), numbers::text(fitted));
    out += &numbers::beyond(beyond);
    out += &report::findings(findings);
    out
}

/// The line that programs read.
pub(super) fn json(fitted: &Fitted, beyond: &[Reason], findings: &[Finding]) -> String {
    let mut line = numbers::json(fitted);
    line["formula"] = fitted.expr.text().into();
    line["r2"] = fitted.r2.into();
    line["beyond"] = json!(beyond);
    line["findings"] = json!(findings);
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_a_name_and_a_number() {
        assert_eq!(start("k = -2.5e-3"), Ok(("k".to_owned(), -0.0025)));
        for wrong in ["k", "=1", "k=two", "k=inf"] {
            assert!(start(wrong).is_err_and(|told| told.contains("a=2.5")), "{wrong}");
        }
    }
}
