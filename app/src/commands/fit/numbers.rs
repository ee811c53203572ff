//! What is known of a formula's numbers and of its ways outside the data, for people and for programs.

use std::fmt::Write as _;

use comfy_table::CellAlignment;
use contracts::words;
use serde_json::{Value, json};
use symreg::{Fitted, Reason, Scatter};

use super::linear;
use crate::commands::grid;

/// The numbers with their errors and intervals; nothing where there are none.
pub(super) fn text(fitted: &Fitted) -> String {
    let mut out = String::new();
    let deviation = match fitted.scatter {
        Scatter::Constant => linear::number(Some(fitted.residual_deviation)),
        Scatter::InProportion => {
            format!("{} % of the value", linear::number(Some(100.0 * fitted.residual_deviation)))
        }
    };
    let _ = writeln!(
        out,
        "residual standard deviation {deviation}, {} degrees of freedom",
        fitted.degrees_of_freedom
    );
    if fitted.parameters.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\n  {}\n", fitted.form().text());
    let mut grid = grid::new();
    grid.set_header(["number", "value", "std. error", "from", "to", "profile from", "to"]);
    for parameter in &fitted.parameters {
        let (low, high) = parameter.interval;
        let (profile_low, profile_high) = parameter.profile.unwrap_or((f64::NAN, f64::NAN));
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
    out
}

/// The same for programs.
pub(super) fn json(fitted: &Fitted) -> Value {
    json!({
        "form": fitted.form().text(),
        "parameters": fitted.parameters,
        "residual_sum_of_squares": fitted.residual_sum_of_squares,
        "residual_deviation": fitted.residual_deviation,
        "scatter": fitted.scatter,
        "degrees_of_freedom": fitted.degrees_of_freedom,
        "covariance": fitted.covariance,
    })
}

/// What the formula does outside the data, a line each.
pub(super) fn beyond(statements: &[Reason]) -> String {
    statements.iter().fold(String::new(), |mut out, statement| {
        let _ = writeln!(out, "{}", words::reason(&statement.code, &statement.args));
        out
    })
}
