//! The simple forms a person tries first, fitted in the target's own units and ranked beside each other.

mod curve;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::expression::Expression;
use crate::finding::{Finding, Report, Severity};
use crate::fit::fit;
use crate::formula::Formula;
use crate::inference::priced;
use crate::options::{Basis, Options};
use crate::table::Table;
use crate::term::{Term, Transform};

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// a·x + b.
    Line,
    /// a·x² + b·x + c.
    Quadratic,
    /// a·e^(b·x).
    Exponential,
    /// a·x^b.
    Power,
    /// a·ln x + b.
    Logarithmic,
    /// a/x + b.
    Reciprocal,
}

/// A simple form fitted to a table of one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimpleForm {
    /// The form.
    pub kind: FormKind,
    /// The name of the target.
    pub target: String,
    /// The name of the input.
    pub input: String,
    /// a, b, c in the order of the form's definition.
    pub parameters: Vec<f64>,
    /// The same with the digits they deserve.
    pub rounded: Vec<f64>,
    /// Their standard errors; for the curves from the linearised model.
    pub std_errors: Option<Vec<f64>>,
    /// The share of the target's variation explained; `None` for a constant target.
    pub r2: Option<f64>,
    /// √(Σe²/n).
    pub rmse: f64,
    /// Akaike's criterion for small tables; `None` where there are too few rows for the form.
    pub aicc: Option<f64>,
    /// The form's share of the evidence among all forms tried (Akaike weight).
    pub weight: f64,
}

/// What fitting one form gives.
struct Fitted {
    parameters: Vec<f64>,
    rounded: Vec<f64>,
    std_errors: Option<Vec<f64>>,
    squares: f64,
}

const ALL: [FormKind; 6] = [
    FormKind::Line,
    FormKind::Quadratic,
    FormKind::Exponential,
    FormKind::Power,
    FormKind::Logarithmic,
    FormKind::Reciprocal,
];

/// Fits all simple forms that are defined for the table, the best first.
///
/// Forms are ranked by Akaike's criterion for small tables; among forms that describe the table to the rounding of
/// its target the one with fewest parameters comes first. Forms that are not defined for the inputs are named in a
/// finding.
///
/// # Errors
///
/// An input that the table does not have; fewer than three rows.
pub fn rank_forms(table: &Table, input: &str) -> Result<Report<Vec<SimpleForm>>, Error> {
    let position = table.position(input)?;
    let rows = table.rows();
    if rows < 3 {
        return Err(Error::TooFewRows { rows, coefficients: 2 });
    }
    let single = Table::new(
        vec![input.to_owned()],
        vec![table.columns()[position].clone()],
        table.target_name(),
        table.target().to_vec(),
    )?;
    let (mut forms, mut findings) = (Vec::new(), Vec::new());
    for kind in ALL {
        if let Some(fitted) = kind.fit(&single) {
            forms.push(describe(kind, &single, fitted));
        } else {
            let finding = Finding::new("form_not_defined", Severity::Info).column(input);
            findings.push(finding.with("form", kind.name()));
        }
    }
    weigh(&mut forms);
    Ok(Report { value: forms, findings })
}

impl FormKind {
    /// The name used in findings.
    fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Quadratic => "quadratic",
            Self::Exponential => "exponential",
            Self::Power => "power",
            Self::Logarithmic => "logarithmic",
            Self::Reciprocal => "reciprocal",
        }
    }

    fn fit(self, table: &Table) -> Option<Fitted> {
        let x = &table.columns()[0];
        match self {
            Self::Line => linear(table, vec![Term::input(0)]),
            Self::Quadratic => linear(table, vec![Term::power(0, 2), Term::input(0)]),
            Self::Logarithmic => linear(table, vec![Term::of(0, Transform::Log)]),
            Self::Reciprocal if x.contains(&0.0) => None,
            Self::Reciprocal => linear(table, vec![Term::power(0, -1)]),
            Self::Exponential => curve::fit(table, curve::Shape::Exponential),
            Self::Power => curve::fit(table, curve::Shape::Power),
        }
    }

    /// The value of the form.
    fn evaluate(self, p: &[f64], x: f64) -> f64 {
        match self {
            Self::Line => p[0] * x + p[1],
            Self::Quadratic => (p[0] * x + p[1]) * x + p[2],
            Self::Exponential => p[0] * (p[1] * x).exp(),
            Self::Power => p[0] * x.powf(p[1]),
            Self::Logarithmic => p[0] * x.ln() + p[1],
            Self::Reciprocal => p[0] / x + p[1],
        }
    }
}

/// A form that is linear in its parameters; the intercept comes last.
fn linear(table: &Table, terms: Vec<Term>) -> Option<Fitted> {
    let wanted = terms.len() + 1;
    let found = fit(table, &Options { basis: Basis::Terms(terms), ..Options::default() }).ok()?.value;
    if found.coefficients.len() < wanted {
        return None;
    }
    let mut ordered = found.coefficients;
    ordered.rotate_left(1);
    Some(Fitted {
        parameters: ordered.iter().map(|one| one.value).collect(),
        rounded: ordered.iter().map(|one| one.rounded).collect(),
        std_errors: ordered.iter().map(|one| one.std_error).collect(),
        squares: found.rmse * found.rmse * found.n as f64,
    })
}

/// What rounding of the target alone may leave as Σe².
fn rounding_noise(table: &Table) -> f64 {
    let largest = table.target().iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    (8.0 * f64::EPSILON * largest).powi(2) * table.rows() as f64
}

fn describe(kind: FormKind, table: &Table, fitted: Fitted) -> SimpleForm {
    let n = table.rows() as f64;
    let mean = table.target().iter().sum::<f64>() / n;
    let total: f64 = table.target().iter().map(|y| (y - mean).powi(2)).sum();
    // Below the rounding of the target all forms are equally good, so that only their size counts.
    let squares = fitted.squares.max(rounding_noise(table));
    let log_likelihood = -0.5 * n * ((std::f64::consts::TAU * squares / n).ln() + 1.0);
    let criteria = priced(log_likelihood, n, fitted.parameters.len() as f64, true);
    // A form that explains even the last row to the last digit needs no correction for few rows.
    let is_exact = fitted.squares <= rounding_noise(table) && table.rows() > fitted.parameters.len();
    let aicc = criteria.aicc.or(is_exact.then_some(criteria.aic));
    SimpleForm {
        kind,
        target: table.target_name().to_owned(),
        input: table.names()[0].clone(),
        r2: (total > 0.0).then(|| 1.0 - fitted.squares / total),
        rmse: (fitted.squares / n).sqrt(),
        aicc: aicc.filter(|value| value.is_finite()),
        weight: 0.0,
        parameters: fitted.parameters,
        rounded: fitted.rounded,
        std_errors: fitted.std_errors,
    }
}

/// Sorts by the criterion and shares out the evidence.
fn weigh(forms: &mut [SimpleForm]) {
    let key = |form: &SimpleForm| form.aicc.unwrap_or(f64::INFINITY);
    forms.sort_by(|a, b| {
        key(a)
            .total_cmp(&key(b))
            .then(a.parameters.len().cmp(&b.parameters.len()))
            .then(a.rmse.total_cmp(&b.rmse))
    });
    let Some(best) = forms.first().and_then(|form| form.aicc) else { return };
    let share = |form: &SimpleForm| (-0.5 * (key(form) - best)).exp();
    let all: f64 = forms.iter().map(share).sum();
    for form in forms {
        form.weight = share(form) / all;
    }
}

impl SimpleForm {
    /// The form's value in places of the input; NaN where it is not defined.
    pub fn predict(&self, x: &[f64]) -> Vec<f64> {
        x.iter().map(|&x| self.kind.evaluate(&self.parameters, x)).collect()
    }

    /// The formula with the digits a person would write.
    pub fn formula(&self) -> Formula {
        let p = &self.rounded;
        let name = || Expression::Name(self.input.clone());
        let linear = |terms: &[Term]| {
            let parts: Vec<(&Term, f64)> = terms.iter().zip(p.iter().copied()).collect();
            Formula::linear(&self.target, std::slice::from_ref(&self.input), &parts)
        };
        let scaled = |factor: f64, function: Expression| {
            let right = if factor == 1.0 {
                function
            } else {
                Expression::Product(vec![Expression::Number(factor), function])
            };
            Formula::new(&self.target, right)
        };
        match self.kind {
            FormKind::Line => linear(&[Term::input(0), Term::intercept()]),
            FormKind::Quadratic => linear(&[Term::power(0, 2), Term::input(0), Term::intercept()]),
            FormKind::Logarithmic => linear(&[Term::of(0, Transform::Log), Term::intercept()]),
            FormKind::Reciprocal => linear(&[Term::power(0, -1), Term::intercept()]),
            FormKind::Exponential => {
                let exponent = if p[1] == 1.0 {
                    name()
                } else {
                    Expression::Product(vec![Expression::Number(p[1]), name()])
                };
                scaled(p[0], Expression::Call("exp", vec![exponent]))
            }
            FormKind::Power => scaled(p[0], Expression::power(name(), p[1])),
        }
    }
}
