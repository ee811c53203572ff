//! Least trimmed squares by concentration steps from many small subsets, then one reweighted step
//! (Rousseeuw and Van Driessen 2006).

use super::Estimate;
use crate::design::Design;
use crate::distribution::normal_two_sided_quantile;
use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::inference::Reference;
use crate::model::Model;
use crate::options::Options;
use crate::random::SplitMix;
use crate::solve::solve;
use crate::table::Table;
use crate::triangle::Triangle;

/// Multiplications spent on starting subsets.
const EFFORT: usize = 400_000_000;
/// Starts that are followed to the end.
const FINALISTS: usize = 10;
const MOST_STEPS: usize = 100;

/// The rows in use and their sum of squares.
#[derive(Debug, Clone)]
struct Subset {
    coefficients: Vec<f64>,
    squares: f64,
}

pub(super) fn estimate(table: &Table, options: &Options, seed: u64) -> Result<Estimate, Error> {
    let model = Model::new(table, options)?;
    let (rows, width) = (model.summary.rows(), model.summary.width());
    let half = usize::midpoint(rows, width + 1);
    let best = search(&model, half, seed);
    let scale = consistent_scale(&best, half, rows, width);
    let residuals = residuals_of(&model, &best.coefficients);
    let limit = (super::OUTLYING * scale).max((model.summary.noise / rows as f64).sqrt());
    let weights: Vec<f64> =
        residuals.iter().map(|residual| f64::from(u8::from(residual.abs() <= limit))).collect();
    finish(table, options, &model, weights)
}

/// Least squares on the rows that agree.
fn finish(table: &Table, options: &Options, model: &Model, weights: Vec<f64>) -> Result<Estimate, Error> {
    let mut design = Design::new(table, &options.positions(table.names())?, options)?;
    design.reweigh(weights.iter().map(|&weight| DoubleDouble::from(weight)).collect());
    let (solution, residuals) = solve(&design, options.precision);
    let kept: f64 = weights.iter().sum();
    let dof = kept - solution.kept.len() as f64;
    let squares: f64 =
        residuals.iter().zip(&weights).map(|(residual, weight)| weight * residual * residual).sum();
    let scale = if dof > 0.0 { (squares / dof).sqrt() } else { 0.0 };
    let values: Vec<f64> = solution.coefficients.iter().map(|value| value.hi()).collect();
    let errors: Vec<f64> = solution
        .root
        .iter()
        .map(|row| scale * row.iter().map(|part| part * part).sum::<f64>().sqrt())
        .collect();
    let quantile = if dof > 0.0 { Reference::Student(dof).quantile(options.confidence) } else { f64::NAN };
    let intervals = values.iter().zip(&errors).map(|(v, e)| (v - quantile * e, v + quantile * e)).collect();
    Ok(Estimate {
        inputs: model.summary.inputs.clone(),
        terms: solution.kept.iter().map(|&column| model.design.terms[column].clone()).collect(),
        values,
        std_errors: (dof > 0.0).then_some(errors),
        intervals: Some(intervals),
        scale,
        weights,
        residuals,
    })
}

/// The subset with the smallest sum of squares that any start leads to.
fn search(model: &Model, half: usize, seed: u64) -> Subset {
    let (rows, width) = (model.summary.rows(), model.summary.width());
    let starts = (EFFORT / (rows * (width + 1) * (width + 1) * 3)).clamp(20, 1000);
    let mut random = SplitMix(seed);
    let mut found: Vec<Subset> = Vec::with_capacity(starts + 1);
    let plain: Vec<f64> = model.summary.solution.coefficients.iter().map(|value| value.hi()).collect();
    found.push(concentrate(model, half, &Subset { coefficients: plain, squares: f64::INFINITY }, 2));
    for _ in 0..starts {
        if let Some(coefficients) = elemental(model, &mut random) {
            found.push(concentrate(model, half, &Subset { coefficients, squares: f64::INFINITY }, 2));
        }
    }
    found.sort_by(|a, b| a.squares.total_cmp(&b.squares));
    found.truncate(FINALISTS);
    let finals = found.iter().map(|subset| concentrate(model, half, subset, MOST_STEPS));
    finals.min_by(|a, b| a.squares.total_cmp(&b.squares)).unwrap_or_else(|| found[0].clone())
}

/// Least squares on the rows with the smallest residuals, again and again: the sum of squares never grows.
fn concentrate(model: &Model, half: usize, start: &Subset, steps: usize) -> Subset {
    let mut subset = start.clone();
    for _ in 0..steps {
        let residuals = residuals_of(model, &subset.coefficients);
        let mut order: Vec<usize> = (0..residuals.len()).collect();
        order.select_nth_unstable_by(half - 1, |&a, &b| {
            residuals[a].abs().total_cmp(&residuals[b].abs()).then(a.cmp(&b))
        });
        order.truncate(half);
        order.sort_unstable();
        let Some(next) = least_squares(model, &order) else { break };
        if next.squares >= subset.squares {
            break;
        }
        subset = next;
    }
    subset
}

/// The exact fit through as many random rows as there are coefficients.
fn elemental(model: &Model, random: &mut SplitMix) -> Option<Vec<f64>> {
    let (rows, width) = (model.summary.rows(), model.summary.width());
    let mut chosen: Vec<usize> = Vec::with_capacity(width + 3);
    // A degenerate subset grows by a few rows before it is given up.
    while chosen.len() < rows.min(width + 3) {
        let row = random.below(rows);
        if chosen.contains(&row) {
            continue;
        }
        chosen.push(row);
        if chosen.len() >= width
            && let Some(subset) = least_squares(model, &chosen)
        {
            return Some(subset.coefficients);
        }
    }
    None
}

/// Plain least squares on some rows; `None` where they do not determine the coefficients.
fn least_squares(model: &Model, chosen: &[usize]) -> Option<Subset> {
    let width = model.summary.width();
    let column = |column: usize| chosen.iter().map(|&row| model.design.entry(column, row).hi()).collect();
    let mut block: Vec<Vec<f64>> = model.summary.solution.kept.iter().map(|&at| column(at)).collect();
    block.push(column(model.design.width()));
    let mut triangle = Triangle::<f64>::new(width + 1);
    triangle.absorb(&mut block);
    let mut coefficients = vec![0.0; width];
    for at in (0..width).rev() {
        let known: f64 = (at + 1..width).map(|later| triangle.get(at, later) * coefficients[later]).sum();
        let pivot = triangle.get(at, at);
        let length: f64 = triangle.column(at).iter().map(|entry| entry * entry).sum::<f64>().sqrt();
        if pivot.abs() <= 1e-10 * length {
            return None;
        }
        coefficients[at] = (triangle.get(at, width) - known) / pivot;
    }
    let scale = |column: usize| model.design.scale(column) / model.design.scale(model.design.width());
    for (value, &column) in coefficients.iter_mut().zip(&model.summary.solution.kept) {
        *value *= scale(column);
    }
    Some(Subset {
        coefficients,
        squares: (triangle.get(width, width) / model.design.scale(model.design.width())).powi(2),
    })
}

fn residuals_of(model: &Model, coefficients: &[f64]) -> Vec<f64> {
    let target = model.design.width();
    (0..model.summary.rows())
        .map(|row| {
            let parts = model.summary.solution.kept.iter().zip(coefficients);
            let predicted: f64 =
                parts.map(|(&column, value)| model.design.value(column, row).hi() * value).sum();
            model.design.value(target, row).hi() - predicted
        })
        .collect()
}

/// The scatter of the trimmed rows, corrected for what was trimmed from a normal distribution.
fn consistent_scale(best: &Subset, half: usize, rows: usize, width: usize) -> f64 {
    let share = half as f64 / rows as f64;
    let raw = (best.squares / half as f64).sqrt();
    if share >= 1.0 {
        return raw;
    }
    let q = normal_two_sided_quantile(1.0 - share);
    let density = (-0.5 * q * q).exp() / std::f64::consts::TAU.sqrt();
    let consistency = 1.0 / (1.0 - 2.0 * q * density / share).sqrt();
    // Rousseeuw and Leroy's correction for small tables.
    raw * consistency * (1.0 + 5.0 / rows.saturating_sub(width).max(1) as f64)
}
