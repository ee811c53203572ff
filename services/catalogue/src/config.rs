//! The section `catalogue` of the configuration.

use serde::{Deserialize, Serialize};

use crate::import::Limits;

/// How large uploads may be, and what is loaded at the first start.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    /// The most cells (rows times columns) of a data set.
    pub(crate) max_cells: u64,
    /// The most columns of a data set.
    pub(crate) max_columns: u64,
    /// The most bytes of one cell.
    pub(crate) max_cell_bytes: u64,
    /// The most bytes of all different texts of a data set.
    pub(crate) max_text_bytes: u64,
    /// The most bytes of one upload.
    pub(crate) max_upload_bytes: u64,
    /// How long an upload may take, in seconds.
    pub(crate) max_upload_s: u64,
    /// The fewest bytes a second that an upload must send in every minute.
    pub(crate) min_upload_bytes_s: u64,
    /// How many uploads are read at once; others wait.
    pub(crate) parallel_uploads: usize,
    /// Whether the sample data sets are loaded when the database is new.
    pub(crate) load_samples: bool,
}

impl Default for Config {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            max_cells: limits.cells,
            max_columns: limits.columns,
            max_cell_bytes: limits.cell_bytes,
            max_text_bytes: limits.text_bytes,
            max_upload_bytes: 1024 * 1024 * 1024,
            max_upload_s: 3600,
            min_upload_bytes_s: 1000,
            parallel_uploads: 2,
            load_samples: true,
        }
    }
}

impl Config {
    /// The limits of one table.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            cells: self.max_cells,
            columns: self.max_columns,
            cell_bytes: self.max_cell_bytes,
            text_bytes: self.max_text_bytes,
        }
    }
}
