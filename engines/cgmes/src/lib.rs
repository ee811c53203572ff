//! Grid models from the files of other tools: any known format in, a [`network::Model`] with findings out.
//!
//! Files are given as bytes, in packages or single; the format is recognised by content. Poor data never end an import:
//! they become findings, and what is missing stays missing.
//!
//! ```
//! use cgmes::{Format, Options, Source, open};
//!
//! let file = br#"{"quorate_network": 1, "buses": [{"id": "A", "nominal_kv": 110.0}]}"#;
//! let import = open(&[Source::new("grid.json", file)], &Options::default())?;
//! assert_eq!(import.format, Format::Native);
//! assert_eq!(import.model.buses[0].nominal_kv, 110.0);
//! # Ok::<(), cgmes::Error>(())
//! ```
#![deny(missing_docs)]

mod cim;
mod container;
mod error;
mod inspect;
mod matpower;
mod open;
mod pandapower;
mod power_grid_model;
mod psse;
mod quantity;
mod rows;
mod survey;

pub use container::{Limits, Source};
pub use error::Error;
pub use open::{Format, Import, Options, open};
