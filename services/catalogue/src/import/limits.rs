//! How large an upload may be; what goes beyond is refused with the limit's name.

/// How large an upload may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Rows times columns.
    pub(crate) cells: u64,
    /// Columns of one table.
    pub(crate) columns: u64,
    /// Bytes of one cell.
    pub(crate) cell_bytes: u64,
    /// Bytes of all different texts of one table together.
    pub(crate) text_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { cells: 20_000_000, columns: 1_000, cell_bytes: 65_536, text_bytes: 256 * 1024 * 1024 }
    }
}
