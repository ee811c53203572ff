//! The catalogue's language: data sets, their versions, profiles, rows and points.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::finding::Finding;

/// A data set as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DataSet {
    /// Its identity.
    pub id: Uuid,
    /// A small number for people and for `MathFunc`; never given twice.
    pub number: Option<i64>,
    /// What its owner calls it.
    #[schema(example = "y=3*x+4")]
    pub name: String,
    /// What it is about.
    #[schema(example = "linear function")]
    pub description: String,
    /// Where it comes from: `sample` or `upload`.
    #[schema(example = "sample")]
    pub source: String,
    /// The newest version, from 1.
    pub version: i64,
    /// How many rows the newest version has.
    pub rows: u64,
    /// The names of its columns, in the order of the file.
    pub columns: Vec<String>,
    /// The column a formula is searched for, when one is a number.
    pub target: Option<String>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A data set with what was found out about its newest version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DataSetDetail {
    /// What lists show of it.
    #[serde(flatten)]
    pub data_set: DataSet,
    /// One profile per column.
    pub profile: Vec<ColumnProfile>,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
    /// The length of what was uploaded.
    pub size_bytes: u64,
}

/// One version of a data set; it never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DataSetVersion {
    /// Its number, from 1.
    pub version: i64,
    /// How many rows it has.
    pub rows: u64,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The length of what was uploaded.
    pub size_bytes: u64,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Numbers, at least one with a fraction.
    Number,
    /// Whole numbers only.
    Integer,
    /// Text in at least one row.
    Text,
    /// Nothing in any row.
    Empty,
}

/// What a column looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ColumnProfile {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// The unit of its numbers, where one is known.
    #[serde(default)]
    #[schema(example = "km/s")]
    pub unit: Option<String>,
    /// How many rows have a value.
    pub count: u64,
    /// How many rows have none.
    pub missing: u64,
    /// How many different values there are.
    pub distinct: u64,
    /// Whether all values are the same.
    pub constant: bool,
    /// The smallest value.
    pub min: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// The sample standard deviation (n - 1).
    pub std_dev: Option<f64>,
    /// The lower quartile (linear between ranks).
    pub q1: Option<f64>,
    /// The median.
    pub median: Option<f64>,
    /// The upper quartile.
    pub q3: Option<f64>,
    /// How many values fall into each of 20 equal parts of min to max; empty without numbers.
    pub histogram: Vec<u64>,
    /// The first different texts of a text column, each at most [`SAMPLE_LENGTH`] characters of it.
    pub samples: Vec<String>,
}

/// The most characters of a text that a profile shows.
pub const SAMPLE_LENGTH: usize = 100;

/// One page of data sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DataSetPage {
    /// The data sets, newest last.
    pub items: Vec<DataSet>,
    /// The cursor of the next page, when there is one.
    pub next: Option<String>,
}

/// The versions of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DataSetVersionPage {
    /// The versions, newest first.
    pub items: Vec<DataSetVersion>,
    /// The cursor of the next page, when there is one.
    pub next: Option<String>,
}

/// What may be changed of a data set; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSetChange {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The column a formula is searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// How to name and read what is uploaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Upload {
    /// The data set's name; by default a name made from its number.
    pub name: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The column a formula is searched for; by default the last one that holds numbers.
    pub target: Option<String>,
    /// `auto` (the default), `,`, `;`, `|`, `tab` or `space`.
    pub delimiter: Option<String>,
    /// The decimal mark: `auto` (the default), `.` or `,`.
    pub decimal: Option<String>,
    /// Whether the first row names the columns: `auto` (the default), `yes` or `no`.
    pub header: Option<String>,
}

/// Which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    /// The version; the newest one if not given.
    pub version: Option<i64>,
    /// How many rows, 50 if not given.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// Where the page begins, as the last page said in `next`.
    pub cursor: Option<String>,
}

/// Which points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PointQuery {
    /// The version; the newest one if not given.
    pub version: Option<i64>,
    /// The column on the horizontal axis; if not given the first other one with numbers, else the number of the row.
    pub x: Option<String>,
    /// The column on the vertical axis; if not given the target, else the last one with numbers.
    pub y: Option<String>,
    /// The most points, 2000 if not given.
    #[param(minimum = 10, maximum = 100_000)]
    pub max: Option<u64>,
}

/// Which table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// The version; the newest one if not given.
    pub version: Option<i64>,
}

/// One page of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowPage {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows: numbers, texts, and null where a value is missing.
    #[schema(value_type = Vec<Vec<Option<Object>>>)]
    pub items: Vec<Vec<serde_json::Value>>,
    /// The cursor of the next page, when there is one.
    pub next: Option<String>,
}

/// Points to draw: two columns of the rows where both have a number, in the order of x.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Points {
    /// The column on the horizontal axis; empty for the number of the row.
    pub x_name: String,
    /// The column on the vertical axis; empty where no column holds numbers.
    pub y_name: String,
    /// The points.
    pub points: Vec<[f64; 2]>,
    /// How many there are in all.
    pub total: u64,
    /// Whether some were left out.
    pub thinned: bool,
}

/// The fact that a data set came, changed or went: the payload of the three events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DataSetFact {
    /// The data set.
    pub data_set_id: Uuid,
    /// Its small number.
    pub number: Option<i64>,
    /// Its newest version; a new one means new data.
    pub version: i64,
    /// Its name.
    pub name: String,
}

impl DataSetFact {
    /// A data set came.
    pub const CREATED: &str = "catalogue.data-set.created";
    /// Its name, description or target was changed, or a new version of it came.
    pub const CHANGED: &str = "catalogue.data-set.changed";
    /// It went, with all its versions.
    pub const DELETED: &str = "catalogue.data-set.deleted";

    /// An example for the documentation, the same for ever.
    pub fn example() -> Self {
        Self { data_set_id: Uuid::from_u128(1), number: Some(1), version: 1, name: "y=3*x+4".into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_have_their_published_json() {
        assert_eq!(
            serde_json::to_string(&DataSetFact::example()).unwrap(),
            r#"{"data_set_id":"00000000-0000-0000-0000-000000000001","number":1,"version":1,"name":"y=3*x+4"}"#
        );
    }

    #[test]
    fn refuses_a_change_of_an_unknown_field() {
        assert!(serde_json::from_str::<DataSetChange>(r#"{"nmae":"a"}"#).is_err());
    }
}
