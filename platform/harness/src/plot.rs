//! A formula beside its data, thinned to what a plot can show.

use contracts::formula::{Band, Curve, Prediction, Predictions};

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

/// What a formula says in one place: its value, and the bands around it where it knows them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The value; not finite where there is none.
    pub value: f64,
    /// Where the mean of many rows there lies.
    pub mean: Option<(f64, f64)>,
    /// Where a single new row lies.
    pub single: Option<(f64, f64)>,
}

impl From<f64> for Place {
    fn from(value: f64) -> Self {
        Self { value, mean: None, single: None }
    }
}

impl Plot {
    /// Predicts the rows to show, and the curve between them where there is a single input. `predict` takes the
    /// inputs as columns; a value that is not finite is no prediction.
    pub fn draw(
        &self,
        question: &Question,
        numbers: &Numbers,
        predict: impl Fn(&[&[f64]]) -> Vec<Place>,
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
        let points = rows.iter().zip(&predicted).enumerate().map(|(at, (&row, place))| {
            let (y, predicted) = (numbers.target[row], place.value.is_finite().then_some(place.value));
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

fn curve(x: &[f64], predict: impl Fn(&[&[f64]]) -> Vec<Place>) -> Curve {
    let (low, high) =
        x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let along: Vec<f64> = (0..CURVE).map(|k| low + (high - low) * k as f64 / (CURVE - 1) as f64).collect();
    let places = predict(&[&along]);
    let drawn: Vec<(f64, Place)> =
        along.into_iter().zip(places).filter(|(_, place)| place.value.is_finite()).collect();
    let band = |ends: fn(&Place) -> Option<(f64, f64)>| {
        let all: Option<Vec<(f64, f64)>> = drawn.iter().map(|(_, place)| ends(place)).collect();
        let (low, high) = all?.into_iter().unzip();
        Some(Band { low, high })
    };
    Curve {
        mean: band(|place| place.mean),
        single: band(|place| place.single),
        x: drawn.iter().map(|(x, _)| *x).collect(),
        y: drawn.iter().map(|(_, place)| place.value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> (Question, Numbers) {
        let x: Vec<f64> = (0..100).map(f64::from).collect();
        let target = x.iter().map(|x| 2.0 * x).collect();
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        (
            question,
            Numbers { inputs: vec![x], target, beside: vec![], words: vec![], rows: None, findings: vec![] },
        )
    }

    fn places(columns: &[&[f64]], f: impl Fn(f64) -> f64) -> Vec<Place> {
        columns[0].iter().map(|&x| Place::from(f(x))).collect()
    }

    #[test]
    fn a_band_runs_along_the_curve() {
        let (question, numbers) = line();
        let around = |c: &[&[f64]]| {
            let place = |&x: &f64| Place { value: x, mean: Some((x - 1.0, x + 1.0)), single: None };
            c[0].iter().map(place).collect()
        };
        let curve = Plot::default().draw(&question, &numbers, around).unwrap().curve.unwrap();
        let band = curve.mean.unwrap();
        assert_eq!((band.low[0], band.high[CURVE - 1], curve.single), (-1.0, 100.0, None));
    }

    #[test]
    fn shows_evenly_spread_rows_and_the_curve_between() {
        let (question, numbers) = line();
        let plot = Plot { x: None, max: Some(10) };
        let drawn = plot.draw(&question, &numbers, |c| places(c, |x| 2.0 * x + 1.0)).unwrap();
        assert_eq!((drawn.points.len(), drawn.points[9].x, drawn.points[9].residual), (10, 99.0, Some(-1.0)));
        assert_eq!(drawn.curve.unwrap().x.len(), CURVE);
    }

    #[test]
    fn leaves_out_places_without_a_value() {
        let (question, numbers) = line();
        let drawn = Plot::default().draw(&question, &numbers, |c| places(c, |x| (x - 50.0).ln()));
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
