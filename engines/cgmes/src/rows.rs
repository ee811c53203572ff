//! Rows of tables in JSON files: values looked up by column, whatever a tool writes for "not set".

use serde_json::{Map, Value};

use crate::quantity::quantity;

/// A row by its columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row(Map<String, Value>);

impl Row {
    pub(crate) fn new(values: Map<String, Value>) -> Self {
        Self(values)
    }

    /// A row from the names of columns and its values in their order.
    pub(crate) fn paired(columns: &[String], values: Vec<Value>) -> Self {
        Self(columns.iter().cloned().zip(values).collect())
    }

    pub(crate) fn set(&mut self, column: &str, value: Value) {
        self.0.insert(column.to_owned(), value);
    }

    /// A finite number; booleans count as 1 and 0.
    pub(crate) fn number(&self, column: &str) -> Option<f64> {
        match self.0.get(column)? {
            Value::Number(number) => number.as_f64(),
            Value::Bool(is_set) => Some(f64::from(u8::from(*is_set))),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .and_then(quantity)
    }

    /// A number above 0: for quantities of which 0 says "not known".
    pub(crate) fn positive(&self, column: &str) -> Option<f64> {
        self.number(column).filter(|value| *value > 0.0)
    }

    /// Whether something is so; `otherwise` when the row doesn't say.
    pub(crate) fn flag(&self, column: &str, otherwise: bool) -> bool {
        self.number(column).map_or(otherwise, |value| value != 0.0)
    }

    /// A text that says something.
    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        let text = self.0.get(column)?.as_str()?.trim();
        let says_nothing = text.is_empty() || ["nan", "none", "null"].contains(&text.to_lowercase().as_str());
        (!says_nothing).then_some(text)
    }

    /// A whole number that names a row or an element, also when it is written as 3.0 or "3".
    pub(crate) fn key(&self, column: &str) -> Option<String> {
        match self.number(column) {
            Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                Some(format!("{}", number as i64))
            }
            Some(_) => None,
            None => self.text(column).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: &Value) -> Row {
        Row::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn what_is_not_set_is_missing() {
        let row = row(&json!({"a": null, "b": "nan", "c": "", "d": 0.0, "e": [1]}));
        assert_eq!([row.number("a"), row.number("b"), row.number("gone"), row.positive("d")], [None; 4]);
        assert_eq!([row.text("b"), row.text("c"), row.text("e")], [None; 3]);
        assert!(row.flag("a", true));
    }

    #[test]
    fn keys_are_the_same_however_they_are_written() {
        let row = row(&json!({"a": 3, "b": 3.0, "c": "3", "d": 3.5, "e": true}));
        assert_eq!(
            [row.key("a"), row.key("b"), row.key("c")],
            [const { Some("3") }; 3].map(|key| key.map(str::to_owned))
        );
        assert_eq!(row.key("d"), None);
        assert_eq!(row.number("e"), Some(1.0));
    }
}
