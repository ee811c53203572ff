//! The table to fit: named input columns and one target, checked once so that nothing behind has to.

use crate::error::Error;

/// Beyond this magnitude products of sums of squares may overflow.
const LARGEST: f64 = 1e100;
/// A column that stays below this magnitude would get coefficients that overflow.
const SMALLEST: f64 = 1e-100;

/// Finite numbers by column; all columns have the target's length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
    target_name: String,
    target: Vec<f64>,
}

impl Table {
    /// Checks and takes the columns.
    pub fn new(
        names: Vec<String>,
        columns: Vec<Vec<f64>>,
        target_name: impl Into<String>,
        target: Vec<f64>,
    ) -> Result<Self, Error> {
        let target_name = target_name.into();
        if names.len() != columns.len() {
            return Err(Error::NamesAndColumns { names: names.len(), columns: columns.len() });
        }
        if target.is_empty() {
            return Err(Error::NoRows);
        }
        let mut seen = std::collections::BTreeSet::from([target_name.as_str()]);
        for name in &names {
            if !seen.insert(name) {
                return Err(Error::DuplicateName { name: name.clone() });
            }
        }
        check_values(&target_name, &target)?;
        for (name, column) in names.iter().zip(&columns) {
            if column.len() != target.len() {
                return Err(Error::LengthsDiffer {
                    column: name.clone(),
                    rows: column.len(),
                    expected: target.len(),
                });
            }
            check_values(name, column)?;
        }
        Ok(Self { names, columns, target_name, target })
    }

    /// The names of the inputs.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values of the inputs, in the order of [`Table::names`].
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The name of the target.
    pub fn target_name(&self) -> &str {
        &self.target_name
    }

    /// The values of the target.
    pub fn target(&self) -> &[f64] {
        &self.target
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    /// The position of an input.
    pub fn position(&self, name: &str) -> Result<usize, Error> {
        self.names
            .iter()
            .position(|candidate| candidate == name)
            .ok_or_else(|| Error::UnknownInput { name: name.to_owned() })
    }
}

fn check_values(name: &str, values: &[f64]) -> Result<(), Error> {
    values.iter().enumerate().try_for_each(|(row, &value)| check_value(|| name.to_owned(), row, value))?;
    check_size(name, values)
}

/// Refuses a column without a value of useful size; a column of zeros is no error.
pub(crate) fn check_size(name: &str, values: &[f64]) -> Result<(), Error> {
    let largest = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    if largest > 0.0 && largest < SMALLEST {
        return Err(Error::TooSmall { column: name.to_owned(), largest });
    }
    Ok(())
}

/// Refuses a value that cannot be fitted; the row counts from 0.
pub(crate) fn check_value(name: impl FnOnce() -> String, row: usize, value: f64) -> Result<(), Error> {
    if !value.is_finite() {
        return Err(Error::NotFinite { column: name(), row: row + 1, value });
    }
    if value.abs() > LARGEST {
        return Err(Error::TooLarge { column: name(), row: row + 1, value });
    }
    Ok(())
}
