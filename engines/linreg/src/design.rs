//! The design matrix: one column per term, kept to 32 digits where a term has them, handed out in scaled blocks.

use std::borrow::Cow;

use crate::double_double::DoubleDouble;
use crate::error::Error;
use crate::options::{Options, Weighting};
use crate::real::Real;
use crate::table::{Table, check_size, check_value};
use crate::term::{Term, Transform};

/// One column: its values, and what rounding took from them.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    hi: Cow<'a, [f64]>,
    lo: Option<Vec<f64>>,
    /// A power of two that brings the weighted column near 1.
    scale: f64,
}

/// The columns of a model for a table, and the target as the last column.
#[derive(Debug)]
pub(crate) struct Design<'a> {
    pub(crate) terms: Vec<Term>,
    columns: Vec<Column<'a>>,
    target: Column<'a>,
    /// √weight per row.
    roots: Option<Vec<DoubleDouble>>,
}

impl<'a> Column<'a> {
    fn new(hi: Cow<'a, [f64]>, lo: Option<Vec<f64>>, roots: Option<&[DoubleDouble]>) -> Self {
        let largest = match roots {
            None => hi.iter().fold(0.0_f64, |most, value| most.max(value.abs())),
            Some(roots) => hi.iter().zip(roots).fold(0.0_f64, |most, (v, w)| most.max((v * w.hi()).abs())),
        };
        Self { hi, lo, scale: nearby_power_of_two(largest) }
    }

    /// The value as it stands in the model, unweighted and unscaled.
    fn wide(&self, row: usize) -> DoubleDouble {
        match &self.lo {
            None => DoubleDouble::from(self.hi[row]),
            Some(lo) => DoubleDouble::of_sum(self.hi[row], lo[row]),
        }
    }
}

impl<'a> Design<'a> {
    /// Evaluates the terms on the chosen inputs of a table.
    pub(crate) fn new(table: &'a Table, positions: &[usize], options: &Options) -> Result<Self, Error> {
        let terms = options.terms(positions.len());
        if terms.is_empty() {
            return Err(Error::NoTerms);
        }
        let roots = roots_of_weights(&options.weighting, table.rows())?;
        let columns = terms
            .iter()
            .map(|term| {
                evaluate(term, table, positions).map(|(hi, lo)| Column::new(hi, lo, roots.as_deref()))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let target = Column::new(Cow::Borrowed(table.target()), None, roots.as_deref());
        Ok(Self { terms, columns, target, roots })
    }

    pub(crate) fn rows(&self) -> usize {
        self.target.hi.len()
    }

    /// The number of coefficients.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The factor that brings a column (the target at `width()`) near 1.
    pub(crate) fn scale(&self, column: usize) -> f64 {
        self.column(column).scale
    }

    /// Whether all columns are exact to 32 digits: all terms are powers of the same input.
    pub(crate) fn is_exact_polynomial(&self) -> bool {
        let mut factors = self.terms.iter().flat_map(|term| &term.factors);
        let first = self.terms.iter().find_map(|term| term.factors.first());
        factors.all(|factor| {
            Some(factor.input) == first.map(|factor| factor.input)
                && matches!(factor.transform, Transform::Power(_) | Transform::Hinge { .. })
        })
    }

    /// √weight of a row.
    pub(crate) fn root(&self, row: usize) -> DoubleDouble {
        self.roots.as_ref().map_or(DoubleDouble::from(1.0), |roots| roots[row])
    }

    /// Counts each row by the square of its root from now on.
    pub(crate) fn reweigh(&mut self, roots: Vec<DoubleDouble>) {
        self.roots = Some(roots);
    }

    /// Whether rows have weights.
    pub(crate) fn is_weighted(&self) -> bool {
        self.roots.is_some()
    }

    /// A scaled, weighted entry; the target is column `width()`.
    pub(crate) fn entry(&self, column: usize, row: usize) -> DoubleDouble {
        let column = self.column(column);
        let scaled = column.wide(row) * DoubleDouble::from(column.scale);
        match &self.roots {
            None => scaled,
            Some(roots) => scaled * roots[row],
        }
    }

    /// The scaled, weighted entries of a column from `start` on; the target is column `width()`.
    pub(crate) fn fill<R: Real>(&self, column: usize, start: usize, block: &mut [R]) {
        let part = self.column(column);
        if part.lo.is_none() && self.roots.is_none() {
            for (entry, value) in block.iter_mut().zip(&part.hi[start..]) {
                *entry = R::from(value * part.scale);
            }
        } else {
            for (offset, entry) in block.iter_mut().enumerate() {
                *entry = R::of(self.entry(column, start + offset));
            }
        }
    }

    /// The values of a column as they stand in the model, and what rounding took from them.
    pub(crate) fn parts(&self, column: usize) -> (&[f64], Option<&[f64]>) {
        let column = self.column(column);
        (&column.hi, column.lo.as_deref())
    }

    /// A value as it stands in the model, unweighted and unscaled.
    pub(crate) fn value(&self, column: usize, row: usize) -> DoubleDouble {
        self.column(column).wide(row)
    }

    fn column(&self, column: usize) -> &Column<'a> {
        self.columns.get(column).unwrap_or(&self.target)
    }
}

/// The power of two next to 1/value, so that scaling is exact; 1 for 0. Beyond 2^900 splitting a product overflows.
fn nearby_power_of_two(value: f64) -> f64 {
    if value == 0.0 { 1.0 } else { (-value.log2().floor()).clamp(-900.0, 900.0).exp2() }
}

fn roots_of_weights(weighting: &Weighting, rows: usize) -> Result<Option<Vec<DoubleDouble>>, Error> {
    let (values, name) = match weighting {
        Weighting::Equal => return Ok(None),
        Weighting::Weights(values) => (values, "weights"),
        Weighting::ErrorBars(values) => (values, "error bars"),
    };
    if values.len() != rows {
        return Err(Error::LengthsDiffer { column: name.to_owned(), rows: values.len(), expected: rows });
    }
    if let Some(row) = values.iter().position(|value| !(value.is_finite() && *value > 0.0)) {
        return Err(Error::BadWeight { row: row + 1, value: values[row] });
    }
    let root = |&value: &f64| match weighting {
        Weighting::ErrorBars(_) => DoubleDouble::from(1.0) / DoubleDouble::from(value),
        _ => DoubleDouble::from(value).sqrt(),
    };
    Ok(Some(values.iter().map(root).collect()))
}

type Values<'a> = (Cow<'a, [f64]>, Option<Vec<f64>>);

fn evaluate<'a>(term: &Term, table: &'a Table, positions: &[usize]) -> Result<Values<'a>, Error> {
    if let Some(outside) = term.factors.iter().find(|factor| factor.input >= positions.len()) {
        return Err(Error::UnknownInput { name: format!("number {}", outside.input + 1) });
    }
    if let Some(input) = term.plain_input() {
        return Ok((Cow::Borrowed(&table.columns()[positions[input]]), None));
    }
    if term.is_intercept() {
        return Ok((Cow::Owned(vec![1.0; table.rows()]), None));
    }
    let text = || {
        let names: Vec<String> = positions.iter().map(|&position| table.names()[position].clone()).collect();
        term.text(&names)
    };
    let (mut hi, mut lo) = (Vec::with_capacity(table.rows()), Vec::with_capacity(table.rows()));
    for row in 0..table.rows() {
        let value = term.evaluate(|input| table.columns()[positions[input]][row]);
        if !value.hi().is_finite() {
            return Err(Error::Undefined { term: text(), row: row + 1 });
        }
        check_value(text, row, value.hi())?;
        hi.push(value.hi());
        lo.push(if value.lo().is_finite() { value.lo() } else { 0.0 });
    }
    check_size(&text(), &hi)?;
    let lo = lo.iter().any(|&part| part != 0.0).then_some(lo);
    Ok((Cow::Owned(hi), lo))
}
