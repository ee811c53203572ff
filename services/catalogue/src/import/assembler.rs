//! Puts rows into columns and notes what is wrong with them.

use contracts::catalogue::{ColumnKind, ColumnProfile};
use contracts::finding::Finding;

use super::cell::{self, Decimal};
use super::column::{ColumnBuilder, Seen};
use super::dialect::{Dialect, Options};
use super::error::ImportError;
use super::limits::Limits;
use super::names::{self, Name, Trouble};
use super::notes::Notes;
use super::tokens::Row;
use super::{Imported, ImportedColumn};
use crate::profile;

/// Puts rows into columns.
#[derive(Debug)]
pub(super) struct Assembler {
    dialect: Dialect,
    /// Whether nobody but the file itself says that a comma is its decimal mark.
    is_comma_found: bool,
    limits: Limits,
    target: Option<String>,
    target_to_keep: Option<String>,
    title_rows_left: usize,
    names: Vec<Name>,
    columns: Vec<ColumnBuilder>,
    block_rows: usize,
    rows: u64,
    text_bytes: u64,
    too_short: Seen,
    too_long: Seen,
    not_utf8: Seen,
    notes: Notes,
}

/// A block of all columns together holds about so many values, so that reading row by row needs little memory.
const GROUP_VALUES: usize = 1024 * 1024;

impl Assembler {
    pub(super) fn new(dialect: Dialect, limits: Limits, options: Options) -> Self {
        let mut notes = Notes::default();
        if dialect.title_rows > 0 {
            notes.add(Finding::info("title-rows-skipped").with("count", dialect.title_rows));
        }
        let is_comma_found = dialect.decimal == Decimal::Comma && options.decimal.is_none();
        if dialect.decimal == Decimal::Comma {
            notes.add(Finding::info("decimal-comma"));
        }
        Self {
            dialect,
            is_comma_found,
            limits,
            target: options.target,
            target_to_keep: options.target_to_keep,
            title_rows_left: dialect.title_rows,
            names: Vec::new(),
            columns: Vec::new(),
            block_rows: 0,
            rows: 0,
            text_bytes: 0,
            too_short: Seen::default(),
            too_long: Seen::default(),
            not_utf8: Seen::default(),
            notes,
        }
    }

    pub(super) fn note(&mut self, finding: Finding) {
        self.notes.add(finding);
    }

    /// Takes the next row: a title, the header, or data.
    pub(super) fn take(&mut self, row: &Row) -> Result<(), ImportError> {
        if !row.is_utf8() {
            self.not_utf8.note(row.line(), &[]);
        }
        if self.title_rows_left > 0 {
            self.title_rows_left -= 1;
            return Ok(());
        }
        if self.columns.is_empty() {
            let names = if self.dialect.has_header {
                names::from_header(row, &self.dialect)
            } else {
                self.notes.add(Finding::info("header-absent"));
                names::made(row.len().max(self.dialect.width))
            };
            self.name_columns(names, row.line())?;
            if self.dialect.has_header {
                return Ok(());
            }
        }
        self.take_data(row)
    }

    fn name_columns(&mut self, names: Vec<Name>, line: u64) -> Result<(), ImportError> {
        if names.len() < 2 {
            return Err(ImportError::OneColumn { delimiter: self.dialect.delimiter.name() });
        }
        if names.len() as u64 > self.limits.columns {
            return Err(too_large("max_columns", self.limits.columns, line));
        }
        if let Some(target) = &self.target
            && !names.iter().any(|n| n.text == *target)
        {
            let all: Vec<&str> = names.iter().map(|n| n.text.as_str()).take(20).collect();
            return Err(ImportError::UnknownTarget { name: target.clone(), columns: all.join(", ") });
        }
        let kept = self.target_to_keep.take().filter(|kept| names.iter().any(|n| n.text == *kept));
        self.target = self.target.take().or(kept);
        self.block_rows = (GROUP_VALUES / names.len()).clamp(1024, contracts::table::BLOCK);
        self.columns =
            names.iter().map(|_| ColumnBuilder::new(self.dialect.decimal, self.block_rows)).collect();
        self.names = names;
        Ok(())
    }

    fn take_data(&mut self, row: &Row) -> Result<(), ImportError> {
        let (line, width) = (row.line(), self.columns.len());
        if (width..row.len()).any(|place| !row.cell(place).is_empty()) {
            self.too_long.note(line, &[]);
            return Ok(());
        }
        if row.len() < width {
            self.too_short.note(line, &[]);
        }
        if (self.rows + 1) * width as u64 > self.limits.cells {
            return Err(too_large("max_cells", self.limits.cells, line));
        }
        self.rows += 1;
        for (place, column) in self.columns.iter_mut().enumerate() {
            let bytes = row.cell(place);
            self.text_bytes += column.push(bytes, line);
        }
        if self.text_bytes > self.limits.text_bytes {
            return Err(too_large("max_text_bytes", self.limits.text_bytes, line));
        }
        Ok(())
    }

    /// The file is complete.
    pub(super) fn finish(
        mut self,
        stray: Option<(u64, u64)>,
        size_bytes: u64,
    ) -> Result<Imported, ImportError> {
        self.refuse_what_is_no_table()?;
        self.note_rows(stray);
        self.note_thousands();
        let chosen = self.target.take();
        let mut columns = Vec::with_capacity(self.columns.len());
        for (name, builder) in self.names.into_iter().zip(self.columns) {
            if name.trouble == Some(Trouble::Missing)
                && builder.missing.count == self.rows
                && chosen.as_ref() != Some(&name.text)
            {
                self.notes.add(Finding::info("column-dropped").in_column(&name.text));
                continue;
            }
            columns.push(column(&name, builder, &mut self.notes));
        }
        if columns.len() < 2 {
            return Err(ImportError::OneColumn { delimiter: self.dialect.delimiter.name() });
        }
        let target = target(chosen, &columns, &mut self.notes);
        let findings = self.notes.finish();
        Ok(Imported { columns, rows: self.rows, block_rows: self.block_rows, target, findings, size_bytes })
    }

    fn refuse_what_is_no_table(&self) -> Result<(), ImportError> {
        if self.columns.is_empty() {
            return Err(ImportError::Empty);
        }
        let rows = self.rows + self.too_long.count;
        if rows == 0 {
            return Err(ImportError::HeaderOnly);
        }
        if self.too_long.count * 2 > rows {
            return Err(ImportError::Ragged {
                row: self.too_long.line,
                left_out: self.too_long.count,
                rows,
                columns: self.columns.len(),
            });
        }
        Ok(())
    }

    /// A file in which every comma has three digits behind it does not tell what the comma is.
    fn note_thousands(&mut self) {
        let is_doubtful = |column: &ColumnBuilder| column.thousands.count == column.commas;
        if !self.is_comma_found || !self.columns.iter().all(is_doubtful) {
            return;
        }
        for (name, column) in
            self.names.iter().zip(&self.columns).filter(|(_, column)| column.text.count == 0)
        {
            let value = column.thousands.value.as_str();
            let finding = Finding::warning("thousands-doubtful").in_column(&name.text).with("value", value);
            self.notes.add_seen(finding.with("read", value.replacen(',', ".", 1)), &column.thousands);
        }
    }

    fn note_rows(&mut self, stray: Option<(u64, u64)>) {
        self.notes.add_seen(Finding::warning("row-too-short"), &self.too_short);
        self.notes.add_seen(Finding::warning("row-too-long"), &self.too_long);
        self.notes.add_seen(Finding::warning("encoding-not-utf8"), &self.not_utf8);
        if let Some((line, count)) = stray {
            self.notes.add(Finding::warning("quote-stray").at_row(line).with("count", count));
        }
    }
}

fn too_large(limit: &'static str, allowed: u64, line: u64) -> ImportError {
    ImportError::TooLarge { limit, allowed, row: Some(line) }
}

/// Completes one column: its profile, and what was noticed about its name and its cells.
fn column(name: &Name, builder: ColumnBuilder, notes: &mut Notes) -> ImportedColumn {
    let column = name.text.as_str();
    match name.trouble {
        Some(Trouble::Missing) => notes.add(Finding::info("name-missing").in_column(column)),
        Some(Trouble::Duplicate) => notes.add(Finding::warning("name-duplicate").in_column(column)),
        Some(Trouble::Long) => notes.add(Finding::info("name-cut").in_column(column)),
        None => {}
    }
    let numbers = builder.numbers_among_texts();
    if builder.text.count > 0 && numbers == 0 && cell::looks_like_a_number(&builder.text.value) {
        let finding = Finding::warning("number-unreadable").in_column(column);
        notes.add_seen(finding.with("value", builder.text.value.as_str()), &builder.text);
    }
    if numbers > 0 && builder.text.count > 0 {
        let finding = Finding::warning("text-in-number-column")
            .in_column(column)
            .with("value", builder.text.value.as_str())
            .with("numbers", numbers);
        notes.add_seen(finding, &builder.text);
    }
    let of = |finding: Finding, seen: &Seen| finding.in_column(column).with("value", seen.value.as_str());
    notes.add_seen(of(Finding::warning("value-not-finite"), &builder.not_finite), &builder.not_finite);
    let is_number = builder.text.count == 0;
    if is_number {
        notes.add_seen(of(Finding::info("number-inexact"), &builder.inexact), &builder.inexact);
    }
    let missing = builder.missing.clone();
    let blocks = builder.finish();
    let profile = profile::of(column, &blocks);
    match profile.kind {
        ColumnKind::Empty => notes.add(Finding::warning("column-empty").in_column(column)),
        _ => notes.add_seen(Finding::info("missing-values").in_column(column), &missing),
    }
    ImportedColumn { profile, blocks }
}

/// The column a formula is searched for: the one named, else the last one that holds numbers.
fn target(chosen: Option<String>, columns: &[ImportedColumn], notes: &mut Notes) -> Option<String> {
    let is_number = |p: &ColumnProfile| matches!(p.kind, ColumnKind::Number | ColumnKind::Integer);
    let profiles = || columns.iter().map(|c| &c.profile);
    let found = match &chosen {
        Some(name) => profiles().find(|p| p.name == *name),
        None => profiles().rfind(|p| is_number(p)),
    };
    let Some(profile) = found else {
        notes.add(Finding::error("no-number-column"));
        return chosen;
    };
    if !is_number(profile) {
        notes.add(Finding::error("target-not-number").in_column(&profile.name));
    } else if profile.constant {
        notes.add(Finding::warning("target-constant").in_column(&profile.name));
    }
    for other in profiles().filter(|p| p.constant && p.name != profile.name) {
        notes.add(Finding::info("column-constant").in_column(&other.name));
    }
    Some(profile.name.clone())
}
