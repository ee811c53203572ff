//! Every folder of `cases/import` is an upload with what must come of it; and laws for any table.

use std::path::Path;

use contracts::catalogue::Upload;
use contracts::table::MISSING;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const WORDS: &str = include_str!("../../../../platform/contracts/messages/catalogue.en.ftl");

#[test]
fn every_case_gives_its_table_or_its_refusal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/import");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 20, "the cases are there");
    let written: Vec<_> = cases.iter().filter(|case| !check(case)).collect();
    assert!(written.is_empty(), "review what was written: {written:?}");
}

/// Compares a case with what is expected of it; says false when nothing was expected yet.
fn check(case: &Path) -> bool {
    let input = std::fs::read(case.join("input.csv")).unwrap();
    let upload = match std::fs::read(case.join("options.json")) {
        Ok(json) => serde_json::from_slice(&json).unwrap(),
        Err(_) => Upload::default(),
    };
    let found = told(import(&input, &upload, usize::MAX));
    assert_eq!(told(import(&input, &upload, 1)), found, "{}: in pieces of one byte", case.display());
    for finding in found["findings"].as_array().into_iter().flatten() {
        let words = format!("\nfinding-{} =", finding["code"].as_str().unwrap());
        assert!(WORDS.contains(&words), "there are no words for {words}");
    }
    let expected = case.join("expected.json");
    let Ok(json) = std::fs::read(&expected) else {
        std::fs::write(&expected, format!("{found:#}\n")).unwrap();
        return false;
    };
    assert_eq!(found, serde_json::from_slice::<Value>(&json).unwrap(), "{}", case.display());
    true
}

fn import(input: &[u8], upload: &Upload, piece: usize) -> Result<Imported, ImportError> {
    let mut importer = Importer::new(Options::read(upload)?, Limits::default());
    for bytes in input.chunks(piece.min(input.len().max(1))) {
        importer.push(bytes)?;
    }
    importer.finish()
}

fn told(read: Result<Imported, ImportError>) -> Value {
    let table = match read {
        Ok(table) => table,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|c| json!({ "name": c.profile.name, "kind": c.profile.kind, "values": values(&c.blocks) }))
        .collect();
    json!({ "rows": table.rows, "target": table.target, "columns": columns, "findings": table.findings })
}

fn values(blocks: &Blocks) -> Vec<Value> {
    match blocks {
        Blocks::Numbers(blocks) => blocks.iter().flatten().map(|&x| Value::from(x)).collect(),
        Blocks::Texts { dictionary, codes } => {
            let text =
                |&code: &u32| if code == MISSING { Value::Null } else { json!(dictionary[code as usize]) };
            codes.iter().flatten().map(text).collect()
        }
    }
}

/// Longer than the sample that the dialect is told from, with everything that may stand across the end of a piece.
#[test]
fn a_long_file_is_the_same_table_in_any_pieces() {
    let line = |i: u32| match i % 5 {
        0 => format!("{i},\"a \"\"b\"\"\r\nc{}\",1e-3\r\n", i % 3),
        1 => format!("{i},Köln,\r\n"),
        2 => format!("{i}, é ,{}\r\n", f64::from(i) / 7.0),
        _ => format!("{i},x{},-{i}\r\n", i % 10),
    };
    let text: String = std::iter::once("n,word,y\r\n".to_owned()).chain((0..20_000).map(line)).collect();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let whole = told(import(text.as_bytes(), &Upload::default(), usize::MAX));
    assert_eq!(
        (&whole["rows"], &whole["columns"][1]["values"][0]),
        (&json!(20_000), &json!("a \"b\"\r\nc0"))
    );
    for piece in [1, 7, 4096, 65_537] {
        assert!(told(import(text.as_bytes(), &Upload::default(), piece)) == whole, "pieces of {piece}");
        let wide = told(import(&utf16, &Upload::default(), piece));
        assert!(wide["columns"] == whole["columns"], "UTF-16 in pieces of {piece}");
    }
}

#[test]
fn a_line_without_an_end_is_refused_soon() {
    let mut importer = Importer::new(Options::default(), Limits::default());
    let refused =
        (0..1000).find_map(|pieces| importer.push(&[b'1'; 16 * 1024]).err().map(|error| (pieces, error)));
    let (pieces, error) = refused.unwrap();
    assert!(pieces * 16 * 1024 <= MAX_SAMPLE, "after {pieces} pieces");
    assert_eq!(error, ImportError::TooLarge { limit: "max_cell_bytes", allowed: 65_536, row: Some(1) });
}

/// A cell of a table to be written, and how it is read.
fn cell() -> impl Strategy<Value = (String, Value)> {
    let number = any::<f64>().prop_filter("finite", |x| x.is_finite());
    let word = "[a-z \",;\n\té]{0,6}x";
    prop_oneof![
        4 => number.prop_map(|x| (written(x), json!(x))),
        1 => Just((String::new(), Value::Null)),
        1 => word.prop_map(|text| (format!("\"{}\"", text.replace('"', "\"\"")), json!(text))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn reads_what_was_written(rows in prop::collection::vec((any::<i32>(), cell()), 1..60), piece in 1..50_usize) {
        let lines = rows.iter().map(|(number, (cell, _))| format!("{number},{cell},{number}\n"));
        let text: String = std::iter::once("n,c,y\n".to_owned()).chain(lines).collect();
        let upload = Upload { delimiter: Some(",".into()), header: Some("yes".into()), ..Upload::default() };
        let table = import(text.as_bytes(), &upload, piece).unwrap();
        prop_assert_eq!(table.rows, rows.len() as u64);
        let is_text = rows.iter().any(|(_, (_, value))| value.is_string());
        for (found, (_, (_, expected))) in values(&table.columns[1].blocks).iter().zip(&rows) {
            match expected {
                Value::Number(x) if is_text => prop_assert_eq!(found, &json!(written(x.as_f64().unwrap()))),
                _ => prop_assert_eq!(found, expected),
            }
        }
        for (found, (number, _)) in values(&table.columns[0].blocks).iter().zip(&rows) {
            prop_assert_eq!(found, &json!(f64::from(*number)));
        }
    }

    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), piece in 1..50_usize) {
        let whole = told(import(&bytes, &Upload::default(), usize::MAX));
        prop_assert_eq!(told(import(&bytes, &Upload::default(), piece)), whole);
    }

    #[test]
    fn survives_anything_like_a_table(text in "[-0-9a,;.\t\"\r\n |#e]{0,200}", piece in 1..50_usize) {
        let whole = told(import(text.as_bytes(), &Upload::default(), usize::MAX));
        prop_assert_eq!(told(import(text.as_bytes(), &Upload::default(), piece)), whole);
    }
}
