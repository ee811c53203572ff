//! `quorate fit --given`: the numbers of a formula somebody wrote, with their standard errors and intervals.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use comfy_table::CellAlignment;
use contracts::finding::Finding;
use serde_json::json;
use symreg::Fitted;

use super::{linear, report};
use crate::commands::grid;

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

/// The fit for people: the formula, its quality, its numbers with their intervals, what was noticed.
pub(super) fn text(target: &str, fitted: &Fitted, findings: &[Finding]) -> String {
    let mut out = format!("\n  {target} = {}\n\n", fitted.expr.rounded(report::DIGITS).text());
    let _ = writeln!(
        out,
        "R² {}, residual standard deviation {}, {} degrees of freedom\n",
        report::r2(fitted.r2),
        linear::number(Some(fitted.residual_deviation)),
        fitted.degrees_of_freedom
    );
    let mut grid = grid::new();
    grid.set_header(["number", "value", "std. error", "from", "to", "profile from", "to"]);
    for parameter in &fitted.parameters {
        let (low, high) = parameter.interval;
        let (profile_low, profile_high) = parameter.profile;
        let cells = [parameter.value, parameter.standard_error, low, high, profile_low, profile_high];
        let cells = cells.map(|value| linear::number(value.is_finite().then_some(value)));
        grid.add_row([parameter.name.clone()].into_iter().chain(cells));
    }
    for column in 1..7 {
        if let Some(column) = grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(
        out,
        "{}\nfrom, to: 95 % intervals, from the curvature and from the profile of the likelihood",
        grid::text(&grid)
    );
    out += &report::findings(findings);
    out
}

/// The line that programs read.
pub(super) fn json(fitted: &Fitted, findings: &[Finding]) -> String {
    json!({
        "formula": fitted.expr.text(),
        "parameters": fitted.parameters,
        "residual_sum_of_squares": fitted.residual_sum_of_squares,
        "residual_deviation": fitted.residual_deviation,
        "degrees_of_freedom": fitted.degrees_of_freedom,
        "r2": fitted.r2,
        "covariance": fitted.covariance,
        "findings": findings,
    })
    .to_string()
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
