//! Columns that hold more than a number or a text, as rows give them.

use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use uuid::Uuid;

/// An id.
pub fn id(row: &AnyRow, column: &str) -> sqlx::Result<Uuid> {
    row.try_get::<String, _>(column)?.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

/// A value stored as JSON.
pub fn json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> sqlx::Result<T> {
    from_json(&row.try_get::<String, _>(column)?)
}

/// A value stored as JSON, or nothing.
pub fn optional_json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> sqlx::Result<Option<T>> {
    row.try_get::<Option<String>, _>(column)?.map(|text| from_json(&text)).transpose()
}

/// A word of an enumeration, as serde writes it.
pub fn word<T: DeserializeOwned>(row: &AnyRow, column: &str) -> sqlx::Result<T> {
    let text: String = row.try_get(column)?;
    serde_json::from_value(text.into()).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

fn from_json<T: DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}
