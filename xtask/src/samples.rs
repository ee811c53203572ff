//! `cargo xtask samples`: writes the exercise's three data sets under `samples/exercise/`; `cargo xtask samples cases`
//! drafts the larger cases.
//!
//! The rule: `count` points from `first` to `last` in equal steps, x = first + i·(last − first)/(count − 1) in
//! f64, y by the formula as written; both printed as the shortest text that reads back as the same f64.

mod cases;

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

struct Exercise {
    number: u32,
    first: f64,
    last: f64,
    count: u32,
    function: fn(f64) -> f64,
}

/// The ranges of 2 and 3 are the ones whose straight lines have the published digits, see `samples/exercise/SOURCE.md`.
const EXERCISES: [Exercise; 3] = [
    Exercise { number: 1, first: -5.0, last: 10.0, count: 1000, function: |x| 3.0 * x + 4.0 },
    Exercise { number: 2, first: -7.0, last: 6.0, count: 200, function: |x| 3.0 * (x * x) + 1.0 },
    Exercise { number: 3, first: -7.0, last: 6.0, count: 200, function: |x| 2.0 * (x + 1.0).powi(3) + 3.0 },
];

impl Exercise {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let span = self.last - self.first;
        (0..self.count).map(move |index| {
            let x = self.first + f64::from(index) * span / f64::from(self.count - 1);
            (x, (self.function)(x))
        })
    }

    fn table(&self) -> String {
        let mut text = String::from("x,y\n");
        for (x, y) in self.points() {
            writeln!(text, "{x},{y}").expect("writing to a string cannot fail");
        }
        text
    }

    fn path(&self) -> std::path::PathBuf {
        crate::process::root().join(format!("samples/exercise/{}.csv", self.number))
    }
}

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => {}
        [what] if what == "cases" => return cases::draft(),
        _ => bail!("usage: cargo xtask samples [cases]"),
    }
    for exercise in &EXERCISES {
        let path = exercise.path();
        fs::write(&path, exercise.table()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slope and intercept of the least-squares line.
    fn line(points: &[(f64, f64)]) -> (f64, f64) {
        let count = points.len() as f64;
        let mean_x = points.iter().map(|point| point.0).sum::<f64>() / count;
        let mean_y = points.iter().map(|point| point.1).sum::<f64>() / count;
        let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        let slope = covariance / variance;
        (slope, mean_y - slope * mean_x)
    }

    #[test]
    fn the_stored_tables_are_fresh() {
        for exercise in &EXERCISES {
            let stored = fs::read_to_string(exercise.path()).unwrap();
            assert!(stored == exercise.table(), "run `cargo xtask samples`: {} is stale", exercise.number);
        }
    }

    #[test]
    fn the_first_points_have_the_published_digits() {
        let points: Vec<_> = EXERCISES[0].points().take(3).collect();
        let published = [
            (-5.0, -11.0),
            (-4.984_984_984_984_99, -10.954_954_954_955),
            (-4.969_969_969_969_97, -10.909_909_909_909_9),
        ];
        for (point, expected) in points.iter().zip(published) {
            assert!(
                (point.0 - expected.0).abs() < 1e-14 && (point.1 - expected.1).abs() < 1e-12,
                "{point:?}"
            );
        }
    }

    #[test]
    fn the_straight_lines_have_the_published_digits() {
        let published =
            [("3.0000000000", "4.0000"), ("-3.0000000000", "42.9246"), ("52.7078407110", "72.2785")];
        for (exercise, (slope, intercept)) in EXERCISES.iter().zip(published) {
            let fitted = line(&exercise.points().collect::<Vec<_>>());
            assert!((fitted.0 - slope.parse::<f64>().unwrap()).abs() < 6e-10, "{fitted:?}");
            assert!((fitted.1 - intercept.parse::<f64>().unwrap()).abs() < 1e-4, "{fitted:?}");
        }
    }

    #[test]
    fn the_last_point_is_the_end_of_the_range() {
        for exercise in &EXERCISES {
            assert_eq!(exercise.points().last().unwrap().0, exercise.last);
        }
    }
}
