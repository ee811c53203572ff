//! Cuts bytes that come in pieces into rows of cells.
//!
//! RFC 4180 with what real files need: any of five delimiters, LF, CRLF or CR, blanks around cells, doubled quotation
//! marks, line breaks inside quotes, empty lines skipped. Every row knows its line, every open quotation mark too.

use super::error::ImportError;
use super::limits::Limits;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Comma,
    Semicolon,
    Tab,
    Pipe,
    /// One or more blanks or tabs.
    Space,
}

/// One row: its cells without blanks and quotation marks around them.
#[derive(Debug, Default)]
pub(super) struct Row {
    line: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a cell's first byte; blanks are skipped.
    Start,
    Plain,
    Quoted,
    /// After a quotation mark inside a quoted cell: the end of it, or the first of a pair.
    Quote,
    /// After the end of a quoted cell; blanks are skipped.
    AfterQuote,
}

/// Cuts bytes into rows.
#[derive(Debug)]
pub(super) struct Tokens {
    delimiter: Delimiter,
    limits: Limits,
    state: State,
    row: Row,
    line: u64,
    quote_line: u64,
    after_cr: bool,
    /// The first line with bytes after a closing quotation mark, and how many cells have such.
    pub(super) stray_quotes: Option<(u64, u64)>,
}

impl Delimiter {
    pub(super) const ALL: [Self; 5] = [Self::Tab, Self::Semicolon, Self::Comma, Self::Pipe, Self::Space];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
            Self::Space => b' ',
        }
    }

    /// What a person calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Comma => "a comma",
            Self::Semicolon => "a semicolon",
            Self::Tab => "a tab",
            Self::Pipe => "a vertical bar",
            Self::Space => "blanks",
        }
    }

    fn cuts(self, byte: u8) -> bool {
        byte == self.byte() || (self == Self::Space && byte == b'\t')
    }
}

impl Row {
    /// The line it begins in, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at a place; empty beyond the row's end.
    pub(super) fn cell(&self, place: usize) -> &[u8] {
        match self.ends.get(place) {
            Some(&end) => &self.bytes[if place == 0 { 0 } else { self.ends[place - 1] }..end],
            None => &[],
        }
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|place| self.cell(place))
    }

    pub(super) fn is_utf8(&self) -> bool {
        std::str::from_utf8(&self.bytes).is_ok()
    }

    fn cell_start(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

impl Tokens {
    pub(super) fn new(delimiter: Delimiter, limits: Limits, first_line: u64) -> Self {
        Self {
            delimiter,
            limits,
            state: State::Start,
            row: Row { line: first_line, ..Row::default() },
            line: first_line,
            quote_line: 0,
            after_cr: false,
            stray_quotes: None,
        }
    }

    /// Takes the next bytes and gives each row that they complete to `sink`.
    pub(super) fn push<S>(&mut self, bytes: &[u8], sink: &mut S) -> Result<(), ImportError>
    where
        S: FnMut(&Row) -> Result<(), ImportError>,
    {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            match self.state {
                State::Plain => {
                    let run = rest.iter().position(|&b| self.ends_plain(b)).unwrap_or(rest.len());
                    self.append(&rest[..run])?;
                    rest = &rest[run..];
                    if let Some((&byte, after)) = rest.split_first() {
                        self.boundary(byte, sink)?;
                        rest = after;
                    }
                }
                State::Quoted => {
                    let run = rest.iter().position(|&b| b == b'"').unwrap_or(rest.len());
                    self.line += rest[..run].split(|&b| b == b'\n').skip(1).count() as u64;
                    self.append(&rest[..run])?;
                    rest = &rest[run..];
                    if let Some((_, after)) = rest.split_first() {
                        self.state = State::Quote;
                        rest = after;
                    }
                }
                State::Start | State::Quote | State::AfterQuote => {
                    self.step(byte, sink)?;
                    rest = &rest[1..];
                }
            }
        }
        Ok(())
    }

    /// The end of the bytes is the end of the last row.
    pub(super) fn finish<S>(&mut self, sink: &mut S) -> Result<(), ImportError>
    where
        S: FnMut(&Row) -> Result<(), ImportError>,
    {
        if self.state == State::Quoted {
            return Err(ImportError::UnclosedQuote { row: self.quote_line });
        }
        self.end_row(sink)
    }

    fn ends_plain(&self, byte: u8) -> bool {
        self.delimiter.cuts(byte) || byte == b'\n' || byte == b'\r'
    }

    /// One byte outside the two states that run.
    fn step<S>(&mut self, byte: u8, sink: &mut S) -> Result<(), ImportError>
    where
        S: FnMut(&Row) -> Result<(), ImportError>,
    {
        let after_cr = std::mem::take(&mut self.after_cr);
        match (self.state, byte) {
            (State::Start, b'\n') if after_cr => Ok(()),
            (State::Quote, b'"') => {
                self.state = State::Quoted;
                self.append(b"\"")
            }
            (State::Start, b'"') => {
                self.state = State::Quoted;
                self.quote_line = self.line;
                Ok(())
            }
            (State::Start, b' ' | b'\t') if self.delimiter == Delimiter::Space => Ok(()),
            (_, byte) if self.ends_plain(byte) => self.boundary(byte, sink),
            (State::Start, b' ' | b'\t') => Ok(()),
            (State::Start, _) => {
                self.state = State::Plain;
                self.append(&[byte])
            }
            (_, b' ' | b'\t') => {
                self.state = State::AfterQuote;
                Ok(())
            }
            _ => {
                let (_, count) = self.stray_quotes.get_or_insert((self.line, 0));
                *count += 1;
                self.state = State::Plain;
                self.append(&[byte])
            }
        }
    }

    /// A delimiter or the end of a line.
    fn boundary<S>(&mut self, byte: u8, sink: &mut S) -> Result<(), ImportError>
    where
        S: FnMut(&Row) -> Result<(), ImportError>,
    {
        if byte != b'\n' && byte != b'\r' {
            return self.end_cell();
        }
        self.end_row(sink)?;
        self.after_cr = byte == b'\r';
        self.line += 1;
        self.row.line = self.line;
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), ImportError> {
        if self.state == State::Plain {
            let start = self.row.cell_start();
            while self.row.bytes.len() > start && matches!(self.row.bytes.last(), Some(b' ' | b'\t')) {
                self.row.bytes.pop();
            }
        }
        self.state = State::Start;
        self.row.ends.push(self.row.bytes.len());
        if self.row.len() as u64 > self.limits.columns + 1 {
            return Err(self.too_large("max_columns", self.limits.columns));
        }
        Ok(())
    }

    fn end_row<S>(&mut self, sink: &mut S) -> Result<(), ImportError>
    where
        S: FnMut(&Row) -> Result<(), ImportError>,
    {
        let cell_begun = self.state != State::Start;
        if cell_begun || (self.row.len() > 0 && self.delimiter != Delimiter::Space) {
            self.end_cell()?;
        }
        if self.row.len() > 0 {
            sink(&self.row)?;
        }
        self.row.clear();
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.row.bytes.extend_from_slice(bytes);
        if (self.row.bytes.len() - self.row.cell_start()) as u64 <= self.limits.cell_bytes {
            return Ok(());
        }
        match self.state {
            State::Quoted => Err(ImportError::UnclosedQuote { row: self.quote_line }),
            _ => Err(self.too_large("max_cell_bytes", self.limits.cell_bytes)),
        }
    }

    fn too_large(&self, limit: &'static str, allowed: u64) -> ImportError {
        ImportError::TooLarge { limit, allowed, row: Some(self.row.line) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: Delimiter) -> Vec<(u64, Vec<String>)> {
        let all = cut(text, delimiter, usize::MAX);
        for size in 1..4 {
            assert_eq!(cut(text, delimiter, size), all, "pieces of {size} bytes");
        }
        all.unwrap()
    }

    type Rows = Result<Vec<(u64, Vec<String>)>, ImportError>;

    fn cut(text: &str, delimiter: Delimiter, size: usize) -> Rows {
        let mut rows = Vec::new();
        let mut sink = |row: &Row| {
            rows.push((row.line(), row.cells().map(|c| String::from_utf8_lossy(c).into()).collect()));
            Ok(())
        };
        let limits = Limits { cell_bytes: 20, columns: 4, ..Limits::default() };
        let mut tokens = Tokens::new(delimiter, limits, 1);
        for piece in text.as_bytes().chunks(size.min(text.len().max(1))) {
            tokens.push(piece, &mut sink)?;
        }
        tokens.finish(&mut sink)?;
        Ok(rows)
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|&c| c.into()).collect())
    }

    #[test]
    fn reads_the_three_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["x, y ", "1,2", "", "3,"].join(end);
            let expected = [row(1, &["x", "y"]), row(2, &["1", "2"]), row(4, &["3", ""])];
            assert_eq!(rows(&text, Delimiter::Comma), expected, "{end:?}");
        }
    }

    #[test]
    fn reads_quoted_cells() {
        let text = "a, \"b,\"\"c\"\"\nd\" ,e\n\"\",f";
        assert_eq!(rows(text, Delimiter::Comma), [row(1, &["a", "b,\"c\"\nd", "e"]), row(3, &["", "f"])]);
    }

    #[test]
    fn blanks_of_any_number_are_one_delimiter() {
        assert_eq!(
            rows("  x \t y  \n\n 1  2\n", Delimiter::Space),
            [row(1, &["x", "y"]), row(3, &["1", "2"])]
        );
    }

    #[test]
    fn keeps_what_follows_a_closing_quotation_mark_and_says_so() {
        let mut tokens = Tokens::new(Delimiter::Comma, Limits::default(), 1);
        let mut found = Vec::new();
        let mut sink = |row: &Row| {
            found.push(String::from_utf8_lossy(row.cell(0)).into_owned());
            Ok(())
        };
        tokens.push(b"a,b\n\"c\"d,e\n", &mut sink).unwrap();
        assert_eq!(found, ["a", "cd"]);
        assert_eq!(tokens.stray_quotes, Some((2, 1)));
    }

    #[test]
    fn names_the_row_of_an_unclosed_quotation_mark() {
        let error = Err(ImportError::UnclosedQuote { row: 2 });
        assert_eq!(cut("a,b\nc,\"d\ne,f", Delimiter::Comma, 100), error);
        assert_eq!(cut("a,b\nc,\"d\n123456789012345678901", Delimiter::Comma, 100), error);
    }

    #[test]
    fn names_the_limit_a_row_goes_beyond() {
        let long = cut("a,b\n123456789012345678901,1", Delimiter::Comma, 3);
        assert_eq!(long, Err(ImportError::TooLarge { limit: "max_cell_bytes", allowed: 20, row: Some(2) }));
        let wide = cut("a,b\n1,2,3,4,5,6", Delimiter::Comma, 3);
        assert_eq!(wide, Err(ImportError::TooLarge { limit: "max_columns", allowed: 4, row: Some(2) }));
    }
}
