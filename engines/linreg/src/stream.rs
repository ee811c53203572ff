//! Least squares over tables of any length, taken part by part in constant memory (TSQR).
//!
//! The rows are gone once they are taken, so there is no refinement and there are no residuals; parts taken on
//! different threads or machines can be combined. What needs the residuals, the covariance for uneven scatter, takes
//! the rows a second time: [`Stream::revisit`].

use crate::covariance::{Sandwich, classical};
use crate::error::Error;
use crate::finding::Report;
use crate::fit::{Fit, report};
use crate::options::{Covariance, Options, Weighting};
use crate::real::Real;
use crate::solve::{DEPENDENT_DOUBLE, project, solve_triangle};
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
    /// Σ ln √w.
    log_roots: f64,
}

/// Some rows, one slice per column.
#[derive(Clone, Copy)]
struct Rows<'a> {
    columns: &'a [&'a [f64]],
    target: &'a [f64],
    weights: Option<&'a [f64]>,
}

impl Stream {
    /// Begins a fit of a table with these columns.
    ///
    /// # Errors
    ///
    /// Unknown inputs, no term at all; weights in the options (they come with the rows) and groups.
    pub fn new(names: Vec<String>, target: impl Into<String>, options: &Options) -> Result<Self, Error> {
        options.check()?;
        let refuse = |option| Error::BadOption { option, value: f64::NAN, range: "what a stream can do" };
        if options.weighting != Weighting::Equal {
            return Err(refuse("weighting"));
        }
        if matches!(options.covariance, Covariance::Clustered(_)) {
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
            log_roots: 0.0,
        })
    }

    /// Takes further rows, one slice per column; all or none of them.
    ///
    /// # Errors
    ///
    /// Columns that are missing or differ in length, values that are no finite numbers, terms that are not defined.
    pub fn absorb(&mut self, columns: &[&[f64]], target: &[f64]) -> Result<(), Error> {
        self.take(Rows { columns, target, weights: None })
    }

    /// The same with the weight of each row (an inverse variance up to a factor).
    ///
    /// # Errors
    ///
    /// As [`Stream::absorb`]; weights that are no finite numbers above 0.
    pub fn absorb_weighted(
        &mut self,
        columns: &[&[f64]],
        target: &[f64],
        weights: &[f64],
    ) -> Result<(), Error> {
        self.take(Rows { columns, target, weights: Some(weights) })
    }

    fn take(&mut self, rows: Rows) -> Result<(), Error> {
        self.check(rows)?;
        let mut block = std::mem::take(&mut self.block);
        for start in (0..rows.target.len()).step_by(BLOCK) {
            self.fill(&mut block, rows, start);
            self.triangle.absorb(&mut block);
        }
        self.block = block;
        self.rows += rows.target.len();
        let size = |(row, y): (usize, &f64)| (y * rows.weights.map_or(1.0, |w| w[row].sqrt())).abs();
        self.largest_target = rows.target.iter().enumerate().map(size).fold(self.largest_target, f64::max);
        self.log_roots += rows.weights.map_or(0.0, |w| w.iter().map(|w| 0.5 * w.ln()).sum());
        Ok(())
    }

    /// The weighted terms and the target of the rows from `start` on.
    fn fill(&self, block: &mut [Vec<f64>], rows: Rows, start: usize) {
        let range = start..rows.target.len().min(start + BLOCK);
        let column = |input: usize| rows.columns[self.positions[input]];
        for (term, entries) in self.terms.iter().zip(&mut *block) {
            entries.clear();
            if let Some(input) = term.plain_input() {
                entries.extend_from_slice(&column(input)[range.clone()]);
            } else {
                let value = |row: usize| term.evaluate(|input| column(input)[row]).hi();
                entries.extend(range.clone().map(value));
            }
        }
        let last = self.terms.len();
        block[last].clear();
        block[last].extend_from_slice(&rows.target[range.clone()]);
        if let Some(weights) = rows.weights {
            for entries in block {
                entries.iter_mut().zip(&weights[range.clone()]).for_each(|(entry, w)| *entry *= w.sqrt());
            }
        }
    }

    fn check(&self, rows: Rows) -> Result<(), Error> {
        let Rows { columns, target, weights } = rows;
        if columns.len() != self.names.len() {
            return Err(Error::NamesAndColumns { names: self.names.len(), columns: columns.len() });
        }
        for (name, column) in self.names.iter().zip(columns) {
            check_length(name, column, target)?;
        }
        let used = self.positions.iter().map(|&position| (self.names[position].as_str(), columns[position]));
        for (name, values) in used.chain([(self.target.as_str(), target)]) {
            for (row, &value) in values.iter().enumerate() {
                check_value(|| name.to_owned(), self.rows + row, value)?;
            }
        }
        if let Some(weights) = weights {
            check_length("weights", weights, target)?;
            if let Some(row) = weights.iter().position(|w| !(w.is_finite() && *w > 0.0)) {
                return Err(Error::BadWeight { row: self.rows + row + 1, value: weights[row] });
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
        self.log_roots += other.log_roots;
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
    /// Fewer rows than coefficients; a covariance that needs the rows again ([`Stream::revisit`]).
    pub fn fit(&self) -> Result<Report<Fit>, Error> {
        if self.options.covariance != Covariance::Classical {
            let range = "what one pass can do: take the rows again by revisit";
            return Err(Error::BadOption { option: "covariance", value: f64::NAN, range });
        }
        let summary = self.summary()?;
        Ok(report(&summary, classical(&summary), &self.target, &self.options))
    }

    /// Begins to take all rows a second time, in any parts but the same order of columns.
    ///
    /// # Errors
    ///
    /// Fewer rows than coefficients.
    pub fn revisit(&self) -> Result<Revisit<'_>, Error> {
        let summary = self.summary()?;
        let sandwich = Sandwich::new(&self.options.covariance, summary.width());
        Ok(Revisit { stream: self, block: self.block.clone(), summary, sandwich, rows: 0 })
    }

    fn summary(&self) -> Result<Summary, Error> {
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
        Ok(Summary {
            inputs: self.inputs(),
            terms: self.terms.clone(),
            rows: self.rows,
            squares: target[width] * target[width] + solution.left_over,
            solution,
            total,
            target_scale: 1.0,
            is_centred,
            has_error_bars: false,
            log_roots: self.log_roots,
            noise: rounding_noise(self.largest_target, self.rows),
        })
    }

    fn inputs(&self) -> Vec<String> {
        self.positions.iter().map(|&position| self.names[position].clone()).collect()
    }
}

fn check_length(name: &str, column: &[f64], target: &[f64]) -> Result<(), Error> {
    if column.len() == target.len() {
        return Ok(());
    }
    let (rows, expected) = (column.len(), target.len());
    Err(Error::LengthsDiffer { column: name.to_owned(), rows, expected })
}

/// A stream's rows, taken again with the coefficients known.
pub struct Revisit<'a> {
    stream: &'a Stream,
    block: Vec<Vec<f64>>,
    summary: Summary,
    sandwich: Sandwich<'a>,
    rows: usize,
}

impl Revisit<'_> {
    /// Takes further rows again; weights, if the rows came with them.
    ///
    /// # Errors
    ///
    /// As [`Stream::absorb`].
    pub fn absorb(
        &mut self,
        columns: &[&[f64]],
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<(), Error> {
        let rows = Rows { columns, target, weights };
        self.stream.check(rows)?;
        let solution = &self.summary.solution;
        let values: Vec<f64> = solution.coefficients.iter().map(|value| value.hi()).collect();
        let mut entries = vec![0.0; solution.kept.len()];
        for start in (0..target.len()).step_by(BLOCK) {
            self.stream.fill(&mut self.block, rows, start);
            let last = &self.block[self.stream.terms.len()];
            for (row, y) in last.iter().enumerate() {
                for (entry, &column) in entries.iter_mut().zip(&solution.kept) {
                    *entry = self.block[column][row];
                }
                let error = y - f64::dot(&entries, &values);
                self.sandwich.add(&project(&solution.root, &entries), error);
            }
        }
        self.rows += target.len();
        Ok(())
    }

    /// The fit with the covariance asked for.
    ///
    /// # Errors
    ///
    /// If fewer or more rows were taken than the first time.
    pub fn fit(self) -> Result<Report<Fit>, Error> {
        if self.rows != self.stream.rows {
            let (rows, expected) = (self.rows, self.stream.rows);
            return Err(Error::LengthsDiffer { column: self.stream.target.clone(), rows, expected });
        }
        let options = &self.stream.options;
        let covariance = match options.covariance {
            Covariance::Classical => classical(&self.summary),
            _ => self.sandwich.finish(&self.summary),
        };
        Ok(report(&self.summary, covariance, &self.stream.target, options))
    }
}
