//! How a table is written, as the command line says it; what is not said is found out.

use clap::Args;
use contracts::catalogue::Upload;

#[derive(Args)]
#[command(next_help_heading = "How the table is written")]
pub(crate) struct Writing {
    /// What stands between the cells: , ; | tab or space; found out if not given.
    #[arg(long, value_name = "MARK")]
    delimiter: Option<String>,
    /// The decimal sign: point or comma; found out if not given.
    #[arg(long, value_name = "SIGN")]
    decimal: Option<String>,
    /// Whether the first row names the columns: yes or no; found out if not given.
    #[arg(long, value_name = "yes|no")]
    header: Option<String>,
}

impl Writing {
    /// The same as an upload says it.
    pub(crate) fn upload(&self) -> Upload {
        let Self { delimiter, decimal, header } = self;
        Upload {
            delimiter: delimiter.clone(),
            decimal: decimal.clone(),
            header: header.clone(),
            ..Upload::default()
        }
    }
}
