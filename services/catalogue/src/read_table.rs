//! Reads a table without a server: for commands that work on a file.

use std::io::Read;

use contracts::catalogue::Upload;
use contracts::finding::Finding;
use contracts::table::{Column, Table, Values};

use crate::import::{Blocks, Importer, Limits, Options};

/// The table in a CSV or TSV file with what was noticed, by the same rules as an upload and with what is said about the
/// writing. The error says what and where.
pub fn read_table(
    mut file: impl Read,
    upload: &Upload,
) -> Result<(Table, Vec<Finding>), Box<dyn std::error::Error + Send + Sync>> {
    let mut importer = Importer::new(Options::read(upload)?, Limits { cells: u64::MAX, ..Limits::default() });
    let mut piece = vec![0; 256 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => importer.push(&piece[..length])?,
        }
    }
    let imported = importer.finish()?;
    let columns = imported.columns.into_iter().map(|column| {
        let values = match column.blocks {
            Blocks::Numbers(blocks) => Values::Numbers(blocks.concat()),
            Blocks::Texts { dictionary, codes } => Values::Texts { dictionary, codes: codes.concat() },
        };
        Column { name: column.profile.name, values }
    });
    Ok((Table::new(columns.collect())?, imported.findings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_texts() {
        let (table, findings) =
            read_table("x;y;who\n1,5;2;a\n2,5;;b\n3,5;4;a\n".as_bytes(), &Upload::default()).unwrap();
        assert_eq!(table.numbers("x"), Some([1.5, 2.5, 3.5].as_slice()));
        assert!(table.numbers("y").unwrap()[1].is_nan());
        assert!(table.numbers("who").is_none());
        assert!(findings.iter().any(|f| f.code == "missing-values"));
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        let wrong =
            |text: &str, upload: &Upload| read_table(text.as_bytes(), upload).unwrap_err().to_string();
        assert_eq!(wrong("", &Upload::default()), "the file is empty");
        let upload = Upload { decimal: Some("dot".into()), ..Upload::default() };
        assert_eq!(
            wrong("x,y\n1,2\n", &upload),
            "\"dot\" is not a decimal; expected auto, a point or a comma"
        );
    }

    #[test]
    fn a_comma_that_may_separate_thousands_is_told_unless_somebody_says_what_it_is() {
        let codes = |text: &str, decimal: Option<&str>| {
            let upload = Upload { decimal: decimal.map(str::to_owned), ..Upload::default() };
            let (_, findings) = read_table(text.as_bytes(), &upload).unwrap();
            findings.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        let doubtful = "month;units\n1;1,234\n2;2,468\n3;12,340\n";
        assert!(codes(doubtful, None).contains(&"thousands-doubtful".to_owned()));
        assert!(!codes(doubtful, Some("comma")).contains(&"thousands-doubtful".to_owned()));
        let clear = "month;units\n1,5;1,234\n2,5;2,468\n";
        assert!(!codes(clear, None).contains(&"thousands-doubtful".to_owned()), "1,5 says what the comma is");
    }
}
