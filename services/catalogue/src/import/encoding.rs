//! The first look at an upload's bytes: byte order marks, UTF-16, and files that aren't text.

use super::error::ImportError;

/// The encodings a table may come in; what is not UTF-8 inside `Bytes` is decoded cell by cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Bytes,
    Utf16 { big_endian: bool },
}

/// Turns UTF-16 that comes in pieces into UTF-8.
#[derive(Debug)]
pub(super) struct Utf16 {
    big_endian: bool,
    half_unit: Option<u8>,
    high_surrogate: Option<u16>,
}

/// The beginnings of files that people take for tables.
const FOREIGN: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "a workbook or ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "a database file"),
];

/// Says how the file is encoded and how many bytes of a byte order mark to skip.
pub(super) fn recognize(start: &[u8]) -> Result<(Encoding, usize), ImportError> {
    if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(ImportError::NotText(what));
    }
    match start {
        [0xef, 0xbb, 0xbf, ..] => Ok((Encoding::Bytes, 3)),
        [0xff, 0xfe, ..] => Ok((Encoding::Utf16 { big_endian: false }, 2)),
        [0xfe, 0xff, ..] => Ok((Encoding::Utf16 { big_endian: true }, 2)),
        _ if start.contains(&0) => without_mark(start),
        _ => Ok((Encoding::Bytes, 0)),
    }
}

/// UTF-16 without a mark has zeros at every other place of a table; anything else with zeros isn't text.
fn without_mark(start: &[u8]) -> Result<(Encoding, usize), ImportError> {
    let zeros = |first: usize| start.iter().skip(first).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = start.len() / 2;
    match () {
        () if even == 0 && odd * 10 >= half * 8 => Ok((Encoding::Utf16 { big_endian: false }, 0)),
        () if odd == 0 && even * 10 >= half * 8 => Ok((Encoding::Utf16 { big_endian: true }, 0)),
        () => Err(ImportError::NotText("binary data")),
    }
}

impl Utf16 {
    pub(super) fn new(big_endian: bool) -> Self {
        Self { big_endian, half_unit: None, high_surrogate: None }
    }

    /// Decodes the next piece; what is no UTF-16 becomes the replacement character.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut text = String::with_capacity(bytes.len());
        for &byte in bytes {
            let Some(first) = self.half_unit.take() else {
                self.half_unit = Some(byte);
                continue;
            };
            let pair = [first, byte];
            let unit = if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
            self.push_unit(unit, &mut text);
        }
        text.into_bytes()
    }

    fn push_unit(&mut self, unit: u16, text: &mut String) {
        if let Some(high) = self.high_surrogate.take() {
            if (0xdc00..0xe000).contains(&unit) {
                text.extend(char::decode_utf16([high, unit]).filter_map(Result::ok));
                return;
            }
            text.push(char::REPLACEMENT_CHARACTER);
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.high_surrogate = Some(unit);
        } else {
            text.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_a_byte_order_mark() {
        assert_eq!(recognize(b"\xef\xbb\xbfx,y"), Ok((Encoding::Bytes, 3)));
        assert_eq!(recognize(b"\xff\xfex\0"), Ok((Encoding::Utf16 { big_endian: false }, 2)));
    }

    #[test]
    fn recognizes_utf_16_without_a_mark() {
        let text: Vec<u8> = "x;y\r\n1;2".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(recognize(&text), Ok((Encoding::Utf16 { big_endian: true }, 0)));
    }

    #[test]
    fn names_what_is_not_text() {
        assert_eq!(recognize(b"PK\x03\x04...."), Err(ImportError::NotText("a workbook or ZIP archive")));
        assert_eq!(recognize(b"\x01\x02\0\0\0\x03ab"), Err(ImportError::NotText("binary data")));
    }

    #[test]
    fn decodes_utf_16_in_any_pieces() {
        let text = "Käfer 🪲;1";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for size in 1..5 {
            let mut decoder = Utf16::new(false);
            let decoded: Vec<u8> = bytes.chunks(size).flat_map(|piece| decoder.push(piece)).collect();
            assert_eq!(String::from_utf8(decoded).unwrap(), text, "pieces of {size}");
        }
    }
}
