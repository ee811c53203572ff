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
    Gathering(Beginning),
    Reading(Box<Reader>),
}

/// The beginning of a file and the line breaks found in it so far.
#[derive(Debug, Default)]
struct Beginning {
    bytes: Vec<u8>,
    searched: usize,
    line_breaks: usize,
    last_break: usize,
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
const MAX_SAMPLE: usize = 4 * 1024 * 1024;

impl Importer {
    pub(crate) fn new(options: Options, limits: Limits) -> Self {
        Self { options, limits, size_bytes: 0, phase: Phase::Gathering(Beginning::default()) }
    }

    /// Takes the next piece of the file.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.size_bytes += bytes.len() as u64;
        match &mut self.phase {
            Phase::Reading(reader) => reader.push(bytes),
            Phase::Gathering(start) => {
                start.bytes.extend_from_slice(bytes);
                let Some(length) = start.sample_length() else { return Ok(()) };
                let start = std::mem::take(&mut start.bytes);
                let mut reader = self.begin(&start[..length], false)?;
                reader.push(&start[length..])?;
                self.phase = Phase::Reading(Box::new(reader));
                Ok(())
            }
        }
    }

    /// The file is complete: gives its table.
    pub(crate) fn finish(mut self) -> Result<Imported, ImportError> {
        let reader = match std::mem::replace(&mut self.phase, Phase::Gathering(Beginning::default())) {
            Phase::Reading(reader) => reader,
            Phase::Gathering(start) => Box::new(self.begin(&start.bytes, true)?),
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

impl Beginning {
    /// How much of the file the dialect is told from, once there is enough; it depends on the file, not on its pieces.
    fn sample_length(&mut self) -> Option<usize> {
        while self.line_breaks < LINE_BREAKS && self.searched < self.bytes.len() {
            if matches!(self.bytes[self.searched], b'\n' | b'\r') {
                self.line_breaks += 1;
                self.last_break = self.searched + 1;
            }
            self.searched += 1;
        }
        let enough = if self.line_breaks == LINE_BREAKS { self.last_break } else { MAX_SAMPLE };
        let length = enough.clamp(SAMPLE, MAX_SAMPLE);
        (self.bytes.len() >= length).then_some(length)
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
