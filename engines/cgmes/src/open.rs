//! The one entry: bytes of any known format in, a model with findings out. The format is recognised by content.

use std::fmt;
use std::io::BufRead;

use network::{Finding, Model, Severity};
use serde_json::Value;

use crate::cim;
use crate::container::{Limits, Source, each_file, explain};
use crate::error::Error;
use crate::matpower;
use crate::pandapower;
use crate::power_grid_model;
use crate::survey::survey;

/// The format files came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Quorate's own JSON.
    Native,
    /// CIM/XML as profiled by CGMES 2.4.15 (CIM 16).
    Cgmes2,
    /// CIM/XML as profiled by CGMES 3.0 (CIM 100).
    Cgmes3,
    /// pandapower's JSON.
    Pandapower,
    /// power-grid-model's JSON.
    PowerGridModel,
    /// A MATPOWER case.
    Matpower,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Native => "Quorate network",
            Self::Cgmes2 => "CGMES 2.4.15",
            Self::Cgmes3 => "CGMES 3.0",
            Self::Pandapower => "pandapower",
            Self::PowerGridModel => "power-grid-model",
            Self::Matpower => "MATPOWER",
        })
    }
}

/// How files are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What may be unpacked.
    pub limits: Limits,
    /// Which of several models in a file is read, counted from 1; absent: the first.
    pub part: Option<usize>,
    /// Whether short-circuit data that a MATPOWER case cannot hold follow a fixed rule: for speed and teaching only.
    pub assume_data: bool,
}

/// A model with what was noticed while it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The model.
    pub model: Model,
    /// What was noticed, the worst first.
    pub findings: Vec<Finding>,
    /// The format the files came in.
    pub format: Format,
}

/// A file of a format that is not read as a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Reads the files of one model: a package, several packages, or single files.
///
/// # Errors
/// When no model can be made of them: damaged or hostile files, an unknown format, files of several models. Poor data
/// are findings.
pub fn open(sources: &[Source<'_>], options: &Options) -> Result<Import, Error> {
    let mut cim = cim::Reading::default();
    let mut documents: Vec<Document> = Vec::new();
    let piece = options.limits.piece;
    each_file(sources, options.limits, &mut |name, content| {
        let start = content.fill_buf().map_err(|error| explain(name, &error))?;
        refuse_wide_text(name, start)?;
        match kind(start) {
            Kind::Nothing => Ok(()),
            Kind::Xml => cim.read(name, content),
            Kind::Other => {
                documents.push(Document { name: name.to_owned(), bytes: read_whole(name, content, piece)? });
                Ok(())
            }
        }
    })?;
    let mut import = match (cim.is_empty(), documents.as_slice()) {
        (false, documents) => {
            let mut import = cim.finish()?;
            let passed =
                |document: &Document| Finding::new("passed_over", Severity::Info).at(&document.name, None);
            import.findings.extend(documents.iter().map(passed));
            import
        }
        (true, []) => return Err(Error::Nothing),
        (true, documents) => read_documents(documents, options)?,
    };
    import.findings.extend(survey(&import.model));
    Ok(import)
}

/// How a file opens, after what editors put before.
enum Kind {
    Nothing,
    Xml,
    Other,
}

fn kind(start: &[u8]) -> Kind {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    match text.first() {
        None => Kind::Nothing,
        Some(b'<') => Kind::Xml,
        Some(_) => Kind::Other,
    }
}

fn refuse_wide_text(name: &str, start: &[u8]) -> Result<(), Error> {
    let found = match start {
        [0xff, 0xfe, ..] => "UTF-16 (little endian)",
        [0xfe, 0xff, ..] => "UTF-16 (big endian)",
        [b'<', 0, ..] | [0, b'<', ..] => "UTF-16",
        _ => return Ok(()),
    };
    Err(Error::Encoding { file: name.to_owned(), found: found.to_owned() })
}

fn read_whole(name: &str, content: &mut dyn BufRead, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    loop {
        let piece = content.fill_buf().map_err(|error| explain(name, &error))?;
        if piece.is_empty() {
            return Ok(bytes);
        }
        bytes.extend_from_slice(piece);
        let count = piece.len();
        content.consume(count);
        if bytes.len() as u64 > limit {
            return Err(Error::TooLarge { file: name.to_owned(), limit_mib: limit >> 20 });
        }
    }
}

/// Reads the first document of a known format together with those that belong to it.
fn read_documents(documents: &[Document], options: &Options) -> Result<Import, Error> {
    if let Some(native) = documents.iter().find(|document| is_native(&document.bytes)) {
        return read_native(native);
    }
    let mut power_grid_model = Vec::new();
    for document in documents.iter().filter(|document| opens_with(&document.bytes, b'{')) {
        let value = json(document)?;
        if pandapower::recognises(&value) {
            return pandapower::read(&document.name, &value, options.part);
        }
        if power_grid_model::recognises(&value) {
            power_grid_model.push((document.name.as_str(), value));
        }
    }
    if !power_grid_model.is_empty() {
        // The input comes first; what else there is updates it.
        power_grid_model.sort_by_key(|(_, value)| !power_grid_model::is_input(value));
        let (name, input) = &power_grid_model[0];
        return power_grid_model::read(name, input, &power_grid_model[1..]);
    }
    for document in documents {
        let text = String::from_utf8_lossy(&document.bytes);
        if matpower::recognises(&text) {
            return matpower::read(&document.name, &text, options.assume_data);
        }
    }
    Err(Error::Unknown { file: documents[0].name.clone() })
}

fn opens_with(bytes: &[u8], letter: u8) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().first() == Some(&letter)
}

fn json(document: &Document) -> Result<Value, Error> {
    serde_json::from_str(text(document)?.trim_start_matches('\u{feff}')).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
        Error::syntax(&document.name, error.line().max(1), format!("no JSON: {reason}"))
    })
}

fn text(document: &Document) -> Result<&str, Error> {
    std::str::from_utf8(&document.bytes).map_err(|_| Error::Encoding {
        file: document.name.clone(),
        found: "bytes that are no UTF-8".to_owned(),
    })
}

fn is_native(bytes: &[u8]) -> bool {
    bytes.windows(b"\"quorate_network\"".len()).take(4096).any(|window| window == b"\"quorate_network\"")
}

fn read_native(document: &Document) -> Result<Import, Error> {
    let text = text(document)?;
    let model = network::read(text)
        .map_err(|error| Error::Native { file: document.name.clone(), reason: error.to_string() })?;
    Ok(Import { model, findings: Vec::new(), format: Format::Native })
}
