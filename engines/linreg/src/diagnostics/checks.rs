//! Tests of the assumptions behind a least-squares fit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::distribution::{chi_squared_upper, fisher_upper};
use crate::model::Model;
use crate::options::Options;
use crate::table::Table;

/// White's auxiliary regression is left out beyond so many columns.
const MOST_PRODUCTS: usize = 200;

/// Which assumption is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckKind {
    /// Even scatter, against scatter that grows with a term (in Koenker's form).
    BreuschPagan,
    /// Even scatter, against any smooth change of it.
    White,
    /// Neighbouring residuals are independent: 2 if so, towards 0 or 4 if not. Has no probability.
    DurbinWatson,
    /// Normal residuals, by skewness and kurtosis.
    JarqueBera,
    /// The right form (RESET): powers of the prediction must explain nothing more.
    Reset,
    /// The right form, judged against the scatter of repeated inputs.
    LackOfFit,
}

impl CheckKind {
    /// The code of the finding when the assumption fails.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::BreuschPagan | Self::White => "uneven_scatter",
            Self::DurbinWatson => "dependent_residuals",
            Self::JarqueBera => "residuals_not_normal",
            Self::Reset => "wrong_form",
            Self::LackOfFit => "lack_of_fit",
        }
    }
}

/// The outcome of a test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What was tested.
    pub kind: CheckKind,
    /// The test's statistic.
    pub statistic: f64,
    /// The probability of so large a statistic if the assumption holds.
    pub p: Option<f64>,
}

/// Makes all tests the table allows.
pub(super) fn run(model: &Model) -> Vec<Check> {
    let residuals: Vec<f64> =
        (0..model.summary.rows()).map(|row| model.residuals[row] * model.design.root(row).hi()).collect();
    let scattered = model.summary.dof() > 0 && model.summary.residual_squares() > model.summary.noise;
    if !scattered {
        return Vec::new();
    }
    let terms: Vec<Vec<f64>> = (0..model.summary.width())
        .filter(|&at| !model.summary.term(at).is_intercept())
        .map(|at| {
            (0..model.summary.rows())
                .map(|row| model.design.value(model.summary.solution.kept[at], row).hi())
                .collect()
        })
        .collect();
    let squares: Vec<f64> = residuals.iter().map(|residual| residual * residual).collect();
    let checks = [
        (CheckKind::BreuschPagan, scatter(&terms, &squares)),
        (CheckKind::White, products(&terms).and_then(|columns| scatter(&columns, &squares))),
        (CheckKind::DurbinWatson, Some((durbin_watson(&residuals), None))),
        (CheckKind::JarqueBera, Some(jarque_bera(&residuals))),
        (CheckKind::Reset, reset(model)),
        (CheckKind::LackOfFit, lack_of_fit(model, &residuals)),
    ];
    let made = checks.into_iter().filter_map(|(kind, outcome)| Some((kind, outcome?)));
    made.map(|(kind, (statistic, p))| Check { kind, statistic, p })
        .filter(|check| check.statistic.is_finite())
        .collect()
}

type Outcome = (f64, Option<f64>);

/// n·R² of the squared residuals on the columns, and its χ² probability.
fn scatter(columns: &[Vec<f64>], squares: &[f64]) -> Option<Outcome> {
    let table = auxiliary(columns.to_vec(), squares.to_vec())?;
    let model = Model::new(&table, &Options::default()).ok()?;
    let degrees = model.summary.explaining();
    if degrees == 0 || model.summary.dof() == 0 || model.summary.total == 0.0 {
        return None;
    }
    let statistic = model.summary.rows() as f64 * (1.0 - model.summary.squares / model.summary.total);
    Some((statistic, Some(chi_squared_upper(statistic, degrees as f64))))
}

/// The columns, their squares and their products.
fn products(columns: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let count = columns.len() + columns.len() * (columns.len() + 1) / 2;
    if count > MOST_PRODUCTS {
        return None;
    }
    let mut all = columns.to_vec();
    for (at, left) in columns.iter().enumerate() {
        for right in &columns[at..] {
            all.push(left.iter().zip(right).map(|(a, b)| a * b).collect());
        }
    }
    Some(all)
}

fn auxiliary(columns: Vec<Vec<f64>>, target: Vec<f64>) -> Option<Table> {
    let names = (0..columns.len()).map(|at| format!("c{at}")).collect();
    Table::new(names, columns, "target", target).ok()
}

fn durbin_watson(residuals: &[f64]) -> f64 {
    let changes: f64 = residuals.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    changes / residuals.iter().map(|residual| residual * residual).sum::<f64>()
}

fn jarque_bera(residuals: &[f64]) -> Outcome {
    let n = residuals.len() as f64;
    let mean = residuals.iter().sum::<f64>() / n;
    let moment = |power: i32| residuals.iter().map(|residual| (residual - mean).powi(power)).sum::<f64>() / n;
    let variance = moment(2);
    let skewness = moment(3) / variance.powf(1.5);
    let excess = moment(4) / (variance * variance) - 3.0;
    let statistic = n / 6.0 * (skewness * skewness + 0.25 * excess * excess);
    (statistic, Some(chi_squared_upper(statistic, 2.0)))
}

/// F test of ŷ² and ŷ³ as further terms (Ramsey 1969).
fn reset(model: &Model) -> Option<Outcome> {
    let target = model.design.width();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for &column in &model.summary.solution.kept {
        columns.push((0..model.summary.rows()).map(|row| entry(model, column, row)).collect());
    }
    let observed: Vec<f64> = (0..model.summary.rows()).map(|row| entry(model, target, row)).collect();
    let predicted: Vec<f64> = (0..model.summary.rows())
        .map(|row| model.design.value(target, row).hi() - model.residuals[row])
        .collect();
    let largest = predicted.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    for power in 2..=3 {
        let raised = |row: usize| (predicted[row] / largest).powi(power) * model.design.root(row).hi();
        columns.push((0..model.summary.rows()).map(raised).collect());
    }
    let table = auxiliary(columns, observed)?;
    let wider = Model::new(&table, &Options { intercept: false, ..Options::default() }).ok()?;
    let added = wider.summary.width().checked_sub(model.summary.width()).filter(|&added| added > 0)?;
    f_test(
        model.summary.residual_squares() - wider.summary.residual_squares(),
        added,
        wider.summary.residual_squares(),
        wider.summary.dof(),
    )
}

/// A weighted entry of the design.
fn entry(model: &Model, column: usize, row: usize) -> f64 {
    (model.design.value(column, row) * model.design.root(row)).hi()
}

/// F test of what the model misses against the scatter within groups of equal inputs.
fn lack_of_fit(model: &Model, residuals: &[f64]) -> Option<Outcome> {
    if model.design.is_weighted() {
        return None;
    }
    let mut groups: BTreeMap<Vec<u64>, Vec<f64>> = BTreeMap::new();
    for (row, &residual) in residuals.iter().enumerate() {
        let place = model
            .summary
            .solution
            .kept
            .iter()
            .map(|&column| (model.design.value(column, row).hi() + 0.0).to_bits());
        groups.entry(place.collect()).or_default().push(residual);
    }
    let pure_dof = model.summary.rows() - groups.len();
    let lacking = model.summary.dof().checked_sub(pure_dof).filter(|&lacking| lacking > 0 && pure_dof > 0)?;
    let spread = |group: &Vec<f64>| {
        let mean = group.iter().sum::<f64>() / group.len() as f64;
        group.iter().map(|residual| (residual - mean).powi(2)).sum::<f64>()
    };
    let pure: f64 = groups.values().map(spread).sum();
    f_test(model.summary.residual_squares() - pure, lacking, pure, pure_dof)
}

fn f_test(explained: f64, degrees: usize, left: f64, dof: usize) -> Option<Outcome> {
    if degrees == 0 || dof == 0 || left <= 0.0 {
        return None;
    }
    let f = explained.max(0.0) / degrees as f64 / (left / dof as f64);
    Some((f, Some(fisher_upper(f, degrees as f64, dof as f64))))
}
