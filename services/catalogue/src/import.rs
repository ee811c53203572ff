//! Reads an uploaded table that comes in pieces.
//!
//! [`Importer::push`] takes the pieces as they arrive, [`Importer::finish`] gives the columns with their profiles and
//! findings. Memory grows with the cells (8 bytes per number, 4 per text, plus each different text once), never with
//! the length of the file. Poor data become findings; [`ImportError`] is for what can't become a table.

mod assembler;
mod cell;
mod column;
mod dialect;
mod encoding;
mod error;
mod limits;
mod names;
mod notes;
mod preamble;
mod tokens;

#[cfg(test)]
mod tests;

use contracts::catalogue::ColumnProfile;
use contracts::finding::Finding;

use assembler::Assembler;
pub(crate) use column::{Blocks, written};
pub(crate) use dialect::Options;
use encoding::{Encoding, Utf16};
pub(crate) use error::ImportError;
pub(crate) use limits::Limits;
pub(crate) use tokens::Delimiter;
use tokens::Tokens;

/// A table that was read to its end.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) columns: Vec<ImportedColumn>,
    pub(crate) rows: u64,
    pub(crate) block_rows: usize,
    pub(crate) target: Option<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) size_bytes: u64,
}

/// One column of it.
#[derive(Debug)]
pub(crate) struct ImportedColumn {
    pub(crate) profile: ColumnProfile,
    pub(crate) blocks: Blocks,
}

/// Reads a table that comes in pieces.
#[derive(Debug)]
pub(crate) struct Importer {
    options: Options,
    limits: Limits,
    size_bytes: u64,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Gathering the beginning, from which the dialect is told.
    Gathering(Vec<u8>),
    Reading(Box<Reader>),
}

#[derive(Debug)]
struct Reader {
    utf16: Option<Utf16>,
    tokens: Tokens,
    rows: Assembler,
}

/// Enough of a file to tell its dialect, when it holds some line breaks.
const SAMPLE: usize = 64 * 1024;
const LINE_BREAKS: usize = 4;

/// No table has so long lines that this holds too few.
const MAX_SAMPLE: usize = 16 * 1024 * 1024;

impl Importer {
    pub(crate) fn new(options: Options, limits: Limits) -> Self {
        Self { options, limits, size_bytes: 0, phase: Phase::Gathering(Vec::new()) }
    }

    /// Takes the next piece of the file.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.size_bytes += bytes.len() as u64;
        match &mut self.phase {
            Phase::Reading(reader) => reader.push(bytes),
            Phase::Gathering(start) => {
                start.extend_from_slice(bytes);
                let Some(length) = sample_length(start) else { return Ok(()) };
                let start = std::mem::take(start);
                let mut reader = self.begin(&start[..length], false)?;
                reader.push(&start[length..])?;
                self.phase = Phase::Reading(Box::new(reader));
                Ok(())
            }
        }
    }

    /// The file is complete: gives its table.
    pub(crate) fn finish(mut self) -> Result<Imported, ImportError> {
        let reader = match std::mem::replace(&mut self.phase, Phase::Gathering(Vec::new())) {
            Phase::Reading(reader) => reader,
            Phase::Gathering(start) => Box::new(self.begin(&start, true)?),
        };
        let Reader { mut tokens, mut rows, .. } = *reader;
        tokens.finish(&mut |row| rows.take(row))?;
        rows.finish(tokens.stray_quotes, self.size_bytes)
    }

    fn begin(&self, start: &[u8], complete: bool) -> Result<Reader, ImportError> {
        let (encoding, mark) = encoding::recognize(start)?;
        let mut utf16 = match encoding {
            Encoding::Bytes => None,
            Encoding::Utf16 { big_endian } => Some(Utf16::new(big_endian)),
        };
        let decoded = utf16.as_mut().map(|utf16| utf16.push(&start[mark..]));
        let text = decoded.as_deref().unwrap_or(&start[mark..]);
        let preamble = preamble::read(text);
        let mut options = self.options.clone();
        options.delimiter = options.delimiter.or(preamble.delimiter);
        let table = &text[preamble.bytes..];
        let dialect = dialect::sniff(table, complete, &options, self.limits)?;
        let tokens = Tokens::new(dialect.delimiter, self.limits, preamble.lines + 1);
        let mut rows = Assembler::new(dialect, self.limits, options);
        if utf16.is_some() {
            rows.note(Finding::info("encoding-utf16"));
        }
        if preamble.comments > 0 {
            rows.note(Finding::info("comment-lines-skipped").with("count", preamble.comments));
        }
        let mut reader = Reader { utf16: None, tokens, rows };
        reader.push(table)?;
        reader.utf16 = utf16;
        Ok(reader)
    }
}

/// How much of a file the dialect is told from, once there is enough; it depends on the file, not on its pieces.
fn sample_length(start: &[u8]) -> Option<usize> {
    if start.len() < SAMPLE {
        return None;
    }
    let breaks = start.iter().enumerate().filter(|(_, b)| matches!(b, b'\n' | b'\r'));
    match breaks.map(|(place, _)| place + 1).nth(LINE_BREAKS - 1) {
        Some(end) => Some(end.clamp(SAMPLE, MAX_SAMPLE)),
        None => (start.len() >= MAX_SAMPLE).then_some(MAX_SAMPLE),
    }
}

impl Reader {
    fn push(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let rows = &mut self.rows;
        match &mut self.utf16 {
            Some(utf16) => self.tokens.push(&utf16.push(bytes), &mut |row| rows.take(row)),
            None => self.tokens.push(bytes, &mut |row| rows.take(row)),
        }
    }
}
