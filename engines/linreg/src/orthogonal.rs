//! A polynomial in polynomials that do not disturb each other on the table's rows (Forsythe 1957): each coefficient
//! stays what it is when higher ones are added, and each is tested by itself.

use serde::{Deserialize, Serialize};

use crate::distribution::{student_two_sided, student_two_sided_quantile};
use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::fit::Coefficient;
use crate::table::Table;
use crate::term::quoted;

/// The highest degree.
const MOST: usize = 30;
/// Digits that are printed of the polynomials.
const DIGITS: usize = 6;

/// A polynomial of one input by orthogonal polynomials P0, P1, ….
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrthogonalFit {
    /// The input.
    pub input: String,
    /// α of P(k+1) = (x − αk)·Pk − βk·P(k−1).
    pub shifts: Vec<f64>,
    /// β; the first is not used and 0.
    pub factors: Vec<f64>,
    /// The coefficients of P0, P1, …; `p` says whether the table needs that degree.
    pub coefficients: Vec<Coefficient>,
}

/// Fits a polynomial by orthogonal polynomials of the input's rows.
///
/// # Errors
///
/// An unknown input; a degree above 30, or not below the number of different values; a confidence outside 0 to 1.
pub fn fit_orthogonal(
    table: &Table,
    input: &str,
    degree: usize,
    confidence: f64,
) -> Result<OrthogonalFit, Error> {
    let place = table.names().iter().position(|name| name == input);
    let place = place.ok_or_else(|| Error::UnknownInput { name: input.to_owned() })?;
    let x = &table.columns()[place];
    if degree > MOST {
        return Err(Error::BadOption { option: "degree", value: degree as f64, range: "0 to 30" });
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(Error::BadOption {
            option: "confidence",
            value: confidence,
            range: "above 0 and below 1",
        });
    }
    let mut different = x.clone();
    different.sort_unstable_by(f64::total_cmp);
    different.dedup();
    if different.len() <= degree {
        return Err(Error::TooFewRows { rows: different.len(), coefficients: degree + 1 });
    }
    let rows = x.len();
    let mut residuals: Vec<DoubleDouble> = table.target().iter().map(|&y| DoubleDouble::from(y)).collect();
    let (mut before, mut now) = (vec![DoubleDouble::default(); rows], vec![DoubleDouble::from(1.0); rows]);
    let (mut shifts, mut factors) = (Vec::new(), Vec::new());
    let mut found = Vec::with_capacity(degree + 1);
    let mut last_square = DoubleDouble::from(1.0);
    for k in 0..=degree {
        let square = sum(&now, |p, _| p * p);
        let value = sum(&now, |p, row| p * residuals[row]) / square;
        for (residual, &p) in residuals.iter_mut().zip(&now) {
            *residual = *residual - value * p;
        }
        found.push((value.hi(), square.hi()));
        let shift = sum(&now, |p, row| p * p * DoubleDouble::from(x[row])) / square;
        let factor = if k == 0 { DoubleDouble::default() } else { square / last_square };
        let next = (0..rows)
            .map(|row| (DoubleDouble::from(x[row]) - shift) * now[row] - factor * before[row])
            .collect();
        before = std::mem::replace(&mut now, next);
        last_square = square;
        if k < degree {
            shifts.push(shift.hi());
            factors.push(factor.hi());
        }
    }
    let dof = rows - degree - 1;
    let squares: f64 = residuals.iter().map(|residual| residual.hi().powi(2)).sum();
    let variance = (dof > 0).then(|| squares / dof as f64);
    let reach = (dof > 0).then(|| student_two_sided_quantile(1.0 - confidence, dof as f64));
    let describe = |(k, (value, square)): (usize, (f64, f64))| {
        let std_error = variance.map(|variance| (variance / square).sqrt());
        let t = std_error.map(|error| value / error).filter(|t| t.is_finite());
        Coefficient {
            term: format!("P{k}"),
            value,
            rounded: crate::rounding::to_digits(value, DIGITS),
            std_error,
            t,
            p: t.map(|t| student_two_sided(t, dof as f64)),
            low: std_error.zip(reach).map(|(error, reach)| value - reach * error),
            high: std_error.zip(reach).map(|(error, reach)| value + reach * error),
        }
    };
    let coefficients = found.into_iter().enumerate().map(describe).collect();
    Ok(OrthogonalFit { input: input.to_owned(), shifts, factors, coefficients })
}

fn sum(now: &[DoubleDouble], part: impl Fn(DoubleDouble, usize) -> DoubleDouble) -> DoubleDouble {
    now.iter().enumerate().fold(DoubleDouble::default(), |all, (row, &p)| all + part(p, row))
}

impl OrthogonalFit {
    /// The polynomial's value in places of the input.
    pub fn predict(&self, x: &[f64]) -> Vec<f64> {
        x.iter().map(|&x| self.values(x).zip(&self.coefficients).map(|(p, c)| p * c.value).sum()).collect()
    }

    fn values(&self, x: f64) -> impl Iterator<Item = f64> {
        let (mut before, mut now) = (0.0, 1.0);
        let steps = self.shifts.iter().zip(&self.factors).map(move |(shift, factor)| {
            let next = (x - shift) * now - factor * before;
            (before, now) = (now, next);
            next
        });
        std::iter::once(1.0).chain(steps)
    }

    /// The polynomials as a person would write them down: `P1 = x - 5`, `P2 = (x - 5)*P1 - 10`.
    pub fn polynomials(&self) -> Vec<String> {
        let digits = |value: f64| crate::rounding::to_digits(value, DIGITS);
        let signed = |value: f64| {
            let value = digits(value);
            if value < 0.0 { format!("+ {}", -value) } else { format!("- {value}") }
        };
        let name = quoted(&self.input);
        let step = |(k, (&shift, &factor)): (usize, (&f64, &f64))| {
            let shifted =
                if digits(shift) == 0.0 { name.clone() } else { format!("{name} {}", signed(shift)) };
            match k {
                0 => format!("P1 = {shifted}"),
                1 => format!("P2 = ({shifted})*P1 {}", signed(factor)),
                _ => format!("P{} = ({shifted})*P{k} {}*P{}", k + 1, signed(factor), k - 1),
            }
        };
        self.shifts.iter().zip(&self.factors).enumerate().map(step).collect()
    }
}
