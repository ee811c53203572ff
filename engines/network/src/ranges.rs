//! Values that no grid has: what is below zero, above one or no number where that cannot be, element by element.
//!
//! A file with such a value can be read, and what is wrong with it is told; what is computed with it would be nonsense
//! or no number at all. What a value means to a computation says its severity.

mod fields;

use crate::finding::{Finding, Severity};
use crate::model::Model;

/// A value outside its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impossible<'m> {
    /// The collection of the element; `model` for the model's own values.
    pub kind: &'static str,
    /// The element.
    pub id: &'m str,
    /// The field, as the native format calls it.
    pub field: &'static str,
    /// What it is.
    pub value: f64,
    /// Where it should be.
    pub range: Range,
    /// An error: nothing can be computed with the element. A warning: no impedance depends on it.
    pub severity: Severity,
}

/// Where a value can be; always finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Any number.
    Finite,
    /// Above 0.
    AboveZero,
    /// 0 or above.
    ZeroOrMore,
    /// Above 0 and at most this.
    UpTo(f64),
    /// From the first to the second.
    Within(f64, f64),
    /// Any number but this.
    Not(f64),
}

impl Range {
    fn holds(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Finite => true,
                Self::AboveZero => value > 0.0,
                Self::ZeroOrMore => value >= 0.0,
                Self::UpTo(most) => value > 0.0 && value <= most,
                Self::Within(least, most) => (least..=most).contains(&value),
                Self::Not(other) => value != other,
            }
    }

    /// The code of a finding about a value that is not there.
    pub fn code(self) -> &'static str {
        match self {
            Self::Finite => "value_not_finite",
            Self::AboveZero => "value_not_above_zero",
            Self::ZeroOrMore => "value_below_zero",
            Self::UpTo(_) => "value_not_up_to",
            Self::Within(..) => "value_not_within",
            Self::Not(_) => "value_excluded",
        }
    }

    /// The ends of the range, as arguments of a finding.
    pub fn ends(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Finite | Self::AboveZero | Self::ZeroOrMore => Vec::new(),
            Self::UpTo(most) => vec![("most", most)],
            Self::Within(least, most) => vec![("least", least), ("most", most)],
            Self::Not(other) => vec![("other", other)],
        }
    }
}

impl Impossible<'_> {
    /// It as a finding about its element.
    pub fn finding(&self) -> Finding {
        let finding = Finding::new(self.range.code(), self.severity)
            .about(self.kind, self.id)
            .field(self.field)
            .with("value", self.value)
            .with("elements", vec![self.id.to_owned()]);
        self.range.ends().into_iter().fold(finding, |finding, (name, value)| finding.with(name, value))
    }
}

impl Model {
    /// The values that no grid has, in the order of the collections.
    ///
    /// ```
    /// use network::{Line, Model};
    ///
    /// let line = Line { end_temperature_c: Some(-400.0), ..Line::new("L", "A", "B").z1(1.0, 4.0) };
    /// let model = Model::new().bus("A", 110.0).bus("B", 110.0).line(line);
    /// let impossible = model.impossible();
    /// assert_eq!((impossible[0].id, impossible[0].field), ("L", "end_temperature_c"));
    /// ```
    pub fn impossible(&self) -> Vec<Impossible<'_>> {
        fields::impossible(self)
    }
}

#[cfg(test)]
mod tests;
