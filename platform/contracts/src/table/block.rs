//! Blocks: a run of values of one column as bytes with a version, a kind, a count and a checksum.

use super::{TableError, Values};

const VERSION: u8 = 1;
pub(super) const NUMBERS: u8 = 0;
pub(super) const TEXTS: u8 = 1;
const HEAD: usize = 6;
const CHECKSUM: usize = 4;

/// A block of numbers.
pub fn encode_numbers(values: &[f64]) -> Vec<u8> {
    let mut bytes = head(NUMBERS, values.len(), 8);
    for value in values {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    sealed(bytes)
}

/// A block of places in a dictionary.
pub fn encode_codes(codes: &[u32]) -> Vec<u8> {
    let mut bytes = head(TEXTS, codes.len(), 4);
    for code in codes {
        bytes.extend_from_slice(&code.to_le_bytes());
    }
    sealed(bytes)
}

/// Appends the numbers of a block.
pub fn decode_numbers(block: &[u8], into: &mut Vec<f64>) -> Result<(), TableError> {
    let payload = payload(block, NUMBERS, 8)?;
    into.extend(payload.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)));
    Ok(())
}

/// Appends the places of a block.
pub fn decode_codes(block: &[u8], into: &mut Vec<u32>) -> Result<(), TableError> {
    let payload = payload(block, TEXTS, 4)?;
    into.extend(payload.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)));
    Ok(())
}

pub(super) fn decode_into(block: &[u8], values: &mut Values) -> Result<(), TableError> {
    match values {
        Values::Numbers(numbers) => decode_numbers(block, numbers),
        Values::Texts { codes, .. } => decode_codes(block, codes),
    }
}

fn head(kind: u8, count: usize, width: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + count * width + CHECKSUM);
    bytes.push(VERSION);
    bytes.push(kind);
    bytes.extend_from_slice(&(count as u32).to_le_bytes());
    bytes
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn payload(block: &[u8], kind: u8, width: usize) -> Result<&[u8], TableError> {
    let (body, checksum) = block.split_last_chunk::<CHECKSUM>().ok_or(TableError::Truncated("a block"))?;
    let (head, payload) = body.split_first_chunk::<HEAD>().ok_or(TableError::Truncated("a block"))?;
    if head[0] != VERSION {
        return Err(TableError::Unknown("version of a block"));
    }
    if head[1] != kind {
        return Err(TableError::Unknown("kind of a block"));
    }
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return Err(TableError::Damaged("a block"));
    }
    let count = u32::from_le_bytes([head[2], head[3], head[4], head[5]]) as usize;
    if payload.len() != count * width {
        return Err(TableError::Truncated("a block"));
    }
    Ok(payload)
}
