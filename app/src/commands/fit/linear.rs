//! `quorate fit --linear`: a linear fit of any method, with what can be asked of it.

use std::fmt::Write as _;

use clap::Args;
use comfy_table::CellAlignment;
use contracts::regression::{Coefficient, FitOptions, FitResult};
use contracts::words;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::report;
use crate::commands::grid;

/// What can be asked of a linear fit; the default needs none of it.
#[derive(Args)]
#[command(next_help_heading = "With --linear")]
pub(super) struct Linear {
    /// Fits a weighted sum of the columns instead of searching a formula.
    #[arg(id = "linear", long = "linear")]
    pub(super) is_asked: bool,
    /// What the fit minimises.
    #[arg(long, requires = "linear", value_name = "METHOD", value_parser = ["least-squares", "huber", "bisquare",
        "trimmed-squares", "theil-sen", "ridge", "lasso", "elastic-net"])]
    method: Option<String>,
    /// The terms made of the columns.
    #[arg(long, requires = "linear", value_name = "SHAPE",
        value_parser = ["linear", "powers", "polynomial", "spline"])]
    shape: Option<String>,
    /// The highest power of powers, polynomials and splines.
    #[arg(long, requires = "linear", value_name = "N")]
    degree: Option<u32>,
    /// Knots of each column of a spline; as many as the data ask for if not given.
    #[arg(long, requires = "linear", value_name = "N")]
    knots: Option<u32>,
    /// Leaves the constant term out.
    #[arg(long, requires = "linear")]
    no_intercept: bool,
    /// The column with the known standard error of each row's target.
    #[arg(long, requires = "linear", value_name = "COLUMN")]
    error_bars: Option<String>,
    /// How standard errors are found.
    #[arg(long, requires = "linear", value_name = "KIND",
        value_parser = ["classical", "hc0", "hc1", "hc2", "hc3", "clustered", "bootstrap"])]
    errors: Option<String>,
    /// The column that names groups of rows that may depend on each other.
    #[arg(long, requires = "linear", value_name = "COLUMN")]
    groups: Option<String>,
    /// How often the fit is repeated for errors by resampling.
    #[arg(long, requires = "linear", value_name = "N")]
    resamples: Option<u32>,
    /// Chooses the best subset of the terms by this criterion.
    #[arg(long, requires = "linear", value_name = "CRITERION",
        value_parser = ["aic", "aicc", "bic", "leave-one-out"])]
    subset: Option<String>,
    /// The strength of the penalty; chosen by cross-validation if not given.
    #[arg(long, requires = "linear", value_name = "λ")]
    penalty: Option<f64>,
    /// Where the elastic net lies between ridge (0) and lasso (1).
    #[arg(long, requires = "linear", value_name = "SHARE")]
    mix: Option<f64>,
    /// Tests whether these columns matter.
    #[arg(long, requires = "linear", value_name = "COLUMN,…", value_delimiter = ',')]
    compare_without: Vec<String>,
    /// The probability of the intervals.
    #[arg(long, requires = "linear", value_name = "P")]
    confidence: Option<f64>,
}

/// A word of the command line as the published language writes it; the parser lets only known ones through.
fn word<T: DeserializeOwned>(word: Option<&String>) -> Option<T> {
    word.and_then(|word| serde_json::from_value(json!(word.replace('-', "_"))).ok())
}

impl Linear {
    pub(super) fn options(&self, seed: u64, weights: Option<String>) -> FitOptions {
        let default = FitOptions::default();
        FitOptions {
            method: word(self.method.as_ref()).unwrap_or(default.method),
            shape: word(self.shape.as_ref()).unwrap_or(default.shape),
            degree: self.degree,
            knots: self.knots,
            intercept: !self.no_intercept,
            weights,
            error_bars: self.error_bars.clone(),
            errors: word(self.errors.as_ref()).unwrap_or(default.errors),
            groups: self.groups.clone(),
            resamples: self.resamples,
            subset: word(self.subset.as_ref()),
            penalty: self.penalty,
            mix: self.mix,
            compare_without: self.compare_without.clone(),
            confidence: self.confidence.unwrap_or(default.confidence),
            seed,
        }
    }
}

/// The result for people: the formula, its coefficients, its quality, what was tested and noticed.
pub(super) fn text(result: &FitResult, confidence: f64) -> String {
    let mut out = format!("\n  {}\n\n", result.formula.text);
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), report::r2);
    let _ = writeln!(
        out,
        "R² {}, root mean squared error {}, {} rows\n",
        share(result.r2),
        number(Some(result.rmse)),
        result.n
    );
    out += &coefficients(&result.coefficients, confidence);
    for subset in result.subsets.iter().filter(|subset| subset.chosen) {
        let _ = writeln!(out, "\nchosen among {} sizes: {}", result.subsets.len(), subset.terms.join(", "));
    }
    if let Some(penalty) = result.penalty {
        let _ = writeln!(out, "\npenalty {}", number(Some(penalty)));
    }
    if let Some(comparison) = &result.comparison {
        let (added, f, p) = (comparison.added.join(", "), comparison.f_statistic, comparison.f_p);
        let _ = writeln!(out, "\nwithout {added}: F {}, p {}", number(f), number(p));
    }
    if result.forms.len() > 1 {
        out += "\nsimple forms, the best first\n";
        let mut grid = grid::new();
        grid.set_header(["form", "R²", "evidence", "formula"]);
        for form in &result.forms {
            let evidence = format!("{:.1} %", 100.0 * form.weight);
            grid.add_row([words::form(&form.code), share(form.r2), evidence, form.formula.text.clone()]);
        }
        let _ = writeln!(out, "{}", grid::text(&grid));
    }
    if !result.checks.is_empty() {
        out.push('\n');
    }
    for check in &result.checks {
        let mark = if check.holds { "✓" } else { "✗" };
        let _ = writeln!(out, "{mark} {}", words::check(&check.code, check.holds));
    }
    out += &report::findings(&result.findings);
    out
}

fn coefficients(all: &[Coefficient], confidence: f64) -> String {
    let mut grid = grid::new();
    let interval = format!("{:.4} %", 100.0 * confidence);
    let interval = interval.replace(".0000", "");
    grid.set_header(["term", "value", "std. error", "p", "from", "to"].map(str::to_owned));
    for c in all {
        let cells = [Some(c.value), c.std_error, c.p, c.low, c.high].map(number);
        grid.add_row([c.term.clone()].into_iter().chain(cells));
    }
    for column in 1..6 {
        if let Some(column) = grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\nfrom, to: {interval} intervals\n", grid::text(&grid))
}

/// Five digits, which is what people read.
pub(super) fn number(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(0.0) => "0".into(),
        Some(value) if (1e-4..1e7).contains(&value.abs()) => {
            let digits = (4 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
            format!("{value:.digits$}")
        }
        Some(value) => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_five_digits() {
        let shown = [3.0, 1234.567, 0.001_234_56, 1.5e-9, -2e9, 0.0].map(|value| number(Some(value)));
        assert_eq!(shown, ["3.0000", "1234.6", "0.0012346", "1.500e-9", "-2.000e9", "0"]);
    }
}
