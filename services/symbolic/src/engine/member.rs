//! Formulas as published: measures, forms, and what is known of their numbers and of their ways outside the data.

use contracts::formula::{Formula, FormulaForms};
use contracts::symbolic::{FittedNumber, Member, Reason, Scatter, Uncertainty};
use harness::problem::{Problem, Result};
use symreg::{Bands, Expr, Fitted, Language, Table, beyond};

/// A member of the front.
pub(super) fn publish(member: &symreg::Member) -> Member {
    let size = member.size as u32;
    Member {
        exact: member.exact,
        r2: member.r2,
        mse: member.mse,
        ..plain(&member.expr, size, member.description_length)
    }
}

/// A formula with its size and length, nothing else being known.
pub(super) fn plain(expr: &Expr, size: u32, description_length: f64) -> Member {
    Member {
        size,
        mse: 0.0,
        r2: 0.0,
        description_length,
        formula: publish_formula(expr),
        exact: false,
        classes: vec![],
        share: None,
        numbers: vec![],
        uncertainty: None,
        beyond: vec![],
    }
}

/// Adds what is known of the numbers.
pub(super) fn add_numbers(member: &mut Member, fitted: &Fitted) {
    let finite = |value: f64| value.is_finite().then_some(value);
    let number = |parameter: &symreg::Parameter| FittedNumber {
        name: parameter.name.clone(),
        value: parameter.value,
        standard_error: finite(parameter.standard_error),
        low: finite(parameter.interval.0),
        high: finite(parameter.interval.1),
        profile_low: parameter.profile.and_then(|(low, _)| finite(low)),
        profile_high: parameter.profile.and_then(|(_, high)| finite(high)),
    };
    member.numbers = fitted.parameters.iter().map(number).collect();
    let is_determined = fitted.covariance.iter().flatten().all(|c| c.is_finite());
    member.uncertainty = Some(Uncertainty {
        form: fitted.form().text(),
        residual_deviation: fitted.residual_deviation,
        scatter: match fitted.scatter {
            symreg::Scatter::Constant => Scatter::Constant,
            symreg::Scatter::InProportion => Scatter::InProportion,
        },
        degrees_of_freedom: fitted.degrees_of_freedom as u64,
        covariance: if is_determined { fitted.covariance.clone() } else { vec![] },
    });
}

/// Adds what the formula does outside the data.
pub(super) fn add_beyond(member: &mut Member, expr: &Expr, table: &Table) {
    member.beyond = beyond(expr, table).iter().map(publish_reason).collect();
}

/// What the bands of a published formula are made of; `None` where its numbers are not known.
pub(crate) fn bands(member: &Member, inputs: &[String]) -> Result<Option<Bands>> {
    let Some(known) = member.uncertainty.as_ref() else { return Ok(None) };
    if known.covariance.len() != member.numbers.len() {
        return Ok(None);
    }
    let names: Vec<String> =
        inputs.iter().chain(member.numbers.iter().map(|number| &number.name)).cloned().collect();
    Ok(Some(Bands {
        form: Expr::parse(&known.form, &names).map_err(|e| Problem::internal(&e))?,
        values: member.numbers.iter().map(|number| number.value).collect(),
        covariance: known.covariance.clone(),
        residual_deviation: known.residual_deviation,
        scatter: match known.scatter {
            Scatter::Constant => symreg::Scatter::Constant,
            Scatter::InProportion => symreg::Scatter::InProportion,
        },
        degrees_of_freedom: known.degrees_of_freedom as usize,
    }))
}

pub(super) fn publish_formula(expr: &Expr) -> Formula {
    Formula { text: expr.text(), latex: expr.latex(), mathml: expr.mathml() }
}

/// A formula in all its forms.
pub fn forms(expr: &Expr) -> FormulaForms {
    FormulaForms {
        text: expr.text(),
        latex: expr.latex(),
        mathml: expr.mathml(),
        typst: expr.typst(),
        python: expr.code(Language::Python),
        excel: expr.code(Language::Excel),
        c: expr.code(Language::C),
        rust: expr.code(Language::Rust),
        javascript: expr.code(Language::JavaScript),
        json: expr.code(Language::Json),
    }
}

/// A reason as published.
pub(super) fn publish_reason(reason: &symreg::Reason) -> Reason {
    Reason { code: reason.code.clone(), args: reason.args.clone() }
}

/// A published formula, to be computed with.
pub(crate) fn parse(formula: &Formula, inputs: &[String]) -> Result<Expr> {
    Expr::parse(&formula.text, inputs).map_err(|e| Problem::internal(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_of_a_published_formula_are_those_of_the_fit() {
        let x: Vec<f64> = (1..20).map(f64::from).collect();
        let y = x.iter().map(|x| 2.5 * x.sqrt() + 0.1 * (7.0 * x).sin()).collect();
        let table = Table::new(vec!["x".into()], vec![x.clone()], "y".into(), y).unwrap();
        let fitted = symreg::fit_given(&table, "a*x^b", &[].into(), &mut || true).unwrap().value;
        let mut member = plain(&fitted.expr, 5, 1.0);
        assert_eq!(bands(&member, table.names()).unwrap(), None);
        add_numbers(&mut member, &fitted);
        let kept: Member = serde_json::from_value(serde_json::to_value(&member).unwrap()).unwrap();
        let again = bands(&kept, table.names()).unwrap().unwrap();
        assert_eq!(again.predict(&[&x]), fitted.predict(&[&x]));
    }
}
