//! Texts as inputs: a column of a few texts becomes an input `column=text` for each text but the first, which is 1 on the
//! rows that have the text and 0 on the others. The first text is what the others are compared with.

use contracts::catalogue::{ColumnKind, DataSetDetail};
use contracts::table::{MISSING, Table, Values};

/// Different texts of a column that may explain at most.
pub const MOST: usize = 10;

/// The inputs of a column with these texts, in their order of appearance.
pub fn inputs_of_texts<'a>(column: &str, texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    texts.skip(1).map(|text| format!("{column}={text}")).collect()
}

/// A named input as it is, or those of a column of a few texts.
pub(super) fn spread(set: &DataSetDetail, name: &str) -> Vec<String> {
    let column = set.profile.iter().find(|column| column.name == name && column.kind == ColumnKind::Text);
    match column {
        // The profile knows the first texts only.
        Some(column) if column.distinct as usize == column.samples.len() && column.samples.len() <= MOST => {
            inputs_of_texts(name, column.samples.iter())
        }
        _ => vec![name.to_owned()],
    }
}

/// The column of texts that an input such as `site=north` is of.
pub(super) fn is_text_of<'a>(set: &'a DataSetDetail, input: &str) -> Option<&'a str> {
    let of = |column: &&contracts::catalogue::ColumnProfile| {
        column.kind == ColumnKind::Text
            && input.strip_prefix(&column.name).is_some_and(|rest| rest.starts_with('='))
    };
    set.profile.iter().find(of).map(|column| column.name.as_str())
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

    #[test]
    fn the_first_text_is_what_others_are_compared_with() {
        let texts = ["n", "s", "e"].map(str::to_owned);
        assert_eq!(inputs_of_texts("site", texts.iter()), ["site=s", "site=e"]);
    }
}
