//! How a file writes its table: found out from its beginning, as far as the uploader hasn't said it.

use contracts::catalogue::Upload;

use super::cell::{self, Cell, Decimal};
use super::error::ImportError;
use super::limits::Limits;
use super::tokens::{Delimiter, Row, Tokens};

/// What the uploader says about the file; what is absent is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) delimiter: Option<Delimiter>,
    pub(crate) decimal: Option<Decimal>,
    pub(crate) header: Option<bool>,
    pub(crate) target: Option<String>,
    /// The target of the version before, kept if the table has that column.
    pub(crate) target_to_keep: Option<String>,
}

/// How a file writes its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: Delimiter,
    pub(super) decimal: Decimal,
    pub(super) has_header: bool,
    /// Rows of one cell above the table: a title.
    pub(super) title_rows: usize,
    /// How many cells most rows have.
    pub(super) width: usize,
    /// Whether most rows end with a delimiter.
    pub(super) last_is_empty: bool,
}

type Cells = Vec<Vec<u8>>;

/// More rows than this don't make the guess better.
const ROWS: usize = 500;

impl Options {
    /// Reads what the uploader says.
    pub(crate) fn read(upload: &Upload) -> Result<Self, ImportError> {
        Ok(Self {
            delimiter: option("delimiter", upload.delimiter.as_deref(), &DELIMITERS)?,
            decimal: option("decimal", upload.decimal.as_deref(), &DECIMALS)?,
            header: option("header", upload.header.as_deref(), &HEADERS)?,
            target: upload.target.clone().filter(|target| !target.is_empty()),
            target_to_keep: None,
        })
    }
}

const DELIMITERS: [(&str, Option<Delimiter>); 11] = [
    ("auto", None),
    (",", Some(Delimiter::Comma)),
    ("comma", Some(Delimiter::Comma)),
    (";", Some(Delimiter::Semicolon)),
    ("semicolon", Some(Delimiter::Semicolon)),
    ("tab", Some(Delimiter::Tab)),
    ("\t", Some(Delimiter::Tab)),
    ("|", Some(Delimiter::Pipe)),
    ("pipe", Some(Delimiter::Pipe)),
    ("space", Some(Delimiter::Space)),
    (" ", Some(Delimiter::Space)),
];
const DECIMALS: [(&str, Option<Decimal>); 5] = [
    ("auto", None),
    (".", Some(Decimal::Point)),
    ("point", Some(Decimal::Point)),
    (",", Some(Decimal::Comma)),
    ("comma", Some(Decimal::Comma)),
];
const HEADERS: [(&str, Option<bool>); 3] = [("auto", None), ("yes", Some(true)), ("no", Some(false))];

fn option<T: Copy>(
    option: &'static str,
    value: Option<&str>,
    known: &[(&str, Option<T>)],
) -> Result<Option<T>, ImportError> {
    let value = value.filter(|v| !v.is_empty()).unwrap_or("auto");
    if let Some((_, meaning)) = known.iter().find(|(word, _)| *word == value) {
        return Ok(*meaning);
    }
    let expected = match option {
        "delimiter" => "auto, a comma, a semicolon, a vertical bar, tab or space",
        "decimal" => "auto, a point or a comma",
        _ => "auto, yes or no",
    };
    Err(ImportError::UnknownOption { option, value: value.to_owned(), expected })
}

/// Finds out how a file writes its table; `complete` says that `sample` is the whole of it.
pub(super) fn sniff(
    sample: &[u8],
    complete: bool,
    options: &Options,
    limits: Limits,
) -> Result<Dialect, ImportError> {
    let candidates = options.delimiter.as_ref().map_or(&Delimiter::ALL[..], std::slice::from_ref);
    let mut best: Option<(f64, Dialect)> = None;
    let (mut any_row, mut too_wide) = (false, None);
    for &delimiter in candidates {
        let (rows, refusal) = first_rows(sample, complete, delimiter, limits);
        too_wide =
            too_wide.or(refusal.filter(|r| matches!(r, ImportError::TooLarge { limit: "max_columns", .. })));
        any_row |= !rows.is_empty();
        let Some((score, dialect)) = judge(&rows, delimiter, options) else { continue };
        if best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, dialect));
        }
    }
    match best {
        Some((_, dialect)) => Ok(dialect),
        None if let Some(refusal) = too_wide => Err(refusal),
        None if !any_row && complete => Err(ImportError::Empty),
        None if !any_row => {
            Err(ImportError::TooLarge { limit: "max_cell_bytes", allowed: limits.cell_bytes, row: Some(1) })
        }
        None => Err(ImportError::OneColumn {
            delimiter: options
                .delimiter
                .map_or("a comma, semicolon, tab, vertical bar or blanks", Delimiter::name),
        }),
    }
}

/// The rows of the sample; what can't be read with this delimiter speaks against it.
fn first_rows(
    sample: &[u8],
    complete: bool,
    delimiter: Delimiter,
    limits: Limits,
) -> (Vec<Cells>, Option<ImportError>) {
    let mut rows: Vec<Cells> = Vec::new();
    let mut sink = |row: &Row| {
        if rows.len() < ROWS {
            rows.push(row.cells().map(<[u8]>::to_vec).collect());
        }
        Ok(())
    };
    let mut tokens = Tokens::new(delimiter, limits, 1);
    let refusal = tokens.push(sample, &mut sink).err();
    if refusal.is_none() && complete {
        // An open quotation mark is reported when the rows are read for good.
        let _ = tokens.finish(&mut sink);
    }
    (rows, refusal)
}

/// How well a delimiter explains the rows: as many cells in every row, and numbers in them.
fn judge(rows: &[Cells], delimiter: Delimiter, options: &Options) -> Option<(f64, Dialect)> {
    let width = usual_width(rows)?;
    if width < 2 {
        return None;
    }
    let title_rows = rows.iter().take_while(|row| row.len() == 1).count();
    let table = &rows[title_rows..];
    let body = if table.len() > 1 { &table[1..] } else { table };
    let regular: Vec<&Cells> = body.iter().filter(|row| row.len() == width).collect();
    let decimals =
        options.decimal.as_ref().map_or(&[Decimal::Point, Decimal::Comma][..], std::slice::from_ref);
    let mut best = (-1.0, Decimal::Point);
    let is_possible = |decimal: &&Decimal| {
        decimals.len() == 1
            || (**decimal == Decimal::Point || delimiter != Delimiter::Comma)
                && !separates_thousands(&regular, **decimal)
    };
    for &decimal in decimals.iter().filter(is_possible) {
        let share = share_of_numbers(&regular, decimal);
        if share > best.0 {
            best = (share, decimal);
        }
    }
    let (share, decimal) = best;
    let alike = table.iter().filter(|row| row.len() == width).count() as f64 / table.len() as f64;
    let has_header = options.header.unwrap_or_else(|| looks_like_a_header(table, decimal));
    let last_is_empty = !regular.is_empty() && regular.iter().all(|row| row[width - 1].is_empty());
    let dialect = Dialect { delimiter, decimal, has_header, title_rows, width, last_is_empty };
    Some((alike * (1.0 + 2.0 * share), dialect))
}

/// The number of cells that most rows have; of two the larger.
fn usual_width(rows: &[Cells]) -> Option<usize> {
    let mut widths: Vec<usize> = rows.iter().map(Vec::len).collect();
    widths.sort_unstable();
    widths.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).map(|same| same[0])
}

/// Whether some cell shows that the mark stands between thousands.
fn separates_thousands(rows: &[&Cells], mark: Decimal) -> bool {
    rows.iter().flat_map(|row| row.iter()).any(|bytes| cell::shows_thousands(bytes, mark))
}

/// How many cells are numbers, be it with thousands that are kept apart by what the table shows to be no decimal sign.
fn share_of_numbers(rows: &[&Cells], decimal: Decimal) -> f64 {
    let other = decimal.other();
    let has_thousands = separates_thousands(rows, other);
    let (mut numbers, mut values) = (0_u32, 0_u32);
    for bytes in rows.iter().flat_map(|row| row.iter()) {
        match cell::read(bytes, decimal) {
            Cell::Missing => {}
            Cell::Number(_) | Cell::NotFinite => {
                numbers += 1;
                values += 1;
            }
            Cell::Text => {
                let is_number = has_thousands
                    && (cell::may_be_thousands(bytes, other) || cell::shows_thousands(bytes, other));
                numbers += u32::from(is_number);
                values += 1;
            }
        }
    }
    if values == 0 { 0.0 } else { f64::from(numbers) / f64::from(values) }
}

/// A first row is a header when it has a word above a column of numbers, or when no column holds numbers at all.
fn looks_like_a_header(table: &[Cells], decimal: Decimal) -> bool {
    let Some((first, body)) = table.split_first() else { return false };
    let mut has_number_column = false;
    for (place, name) in first.iter().enumerate() {
        let filled =
            body.iter().filter_map(|row| row.get(place)).filter(|c| cell::read(c, decimal) != Cell::Missing);
        let (mut numbers, mut values) = (0_usize, 0_usize);
        for bytes in filled {
            values += 1;
            numbers += usize::from(cell::is_number(bytes, decimal));
        }
        if values > 0 && 2 * numbers >= values {
            has_number_column = true;
            if cell::read(name, decimal) == Cell::Text {
                return true;
            }
        }
    }
    let only_words = first.iter().all(|c| !cell::is_number(c, decimal));
    !has_number_column && only_words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, delimiter: Delimiter, decimal: Decimal, has_header: bool) {
        let found = sniff(text.as_bytes(), true, &Options::default(), Limits::default()).unwrap();
        assert_eq!(
            (found.delimiter, found.decimal, found.has_header),
            (delimiter, decimal, has_header),
            "{text:?}"
        );
    }

    #[test]
    fn tells_delimiter_decimal_mark_and_header() {
        check("x,y\n1,2\n3,4", Delimiter::Comma, Decimal::Point, true);
        check("1,2\n3,4", Delimiter::Comma, Decimal::Point, false);
        check("x;y\n1,5;2\n3;4,5", Delimiter::Semicolon, Decimal::Comma, true);
        check("1,5;2,5;3\n4;5;6,5", Delimiter::Semicolon, Decimal::Comma, false);
        check("x\ty\n1.5\t2\n", Delimiter::Tab, Decimal::Point, true);
        check("x|y\n1.5|2\n", Delimiter::Pipe, Decimal::Point, true);
        check("  x   y\n 1.5   2\n", Delimiter::Space, Decimal::Point, true);
        check("place, size\nNew York, 5\nLos Angeles, 3\n", Delimiter::Comma, Decimal::Point, true);
        check("name,color\na,red\nb,blue\n", Delimiter::Comma, Decimal::Point, true);
        check("n;m\n1,234;15,425.00\n2,468;1,000.50\n", Delimiter::Semicolon, Decimal::Point, true);
        check("n;m\n1.234;15.425,00\n2.468;1.000,50\n", Delimiter::Semicolon, Decimal::Comma, true);
        check("x,y\nNA,\n", Delimiter::Comma, Decimal::Point, true);
    }

    #[test]
    fn skips_a_title() {
        let found =
            sniff(b"Orbits of the planets\nd,T\n1,2\n3,4", true, &Options::default(), Limits::default());
        assert_eq!(found.map(|d| (d.title_rows, d.has_header)), Ok((1, true)));
    }

    #[test]
    fn refuses_an_unknown_option() {
        let upload = Upload { decimal: Some("x".into()), ..Upload::default() };
        let error = Options::read(&upload).unwrap_err();
        assert_eq!(error.to_string(), "\"x\" is not a decimal; expected auto, a point or a comma");
    }

    #[test]
    fn refuses_one_column() {
        let error = sniff(b"x\n1\n2", true, &Options::default(), Limits::default());
        assert!(matches!(error, Err(ImportError::OneColumn { .. })), "{error:?}");
    }
}
