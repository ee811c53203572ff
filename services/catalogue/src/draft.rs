//! Drafts: a version while its columns are being written, seen by nobody until it is published.
//!
//! Columns are written in transactions of a few megabytes, so that other writers get their turn. A process that
//! dies meanwhile leaves a draft that is no longer touched; [`sweep`] removes it.

use std::time::Duration;

use contracts::catalogue::DataSetVersion;
use contracts::table;
use harness::db::Tx;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::import::{Blocks, Imported, ImportedColumn};
use crate::store;

/// A version whose columns are written.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) version_id: String,
    pub(crate) rows: u64,
    pub(crate) columns: Vec<String>,
    pub(crate) target: Option<String>,
}

/// How much one transaction writes before it lets others write.
const BYTES_PER_TX: usize = 4 * 1024 * 1024;
/// A draft that was not touched for so long has lost its writer.
const ABANDONED: Duration = Duration::from_mins(10);

/// Writes the columns of a table as a draft of the data set.
pub(crate) async fn write(catalogue: &Catalogue, data_set_id: Uuid, table: Imported) -> Result<Draft, Error> {
    let columns: Vec<String> = table.columns.iter().map(|c| c.profile.name.clone()).collect();
    let version = store::Version {
        id: Uuid::now_v7().to_string(),
        block_rows: table.block_rows as u64,
        told: DataSetVersion {
            version: 0,
            rows: table.rows,
            columns: columns.clone(),
            size_bytes: table.size_bytes,
            findings: table.findings,
            created_at: catalogue.now(),
        },
    };
    let mut tx = catalogue.db.begin().await?;
    store::insert_draft(&mut tx, data_set_id, &version).await?;
    tx.commit().await?;
    let mut writer = Writer { catalogue, data_set_id, version_id: version.id.clone(), tx: None, pending: 0 };
    if let Err(error) = writer.write_columns(table.columns).await {
        drop(writer);
        discard(catalogue, &version.id).await;
        return Err(error);
    }
    Ok(Draft { version_id: version.id, rows: table.rows, columns, target: table.target })
}

/// Removes a draft that won't be published; if that fails, the sweep will do it.
pub(crate) async fn discard(catalogue: &Catalogue, version_id: &str) {
    let removed = async {
        let mut tx = catalogue.db.begin().await?;
        store::delete_draft(&mut tx, version_id).await?;
        tx.commit().await
    };
    if let Err(error) = removed.await {
        tracing::warn!(%error, "a draft is left to the sweep");
    }
}

/// Removes drafts whose writer is gone.
pub(crate) async fn sweep(catalogue: &Catalogue) -> Result<u64, Error> {
    let before = catalogue.clock.now_us() - ABANDONED.as_micros() as i64;
    let mut tx = catalogue.db.begin().await?;
    let count = store::delete_drafts(&mut tx, before).await?;
    tx.commit().await?;
    Ok(count)
}

struct Writer<'a> {
    catalogue: &'a Catalogue,
    data_set_id: Uuid,
    version_id: String,
    tx: Option<Tx>,
    pending: usize,
}

impl Writer<'_> {
    async fn write_columns(&mut self, columns: Vec<ImportedColumn>) -> Result<(), Error> {
        for (position, column) in (0..).zip(columns) {
            self.write_column(position, column).await?;
        }
        match self.tx.take() {
            Some(last) => Ok(last.commit().await?),
            None => Ok(()),
        }
    }

    async fn write_column(&mut self, position: i64, column: ImportedColumn) -> Result<(), Error> {
        let ImportedColumn { profile, blocks } = column;
        let head = match &blocks {
            Blocks::Numbers(_) => None,
            Blocks::Texts { dictionary, .. } => Some(table::column_head(&profile.name, Some(dictionary))),
        };
        let size = head.as_ref().map_or(0, Vec::len) + 1024;
        let version_id = self.version_id.clone();
        let tx = self.room(size).await?;
        store::insert_column(tx, &version_id, &store::Column { position, profile }, head).await?;
        match blocks {
            Blocks::Numbers(blocks) => {
                for (chunk, numbers) in (0..).zip(blocks) {
                    self.write_chunk((chunk, position), table::encode_numbers(&numbers)).await?;
                }
            }
            Blocks::Texts { codes, .. } => {
                for (chunk, codes) in (0..).zip(codes) {
                    self.write_chunk((chunk, position), table::encode_codes(&codes)).await?;
                }
            }
        }
        Ok(())
    }

    async fn write_chunk(&mut self, place: (i64, i64), body: Vec<u8>) -> Result<(), Error> {
        let version_id = self.version_id.clone();
        let tx = self.room(body.len()).await?;
        Ok(store::insert_chunk(tx, &version_id, place, body).await?)
    }

    /// A transaction with room for so many bytes; each begins by saying that the draft is alive.
    async fn room(&mut self, bytes: usize) -> Result<&mut Tx, Error> {
        if self.pending + bytes > BYTES_PER_TX
            && let Some(full) = self.tx.take()
        {
            full.commit().await?;
        }
        let tx = if let Some(tx) = self.tx.take() {
            tx
        } else {
            self.pending = 0;
            let mut tx = self.catalogue.db.begin().await?;
            if !store::touch(&mut tx, &self.version_id, self.catalogue.clock.now_us()).await? {
                return Err(Error::no_data_set(self.data_set_id));
            }
            tx
        };
        self.pending += bytes;
        Ok(self.tx.insert(tx))
    }
}
