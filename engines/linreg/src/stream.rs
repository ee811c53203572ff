//! Least squares over tables of any length, taken part by part in constant memory (TSQR).
//!
//! The rows are gone once they are taken, so there is no refinement and there are no residuals; parts taken on
//! different threads or machines can be combined.

use crate::error::Error;
use crate::finding::Report;
use crate::fit::{Fit, report};
use crate::inference::classical;
use crate::options::{Covariance, Options, Weighting};
use crate::solve::{DEPENDENT_DOUBLE, solve_triangle};
use crate::summary::{Summary, rounding_noise};
use crate::table::check_value;
use crate::term::Term;
use crate::triangle::Triangle;

/// Rows that go through the decomposition together.
const BLOCK: usize = 128;

/// A fit in the making.
#[derive(Debug, Clone)]
pub struct Stream {
    names: Vec<String>,
    positions: Vec<usize>,
    target: String,
    options: Options,
    terms: Vec<Term>,
    triangle: Triangle<f64>,
    block: Vec<Vec<f64>>,
    rows: usize,
    largest_target: f64,
}

impl Stream {
    /// Begins a fit of a table with these columns.
    ///
    /// # Errors
    ///
    /// Unknown inputs, no term at all; weights and any but the classical covariance, which need the rows again.
    pub fn new(names: Vec<String>, target: impl Into<String>, options: &Options) -> Result<Self, Error> {
        options.check()?;
        let refuse = |option| Error::BadOption { option, value: f64::NAN, range: "what a stream can do" };
        if options.weighting != Weighting::Equal {
            return Err(refuse("weighting"));
        }
        if options.covariance != Covariance::Classical {
            return Err(refuse("covariance"));
        }
        let positions = options.positions(&names)?;
        let terms = options.terms(positions.len());
        let mut factors = terms.iter().flat_map(|term| &term.factors);
        if let Some(outside) = factors.find(|factor| factor.input >= positions.len()) {
            return Err(Error::UnknownInput { name: format!("number {}", outside.input + 1) });
        }
        if terms.is_empty() {
            return Err(Error::NoTerms);
        }
        let order = terms.len() + 1;
        Ok(Self {
            names,
            positions,
            target: target.into(),
            options: options.clone(),
            triangle: Triangle::new(order),
            block: vec![Vec::with_capacity(BLOCK); order],
            terms,
            rows: 0,
            largest_target: 0.0,
        })
    }

    /// Takes further rows, one slice per column; all or none of them.
    ///
    /// # Errors
    ///
    /// Columns that are missing or differ in length, values that are no finite numbers, terms that are not defined.
    pub fn absorb(&mut self, columns: &[&[f64]], target: &[f64]) -> Result<(), Error> {
        self.check(columns, target)?;
        for start in (0..target.len()).step_by(BLOCK) {
            let rows = start..target.len().min(start + BLOCK);
            for (term, entries) in self.terms.iter().zip(&mut self.block) {
                entries.clear();
                match term.plain_input() {
                    Some(input) => entries.extend_from_slice(&columns[self.positions[input]][rows.clone()]),
                    None => entries.extend(
                        rows.clone()
                            .map(|row| term.evaluate(|input| columns[self.positions[input]][row]).hi()),
                    ),
                }
            }
            let last = self.terms.len();
            self.block[last].clear();
            self.block[last].extend_from_slice(&target[rows]);
            self.triangle.absorb(&mut self.block);
        }
        self.rows += target.len();
        self.largest_target = target.iter().fold(self.largest_target, |most, value| most.max(value.abs()));
        Ok(())
    }

    fn check(&self, columns: &[&[f64]], target: &[f64]) -> Result<(), Error> {
        if columns.len() != self.names.len() {
            return Err(Error::NamesAndColumns { names: self.names.len(), columns: columns.len() });
        }
        for (name, column) in self.names.iter().zip(columns) {
            if column.len() != target.len() {
                let (rows, expected) = (column.len(), target.len());
                return Err(Error::LengthsDiffer { column: name.clone(), rows, expected });
            }
        }
        let used = self.positions.iter().map(|&position| (self.names[position].as_str(), columns[position]));
        for (name, values) in used.chain([(self.target.as_str(), target)]) {
            for (row, &value) in values.iter().enumerate() {
                check_value(|| name.to_owned(), self.rows + row, value)?;
            }
        }
        for term in self.terms.iter().filter(|term| term.plain_input().is_none() && !term.is_intercept()) {
            let text = || term.text(&self.inputs());
            let check = |row: usize| {
                let value = term.evaluate(|input| columns[self.positions[input]][row]).hi();
                if !value.is_finite() {
                    return Err(Error::Undefined { term: text(), row: self.rows + row + 1 });
                }
                check_value(text, self.rows + row, value)
            };
            (0..target.len()).try_for_each(check)?;
        }
        Ok(())
    }

    /// Adds the rows that another stream of the same columns and options has taken.
    ///
    /// # Errors
    ///
    /// If the other stream has other terms.
    pub fn combine(&mut self, other: &Self) -> Result<(), Error> {
        if self.inputs() != other.inputs() || self.terms != other.terms || self.target != other.target {
            return Err(Error::NamesAndColumns { names: self.terms.len(), columns: other.terms.len() });
        }
        let mut block: Vec<Vec<f64>> = (0..other.triangle.order)
            .map(|column| {
                let mut entries = other.triangle.column(column).to_vec();
                entries.resize(other.triangle.order, 0.0);
                entries
            })
            .collect();
        self.triangle.absorb(&mut block);
        self.rows += other.rows;
        self.largest_target = self.largest_target.max(other.largest_target);
        Ok(())
    }

    /// The number of rows taken so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The fit of all rows taken so far; more may follow.
    ///
    /// # Errors
    ///
    /// Fewer rows than coefficients.
    pub fn fit(&self) -> Result<Report<Fit>, Error> {
        let width = self.terms.len();
        if self.rows == 0 {
            return Err(Error::NoRows);
        }
        if self.rows < width {
            return Err(Error::TooFewRows { rows: self.rows, coefficients: width });
        }
        let solution = solve_triangle(&self.triangle, &vec![1.0; width + 1], DEPENDENT_DOUBLE);
        let is_centred = self.options.intercept;
        let target = self.triangle.column(width);
        // The intercept is the first column: what the mean explains of the target stands in the first row.
        let total = target[usize::from(is_centred)..].iter().map(|part| part * part).sum();
        let summary = Summary {
            inputs: self.inputs(),
            terms: self.terms.clone(),
            rows: self.rows,
            squares: target[width] * target[width] + solution.left_over,
            solution,
            total,
            target_scale: 1.0,
            is_centred,
            has_error_bars: false,
            log_roots: 0.0,
            noise: rounding_noise(self.largest_target, self.rows),
        };
        Ok(report(&summary, classical(&summary), &self.target, &self.options))
    }

    fn inputs(&self) -> Vec<String> {
        self.positions.iter().map(|&position| self.names[position].clone()).collect()
    }
}
