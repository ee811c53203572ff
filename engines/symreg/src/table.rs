//! The table a formula is sought for: named input columns and one target, all finite.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::Error;

/// The most input columns a table may have.
const MAX_COLUMNS: usize = 4096;

/// Named input columns and a named target, of equal length, without NaN or infinity.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    names: Arc<[String]>,
    columns: Vec<Vec<f64>>,
    target_name: String,
    target: Vec<f64>,
    /// How much each row counts, on average one; absent when all count the same.
    weights: Option<Vec<f64>>,
}

impl Table {
    /// Checks and takes the columns. Errors name the column and the row (counted from 1).
    pub fn new(
        names: Vec<String>,
        columns: Vec<Vec<f64>>,
        target_name: String,
        target: Vec<f64>,
    ) -> Result<Self, Error> {
        if names.len() != columns.len() {
            return Err(Error::NamesDiffer { names: names.len(), columns: columns.len() });
        }
        if columns.is_empty() {
            return Err(Error::NoInputs);
        }
        if columns.len() > MAX_COLUMNS {
            return Err(Error::TooManyColumns { columns: columns.len(), limit: MAX_COLUMNS });
        }
        if target.is_empty() {
            return Err(Error::NoRows);
        }
        let mut seen = HashSet::new();
        for name in &names {
            if !seen.insert(name.as_str()) {
                return Err(Error::DuplicateName { name: name.clone() });
            }
        }
        for (name, column) in names.iter().zip(&columns) {
            if column.len() != target.len() {
                return Err(Error::LengthsDiffer {
                    column: name.clone(),
                    rows: column.len(),
                    expected: target.len(),
                });
            }
            refuse_non_finite(name, column)?;
        }
        refuse_non_finite(&target_name, &target)?;
        Ok(Self { names: names.into(), columns, target_name, target, weights: None })
    }

    /// The table with weights: a row of weight 2 counts as two equal rows. For error bars sigma the weights are
    /// `1/sigma^2`. Only their proportions matter.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, Error> {
        if weights.len() != self.rows() {
            let column = "weights".to_owned();
            return Err(Error::LengthsDiffer { column, rows: weights.len(), expected: self.rows() });
        }
        if let Some(row) = weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
            return Err(Error::Weight { row: row + 1 });
        }
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        if mean <= 0.0 || !mean.is_finite() {
            return Err(Error::Weight { row: 1 });
        }
        self.weights = Some(weights.into_iter().map(|w| w / mean).collect());
        Ok(self)
    }

    /// The weights of the rows, scaled to a mean of one, where there are any.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    /// The names of the input columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The input columns.
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The target's name.
    pub fn target_name(&self) -> &str {
        &self.target_name
    }

    /// The target column.
    pub fn target(&self) -> &[f64] {
        &self.target
    }

    /// Some of the rows; their weights count among themselves, or not at all where all are zero.
    pub(crate) fn of_rows(&self, rows: &[usize]) -> Self {
        let taken = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
        let part = Self {
            names: self.shared_names(),
            columns: self.columns.iter().map(|column| taken(column)).collect(),
            target_name: self.target_name.clone(),
            target: taken(&self.target),
            weights: None,
        };
        let weights = self.weights.as_deref().map(taken);
        let weighted = weights.and_then(|weights| part.clone().with_weights(weights).ok());
        weighted.unwrap_or(part)
    }

    pub(crate) fn shared_names(&self) -> Arc<[String]> {
        Arc::clone(&self.names)
    }
}

fn refuse_non_finite(name: &str, column: &[f64]) -> Result<(), Error> {
    match column.iter().position(|v| !v.is_finite()) {
        Some(row) => Err(Error::NotFinite { column: name.to_owned(), row: row + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: Vec<Vec<f64>>, target: Vec<f64>) -> Result<Table, Error> {
        let names = (0..columns.len()).map(|i| format!("x{i}")).collect();
        Table::new(names, columns, "y".into(), target)
    }

    #[test]
    fn names_the_cell_that_is_not_finite() {
        let error = table(vec![vec![1.0, f64::NAN]], vec![1.0, 2.0]).unwrap_err();
        assert_eq!(error, Error::NotFinite { column: "x0".into(), row: 2 });
        let error = table(vec![vec![1.0, 2.0]], vec![f64::INFINITY, 2.0]).unwrap_err();
        assert_eq!(error, Error::NotFinite { column: "y".into(), row: 1 });
    }

    #[test]
    fn refuses_lengths_that_differ() {
        let error = table(vec![vec![1.0, 2.0], vec![1.0]], vec![1.0, 2.0]).unwrap_err();
        assert_eq!(error, Error::LengthsDiffer { column: "x1".into(), rows: 1, expected: 2 });
    }

    #[test]
    fn refuses_an_empty_table_and_equal_names() {
        assert_eq!(table(vec![vec![]], vec![]).unwrap_err(), Error::NoRows);
        assert_eq!(table(vec![], vec![1.0]).unwrap_err(), Error::NoInputs);
        let twice = Table::new(vec!["a".into(), "a".into()], vec![vec![1.0]; 2], "y".into(), vec![1.0]);
        assert_eq!(twice.unwrap_err(), Error::DuplicateName { name: "a".into() });
    }
}
