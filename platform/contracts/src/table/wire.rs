//! The whole table as bytes: heads with checksums, and blocks with their lengths.

use super::block::{self, NUMBERS, TEXTS};
use super::{BLOCK, Column, MISSING, Table, TableError, Values};

const MAGIC: &[u8; 4] = b"QTBL";
const VERSION: u8 = 1;

/// The first bytes of a table.
pub fn table_head(columns: usize, rows: usize) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.push(VERSION);
    head.extend_from_slice(&(columns as u32).to_le_bytes());
    head.extend_from_slice(&(rows as u64).to_le_bytes());
    framed(&head)
}

/// The bytes before the blocks of a column; a column of texts has a dictionary.
pub fn column_head(name: &str, dictionary: Option<&[String]>) -> Vec<u8> {
    let mut head = Vec::new();
    put_text(&mut head, name);
    match dictionary {
        None => head.push(NUMBERS),
        Some(texts) => {
            head.push(TEXTS);
            head.extend_from_slice(&(texts.len() as u32).to_le_bytes());
            for text in texts {
                put_text(&mut head, text);
            }
        }
    }
    framed(&head)
}

/// The dictionary in the head of a column of texts.
pub fn decode_dictionary(column_head: &[u8]) -> Result<Vec<String>, TableError> {
    let mut rest = column_head;
    match take_column_head(&mut rest)? {
        (_, Values::Texts { dictionary, .. }) => Ok(dictionary),
        (_, Values::Numbers(_)) => Err(TableError::Unknown("kind of a column")),
    }
}

/// The bytes before a block.
pub fn block_frame(block: &[u8]) -> [u8; 4] {
    (block.len() as u32).to_le_bytes()
}

pub(super) fn encode(table: &Table) -> Vec<u8> {
    let mut bytes = table_head(table.columns.len(), table.rows);
    for column in &table.columns {
        match &column.values {
            Values::Numbers(numbers) => {
                bytes.extend(column_head(&column.name, None));
                put_blocks(&mut bytes, numbers.chunks(BLOCK).map(block::encode_numbers));
            }
            Values::Texts { dictionary, codes } => {
                bytes.extend(column_head(&column.name, Some(dictionary)));
                put_blocks(&mut bytes, codes.chunks(BLOCK).map(block::encode_codes));
            }
        }
    }
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Result<Table, TableError> {
    let mut rest = bytes;
    let mut head = take_frame(&mut rest, "the head")?;
    if take(&mut head, 4, "the head")? != MAGIC {
        return Err(TableError::Unknown("it does not begin with QTBL"));
    }
    if take(&mut head, 1, "the head")? != [VERSION] {
        return Err(TableError::Unknown("version of the table"));
    }
    let columns = take_u32(&mut head, "the head")?;
    let rows = take_u64(&mut head, "the head")? as usize;
    let columns = (0..columns).map(|_| take_column(&mut rest, rows)).collect::<Result<Vec<_>, _>>()?;
    if !rest.is_empty() {
        return Err(TableError::Unknown("bytes after its end"));
    }
    Ok(Table { rows, columns })
}

/// The name of a column and its values, still without a row.
fn take_column_head(rest: &mut &[u8]) -> Result<(String, Values), TableError> {
    const WHAT: &str = "the head of a column";
    let mut head = take_frame(rest, WHAT)?;
    let name = take_text(&mut head)?;
    let values = match take(&mut head, 1, WHAT)? {
        [NUMBERS] => Values::Numbers(Vec::new()),
        [TEXTS] => {
            let count = take_u32(&mut head, WHAT)?;
            let dictionary = (0..count).map(|_| take_text(&mut head)).collect::<Result<_, _>>()?;
            Values::Texts { dictionary, codes: Vec::new() }
        }
        _ => return Err(TableError::Unknown("kind of a column")),
    };
    Ok((name, values))
}

fn take_column(rest: &mut &[u8], rows: usize) -> Result<Column, TableError> {
    let (name, mut values) = take_column_head(rest)?;
    while values.len() < rows {
        let length = take_u32(rest, "a block")? as usize;
        let before = values.len();
        block::decode_into(take(rest, length, "a block")?, &mut values)?;
        if values.len() == before || values.len() > rows {
            return Err(TableError::Unknown("number of values in a block"));
        }
    }
    match &values {
        Values::Texts { dictionary, codes }
            if codes.iter().any(|&c| c != MISSING && c as usize >= dictionary.len()) =>
        {
            Err(TableError::Unknown("place in a dictionary"))
        }
        _ => Ok(Column { name, values }),
    }
}

fn framed(head: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(head.len() + 8);
    bytes.extend_from_slice(&(head.len() as u32).to_le_bytes());
    bytes.extend_from_slice(head);
    bytes.extend_from_slice(&crc32fast::hash(head).to_le_bytes());
    bytes
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn put_blocks(bytes: &mut Vec<u8>, blocks: impl Iterator<Item = Vec<u8>>) {
    for block in blocks {
        bytes.extend_from_slice(&block_frame(&block));
        bytes.extend(block);
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize, what: &'static str) -> Result<&'a [u8], TableError> {
    let (taken, left) = rest.split_at_checked(count).ok_or(TableError::Truncated(what))?;
    *rest = left;
    Ok(taken)
}

fn take_frame<'a>(rest: &mut &'a [u8], what: &'static str) -> Result<&'a [u8], TableError> {
    let length = take_u32(rest, what)? as usize;
    let head = take(rest, length, what)?;
    if take_u32(rest, what)? != crc32fast::hash(head) {
        return Err(TableError::Damaged(what));
    }
    Ok(head)
}

fn take_u32(rest: &mut &[u8], what: &'static str) -> Result<u32, TableError> {
    let bytes = take(rest, 4, what)?;
    Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn take_u64(rest: &mut &[u8], what: &'static str) -> Result<u64, TableError> {
    let bytes = take(rest, 8, what)?;
    Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn take_text(head: &mut &[u8]) -> Result<String, TableError> {
    let length = take_u32(head, "a text")? as usize;
    let bytes = take(head, length, "a text")?;
    String::from_utf8(bytes.to_vec()).map_err(|_| TableError::Unknown("encoding of a text"))
}
