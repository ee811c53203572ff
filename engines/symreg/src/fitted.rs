//! A formula with fitted numbers and what is known of them: standard errors, intervals, bands for predictions.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::expr::{Expr, Node};
use crate::fitting::{gradients, opened};
use crate::front::Judge;
use crate::options::Options;
use crate::student;
use crate::table::Table;

/// Rows predicted at a time.
const BLOCK: usize = 4096;

/// How the measurements scatter around a formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scatter {
    /// By the same everywhere.
    #[default]
    Constant,
    /// In proportion to the value: what is fitted are ratios.
    InProportion,
}

/// A parameter of a fitted formula.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in the formula.
    pub name: String,
    /// The value that fits best.
    pub value: f64,
    /// Its standard error; infinite where the rows do not determine it.
    pub standard_error: f64,
    /// The ends of its 95 % interval from the curvature at the best fit, by Student's t.
    pub interval: (f64, f64),
    /// The ends of its 95 % interval from the profile of the likelihood: not symmetric where the formula bends.
    /// Infinite on a side where no value can be ruled out; none where it was not followed to its end.
    pub profile: Option<(f64, f64)>,
}

/// A formula with fitted parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The formula with the values in place of the parameters.
    pub expr: Expr,
    /// The parameters in the order they occur.
    pub parameters: Vec<Parameter>,
    /// The weighted sum of squared residuals; of those relative to the target where they scatter in proportion.
    pub residual_sum_of_squares: f64,
    /// The residuals' standard deviation, by the degrees of freedom; relative to the value where they scatter in
    /// proportion.
    pub residual_deviation: f64,
    /// How the measurements scatter.
    pub scatter: Scatter,
    /// Rows less parameters.
    pub degrees_of_freedom: usize,
    /// The share of the target's variance explained.
    pub r2: f64,
    /// The length of the description of formula, numbers and residuals, in nats, as searches tell it.
    pub description_length: f64,
    /// The parameters' covariance matrix.
    pub covariance: Vec<Vec<f64>>,
    /// The formula over columns and parameters.
    pub(crate) form: Expr,
}

/// What the bands of a fitted formula are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// The formula over columns and, after them, parameters.
    pub form: Expr,
    /// The parameters' values, in the order of their names in the form.
    pub values: Vec<f64>,
    /// Their covariance matrix.
    pub covariance: Vec<Vec<f64>>,
    /// The residuals' standard deviation, see [`Fitted::residual_deviation`].
    pub residual_deviation: f64,
    /// How the measurements scatter.
    pub scatter: Scatter,
    /// Rows less parameters.
    pub degrees_of_freedom: usize,
}

/// What a fitted formula says of one row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The value.
    pub value: f64,
    /// Its standard error, from those of the parameters.
    pub standard_error: f64,
    /// The 95 % band of the formula's value.
    pub confidence: (f64, f64),
    /// The 95 % band of a new measurement.
    pub measurement: (f64, f64),
}

impl Fitted {
    /// The formula over columns and parameters, by whose names the latter are known.
    pub fn form(&self) -> &Expr {
        &self.form
    }

    /// The values and their bands for new rows, given as columns in the table's order.
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<Prediction> {
        self.bands().predict(columns)
    }

    /// What its bands are made of, to be kept without the rest.
    pub fn bands(&self) -> Bands {
        Bands {
            form: self.form.clone(),
            values: self.parameters.iter().map(|parameter| parameter.value).collect(),
            covariance: self.covariance.clone(),
            residual_deviation: self.residual_deviation,
            scatter: self.scatter,
            degrees_of_freedom: self.degrees_of_freedom,
        }
    }

    /// Measures the formula as searches do.
    pub(crate) fn measured(mut self, table: &Table) -> Result<Self, Error> {
        let judge = Judge::new(table, &Options::default())?;
        let columns: Vec<&[f64]> = table.columns().iter().map(Vec::as_slice).collect();
        let (error, spread) =
            judge.error_and_spread(&self.expr.eval(&columns)).ok_or(Error::NoFiniteStart)?;
        self.r2 = 1.0 - error / judge.variance;
        self.description_length = judge.length(&self.expr.root, spread);
        Ok(self)
    }
}

impl Bands {
    /// The values and their bands for new rows, given as columns in the table's order.
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<Prediction> {
        let rows = columns.first().map_or(1, |column| column.len());
        let part = |start: usize| -> Vec<&[f64]> {
            columns.iter().map(|column| &column[start..rows.min(start + BLOCK)]).collect()
        };
        (0..rows).step_by(BLOCK).flat_map(|start| self.predict_block(&part(start))).collect()
    }

    fn predict_block(&self, columns: &[&[f64]]) -> Vec<Prediction> {
        let first = self.form.names().len() - self.values.len();
        let (tape, places) = opened(&self.form, first);
        let gradients = gradients(&tape, &places, &self.values, columns);
        let t = student::two_sided_quantile(0.05, self.degrees_of_freedom as f64);
        let at = |row: usize, value: f64| {
            let mut variance = 0.0;
            for (i, g) in gradients.iter().enumerate() {
                for (j, h) in gradients.iter().enumerate() {
                    let (g, h) = (g[row], h[row]);
                    // What a parameter does not touch stays certain even where that parameter is not.
                    variance += if g == 0.0 || h == 0.0 { 0.0 } else { g * self.covariance[i][j] * h };
                }
            }
            let variance = variance.max(0.0);
            let own = match self.scatter {
                Scatter::Constant => self.residual_deviation,
                Scatter::InProportion => self.residual_deviation * value,
            };
            let (error, scatter) = (variance.sqrt(), (variance + own * own).sqrt());
            Prediction {
                value,
                standard_error: error,
                confidence: (value - t * error, value + t * error),
                measurement: (value - t * scatter, value + t * scatter),
            }
        };
        filled(&self.form, first, &self.values)
            .eval(columns)
            .into_iter()
            .enumerate()
            .map(|(row, value)| at(row, value))
            .collect()
    }
}

/// The formula with values in place of its names from `first` on.
pub(crate) fn filled(form: &Expr, first: usize, values: &[f64]) -> Expr {
    let columns = (0..first).map(|v| Node::Var(v as u16));
    let features: Vec<Node> = columns.chain(values.iter().map(|v| Node::Num(*v))).collect();
    Expr::new(form.root.with(&features), form.names()[..first].into())
}

#[cfg(test)]
mod tests {
    use crate::expr::Expr;
    use crate::fitted::{Fitted, Scatter};
    use crate::table::Table;

    fn table(y: impl Fn(f64) -> f64) -> Table {
        let x: Vec<f64> = (1..=24).map(|i| 0.5 * f64::from(i)).collect();
        let y = x.iter().map(|x| y(*x)).collect();
        Table::new(vec!["x".into()], vec![x], "y".into(), y).unwrap()
    }

    fn found(table: &Table, text: &str, scatter: Scatter) -> Fitted {
        let expr = Expr::parse(text, table.names()).unwrap();
        Fitted::as_found(table, &expr, scatter, &mut || true).unwrap()
    }

    #[test]
    fn numbers_that_a_search_found_have_the_errors_of_those_that_were_given() {
        let table = table(|x| 2.345 * (-0.413 * x).exp() + 0.01 * (9.0 * x).sin());
        let given = crate::fit_given(&table, "a*exp(b*x)", &[].into(), &mut || true).unwrap().value;
        let expr = given.expr.text();
        let found = found(&table, &expr, Scatter::Constant);
        assert_eq!(found.form().text(), "a*exp(b*x)");
        for (one, other) in found.parameters.iter().zip(&given.parameters) {
            assert!((one.standard_error / other.standard_error - 1.0).abs() < 1e-9, "{one:?} {other:?}");
            let (one, other) = (one.profile.unwrap(), other.profile.unwrap());
            assert!((one.0 - other.0).abs() < 1e-6 && (one.1 - other.1).abs() < 1e-6);
        }
        assert!((found.r2 - given.r2).abs() < 1e-12);
    }

    #[test]
    fn plain_numbers_are_taken_as_written_and_the_same_number_is_one() {
        let table = table(|x| 2.0 * x + 0.1 * (9.0 * x).sin());
        assert!(found(&table, "2*x", Scatter::Constant).parameters.is_empty());
        let twice = found(&table, "1.234567*x + 0.765433*x + 0*x*1.234567", Scatter::Constant);
        assert_eq!(twice.parameters.len(), 2);
        assert!(twice.form().text().matches('a').count() == 2, "{}", twice.form());
    }

    #[test]
    fn errors_in_proportion_make_bands_that_widen_with_the_values() {
        let table = table(|x| 3.217 * x * x * (1.0 + 0.02 * (9.0 * x).sin()));
        let fitted = found(&table, "3.217*x^2", Scatter::InProportion);
        assert!((0.01..0.03).contains(&fitted.residual_deviation));
        let at = fitted.predict(&[&[1.0, 10.0]]);
        let half = |i: usize| 0.5 * (at[i].measurement.1 - at[i].measurement.0);
        assert!((half(1) / half(0) - 100.0).abs() < 1e-6, "{at:?}");
    }

    #[test]
    fn many_rows_have_the_errors_that_few_of_the_same_kind_have() {
        let short = table(|x| 2.345 * (-0.413 * x).exp() + 0.01 * (9.0 * x).sin());
        let times = 1000;
        let repeated = |column: &[f64]| column.iter().copied().cycle().take(column.len() * times).collect();
        let columns = vec![repeated(&short.columns()[0])];
        let long = Table::new(short.names().to_vec(), columns, "y".into(), repeated(short.target())).unwrap();
        let text = "2.3456*exp(-0.4135*x)";
        let (few, many) = (found(&short, text, Scatter::Constant), found(&long, text, Scatter::Constant));
        let freedom = (few.degrees_of_freedom as f64 / many.degrees_of_freedom as f64).sqrt();
        for (one, other) in few.parameters.iter().zip(&many.parameters) {
            assert!((other.standard_error / one.standard_error / freedom - 1.0).abs() < 1e-9);
        }
    }
}
