//! The catalogue's data sets as an analysis needs them: read through the link, reduced to complete rows of numbers.

mod texts;

use std::borrow::Cow;

use contracts::catalogue::{ColumnKind, DataSet, DataSetDetail};
use contracts::finding::Finding;
use contracts::table::{self, Table, Values};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::link::Links;
use crate::problem::{Problem, Result};

pub use texts::{MOST as MOST_TEXTS, inputs_of_texts};

/// The data set with this id; 404 when there is none.
pub async fn get(links: &Links, id: Uuid) -> Result<DataSetDetail> {
    let found = links.to("catalogue")?.get(&format!("/api/v1/datasets/{id}")).await?;
    found.ok_or_else(|| Problem::not_found("data set", id))
}

/// The data set with this number, if there is one.
pub async fn by_number(links: &Links, number: i32) -> Result<Option<DataSet>> {
    links.to("catalogue")?.get(&format!("/api/v1/datasets/by-number/{number}")).await
}

/// A column that neither explains nor is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its name.
    pub name: String,
    /// Whether it tells groups of rows, by texts or by numbers; all others hold numbers.
    pub tells_groups: bool,
}

impl Beside {
    /// A column of numbers, such as weights.
    pub fn numbers(name: &str) -> Self {
        Self { name: name.to_owned(), tells_groups: false }
    }

    /// A column that tells groups of rows.
    pub fn groups(name: &str) -> Self {
        Self { name: name.to_owned(), tells_groups: true }
    }
}

/// What is to be explained, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The column to explain.
    pub target: String,
    /// The columns to explain it by.
    pub inputs: Vec<String>,
}

impl Question {
    /// What a person asked, with what was left open filled in: the data set's own target (else its last numeric
    /// column), and all other numeric columns but those `beside`, which serve another purpose. A named column of a few
    /// texts becomes an input for each but the first. Refused when a column is missing, no number, named twice, or of use twice.
    pub fn of(
        set: &DataSetDetail,
        target: Option<&str>,
        inputs: Option<&[String]>,
        beside: &[Beside],
    ) -> Result<Self> {
        let numeric: Vec<&str> = set
            .profile
            .iter()
            .filter(|c| matches!(c.kind, ColumnKind::Number | ColumnKind::Integer))
            .map(|c| c.name.as_str())
            .collect();
        let check = |field: &str, name: &str| match (
            numeric.contains(&name),
            set.data_set.columns.iter().any(|c| c == name),
        ) {
            (true, _) => Ok(()),
            (false, true) => {
                Err(Problem::invalid(field, format!("the column '{name}' does not hold numbers")))
            }
            (false, false) => Err(Problem::invalid(field, format!("there is no column '{name}'"))),
        };
        let target = match target.or(set.data_set.target.as_deref()).or(numeric.last().copied()) {
            Some(target) => target.to_owned(),
            None => {
                return Err(Problem::unprocessable("no-numbers", "the data set has no column of numbers"));
            }
        };
        check("target", &target)?;
        let inputs: Vec<String> = inputs.map_or_else(
            || {
                let is_free =
                    |name: &&&str| **name != target && !beside.iter().any(|other| other.name == **name);
                Ok(numeric.iter().filter(is_free).map(|name| (*name).to_owned()).collect())
            },
            |named| {
                named
                    .iter()
                    .map(|name| texts::spread(set, name))
                    .collect::<Result<Vec<_>>>()
                    .map(|all| all.concat())
            },
        )?;
        let explains =
            |name: &String| inputs.iter().any(|i| i == name || texts::text_of(set, i) == Some(name));
        for Beside { name, tells_groups } in beside {
            if *name == target || explains(name) {
                let message = format!("'{name}' explains or is explained; it can't serve twice");
                return Err(Problem::invalid("options", message));
            }
            if *tells_groups && set.data_set.columns.contains(name) {
                continue;
            }
            check("options", name)?;
        }
        for (at, input) in inputs.iter().enumerate() {
            if texts::text_of(set, input).is_none() {
                check("inputs", input)?;
            }
            if *input == target || inputs[..at].contains(input) {
                return Err(Problem::invalid("inputs", format!("'{input}' is named twice or is the target")));
            }
        }
        if inputs.is_empty() {
            let detail = format!("nothing is left to explain '{target}' by; add a second column of numbers");
            return Err(Problem::unprocessable("no-inputs", detail));
        }
        Ok(Self { target, inputs })
    }

    /// What `MathFunc` asks: the target by the first column.
    pub fn of_one_variable(set: &DataSet) -> Result<Self> {
        match (&set.target, set.columns.first()) {
            (Some(target), Some(input)) if input != target => {
                Ok(Self { target: target.clone(), inputs: vec![input.clone()] })
            }
            _ => Err(Problem::unprocessable(
                "no-function",
                "the data set has no column beside its first to explain",
            )),
        }
    }
}

/// The complete rows of the asked columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// The inputs, in the order asked.
    pub inputs: Vec<Vec<f64>>,
    /// The target.
    pub target: Vec<f64>,
    /// The columns asked for beside them; the texts of a column by the order of their first appearance.
    pub beside: Vec<Vec<f64>>,
    /// The texts of each column beside, by their places; none for a column of numbers.
    pub words: Vec<Vec<String>>,
    /// The row of the data set, from 1, of each row that is complete; none where all are.
    pub rows: Option<Vec<u64>>,
    /// What was left out.
    pub findings: Vec<Finding>,
}

impl Numbers {
    /// The row of the data set, from 1, of the complete row at this place.
    pub fn row(&self, at: usize) -> u64 {
        let kept = self.rows.as_ref().and_then(|rows| rows.get(at).copied());
        kept.unwrap_or(at as u64 + 1)
    }
}

/// Reads one version of a data set, with the columns `beside`. 404 when it is gone, 422 when no complete row is left.
pub async fn numbers(
    links: &Links,
    id: Uuid,
    version: i64,
    question: &Question,
    beside: &[Beside],
) -> Result<Numbers> {
    let path = format!("/api/v1/datasets/{id}/table?version={version}");
    let bytes = links.to("catalogue")?.get_bytes(&path, table::MEDIA_TYPE).await?;
    let bytes = bytes.ok_or_else(|| Problem::not_found("data set", format!("{id} in version {version}")))?;
    let (question, beside) = (question.clone(), beside.to_vec());
    let read = tokio::task::spawn_blocking(move || {
        let table = Table::decode(&bytes).map_err(|e| Problem::internal(&e))?;
        complete_rows(&table, &question, &beside)
    });
    read.await.map_err(|e| Problem::internal(&e))?
}

/// The rows of a table that have a number in every asked column.
pub fn complete_rows(table: &Table, question: &Question, beside: &[Beside]) -> Result<Numbers> {
    let column = |name: &String| {
        table
            .numbers(name)
            .ok_or_else(|| Problem::invalid("inputs", format!("'{name}' is no column of numbers")))
    };
    let target = column(&question.target)?;
    let input = |name: &String| match texts::indicator(table, name) {
        Some(indicator) => Ok(Cow::Owned(indicator)),
        None => column(name).map(Cow::Borrowed),
    };
    let inputs = question.inputs.iter().map(input).collect::<Result<Vec<_>>>()?;
    let words = beside.iter().map(|column| words(table, &column.name)).collect();
    let beside = beside.iter().map(|column| as_numbers(table, column)).collect::<Result<Vec<_>>>()?;
    let is_complete = |row: &usize| {
        let row = *row;
        target[row].is_finite()
            && inputs.iter().all(|c| c[row].is_finite())
            && beside.iter().all(|c| c[row].is_finite())
    };
    let keep: Vec<usize> = (0..table.rows()).filter(is_complete).collect();
    if keep.is_empty() {
        return Err(Problem::unprocessable("no-complete-row", "no row has a value in every chosen column"));
    }
    let mut findings = Vec::new();
    let dropped = table.rows() - keep.len();
    if dropped > 0 {
        findings.push(
            Finding::warning("incomplete-rows-left-out").with("count", dropped).with("kept", keep.len()),
        );
    }
    let pick = |column: &[f64]| keep.iter().map(|&row| column[row]).collect();
    Ok(Numbers {
        inputs: inputs.iter().map(|c| pick(c)).collect(),
        target: pick(target),
        beside: beside.iter().map(|c| pick(c)).collect(),
        words,
        rows: (dropped > 0).then(|| keep.iter().map(|&row| row as u64 + 1).collect()),
        findings,
    })
}

/// A column as numbers: those it holds, or the places of the texts that tell groups in the order of their first
/// appearance.
fn as_numbers<'a>(table: &'a Table, Beside { name, tells_groups }: &Beside) -> Result<Cow<'a, [f64]>> {
    match table.column(name).map(|column| &column.values) {
        None => Err(Problem::invalid("options", format!("there is no column '{name}'"))),
        Some(Values::Numbers(numbers)) => Ok(Cow::Borrowed(numbers)),
        Some(Values::Texts { .. }) if !tells_groups => {
            Err(Problem::invalid("options", format!("the column '{name}' does not hold numbers")))
        }
        Some(Values::Texts { codes, .. }) => {
            let place = |&code: &u32| if code == table::MISSING { f64::NAN } else { f64::from(code) };
            Ok(Cow::Owned(codes.iter().map(place).collect()))
        }
    }
}

/// The texts of a column by their places; none for numbers.
fn words(table: &Table, name: &str) -> Vec<String> {
    match table.column(name).map(|column| &column.values) {
        Some(Values::Texts { dictionary, .. }) => dictionary.clone(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use contracts::table::Column;

    use super::*;

    #[test]
    fn no_column_serves_twice() {
        let column = |name: &str, kind: &str, samples: &[&str]| {
            serde_json::json!({ "name": name, "kind": kind, "count": 4, "missing": 0, "distinct": 2, "constant": false,
                "histogram": [], "samples": samples })
        };
        let set = serde_json::json!({ "id": Uuid::nil(), "name": "sites", "description": "", "source": "upload",
            "version": 1, "rows": 4, "columns": ["x", "y", "site"], "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z", "findings": [], "size_bytes": 10, "profile": [
                column("x", "number", &[]), column("y", "number", &[]), column("site", "text", &["n", "s"])] });
        let set: DataSetDetail = serde_json::from_value(set).unwrap();
        let asked = |inputs: &[&str], beside: Beside| {
            let inputs: Vec<String> = inputs.iter().map(|&name| name.to_owned()).collect();
            Question::of(&set, Some("y"), Some(&inputs), &[beside])
        };
        assert!(asked(&["x"], Beside::groups("site")).is_ok());
        for (inputs, beside) in [
            (&["x"][..], Beside::groups("y")),
            (&["x"], Beside::numbers("x")),
            (&["x", "site"], Beside::groups("site")),
            (&["x", "site=s"], Beside::groups("site")),
        ] {
            let refused = asked(inputs, beside).unwrap_err();
            assert!(refused.errors[0].message.contains("can't serve twice"), "{refused:?}");
        }
        assert!(asked(&["site=nowhere"], Beside::numbers("x")).is_err());
    }

    #[test]
    fn leaves_incomplete_rows_out_and_says_so() {
        let column = |name: &str, values: &[f64]| Column {
            name: name.into(),
            values: Values::Numbers(values.to_vec()),
        };
        let table =
            Table::new(vec![column("x", &[1.0, f64::NAN, 3.0]), column("y", &[2.0, 4.0, 6.0])]).unwrap();
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        let numbers = complete_rows(&table, &question, &[]).unwrap();
        assert_eq!(
            (numbers.inputs[0].as_slice(), numbers.target.as_slice()),
            ([1.0, 3.0].as_slice(), [2.0, 6.0].as_slice())
        );
        assert_eq!(numbers.findings[0].args["count"], 1);
        assert_eq!((numbers.row(0), numbers.row(1)), (1, 3), "rows are those of the data set");
    }

    #[test]
    fn groups_may_be_told_by_texts_and_nothing_else() {
        let x = Column { name: "x".into(), values: Values::Numbers(vec![1.0, 2.0, 3.0, 4.0]) };
        let y = Column { name: "y".into(), values: Values::Numbers(vec![2.0, 4.0, 6.0, 8.0]) };
        let codes = vec![0, 1, table::MISSING, 1];
        let site = Column {
            name: "site".into(),
            values: Values::Texts { dictionary: vec!["north".into(), "south".into()], codes },
        };
        let table = Table::new(vec![x, y, site]).unwrap();
        let question = Question { target: "y".into(), inputs: vec!["x".into()] };
        let numbers = complete_rows(&table, &question, &[Beside::groups("site")]).unwrap();
        assert_eq!(numbers.words, [["north", "south"]]);
        assert_eq!((numbers.beside[0].as_slice(), numbers.target.len()), ([0.0, 1.0, 1.0].as_slice(), 3));
        assert_eq!(complete_rows(&table, &question, &[Beside::groups("town")]).unwrap_err().status, 422);
        let weights = complete_rows(&table, &question, &[Beside::numbers("site")]).unwrap_err();
        assert!(weights.detail.contains("'site' does not hold numbers"), "{weights:?}");
    }
}
