//! The contents of a version: a page of rows, all rows as CSV, the whole table in binary form.
//!
//! Everything is read block by block; the memory of a request doesn't grow with the table.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use contracts::catalogue::{ColumnKind, ColumnProfile, RowPage};
use contracts::table::{self, MISSING};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use serde_json::Value;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::data_set;
use crate::error::Error;
use crate::import::written;
use crate::store;

/// One version of a data set, to be read.
#[derive(Clone)]
pub(crate) struct Contents {
    catalogue: Catalogue,
    pub(crate) version_id: String,
    pub(crate) rows: u64,
    /// The data set's target now; an older version may lack it.
    pub(crate) target: Option<String>,
    pub(crate) block_rows: u64,
    pub(crate) columns: Vec<ColumnProfile>,
}

/// The values of one column in one block.
pub(crate) enum Block {
    Numbers(Vec<f64>),
    /// Places in the column's dictionary.
    Codes(Vec<u32>),
}

/// The texts of each column of texts, by the column's place.
type Dictionaries = Vec<Option<Vec<String>>>;

/// Opens a version of a data set, the newest one if none is named.
pub(crate) async fn open(catalogue: &Catalogue, id: Uuid, version: Option<i64>) -> Result<Contents, Error> {
    let stored = data_set::find(catalogue, id).await?;
    let number = version.unwrap_or(stored.data_set.version);
    let mut connection = catalogue.db.read().acquire().await?;
    let found = store::version(&mut connection, id, number).await?;
    let found = found.ok_or_else(|| Error::Missing { noun: "version", id: number.to_string() })?;
    let columns = store::columns(&mut connection, &found.id).await?;
    Ok(Contents {
        catalogue: catalogue.clone(),
        version_id: found.id,
        rows: found.told.rows,
        target: stored.data_set.target,
        block_rows: found.block_rows.max(1),
        columns: columns.into_iter().map(|c| c.profile).collect(),
    })
}

impl Contents {
    /// How many blocks a column has.
    pub(crate) fn blocks(&self) -> u64 {
        self.rows.div_ceil(self.block_rows)
    }

    /// One block of one column as it is stored.
    pub(crate) async fn bytes(&self, block: u64, place: usize) -> Result<Vec<u8>, Error> {
        let stored = store::chunk(&self.catalogue.db, &self.version_id, block as i64, place as i64).await?;
        stored.ok_or_else(|| self.damaged("a chunk is missing"))
    }

    /// The rows from `first` on, at most `limit`, and whether more follow.
    pub(crate) async fn page(&self, first: u64, limit: u64) -> Result<RowPage, Error> {
        let dictionaries = self.dictionaries().await?;
        let end = self.rows.min(first.saturating_add(limit));
        let mut items = Vec::new();
        let mut row = first;
        while row < end {
            let group = self.group(row / self.block_rows).await?;
            let start = row - row % self.block_rows;
            let stop = end.min(start + self.block_rows);
            let (places, words) = (row..stop, Arc::clone(&dictionaries));
            let rows = apart(move || {
                let place = |row| json_row(&group, &words, (row - start) as usize);
                places.map(place).collect::<Vec<_>>()
            });
            items.extend(rows.await?);
            row = stop;
        }
        let columns = self.columns.iter().map(|c| c.name.clone()).collect();
        Ok(RowPage { columns, items, next: None })
    }

    /// All rows as CSV.
    pub(crate) async fn csv(self) -> Result<Body, Error> {
        let dictionaries = self.dictionaries().await?;
        let mut head = String::new();
        put_line(&mut head, self.columns.iter().map(|c| c.name.as_str().into()));
        let groups = stream::try_unfold((self, 0), move |(contents, block)| {
            let dictionaries = Arc::clone(&dictionaries);
            async move {
                if block >= contents.blocks() {
                    return Ok::<_, Error>(None);
                }
                let group = contents.group(block).await?;
                let text = apart(move || csv_rows(&group, &dictionaries)).await?;
                Ok(Some((Bytes::from(text), (contents, block + 1))))
            }
        });
        Ok(body(stream::once(async { Ok(Bytes::from(head)) }).chain(groups)))
    }

    /// The table in the binary form of the contract: stored blocks are passed on as they are.
    pub(crate) fn binary(self) -> Body {
        let head = Bytes::from(table::table_head(self.columns.len(), self.rows as usize));
        let pieces = stream::try_unfold((self, 0, None), |(contents, place, block)| async move {
            if place == contents.columns.len() {
                return Ok::<_, Error>(None);
            }
            let Some(block) = block else {
                let head = contents.column_head(place).await?;
                return Ok(Some((head, (contents, place, Some(0)))));
            };
            if block == contents.blocks() {
                return Ok(Some((Bytes::new(), (contents, place + 1, None))));
            }
            let stored = contents.bytes(block, place).await?;
            let mut framed = Vec::with_capacity(stored.len() + 4);
            framed.extend_from_slice(&table::block_frame(&stored));
            framed.extend_from_slice(&stored);
            Ok(Some((Bytes::from(framed), (contents, place, Some(block + 1)))))
        });
        body(stream::once(async { Ok(head) }).chain(pieces.try_filter(|b| std::future::ready(!b.is_empty()))))
    }

    async fn column_head(&self, place: usize) -> Result<Bytes, Error> {
        let column = &self.columns[place];
        if column.kind != ColumnKind::Text {
            return Ok(table::column_head(&column.name, None).into());
        }
        let head = store::dictionary(&self.catalogue.db, &self.version_id, place as i64).await?;
        head.map(Bytes::from).ok_or_else(|| self.damaged("a dictionary is missing"))
    }

    async fn dictionaries(&self) -> Result<Arc<Dictionaries>, Error> {
        let mut dictionaries = Vec::with_capacity(self.columns.len());
        for (place, column) in self.columns.iter().enumerate() {
            dictionaries.push(match column.kind {
                ColumnKind::Text => {
                    let head = self.column_head(place).await?;
                    let words = apart(move || table::decode_dictionary(&head)).await?;
                    Some(words.map_err(|e| self.damaged(&e.to_string()))?)
                }
                _ => None,
            });
        }
        Ok(Arc::new(dictionaries))
    }

    /// One block of every column.
    async fn group(&self, block: u64) -> Result<Vec<Block>, Error> {
        let stored = store::chunks(&self.catalogue.db, &self.version_id, block as i64).await?;
        if stored.len() != self.columns.len() {
            return Err(self.damaged("a chunk is missing"));
        }
        let kinds: Vec<ColumnKind> = self.columns.iter().map(|column| column.kind).collect();
        apart(move || stored.iter().zip(kinds).map(|(bytes, kind)| decoded(bytes, kind)).collect()).await?
    }

    fn damaged(&self, cause: &str) -> Error {
        Error::Damaged(format!("version {}: {cause}", self.version_id))
    }
}

fn body(pieces: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Body {
    Body::from_stream(pieces.inspect_err(|error| tracing::error!(%error, "an answer broke off")))
}

/// Computes where no request waits for it.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|cause| Error::Damaged(cause.to_string()))
}

fn decoded(bytes: &[u8], kind: ColumnKind) -> Result<Block, Error> {
    let damaged = |e: table::TableError| Error::Damaged(e.to_string());
    if kind == ColumnKind::Text {
        let mut codes = Vec::new();
        table::decode_codes(bytes, &mut codes).map_err(damaged)?;
        return Ok(Block::Codes(codes));
    }
    let mut numbers = Vec::new();
    table::decode_numbers(bytes, &mut numbers).map_err(damaged)?;
    Ok(Block::Numbers(numbers))
}

fn text(dictionary: Option<&Vec<String>>, code: u32) -> Option<&str> {
    if code == MISSING { None } else { dictionary?.get(code as usize).map(String::as_str) }
}

fn json_row(group: &[Block], dictionaries: &Dictionaries, row: usize) -> Vec<Value> {
    let cell = |(block, dictionary): (&Block, &Option<Vec<String>>)| match block {
        Block::Numbers(numbers) => numbers.get(row).map_or(Value::Null, |&x| Value::from(x)),
        Block::Codes(codes) => {
            let code = codes.get(row).copied().unwrap_or(MISSING);
            text(dictionary.as_ref(), code).map_or(Value::Null, Value::from)
        }
    };
    group.iter().zip(dictionaries).map(cell).collect()
}

fn csv_rows(group: &[Block], dictionaries: &Dictionaries) -> String {
    let rows = match group.first() {
        Some(Block::Numbers(numbers)) => numbers.len(),
        Some(Block::Codes(codes)) => codes.len(),
        None => 0,
    };
    let mut lines = String::new();
    for row in 0..rows {
        let cells = group.iter().zip(dictionaries).map(|(block, dictionary)| match block {
            Block::Numbers(numbers) if numbers[row].is_nan() => "".into(),
            Block::Numbers(numbers) => written(numbers[row]).into(),
            Block::Codes(codes) => text(dictionary.as_ref(), codes[row]).unwrap_or_default().into(),
        });
        put_line(&mut lines, cells);
    }
    lines
}

/// One line of CSV (RFC 4180).
fn put_line<'a>(lines: &mut String, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            lines.push(',');
        }
        let needs_quotes =
            cell.contains(['"', ',', '\n', '\r', ';', '\t']) || cell.starts_with(' ') || cell.ends_with(' ');
        if needs_quotes {
            lines.push('"');
            lines.push_str(&cell.replace('"', "\"\""));
            lines.push('"');
        } else {
            lines.push_str(&cell);
        }
    }
    lines.push_str("\r\n");
}
