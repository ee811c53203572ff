//! A formula beside its data, thinned to what a plot can show.

use contracts::formula::{Curve, Prediction, Predictions};

use crate::data_set::{Numbers, Question};
use crate::problem::{Problem, Result};

/// How many places of a curve are computed.
const CURVE: usize = 400;

/// What to plot.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// The column along the horizontal axis; the first input if not given.
    pub x: Option<String>,
    /// How many points at most.
    pub max: Option<u32>,
}

impl Plot {
    /// Predicts the rows to show, and the curve between them where there is a single input. `predict` takes the
    /// inputs as columns; a value that is not finite is no prediction.
    pub fn draw(
        &self,
        question: &Question,
        numbers: &Numbers,
        predict: impl Fn(&[&[f64]]) -> Vec<f64>,
    ) -> Result<Predictions> {
        let max = match self.max.unwrap_or(1000) {
            max @ 1..=10_000 => max as usize,
            other => return Err(Problem::invalid("max", format!("{other} is not within 1 and 10000"))),
        };
        let along = match &self.x {
            None => 0,
            Some(name) => question.inputs.iter().position(|input| input == name).ok_or_else(|| {
                Problem::invalid(
                    "x",
                    format!("'{name}' is no input; there are {}", question.inputs.join(", ")),
                )
            })?,
        };
        let rows = evenly(numbers.target.len(), max);
        let columns: Vec<Vec<f64>> =
            numbers.inputs.iter().map(|column| rows.iter().map(|&row| column[row]).collect()).collect();
        let predicted = predict(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let points = rows.iter().zip(&predicted).enumerate().map(|(at, (&row, &predicted))| {
            let (y, predicted) = (numbers.target[row], predicted.is_finite().then_some(predicted));
            Prediction { x: columns[along][at], y, predicted, residual: predicted.map(|p| y - p) }
        });
        Ok(Predictions {
            x_name: question.inputs[along].clone(),
            y_name: question.target.clone(),
            points: points.collect(),
            curve: (numbers.inputs.len() == 1).then(|| curve(&numbers.inputs[0], predict)),
        })
    }
}

/// At most `max` of `rows` rows, evenly spread, the first and the last among them.
fn evenly(rows: usize, max: usize) -> Vec<usize> {
    if rows <= max {
        return (0..rows).collect();
    }
    (0..max).map(|k| if max == 1 { 0 } else { k * (rows - 1) / (max - 1) }).collect()
}

fn curve(x: &[f64], predict: impl Fn(&[&[f64]]) -> Vec<f64>) -> Curve {
    let (low, high) =
        x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let places: Vec<f64> = (0..CURVE).map(|k| low + (high - low) * k as f64 / (CURVE - 1) as f64).collect();
    let values = predict(&[&places]);
    let (x, y) = places.into_iter().zip(values).filter(|(_, y)| y.is_finite()).unzip();
    Curve { x, y }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> (Question, Numbers) {
        let x: Vec<f64> = (0..100).map(f64::from).collect();
        let target = x.iter().map(|x| 2.0 * x).collect();
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        (question, Numbers { inputs: vec![x], target, findings: vec![] })
    }

    #[test]
    fn shows_evenly_spread_rows_and_the_curve_between() {
        let (question, numbers) = line();
        let plot = Plot { x: None, max: Some(10) };
        let drawn = plot.draw(&question, &numbers, |c| c[0].iter().map(|x| 2.0 * x + 1.0).collect()).unwrap();
        assert_eq!((drawn.points.len(), drawn.points[9].x, drawn.points[9].residual), (10, 99.0, Some(-1.0)));
        assert_eq!(drawn.curve.unwrap().x.len(), CURVE);
    }

    #[test]
    fn leaves_out_places_without_a_value() {
        let (question, numbers) = line();
        let drawn =
            Plot::default().draw(&question, &numbers, |c| c[0].iter().map(|x| (x - 50.0).ln()).collect());
        let drawn = drawn.unwrap();
        assert_eq!(drawn.points[0].predicted, None);
        assert!(drawn.curve.unwrap().y.iter().all(|y| y.is_finite()));
    }

    #[test]
    fn refuses_an_axis_that_is_no_input() {
        let (question, numbers) = line();
        let plot = Plot { x: Some("z".into()), max: None };
        assert_eq!(plot.draw(&question, &numbers, |_| vec![]).unwrap_err().status, 422);
    }
}
