//! Texts as inputs: a column of a few texts becomes an input `column=text` for each text but the first, which is 1 on the
//! rows that have the text and 0 on the others. The first text is what the others are compared with.

use contracts::catalogue::{ColumnKind, ColumnProfile, DataSetDetail, SAMPLE_LENGTH};
use contracts::table::{MISSING, Table, Values};

use crate::problem::{Problem, Result};

/// Different texts of a column that may explain at most.
pub const MOST: usize = 10;

/// The inputs of a column with these texts, in their order of appearance.
pub fn inputs_of_texts<'a>(column: &str, texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    texts.skip(1).map(|text| format!("{column}={text}")).collect()
}

/// A named input as it is, or those of a column of a few texts; refused where one text is all there is.
pub(super) fn spread(set: &DataSetDetail, name: &str) -> Result<Vec<String>> {
    match set.profile.iter().find(|column| column.name == name).and_then(known_texts) {
        Some([only]) => {
            let message = format!("'{name}' says '{only}' on all rows; it tells nothing apart");
            Err(Problem::invalid("inputs", message))
        }
        Some(texts) => Ok(inputs_of_texts(name, texts.iter())),
        None => Ok(vec![name.to_owned()]),
    }
}

/// The column of texts that an input such as `site=north` is of.
pub(super) fn text_of<'a>(set: &'a DataSetDetail, input: &str) -> Option<&'a str> {
    let is_of = |column: &&ColumnProfile| {
        let text = input.strip_prefix(&column.name).and_then(|rest| rest.strip_prefix('='));
        text.zip(known_texts(column)).is_some_and(|(text, texts)| texts.iter().any(|known| known == text))
    };
    set.profile.iter().find(is_of).map(|column| column.name.as_str())
}

/// The texts of a column that may explain: the profile knows the first texts only, and long ones only in part.
fn known_texts(column: &ColumnProfile) -> Option<&[String]> {
    let texts = &column.samples;
    let is_whole = column.distinct as usize == texts.len()
        && texts.len() <= MOST
        && texts.iter().all(|text| text.chars().count() < SAMPLE_LENGTH);
    (column.kind == ColumnKind::Text && is_whole).then_some(texts)
}

/// 1 on the rows that have the text of an input such as `site=north`; `None` where it is no such input.
pub(super) fn indicator(table: &Table, input: &str) -> Option<Vec<f64>> {
    if table.column(input).is_some() {
        return None;
    }
    table.columns().iter().find_map(|column| {
        let text = input.strip_prefix(&column.name)?.strip_prefix('=')?;
        let Values::Texts { dictionary, codes } = &column.values else { return None };
        let place = dictionary.iter().position(|known| known == text)? as u32;
        let value =
            |code: &u32| if *code == MISSING { f64::NAN } else { f64::from(u8::from(*code == place)) };
        Some(codes.iter().map(value).collect())
    })
}

#[cfg(test)]
mod tests {
    use contracts::table::Column;

    use super::*;

    #[test]
    fn a_text_is_one_on_its_own_rows() {
        let texts =
            Values::Texts { dictionary: vec!["a".into(), "b=c".into()], codes: vec![0, 1, MISSING, 1] };
        let table = Table::new(vec![Column { name: "site".into(), values: texts }]).unwrap();
        let found = indicator(&table, "site=b=c").unwrap();
        assert_eq!((found[0], found[1], found[3]), (0.0, 1.0, 1.0));
        assert!(found[2].is_nan());
        assert!(indicator(&table, "site=d").is_none() && indicator(&table, "site").is_none());
    }

    fn set(texts: &[&str], distinct: u64) -> DataSetDetail {
        let profile = serde_json::json!([{ "name": "site", "kind": "text", "count": 4, "missing": 0, "distinct": distinct,
            "constant": texts.len() == 1, "histogram": [], "samples": texts }]);
        let set = serde_json::json!({ "id": uuid::Uuid::nil(), "name": "sites", "description": "", "source": "upload",
            "version": 1, "rows": 4, "columns": ["site"], "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z", "profile": profile, "findings": [], "size_bytes": 10 });
        serde_json::from_value(set).unwrap()
    }

    #[test]
    fn a_column_spreads_over_the_texts_it_is_known_by() {
        let sites = set(&["n", "s", "e"], 3);
        assert_eq!(spread(&sites, "site").unwrap(), ["site=s", "site=e"]);
        assert_eq!(text_of(&sites, "site=e"), Some("site"));
        assert_eq!(text_of(&sites, "site=nowhere"), None);
        assert_eq!(spread(&set(&["n", "s"], 30), "site").unwrap(), ["site"], "others are not known");
        let long = "x".repeat(SAMPLE_LENGTH);
        assert_eq!(spread(&set(&["n", &long], 2), "site").unwrap(), ["site"], "its end is not known");
        assert!(spread(&set(&["n"], 1), "site").is_err(), "nothing to compare it with");
    }

    #[test]
    fn the_first_text_is_what_others_are_compared_with() {
        let texts = ["n", "s", "e"].map(str::to_owned);
        assert_eq!(inputs_of_texts("site", texts.iter()), ["site=s", "site=e"]);
    }
}
