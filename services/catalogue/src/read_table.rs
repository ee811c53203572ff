//! Reads a table without a server: for commands that work on a file.

use std::io::Read;

use contracts::finding::Finding;
use contracts::table::{Column, Table, Values};

use crate::import::{Blocks, Importer, Limits, Options};

/// The table in a CSV or TSV file with what was noticed, by the same rules as an upload. The error says what and where.
pub fn read_table(
    mut file: impl Read,
) -> Result<(Table, Vec<Finding>), Box<dyn std::error::Error + Send + Sync>> {
    let mut importer = Importer::new(Options::default(), Limits { cells: u64::MAX, ..Limits::default() });
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
        let (table, findings) = read_table("x;y;who\n1,5;2;a\n2,5;;b\n3,5;4;a\n".as_bytes()).unwrap();
        assert_eq!(table.numbers("x"), Some([1.5, 2.5, 3.5].as_slice()));
        assert!(table.numbers("y").unwrap()[1].is_nan());
        assert!(table.numbers("who").is_none());
        assert!(findings.iter().any(|f| f.code == "missing-values"));
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        assert_eq!(read_table("".as_bytes()).unwrap_err().to_string(), "the file is empty");
    }
}
